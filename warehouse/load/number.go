package load

import (
	"fmt"
	"math/bits"
	"strconv"
	"time"
)

// parseInt reads an integer of the given size. It says what is wrong as
// Redshift does.
func parseInt(b []byte, size int, typeName string) (int64, *Error) {
	neg := false
	i := 0
	if b[0] == '-' || b[0] == '+' {
		neg = b[0] == '-'
		i++
	}
	if i == len(b) {
		return 0, invalidDigit(b, 0, typeName)
	}
	limit := uint64(1) << (size - 1)
	if !neg {
		limit--
	}
	var v uint64
	fit := i + (size-1)*3/10 // digits up to here
	for ; i < len(b); i++ {
		d := b[i] - '0'
		if d > 9 {
			return 0, invalidDigit(b, i, typeName)
		}
		if i >= fit && v > (limit-uint64(d))/10 {
			return 0, &Error{Code: 1207, Reason: fmt.Sprintf("Overflow (Column Type: %s)", typeName)}
		}
		v = v*10 + uint64(d)
	}
	if neg {
		return -int64(v), nil
	}
	return int64(v), nil
}

func invalidDigit(b []byte, i int, typeName string) *Error {
	name := map[string]string{"smallint": "Short", "integer": "Integer", "bigint": "Long"}[typeName]
	if name == "" {
		name = "Decimal"
	}
	return &Error{Code: 1207, Reason: fmt.Sprintf("Invalid digit, Value '%c', Pos %d, Type: %s", rune(b[i]), i, name)}
}

func parseFloat(b []byte) (float64, bool) {
	v, err := strconv.ParseFloat(string(b), 64)
	return v, err == nil
}

func parseBool(b []byte) (v, ok bool) {
	switch string(b) {
	case "t", "T", "true", "TRUE", "True", "1", "y", "Y", "yes", "YES":
		return true, true
	case "f", "F", "false", "FALSE", "False", "0", "n", "N", "no", "NO":
		return false, true
	}
	return false, false
}

func digits(b []byte) (v int, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, len(b) > 0
}

// parseDate reads YYYY-MM-DD as days since 1970.
func parseDate(b []byte) (int32, bool) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y, ok1 := digits(b[:4])
	m, ok2 := digits(b[5:7])
	d, ok3 := digits(b[8:])
	if !ok1 || !ok2 || !ok3 || y < 1 || m < 1 || m > 12 || d < 1 || d > monthDays(y, m) {
		return 0, false
	}
	return int32(time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Unix() / 86400), true
}

func monthDays(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// parseTimestamp reads YYYY-MM-DD HH:MI:SS[.ffffff] as microseconds.
func parseTimestamp(b []byte) (int64, bool) {
	if len(b) < 10 {
		return 0, false
	}
	day, ok := parseDate(b[:10])
	if !ok {
		return 0, false
	}
	v := int64(day) * 86400e6
	if b = b[10:]; len(b) == 0 {
		return v, true
	}
	if len(b) < 9 || b[0] != ' ' && b[0] != 'T' || b[3] != ':' || b[6] != ':' {
		return 0, false
	}
	h, ok1 := digits(b[1:3])
	m, ok2 := digits(b[4:6])
	s, ok3 := digits(b[7:9])
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || s > 59 {
		return 0, false
	}
	v += int64(h*3600+m*60+s) * 1e6
	if b = b[9:]; len(b) == 0 {
		return v, true
	}
	if b[0] != '.' || len(b) < 2 || len(b) > 7 {
		return 0, false
	}
	f, ok := digits(b[1:])
	for range 7 - len(b) {
		f *= 10
	}
	return v + int64(f), ok
}

// decimal reads a number with a fraction. Digits beyond the scale are cut
// off, as COPY does without ROUNDEC.
func (l *Loader) decimal(c *Column, b []byte) *Error {
	i := 0
	neg := b[0] == '-'
	if neg || b[0] == '+' {
		i++
	}
	var hi, lo uint64
	any, dot, frac, sig := false, false, 0, 0
	beyond, up := false, false // the first digit beyond the scale was seen; it rounds up
	put := func(d uint64) {
		if hi|lo|d != 0 {
			sig++
		}
		if hi == 0 && lo < 1<<59 {
			lo = lo*10 + d
			return
		}
		h, low := bits.Mul64(lo, 10)
		hi = hi*10 + h
		var carry uint64
		lo, carry = bits.Add64(low, d, 0)
		hi += carry
	}
	for ; i < len(b); i++ {
		switch ch := b[i]; {
		case ch == '.' && !dot:
			dot = true
		case ch >= '0' && ch <= '9':
			any = true
			if dot {
				if frac == c.Scale {
					if !beyond {
						up, beyond = l.Options.RoundDecimals && ch >= '5', true
					}
					continue
				}
				frac++
			}
			if put(uint64(ch - '0')); sig > 38 {
				return overflow(c)
			}
		default:
			return invalidDigit(b, i, "")
		}
	}
	if !any {
		return invalidDigit(b, 0, "")
	}
	for ; frac < c.Scale; frac++ {
		if put(0); sig > 38 {
			return overflow(c)
		}
	}
	if up {
		var carry uint64
		lo, carry = bits.Add64(lo, 1, 0)
		hi += carry
		if hi == 0 && lo == pow10(sig) || sig == 0 {
			sig++
		}
	}
	if sig > c.Precision {
		return overflow(c)
	}
	v := int64(lo)
	if neg {
		v = -v
	}
	switch c.Kind {
	case Decimal16:
		c.I16[l.rows] = int16(v)
	case Decimal32:
		c.I32[l.rows] = int32(v)
	case Decimal64:
		c.I64[l.rows] = v
	default:
		if neg {
			var borrow uint64
			lo, borrow = bits.Sub64(0, lo, 0)
			hi, _ = bits.Sub64(0, hi, borrow)
		}
		c.I128[l.rows] = [2]uint64{lo, hi}
	}
	return nil
}

func overflow(c *Column) *Error {
	return &Error{Code: 1207, Reason: fmt.Sprintf("Overflow (Column Type: %s)", c.Type)}
}

// pow10 returns 10 to the power n, or 0 where it does not fit.
func pow10(n int) uint64 {
	if n > 19 {
		return 0
	}
	v := uint64(1)
	for range n {
		v *= 10
	}
	return v
}
