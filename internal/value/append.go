package value

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
	"unsafe"
)

// Append appends v's compact JSON text to b, escaped as AWS does: nothing but
// quotes, backslashes and control characters.
func Append(b []byte, v Value) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		if v {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	case Number:
		return append(b, v...)
	case string:
		return AppendString(b, v)
	case Array:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = Append(b, e)
		}
		return append(b, ']')
	case *Object:
		b = append(b, '{')
		for i, m := range v.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(AppendString(b, m.Key), ':')
			b = Append(b, m.Value)
		}
		return append(b, '}')
	}
	panic("value: not a JSON value")
}

// Text returns v's compact JSON text.
func Text(v Value) string {
	b := Append(make([]byte, 0, sizeOf(v)), v)
	return unsafe.String(unsafe.SliceData(b), len(b)) // nobody else has b
}

// sizeOf is about how long v's text is: at least for small values enough.
func sizeOf(v Value) int {
	switch v := v.(type) {
	case string:
		return len(v) + len(v)/8 + 2
	case Number:
		return len(v)
	case Array:
		n := 2
		for _, e := range v {
			n += sizeOf(e) + 1
		}
		return n
	case *Object:
		n := 2
		for _, m := range v.members {
			n += len(m.Key) + 4 + sizeOf(m.Value)
		}
		return n
	}
	return 5
}

const hex = "0123456789ABCDEF"

// Masks of eight bytes at once.
const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// AppendString appends s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	for len(s) >= 8 {
		// Eight bytes are copied, of which those before the first one that is
		// not plain count. Texts of JSON have a quote every few bytes.
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		quote, slash := x^'"'*ones, x^'\\'*ones
		special := ((x-0x20*ones)&^x | (quote-ones)&^quote | (slash-ones)&^slash | x) & highs
		n := len(b)
		if cap(b)-n < 16 {
			b = slices.Grow(b, len(s)+16)
		}
		binary.LittleEndian.PutUint64(b[n:n+8], x)
		if special == 0 {
			b, s = b[:n+8], s[8:]
			continue
		}
		plain := bits.TrailingZeros64(special) / 8
		if c := byte(x >> (8 * plain)); c == '"' || c == '\\' {
			b = b[:n+plain+2]
			b[n+plain], b[n+plain+1] = '\\', c
			s = s[plain+1:]
			continue
		}
		b, s = appendSpecial(b[:n+plain], s[plain:])
	}
	for s != "" {
		if c := s[0]; c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			b, s = append(b, c), s[1:]
			continue
		}
		b, s = appendSpecial(b, s)
	}
	return append(b, '"')
}

// appendSpecial appends the first character of s, which is not plain, and gives
// the rest.
func appendSpecial(b []byte, s string) ([]byte, string) {
	c := s[0]
	if c >= utf8.RuneSelf {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			return append(b, "\uFFFD"...), s[1:]
		}
		return append(b, s[:n]...), s[n:]
	}
	switch c {
	case '"', '\\':
		b = append(b, '\\', c)
	case '\b':
		b = append(b, '\\', 'b')
	case '\f':
		b = append(b, '\\', 'f')
	case '\n':
		b = append(b, '\\', 'n')
	case '\r':
		b = append(b, '\\', 'r')
	case '\t':
		b = append(b, '\\', 't')
	default:
		b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	}
	return b, s[1:]
}
