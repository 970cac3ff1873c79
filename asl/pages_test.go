package asl

import (
	"encoding/json"
	"testing"
)

// A copy of an array keeps its elements when the other's are set, and JSON
// brings it back.
func TestPages(t *testing.T) {
	one, two := new(maker), new(maker)
	for _, n := range []int{0, 1, pageSize, pageSize + 1, 3*pageSize - 1} {
		p := newPages[int](n)
		for i := range n {
			if i%3 != 0 {
				p.set(one, i, &i)
			}
		}
		q := p.clone()
		for i := range n {
			q.set(two, i, nil)
		}
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var r pages[int]
		if err := json.Unmarshal(b, &r); err != nil {
			t.Fatal(err)
		}
		for _, p := range []pages[int]{p, r} {
			found := 0
			for i, v := range p.all() {
				if found++; *v != i || i%3 == 0 {
					t.Errorf("%d of %d: got %d", i, n, *v)
				}
			}
			if want := n - (n+2)/3; found != want || p.n != n {
				t.Errorf("%d elements of %d; want %d of %d", found, p.n, want, n)
			}
		}
		for i := range n {
			if q.at(i) != nil {
				t.Errorf("%d of %d: not set", i, n)
			}
		}
		if p.at(n) != nil || p.IsZero() != (n == 0) {
			t.Errorf("%d: beyond the end, or not zero", n)
		}
	}
}
