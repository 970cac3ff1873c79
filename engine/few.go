package engine

import "slices"

// A few is a map from identifiers of commands that holds one, as most do,
// without a map. The zero value is empty.
type few[V any] struct {
	id   int64
	one  V
	has  bool
	rest map[int64]V
}

func (f *few[V]) get(id int64) (v V, ok bool) {
	if f.has && f.id == id {
		return f.one, true
	}
	v, ok = f.rest[id]
	return v, ok
}

func (f *few[V]) put(id int64, v V) {
	_, other := f.rest[id]
	switch {
	case !other && (!f.has || f.id == id):
		f.id, f.one, f.has = id, v, true
	case f.rest == nil:
		f.rest = map[int64]V{id: v}
	default:
		f.rest[id] = v
	}
}

func (f *few[V]) remove(id int64) {
	if f.has && f.id == id {
		var none V
		f.one, f.has = none, false
		return
	}
	delete(f.rest, id)
}

// ids are the identifiers, in order.
func (f *few[V]) ids() []int64 {
	n := len(f.rest)
	if f.has {
		n++
	}
	if n == 0 {
		return nil
	}
	all := make([]int64, 0, n)
	if f.has {
		all = append(all, f.id)
	}
	for id := range f.rest {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}
