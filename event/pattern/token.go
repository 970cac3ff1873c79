package pattern

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"salamander/internal/value"
)

// A kind is that of a token.
type kind int

const (
	startObject kind = iota
	endObject
	startArray
	endArray
	fieldName
	text
	number
	literal // true, false, null
	invalid // the text is no JSON from here on
)

// A token carries the place that AWS names when it complains at the token:
// behind it, but behind the opening quote of a text, and for the name of a
// field behind the beginning of its value.
type token struct {
	kind         kind
	text         string // of texts and names without quotes and escapes; the reason of invalid
	line, column int
}

// tokens splits source. The last token is invalid where source is no JSON
// object or array.
func tokens(source string) []token {
	l := &lexer{src: source, line: 1}
	func() {
		defer func() {
			if p := recover(); p != nil {
				if _, ok := p.(bad); !ok {
					panic(p)
				}
			}
		}()
		l.value()
		if l.space(); l.at < len(l.src) {
			l.fail("Unexpected trailing content")
		}
	}()
	for i := len(l.all) - 2; i >= 0; i-- {
		if l.all[i].kind == fieldName {
			l.all[i].line, l.all[i].column = l.all[i+1].line, l.all[i+1].column
		}
	}
	return l.all
}

// bad ends the lexer.
type bad struct{}

type lexer struct {
	src   string
	at    int
	line  int
	start int // of the line
	depth int
	all   []token
}

func (l *lexer) add(k kind, text string) {
	l.all = append(l.all, token{k, text, l.line, utf8.RuneCountInString(l.src[l.start:l.at]) + 1})
}

func (l *lexer) fail(format string, args ...any) {
	l.add(invalid, fmt.Sprintf(format, args...))
	panic(bad{})
}

func (l *lexer) space() {
	for ; l.at < len(l.src) && strings.IndexByte(" \t\r\n", l.src[l.at]) >= 0; l.at++ {
		if l.src[l.at] == '\n' {
			l.line, l.start = l.line+1, l.at+1
		}
	}
}

// unexpected complains about the character there, which is taken first.
func (l *lexer) unexpected(expected string) {
	if l.at >= len(l.src) {
		l.fail("Unexpected end-of-input: %s", expected)
	}
	r, size := utf8.DecodeRuneInString(l.src[l.at:])
	l.at += size
	l.fail("Unexpected character ('%c' (code %d)): %s", r, r, expected)
}

const anyValue = "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

// maxDepth bounds how deep patterns nest.
const maxDepth = 200

func (l *lexer) value() {
	l.space()
	if l.at >= len(l.src) {
		l.unexpected(anyValue)
	}
	if l.depth++; l.depth > maxDepth {
		l.fail("Document nesting depth (%d) exceeds the maximum allowed (%d)", l.depth, maxDepth)
	}
	defer func() { l.depth-- }()
	switch c := l.src[l.at]; {
	case c == '{':
		l.object()
	case c == '[':
		l.array()
	case c == '"':
		l.at++
		l.add(text, "")
		l.all[len(l.all)-1].text = l.str()
	case c == '-' || c >= '0' && c <= '9':
		end := l.at
		for end < len(l.src) && strings.IndexByte("+-.eE0123456789", l.src[end]) >= 0 {
			end++
		}
		n := l.src[l.at:end]
		if v, err := value.Parse([]byte(n)); err != nil || v == nil {
			l.fail("Invalid numeric value: %s", n)
		}
		l.at = end
		l.add(number, n)
	default:
		l.word()
	}
}

func (l *lexer) word() {
	end := l.at
	for end < len(l.src) && (l.src[end] == '_' || l.src[end] >= '0' && l.src[end] <= '9' || l.src[end]|0x20 >= 'a' && l.src[end]|0x20 <= 'z') {
		end++
	}
	w := l.src[l.at:end]
	switch w {
	case "":
		l.unexpected(anyValue)
	case "true", "false", "null":
		l.at = end
		l.add(literal, w)
	default:
		l.at = end
		l.fail("Unrecognized token '%s': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", w)
	}
}

func (l *lexer) object() {
	l.at++
	l.add(startObject, "")
	for first := true; ; first = false {
		l.space()
		if l.at < len(l.src) && l.src[l.at] == '}' && first {
			break
		}
		if l.at >= len(l.src) || l.src[l.at] != '"' {
			l.unexpected("was expecting double-quote to start field name")
		}
		l.at++
		l.add(fieldName, l.str())
		if l.space(); l.at >= len(l.src) || l.src[l.at] != ':' {
			l.unexpected("was expecting a colon to separate field name and value")
		}
		l.at++
		l.value()
		if l.space(); l.at < len(l.src) && l.src[l.at] == ',' {
			l.at++
			continue
		}
		if l.at < len(l.src) && l.src[l.at] == '}' {
			break
		}
		l.unexpected("was expecting comma to separate Object entries")
	}
	l.at++
	l.add(endObject, "")
}

func (l *lexer) array() {
	l.at++
	l.add(startArray, "")
	for first := true; ; first = false {
		l.space()
		if l.at < len(l.src) && l.src[l.at] == ']' && first {
			break
		}
		l.value()
		if l.space(); l.at < len(l.src) && l.src[l.at] == ',' {
			l.at++
			continue
		}
		if l.at < len(l.src) && l.src[l.at] == ']' {
			break
		}
		l.unexpected("was expecting comma to separate Array entries")
	}
	l.at++
	l.add(endArray, "")
}

// str reads the rest of a text, whose opening quote is taken.
func (l *lexer) str() string {
	begin := l.at - 1
	for l.at < len(l.src) {
		switch l.src[l.at] {
		case '\\':
			l.at += 2
			continue
		case '"':
			l.at++
			v, err := value.Parse([]byte(l.src[begin:l.at]))
			s, ok := v.(string)
			if err != nil || !ok {
				l.fail("Unrecognized character escape or illegal character in a string")
			}
			return s
		}
		l.at++
	}
	l.at = len(l.src)
	l.fail("Unexpected end-of-input in VALUE_STRING")
	return ""
}
