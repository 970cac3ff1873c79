package redshift

import (
	"strconv"
	"strings"
	"time"
)

// ParseDate reads a date in any of the forms of literals: 2024-01-15,
// January 15, 2024, 1/15/2024, 15-Jan-2024, 20240115, 240115 and 2024.015. What
// stands behind it, a time of day, is not looked at. It reports whether text
// is such a date.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_Date_and_time_literals.html
func ParseDate(text string) (time.Time, bool) {
	t, _, ok := cutDate(strings.TrimSpace(text))
	return t, ok
}

// ParseTimestamp reads a date in any of the forms of [ParseDate] and a time of
// day: 04:05, 04:05:06.789, 040506 or 04:05 PM.
func ParseTimestamp(text string) (time.Time, bool) {
	t, rest, ok := cutDate(strings.TrimSpace(text))
	if !ok {
		return t, false
	}
	if rest == "" {
		return t, true
	}
	clock, ok := parseClock(strings.TrimSpace(rest))
	return t.Add(clock), ok
}

// cutDate reads the date that text begins with, and returns what follows it.
func cutDate(text string) (day time.Time, rest string, ok bool) {
	var fields []string
	var ends []int
	i := 0
	for i < len(text) && len(fields) < 3 {
		start := i
		for i < len(text) && isDigit(text[i]) {
			i++
		}
		if i == start {
			for i < len(text) && isLetter(text[i]) {
				i++
			}
		}
		if i == start {
			return day, "", false
		}
		fields, ends = append(fields, text[start:i]), append(ends, i)
		if len(fields) == 1 && isDigit(text[start]) && (i-start == 8 || i-start == 6) {
			break
		}
		if len(fields) == 2 && i-start == 3 && text[start-1] == '.' && len(fields[0]) == 4 {
			break
		}
		if len(fields) == 3 {
			break
		}
		mark := i
		for i < len(text) && strings.IndexByte("-/., ", text[i]) >= 0 {
			i++
		}
		if i == mark {
			return day, "", false
		}
	}
	if len(fields) == 0 {
		return day, "", false
	}
	rest = text[ends[len(ends)-1]:]
	if rest != "" && rest[0] != ' ' && !(rest[0] == 'T' && len(rest) > 1 && isDigit(rest[1])) {
		return day, "", false
	}
	rest = strings.TrimPrefix(rest, "T")
	y, m, d, ok := dateFields(fields)
	if !ok || y < 1 || m < 1 || m > 12 || d < 1 || d > lastDay(y, time.Month(m)) {
		return day, "", false
	}
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC), rest, true
}

// dateFields finds year, month and day among the fields of a date.
func dateFields(f []string) (y, m, d int, ok bool) {
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			return -1
		}
		return n
	}
	year := func(s string) int {
		n := number(s)
		switch {
		case len(s) > 2:
			return n
		case n >= 70:
			return 1900 + n
		}
		return 2000 + n
	}
	month := func(s string) int {
		s = strings.ToLower(s)
		for k := time.January; k <= time.December; k++ {
			name := strings.ToLower(k.String())
			if s == name || s == name[:3] || s == "sept" && k == time.September {
				return int(k)
			}
		}
		return -1
	}
	switch {
	case len(f) == 1 && len(f[0]) == 8:
		return number(f[0][:4]), number(f[0][4:6]), number(f[0][6:]), true
	case len(f) == 1:
		return year(f[0][:2]), number(f[0][2:4]), number(f[0][4:]), true
	case len(f) == 2: // year and day of the year
		y, d := number(f[0]), number(f[1])
		if y < 1 || d < 1 || d > time.Date(y, 12, 31, 0, 0, 0, 0, time.UTC).YearDay() {
			return 0, 0, 0, false
		}
		t := time.Date(y, 1, d, 0, 0, 0, 0, time.UTC)
		return y, int(t.Month()), t.Day(), true
	case len(f) != 3:
		return 0, 0, 0, false
	case isLetter(f[0][0]):
		return year(f[2]), month(f[0]), number(f[1]), true
	case isLetter(f[1][0]) && len(f[0]) > 2:
		return number(f[0]), month(f[1]), number(f[2]), true
	case isLetter(f[1][0]):
		return year(f[2]), month(f[1]), number(f[0]), true
	case len(f[0]) > 2:
		return number(f[0]), number(f[1]), number(f[2]), true
	}
	return year(f[2]), number(f[0]), number(f[1]), true
}

// parseClock reads a time of day.
func parseClock(text string) (time.Duration, bool) {
	text = strings.ToUpper(text)
	half, pm := false, false
	for _, s := range [...]string{"AM", "PM"} {
		if rest, ok := strings.CutSuffix(text, s); ok {
			text, half, pm = strings.TrimSpace(rest), true, s == "PM"
		}
	}
	for _, layout := range [...]string{"15:04:05.999999", "15:04", "150405.999999"} {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		d := t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))
		if half && (t.Hour() == 0 || t.Hour() > 12) {
			return 0, false
		}
		if half && t.Hour() == 12 {
			d -= 12 * time.Hour
		}
		if pm {
			d += 12 * time.Hour
		}
		return d, true
	}
	return 0, false
}
