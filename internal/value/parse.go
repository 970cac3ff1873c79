package value

import (
	"fmt"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// A SyntaxError tells where a text stops being JSON.
type SyntaxError struct {
	Offset int // in bytes
	Msg    string
}

// Error gives the message with the offset.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.Msg, e.Offset) }

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 1000

// A Duplicate is a key that an object has a second time.
type Duplicate struct {
	Key    string
	Offset int   // of the second one
	In     []any // where the object is: keys, and indexes as int; nil beyond the first 1,000
}

// maxTraced is how many duplicates tell where they are.
const maxTraced = 1000

// Parse reads one JSON text. A key that comes twice has its last value. The
// error is a *[SyntaxError].
func Parse(data []byte) (Value, error) {
	v, _, err := parse(data, nil)
	return v, err
}

// ParsePositions is Parse, and also tells where each value stands and which
// keys are there twice.
func ParsePositions(data []byte) (Value, *Position, []Duplicate, error) {
	pos := new(Position)
	v, p, err := parse(data, pos)
	return v, pos, p.dups, err
}

// A Position is the place of a value in its text, and those of its parts.
type Position struct {
	Offset  int // of the value
	Key     int // of its key, if it is a member
	Members map[string]*Position
	Items   []*Position
}

type parser struct {
	data  []byte
	i     int
	depth int
	dups  []Duplicate
	trace bool
	in    []any // the place of the value being read, if it is traced
}

func parse(data []byte, pos *Position) (v Value, p *parser, err error) {
	p = &parser{data: data, trace: pos != nil}
	defer func() {
		if e := recover(); e != nil {
			bad, ok := e.(*SyntaxError)
			if !ok {
				panic(e)
			}
			v, err = nil, bad
		}
	}()
	p.space()
	v = p.value(pos)
	p.space()
	if p.i < len(data) {
		p.fail("unexpected text after the value")
	}
	return v, p, nil
}

func (p *parser) fail(format string, args ...any) {
	panic(&SyntaxError{p.i, fmt.Sprintf(format, args...)})
}

func (p *parser) space() {
	for p.i < len(p.data) {
		switch p.data[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *parser) value(pos *Position) Value {
	if p.i >= len(p.data) {
		p.fail("unexpected end of the text")
	}
	if pos != nil {
		pos.Offset = p.i
	}
	switch c := p.data[p.i]; {
	case c == '{':
		return p.object(pos)
	case c == '[':
		return p.array(pos)
	case c == '"':
		return p.string()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for word, v := range words {
		if n := p.i + len(word); n <= len(p.data) && string(p.data[p.i:n]) == word {
			p.i = n
			return v
		}
	}
	p.fail("unexpected character %q", rune(p.data[p.i]))
	return nil
}

var words = map[string]Value{"null": nil, "true": true, "false": false}

func (p *parser) enter() {
	if p.depth++; p.depth > MaxDepth {
		p.fail("nested deeper than %d", MaxDepth)
	}
	p.i++
	p.space()
}

func (p *parser) object(pos *Position) Value {
	p.enter()
	o := new(Object)
	if pos != nil {
		pos.Members = map[string]*Position{}
	}
	for n := 0; ; n++ {
		if p.peek() == '}' {
			if n > 0 && p.data[p.back()] == ',' {
				p.fail("unexpected '}' after a comma")
			}
			p.i++
			p.depth--
			return o
		}
		if p.peek() != '"' {
			p.fail("expected a string as a key")
		}
		at := p.i
		key := p.string()
		p.space()
		if p.peek() != ':' {
			p.fail("expected ':' after the key %q", key)
		}
		p.i++
		p.space()
		var child *Position
		if pos != nil {
			child = &Position{Key: at}
			if _, twice := o.Get(key); twice {
				p.twice(key, at)
			}
			pos.Members[key] = child
		}
		if p.trace {
			p.in = append(p.in, key)
		}
		o.Set(key, p.value(child))
		if p.trace {
			p.in = p.in[:len(p.in)-1]
		}
		p.space()
		switch p.peek() {
		case ',':
			p.i++
			p.space()
		case '}':
		default:
			p.fail("expected ',' or '}' in an object")
		}
	}
}

// twice notes a key that its object has already.
func (p *parser) twice(key string, at int) {
	d := Duplicate{Key: key, Offset: at}
	if len(p.dups) < maxTraced {
		d.In = slices.Clone(p.in)
	}
	p.dups = append(p.dups, d)
}

func (p *parser) array(pos *Position) Value {
	p.enter()
	a := Array{}
	for n := 0; ; n++ {
		if p.peek() == ']' {
			if n > 0 && p.data[p.back()] == ',' {
				p.fail("unexpected ']' after a comma")
			}
			p.i++
			p.depth--
			return a
		}
		var child *Position
		if pos != nil {
			child = &Position{Key: -1}
			pos.Items = append(pos.Items, child)
		}
		if p.trace {
			p.in = append(p.in, n)
		}
		a = append(a, p.value(child))
		if p.trace {
			p.in = p.in[:len(p.in)-1]
		}
		p.space()
		switch p.peek() {
		case ',':
			p.i++
			p.space()
		case ']':
		default:
			p.fail("expected ',' or ']' in an array")
		}
	}
}

// back finds the last character before the blanks that precede p.i.
func (p *parser) back() int {
	i := p.i - 1
	for i > 0 && (p.data[i] == ' ' || p.data[i] == '\t' || p.data[i] == '\n' || p.data[i] == '\r') {
		i--
	}
	return i
}

func (p *parser) peek() byte {
	if p.i >= len(p.data) {
		p.fail("unexpected end of the text")
	}
	return p.data[p.i]
}

func (p *parser) number() Value {
	start := p.i
	digits := func() {
		n := p.i
		for p.i < len(p.data) && p.data[p.i] >= '0' && p.data[p.i] <= '9' {
			p.i++
		}
		if p.i == n {
			p.fail("expected a digit")
		}
	}
	if p.data[p.i] == '-' {
		p.i++
	}
	if p.i < len(p.data) && p.data[p.i] == '0' {
		p.i++
		if p.i < len(p.data) && p.data[p.i] >= '0' && p.data[p.i] <= '9' {
			p.fail("a number has a leading zero")
		}
	} else {
		digits()
	}
	if p.i < len(p.data) && p.data[p.i] == '.' {
		p.i++
		digits()
	}
	if p.i < len(p.data) && (p.data[p.i] == 'e' || p.data[p.i] == 'E') {
		p.i++
		if p.i < len(p.data) && (p.data[p.i] == '+' || p.data[p.i] == '-') {
			p.i++
		}
		digits()
	}
	text := string(p.data[start:p.i])
	if text == "-0" {
		text = "0"
	}
	return Number(text)
}

func (p *parser) string() string {
	p.i++
	start := p.i
	for p.i < len(p.data) { // the common case has no escapes
		switch c := p.data[p.i]; {
		case c == '"':
			s := string(p.data[start:p.i])
			p.checkUTF8(s, start)
			p.i++
			return s
		case c == '\\':
			return p.escaped(start)
		case c < 0x20:
			p.fail("unescaped control character in a string")
		}
		p.i++
	}
	p.fail("unexpected end of the text in a string")
	return ""
}

func (p *parser) checkUTF8(s string, at int) {
	if utf8.ValidString(s) {
		return
	}
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				p.i = at + i
				p.fail("invalid UTF-8")
			}
		}
	}
}

func (p *parser) escaped(start int) string {
	b := append([]byte(nil), p.data[start:p.i]...)
	for p.i < len(p.data) {
		c := p.data[p.i]
		p.i++
		switch {
		case c == '"':
			s := string(b)
			p.checkUTF8(s, start)
			return s
		case c < 0x20:
			p.i--
			p.fail("unescaped control character in a string")
		case c != '\\':
			b = append(b, c)
			continue
		}
		e := p.peek()
		p.i++
		switch e {
		case '"', '\\', '/':
			b = append(b, e)
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			b = utf8.AppendRune(b, p.unicode())
		default:
			p.i -= 2
			p.fail("unrecognized escape %q", `\`+string(rune(e)))
		}
	}
	p.fail("unexpected end of the text in a string")
	return ""
}

// unicode reads the digits of \uXXXX, and the second half of a pair. Half a
// pair becomes U+FFFD.
func (p *parser) unicode() rune {
	r := p.hex4()
	if !utf16.IsSurrogate(r) {
		return r
	}
	if p.i+6 <= len(p.data) && p.data[p.i] == '\\' && p.data[p.i+1] == 'u' {
		at := p.i
		p.i += 2
		if both := utf16.DecodeRune(r, p.hex4()); both != utf8.RuneError {
			return both
		}
		p.i = at
	}
	return utf8.RuneError
}

func (p *parser) hex4() rune {
	if p.i+4 > len(p.data) {
		p.fail("unexpected end of the text in a string")
	}
	var r rune
	for range 4 {
		c := p.data[p.i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			p.fail("expected a hexadecimal digit")
		}
		r = r<<4 | rune(c)
		p.i++
	}
	return r
}
