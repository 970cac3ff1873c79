// Package value holds JSON values as the languages see them: numbers keep
// their text, objects the order of their members. Values are immutable once
// built, so states, histories and goroutines share them freely.
package value

import (
	"math/big"
	"strconv"
	"strings"
)

// A Value is one of nil, bool, [Number], string, [Array] and *[Object].
type Value = any

// A Number is a number's JSON text: 1, 1.0 and 1e0 are told apart.
type Number string

// An Array is a JSON array.
type Array = []Value

// Int makes a number of i.
func Int(i int64) Number { return Number(strconv.FormatInt(i, 10)) }

// IsInteger reports whether the text has neither fraction nor exponent.
func (n Number) IsInteger() bool { return !strings.ContainsAny(string(n), ".eE") }

// Int64 returns the number if it is written as an integer and fits.
func (n Number) Int64() (int64, bool) {
	i, err := strconv.ParseInt(string(n), 10, 64)
	return i, err == nil
}

// Float64 returns the nearest float, which is infinite when n is out of range.
func (n Number) Float64() float64 {
	f, _ := strconv.ParseFloat(string(n), 64)
	return f
}

// maxExact is the longest text that Compare takes exactly; an exponent like
// 1e999999999 must not make it compute for minutes.
const maxExact = 64

// Compare compares by numeric value: 1 equals 1.0.
func (n Number) Compare(m Number) int {
	if i, ok := n.Int64(); ok {
		if j, ok := m.Int64(); ok {
			switch {
			case i < j:
				return -1
			case i > j:
				return 1
			}
			return 0
		}
	}
	if exact(n) && exact(m) {
		a, ok1 := new(big.Rat).SetString(string(n))
		b, ok2 := new(big.Rat).SetString(string(m))
		if ok1 && ok2 {
			return a.Cmp(b)
		}
	}
	a, b := n.Float64(), m.Float64()
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func exact(n Number) bool { return len(n) <= maxExact && !strings.ContainsAny(string(n), "eE") }

// Equal reports whether two values are equal: numbers by value, objects
// whatever the order of their members.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case Number:
		b, ok := b.(Number)
		return ok && a.Compare(b) == 0
	case Array:
		b, ok := b.(Array)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !Equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case *Object:
		b, ok := b.(*Object)
		if !ok || a.Len() != b.Len() {
			return false
		}
		for _, m := range a.members {
			other, ok := b.Get(m.Key)
			if !ok || !Equal(m.Value, other) {
				return false
			}
		}
		return true
	default: // bool, string
		return a == b
	}
}
