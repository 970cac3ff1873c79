package asl

import (
	"slices"
	"strings"

	"salamander/internal/value"
)

// condition compiles the Condition of a rule in a state of JSONata.
func (b *builder) condition(o *value.Object, w where) test {
	never := func(*env) (bool, *failure) { return false, nil }
	v, ok := o.Get("Condition")
	if !ok {
		b.fail(w, "These fields are required: [Condition]")
		return never
	}
	if is, ok := v.(bool); ok {
		return func(*env) (bool, *failure) { return is, nil }
	}
	q := b.query(o, w, "Condition")
	if q == nil {
		b.fail(w.key("Condition"), "Expected value of type Boolean or a JSONata expression")
		return never
	}
	return func(e *env) (bool, *failure) {
		v, bad := q.eval(e)
		if bad != nil {
			return false, bad
		}
		is, ok := v.(bool)
		if !ok {
			return false, q.mistyped("boolean", v)
		}
		return is, nil
	}
}

func (b *builder) choice(st *state, o *value.Object, w where) {
	f := new(choiceFields)
	st.choice = f
	if list, ok := b.array(o, w, "Choices"); !ok || len(list) == 0 {
		b.fail(w, "These fields are required: [Choices]")
	}
	f.fallback = b.string(o, w, "Default")
	b.each(o, w, "Choices", func(o *value.Object, w where, _ bool) {
		r := choiceRule{next: b.required(o, w, "Next"), assign: b.assign(o, w)}
		if b.jsonata {
			b.known(o, w, slices.Concat(choiceFieldsOf, comparisons()))
			r.output = b.template(o, w, "Output")
			r.test = b.condition(o, w)
		} else {
			b.known(o, w, slices.Concat(choiceFieldsOf, comparisons()))
			r.test = b.rule(o, w)
		}
		f.rules = append(f.rules, r)
	})
}

// maxRuleDepth bounds how deep And, Or and Not nest.
const maxRuleDepth = 100

// comparisons are the fields of a Choice Rule that states of JSONPath have.
func comparisons() []Field {
	all := []Field{{Name: "Variable", Form: Path, Only: JSONPath}}
	for _, name := range Operators() {
		all = append(all, Field{Name: name, Only: JSONPath})
	}
	return all
}

// part compiles what stands in And, Or and Not.
func (b *builder) part(o *value.Object, w where) test {
	b.known(o, w, append(comparisons(), Field{Name: "Comment"}))
	return b.rule(o, w)
}

// rule compiles a Choice Rule, or a part of one.
func (b *builder) rule(o *value.Object, w where) test {
	never := func(*env) (bool, *failure) { return false, nil }
	if w.len() > maxRuleDepth*2 {
		b.fail(w, "Choice rules nest deeper than %d", maxRuleDepth)
		return never
	}
	var found test
	n := 0
	var variable *pathExpr
	if _, ok := o.Get("Variable"); ok {
		variable = b.path(o, w, "Variable")
	}
	for _, m := range o.Members() {
		at := w.key(m.Key)
		switch name := m.Key; name {
		case "And", "Or":
			n++
			var tests []test
			b.each(o, w, name, func(o *value.Object, w where, _ bool) { tests = append(tests, b.part(o, w)) })
			if len(tests) == 0 {
				b.fail(at, "At least one choice rule is required")
			}
			if found = allOf(tests); name == "Or" {
				found = anyOf(tests)
			}
		case "Not":
			n++
			found = never
			if sub, ok := b.object(o, w, name); ok {
				found = not(b.part(sub, at))
			}
		case "Variable":
		default:
			if t := b.operator(name, m.Value, variable, o, w); t != nil {
				found = t
				n++
			}
		}
	}
	if n != 1 {
		b.fail(w, "Exactly one comparison operator, And, Or or Not is required")
		return never
	}
	return found
}

// operator compiles one comparison; nil when there is none of this name.
func (b *builder) operator(name string, operand value.Value, variable *pathExpr, o *value.Object, w where) test {
	at := w.key(name)
	never := func(*env) (bool, *failure) { return false, nil }
	base, isPath := strings.CutSuffix(name, "Path")
	op, ok := operators[name]
	if isPath && hasPathForm(base) {
		op, ok = operators[base]
	}
	if !ok && name != "IsPresent" {
		return nil
	}
	if variable == nil {
		if _, has := o.Get("Variable"); !has {
			b.fail(w, "These fields are required: [Variable]")
		}
		return never
	}
	if isPath {
		p := b.pathValue(operand, at)
		if p == nil {
			return never
		}
		return comparison(variable, op, nil, p)
	}
	if name == "IsPresent" {
		want, ok := operand.(bool)
		if !ok {
			b.fail(at, "Expected value of type Boolean")
		}
		return present(variable, want)
	}
	if !op.want.is(operand) {
		switch op.want {
		case aTimestamp:
			b.fail(at, "String does not match RFC3339 timestamp")
		default:
			b.fail(at, "Expected value of type %s", strings.ToUpper(op.want.String()[:1])+op.want.String()[1:])
		}
		return never
	}
	return comparison(variable, op, operand, nil)
}
