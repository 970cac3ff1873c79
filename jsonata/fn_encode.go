package jsonata

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// fnBase64Encode takes characters as bytes, as the reference does in Node:
// Latin-1.
func fnBase64Encode(c *call) any {
	if c.missing(0) {
		return undefined
	}
	s := c.str(0)
	c.m.charge(2 * len(s))
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r >= 0x10000 {
			r -= 0x10000
			b = append(b, byte(0xd800+r>>10))
			r = 0xdc00 + r&0x3ff
		}
		b = append(b, byte(r))
	}
	return base64.StdEncoding.EncodeToString(b)
}

func fnBase64Decode(c *call) any {
	if c.missing(0) {
		return undefined
	}
	s := c.str(0)
	c.m.charge(2 * len(s))
	clean := make([]byte, 0, len(s))
	if end := strings.IndexByte(s, '='); end >= 0 {
		s = s[:end]
	}
	for i := range len(s) {
		switch ch := s[i]; {
		case ch == '-':
			clean = append(clean, '+')
		case ch == '_':
			clean = append(clean, '/')
		case ch == '+' || ch == '/' || ch >= '0' && ch <= '9' || ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z':
			clean = append(clean, ch)
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	b, err := base64.RawStdEncoding.DecodeString(string(clean))
	if err != nil {
		return ""
	}
	out := make([]rune, len(b))
	for i, x := range b {
		out[i] = rune(x)
	}
	return string(out)
}

const (
	unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()"
	reserved   = ";/?:@&=+$,#"
)

func fnEncodeURLComponent(c *call) any { return c.escapeURL(unreserved) }

func fnEncodeURL(c *call) any { return c.escapeURL(unreserved + reserved) }

func (c *call) escapeURL(keep string) any {
	if c.missing(0) {
		return undefined
	}
	s := c.str(0)
	c.m.charge(3 * len(s))
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(s)+len(s)/2)
	for i := range len(s) {
		if ch := s[i]; strings.IndexByte(keep, ch) >= 0 {
			b = append(b, ch)
		} else {
			b = append(b, '%', hex[ch>>4], hex[ch&15])
		}
	}
	return string(b)
}

func fnDecodeURLComponent(c *call) any { return c.unescapeURL("", "decodeUrlComponent") }

func fnDecodeURL(c *call) any { return c.unescapeURL(reserved, "decodeUrl") }

// unescapeURL decodes %XX, but leaves those that stand for characters of keep.
func (c *call) unescapeURL(keep, name string) any {
	if c.missing(0) {
		return undefined
	}
	s := c.str(0)
	c.m.charge(len(s))
	bad := func() { panic(newFault("D3140").token(name).value(s)) }
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		var seq []byte
		start := i
		for need := 1; len(seq) < need; i += 3 {
			if i+2 >= len(s) || s[i] != '%' || digitValue(rune(s[i+1])) > 15 || digitValue(rune(s[i+2])) > 15 {
				bad()
			}
			x := byte(digitValue(rune(s[i+1]))<<4 | digitValue(rune(s[i+2])))
			seq = append(seq, x)
			if len(seq) == 1 {
				switch {
				case x >= 0xf0:
					need = 4
				case x >= 0xe0:
					need = 3
				case x >= 0x80:
					need = 2
				}
			}
		}
		i--
		if r, n := utf8.DecodeRune(seq); r == utf8.RuneError && n <= 1 {
			bad()
		}
		if len(seq) == 1 && strings.IndexByte(keep, seq[0]) >= 0 {
			b = append(b, s[start:i+1]...)
		} else {
			b = append(b, seq...)
		}
	}
	return string(b)
}
