package jsonata

import (
	"slices"

	"salamander/internal/value"
)

// sortBy evaluates an order-by clause. Its keys are computed once an item.
func (m *machine) sortBy(n *node, input any, f *frame) any {
	a, _ := input.(*array)
	tuples := a != nil && a.tuple
	items := itemsOf(input)
	if len(items) <= 1 {
		return input
	}
	type entry struct {
		item any
		keys []any
	}
	m.charge(len(items) * (32 + 16*len(n.terms)))
	entries := make([]entry, len(items))
	keys := make([]any, len(items)*len(n.terms))
	for i, item := range items {
		context, scope := item, f
		if tuples {
			t := item.(*tuple)
			context, scope = t.at, f.ofTuple(t)
		}
		e := entry{item, keys[i*len(n.terms) : (i+1)*len(n.terms)]}
		for j := range n.terms {
			e.keys[j] = m.eval(n.terms[j].expr, context, scope)
		}
		entries[i] = e
	}
	entries = mergeSort(m, entries, func(x, y *entry) bool {
		for j := range n.terms {
			c := order(n, x.keys[j], y.keys[j])
			if c != 0 {
				if n.terms[j].descending && x.keys[j] != undefined && y.keys[j] != undefined {
					return c < 0
				}
				return c > 0
			}
		}
		return false
	})
	out := &array{items: make([]any, len(items)), tuple: tuples, seq: tuples}
	for i := range entries {
		out.items[i] = entries[i].item
	}
	return out
}

// order compares two keys; undefined comes last.
func order(n *node, x, y any) int {
	switch {
	case x == undefined && y == undefined:
		return 0
	case x == undefined:
		return 1
	case y == undefined:
		return -1
	}
	if !comparable(x) || !comparable(y) {
		bad := x
		if comparable(x) {
			bad = y
		}
		panic(newFault("T2008").at(n.pos).value(bad))
	}
	s, xs := x.(string)
	t, ys := y.(string)
	if xs != ys {
		panic(newFault("T2007").at(n.pos).values(x, y))
	}
	if xs {
		return compareStrings(s, t)
	}
	return compareNumbers(rawNumber(x), rawNumber(y))
}

func compareStrings(s, t string) int {
	switch {
	case s == t:
		return 0
	case lessString(s, t):
		return -1
	}
	return 1
}

func compareNumbers(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// fnSort is $sort: by value, or by a function that tells whether two items are
// in the wrong order.
func fnSort(c *call) any {
	if c.missing(0) {
		return undefined
	}
	items := itemsOf(c.args[0])
	if len(items) <= 1 {
		return c.args[0]
	}
	c.m.grow(2 * len(items))
	if !c.missing(1) {
		fn := c.args[1]
		return &array{items: mergeSort(c.m, items, func(a, b *any) bool { return isTrue(c.with(fn, *a, *b)) })}
	}
	sorted := slices.Clone(items)
	c.m.work(len(items))
	strs, nums := true, true
	for _, e := range items {
		switch e.(type) {
		case string:
			nums = false
		case float64, value.Number:
			strs = false
		default:
			strs, nums = false, false
		}
	}
	switch {
	case strs:
		slices.SortStableFunc(sorted, func(a, b any) int { return compareStrings(a.(string), b.(string)) })
	case nums:
		slices.SortStableFunc(sorted, func(a, b any) int { return compareNumbers(rawNumber(a), rawNumber(b)) })
	default:
		panic(newFault("D3070").index(1).value(c.args[0]))
	}
	return &array{items: sorted}
}

// mergeSort sorts by the same comparisons as the reference, which matters
// where a comparator is no order.
func mergeSort[T any](m *machine, items []T, swap func(a, b *T) bool) []T {
	if len(items) <= 1 {
		return items
	}
	mid := len(items) / 2
	left, right := mergeSort(m, items[:mid], swap), mergeSort(m, items[mid:], swap)
	m.grow(len(items))
	out := make([]T, 0, len(items))
	for len(left) > 0 && len(right) > 0 {
		m.step()
		if swap(&left[0], &right[0]) {
			out, right = append(out, right[0]), right[1:]
		} else {
			out, left = append(out, left[0]), left[1:]
		}
	}
	return append(append(out, left...), right...)
}
