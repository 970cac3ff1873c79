package psql

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// runeWidth returns the columns that r takes on a screen: -1 for control
// characters, 0 for combining ones, 2 for wide ones.
func runeWidth(r rune) int {
	switch {
	case r < 0x20 || r >= 0x7f && r < 0xa0:
		return -1
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// A textLine is a line of a cell as it is shown, and its width in columns.
type textLine struct {
	text  string
	width int
}

// cellLines splits a value into the lines it shows as: tabs become blanks,
// other control characters escapes. In an encoding of single bytes each byte
// is a character.
func (o *printOptions) cellLines(s string) []textLine {
	if plainASCII(s) {
		return []textLine{{s, len(s)}}
	}
	var lines []textLine
	var b strings.Builder
	col := 0
	for i, size := 0, 0; i < len(s); i += size {
		var r rune
		r, size = o.character(s[i:])
		switch {
		case o.singleByte && r >= 0x80:
			b.WriteByte(s[i])
			col++
		case r == '\n':
			lines = append(lines, textLine{b.String(), col})
			b.Reset()
			col = 0
		case r == '\r':
			b.WriteString(`\r`)
			col += 2
		case r == '\t':
			for next := col + 8 - col%8; col < next; col++ {
				b.WriteByte(' ')
			}
		case r == utf8.RuneError && size == 1, r < 0x20, r == 0x7f:
			fmt.Fprintf(&b, `\x%02X`, s[i])
			col += 4
		case runeWidth(r) < 0:
			fmt.Fprintf(&b, `\u%04X`, r)
			col += 6
		default:
			b.WriteRune(r)
			col += runeWidth(r)
		}
	}
	return append(lines, textLine{b.String(), col})
}

// character returns the first character of s, which is not empty, and its size.
func (o *printOptions) character(s string) (rune, int) {
	if o.singleByte {
		return rune(s[0]), 1
	}
	return utf8.DecodeRuneInString(s)
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// cut returns how many bytes of text fit in so many columns, and how many
// columns they take: at least one character, even where it does not fit.
func (o *printOptions) cut(text string, columns int) (n, width int) {
	for n < len(text) {
		r, size := o.character(text[n:])
		next := max(0, runeWidth(r))
		if o.singleByte {
			next = 1
		}
		if width > 0 && width+next > columns {
			break
		}
		width += next
		n += size
	}
	return n, width
}
