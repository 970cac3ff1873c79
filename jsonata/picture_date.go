package jsonata

import (
	"strconv"
	"strings"
)

// A dateFormat is a date/time picture, read.
//
// https://www.w3.org/TR/xpath-functions-31/#rules-for-datetime-formatting
type dateFormat struct{ parts []datePart }

// A datePart is literal text, or a component such as [Y0001].
type datePart struct {
	literal   string
	component byte // 0 for a literal
	names     byte // 'n', 'N', or 't' for title case; 0 for numbers
	min, max  int  // width, -1 where not given
	first     string
	second    byte // a, t, c or o
	n         int  // of a year: its digits, or -1
	integer   *integerFormat
}

func defaultPresentation(component byte) string {
	switch component {
	case 'Y', 'M', 'D', 'd', 'W', 'w', 'X', 'x', 'H', 'h', 'f':
		return "1"
	case 'F', 'P', 'C', 'E':
		return "n"
	case 'm', 's':
		return "01"
	case 'Z', 'z':
		return "01:01"
	}
	return ""
}

func parseDatePicture(picture string) *dateFormat {
	f := new(dateFormat)
	literal := func(s string) {
		if s != "" {
			f.parts = append(f.parts, datePart{literal: strings.ReplaceAll(s, "]]", "]")})
		}
	}
	for {
		before, rest, ok := strings.Cut(picture, "[")
		literal(before)
		if !ok {
			return f
		}
		if strings.HasPrefix(rest, "[") {
			f.parts = append(f.parts, datePart{literal: "["})
			picture = rest[1:]
			continue
		}
		marker, after, ok := strings.Cut(rest, "]")
		if !ok {
			panic(newFault("D3135"))
		}
		f.add(strings.Join(strings.Fields(marker), ""))
		picture = after
	}
}

// width reads a bound of a width modifier: -1 for none or *.
func width(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return -1
	}
	return min(n, maxDigits)
}

// add reads a marker without its brackets.
func (f *dateFormat) add(marker string) {
	p := datePart{min: -1, max: -1, n: -1}
	if marker == "" {
		panic(newFault("D3132").value(""))
	}
	p.component = marker[0]
	mod := marker[1:]
	if i := strings.LastIndexByte(mod, ','); i >= 0 {
		low, high, _ := strings.Cut(mod[i+1:], "-")
		p.min, p.max = width(low), width(high)
		mod = mod[:i]
	}
	p.first = mod
	if len(mod) > 1 && strings.IndexByte("atco", mod[len(mod)-1]) >= 0 {
		p.second, p.first = mod[len(mod)-1], mod[:len(mod)-1]
	} else if mod == "" {
		p.first = defaultPresentation(p.component)
	}
	if p.first == "" {
		panic(newFault("D3132").value(string(rune(p.component))))
	}
	switch {
	case p.first[0] == 'n':
		p.names = 'n'
	case strings.HasPrefix(p.first, "Nn"):
		p.names = 't'
	case p.first[0] == 'N':
		p.names = 'N'
	case strings.IndexByte("YMDdFWwXxHhmsf", p.component) >= 0:
		f.number(&p)
	}
	if p.component == 'Z' || p.component == 'z' {
		p.integer = parseIntegerPicture(p.first)
	}
	f.parts = append(f.parts, p)
}

// number prepares a component that is written as a number.
func (f *dateFormat) number(p *datePart) {
	pattern := p.first
	if p.second != 0 {
		pattern += ";" + string(rune(p.second))
	}
	p.integer = parseIntegerPicture(pattern)
	p.integer.mandatory = max(p.integer.mandatory, p.min)
	if p.component == 'Y' {
		if p.max >= 0 {
			p.n, p.integer.mandatory = p.max, p.max
		} else if w := p.integer.mandatory + p.integer.optional; w >= 2 {
			p.n = w
		}
	}
	if len(f.parts) > 0 {
		if last := f.parts[len(f.parts)-1].integer; last != nil {
			last.parseWidth = last.mandatory
		}
	}
}

func dayName(i int) string {
	return [...]string{"", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}[i]
}

func monthName(i int) string {
	return [...]string{"", "January", "February", "March", "April", "May", "June", "July", "August", "September",
		"October", "November", "December"}[i]
}
