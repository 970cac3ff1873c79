package redshift

import (
	"fmt"
	"strconv"
	"strings"
)

// Strtol reads an integer of a base from 2 to 36. In base 16 it may begin
// with 0x.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_STRTOL.html
func Strtol(s string, base int) (int64, error) {
	if base < 2 || base > 36 {
		return 0, fmt.Errorf("the base of STRTOL must be from 2 to 36, not %d", base)
	}
	if n, ok := plainDigits(s, base); ok {
		return n, nil
	}
	digits := strings.TrimLeft(s, " \t\n")
	sign := ""
	if len(digits) > 0 && (digits[0] == '-' || digits[0] == '+') {
		sign, digits = digits[:1], digits[1:]
	}
	if base == 16 && len(digits) > 2 && (digits[:2] == "0x" || digits[:2] == "0X") {
		digits = digits[2:]
	}
	n, err := strconv.ParseInt(sign+digits, base, 64)
	if err != nil || strings.ContainsAny(digits, "_+-") {
		return 0, fmt.Errorf("the input %s is not valid to be converted to base %d", s, base)
	}
	return n, nil
}

// plainDigits reads up to twelve digits, which fit in 64 bits whatever the base.
func plainDigits(s string, base int) (int64, bool) {
	if s == "" || len(s) > 12 {
		return 0, false
	}
	n := int64(0)
	for i := range len(s) {
		d := 0
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			d = int(c - '0')
		case c >= 'a' && c <= 'z':
			d = int(c-'a') + 10
		case c >= 'A' && c <= 'Z':
			d = int(c-'A') + 10
		default:
			return 0, false
		}
		if d >= base {
			return 0, false
		}
		n = n*int64(base) + int64(d)
	}
	return n, true
}
