package jsonpath

import (
	"fmt"
	"math"
	"strconv"

	"salamander/internal/value"
)

// A LimitError tells that a path visits more than 5,000,000 values.
type LimitError struct{ Path *Path }

// Error names the path and the limit.
func (e *LimitError) Error() string {
	return fmt.Sprintf("the path %q visits more than %d values", e.Path.text, maxVisits)
}

// Get returns the value that the path names in root: the one of a definite
// path, or an array of all that an indefinite one finds, which may be empty.
// The error is a *[NotFoundError], from definite paths and functions only, or
// a *[LimitError].
func (p *Path) Get(root value.Value) (value.Value, error) {
	v, err := p.find(root, root)
	if err != nil || p.fn == "" {
		return v, err
	}
	out, ok := call(p.fn, v)
	if !ok {
		return nil, &NotFoundError{p, fmt.Sprintf("Function %s cannot be applied to the result of path: %s", p.fn, p.Normal())}
	}
	return out, nil
}

func (p *Path) find(from, root value.Value) (value.Value, error) {
	if p.Definite() {
		return p.one(from)
	}
	for i, s := range p.steps {
		if s.kind == names && len(s.names) > 1 && i < len(p.steps)-1 {
			return nil, p.missing("Multi properties can only be used as path leafs: %s", p.upTo(i+1))
		}
	}
	found := value.Array{}
	e := &evaluator{root: root}
	e.all(from, p.steps, &found)
	if e.visits > maxVisits {
		return nil, &LimitError{p}
	}
	return found, nil
}

// one follows a definite path.
func (p *Path) one(v value.Value) (value.Value, error) {
	for i, s := range p.steps {
		last := i == len(p.steps)-1
		if s.kind == names {
			o, ok := v.(*value.Object)
			if !ok {
				return nil, p.missing("Expected to find an object with property %s in path %s but found '%s'. This is not a json object according to the JsonProvider: '%s'.",
					s.text, p.upTo(i), javaType(v), provider)
			}
			if len(s.names) > 1 {
				return pick(o, s.names), nil
			}
			if v, ok = o.Get(s.names[0]); !ok {
				if last {
					return nil, p.missing("No results for path: %s", p.Normal())
				}
				return nil, p.missing("Missing property in path %s", p.upTo(i+1))
			}
			continue
		}
		a, ok := v.(value.Array)
		if !ok {
			if v == nil {
				return nil, p.missing("The path %s is null", p.upTo(i))
			}
			return nil, p.missing("Filter: %s can only be applied to arrays. Current context is: %s", s.text, value.Text(v))
		}
		at := s.index[0]
		if at < 0 {
			at += len(a)
		}
		if at < 0 || at >= len(a) {
			return nil, p.missing("No results for path: %s", p.Normal())
		}
		v = a[at]
	}
	return v, nil
}

// provider and javaType are what Jayway's errors on AWS name.
const provider = "com.jayway.jsonpath.spi.json.JacksonJsonProvider"

func javaType(v value.Value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "java.lang.Boolean"
	case string:
		return "java.lang.String"
	case value.Array:
		return "java.util.ArrayList"
	case value.Number:
		if !v.IsInteger() {
			return "java.lang.Double"
		}
		i, ok := v.Int64()
		switch {
		case !ok:
			return "java.math.BigInteger"
		case i >= math.MinInt32 && i <= math.MaxInt32:
			return "java.lang.Integer"
		}
		return "java.lang.Long"
	}
	return "java.util.LinkedHashMap"
}

func (p *Path) upTo(n int) string { return (&Path{steps: p.steps[:n]}).Normal() }

func (p *Path) missing(format string, args ...any) error {
	return &NotFoundError{p, fmt.Sprintf(format, args...)}
}

// maxVisits bounds the work of one indefinite path: scans in scans in filters
// grow with a power of the size.
const maxVisits = 5_000_000

type evaluator struct {
	root   value.Value
	visits int
}

// all adds to found what the steps lead to from v.
func (e *evaluator) all(v value.Value, steps []step, found *value.Array) {
	if e.visits++; e.visits > maxVisits {
		return
	}
	if len(steps) == 0 {
		*found = append(*found, v)
		return
	}
	s, rest := steps[0], steps[1:]
	switch s.kind {
	case names:
		o, ok := v.(*value.Object)
		if !ok {
			return
		}
		if len(s.names) > 1 && len(rest) == 0 { // a union of names at the end is one object
			*found = append(*found, pick(o, s.names))
			return
		}
		for _, n := range s.names {
			if child, ok := o.Get(n); ok {
				e.all(child, rest, found)
			}
		}
	case indexes:
		if a, ok := v.(value.Array); ok {
			for _, i := range s.index {
				if i < 0 {
					i += len(a)
				}
				if i >= 0 && i < len(a) {
					e.all(a[i], rest, found)
				}
			}
		}
	case slice:
		if a, ok := v.(value.Array); ok {
			lo, hi := s.bounds(len(a))
			for i := lo; i < hi; i++ {
				e.all(a[i], rest, found)
			}
		}
	case wildcard:
		each(v, func(child value.Value) { e.all(child, rest, found) })
	case filtered:
		if a, ok := v.(value.Array); ok {
			for _, child := range a {
				if s.filter(e, child) {
					e.all(child, rest, found)
				}
			}
		} else if _, ok := v.(*value.Object); ok && s.filter(e, v) {
			e.all(v, rest, found)
		}
	case scan:
		e.all(v, rest, found)
		each(v, func(child value.Value) { e.all(child, steps, found) })
	}
}

// pick gives the object of those members that o has.
func pick(o *value.Object, names []string) *value.Object {
	picked := new(value.Object)
	for _, n := range names {
		if child, ok := o.Get(n); ok {
			picked.Set(n, child)
		}
	}
	return picked
}

func (s step) bounds(n int) (lo, hi int) {
	clamp := func(i *int, absent int) int {
		if i == nil {
			return absent
		}
		at := *i
		if at < 0 {
			at += n
		}
		return max(0, min(at, n))
	}
	return clamp(s.lo, 0), clamp(s.hi, n)
}

func each(v value.Value, f func(value.Value)) {
	switch v := v.(type) {
	case value.Array:
		for _, child := range v {
			f(child)
		}
	case *value.Object:
		for _, m := range v.Members() {
			f(m.Value)
		}
	}
}

// call applies a function to what its path found.
func call(fn string, v value.Value) (value.Value, bool) {
	switch fn {
	case "length":
		switch v := v.(type) {
		case value.Array:
			return value.Int(int64(len(v))), true
		case *value.Object:
			return value.Int(int64(v.Len())), true
		case string:
			return value.Int(int64(len([]rune(v)))), true
		}
		return nil, false
	case "keys":
		o, ok := v.(*value.Object)
		if !ok {
			return nil, false
		}
		keys := value.Array{}
		for _, m := range o.Members() {
			keys = append(keys, m.Key)
		}
		return keys, true
	}
	a, ok := v.(value.Array)
	if !ok || len(a) == 0 {
		return nil, false
	}
	switch fn {
	case "first":
		return a[0], true
	case "last":
		return a[len(a)-1], true
	}
	return aggregate(fn, a)
}

func aggregate(fn string, a value.Array) (value.Value, bool) {
	lo, hi, sum, squares, n := math.Inf(1), math.Inf(-1), 0.0, 0.0, 0.0
	for _, v := range a {
		num, ok := v.(value.Number)
		if !ok {
			continue
		}
		f := num.Float64()
		lo, hi, sum, squares, n = min(lo, f), max(hi, f), sum+f, squares+f*f, n+1
	}
	if n == 0 {
		return nil, false
	}
	out := map[string]float64{"min": lo, "max": hi, "sum": sum, "avg": sum / n, "stddev": math.Sqrt(squares/n - sum/n*sum/n)}[fn]
	if math.IsInf(out, 0) || math.IsNaN(out) {
		return nil, false
	}
	text := strconv.FormatFloat(out, 'f', -1, 64)
	if out == math.Trunc(out) {
		text += ".0" // Jayway's functions give doubles
	}
	return value.Number(text), true
}
