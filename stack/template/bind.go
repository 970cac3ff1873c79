package template

import (
	"fmt"
	"slices"
	"strings"

	"salamander/internal/value"
)

// Inputs is what a template is bound to.
type Inputs struct {
	Values   map[string]string // of parameters; those without have their default
	Pseudo   Pseudo
	Resolver Resolver // for parameters that name one in Systems Manager; else may be nil
}

// A Bound template has values for its parameters, and its conditions decided.
// It never changes; goroutines share it.
type Bound struct {
	t          *Template
	pseudo     Pseudo
	values     map[string]*boundParameter
	conditions map[string]bool
	secrets    []string
}

// A BoundParameter is a parameter with its value.
type BoundParameter struct {
	*Parameter
	Value    string // as given, or the default; **** if NoEcho
	Resolved string // what a parameter of Systems Manager had; else empty
}

type boundParameter struct {
	*Parameter
	given, effective string
}

func (p *boundParameter) value(mask bool) value.Value {
	switch {
	case p.IsList():
		items := stringList(p.Split(p.effective))
		for i := range items {
			if mask && p.NoEcho {
				items[i] = masked
			}
		}
		return items
	case mask && p.NoEcho:
		return masked
	}
	return p.effective
}

// Bind checks the values of the parameters and decides the conditions. The
// error is an *[Error], [Errors], or of the resolver.
func (t *Template) Bind(in Inputs) (*Bound, error) {
	b := &Bound{t: t, pseudo: in.Pseudo, values: map[string]*boundParameter{}, conditions: map[string]bool{}}
	var unknown, missing []string
	for name := range in.Values {
		if t.Parameter(name) == nil {
			unknown = append(unknown, name)
		}
	}
	for _, p := range t.Parameters {
		v, ok := in.Values[p.Name]
		if !ok && p.Default == nil {
			missing = append(missing, p.Name)
			continue
		}
		if !ok {
			v = *p.Default
		}
		b.values[p.Name] = &boundParameter{p, v, v}
	}
	if unknown != nil {
		slices.Sort(unknown)
		return nil, &Error{Msg: fmt.Sprintf("Parameters: [%s] do not exist in the template", strings.Join(unknown, ", "))}
	}
	if missing != nil {
		e := errorAt(t.Parameter(missing[0]).node, "Parameters: [%s] must have values", strings.Join(missing, ", "))
		return nil, e
	}
	if err := b.checkValues(in.Resolver); err != nil {
		return nil, err
	}
	for _, name := range t.order {
		if _, err := b.condition(name); err != nil {
			return nil, err
		}
	}
	if err := b.checkRules(); err != nil {
		return nil, err
	}
	if err := b.references(); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *Bound) checkValues(r Resolver) error {
	var all errorList
	for _, p := range b.t.Parameters {
		v := b.values[p.Name]
		if p.InStore() {
			if r == nil {
				return errorAt(p.node, "parameter %q needs Systems Manager, which is not there", p.Name)
			}
			found, err := r.Parameter(v.given, "", false)
			if err != nil {
				return &EvalError{p.node.Path(), p.node.At, err}
			}
			v.effective = found
		}
		if err := p.Check(v.effective); err != nil {
			all.push(err)
		}
		if p.NoEcho && v.effective != "" {
			b.secrets = append(b.secrets, v.effective)
		}
	}
	slices.SortFunc(b.secrets, func(x, y string) int { return len(y) - len(x) })
	return all.err()
}

// Template returns the template.
func (b *Bound) Template() *Template { return b.t }

// Pseudo returns the pseudo parameters.
func (b *Bound) Pseudo() Pseudo { return b.pseudo }

// Parameters returns the parameters with their values, secrets masked.
func (b *Bound) Parameters() []BoundParameter {
	all := make([]BoundParameter, 0, len(b.t.Parameters))
	for _, p := range b.t.Parameters {
		v := b.values[p.Name]
		shown := BoundParameter{Parameter: p, Value: v.given}
		if p.InStore() {
			shown.Resolved = v.effective
		}
		if p.NoEcho {
			shown.Value = masked
			if shown.Resolved != "" {
				shown.Resolved = masked
			}
		}
		all = append(all, shown)
	}
	return all
}

// Redact replaces the values of NoEcho parameters in a text, such as the
// reason of a failure, by ****. Values shorter than 4 characters would hit
// innocent text and stay.
func (b *Bound) Redact(s string) string {
	for _, secret := range b.secrets {
		if len(secret) >= 4 {
			s = strings.ReplaceAll(s, secret, masked)
		}
	}
	return s
}

// Condition tells what a condition is; there must be one of that name.
func (b *Bound) Condition(name string) bool { return b.conditions[name] }

func (b *Bound) condition(name string) (bool, error) {
	if v, ok := b.conditions[name]; ok {
		return v, nil
	}
	n, ok := b.t.conditions[name]
	if !ok {
		return false, &Error{Msg: fmt.Sprintf("Template error: unresolved condition dependency %s", name)}
	}
	v, err := (&evaluator{b: b}).decide(n) // cycles were refused before
	if err != nil {
		return false, err
	}
	b.conditions[name] = v
	return v, nil
}

// Has reports whether a resource takes part: its condition is true, or it has
// none.
func (b *Bound) Has(r *Resource) bool { return r.Condition == "" || b.conditions[r.Condition] }

// Resources returns the resources that take part, in the order of the text.
func (b *Bound) Resources() []*Resource {
	var all []*Resource
	for _, r := range b.t.Resources {
		if b.Has(r) {
			all = append(all, r)
		}
	}
	return all
}

// Properties evaluates a resource's properties, dynamic references included.
// Without properties the object is empty.
func (b *Bound) Properties(r *Resource, with Resolver) (*value.Object, error) {
	v, err := b.object(r.Properties, with, false)
	if err != nil {
		return nil, err
	}
	if v, err = dynamic(v, with, r.Properties); err != nil {
		return nil, err
	}
	return v.(*value.Object), nil
}

// MaskedProperties is Properties with **** in the place of secrets, and
// dynamic references as they are written: what events and plans may show.
func (b *Bound) MaskedProperties(r *Resource, with Resolver) (*value.Object, error) {
	v, err := b.object(r.Properties, with, true)
	if err != nil {
		return nil, err
	}
	return v.(*value.Object), nil
}

func (b *Bound) object(n *Node, with Resolver, mask bool) (value.Value, error) {
	if n == nil {
		return value.NewObject(), nil
	}
	v, err := (&evaluator{b: b, r: with, mask: mask}).eval(n)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case *value.Object:
		return v, nil
	case noValue:
		return value.NewObject(), nil
	}
	return nil, errorAt(n, "Template format error: [%s] Every Properties member must be an object.", n.Path())
}

// Eval evaluates any node of the template, such as a resource's CreationPolicy
// or the name of an export. AWS::NoValue is nil.
func (b *Bound) Eval(n *Node, with Resolver) (value.Value, error) {
	v, err := (&evaluator{b: b, r: with}).eval(n)
	if _, gone := v.(noValue); gone {
		return nil, err
	}
	return v, err
}

// Policy evaluates an attribute such as DeletionPolicy: a word, or "" if it is
// not given.
func (b *Bound) Policy(n *Node) (string, error) {
	if n == nil {
		return "", nil
	}
	v, err := b.Eval(n, nil)
	if err != nil {
		return "", err
	}
	s, ok := text(v)
	if !ok && v != nil {
		return "", errorAt(n, "Template format error: Every %s member must be a string.", n.key)
	}
	return s, nil
}

// A BoundOutput is an output with its value.
type BoundOutput struct {
	Name, Description, Value string
	Export                   string // "" if it is not exported
}

// Outputs evaluates the outputs whose condition is true.
func (b *Bound) Outputs(with Resolver) ([]BoundOutput, error) {
	var all []BoundOutput
	for _, o := range b.t.Outputs {
		if o.Condition != "" && !b.conditions[o.Condition] {
			continue
		}
		e := &evaluator{b: b, r: with}
		out := BoundOutput{Name: o.Name, Description: o.Description}
		v, err := e.eval(o.Value)
		if err != nil {
			return nil, err
		}
		if v, err = dynamic(v, with, o.Value); err != nil {
			return nil, err
		}
		if _, gone := v.(noValue); gone {
			continue
		}
		var ok bool
		if out.Value, ok = text(v); !ok {
			return nil, errorAt(o.Value, "Template format error: The Value field of every Outputs member must evaluate to a String and not a %s.", kindOf(v))
		}
		if o.Export != nil {
			malformed := "Template format error: Output " + o.Name + " is malformed. The Name field of every Export member must be specified and consist only of alphanumeric characters, colons, or hyphens."
			if out.Export, err = e.text(o.Export, o.Export, malformed); err != nil {
				return nil, err
			}
			if !exportName(out.Export) {
				return nil, errorAt(o.Export, "%s", malformed).hint("the name is %q", out.Export)
			}
		}
		all = append(all, out)
	}
	return all, nil
}

func kindOf(v value.Value) string {
	if _, ok := v.(value.Array); ok {
		return "List"
	}
	return "Map"
}

func exportName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !alphanumeric(s[i:i+1]) && c != ':' && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= 255
}
