package jsonata

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"salamander/internal/value"
)

// A decimalFormat is the characters that a picture of $formatNumber uses.
//
// https://www.w3.org/TR/xpath-functions-31/#formatting-numbers
type decimalFormat struct {
	decimal, grouping, exponent, minus, percent, permille, zero, digit, pattern string
}

func (c *call) decimalFormat(i int) decimalFormat {
	d := decimalFormat{".", ",", "e", "-", "%", "\u2030", "0", "#", ";"}
	o, ok := c.arg(i).(*value.Object)
	if !ok {
		return d
	}
	for name, to := range map[string]*string{
		"decimal-separator": &d.decimal, "grouping-separator": &d.grouping, "exponent-separator": &d.exponent,
		"minus-sign": &d.minus, "percent": &d.percent, "per-mille": &d.permille, "zero-digit": &d.zero,
		"digit": &d.digit, "pattern-separator": &d.pattern,
	} {
		if v, ok := o.Get(name); ok {
			if s, ok := v.(string); ok && s != "" {
				*to = s
			}
		}
	}
	return d
}

func (d *decimalFormat) isDigit(r rune) bool {
	zero := []rune(d.zero)[0]
	return r >= zero && r <= zero+9
}

func (d *decimalFormat) active(r rune) bool {
	s := string(r)
	return d.isDigit(r) || s == d.decimal || s == d.exponent || s == d.grouping || s == d.digit || s == d.pattern
}

// A subpicture is one half of a picture, taken apart.
type subpicture struct {
	text, prefix, suffix, active, mantissa, integer, fraction, exponent string
	hasExponent                                                         bool

	grouping, fractionGrouping            []int
	regular                               int
	minInteger, scale                     int
	minFraction, maxFraction, minExponent int
}

func (d *decimalFormat) split(text string) *subpicture {
	p := &subpicture{text: text}
	edge := func(r rune) bool { return d.active(r) && string(r) != d.exponent }
	start := strings.IndexFunc(text, edge)
	if start > 0 {
		p.prefix = text[:start]
	}
	if last := strings.LastIndexFunc(text, edge); last >= 0 {
		p.suffix = strings.TrimPrefix(text[last:], string([]rune(text[last:])[0]))
	}
	if len(p.prefix)+len(p.suffix) <= len(text) {
		p.active = text[len(p.prefix) : len(text)-len(p.suffix)]
	}
	// An exponent separator just after the active part belongs to it, as in the
	// reference.
	at := strings.Index(text[len(p.prefix):], d.exponent)
	p.mantissa = p.active
	if at >= 0 && at <= len(p.active) {
		p.mantissa, p.hasExponent = p.active[:at], true
		p.exponent = p.active[min(at+len(d.exponent), len(p.active)):]
	}
	var ok bool
	p.integer, p.fraction, ok = strings.Cut(p.mantissa, d.decimal)
	if !ok {
		p.fraction = p.suffix
	}
	return p
}

func (d *decimalFormat) digits(s string, optional bool) int {
	n := 0
	for _, r := range s {
		if d.isDigit(r) || optional && string(r) == d.digit {
			n++
		}
	}
	return n
}

// check gives the code of what is wrong with a picture: of the last thing, as
// the reference.
func (d *decimalFormat) check(p *subpicture) string {
	code := ""
	bad := func(is bool, c string) {
		if is {
			code = c
		}
	}
	twice := func(s string) bool { return strings.Count(p.text, s) > 1 }
	bad(twice(d.decimal), "D3081")
	bad(twice(d.percent), "D3082")
	bad(twice(d.permille), "D3083")
	scaled := strings.Contains(p.text, d.percent) || strings.Contains(p.text, d.permille)
	bad(strings.Contains(p.text, d.percent) && strings.Contains(p.text, d.permille), "D3084")
	bad(d.digits(p.mantissa, true) == 0, "D3085")
	bad(strings.ContainsFunc(p.active, func(r rune) bool { return !d.active(r) }), "D3086")
	if strings.Contains(p.text, d.decimal) {
		bad(strings.Contains(p.text, d.grouping+d.decimal) || strings.Contains(p.text, d.decimal+d.grouping), "D3087")
	} else {
		bad(strings.HasSuffix(p.integer, d.grouping), "D3088")
	}
	bad(strings.Contains(p.text, d.grouping+d.grouping), "D3089")
	if i := strings.Index(p.integer, d.digit); i >= 0 {
		bad(d.digits(p.integer[:i], false) > 0, "D3090")
	}
	if i := strings.LastIndex(p.fraction, d.digit); i >= 0 {
		bad(d.digits(p.fraction[i:], false) > 0, "D3091")
	}
	if p.hasExponent {
		bad(p.exponent != "" && scaled, "D3092")
		bad(p.exponent == "" || strings.ContainsFunc(p.exponent, func(r rune) bool { return !d.isDigit(r) }), "D3093")
	}
	return code
}

func (d *decimalFormat) analyse(p *subpicture) {
	for i := 0; ; {
		j := strings.Index(p.integer[i:], d.grouping)
		if j < 0 {
			break
		}
		i += j
		p.grouping = append(p.grouping, d.digits(p.integer[i:], true))
		i += len(d.grouping)
	}
	p.regular = regularInterval(p.grouping)
	for i := 0; ; {
		j := strings.Index(p.fraction[i:], d.grouping)
		if j < 0 {
			break
		}
		i += j
		p.fractionGrouping = append(p.fractionGrouping, d.digits(p.fraction[:i], true))
		i += len(d.grouping)
	}
	p.minInteger = d.digits(p.integer, false)
	p.scale = p.minInteger
	p.minFraction, p.maxFraction = d.digits(p.fraction, false), d.digits(p.fraction, true)
	if p.minInteger == 0 && p.maxFraction == 0 {
		if p.hasExponent {
			p.minFraction, p.maxFraction = 1, 1
		} else {
			p.minInteger = 1
		}
	}
	if p.hasExponent && p.minInteger == 0 && strings.Contains(p.integer, d.digit) {
		p.minInteger = 1
	}
	if p.minInteger == 0 && p.minFraction == 0 {
		p.minFraction = 1
	}
	if p.hasExponent {
		p.minExponent = d.digits(p.exponent, false)
	}
}

// regularInterval is the distance at which all positions lie, or 0.
func regularInterval(at []int) int {
	if len(at) == 0 {
		return 0
	}
	factor := 0
	for _, n := range at {
		for a := n; a != 0; {
			factor, a = a, factor%a
		}
	}
	for i := 1; i <= len(at); i++ {
		if !slices.Contains(at, i*factor) {
			return 0
		}
	}
	return factor
}

func fnFormatNumber(c *call) any {
	if c.missing(0) {
		return undefined
	}
	d := c.decimalFormat(2)
	c.m.picture(c.str(1))
	halves := strings.Split(c.str(1), d.pattern)
	if len(halves) > 2 {
		panic(newFault("D3080"))
	}
	var pics []*subpicture
	for _, h := range halves {
		p := d.split(h)
		if code := d.check(p); code != "" {
			panic(newFault(code))
		}
		d.analyse(p)
		pics = append(pics, p)
	}
	if len(pics) == 1 {
		neg := *pics[0]
		neg.prefix = d.minus + neg.prefix
		pics = append(pics, &neg)
	}
	f := c.num(0)
	if f >= 0 {
		return d.format(pics[0], f)
	}
	return d.format(pics[1], f)
}

// number writes a positive number with the format's digits.
func (d *decimalFormat) number(f float64, places int) string {
	s := strconv.FormatFloat(math.Abs(f), 'f', places, 64)
	zero := []rune(d.zero)[0]
	if zero == '0' {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == '.' {
			return r
		}
		return r - '0' + zero
	}, s)
}

func (d *decimalFormat) format(p *subpicture, f float64) string {
	switch {
	case strings.Contains(p.text, d.percent):
		f *= 100
	case strings.Contains(p.text, d.permille):
		f *= 1000
	}
	exponent := 0
	if p.minExponent > 0 && f != 0 && !math.IsInf(f, 0) {
		lo, hi := math.Pow10(p.scale-1), math.Pow10(p.scale)
		for math.Abs(f) < lo {
			f, exponent = f*10, exponent-1
		}
		for math.Abs(f) > hi {
			f, exponent = f/10, exponent+1
		}
	}
	whole, fraction, _ := strings.Cut(d.number(roundTo(f, p.maxFraction), p.maxFraction), ".")
	in := []rune(strings.TrimLeft(whole, d.zero))
	fr := []rune(strings.TrimRight(fraction, d.zero))
	zero := []rune(d.zero)[0]
	for len(in) < p.minInteger {
		in = slices.Insert(in, 0, zero)
	}
	for len(fr) < p.minFraction {
		fr = append(fr, zero)
	}
	var b strings.Builder
	b.WriteString(p.prefix)
	for i, r := range in {
		left := len(in) - i
		if i > 0 && (p.regular > 0 && left%p.regular == 0 || p.regular == 0 && slices.Contains(p.grouping, left)) {
			b.WriteString(d.grouping)
		}
		b.WriteRune(r)
	}
	if len(fr) > 0 && strings.Contains(p.text, d.decimal) {
		b.WriteString(d.decimal)
	}
	for i, r := range fr {
		if i > 0 && slices.Contains(p.fractionGrouping, i) {
			b.WriteString(d.grouping)
		}
		b.WriteRune(r)
	}
	if p.minExponent > 0 {
		b.WriteString(d.exponent)
		if exponent < 0 {
			b.WriteString(d.minus)
		}
		e := d.number(float64(exponent), 0)
		b.WriteString(strings.Repeat(d.zero, max(0, p.minExponent-len([]rune(e)))) + e)
	}
	return b.String() + p.suffix
}
