package jsonpath

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A SyntaxError locates a mistake in a path.
type SyntaxError struct {
	Path   string
	Offset int // in bytes
	Msg    string
}

// Error gives the message, the path and the place.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at byte %d of the path %q", e.Msg, e.Offset, e.Path)
}

// maxDepth bounds how deep filters may nest; maxLength bounds a path.
const (
	maxDepth  = 50
	maxLength = 64 << 10
)

// Parse reads a path, which begins with $. The error is a *[SyntaxError].
func Parse(text string) (p *Path, err error) {
	ps := &parser{text: text}
	defer func() {
		if e := recover(); e != nil {
			bad, ok := e.(*SyntaxError)
			if !ok {
				panic(e)
			}
			p, err = nil, bad
		}
	}()
	if len(text) > maxLength {
		ps.fail("a path of more than %d bytes", maxLength)
	}
	if !utf8.ValidString(text) {
		ps.fail("invalid UTF-8")
	}
	if ps.peek() != '$' {
		ps.fail("expected '$'")
	}
	ps.i++
	steps, fn := ps.steps(false)
	if ps.i < len(text) {
		ps.fail("unexpected %q", ps.text[ps.i:])
	}
	return &Path{text, steps, fn}, nil
}

type parser struct {
	text  string
	i     int
	depth int
}

func (p *parser) fail(format string, args ...any) {
	panic(&SyntaxError{p.text, p.i, fmt.Sprintf(format, args...)})
}

func (p *parser) peek() byte {
	if p.i < len(p.text) {
		return p.text[p.i]
	}
	return 0
}

func (p *parser) space() {
	for p.i < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.i]) >= 0 {
		p.i++
	}
}

func (p *parser) accept(s string) bool {
	if strings.HasPrefix(p.text[p.i:], s) {
		p.i += len(s)
		return true
	}
	return false
}

// steps reads what follows $ or @. Within a filter the path ends at the first
// character that cannot go on.
func (p *parser) steps(within bool) (steps []step, fn string) {
	for {
		switch {
		case p.accept(".."):
			steps = append(steps, step{kind: scan, text: ".."})
			if p.peek() == '[' {
				steps = append(steps, p.bracket())
				continue
			}
			s, f := p.name(within)
			if f != "" {
				p.fail("a function after '..'")
			}
			steps = append(steps, s)
		case p.accept("."):
			if p.peek() == '[' { // $.a.['b c'], as AWS's documentation has it
				steps = append(steps, p.bracket())
				continue
			}
			s, f := p.name(within)
			if f != "" {
				return steps, f
			}
			steps = append(steps, s)
		case p.peek() == '[':
			steps = append(steps, p.bracket())
		default:
			return steps, ""
		}
	}
}

func (p *parser) name(within bool) (s step, fn string) {
	if p.accept("*") {
		return step{kind: wildcard, text: "[*]"}, ""
	}
	start := p.i
	for p.i < len(p.text) {
		c := p.text[p.i]
		if strings.IndexByte(".[( ]'\"\t\r\n", c) >= 0 || within && strings.IndexByte(")=!<>&|,~", c) >= 0 {
			break
		}
		p.i++
	}
	name := p.text[start:p.i]
	if name == "" {
		p.fail("expected a name")
	}
	if p.peek() == '(' {
		if !functions[name] || !p.accept("()") {
			p.fail("unknown function %q", name)
		}
		return step{}, name
	}
	return step{kind: names, names: []string{name}, text: "['" + name + "']"}, ""
}

func (p *parser) bracket() step {
	p.i++
	p.space()
	var s step
	switch c := p.peek(); {
	case c == '*':
		p.i++
		s = step{kind: wildcard, text: "[*]"}
	case c == '?':
		p.i++
		p.space()
		if p.peek() != '(' {
			p.fail("expected '(' after '?'")
		}
		s = step{kind: filtered, text: "[?]"}
		s.filter = p.group()
	case c == '\'' || c == '"':
		s = p.union()
	case c == '-' || c == ':' || c >= '0' && c <= '9':
		s = p.indexes()
	default:
		p.fail("expected a name in quotes, an index, '*', ':' or '?' in brackets")
	}
	p.space()
	if !p.accept("]") {
		p.fail("expected ']'")
	}
	return s
}

func (p *parser) union() step {
	s := step{kind: names}
	quote := p.text[p.i : p.i+1]
	for {
		p.space()
		if c := p.peek(); c != '\'' && c != '"' {
			p.fail("expected a name in quotes")
		}
		s.names = append(s.names, p.quoted())
		p.space()
		if !p.accept(",") {
			break
		}
	}
	s.text = "[" + quote + strings.Join(s.names, quote+","+quote) + quote + "]"
	s.place = "['" + strings.Join(s.names, "', '") + "']"
	return s
}

// quoted reads a string in single or double quotes. A backslash takes the
// quote or another backslash as it is; before anything else it stands for
// itself, as recorded from AWS.
func (p *parser) quoted() string {
	quote := p.peek()
	p.i++
	var b strings.Builder
	for p.i < len(p.text) {
		c := p.text[p.i]
		p.i++
		switch {
		case c == quote:
			return b.String()
		case c != '\\':
			b.WriteByte(c)
			continue
		}
		e := p.peek()
		p.i++
		if e != quote && e != '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(e)
	}
	p.i = len(p.text)
	p.fail("a string without its closing quote")
	return ""
}

func (p *parser) indexes() step {
	first := p.int()
	p.space()
	if p.accept(":") {
		p.space()
		s := step{kind: slice, lo: first, hi: p.int()}
		if p.peek() == ':' { // Jayway's library does not look at a step
			p.i++
			p.int()
		}
		if s.lo == nil && s.hi == nil {
			p.fail("expected an index before or behind ':'")
		}
		s.text = "[" + bound(s.lo) + ":" + bound(s.hi) + "]"
		return s
	}
	if first == nil {
		p.fail("expected an index")
	}
	s := step{kind: indexes, index: []int{*first}, text: "[" + strconv.Itoa(*first)}
	for p.space(); p.accept(","); p.space() {
		p.space()
		next := p.int()
		if next == nil {
			p.fail("expected an index")
		}
		s.index = append(s.index, *next)
		s.text += "," + strconv.Itoa(*next)
	}
	s.text += "]"
	return s
}

func bound(i *int) string {
	if i == nil {
		return ""
	}
	return strconv.Itoa(*i)
}

func (p *parser) int() *int {
	start := p.i
	if p.peek() == '-' {
		p.i++
	}
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.i++
	}
	if start == p.i {
		return nil
	}
	i, err := strconv.ParseInt(p.text[start:p.i], 10, 32)
	if err != nil {
		p.fail("not an index: %q", p.text[start:p.i])
	}
	n := int(i)
	return &n
}
