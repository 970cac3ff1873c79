package jsonata

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"salamander/internal/regex"
)

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokName
	tokVariable
	tokOperator
	tokString
	tokNumber
	tokValue // true, false, null
	tokRegex
)

// A token is one token of an expression; pos is where it ends, as the
// reference counts.
type token struct {
	kind tokenKind
	text string // of names, variables, operators, strings
	num  float64
	val  any // of tokValue
	re   *regex.Regexp
	pos  int
}

// A lexer reads the tokens of an expression.
type lexer struct {
	src string
	i   int
	old bool // version 2.0: no ?: and ?? operators
	// u16 maps the byte offset at to a count of UTF-16 units.
	at, u16 int
}

// pos gives the current place in UTF-16 units.
func (l *lexer) pos() int { return l.posAt(l.i) }

func (l *lexer) posAt(i int) int {
	if i < l.at {
		l.at, l.u16 = 0, 0
	}
	for l.at < i && l.at < len(l.src) {
		r, n := utf8.DecodeRuneInString(l.src[l.at:])
		l.at += n
		l.u16++
		if r >= 0x10000 {
			l.u16++
		}
	}
	return l.u16
}

func (l *lexer) fail(f *fault) { panic(f) }

func (l *lexer) skip() {
	for l.i < len(l.src) {
		switch c := l.src[l.i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v':
			l.i++
		case c == '/' && strings.HasPrefix(l.src[l.i:], "/*"):
			start := l.i
			n := strings.Index(l.src[l.i+2:], "*/")
			if n < 0 {
				l.i = len(l.src)
				l.fail(newFault("S0106").at(l.posAt(start)))
			}
			l.i += n + 4
		default:
			return
		}
	}
}

// next reads a token. After an operand (infix) a slash divides; elsewhere it
// begins a regular expression.
func (l *lexer) next(infix bool) token {
	l.skip()
	if l.i >= len(l.src) {
		return token{kind: tokEnd, pos: l.posAt(len(l.src))}
	}
	c := l.src[l.i]
	if c == '/' && !infix {
		l.i++
		return l.regex()
	}
	if l.i+1 < len(l.src) {
		switch two := l.src[l.i : l.i+2]; two {
		case "..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??":
			if l.old && two[0] == '?' {
				break
			}
			l.i += 2
			return token{kind: tokOperator, text: two, pos: l.pos()}
		}
	}
	switch {
	case strings.IndexByte(".[]{}(),@#;:?+-*/%|=<>^&!~", c) >= 0:
		l.i++
		if c == '!' || c == '~' {
			l.fail(newFault("S0204").at(l.pos()).token(string(c)))
		}
		return token{kind: tokOperator, text: l.src[l.i-1 : l.i], pos: l.pos()}
	case c == '"' || c == '\'':
		return l.string(c)
	case c >= '0' && c <= '9':
		return l.number()
	case c == '`':
		l.i++
		n := strings.IndexByte(l.src[l.i:], '`')
		if n < 0 {
			l.i = len(l.src)
			l.fail(newFault("S0105").at(l.pos()))
		}
		name := l.src[l.i : l.i+n]
		l.i += n + 1
		return token{kind: tokName, text: name, pos: l.pos()}
	}
	return l.word()
}

func (l *lexer) word() token {
	start := l.i
	for l.i < len(l.src) && strings.IndexByte(" \t\n\r\v.[]{}(),@#;:?+-*/%|=<>^&!~", l.src[l.i]) < 0 {
		l.i++
	}
	word := l.src[start:l.i]
	t := token{kind: tokName, text: word, pos: l.pos()}
	switch word {
	case "or", "in", "and":
		t.kind = tokOperator
	case "true":
		t.kind, t.val = tokValue, true
	case "false":
		t.kind, t.val = tokValue, false
	case "null":
		t.kind, t.val = tokValue, nil
	default:
		if word[0] == '$' {
			t.kind, t.text = tokVariable, word[1:]
		}
	}
	return t
}

func (l *lexer) number() token {
	start := l.i
	digits := func() {
		for l.i < len(l.src) && l.src[l.i] >= '0' && l.src[l.i] <= '9' {
			l.i++
		}
	}
	digit := func(i int) bool { return i < len(l.src) && l.src[i] >= '0' && l.src[i] <= '9' }
	if l.src[l.i] == '0' {
		l.i++
	} else {
		digits()
	}
	if l.i < len(l.src) && l.src[l.i] == '.' && digit(l.i+1) {
		l.i++
		digits()
	}
	if l.i < len(l.src) && (l.src[l.i] == 'e' || l.src[l.i] == 'E') {
		j := l.i + 1
		if j < len(l.src) && (l.src[j] == '+' || l.src[j] == '-') {
			j++
		}
		if digit(j) {
			l.i = j
			digits()
		}
	}
	text := l.src[start:l.i]
	n, _ := strconv.ParseFloat(text, 64)
	if math.IsInf(n, 0) {
		l.fail(newFault("S0102").at(l.posAt(start)).token(text))
	}
	return token{kind: tokNumber, text: text, num: n, pos: l.pos()}
}

func (l *lexer) string(quote byte) token {
	l.i++
	start := l.i
	var b []byte
	for l.i < len(l.src) {
		switch c := l.src[l.i]; c {
		case quote:
			s := l.src[start:l.i]
			if b != nil {
				s = string(append(b, s...))
			}
			l.i++
			return token{kind: tokString, text: s, pos: l.pos()}
		case '\\':
			b = append(b, l.src[start:l.i]...)
			l.i++
			b = l.escape(b)
			start = l.i
		default:
			l.i++
		}
	}
	l.fail(newFault("S0101").at(l.pos()))
	return token{}
}

func (l *lexer) escape(b []byte) []byte {
	if l.i >= len(l.src) {
		l.fail(newFault("S0103").at(l.pos()).token(""))
	}
	switch c := l.src[l.i]; c {
	case '"', '\\', '/':
		b = append(b, c)
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
		r, ok := l.hex4(l.i + 1)
		if !ok {
			l.fail(newFault("S0104").at(l.pos()))
		}
		l.i += 5
		if utf16.IsSurrogate(r) && strings.HasPrefix(l.src[l.i:], `\u`) {
			if low, ok := l.hex4(l.i + 2); ok {
				if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
					l.i += 6
					return utf8.AppendRune(b, both)
				}
			}
		}
		return utf8.AppendRune(b, r) // half a pair becomes U+FFFD
	default:
		r, _ := utf8.DecodeRuneInString(l.src[l.i:])
		l.fail(newFault("S0103").at(l.pos()).token(string(r)))
	}
	l.i++
	return b
}

func (l *lexer) hex4(i int) (rune, bool) {
	if i+4 > len(l.src) {
		return 0, false
	}
	for _, c := range []byte(l.src[i : i+4]) {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return 0, false
		}
	}
	n, _ := strconv.ParseUint(l.src[i:i+4], 16, 32)
	return rune(n), true
}

// regex reads a regular expression after its first slash.
func (l *lexer) regex() token {
	start, depth := l.i, 0
	escaped := func(i int) bool {
		n := 0
		for i-1-n >= start && l.src[i-1-n] == '\\' {
			n++
		}
		return n%2 == 1
	}
	for ; l.i < len(l.src); l.i++ {
		switch c := l.src[l.i]; c {
		case '/':
			if depth == 0 && !escaped(l.i) {
				return l.endRegex(start)
			}
		case '(', '[', '{':
			if !escaped(l.i) {
				depth++
			}
		case ')', ']', '}':
			if !escaped(l.i) {
				depth--
			}
		}
	}
	l.fail(newFault("S0302").at(l.pos()))
	return token{}
}

func (l *lexer) endRegex(start int) token {
	pattern := l.src[start:l.i]
	if pattern == "" {
		l.fail(newFault("S0301").at(l.pos()))
	}
	l.i++
	var flags regex.Flags
	for ; l.i < len(l.src) && (l.src[l.i] == 'i' || l.src[l.i] == 'm'); l.i++ {
		if l.src[l.i] == 'i' {
			flags |= regex.IgnoreCase
		} else {
			flags |= regex.Multiline
		}
	}
	re, err := regex.Compile(pattern, flags)
	if err != nil {
		l.fail(newFault("S0303").at(l.pos()).token(pattern).text(err.Error()))
	}
	return token{kind: tokRegex, text: pattern, re: re, pos: l.pos()}
}
