package jsonata

import (
	"math"
	"slices"

	"salamander/internal/value"
)

// Inside an evaluation a value is a JSON value, with these in addition:
// float64 beside [value.Number], *array beside [value.Array], functions, and
// undefined. What comes from outside is used as it is, never copied.

type none struct{}

// undefined is the absence of a value. nil is JSON's null.
var undefined any = none{}

// An array is an array that evaluation made, with its marks.
type array struct {
	items []any
	seq   bool // a sequence: one item stands for itself, none is undefined
	keep  bool // a sequence that keeps its one item in an array
	cons  bool // made by a constructor: a path does not flatten it
	tuple bool // items are *tuple
	outer bool // wraps an input that is an array
	used  *int // by join: how many items are taken of those that arrays share
}

// A tuple is a context item with the variables bound beside it.
type tuple struct {
	at   any
	vars []binding
}

// with returns the tuple with a variable more.
func (t *tuple) with(name string, v any) *tuple {
	vars := make([]binding, len(t.vars), len(t.vars)+1)
	copy(vars, t.vars)
	return &tuple{t.at, setVar(vars, name, v)}
}

func setVar(vars []binding, name string, v any) []binding {
	for i := range vars {
		if vars[i].name == name {
			vars[i].val = v
			return vars
		}
	}
	return append(vars, binding{name, v})
}

func sequence(items ...any) *array { return &array{items: items, seq: true} }

func isArray(v any) bool {
	switch v.(type) {
	case *array, []any:
		return true
	}
	return false
}

// arrayOf returns the items of an array.
func arrayOf(v any) ([]any, bool) {
	switch v := v.(type) {
	case *array:
		return v.items, true
	case []any:
		return v, true
	}
	return nil, false
}

// itemsOf returns the items of an array, or the value as the only one.
func itemsOf(v any) []any {
	if items, ok := arrayOf(v); ok {
		return items
	}
	return []any{v}
}

func isNumber(v any) bool {
	switch v.(type) {
	case float64, value.Number:
		return true
	}
	return false
}

// number gives the float of a number. It fails on one that is out of range.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		if math.IsInf(v, 0) {
			panic(newFault("D1001").value(v))
		}
		return v, !math.IsNaN(v)
	case value.Number:
		f := parseNumber(v)
		if math.IsInf(f, 0) {
			panic(newFault("D1001").value(v))
		}
		return f, true
	}
	return 0, false
}

// parseNumber reads short integers at once.
func parseNumber(n value.Number) float64 {
	if len(n) > 0 && len(n) <= 15 {
		i, neg := 0, n[0] == '-'
		if neg {
			i = 1
		}
		var x int64
		for ; i < len(n); i++ {
			c := n[i]
			if c < '0' || c > '9' {
				return n.Float64()
			}
			x = x*10 + int64(c-'0')
		}
		if neg {
			x = -x
		}
		return float64(x)
	}
	return n.Float64()
}

// boxed holds small integers ready made; it is never written after.
var boxed = func() (b [1024]any) {
	for i := range b {
		b[i] = float64(i)
	}
	return b
}()

// box makes a value of a float.
func box(f float64) any {
	if f >= 0 && f < float64(len(boxed)) {
		if i := int(f); float64(i) == f && (i != 0 || !math.Signbit(f)) {
			return boxed[i]
		}
	}
	return f
}

// join is the reference's append: it joins two values into an array. Appending
// again and again to what it made costs no copies: the arrays share their
// items, and the one that reaches to the end of them is extended in place.
func (m *machine) join(a, b any) any {
	if a == undefined {
		return b
	}
	if b == undefined {
		return a
	}
	x, y := itemsOf(a), itemsOf(b)
	n := len(x) + len(y)
	if made, ok := a.(*array); ok && made.used != nil && *made.used == len(x) && cap(x) >= n {
		*made.used = n
		return &array{items: append(x, y...), used: made.used}
	}
	if n < 16 {
		m.grow(n)
		return &array{items: slices.Concat(x, y)}
	}
	m.grow(2 * n)
	return &array{items: append(append(make([]any, 0, 2*n), x...), y...), used: &n}
}

// truth is $boolean. undefined gives undefined's own answer, false, and ok tells.
func truth(v any) (b, ok bool) { return truthIn(v, 0) }

// maxValueDepth is how deep values may nest that are looked through.
const maxValueDepth = 5000

func tooDeep() { panic(newFault("U1001").text("A value is nested too deeply")) }

func truthIn(v any, depth int) (b, ok bool) {
	if depth > maxValueDepth {
		tooDeep()
	}
	switch v := v.(type) {
	case none:
		return false, false
	case nil:
		return false, true
	case bool:
		return v, true
	case string:
		return v != "", true
	case float64:
		return v != 0 && !math.IsNaN(v), true
	case value.Number:
		return parseNumber(v) != 0, true
	case *value.Object:
		return v.Len() > 0, true
	case *array, []any:
		items, _ := arrayOf(v)
		if len(items) == 1 {
			b, _ := truthIn(items[0], depth+1)
			return b, true
		}
		for _, e := range items {
			if b, _ := truthIn(e, depth+1); b {
				return true, true
			}
		}
		return false, true
	}
	return false, true // functions
}

// equal is deep equality.
func (m *machine) equal(a, b any) bool {
	m.step()
	switch x := a.(type) {
	case value.Number:
		if y, ok := b.(value.Number); ok {
			return x == y || parseNumber(x) == parseNumber(y)
		}
		y, ok := b.(float64)
		return ok && parseNumber(x) == y
	case float64:
		switch y := b.(type) {
		case float64:
			return x == y
		case value.Number:
			return x == parseNumber(y)
		}
		return false
	case string:
		y, ok := b.(string)
		return ok && x == y
	case bool:
		y, ok := b.(bool)
		return ok && x == y
	case nil:
		return b == nil
	case *array, []any:
		xs, _ := arrayOf(a)
		ys, ok := arrayOf(b)
		if !ok || len(xs) != len(ys) {
			return false
		}
		m.nest(1)
		for i := range xs {
			if !m.equal(xs[i], ys[i]) {
				m.nest(-1)
				return false
			}
		}
		m.nest(-1)
		return true
	case *value.Object:
		y, ok := b.(*value.Object)
		if !ok || x.Len() != y.Len() {
			return false
		}
		m.nest(1)
		defer m.nest(-1)
		for _, e := range x.Members() {
			other, ok := y.Get(e.Key)
			if !ok || !m.equal(e.Value, other) {
				return false
			}
		}
		return true
	case none:
		return b == undefined
	}
	if isFunction(a) && isFunction(b) {
		return a == b
	}
	return false
}

// identical is equality without looking into arrays and objects, which are
// identical only to themselves.
func (m *machine) identical(a, b any) bool {
	switch x := a.(type) {
	case []any:
		y, ok := b.([]any)
		return ok && len(x) > 0 && len(x) == len(y) && &x[0] == &y[0]
	case *array, *value.Object:
		if _, ok := b.([]any); ok {
			return false
		}
		return a == b
	}
	return m.equal(a, b)
}

// lessString compares strings by their UTF-16 units, as JavaScript does.
func lessString(a, b string) bool {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[i] == b[i] {
		i++
	}
	if i == n {
		return len(a) < len(b)
	}
	// Only where one is beyond the basic plane does the order of units differ
	// from that of bytes: U+E000…U+FFFF (0xEE, 0xEF) sort above pairs (0xF0…).
	x, y := a[i], b[i]
	if (x >= 0xf0) != (y >= 0xf0) && x >= 0xee && y >= 0xee {
		return x > y
	}
	return x < y
}

// export turns a result into a JSON value.
func export(v any) (value.Value, error) { return exporter{}.value(v, 0) }

// An exporter turns results into JSON values.
type exporter struct {
	quote bool // numbers that are not finite become strings
}

func (x exporter) value(v any, depth int) (value.Value, error) {
	if depth > value.MaxDepth {
		return nil, newFault("U1001").text("The result is nested too deeply").finish()
	}
	switch v := v.(type) {
	case none, nil:
		return nil, nil
	case float64:
		switch {
		case !math.IsInf(v, 0) && !math.IsNaN(v):
			return value.Number(formatFloat(v)), nil
		case !x.quote:
			return nil, newFault("D1001").value(v).finish()
		case math.IsNaN(v):
			return "NaN", nil
		case v < 0:
			return "-Infinity", nil
		}
		return "Infinity", nil
	case bool, string, value.Number:
		return v, nil
	case *array, []any:
		return x.array(v, depth)
	case *value.Object:
		return x.object(v, depth)
	}
	return nil, ErrFunction
}

func (x exporter) array(v any, depth int) (value.Value, error) {
	items, _ := arrayOf(v)
	out := make(value.Array, len(items))
	same := !isMade(v)
	for i, e := range items {
		e2, err := x.value(e, depth+1)
		if err != nil {
			return nil, err
		}
		out[i] = e2
		same = same && kept(e, e2)
	}
	if same {
		return v, nil
	}
	return out, nil
}

func isMade(v any) bool { _, ok := v.(*array); return ok }

func (x exporter) object(o *value.Object, depth int) (value.Value, error) {
	same := true
	members := make([]value.Member, 0, o.Len())
	for _, e := range o.Members() {
		v, err := x.value(e.Value, depth+1)
		if err != nil {
			return nil, err
		}
		same = same && kept(e.Value, v)
		members = append(members, value.Member{Key: e.Key, Value: v})
	}
	if same {
		return o, nil
	}
	return value.NewObject(members...), nil
}

// kept tells that exporting changed nothing, so that what came from outside is
// handed back, not copied.
func kept(before, after any) bool {
	switch b := before.(type) {
	case nil, bool, string, value.Number:
		return true
	case *value.Object:
		return before == after
	case []any:
		a, ok := after.([]any)
		return ok && (len(a) == 0 || &a[0] == &b[0])
	}
	return false
}

// keysOf are the keys of an object, or of all objects in an array, once each.
func keysOf(v any) []string { return keysIn(v, 0) }

func keysIn(v any, depth int) []string {
	if depth > maxValueDepth {
		tooDeep()
	}
	switch v := v.(type) {
	case *value.Object:
		keys := make([]string, v.Len())
		for i, m := range v.Members() {
			keys[i] = m.Key
		}
		return keys
	case *array, []any:
		items, _ := arrayOf(v)
		seen := map[string]bool{}
		var keys []string
		for _, e := range items {
			for _, k := range keysIn(e, depth+1) {
				if !seen[k] {
					seen[k] = true
					keys = append(keys, k)
				}
			}
		}
		return keys
	}
	return nil
}
