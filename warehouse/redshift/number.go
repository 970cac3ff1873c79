package redshift

import (
	"fmt"
	"math/big"
	"strings"
)

// A numberFormat is a numeric format taken apart.
type numberFormat struct {
	tokens   []string // 9 0 . , D G $ L S MI PL SG PR TH th V RN, or a text
	whole    int      // digits before the point
	fraction int      // digits behind it
	zeroAt   int      // the first 0 among the digits before the point, or -1
	zeroEnd  int      // the digits behind the point up to its last 0
	fill     bool     // FM: no padding
	sign     string   // S, MI, PL, SG, PR or empty
	signAt   int      // index in tokens
}

// https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_formating.html
func readNumberFormat(format string) (*numberFormat, error) {
	f := &numberFormat{zeroAt: -1}
	point := false
	upper := asciiUpper(format)
	for i := 0; i < len(format); {
		two := upper[i:min(i+2, len(upper))]
		switch {
		case two == "FM":
			f.fill = true
			i += 2
			continue
		case two == "MI" || two == "PL" || two == "SG" || two == "PR":
			f.sign, f.signAt = two, len(f.tokens)
			f.tokens = append(f.tokens, two)
			i += 2
			continue
		case two == "TH":
			f.tokens = append(f.tokens, format[i:i+2])
			i += 2
			continue
		case two == "RN" || two == "EE" || upper[i] == 'V':
			return nil, fmt.Errorf("the numeric format %q is not supported", format[i:])
		}
		switch c := upper[i]; c {
		case '9', '0':
			if point {
				if f.fraction++; c == '0' {
					f.zeroEnd = f.fraction
				}
			} else {
				if c == '0' && f.zeroAt < 0 {
					f.zeroAt = f.whole
				}
				f.whole++
			}
			f.tokens = append(f.tokens, string(c))
		case '.', 'D':
			if point {
				return nil, fmt.Errorf("multiple decimal points in the format %q", format)
			}
			point = true
			f.tokens = append(f.tokens, ".")
		case ',', 'G':
			f.tokens = append(f.tokens, ",")
		case 'L':
			f.tokens = append(f.tokens, "$")
		case 'S':
			f.sign, f.signAt = "S", len(f.tokens)
			f.tokens = append(f.tokens, "S")
		case '"':
			end := strings.IndexByte(format[i+1:], '"')
			if end < 0 {
				end = len(format) - i - 1
			}
			f.tokens = append(f.tokens, "\x00"+format[i+1:i+1+end])
			i += end + 1
		default:
			f.tokens = append(f.tokens, "\x00"+format[i:i+1])
		}
		i++
	}
	return f, nil
}

// FormatNumber writes a number, given as decimal digits, as TO_CHAR does.
// What has more digits than the format becomes #.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_TO_CHAR.html
func FormatNumber(number, format string) (string, error) {
	f, err := readNumberFormat(format)
	if err != nil {
		return "", err
	}
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return "", fmt.Errorf("invalid number %q", number)
	}
	negative := r.Sign() < 0
	text := new(big.Rat).Abs(r).FloatString(f.fraction)
	whole, fraction, _ := strings.Cut(text, ".")
	if negative && strings.Trim(whole+fraction, "0") == "" {
		negative = false
	}
	if whole == "0" && f.fraction > 0 && f.zeroAt < 0 {
		whole = ""
	}
	overflow := len(whole) > f.whole
	if overflow {
		whole, fraction = strings.Repeat("#", f.whole), strings.Repeat("#", f.fraction)
	}
	pad := f.whole - len(whole)
	var b strings.Builder
	digit, behind, started := 0, 0, false
	point := false
	signed := false
	sign := func() {
		if signed || f.sign != "" && f.sign != "S" && f.sign != "PL" {
			return
		}
		signed = true
		if f.sign == "S" && f.signAt > 0 {
			return
		}
		switch {
		case negative:
			b.WriteByte('-')
		case f.sign == "S":
			b.WriteByte('+')
		case !f.fill:
			b.WriteByte(' ')
		}
	}
	blank := func() {
		if !f.fill {
			b.WriteByte(' ')
		}
	}
	start := func() {
		if !started {
			started = true
			sign()
		}
	}
	// With FM the zeros at the end go, up to the last 0 of the format.
	kept := len(fraction)
	if f.fill && !overflow {
		kept = max(f.zeroEnd, len(strings.TrimRight(fraction, "0")))
	}
	for _, tok := range f.tokens {
		switch tok {
		case "9", "0":
			switch {
			case point:
				start()
				if behind < kept {
					b.WriteByte(fraction[behind])
				}
				behind++
			case digit < pad && (f.zeroAt < 0 || digit < f.zeroAt):
				if digit++; digit == f.whole && f.fill && kept == 0 {
					start()
					b.WriteByte('0')
					continue
				}
				blank()
			case digit < pad:
				start()
				b.WriteByte('0')
				digit++
			default:
				start()
				b.WriteByte(whole[digit-pad])
				digit++
			}
		case ".":
			start()
			point = true
			if f.fraction > 0 || f.fill || overflow {
				b.WriteByte('.')
			}
		case ",":
			if started {
				b.WriteByte(',')
			} else {
				blank()
			}
		case "$":
			b.WriteByte('$')
		case "S":
			if f.signAt > 0 {
				start()
				b.WriteString(map[bool]string{true: "-", false: "+"}[negative])
			}
		case "MI":
			if f.signAt > 0 {
				start()
			}
			if negative {
				b.WriteByte('-')
			} else if !f.fill {
				b.WriteByte(' ')
			}
		case "PL":
			b.WriteString(map[bool]string{true: " ", false: "+"}[negative])
		case "SG":
			b.WriteString(map[bool]string{true: "-", false: "+"}[negative])
		case "PR":
			start()
			inner := b.String()
			trimmed := strings.TrimLeft(inner, " ")
			lead := inner[:len(inner)-len(trimmed)]
			b.Reset()
			switch {
			case negative:
				b.WriteString(lead + "<" + trimmed + ">")
			case f.fill:
				b.WriteString(trimmed)
			default:
				b.WriteString(lead + " " + trimmed + " ")
			}
		case "TH", "th":
			if fraction == "" && !negative && whole != "" && !overflow {
				th := ordinal(whole)
				if tok == "TH" {
					th = strings.ToUpper(th)
				}
				b.WriteString(th)
			}
		default:
			b.WriteString(tok[1:])
		}
	}
	start()
	return b.String(), nil
}

// ParseNumber reads a text as TO_NUMBER does and returns its digits, with sign
// and point.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_TO_NUMBER.html
func ParseNumber(text, format string) (string, error) {
	if _, err := readNumberFormat(format); err != nil {
		return "", err
	}
	var b strings.Builder
	negative := false
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9', r == '.':
			b.WriteRune(r)
		case r == '-' || r == '<':
			negative = true
		case strings.ContainsRune(" ,$+>", r):
		default:
			return "", fmt.Errorf("invalid input syntax for type numeric: %q", text)
		}
	}
	digits := b.String()
	if strings.Trim(digits, ".") == "" || strings.Count(digits, ".") > 1 {
		return "", fmt.Errorf("invalid input syntax for type numeric: %q", text)
	}
	if negative {
		digits = "-" + digits
	}
	return digits, nil
}
