package jsonpath

import (
	"slices"
	"strings"

	"salamander/internal/value"
)

// A relation is an operator of filters. has tells which of the operands there
// are: a path that names nothing is undefined, which equals nothing, not even
// itself.
type relation struct {
	name string
	test func(a, b value.Value, has [2]bool) bool
}

// both makes a test of one that fails where an operand is undefined.
func both(test func(a, b value.Value) bool) func(a, b value.Value, has [2]bool) bool {
	return func(a, b value.Value, has [2]bool) bool { return has[0] && has[1] && test(a, b) }
}

// ordered makes a test of the order of two values.
func ordered(test func(c int) bool) func(a, b value.Value, has [2]bool) bool {
	return both(func(a, b value.Value) bool { c, ok := order(a, b); return ok && test(c) })
}

// relations are the operators, longest first where one begins another. Those
// that are words may be in capitals.
var relations = []relation{
	{"===", both(same)},
	{"!==", func(a, b value.Value, has [2]bool) bool { return !(has[0] && has[1] && same(a, b)) }},
	{"==", both(equal)},
	{"!=", func(a, b value.Value, has [2]bool) bool { return !(has[0] && has[1] && equal(a, b)) }},
	{"<=", ordered(func(c int) bool { return c <= 0 })},
	{">=", ordered(func(c int) bool { return c >= 0 })},
	{"<", ordered(func(c int) bool { return c < 0 })},
	{">", ordered(func(c int) bool { return c > 0 })},
	{"nin", func(a, b value.Value, has [2]bool) bool { return has[1] && container(b) && !(has[0] && in(a, b)) }},
	{"in", both(in)},
	{"contains", both(contains)},
	{"subsetof", both(subset)},
	{"anyof", both(anyOf)},
	{"noneof", both(func(a, b value.Value) bool {
		_, list1 := a.(value.Array)
		_, list2 := b.(value.Array)
		return list1 && list2 && !anyOf(a, b)
	})},
	{"all", both(func(a, b value.Value) bool { return subset(b, a) })},
	{"size", both(func(a, b value.Value) bool {
		n, ok := size(a)
		want, is := b.(value.Number)
		return ok && is && n == int(want.Float64())
	})},
	{"empty", both(func(a, b value.Value) bool {
		n, ok := size(a)
		if o, is := a.(*value.Object); is {
			n, ok = o.Len(), true
		}
		want, is := b.(bool)
		return ok && is && (n == 0) == want
	})},
}

// same is ===: of one type, and equal.
func same(a, b value.Value) bool {
	_, n1 := a.(value.Number)
	_, n2 := b.(value.Number)
	return (n1 && n2 || javaType(a) == javaType(b)) && equal(a, b)
}

// equal is ==: a number equals a string that reads as the same number, and a
// string a number whose text it is.
func equal(a, b value.Value) bool {
	switch x := a.(type) {
	case string:
		if n, ok := b.(value.Number); ok {
			return x == string(n)
		}
	case value.Number:
		if s, ok := b.(string); ok {
			v, err := value.Parse([]byte(s))
			n, is := v.(value.Number)
			return err == nil && is && s == strings.TrimSpace(s) && x.Compare(n) == 0
		}
	}
	return value.Equal(a, b)
}

// order compares numbers, and otherwise strings and the texts of numbers.
func order(a, b value.Value) (int, bool) {
	x, n1 := a.(value.Number)
	y, n2 := b.(value.Number)
	if n1 && n2 {
		return x.Compare(y), true
	}
	s, ok1 := textOf(a)
	t, ok2 := textOf(b)
	return strings.Compare(s, t), ok1 && ok2
}

func textOf(v value.Value) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case value.Number:
		return string(v), true
	}
	return "", false
}

func container(v value.Value) bool {
	switch v.(type) {
	case value.Array, *value.Object:
		return true
	}
	return false
}

func in(a, b value.Value) bool {
	list, ok := b.(value.Array)
	if !ok {
		return false
	}
	for _, v := range list {
		if equal(a, v) {
			return true
		}
	}
	return false
}

func contains(a, b value.Value) bool {
	if s, ok := a.(string); ok {
		part, ok := b.(string)
		return ok && strings.Contains(s, part)
	}
	return in(b, a)
}

func subset(a, b value.Value) bool {
	list, ok := a.(value.Array)
	if !ok {
		return false
	}
	if _, ok := b.(value.Array); !ok {
		return false
	}
	for _, v := range list {
		if !in(v, b) {
			return false
		}
	}
	return true
}

func anyOf(a, b value.Value) bool {
	list, _ := a.(value.Array)
	for _, v := range list {
		if in(v, b) {
			return true
		}
	}
	return false
}

// size is how many characters or elements there are. Objects have no size.
func size(v value.Value) (int, bool) {
	switch v := v.(type) {
	case string:
		return len([]rune(v)), true
	case value.Array:
		return len(v), true
	}
	return 0, false
}

// Operators lists the operators of filters, =~ included.
func Operators() []string {
	list := make([]string, 0, len(relations)+1)
	for _, r := range relations {
		list = append(list, r.name)
	}
	list = append(list, "=~")
	slices.Sort(list)
	return list
}
