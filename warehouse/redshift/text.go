package redshift

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"
)

// Initcap writes the first letter of each word as a capital.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_INITCAP.html
func Initcap(s string) string {
	inside := false
	return strings.Map(func(r rune) rune {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r)
		defer func() { inside = letter }()
		switch {
		case !letter:
			return r
		case inside:
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}

// SHA2 returns the digest of 224, 256, 384 or 512 bits in hexadecimal; 0 means
// 256. It reports whether bits is one of them.
//
// https://docs.aws.amazon.com/redshift/latest/dg/SHA2.html
func SHA2(s string, bits int) (string, bool) {
	b := []byte(s)
	switch bits {
	case 224:
		d := sha256.Sum224(b)
		return hex.EncodeToString(d[:]), true
	case 0, 256:
		d := sha256.Sum256(b)
		return hex.EncodeToString(d[:]), true
	case 384:
		d := sha512.Sum384(b)
		return hex.EncodeToString(d[:]), true
	case 512:
		d := sha512.Sum512(b)
		return hex.EncodeToString(d[:]), true
	}
	return "", false
}

// FNVHash is the 64-bit FNV-1a digest of a text, from a seed of its own where
// one is given.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_FNV_HASH.html
func FNVHash(s []byte, seed uint64) int64 {
	h := seed
	for _, c := range s {
		h ^= uint64(c)
		h *= 0x100000001b3
	}
	return int64(h)
}

// QuoteIdent writes a name so that it stands in a statement, quoted where it
// must be.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_QUOTE_IDENT.html
func QuoteIdent(s string) string {
	plain := s != ""
	for i, r := range s {
		plain = plain && (r >= 'a' && r <= 'z' || r == '_' || i > 0 && (r >= '0' && r <= '9' || r == '$'))
	}
	if plain {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// Soundex is the American Soundex code of a text's letters; empty where there
// are none.
//
// https://docs.aws.amazon.com/redshift/latest/dg/SOUNDEX.html
func Soundex(s string) (string, error) {
	const codes = "01230120022455012623010202"
	var b []byte
	var last byte
	for _, r := range strings.ToUpper(s) {
		if r > unicode.MaxASCII {
			return "", fmt.Errorf("SOUNDEX takes ASCII letters only: %q", s)
		}
		if r < 'A' || r > 'Z' {
			last = 0
			continue
		}
		code := codes[r-'A']
		switch {
		case len(b) == 0:
			b = append(b, byte(r))
		case code != '0' && code != last && len(b) < 4:
			b = append(b, code)
		}
		if r != 'H' && r != 'W' {
			last = code
		}
	}
	for len(b) > 0 && len(b) < 4 {
		b = append(b, '0')
	}
	return string(b), nil
}
