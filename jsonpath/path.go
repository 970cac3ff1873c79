// Package jsonpath is the dialect of JSONPath that the States Language uses,
// which is that of the Jayway library: children, wildcards, slices, unions,
// filters, deep scans and a few functions. A path that can name one value only
// is definite; any other gives an array of what it found.
//
// https://github.com/json-path/JsonPath and
// https://states-language.net/spec.html#path describe it.
package jsonpath

import (
	"strconv"
	"strings"

	"salamander/internal/value"
)

// A Path is a parsed path. It is immutable, and goroutines may share it.
type Path struct {
	text  string
	steps []step
	fn    string // a function at the end: "length"
}

// A step leads from a value to some of its parts.
type step struct {
	kind   stepKind
	names  []string // names: one, or a union
	index  []int    // indexes: one, or a union
	lo, hi *int     // slice
	filter predicate
	text   string // as Jayway writes it: ['a'] or ["a"], [0], [*]
	place  string // of names: as it writes them where it tells how far it came
}

type stepKind uint8

const (
	names stepKind = iota
	indexes
	slice
	wildcard
	filtered
	scan // to the value and all its descendants; the next step picks
)

// String returns the path as it was written.
func (p *Path) String() string { return p.text }

// Normal returns the path in brackets, as errors quote it: $['a'][0].
func (p *Path) Normal() string {
	if p.fn != "" {
		return p.bare() + "." + p.fn + "()"
	}
	return p.bare()
}

// bare is Normal without the function.
func (p *Path) bare() string { return "$" + p.from(0) }

// from gives the steps from one on.
func (p *Path) from(i int) string {
	var b strings.Builder
	for _, s := range p.steps[i:] {
		b.WriteString(s.text)
	}
	return b.String()
}

// upTo gives the place that the first n steps lead to.
func (p *Path) upTo(n int) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, s := range p.steps[:n] {
		if s.place != "" {
			b.WriteString(s.place)
		} else {
			b.WriteString(s.text)
		}
	}
	return b.String()
}

// Definite reports whether the path names at most one value. A union of names
// at the end counts as one: the object of those members.
func (p *Path) Definite() bool {
	for i, s := range p.steps {
		if !s.definite() && !(s.kind == names && i == len(p.steps)-1) {
			return false
		}
	}
	return true
}

func (s step) definite() bool {
	return s.kind == names && len(s.names) == 1 || s.kind == indexes && len(s.index) == 1
}

// Reference reports whether the path is a Reference Path: one that names a
// single node by names and indexes only.
//
// https://states-language.net/spec.html#ref-paths
func (p *Path) Reference() bool {
	for _, s := range p.steps {
		if !s.definite() || s.kind == indexes && s.index[0] < 0 {
			return false
		}
	}
	return p.fn == ""
}

// Root reports whether the path is just $.
func (p *Path) Root() bool { return len(p.steps) == 0 && p.fn == "" }

// A NotFoundError tells that a definite path names nothing.
type NotFoundError struct {
	Path *Path
	Msg  string // "No results for path: $['a']['b']"
}

// Error gives the message as Jayway words it.
func (e *NotFoundError) Error() string { return e.Msg }

// A SetError tells that a Reference Path cannot be applied to a value.
type SetError struct {
	Path *Path
	Step string // the name or index that does not fit
	In   value.Value
}

// Error says which path does not fit which value.
func (e *SetError) Error() string {
	return "Unable to apply Reference Path " + e.Path.text + " to input " + value.Text(e.In)
}

// Set returns a copy of root in which the node at the Reference Path p is v.
// Objects on the way are made where they are missing; array elements must be
// there. The error is a *[SetError].
func (p *Path) Set(root, v value.Value) (value.Value, error) {
	out, bad := set(root, p.steps, v)
	if bad != nil {
		return nil, &SetError{p, *bad, root}
	}
	return out, nil
}

func set(in value.Value, steps []step, v value.Value) (value.Value, *string) {
	if len(steps) == 0 {
		return v, nil
	}
	s := steps[0]
	if s.kind == names {
		o, ok := in.(*value.Object)
		if !ok {
			return nil, &s.names[0]
		}
		child, ok := o.Get(s.names[0])
		if !ok {
			child = new(value.Object)
		}
		child, bad := set(child, steps[1:], v)
		if bad != nil {
			return nil, bad
		}
		return o.With(s.names[0], child), nil
	}
	a, ok := in.(value.Array)
	i := s.index[0]
	if !ok || i < 0 || i >= len(a) {
		name := strconv.Itoa(i)
		return nil, &name
	}
	child, bad := set(a[i], steps[1:], v)
	if bad != nil {
		return nil, bad
	}
	out := append(value.Array(nil), a...)
	out[i] = child
	return out, nil
}
