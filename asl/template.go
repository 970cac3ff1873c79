package asl

import (
	"strings"

	"salamander/internal/value"
)

// A template is a payload template: JSON in which a member whose key ends in
// ".$" is replaced by what its expression gives.
//
// https://states-language.net/spec.html#payload-template
type template struct {
	constant value.Value // when nothing in it is dynamic
	dynamic  bool
	members  []templateMember // an object
	items    []*template      // an array
	token    bool             // it mentions $$.Task.Token
	query    *query           // or: an expression of JSONata
}

type templateMember struct {
	key   string
	field string // the key as written, with its ".$"
	expr  expr   // or
	sub   *template
}

// parseTemplate compiles v, which stands at a place; report is told of each bad
// expression's key and of the object that it is in.
func parseTemplate(v value.Value, at where, report func(in where, field string, err error)) *template {
	switch v := v.(type) {
	case *value.Object:
		t := &template{constant: v}
		for _, m := range v.Members() {
			name, dynamic := strings.CutSuffix(m.Key, ".$")
			if !dynamic {
				sub := parseTemplate(m.Value, at.key(m.Key), report)
				t.dynamic = t.dynamic || sub.dynamic
				t.token = t.token || sub.token
				t.members = append(t.members, templateMember{key: m.Key, field: m.Key, sub: sub})
				continue
			}
			t.dynamic = true
			text, ok := m.Value.(string)
			if !ok {
				report(at, m.Key, nil)
				continue
			}
			x, err := parseExpr(text)
			if err != nil {
				report(at, m.Key, err)
				continue
			}
			t.token = t.token || strings.Contains(text, "$$.Task.Token")
			t.members = append(t.members, templateMember{key: name, field: m.Key, expr: x})
		}
		return t
	case value.Array:
		t := &template{constant: v}
		for i, e := range v {
			sub := parseTemplate(e, at.at(i), report)
			t.dynamic = t.dynamic || sub.dynamic
			t.token = t.token || sub.token
			t.items = append(t.items, sub)
		}
		return t
	}
	return &template{constant: v}
}

// parseQueries compiles v as a field of a state of JSONata: every string in
// it may be an expression, which compile reads; text is told of the others.
func parseQueries(v value.Value, at where, compile func(source string, at where) *query, text func(s string, at where)) *template {
	t := &template{constant: v}
	switch v := v.(type) {
	case *value.Object:
		for _, m := range v.Members() {
			sub := parseQueries(m.Value, at.key(m.Key), compile, text)
			t.dynamic, t.token = t.dynamic || sub.dynamic, t.token || sub.token
			t.members = append(t.members, templateMember{key: m.Key, field: m.Key, sub: sub})
		}
	case value.Array:
		for i, e := range v {
			sub := parseQueries(e, at.at(i), compile, text)
			t.dynamic, t.token = t.dynamic || sub.dynamic, t.token || sub.token
			t.items = append(t.items, sub)
		}
	case string:
		if !isQuery(v) {
			text(v, at)
			break
		}
		t.query = compile(v, at)
		t.dynamic, t.token = true, strings.Contains(v, "Task.Token")
	}
	return t
}

// eval fills the template in.
func (t *template) eval(e *env) (value.Value, *failure) {
	switch {
	case !t.dynamic:
		return t.constant, nil
	case t.query != nil:
		return t.query.eval(e)
	case t.items != nil:
		out := make(value.Array, len(t.items))
		for i, sub := range t.items {
			v, bad := sub.eval(e)
			if bad != nil {
				return nil, bad
			}
			out[i] = v
		}
		return out, nil
	}
	out := new(value.Object)
	for _, m := range t.members {
		if m.expr == nil {
			v, bad := m.sub.eval(e)
			if bad != nil {
				return nil, bad
			}
			out.Set(m.key, v)
			continue
		}
		v, err := m.expr.eval(e)
		if err != nil {
			return nil, inField(m.expr, m.field, e, err)
		}
		out.Set(m.key, v)
	}
	return out, nil
}

// orElse fills the template in, or gives other when there is none.
func (t *template) orElse(other value.Value, e *env) (value.Value, *failure) {
	if t == nil {
		return other, nil
	}
	return t.eval(e)
}
