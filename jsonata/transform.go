package jsonata

import (
	"slices"

	"salamander/internal/value"
)

// transform copies a value and changes in the copy what the pattern finds.
func (m *machine) transform(t *transformer, v any) any {
	if v == undefined {
		return v
	}
	if !isArray(v) {
		if _, ok := v.(*value.Object); !ok {
			panic(newFault("T0410").value(v).index(1))
		}
	}
	own := map[*value.Object]bool{}
	result := m.clone(v, own)
	found := m.eval(t.n.lhs, result, t.frame)
	if found == undefined {
		return result
	}
	for _, match := range itemsOf(found) {
		m.transformOne(t, match, own)
	}
	return result
}

func (m *machine) transformOne(t *transformer, match any, own map[*value.Object]bool) {
	o, isObj := match.(*value.Object)
	change := m.eval(t.n.rhs, match, t.frame)
	if change != undefined {
		u, ok := change.(*value.Object)
		if !ok {
			panic(newFault("T2011").at(t.n.rhs.pos).value(change))
		}
		if isObj && own[o] {
			for _, e := range u.Members() {
				m.charge(32)
				o.Set(e.Key, e.Value)
			}
		}
	}
	if t.n.els == nil {
		return
	}
	gone := m.eval(t.n.els, match, t.frame)
	if gone == undefined {
		return
	}
	items := itemsOf(gone)
	keys := make([]string, 0, len(items))
	for _, e := range items {
		k, ok := e.(string)
		if !ok {
			panic(newFault("T2012").at(t.n.els.pos).value(gone))
		}
		keys = append(keys, k)
	}
	if isObj && own[o] {
		m.grow(2 * o.Len())
		*o = *value.NewObject(slices.DeleteFunc(slices.Clone(o.Members()), func(e value.Member) bool {
			return slices.Contains(keys, e.Key)
		})...)
	}
}

// clone copies a value; own gets the objects made, which alone may be changed.
func (m *machine) clone(v any, own map[*value.Object]bool) any {
	m.step()
	switch v := v.(type) {
	case *array, []any:
		items := itemsOf(v)
		m.grow(len(items))
		out := make([]any, len(items))
		m.nest(1)
		for i, e := range items {
			out[i] = m.clone(e, own)
		}
		m.nest(-1)
		return &array{items: out}
	case *value.Object:
		m.charge(64 * v.Len())
		members := make([]value.Member, v.Len())
		m.nest(1)
		for i, e := range v.Members() {
			members[i] = value.Member{Key: e.Key, Value: m.clone(e.Value, own)}
		}
		m.nest(-1)
		o := value.NewObject(members...)
		own[o] = true
		return o
	}
	if isFunction(v) {
		return ""
	}
	return v
}
