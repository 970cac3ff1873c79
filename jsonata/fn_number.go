package jsonata

import (
	"math"
	"strconv"
	"strings"

	"salamander/internal/value"
)

// num is a number argument; validated, it is one.
func (c *call) num(i int) float64 {
	f, _ := number(c.arg(i))
	return f
}

func fnSum(c *call) any {
	if c.missing(0) {
		return undefined
	}
	var sum float64
	for _, e := range itemsOf(c.args[0]) {
		sum += rawNumber(e)
	}
	return box(sum)
}

func fnCount(c *call) any {
	if c.missing(0) {
		return box(0)
	}
	return box(float64(len(itemsOf(c.args[0]))))
}

func fnMax(c *call) any { return c.extreme(math.Max) }

func fnMin(c *call) any { return c.extreme(math.Min) }

func (c *call) extreme(pick func(a, b float64) float64) any {
	items, _ := arrayOf(c.arg(0))
	if c.missing(0) || len(items) == 0 {
		return undefined
	}
	best := rawNumber(items[0])
	for _, e := range items[1:] {
		best = pick(best, rawNumber(e))
	}
	return box(best)
}

func fnAverage(c *call) any {
	items, _ := arrayOf(c.arg(0))
	if c.missing(0) || len(items) == 0 {
		return undefined
	}
	var sum float64
	for _, e := range items {
		sum += rawNumber(e)
	}
	return box(sum / float64(len(items)))
}

func fnNumber(c *call) any {
	switch v := c.arg(0).(type) {
	case none:
		return undefined
	case float64, value.Number:
		return v
	case bool:
		if v {
			return box(1)
		}
		return box(0)
	case string:
		if f, ok := parseNumeric(v); ok {
			return box(f)
		}
	}
	panic(newFault("D3030").value(c.arg(0)).index(1))
}

// parseNumeric reads a JSON number, or one in hexadecimal, octal or binary.
func parseNumeric(s string) (float64, bool) {
	if len(s) > 2 && s[0] == '0' {
		base := 0
		switch s[1] {
		case 'x', 'X':
			base = 16
		case 'o', 'O':
			base = 8
		case 'b', 'B':
			base = 2
		}
		if base != 0 {
			var f float64
			for _, r := range s[2:] {
				d := digitValue(r)
				if d >= base {
					return 0, false
				}
				f = f*float64(base) + float64(d)
			}
			return f, true
		}
	}
	if !isNumeral(s) {
		return 0, false
	}
	f, _ := strconv.ParseFloat(s, 64)
	return f, !math.IsInf(f, 0)
}

// isNumeral matches -?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?
func isNumeral(s string) bool {
	digits := func() bool {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	s = strings.TrimPrefix(s, "-")
	if !digits() {
		return false
	}
	if strings.HasPrefix(s, ".") {
		if s = s[1:]; !digits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return s == ""
}

func digitValue(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r >= 'a' && r <= 'z':
		return int(r-'a') + 10
	case r >= 'A' && r <= 'Z':
		return int(r-'A') + 10
	}
	return 99
}

func (c *call) float(f func(float64) float64) any {
	if c.missing(0) {
		return undefined
	}
	return box(f(c.num(0)))
}

func fnFloor(c *call) any { return c.float(math.Floor) }

func fnCeil(c *call) any { return c.float(math.Ceil) }

func fnAbs(c *call) any { return c.float(math.Abs) }

func fnSqrt(c *call) any {
	if !c.missing(0) && c.num(0) < 0 {
		panic(newFault("D3060").value(c.args[0]).index(1))
	}
	return c.float(math.Sqrt)
}

func fnPower(c *call) any {
	if c.missing(0) {
		return undefined
	}
	r := math.Pow(c.num(0), c.num(1))
	if math.IsInf(r, 0) || math.IsNaN(r) {
		f := newFault("D3061").value(c.args[0]).index(1)
		f.exp = c.arg(1)
		panic(f)
	}
	return box(r)
}

// fnRound rounds half to even, to decimal places that may be negative.
func fnRound(c *call) any {
	if c.missing(0) {
		return undefined
	}
	f := c.num(0)
	if c.missing(1) || c.num(1) == 0 {
		return box(math.RoundToEven(f))
	}
	places := int(max(-400, min(400, c.num(1))))
	return box(roundTo(f, places))
}

// roundTo shifts in decimal text, so that 4.525 is a half at two places.
func roundTo(f float64, places int) float64 {
	r := math.RoundToEven(shift(f, places))
	if math.IsInf(r, 0) || math.IsNaN(r) {
		return f
	}
	return shift(r, -places)
}

// shift multiplies by a power of ten, by the decimal text.
func shift(f float64, n int) float64 {
	text := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exp, _ := strings.Cut(text, "e")
	e, _ := strconv.Atoi(exp)
	r, _ := strconv.ParseFloat(mantissa+"e"+strconv.Itoa(e+n), 64)
	return r
}

// fnRandom is a number in [0,1).
func fnRandom(c *call) any {
	return box(c.m.random())
}

func (m *machine) bits() uint64 {
	if m.env.Random == nil {
		panic(newFault("D3142").text("There is no source of randomness here"))
	}
	return m.env.Random()
}

func (m *machine) random() float64 { return float64(m.bits()>>11) / (1 << 53) }

func fnFormatBase(c *call) any {
	if c.missing(0) {
		return undefined
	}
	f := math.RoundToEven(c.num(0))
	radix := 10.0
	if !c.missing(1) {
		radix = math.RoundToEven(c.num(1))
	}
	if radix < 2 || radix > 36 {
		panic(newFault("D3100").value(radix))
	}
	if math.Abs(f) < 1<<63 {
		return strconv.FormatInt(int64(f), int(radix))
	}
	return formatFloat(f)
}

func fnBoolean(c *call) any {
	b, ok := truth(c.arg(0))
	if !ok {
		return undefined
	}
	return b
}

func fnNot(c *call) any {
	b, ok := truth(c.arg(0))
	if !ok {
		return undefined
	}
	return !b
}
