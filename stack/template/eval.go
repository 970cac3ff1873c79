package template

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"salamander/internal/value"
)

// An evaluator evaluates the nodes of a bound template.
type evaluator struct {
	b    *Bound
	r    Resolver
	mask bool // secrets read ****
}

// masked is what stands in the place of a secret.
const masked = "****"

// An EvalError is an error of a [Resolver] with the place of the function.
type EvalError struct {
	Path string
	At   Position
	Err  error
}

// Error gives the cause's text alone: it is what AWS would answer.
func (e *EvalError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *EvalError) Unwrap() error { return e.Err }

func resolved[T any](n *Node, v T, err error) (value.Value, error) {
	if err != nil {
		return nil, &EvalError{n.Path(), n.At, err}
	}
	return v, nil
}

// eval evaluates a node; the result may be noValue.
func (e *evaluator) eval(n *Node) (value.Value, error) {
	switch n.Kind {
	case List:
		items := make(value.Array, 0, len(n.Items))
		for _, item := range n.Items {
			v, err := e.eval(item)
			if err != nil {
				return nil, err
			}
			if _, gone := v.(noValue); !gone {
				items = append(items, v)
			}
		}
		return items, nil
	case Map:
		if name, arg, ok := n.call(); ok {
			return e.call(n, name, arg)
		}
		o := value.NewObject()
		for _, m := range n.Members {
			v, err := e.eval(m.Value)
			if err != nil {
				return nil, err
			}
			if _, gone := v.(noValue); !gone {
				o.Set(m.Key, v)
			}
		}
		return o, nil
	}
	return n.Value(), nil
}

func (e *evaluator) call(n *Node, name string, arg *Node) (value.Value, error) {
	switch name {
	case "Ref":
		if arg.Kind != String {
			return nil, errorAt(n, "Template error: every Ref object must have a single String value.")
		}
		return e.ref(n, arg.Text)
	case "Fn::GetAtt":
		return e.getAtt(n, arg)
	case "Fn::Sub":
		return e.sub(n, arg)
	case "Fn::Join":
		return e.join(n, arg)
	case "Fn::Select":
		return e.selectItem(n, arg)
	case "Fn::Split":
		return e.split(n, arg)
	case "Fn::If":
		return e.ifThen(n, arg)
	case "Fn::FindInMap":
		return e.findInMap(n, arg)
	case "Fn::ImportValue":
		name, err := e.text(n, arg, "Template error: the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs")
		if err != nil {
			return nil, err
		}
		v, err := e.r.ImportValue(name)
		return resolved(n, v, err)
	case "Fn::Base64":
		s, err := e.text(n, arg, "Template error: every Fn::Base64 object must have a String-typed value.")
		if err != nil {
			return nil, err
		}
		return base64.StdEncoding.EncodeToString([]byte(s)), nil
	case "Fn::Cidr":
		return e.cidr(n, arg)
	case "Fn::GetAZs":
		region, err := e.text(n, arg, "Template error: every Fn::GetAZs object must have a single String value.")
		if err != nil {
			return nil, err
		}
		if region == "" {
			region = e.b.pseudo.Region
		}
		zones, err := e.r.AvailabilityZones(region)
		return resolved(n, stringList(zones), err)
	case "Fn::Length":
		v, err := e.eval(arg)
		if err != nil {
			return nil, err
		}
		items, ok := v.(value.Array)
		if !ok {
			return nil, errorAt(n, "Transform AWS::LanguageExtensions failed with: Fn::Length needs a list")
		}
		return value.Int(int64(len(items))), nil
	case "Fn::ToJsonString":
		v, err := e.eval(arg)
		if err != nil {
			return nil, err
		}
		switch v.(type) {
		case value.Array, *value.Object:
			return value.Text(v), nil
		}
		return nil, errorAt(n, "Transform AWS::LanguageExtensions failed with: Fn::ToJsonString needs a map or a list")
	}
	return nil, unknownFunction(n, name)
}

func unknownFunction(n *Node, name string) *Error {
	switch name {
	case "Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals":
		return errorAt(n, "Template error: %s can only be used in the Conditions block of the template", name)
	case "Fn::Transform":
		return errorAt(n, "%s is not implemented", name)
	}
	if strings.HasPrefix(name, forEach) {
		return errorAt(n, "Template error: Fn::ForEach needs the transform AWS::LanguageExtensions")
	}
	return errorAt(n, "Template error: unknown function %s", name)
}

func (e *evaluator) ref(n *Node, name string) (value.Value, error) {
	if v, ok := e.b.pseudo.get(name); ok {
		return v, nil
	}
	if p := e.b.values[name]; p != nil {
		return p.value(e.mask), nil
	}
	v, err := e.r.Ref(name)
	return resolved(n, v, err)
}

const getAttForm = "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute"

func (e *evaluator) getAtt(n, arg *Node) (value.Value, error) {
	args := arg.list(2)
	if args == nil || args[0].Kind != String {
		return nil, errorAt(n, getAttForm)
	}
	attribute, err := e.text(n, args[1], getAttForm)
	if err != nil {
		return nil, err
	}
	v, err := e.r.GetAtt(args[0].Text, attribute)
	return resolved(n, v, err)
}

func (e *evaluator) sub(n, arg *Node) (value.Value, error) {
	pieces, variables, bad := subForm(arg)
	if bad != nil {
		return nil, bad
	}
	var b strings.Builder
	for _, p := range pieces {
		if !p.name {
			b.WriteString(p.text)
			continue
		}
		v, err := e.variable(n, variables, p.text)
		if err != nil {
			return nil, err
		}
		s, ok := text(v)
		if !ok {
			return nil, errorAt(n, "Template error: variable %s in Fn::Sub expression does not resolve to a string", p.text)
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

func (e *evaluator) variable(n, variables *Node, name string) (value.Value, error) {
	if v := variables.Get(name); v != nil {
		return e.eval(v)
	}
	if id, attribute, ok := strings.Cut(name, "."); ok {
		v, err := e.r.GetAtt(id, attribute)
		return resolved(n, v, err)
	}
	return e.ref(n, name)
}

const joinForm = "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."

func (e *evaluator) join(n, arg *Node) (value.Value, error) {
	args := arg.list(2)
	if args == nil || args[0].Kind != String {
		return nil, errorAt(n, joinForm)
	}
	v, err := e.eval(args[1])
	if err != nil {
		return nil, err
	}
	items, ok := v.(value.Array)
	if !ok {
		return nil, errorAt(n, joinForm)
	}
	parts := make([]string, len(items))
	for i, item := range items {
		if parts[i], ok = text(item); !ok {
			return nil, errorAt(n, joinForm).hint("entry %d is no string", i)
		}
	}
	return strings.Join(parts, args[0].Text), nil
}

const selectForm = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"

func (e *evaluator) selectItem(n, arg *Node) (value.Value, error) {
	args := arg.list(2)
	if args == nil {
		return nil, errorAt(n, selectForm)
	}
	index, err := e.text(n, args[0], selectForm)
	if err != nil {
		return nil, err
	}
	i, err := strconv.Atoi(index)
	if err != nil {
		return nil, errorAt(n, selectForm).hint("the index is %q", index)
	}
	v, err := e.eval(args[1])
	if err != nil {
		return nil, err
	}
	items, ok := v.(value.Array)
	if !ok {
		return nil, errorAt(n, selectForm)
	}
	if e.mask && slices.Contains(items, value.Value(masked)) {
		return masked, nil // a secret that was split
	}
	if i < 0 || i >= len(items) {
		return nil, errorAt(n, "Template error: Fn::Select cannot select nonexistent value at index %d", i)
	}
	return items[i], nil
}

const splitForm = "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split."

func (e *evaluator) split(n, arg *Node) (value.Value, error) {
	args := arg.list(2)
	if args == nil || args[0].Kind != String || args[0].Text == "" {
		return nil, errorAt(n, splitForm)
	}
	s, err := e.text(n, args[1], splitForm)
	if err != nil {
		return nil, err
	}
	return stringList(strings.Split(s, args[0].Text)), nil
}

func (e *evaluator) ifThen(n, arg *Node) (value.Value, error) {
	taken, err := e.b.branch(n, arg)
	if err != nil {
		return nil, err
	}
	return e.eval(taken)
}

const mapForm = "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value"

func (e *evaluator) findInMap(n, arg *Node) (value.Value, error) {
	if arg.Kind != List || len(arg.Items) != 3 && len(arg.Items) != 4 {
		return nil, errorAt(n, mapForm)
	}
	var keys [3]string
	for i := range keys {
		var err error
		if keys[i], err = e.text(n, arg.Items[i], mapForm); err != nil {
			return nil, err
		}
	}
	var fallback *Node
	if len(arg.Items) == 4 {
		if fallback = arg.Items[3].Get("DefaultValue"); fallback == nil || !e.b.t.extensions {
			return nil, errorAt(n, mapForm).hint("DefaultValue needs the transform AWS::LanguageExtensions")
		}
	}
	m := e.b.t.mappings[keys[0]]
	if m == nil && fallback == nil && !e.mask {
		return nil, errorAt(n, "Template error: Mapping named '%s' is not present in the 'Mappings' section of template.", keys[0])
	}
	if v := m.Get(keys[1]).Get(keys[2]); v != nil {
		return e.eval(v)
	}
	if fallback != nil {
		return e.eval(fallback)
	}
	if e.mask && slices.Contains(keys[:], masked) {
		return masked, nil
	}
	return nil, errorAt(n, "Template error: Unable to get mapping for %s::%s::%s", keys[0], keys[1], keys[2])
}

// text evaluates a node to a string; form is the message if it is none.
func (e *evaluator) text(n, arg *Node, form string) (string, error) {
	v, err := e.eval(arg)
	if err != nil {
		return "", err
	}
	s, ok := text(v)
	if !ok {
		return "", errorAt(n, "%s", form)
	}
	return s, nil
}

// text is a scalar as CloudFormation makes a string of it.
func text(v value.Value) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case value.Number:
		return string(v), true
	case bool:
		return fmt.Sprint(v), true
	}
	return "", false
}
