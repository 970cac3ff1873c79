package redshift

import (
	"fmt"
	"strings"
	"time"
)

// A part is one piece of a date's format: a template pattern or a text.
type part struct {
	name string // upper case; empty for a text
	text string // as it was written
	fill bool   // FM: without padding
	th   string // TH or th
}

// datePatterns are the template patterns, longest first where one begins
// another.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_FORMAT_strings.html
var datePatterns = []string{
	"SSSSS", "HH24", "HH12", "YYYY", "Y,YYY", "IYYY", "MONTH", "A.D.", "B.C.", "A.M.", "P.M.",
	"YYY", "IYY", "DAY", "DDD", "MON", "IDDD",
	"YY", "IY", "MM", "DD", "DY", "HH", "MI", "SS", "MS", "US", "AM", "PM", "AD", "BC", "CC", "WW", "IW", "RM", "TZ", "OF", "ID",
	"Y", "I", "D", "W", "Q", "J",
}

// parts reads a format. Texts in double quotes are taken as they are.
func parts(format string) []part {
	var all []part
	fill := false
	text := func(s string) {
		if n := len(all); n > 0 && all[n-1].name == "" {
			all[n-1].text += s
			return
		}
		all = append(all, part{text: s})
	}
	upper := asciiUpper(format)
scan:
	for i := 0; i < len(format); {
		if format[i] == '"' {
			end := strings.IndexByte(format[i+1:], '"')
			if end < 0 {
				text(format[i+1:])
				break
			}
			text(format[i+1 : i+1+end])
			i += end + 2
			continue
		}
		if strings.HasPrefix(upper[i:], "FM") {
			fill = true
			i += 2
			continue
		}
		for _, p := range datePatterns {
			if !strings.HasPrefix(upper[i:], p) {
				continue
			}
			one := part{name: p, text: format[i : i+len(p)], fill: fill}
			i += len(p)
			if strings.HasPrefix(upper[i:], "TH") && !strings.HasPrefix(p, "MON") && p != "DAY" && p != "DY" {
				one.th = format[i : i+2]
				i += 2
			}
			fill = false
			all = append(all, one)
			continue scan
		}
		text(format[i : i+1])
		i++
	}
	return all
}

// asciiUpper returns s with ASCII's letters as capitals, byte for byte.
func asciiUpper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// FormatTime writes t as TO_CHAR does.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_TO_CHAR.html
func FormatTime(t time.Time, format string) (string, error) {
	var b strings.Builder
	for _, p := range parts(format) {
		if p.name == "" {
			b.WriteString(p.text)
			continue
		}
		s, err := field(t, p)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
		if p.th != "" {
			th := ordinal(s)
			if p.th[0] >= 'A' && p.th[0] <= 'Z' {
				th = strings.ToUpper(th)
			}
			b.WriteString(th)
		}
	}
	return b.String(), nil
}

func ordinal(s string) string {
	if n := len(s); n >= 2 && s[n-2] == '1' {
		return "th"
	}
	switch s[len(s)-1] {
	case '1':
		return "st"
	case '2':
		return "nd"
	case '3':
		return "rd"
	}
	return "th"
}

// field writes one template pattern.
func field(t time.Time, p part) (string, error) {
	number := func(width, n int) (string, error) {
		if p.fill {
			return fmt.Sprint(n), nil
		}
		return fmt.Sprintf("%0*d", width, n), nil
	}
	word := func(s string, width int) (string, error) {
		switch {
		case p.text == strings.ToUpper(p.text):
			s = strings.ToUpper(s)
		case p.text[0] >= 'a':
			s = strings.ToLower(s)
		}
		if !p.fill {
			s += strings.Repeat(" ", max(0, width-len(s)))
		}
		return s, nil
	}
	marker := func(low, high string, isHigh bool) (string, error) {
		s := low
		if isHigh {
			s = high
		}
		if len(p.text) == 4 {
			s = s[:1] + "." + s[1:] + "."
		}
		if p.text[0] >= 'a' {
			s = strings.ToLower(s)
		}
		return s, nil
	}
	year := t.Year()
	era := year
	if year <= 0 {
		era = 1 - year
	}
	hour12 := (t.Hour()+11)%12 + 1
	isoYear, isoWeek := t.ISOWeek()
	isoDay := (int(t.Weekday())+6)%7 + 1
	switch p.name {
	case "CC":
		return number(2, (era-1)/100+1)
	case "YYYY":
		return number(4, era)
	case "Y,YYY":
		return fmt.Sprintf("%d,%03d", era/1000, era%1000), nil
	case "YYY":
		return number(3, era%1000)
	case "YY":
		return number(2, era%100)
	case "Y":
		return number(1, era%10)
	case "IYYY":
		return number(4, isoYear)
	case "IYY":
		return number(3, isoYear%1000)
	case "IY":
		return number(2, isoYear%100)
	case "I":
		return number(1, isoYear%10)
	case "Q":
		return number(1, (int(t.Month())+2)/3)
	case "MONTH":
		return word(t.Month().String(), 9)
	case "MON":
		return word(t.Month().String()[:3], 3)
	case "MM":
		return number(2, int(t.Month()))
	case "RM":
		return word([]string{"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"}[t.Month()-1], 4)
	case "W":
		return number(1, (t.Day()-1)/7+1)
	case "WW":
		return number(2, (t.YearDay()-1)/7+1)
	case "IW":
		return number(2, isoWeek)
	case "DAY":
		return word(t.Weekday().String(), 9)
	case "DY":
		return word(t.Weekday().String()[:3], 3)
	case "DDD":
		return number(3, t.YearDay())
	case "IDDD":
		return number(3, (isoWeek-1)*7+isoDay)
	case "DD":
		return number(2, t.Day())
	case "D":
		return number(1, int(t.Weekday())+1)
	case "ID":
		return number(1, isoDay)
	case "J":
		return number(1, int(floorDiv(t.Unix(), 86400))+2440588)
	case "HH", "HH12":
		return number(2, hour12)
	case "HH24":
		return number(2, t.Hour())
	case "MI":
		return number(2, t.Minute())
	case "SS":
		return number(2, t.Second())
	case "MS":
		return number(3, t.Nanosecond()/1e6)
	case "US":
		return number(6, t.Nanosecond()/1e3)
	case "SSSSS":
		return number(1, t.Hour()*3600+t.Minute()*60+t.Second())
	case "AM", "PM", "A.M.", "P.M.":
		return marker("AM", "PM", t.Hour() >= 12)
	case "AD", "BC", "A.D.", "B.C.":
		return marker("BC", "AD", year > 0)
	case "TZ":
		if p.text == "tz" {
			return "utc", nil
		}
		return "UTC", nil
	case "OF":
		return "+00", nil
	}
	return "", fmt.Errorf("the format %q is not supported", p.text)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
