package engine

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// A few does what a map does.
func TestFew(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	var f few[int]
	m := map[int64]int{}
	for i := range 10_000 {
		id := random.Int64N(4)
		switch random.IntN(3) {
		case 0:
			f.remove(id)
			delete(m, id)
		default:
			f.put(id, i)
			m[id] = i
		}
		if got, want := f.ids(), slices.Sorted(maps.Keys(m)); !slices.Equal(got, want) {
			t.Fatalf("seed %d, step %d: got %v; want %v", seed, i, got, want)
		}
		for id := range int64(4) {
			got, ok := f.get(id)
			if want, has := m[id]; got != want || ok != has {
				t.Fatalf("seed %d, step %d: %d: got %v, %t; want %v, %t", seed, i, id, got, ok, want, has)
			}
		}
	}
}
