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
