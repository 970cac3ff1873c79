package redshift

import (
	"fmt"
	"strings"
	"time"
)

// ParseTime reads a text as TO_DATE and TO_TIMESTAMP do. The result is in UTC.
// What the format does not tell is the beginning of: year 1, January, day 1,
// midnight. A day that does not exist is an error.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_TO_DATE_function.html
func ParseTime(text, format string) (time.Time, error) {
	return parseTime(text, format, true)
}

// ParseTimeLax is ParseTime, but lets the days of a month go over into the
// next one: June 31 is July 1. That is what TO_DATE does unless its third
// argument is true.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_TO_DATE_function.html
func ParseTimeLax(text, format string) (time.Time, error) {
	return parseTime(text, format, false)
}

func parseTime(text, format string, strict bool) (time.Time, error) {
	p := &timeParser{text: text, strict: strict}
	all := parts(format)
	for i, one := range all {
		if one.name == "" {
			for k := range len(one.text) {
				p.literal(one.text[k])
			}
			continue
		}
		next := i+1 < len(all) && all[i+1].name != ""
		if err := p.field(one, next); err != nil {
			return time.Time{}, err
		}
	}
	return p.time()
}

type timeParser struct {
	text   string
	at     int
	strict bool

	year, month, day, hour, minute, second, nano int

	yearDay, julian      int
	hasDay, pm, am, bc   bool
	twelve               bool
	seconds              int
	hasSeconds, hasMonth bool
}

// literal skips what stands for a character of the format that is no pattern:
// the same letter or digit, or any separator.
func (p *timeParser) literal(c byte) {
	if p.at < len(p.text) && (isDigit(c) || isLetter(c)) && p.text[p.at]|0x20 == c|0x20 {
		p.at++
		return
	}
	p.separator()
}

func (p *timeParser) separator() {
	if p.at < len(p.text) && !isDigit(p.text[p.at]) && !isLetter(p.text[p.at]) {
		p.at++
	}
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func (p *timeParser) blanks() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

// number reads up to width digits, or all where nothing follows at once.
func (p *timeParser) number(one part, width int) (int, int, error) {
	p.blanks()
	start := p.at
	n := 0
	for p.at < len(p.text) && isDigit(p.text[p.at]) && p.at-start < width {
		n = n*10 + int(p.text[p.at]-'0')
		p.at++
	}
	if p.at == start {
		rest := p.text[start:]
		if rest == "" {
			rest = "the end"
		}
		return 0, 0, fmt.Errorf("invalid value %q for %q: value must be an integer", rest, one.text)
	}
	return n, p.at - start, nil
}

func (p *timeParser) name(one part, names []string) (int, error) {
	p.blanks()
	rest := strings.ToLower(p.text[p.at:])
	best, length := -1, 0
	for i, name := range names {
		if strings.HasPrefix(rest, strings.ToLower(name)) && len(name) > length {
			best, length = i, len(name)
		}
	}
	if best < 0 {
		return 0, fmt.Errorf("invalid value %q for %q", p.text[p.at:], one.text)
	}
	p.at += length
	return best, nil
}

func monthNames(short bool) []string {
	var all []string
	for m := time.January; m <= time.December; m++ {
		name := m.String()
		if short {
			name = name[:3]
		}
		all = append(all, name)
	}
	return all
}

func dayNames(short bool) []string {
	var all []string
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := d.String()
		if short {
			name = name[:3]
		}
		all = append(all, name)
	}
	return all
}

func (p *timeParser) field(one part, next bool) (err error) {
	digits := func(width int) (int, error) {
		if !next && width == 4 {
			width = 9
		}
		n, _, err := p.number(one, width)
		return n, err
	}
	switch one.name {
	case "YYYY", "IYYY":
		p.year, err = digits(4)
	case "YYY", "YY", "Y":
		var n, width int
		width = len(one.name)
		if !next {
			width = 2*width - 1
		}
		n, width, err = p.number(one, width)
		switch {
		case width > 3:
		case width == 3 && n < 1000:
			n += 2000 - 1000*boolInt(n >= 520)
		case n < 70:
			n += 2000
		default:
			n += 1900
		}
		p.year = n
	case "Y,YYY":
		var a, b int
		if a, _, err = p.number(one, 3); err != nil {
			return err
		}
		p.separator()
		b, _, err = p.number(one, 3)
		p.year = a*1000 + b
	case "MM":
		p.month, err = digits(2)
		p.hasMonth = true
	case "MONTH":
		p.month, err = p.name(one, monthNames(false))
		p.month, p.hasMonth = p.month+1, true
	case "MON":
		p.month, err = p.name(one, monthNames(true))
		p.month, p.hasMonth = p.month+1, true
	case "RM":
		p.month, err = p.name(one, []string{"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"})
		p.month, p.hasMonth = p.month+1, true
	case "DD":
		p.day, err = digits(2)
		p.hasDay = true
	case "DDD":
		p.yearDay, err = digits(3)
	case "DAY":
		_, err = p.name(one, dayNames(false))
	case "DY":
		_, err = p.name(one, dayNames(true))
	case "D", "ID", "Q", "W":
		_, err = digits(1)
	case "WW", "IW", "CC":
		_, err = digits(2)
	case "J":
		p.julian, err = digits(9)
	case "HH", "HH12":
		p.hour, err = digits(2)
		p.twelve = true
		if err == nil && (p.hour < 1 || p.hour > 12) {
			return fmt.Errorf("hour %d is invalid for the 12-hour clock", p.hour)
		}
	case "HH24":
		p.hour, err = digits(2)
	case "MI":
		p.minute, err = digits(2)
	case "SS":
		p.second, err = digits(2)
	case "MS", "US":
		width := map[string]int{"MS": 3, "US": 6}[one.name]
		n, got, e := p.number(one, width)
		for ; got < 9; got++ {
			n *= 10
		}
		p.nano, err = n, e
	case "SSSSS":
		p.seconds, err = digits(5)
		p.hasSeconds = true
	case "AM", "PM", "A.M.", "P.M.":
		var i int
		i, err = p.name(one, []string{"AM", "PM", "A.M.", "P.M."})
		p.am, p.pm = i%2 == 0, i%2 == 1
	case "AD", "BC", "A.D.", "B.C.":
		var i int
		i, err = p.name(one, []string{"AD", "BC", "A.D.", "B.C."})
		p.bc = i%2 == 1
	default:
		return fmt.Errorf("the format %q is not supported", one.text)
	}
	return err
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// time puts the fields together.
func (p *timeParser) time() (time.Time, error) {
	if p.julian > 0 {
		return time.Unix(int64(p.julian-2440588)*86400, 0).UTC(), nil
	}
	year := max(p.year, boolInt(p.year == 0))
	if p.bc {
		year = 1 - year
	}
	month, day := 1, 1
	if p.hasMonth {
		month = p.month
	}
	if p.hasDay {
		day = p.day
	}
	hour := p.hour
	if p.twelve || p.am || p.pm {
		hour %= 12
		if p.pm {
			hour += 12
		}
	}
	minute, second := p.minute, p.second
	if p.hasSeconds {
		hour, minute, second = p.seconds/3600, p.seconds/60%60, p.seconds%60
	}
	if month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, fmt.Errorf("date/time field value out of range: %q", p.text)
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, p.nano, time.UTC)
	if p.yearDay > 0 {
		return time.Date(year, 1, p.yearDay, hour, minute, second, p.nano, time.UTC), nil
	}
	if t.Day() != day && (p.strict || day > 31) {
		return time.Time{}, fmt.Errorf("date/time field value out of range: %q", p.text)
	}
	return t, nil
}
