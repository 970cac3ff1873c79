package sqltext

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Name returns the name that an identifier token means: an unquoted one in
// lower case, as PostgreSQL and Redshift fold it, a quoted one as written. It
// is empty for other tokens.
func Name(src string, tok Token) string {
	text := tok.Text(src)
	switch tok.Kind {
	case Ident:
		return foldASCII(text)
	case QuotedIdent:
		return strings.ReplaceAll(inner(text, 1), `""`, `"`)
	case UnicodeIdent:
		return decodeUnicode(strings.ReplaceAll(inner(text, 3), `""`, `"`))
	}
	return ""
}

// Value returns the text that a string token means, and whether tok is one
// that can be decoded. It takes U&'…' with the backslash as its escape, and
// '…' with backslashes as they are unless opt says otherwise.
func Value(src string, tok Token, opt Options) (string, bool) {
	text := tok.Text(src)
	switch tok.Kind {
	case String:
		if text[0]|0x20 == 'n' {
			text = text[1:]
		}
		return stringValue(text, opt.BackslashEscapes), true
	case EscapeString:
		return stringValue(text[1:], true), true
	case UnicodeString:
		return decodeUnicode(stringValue(text[2:], false)), true
	case DollarString:
		n := strings.IndexByte(text[1:], '$') + 2
		return text[n : len(text)-n], true
	}
	return "", false
}

// Quote returns s as a string constant that reads the same with and without
// standard_conforming_strings.
func Quote(s string) string {
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return " E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// QuoteName returns s as a quoted identifier.
func QuoteName(s string) string {
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// inner drops n bytes at the front, and the closing quote.
func inner(s string, n int) string {
	if len(s) <= n {
		return ""
	}
	return s[n : len(s)-1]
}

// stringValue decodes one or several '…' that are one constant.
func stringValue(text string, backslash bool) string {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && backslash && i+1 < len(text):
			n := escape(&b, text[i+1:])
			i += n
		case c != '\'':
			b.WriteByte(c)
		case i+1 < len(text) && text[i+1] == '\'':
			b.WriteByte('\'')
			i++
		default: // the end, or the gap between two pieces
			n := continued(text[i+1:])
			if n == 0 {
				return b.String()
			}
			i += n
		}
	}
	return b.String()
}

// escape writes what the escape that s begins with means, the backslash not
// included, and returns its length.
func escape(b *strings.Builder, s string) int {
	switch s[0] {
	case 'b':
		b.WriteByte('\b')
	case 'f':
		b.WriteByte('\f')
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'x':
		if n := digits(s[1:], 2, isHex); n > 0 {
			v, _ := strconv.ParseUint(s[1:1+n], 16, 8)
			b.WriteByte(byte(v))
			return 1 + n
		}
		b.WriteByte('x')
	case 'u', 'U':
		want := 4
		if s[0] == 'U' {
			want = 8
		}
		if digits(s[1:], want, isHex) == want {
			v, _ := strconv.ParseUint(s[1:1+want], 16, 32)
			b.WriteRune(rune(v))
			return 1 + want
		}
		b.WriteByte(s[0])
	case '0', '1', '2', '3', '4', '5', '6', '7':
		n := digits(s, 3, func(c byte) bool { return c >= '0' && c <= '7' })
		v, _ := strconv.ParseUint(s[:n], 8, 16)
		b.WriteByte(byte(v))
		return n
	default:
		b.WriteByte(s[0])
	}
	return 1
}

// decodeUnicode decodes the \0061 and \+000061 of U& strings and names.
func decodeUnicode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		rest, n := s[i+1:], 4
		if strings.HasPrefix(rest, "+") {
			rest, n = rest[1:], 6
		}
		switch {
		case strings.HasPrefix(rest, `\`):
			b.WriteByte('\\')
			i++
		case digits(rest, n, isHex) == n:
			v, _ := strconv.ParseUint(rest[:n], 16, 32)
			if v > utf8.MaxRune {
				v = utf8.RuneError
			}
			b.WriteRune(rune(v))
			i = len(s) - len(rest) + n - 1
		default:
			b.WriteByte('\\')
		}
	}
	return b.String()
}

// digits counts the bytes of class that s begins with, up to limit.
func digits(s string, limit int, class func(byte) bool) int {
	n := 0
	for n < len(s) && n < limit && class(s[n]) {
		n++
	}
	return n
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
