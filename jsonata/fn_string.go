package jsonata

import (
	"math"
	"strings"
	"unicode/utf8"
)

// str is a string argument; validated, it is one unless missing.
func (c *call) str(i int) string {
	s, _ := c.arg(i).(string)
	return s
}

func fnString(c *call) any {
	if c.missing(0) {
		return undefined
	}
	pretty, _ := c.arg(1).(bool)
	v := c.args[0]
	if a, ok := v.(*array); ok && a.outer {
		v = a.items[0]
	}
	return c.m.text(v, pretty)
}

// runeAt is the byte offset of the n-th character.
func runeAt(s string, n int) int {
	if n >= len(s) {
		return len(s)
	}
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}

func fnSubstring(c *call) any {
	if c.missing(0) {
		return undefined
	}
	s := c.str(0)
	n := utf8.RuneCountInString(s)
	start := math.Trunc(c.num(1))
	if float64(n)+start < 0 {
		start = 0
	}
	end := math.Inf(1)
	if !c.missing(2) {
		length := c.num(2)
		if length <= 0 {
			return ""
		}
		if start >= 0 {
			end = start + length
		} else {
			end = float64(n) + start + length
		}
	}
	if start < 0 {
		start += float64(n)
	}
	lo, hi := int(min(start, float64(n))), int(math.Trunc(min(end, float64(n))))
	if lo >= hi {
		return ""
	}
	from := runeAt(s, lo)
	return s[from : from+runeAt(s[from:], hi-lo)]
}

func fnSubstringBefore(c *call) any {
	if c.missing(0) {
		return undefined
	}
	before, _, _ := strings.Cut(c.str(0), c.str(1))
	if c.str(1) == "" {
		return ""
	}
	return before
}

func fnSubstringAfter(c *call) any {
	if c.missing(0) {
		return undefined
	}
	s := c.str(0)
	if _, after, ok := strings.Cut(s, c.str(1)); ok {
		return after
	}
	return s
}

func (c *call) onText(f func(string) string) any {
	if c.missing(0) {
		return undefined
	}
	c.m.charge(len(c.str(0)))
	return f(c.str(0))
}

func fnLowercase(c *call) any { return c.onText(strings.ToLower) }

func fnUppercase(c *call) any {
	return c.onText(func(s string) string { return strings.ReplaceAll(strings.ToUpper(s), "ß", "SS") })
}

func fnLength(c *call) any {
	if c.missing(0) {
		return undefined
	}
	return box(float64(utf8.RuneCountInString(c.str(0))))
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// fnTrim makes each run of blanks one space and drops those at the ends.
func fnTrim(c *call) any {
	return c.onText(func(s string) string {
		b := make([]byte, 0, len(s))
		for i := range len(s) {
			ch := s[i]
			if !isSpace(rune(ch)) {
				b = append(b, ch)
			} else if len(b) > 0 && b[len(b)-1] != ' ' {
				b = append(b, ' ')
			}
		}
		if n := len(b); n > 0 && b[n-1] == ' ' {
			b = b[:n-1]
		}
		return string(b)
	})
}

func fnPad(c *call) any {
	if c.missing(0) {
		return undefined
	}
	s, with := c.str(0), c.str(2)
	if with == "" {
		with = " "
	}
	width := math.Trunc(c.num(1))
	n := int(min(math.Abs(width), 1<<40)) - utf8.RuneCountInString(s)
	if n <= 0 {
		return s
	}
	c.m.charge(n * utf8.UTFMax)
	c.m.charge(len(s))
	fill := padding(with, n)
	if width < 0 {
		return fill + s
	}
	return s + fill
}

// padding repeats a text to n characters.
func padding(with string, n int) string {
	k := utf8.RuneCountInString(with)
	text := strings.Repeat(with, n/k+1)
	return text[:runeAt(text, n)]
}

func fnJoin(c *call) any {
	if c.missing(0) {
		return undefined
	}
	items := itemsOf(c.args[0])
	sep := c.str(1)
	size := 0
	for _, e := range items {
		s, _ := e.(string)
		size += len(s) + len(sep)
	}
	c.m.charge(size)
	var b strings.Builder
	b.Grow(size)
	for i, e := range items {
		if i > 0 {
			b.WriteString(sep)
		}
		s, _ := e.(string)
		b.WriteString(s)
	}
	return b.String()
}
