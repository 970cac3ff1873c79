package jsonata

import (
	"strconv"
	"strings"

	"salamander/internal/regex"
	"salamander/internal/value"
)

// A found is one match of a pattern in a text.
type found struct {
	match      string
	start, end int   // in UTF-16 units
	groups     []any // strings, or undefined
	next       any   // the function that finds the next one
}

// object is the match as functions see it.
func (f *found) object() *value.Object {
	return value.NewObject(
		value.Member{Key: "match", Value: f.match},
		value.Member{Key: "start", Value: box(float64(f.start))},
		value.Member{Key: "end", Value: box(float64(f.end))},
		value.Member{Key: "groups", Value: &array{items: f.groups}},
		value.Member{Key: "next", Value: f.next},
	)
}

// A subject is a text that patterns are matched on.
type subject struct {
	text  string
	runes []rune
	wide  bool // some characters are two units
}

func newSubject(text string) *subject {
	s := &subject{text: text, runes: []rune(text)}
	for _, r := range s.runes {
		s.wide = s.wide || r >= 0x10000
	}
	return s
}

// units turns an index in runes into one in UTF-16 units.
func (s *subject) units(i int) int {
	if !s.wide {
		return i
	}
	n := i
	for _, r := range s.runes[:i] {
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// index turns an index in units into one in runes, within bounds.
func (s *subject) index(units int) int {
	units = max(units, 0)
	if !s.wide {
		return min(units, len(s.runes))
	}
	for i, r := range s.runes {
		if units <= 0 {
			return i
		}
		units--
		if r >= 0x10000 {
			units--
		}
	}
	return len(s.runes)
}

func (s *subject) slice(from, to int) string { return string(s.runes[min(from, to):to]) }

// matchAt is a regular expression as a function: it gives the first match from
// a rune on, as an object.
func (m *machine) matchAt(re *regex.Regexp, v any, at int) any {
	text, ok := v.(string)
	if !ok {
		return undefined
	}
	m.charge(4 * len(text))
	f, _ := m.find(re, newSubject(text), at)
	if f == nil {
		return undefined
	}
	if at > 0 && f.match == "" {
		panic(newFault("D1004").value(re.String()))
	}
	return f.object()
}

// find gives the first match from the rune at on, and where it ends.
func (m *machine) find(re *regex.Regexp, s *subject, at int) (*found, int) {
	steps := m.limits.Steps - m.steps
	before := steps
	loc, err := re.Match(s.runes, at, &steps)
	m.steps += before - steps
	if err != nil {
		panic(newFault("U1001").text("Regular expression limit: the expression takes too many steps"))
	}
	if loc == nil {
		return nil, 0
	}
	f := &found{match: s.slice(loc[0], loc[1]), start: s.units(loc[0]), end: s.units(loc[1])}
	m.charge(len(f.match) + 64)
	for i := 2; i < len(loc); i += 2 {
		var g any = undefined
		if loc[i] >= 0 {
			g = s.slice(loc[i], loc[i+1])
			m.charge(loc[i+1] - loc[i])
		}
		f.groups = append(f.groups, g)
	}
	if loc[1] >= len(s.runes) {
		f.next = &following{re, "", 1} // finds nothing more
	} else {
		f.next = &following{re, s.text, loc[1]}
	}
	return f, loc[1]
}

// matches calls yield for the matches of a pattern function until it answers
// false.
func (c *call) matches(s *subject, fn any, yield func(*found) bool) {
	if re, ok := fn.(*matcher); ok {
		c.m.charge(4 * len(s.text))
		for at := 0; ; {
			f, end := c.m.find(re.re, s, at)
			if f == nil {
				return
			}
			if at > 0 && f.match == "" {
				panic(newFault("D1004").value(re.re.String()))
			}
			if !yield(f) || end >= len(s.runes) {
				return
			}
			if end == 0 { // the next one starts where this one did
				if g, _ := c.m.find(re.re, s, 0); g != nil && g.match == "" {
					panic(newFault("D1004").value(re.re.String()))
				}
			}
			at = end
		}
	}
	v := c.with(fn, s.text)
	for v != undefined {
		f := asFound(v)
		if !yield(f) {
			return
		}
		if v = undefined; isFunction(f.next) {
			v = c.m.full(f.next, nil, undefined, c.frame)
		}
	}
}

// asFound reads the match that a function of the user's gave.
func asFound(v any) *found {
	f := &found{next: undefined}
	o, ok := v.(*value.Object)
	if !ok {
		panic(newFault("T1010").value(v))
	}
	get := func(key string) any {
		if x, ok := o.Get(key); ok {
			return x
		}
		return undefined
	}
	start, end, groups, next := get("start"), get("end"), get("groups"), get("next")
	if !isNumber(start) && !isNumber(end) && !isArray(groups) && !isFunction(next) {
		panic(newFault("T1010").value(v))
	}
	f.match, _ = get("match").(string)
	limited := func(v any) int { return int(max(0, min(1<<40, rawNumber(v)))) }
	if isNumber(start) {
		f.start = limited(start)
	}
	if isNumber(end) {
		f.end = limited(end)
	}
	f.groups, _ = arrayOf(groups)
	f.next = next
	return f
}

// limit is an optional count, -1 if there is none.
func (c *call) limit(i int, code string) int {
	if c.missing(i) {
		return -1
	}
	f := c.num(i)
	if f < 0 {
		panic(newFault(code).value(c.args[i]).index(i + 1))
	}
	n := int(min(f, 1<<40))
	if float64(n) < f {
		n++ // a count stops at the first whole number that is not below it
	}
	return n
}

func fnMatch(c *call) any {
	if c.missing(0) {
		return undefined
	}
	limit := c.limit(2, "D3040")
	out := &array{seq: true}
	if limit == 0 {
		return out
	}
	c.matches(newSubject(c.str(0)), c.args[1], func(f *found) bool {
		c.m.charge(160)
		out.items = append(out.items, value.NewObject(
			value.Member{Key: "match", Value: f.match},
			value.Member{Key: "index", Value: box(float64(f.start))},
			value.Member{Key: "groups", Value: &array{items: f.groups}},
		))
		return len(out.items) != limit
	})
	return out
}

func fnContains(c *call) any {
	if c.missing(0) {
		return undefined
	}
	if s, ok := c.arg(1).(string); ok {
		return strings.Contains(c.str(0), s)
	}
	if c.missing(1) {
		return false
	}
	has := false
	c.matches(newSubject(c.str(0)), c.args[1], func(*found) bool {
		has = true
		return false
	})
	return has
}

func fnSplit(c *call) any {
	if c.missing(0) {
		return undefined
	}
	limit := c.limit(2, "D3020")
	out := new(array)
	if limit == 0 {
		return out
	}
	add := func(s string) bool {
		c.m.charge(32)
		out.items = append(out.items, s)
		return len(out.items) != limit
	}
	text := c.str(0)
	if sep, ok := c.arg(1).(string); ok {
		if limit > 0 {
			limit = int(min(c.num(2), 1<<40)) // here a fraction is dropped
			if limit == 0 {
				return out
			}
		}
		for p := range strings.SplitSeq(text, sep) {
			if !add(p) {
				break
			}
		}
		return out
	}
	if c.missing(1) {
		add(text)
		return out
	}
	s := newSubject(text)
	at, more := 0, true
	c.matches(s, c.args[1], func(f *found) bool {
		start := s.index(f.start)
		more = add(s.slice(at, max(at, start)))
		at = max(at, s.index(f.end))
		return more
	})
	if more {
		add(s.slice(at, len(s.runes)))
	}
	return out
}

func fnReplace(c *call) any {
	if c.missing(0) {
		return undefined
	}
	text := c.str(0)
	if s, ok := c.arg(1).(string); ok && s == "" {
		panic(newFault("D3010").value("").index(2))
	}
	limit := c.limit(3, "D3011")
	if limit == 0 || c.missing(1) {
		return text
	}
	if pattern, ok := c.arg(1).(string); ok {
		with, ok := c.arg(2).(string)
		if !ok && !c.missing(2) {
			panic(newFault("D3012").value(c.args[2]))
		}
		n := strings.Count(text, pattern)
		if limit > 0 {
			n = min(n, limit)
		}
		c.m.charge(len(text) + n*len(with))
		return strings.Replace(text, pattern, with, n)
	}
	s := newSubject(text)
	var b strings.Builder
	at, count := 0, 0
	c.matches(s, c.args[1], func(f *found) bool {
		start := s.index(f.start)
		b.WriteString(s.slice(at, max(at, start)))
		with := c.replacement(f)
		c.m.charge(len(with))
		b.WriteString(with)
		at = max(at, s.index(f.end))
		count++
		return count != limit
	})
	b.WriteString(s.slice(at, len(s.runes)))
	c.m.charge(b.Len())
	return b.String()
}

func (c *call) replacement(f *found) string {
	if text, ok := c.arg(2).(string); ok {
		return expand(text, f)
	}
	if c.missing(2) {
		panic(newFault("D3012").value(undefined))
	}
	v := c.with(c.args[2], f.object())
	s, ok := v.(string)
	if !ok {
		panic(newFault("D3012").value(v))
	}
	return s
}

// expand puts the groups of a match in place of $1 and so on.
func expand(text string, f *found) string {
	if !strings.Contains(text, "$") {
		return text
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(text, "$")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		text = after
		switch {
		case strings.HasPrefix(text, "$"):
			b.WriteByte('$')
			text = text[1:]
		case strings.HasPrefix(text, "0"):
			b.WriteString(f.match)
			text = text[1:]
		default:
			text = text[writeGroup(&b, text, f):]
		}
	}
}

// writeGroup writes the group that text begins with the number of, and tells how many
// digits it took.
func writeGroup(b *strings.Builder, text string, f *found) int {
	digits := len(strconv.Itoa(max(len(f.groups), 1)))
	n := 0
	for n < digits && n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	if n == 0 {
		b.WriteByte('$')
		return 0
	}
	i, _ := strconv.Atoi(text[:n])
	if n > 1 && i > len(f.groups) {
		n--
		i, _ = strconv.Atoi(text[:n])
	}
	if i >= 1 && i <= len(f.groups) {
		if s, ok := f.groups[i-1].(string); ok {
			b.WriteString(s)
		}
	}
	return n
}
