package asl

import (
	"slices"
	"strings"

	"salamander/internal/value"
)

// The codes of AWS's warnings.
const (
	codeNoDollar = "NO_DOLLAR"
	codeNoPath   = "NO_PATH"
	codeStatic   = "PASS_RESULT_IS_STATIC"
)

// warningText gives what AWS documents of a warning.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
func warningText(code string) string {
	switch code {
	case codeNoDollar:
		return "No .$ on a field that appears to be a JSONPath or Intrinsic Function."
	case codeNoPath:
		return "Field value looks like a path, but field name does not end with 'Path'."
	}
	return "Attempt to use a path in the result of a pass state."
}

// Warnings tells what in a definition is allowed and is likely not meant: text
// that looks like an expression of JSONPath where none is evaluated. They are
// in the definition's order, a thousand at most. Of a definition that [Parse]
// refuses it tells those that it finds; of one that is no JSON none.
func Warnings(definition []byte) Errors {
	if len(definition) > maxDefinition {
		return nil
	}
	v, pos, _, err := value.ParsePositions(definition)
	root, ok := v.(*value.Object)
	if err != nil || !ok {
		return nil
	}
	w := &warner{b: &builder{m: new(Machine), lines: newLineTable(definition), pos: pos}}
	language, set := root.Get("QueryLanguage")
	w.b.whole = set && language != string(JSONPath)
	w.scope(root, nil)
	slices.SortStableFunc(w.b.errs, func(a, b *Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return w.b.errs
}

// A warner gathers warnings as if they were mistakes.
type warner struct{ b *builder }

// warn tells of the member of an object.
func (w *warner) warn(in where, name, code, hint string) {
	e := w.b.add(in.key(name), code, "%s", warningText(code))
	w.b.atKey(e, in, name)
	e.Hint = hint
}

// scope looks at States.
func (w *warner) scope(v value.Value, at where) {
	for _, m := range members(v, "States") {
		if o, ok := m.Value.(*value.Object); ok {
			w.state(o, at.key("States").key(m.Key))
		}
	}
}

func (w *warner) state(o *value.Object, at where) {
	kind, _ := o.Get("Type")
	switch kind {
	case "Parallel":
		branches, _ := o.Get("Branches")
		list, _ := branches.(value.Array)
		for i, branch := range list {
			w.scope(branch, at.key("Branches").at(i))
		}
	case "Map":
		for _, name := range []string{"ItemProcessor", "Iterator"} {
			p, _ := o.Get(name)
			w.scope(p, at.key(name))
		}
	}
	language, set := o.Get("QueryLanguage")
	if set && language != string(JSONPath) || !set && w.b.whole {
		return
	}
	name, _ := kind.(string)
	known, ok := fieldsOf(name)
	if !ok {
		return
	}
	w.fields(o, at, known)
	if kind == "Pass" {
		if v, has := o.Get("Result"); has {
			if s, is := v.(string); is && looksDynamic(s) {
				w.warn(at, "Result", codeStatic, staticHint)
			}
			w.static(v, at.key("Result"))
		}
	}
	w.rules(o, at, "Catch", catchFields)
	if kind == "Choice" {
		w.rules(o, at, "Choices", slices.Concat(choiceFieldsOf, comparisons()))
	}
	if kind != "Map" {
		return
	}
	for _, sub := range MapFields() {
		v, in := value.Value(o), at
		for part := range strings.SplitSeq(sub.Type, "/") {
			outer, _ := v.(*value.Object)
			if v = nil; outer != nil {
				v, _ = outer.Get(part)
			}
			in = in.key(part)
		}
		if inner, ok := v.(*value.Object); ok {
			w.fields(inner, in, sub.Fields)
		}
	}
}

// rules looks at the elements of Catch or Choices, and at what stands in their
// And, Or and Not.
func (w *warner) rules(o *value.Object, at where, name string, known []Field) {
	v, _ := o.Get(name)
	list, ok := v.(value.Array)
	if !ok {
		if one, is := v.(*value.Object); is && name == "Not" {
			w.rule(one, at.key(name), known)
		}
		return
	}
	for i, e := range list {
		if rule, is := e.(*value.Object); is {
			w.rule(rule, at.key(name).at(i), known)
		}
	}
}

func (w *warner) rule(o *value.Object, at where, known []Field) {
	w.fields(o, at, known)
	if !hasField(known, "Variable") {
		return
	}
	for _, name := range []string{"And", "Or", "Not"} {
		w.rules(o, at, name, known)
	}
}

// fields looks at the templates of an object, and at the texts of fields that
// have a second form for paths.
func (w *warner) fields(o *value.Object, at where, known []Field) {
	for _, m := range o.Members() {
		i := slices.IndexFunc(known, func(f Field) bool { return f.Name == m.Key })
		if i < 0 {
			continue
		}
		if known[i].Form == Template {
			w.template(m.Value, at.key(m.Key))
			continue
		}
		s, is := m.Value.(string)
		j := slices.IndexFunc(known, func(f Field) bool { return f.Name == m.Key+"Path" })
		if !is || j < 0 || known[j].Form == Reference { // ResultPath is no form of Result
			continue
		}
		if looksLikePath(s) || known[j].Form == Call && looksLikeCall(s) {
			w.warn(at, m.Key, codeNoPath, "'"+m.Key+"Path' takes it")
		}
	}
}

// template looks for members of a payload template that are expressions but
// for their names.
func (w *warner) template(v value.Value, at where) {
	switch v := v.(type) {
	case *value.Object:
		for _, m := range v.Members() {
			if strings.HasSuffix(m.Key, ".$") {
				continue
			}
			if s, is := m.Value.(string); is {
				if looksDynamic(s) {
					w.warn(at, m.Key, codeNoDollar, "'"+m.Key+".$' evaluates it")
				}
				continue
			}
			w.template(m.Value, at.key(m.Key))
		}
	case value.Array:
		for i, e := range v {
			w.template(e, at.at(i))
		}
	}
}

const staticHint = "Result is constant; Parameters evaluates expressions"

// static looks for expressions in what is constant.
func (w *warner) static(v value.Value, at where) {
	switch v := v.(type) {
	case *value.Object:
		for _, m := range v.Members() {
			s, is := m.Value.(string)
			if strings.HasSuffix(m.Key, ".$") || is && looksDynamic(s) {
				w.warn(at, m.Key, codeStatic, staticHint)
				continue
			}
			w.static(m.Value, at.key(m.Key))
		}
	case value.Array:
		for i, e := range v {
			w.static(e, at.at(i))
		}
	}
}

func looksDynamic(s string) bool { return looksLikePath(s) || looksLikeCall(s) }

func looksLikePath(s string) bool {
	if !strings.HasPrefix(s, "$") {
		return false
	}
	_, err := parsePath(s)
	return err == nil
}

// looksLikeCall reports whether a text is meant to call an intrinsic function,
// rightly or not.
func looksLikeCall(s string) bool {
	name, _, call := strings.Cut(s, "(")
	_, known := intrinsics[name]
	return call && known && strings.HasSuffix(s, ")")
}

// members gives those of the object that is a member of v; none if there is none.
func members(v value.Value, name string) []value.Member {
	o, ok := v.(*value.Object)
	if !ok {
		return nil
	}
	sub, _ := o.Get(name)
	if o, ok = sub.(*value.Object); !ok {
		return nil
	}
	return o.Members()
}
