package jsonata

import (
	"slices"
)

func fnAppend(c *call) any { return c.m.join(c.arg(0), c.arg(1)) }

func fnExists(c *call) any { return !c.missing(0) }

func fnReverse(c *call) any {
	if c.missing(0) {
		return undefined
	}
	items := itemsOf(c.args[0])
	if len(items) <= 1 {
		return c.args[0]
	}
	c.m.grow(len(items))
	out := slices.Clone(items)
	slices.Reverse(out)
	return &array{items: out}
}

func fnShuffle(c *call) any {
	if c.missing(0) {
		return undefined
	}
	items := itemsOf(c.args[0])
	if len(items) <= 1 {
		return c.args[0]
	}
	c.m.grow(len(items))
	out := slices.Clone(items)
	for i := len(out) - 1; i > 0; i-- {
		j := int(c.m.random() * float64(i+1))
		out[i], out[j] = out[j], out[i]
	}
	return &array{items: out}
}

// fnDistinct keeps the first of equal items.
func fnDistinct(c *call) any {
	items, ok := arrayOf(c.arg(0))
	if !ok || len(items) <= 1 {
		return c.arg(0)
	}
	out := &array{}
	if a, ok := c.args[0].(*array); ok && a.seq {
		out.seq = true
	}
	seen := map[any]bool{} // strings, and numbers as floats
	var others []any
	for _, e := range items {
		c.m.grow(2)
		var key any
		switch {
		case isNumber(e):
			key = rawNumber(e)
		default:
			if s, ok := e.(string); ok {
				key = s
			}
		}
		if key != nil {
			if !seen[key] {
				seen[key] = true
				out.items = append(out.items, e)
			}
			continue
		}
		if !slices.ContainsFunc(others, func(o any) bool { return c.m.equal(o, e) }) {
			others = append(others, e)
			out.items = append(out.items, e)
		}
	}
	return out
}

func fnZip(c *call) any {
	n := -1
	lists := make([][]any, len(c.args))
	for i, a := range c.args {
		if a != undefined {
			lists[i] = itemsOf(a)
		}
		if n < 0 || len(lists[i]) < n {
			n = len(lists[i])
		}
	}
	out := &array{}
	for i := range max(n, 0) {
		c.m.grow(len(lists) + 2)
		row := make([]any, len(lists))
		for j := range lists {
			row[j] = lists[j][i]
		}
		out.items = append(out.items, &array{items: row})
	}
	return out
}

func fnMap(c *call) any {
	if c.missing(0) {
		return undefined
	}
	out := &array{seq: true}
	items := itemsOf(c.args[0])
	for i, e := range items {
		if v := c.with(c.args[1], e, box(float64(i)), c.args[0]); v != undefined {
			c.m.grow(1)
			out.items = append(out.items, v)
		}
	}
	return out
}

func fnFilter(c *call) any {
	if c.missing(0) {
		return undefined
	}
	out := &array{seq: true}
	for i, e := range itemsOf(c.args[0]) {
		if isTrue(c.with(c.args[1], e, box(float64(i)), c.args[0])) {
			c.m.grow(1)
			out.items = append(out.items, e)
		}
	}
	return out
}

func fnSingle(c *call) any {
	if c.missing(0) {
		return undefined
	}
	var found any = undefined
	has := false
	for i, e := range itemsOf(c.args[0]) {
		if !c.missing(1) && !isTrue(c.with(c.args[1], e, box(float64(i)), c.args[0])) {
			continue
		}
		if has {
			panic(newFault("D3138").index(i))
		}
		found, has = e, true
	}
	if !has {
		panic(newFault("D3139"))
	}
	return found
}

func fnReduce(c *call) any {
	if c.missing(0) {
		return undefined
	}
	fn := c.args[1]
	if arityOf(fn) < 2 {
		panic(newFault("D3050").index(1))
	}
	items := itemsOf(c.args[0])
	acc, i := c.arg(2), 0
	if acc == undefined && len(items) > 0 {
		acc, i = items[0], 1
	}
	for ; i < len(items); i++ {
		acc = c.with(fn, acc, items[i], box(float64(i)), c.args[0])
	}
	return acc
}
