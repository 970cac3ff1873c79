package asl

import (
	"encoding/json"
	"iter"
	"slices"
)

// pageSize is how many elements a page has.
const pageSize = 64

// A pages is an array of pointers of a fixed length, nil where there is none.
// Copies of it share their pages: the first change that a turn makes in a page
// copies it, so that a turn of a Map with many iterations costs little. Its
// JSON is an array's.
type pages[T any] struct {
	list []*page[T] // nil for a page of nothing
	n    int
}

// A page is what pages are made of. The turn that made it changes it in place.
type page[T any] struct {
	by *maker
	v  [pageSize]*T
}

// A maker stands for one turn.
type maker struct{ _ byte }

func newPages[T any](n int) pages[T] {
	return pages[T]{make([]*page[T], (n+pageSize-1)/pageSize), n}
}

// IsZero reports whether the array has no elements.
func (p pages[T]) IsZero() bool { return p.n == 0 }

// at gives an element, nil beyond the end.
func (p pages[T]) at(i int) *T {
	if i >= p.n || p.list[i/pageSize] == nil {
		return nil
	}
	return p.list[i/pageSize].v[i%pageSize]
}

// set changes an element of this copy alone. The list of pages is to be its
// own: see clone.
func (p *pages[T]) set(by *maker, i int, v *T) {
	old := p.list[i/pageSize]
	if old == nil || old.by != by {
		made := &page[T]{by: by}
		if old != nil {
			made.v = old.v
		}
		p.list[i/pageSize], old = made, made
	}
	old.v[i%pageSize] = v
}

// clone gives a copy for a turn that has not set anything in this one.
func (p pages[T]) clone() pages[T] { return pages[T]{slices.Clone(p.list), p.n} }

// keep gives a copy that no turn changes.
func (p pages[T]) keep() pages[T] {
	c := p.clone()
	for i, old := range c.list {
		if old != nil {
			c.list[i] = &page[T]{v: old.v}
		}
	}
	return c
}

// all goes through the elements that are not nil.
func (p pages[T]) all() iter.Seq2[int, *T] {
	return func(yield func(int, *T) bool) {
		for i, page := range p.list {
			if page == nil {
				continue
			}
			for j, v := range page.v {
				if v != nil && !yield(i*pageSize+j, v) {
					return
				}
			}
		}
	}
}

// MarshalJSON writes an array.
func (p pages[T]) MarshalJSON() ([]byte, error) {
	flat := make([]*T, p.n)
	for i, v := range p.all() {
		flat[i] = v
	}
	return json.Marshal(flat)
}

// UnmarshalJSON reads an array.
func (p *pages[T]) UnmarshalJSON(b []byte) error {
	var flat []*T
	if err := json.Unmarshal(b, &flat); err != nil {
		return err
	}
	*p = newPages[T](len(flat))
	for start := 0; start < len(flat); start += pageSize {
		page := new(page[T])
		copy(page.v[:], flat[start:min(start+pageSize, len(flat))])
		p.list[start/pageSize] = page
	}
	return nil
}
