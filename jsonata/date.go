package jsonata

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// maxMillis is how far from 1970 a time may be, as in JavaScript.
const maxMillis = 8.64e15

func timeOf(millis float64) time.Time {
	if math.Abs(millis) > maxMillis || math.IsNaN(millis) {
		panic(newFault("D3143").text("The number of milliseconds is out of range"))
	}
	return time.UnixMilli(int64(millis)).UTC()
}

func fnMillis(c *call) any { return box(float64(c.m.env.Now.UnixMilli())) }

func fnNow(c *call) any {
	return c.formatDate(float64(c.m.env.Now.UnixMilli()), 0)
}

func fnFromMillis(c *call) any {
	if c.missing(0) {
		return undefined
	}
	return c.formatDate(c.num(0), 1)
}

// formatDate writes a time by the picture and the zone that are arguments i
// and i+1.
func (c *call) formatDate(millis float64, i int) any {
	hours, minutes := 0, 0
	if zone, ok := c.arg(i + 1).(string); ok {
		n := leadingInt(zone)
		hours, minutes = int(math.Floor(float64(n)/100)), n%100
	}
	picture := "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"
	if !c.missing(i) {
		picture = c.str(i)
	}
	c.m.picture(picture)
	f := parseDatePicture(picture)
	t := timeOf(millis + float64((60*hours+minutes)*60*1000))
	var b strings.Builder
	for j := range f.parts {
		if p := &f.parts[j]; p.component == 0 {
			b.WriteString(p.literal)
		} else {
			b.WriteString(p.format(t, hours, minutes))
		}
	}
	c.m.charge(b.Len())
	return b.String()
}

// leadingInt is JavaScript's parseInt, with 0 for no number.
func leadingInt(s string) int {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && end < 9 && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	n, _ := strconv.Atoi(s[:end])
	return n
}

func (p *datePart) format(t time.Time, hours, minutes int) string {
	switch p.component {
	case 'Z', 'z':
		return p.zone(hours, minutes)
	case 'P':
		s := "am"
		if t.Hour() >= 12 {
			s = "pm"
		}
		if p.names == 'N' {
			return strings.ToUpper(s)
		}
		return s
	case 'C', 'E':
		return "ISO"
	}
	if strings.IndexByte("YMDdFWwXxHhmsf", p.component) < 0 {
		return "undefined" // what the reference writes for a component it does not know
	}
	v := fragment(t, p.component)
	if p.component == 'Y' && p.n >= 0 && p.n < 15 {
		v %= int(math.Pow10(p.n))
	}
	if p.names == 0 {
		return p.integer.format(float64(v))
	}
	var s string
	switch p.component {
	case 'M', 'x':
		s = monthName(v)
	case 'F':
		s = dayName(v)
	case 'f':
		panic(newFault("D3133").value("f"))
	default:
		panic(newFault("D3133").value(string(rune(p.component))))
	}
	switch p.names {
	case 'N':
		s = strings.ToUpper(s)
	case 'n':
		s = strings.ToLower(s)
	}
	if p.max >= 0 && len(s) > p.max {
		s = s[:p.max]
	}
	return s
}

func (p *datePart) zone(hours, minutes int) string {
	offset := hours*100 + minutes
	var s string
	switch digits := p.integer.mandatory; {
	case p.integer.regular > 0:
		s = p.integer.format(float64(offset))
	case digits == 1 || digits == 2:
		s = p.integer.format(float64(hours))
		if minutes != 0 {
			s += ":" + parseIntegerPicture("00").format(float64(minutes))
		}
	case digits == 3 || digits == 4:
		s = p.integer.format(float64(offset))
	default:
		panic(newFault("D3134").value(float64(digits)))
	}
	if offset >= 0 {
		s = "+" + s
	}
	if p.component == 'z' {
		s = "GMT" + s
	}
	if offset == 0 && p.second == 't' {
		s = "Z"
	}
	return s
}

// fragment is a component of a time as a number.
func fragment(t time.Time, component byte) int {
	year, month, day := t.Date()
	switch component {
	case 'Y':
		return year
	case 'M':
		return int(month)
	case 'D':
		return day
	case 'd':
		return t.YearDay()
	case 'F':
		return (int(t.Weekday())+6)%7 + 1
	case 'W':
		_, week := t.ISOWeek()
		return week
	case 'X':
		y, _ := t.ISOWeek()
		return y
	case 'w':
		return weekOfMonth(year, month, day)
	case 'x':
		today := date(year, month, day)
		switch {
		case today.Before(firstWeek(year, month)):
			return int((month+10)%12) + 1
		case !today.Before(firstWeek(year, month+1)):
			return int(month%12) + 1
		}
		return int(month)
	case 'H':
		return t.Hour()
	case 'h':
		return (t.Hour()+11)%12 + 1
	case 'm':
		return t.Minute()
	case 's':
		return t.Second()
	case 'f':
		return t.Nanosecond() / 1e6
	}
	return 0
}

func date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// firstWeek is the Monday of the week that has the month's first Thursday.
func firstWeek(year int, month time.Month) time.Time {
	first := date(year, month, 1)
	day := (int(first.Weekday())+6)%7 + 1
	if day > 4 {
		return first.AddDate(0, 0, 8-day)
	}
	return first.AddDate(0, 0, 1-day)
}

func weekOfMonth(year int, month time.Month, day int) int {
	today := date(year, month, day)
	weeks := func(from time.Time) int { return int(math.Floor(today.Sub(from).Hours()/(24*7))) + 1 }
	week := weeks(firstWeek(year, month))
	switch {
	case week > 4 && !today.Before(firstWeek(year, month+1)):
		return 1
	case week < 1:
		return weeks(firstWeek(year, month-1))
	}
	return week
}
