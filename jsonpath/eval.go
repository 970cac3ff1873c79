package jsonpath

import (
	"fmt"

	"salamander/internal/value"
)

// A LimitError tells that a path visits more than 5,000,000 values, or that
// the regular expressions of its filters take more than 10,000,000 steps.
type LimitError struct{ Path *Path }

// Error names the path and the limit.
func (e *LimitError) Error() string {
	return fmt.Sprintf("the path %q visits more than %d values, or its regular expressions take more than %d steps", e.Path.text, maxVisits, maxSteps)
}

// Get returns the value that the path names in root: the one of a definite
// path, or an array of all that an indefinite one finds, which may be empty.
// The error is a *[NotFoundError], from definite paths and functions only, or
// a *[LimitError].
func (p *Path) Get(root value.Value) (value.Value, error) {
	e := &evaluator{root: root}
	v, err := p.get(e, root)
	switch {
	case e.visits > maxVisits || e.steps < 0:
		return nil, &LimitError{p}
	case err != nil && p.fn == "" && !p.Definite():
		return value.Array{}, nil // recorded: AWS finds nothing where Jayway's library fails
	}
	return v, err
}

// get evaluates the path with its function.
func (p *Path) get(e *evaluator, from value.Value) (value.Value, error) {
	if p.fn == "" {
		return p.find(e, from)
	}
	if p.scans() { // the function takes all that the path finds
		steps := p.steps
		if p.fn == "length" {
			steps = append(steps[:len(steps):len(steps)], step{kind: wildcard, text: "[*]"})
		}
		v, err := (&Path{text: p.text, steps: steps}).find(e, from)
		if err != nil {
			return nil, err
		}
		return p.call(v)
	}
	v, err := p.find(e, from)
	if err != nil || p.Definite() {
		if err != nil {
			return nil, err
		}
		return p.call(v)
	}
	found := v.(value.Array) // the function takes one after another
	out := make(value.Array, len(found))
	for i, item := range found {
		if out[i], err = p.call(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *Path) scans() bool {
	for _, s := range p.steps {
		if s.kind == scan {
			return true
		}
	}
	return false
}

// find evaluates the path without its function. As in Jayway's library the
// steps before the first indefinite one must be there, those behind it need
// not; filters and functions see the difference.
func (p *Path) find(e *evaluator, from value.Value) (value.Value, error) {
	n := 0
	for n < len(p.steps) && (p.steps[n].definite() || p.steps[n].kind == names && n == len(p.steps)-1 && p.fn == "") {
		n++
	}
	v, ok, err := p.follow(from, n)
	switch {
	case err != nil:
		return nil, err
	case n == len(p.steps) && !ok:
		return nil, p.missing("No results for path: %s", p.bare())
	case n == len(p.steps):
		return v, nil
	case !ok:
		return value.Array{}, nil
	}
	if err := p.fits(v, n); err != nil {
		return nil, err
	}
	found := value.Array{}
	e.all(v, p.steps[n:], &found)
	return found, nil
}

// follow goes the first n steps, which are definite. ok is false if there is no
// element at an index.
func (p *Path) follow(v value.Value, n int) (_ value.Value, ok bool, err error) {
	for i, s := range p.steps[:n] {
		if err := p.fits(v, i); err != nil {
			return nil, false, err
		}
		if s.kind == names {
			o := v.(*value.Object)
			if len(s.names) > 1 {
				return pick(o, s.names), true, nil
			}
			if v, ok = o.Get(s.names[0]); !ok {
				if i == len(p.steps)-1 && p.fn == "" {
					return nil, false, nil
				}
				return nil, false, p.missing("Missing property in path %s", p.upTo(i+1))
			}
			continue
		}
		a := v.(value.Array)
		at := s.index[0]
		if at < 0 {
			at += len(a)
		}
		if at < 0 || at >= len(a) {
			return nil, false, nil
		}
		v = a[at]
	}
	return v, true, nil
}

// fits checks that step i can be applied to v, which a definite path named.
func (p *Path) fits(v value.Value, i int) error {
	s := p.steps[i]
	switch s.kind {
	case names:
		if _, ok := v.(*value.Object); !ok {
			return p.missing("Expected to find an object with property %s in path %s but found '%s'. This is not a json object according to the JsonProvider: '%s'.",
				s.text, p.upTo(i), javaType(v), provider)
		}
	case indexes, slice:
		if v == nil {
			return p.missing("The path %s is null", p.upTo(i))
		}
		if _, ok := v.(value.Array); !ok {
			return p.missing("Filter: %s can only be applied to arrays. Current context is: %s", p.from(i), javaText(v))
		}
	case filtered:
		switch v.(type) {
		case value.Array, *value.Object:
		default:
			return p.missing("Filter: %s can not be applied to primitives. Current context is: %s", p.from(i), javaText(v))
		}
	}
	return nil
}

func (p *Path) missing(format string, args ...any) error {
	return &NotFoundError{p, fmt.Sprintf(format, args...)}
}

// maxVisits bounds the work of one indefinite path: scans in scans in filters
// grow with a power of the size. maxSteps bounds its regular expressions.
const (
	maxVisits = 5_000_000
	maxSteps  = 10_000_000
)

type evaluator struct {
	root   value.Value
	visits int
	steps  int // of regular expressions; negative if they took too many
}

// all adds to found what the steps lead to from v. What does not fit is passed
// over.
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
	case indexes, slice:
		if a, ok := v.(value.Array); ok {
			for _, i := range s.elements(len(a)) {
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
		e.scan(v, rest, found)
	}
}

// scan applies the steps behind .. to v and to all below it, as Jayway's
// library does: the first of them picks objects by their names, arrays for
// indexes and slices, all for a wildcard, and for a filter those that pass it
// themselves. In arrays that it picks, the steps behind it see every element.
func (e *evaluator) scan(v value.Value, steps []step, found *value.Array) {
	if e.visits++; e.visits > maxVisits {
		return
	}
	switch v := v.(type) {
	case *value.Object:
		if e.picks(steps, v) {
			e.all(v, steps, found)
		}
	case value.Array:
		if !e.picks(steps, v) {
			break
		}
		if len(steps) == 1 {
			e.all(v, steps, found)
			break
		}
		for _, child := range v {
			e.all(child, steps[1:], found)
		}
	default:
		return
	}
	each(v, func(child value.Value) { e.scan(child, steps, found) })
}

func (e *evaluator) picks(steps []step, v value.Value) bool {
	switch s := steps[0]; s.kind {
	case names:
		o, ok := v.(*value.Object)
		if !ok || len(s.names) > 1 && len(steps) > 1 {
			return ok
		}
		for _, n := range s.names {
			if _, ok := o.Get(n); !ok {
				return false
			}
		}
		return true
	case indexes, slice:
		_, ok := v.(value.Array)
		return ok
	case filtered:
		return s.filter(e, v)
	}
	return true
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

// elements lists the elements that indexes or a slice name in an array of n.
// With two bounds a slice counts from the first to the second as they are
// written, and negative numbers on the way count from the end.
func (s step) elements(n int) []int {
	var list []int
	add := func(i int) {
		if i < 0 {
			i += n
		}
		if i >= 0 && i < n {
			list = append(list, i)
		}
	}
	if s.kind == indexes {
		for _, i := range s.index {
			add(i)
		}
		return list
	}
	lo, hi := 0, n
	switch {
	case s.lo == nil && *s.hi < 0:
		hi = n + *s.hi
	case s.lo == nil:
		hi = min(*s.hi, n)
	case s.hi == nil && *s.lo < 0:
		lo = max(0, n+*s.lo)
	case s.hi == nil:
		lo = *s.lo
	default:
		lo, hi = max(*s.lo, -n), min(*s.hi, n)
	}
	for i := lo; i < hi; i++ {
		add(i)
	}
	return list
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
