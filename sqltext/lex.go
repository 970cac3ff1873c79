package sqltext

import "strings"

// Lex reads all of src. The tokens tile it: each begins where the one before
// ends, the first at 0, the last ends at len(src).
//
// When a string, a quoted name or a comment does not end, Lex returns an
// [*Error] and all tokens, the last one reaching to the end of src.
func Lex(src string, opt Options) ([]Token, error) {
	l := lexer{src: src, opt: opt, whole: true}
	toks := make([]Token, 0, len(src)/5+1)
	for {
		tok := l.next()
		if tok.Kind == Invalid {
			return toks, nil
		}
		toks = append(toks, tok)
		if l.mode != plain {
			return toks, &Error{Pos: tok.Pos, Msg: unterminated(l.mode)}
		}
	}
}

// mode is what the lexer is inside of. A lexer that reads a text in pieces
// keeps it from one to the next.
type mode uint8

const (
	plain mode = iota
	inString
	inEscapeString
	inUnicodeString
	inBitString
	inHexString
	inDollarString
	inQuotedIdent
	inUnicodeIdent
	inComment
)

func unterminated(m mode) string {
	switch m {
	case inBitString:
		return "unterminated bit string literal"
	case inHexString:
		return "unterminated hexadecimal string literal"
	case inDollarString:
		return "unterminated dollar-quoted string"
	case inQuotedIdent, inUnicodeIdent:
		return "unterminated quoted identifier"
	case inComment:
		return "unterminated /* comment"
	}
	return "unterminated quoted string"
}

// kindOf is the kind of the token that a mode reads.
var kindOf = [...]Kind{
	plain: Invalid, inString: String, inEscapeString: EscapeString, inUnicodeString: UnicodeString,
	inBitString: BitString, inHexString: HexString, inDollarString: DollarString,
	inQuotedIdent: QuotedIdent, inUnicodeIdent: UnicodeIdent, inComment: Comment,
}

// A lexer reads tokens of src from pos. Where src ends inside a token, next
// returns what there is and mode tells what is open; set src and pos to the
// next piece to go on.
type lexer struct {
	src   string
	pos   int
	opt   Options
	whole bool // src is all: 'a' newline 'b' is one constant

	mode  mode
	tag   string // $tag$ that ends a DollarString
	depth int    // open comments in a Comment
}

// next returns the next token, or one of kind Invalid at the end of src.
func (l *lexer) next() Token {
	start := l.pos
	if start >= len(l.src) {
		return Token{}
	}
	if l.mode != plain {
		kind := kindOf[l.mode]
		l.resume()
		return Token{kind, start, l.pos}
	}
	kind := l.begin()
	return Token{kind, start, l.pos}
}

// begin reads a token from its first byte and returns its kind.
func (l *lexer) begin() Kind {
	c := l.src[l.pos]
	switch {
	case isSpace(c):
		l.skip(spaceClass)
		return Space
	case c == '\'':
		m := inString
		if l.opt.BackslashEscapes {
			m = inEscapeString
		}
		l.open(1, m)
		return String
	case c == '"':
		l.open(1, inQuotedIdent)
		return QuotedIdent
	case c == '#' && l.opt.HashNames && isIdentStart(l.at(1)):
		for l.pos++; l.pos < len(l.src) && isIdent(l.src[l.pos]); l.pos++ {
		}
		return Ident
	case isIdentStart(c):
		return l.word(c)
	case isDigit(c) || c == '.' && isDigit(l.at(1)):
		return l.number()
	case c == '$':
		return l.dollar()
	case c == '-' && l.at(1) == '-':
		if n := strings.IndexAny(l.src[l.pos:], "\n\r"); n >= 0 {
			l.pos += n
		} else {
			l.pos = len(l.src)
		}
		return Comment
	case c == '/' && l.at(1) == '*':
		l.depth = 0
		l.open(0, inComment)
		return Comment
	case isOperator(c):
		return l.operator()
	case c == ':':
		return l.colon()
	case c == '.' && l.at(1) == '.':
		l.pos += 2
		return DotDot
	}
	l.pos++
	return single(c)
}

func single(c byte) Kind {
	switch c {
	case ',':
		return Comma
	case ';':
		return Semicolon
	case '.':
		return Dot
	case '(':
		return OpenParen
	case ')':
		return CloseParen
	case '[':
		return OpenBracket
	case ']':
		return CloseBracket
	}
	return Other
}

// at returns the byte n after the current one, or 0.
func (l *lexer) at(n int) byte {
	if l.pos+n < len(l.src) {
		return l.src[l.pos+n]
	}
	return 0
}

func (l *lexer) skip(class uint8) {
	for l.pos < len(l.src) && classes[l.src[l.pos]]&class != 0 {
		l.pos++
	}
}

// open enters mode m after the n bytes that begin it, and reads on.
func (l *lexer) open(n int, m mode) {
	l.pos += n
	l.mode = m
	l.resume()
}

// resume reads to the end of the open token, or of src.
func (l *lexer) resume() {
	switch l.mode {
	case inQuotedIdent, inUnicodeIdent:
		l.quoted('"', false)
	case inEscapeString:
		l.quoted('\'', true)
	case inDollarString:
		if n := strings.Index(l.src[l.pos:], l.tag); n >= 0 {
			l.pos += n + len(l.tag)
			l.mode = plain
		} else {
			l.pos = len(l.src)
		}
	case inComment:
		l.comment()
	default:
		l.quoted('\'', false)
	}
}

// quoted reads up to the closing quote q; a doubled one is part of the token.
func (l *lexer) quoted(q byte, backslash bool) {
	stop := "'"
	switch {
	case q == '"':
		stop = `"`
	case backslash:
		stop = `'\`
	}
	for {
		n := strings.IndexAny(l.src[l.pos:], stop)
		if n < 0 {
			l.pos = len(l.src)
			return
		}
		l.pos += n
		if l.src[l.pos] == '\\' {
			l.pos = min(l.pos+2, len(l.src))
			continue
		}
		l.pos++
		if l.at(0) == q {
			l.pos++
			continue
		}
		if q == '\'' && l.whole {
			if n := continued(l.src[l.pos:]); n > 0 {
				l.pos += n
				continue
			}
		}
		l.mode = plain
		return
	}
}

// continued returns the length of the white space with a line end, and the
// quote after it, that join two string constants to one; otherwise 0.
//
// https://www.postgresql.org/docs/15/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS
func continued(s string) int {
	newline := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\n' || c == '\r':
			newline = true
		case isSpace(c):
		case c == '-' && i+1 < len(s) && s[i+1] == '-':
			n := strings.IndexAny(s[i:], "\n\r")
			if n < 0 {
				return 0
			}
			i += n - 1
		case c == '\'' && newline:
			return i + 1
		default:
			return 0
		}
	}
	return 0
}

// comment reads a block comment, whose inner comments must end as well.
func (l *lexer) comment() {
	for {
		n := strings.IndexAny(l.src[l.pos:], "*/")
		if n < 0 {
			l.pos = len(l.src)
			return
		}
		l.pos += n
		switch pair := l.src[l.pos:min(l.pos+2, len(l.src))]; pair {
		case "/*":
			l.depth++
			l.pos += 2
		case "*/":
			l.depth--
			l.pos += 2
			if l.depth == 0 {
				l.mode = plain
				return
			}
		default:
			l.pos++
		}
	}
}

// word reads an identifier, or a string that a letter introduces.
func (l *lexer) word(c byte) Kind {
	next := l.at(1)
	switch {
	case c|0x20 == 'e' && next == '\'':
		l.open(2, inEscapeString)
		return EscapeString
	case c|0x20 == 'b' && next == '\'':
		l.open(2, inBitString)
		return BitString
	case c|0x20 == 'x' && next == '\'':
		l.open(2, inHexString)
		return HexString
	case c|0x20 == 'n' && next == '\'':
		l.open(2, inString)
		return String
	case c|0x20 == 'u' && next == '&' && l.at(2) == '\'':
		l.open(3, inUnicodeString)
		return UnicodeString
	case c|0x20 == 'u' && next == '&' && l.at(2) == '"':
		l.open(3, inUnicodeIdent)
		return UnicodeIdent
	}
	l.pos++
	for l.pos < len(l.src) && isIdent(l.src[l.pos]) {
		l.pos++
	}
	return Ident
}

// number reads an integer or a decimal number. "1..2" begins with an integer,
// and an exponent without digits is left to the next token.
func (l *lexer) number() Kind {
	kind := Integer
	l.skip(digitClass)
	if l.at(0) == '.' && l.at(1) != '.' {
		kind = Float
		l.pos++
		l.skip(digitClass)
	}
	if l.at(0)|0x20 == 'e' {
		n := 1
		if c := l.at(1); c == '+' || c == '-' {
			n = 2
		}
		if isDigit(l.at(n)) {
			kind = Float
			l.pos += n
			l.skip(digitClass)
		}
	}
	return kind
}

// dollar reads a parameter or a dollar-quoted string.
func (l *lexer) dollar() Kind {
	if isDigit(l.at(1)) {
		l.pos++
		l.skip(digitClass)
		return Param
	}
	end := l.pos + 1
	if end < len(l.src) && isIdentStart(l.src[end]) {
		for end < len(l.src) && isTag(l.src[end]) {
			end++
		}
	}
	if end >= len(l.src) || l.src[end] != '$' {
		l.pos++
		return Other
	}
	l.tag = l.src[l.pos : end+1]
	l.open(len(l.tag), inDollarString)
	return DollarString
}

// operator reads as many operator characters as make one operator. It stops
// before a comment, and a + or - ends an operator only if it has one of
// ~ ! @ # % ^ & | ` ?
//
// https://www.postgresql.org/docs/15/sql-syntax-lexical.html#SQL-SYNTAX-OPERATORS
func (l *lexer) operator() Kind {
	start := l.pos
	special := false
	for l.pos < len(l.src) && isOperator(l.src[l.pos]) {
		c := l.src[l.pos]
		if c == '-' && l.at(1) == '-' || c == '/' && l.at(1) == '*' {
			break
		}
		special = special || strings.IndexByte("~!@#%^&|`?", c) >= 0
		l.pos++
	}
	for !special && l.pos > start+1 && (l.src[l.pos-1] == '+' || l.src[l.pos-1] == '-') {
		l.pos--
	}
	return Operator
}

// colon reads a token that begins with a colon.
func (l *lexer) colon() Kind {
	switch l.at(1) {
	case ':':
		l.pos += 2
		return Typecast
	case '=':
		l.pos += 2
		return ColonEquals
	}
	if l.opt.Variables {
		if kind, end := variable(l.src, l.pos); kind != Invalid {
			l.pos = end
			return kind
		}
	}
	l.pos++
	return Colon
}

// variable returns the kind and the end of the psql variable at pos in src,
// or Invalid.
func variable(src string, pos int) (Kind, int) {
	name := func(i int) int {
		for i < len(src) && isVariable(src[i]) {
			i++
		}
		return i
	}
	rest := src[pos+1:]
	switch {
	case rest == "":
		return Invalid, 0
	case isVariable(rest[0]):
		return Variable, name(pos + 1)
	case rest[0] == '\'' || rest[0] == '"':
		end := name(pos + 2)
		if end > pos+2 && end < len(src) && src[end] == rest[0] {
			if rest[0] == '"' {
				return VariableName, end + 1
			}
			return VariableText, end + 1
		}
	case strings.HasPrefix(rest, "{?"):
		end := name(pos + 3)
		if end > pos+3 && end < len(src) && src[end] == '}' {
			return VariableTest, end + 1
		}
	}
	return Invalid, 0
}

// classes of bytes, for one look-up a byte.
const (
	spaceClass uint8 = 1 << iota
	digitClass
	letterClass // letters, _ and all bytes of non-ASCII characters
	operatorClass
)

var classes = func() (t [256]uint8) {
	for c := range t {
		switch b := byte(c); {
		case b == ' ' || b >= '\t' && b <= '\r':
			t[c] = spaceClass
		case b >= '0' && b <= '9':
			t[c] = digitClass
		case b|0x20 >= 'a' && b|0x20 <= 'z' || b >= 0x80 || b == '_':
			t[c] = letterClass
		case strings.IndexByte("~!@#^&|`?+-*/%<>=", b) >= 0:
			t[c] = operatorClass
		}
	}
	return t
}()

func isSpace(c byte) bool      { return classes[c]&spaceClass != 0 }
func isDigit(c byte) bool      { return classes[c]&digitClass != 0 }
func isIdentStart(c byte) bool { return classes[c]&letterClass != 0 }
func isTag(c byte) bool        { return classes[c]&(letterClass|digitClass) != 0 }
func isIdent(c byte) bool      { return classes[c]&(letterClass|digitClass) != 0 || c == '$' }
func isVariable(c byte) bool   { return classes[c]&(letterClass|digitClass) != 0 }
func isOperator(c byte) bool   { return classes[c]&operatorClass != 0 }
