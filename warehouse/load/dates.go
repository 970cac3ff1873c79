package load

import (
	"strconv"
	"strings"
	"time"

	"salamander/warehouse/redshift"
)

// autoDates are the forms of dates that 'auto' knows besides YYYY-MM-DD.
//
// https://docs.aws.amazon.com/redshift/latest/dg/automatic-recognition.html
var autoDates = [...]string{"YYYYMMDD", "YYYY/MM/DD", "YYYY.MM.DD", "MM/DD/YYYY", "MM-DD-YYYY", "MM.DD.YYYY", "YYYY Mon DD", "DD Mon YYYY",
	"DD-Mon-YYYY", "Mon DD, YYYY", "Mon DD YYYY", "Mon-DD-YYYY", "YYYY-Mon-DD"}

// fits reports whether a text has the shape of a form: its separators, and
// digits and a month's name where it has them.
func fits(text, form string) bool {
	i := 0
	for i < len(form) && i < len(text) {
		letter := form[i] >= 'A' && form[i] <= 'Z' || form[i] >= 'a' && form[i] <= 'z'
		switch {
		case !letter && form[i] != text[i]:
			return false
		case letter && strings.HasPrefix(form[i:], "Mon"):
			for k := range 3 {
				if i+k >= len(text) || text[i+k]|0x20 < 'a' || text[i+k]|0x20 > 'z' {
					return false
				}
			}
			i += 2
		case letter && (text[i] < '0' || text[i] > '9'):
			return false
		}
		i++
	}
	return i == len(form) && i == len(text)
}

// oddDate reads the forms of dates that only 'auto' knows: J2451187, 1996.008,
// 960108 and 19960108. Two digits of a year up to 69 are of this century.
func oddDate(text string) (int32, bool) {
	if rest, ok := strings.CutPrefix(text, "J"); ok {
		n, err := strconv.ParseUint(rest, 10, 32)
		return int32(int64(n) - 2440588), err == nil && n < 1<<31
	}
	switch {
	case len(text) == 8 && text[4] == '.':
		day, err := strconv.Atoi(text[5:])
		t, yearErr := time.Parse("2006", text[:4])
		first := t
		t = t.AddDate(0, 0, day-1)
		return int32(t.Unix() / 86400), err == nil && yearErr == nil && day > 0 && t.Year() == first.Year()
	case len(text) == 6:
		t, err := time.Parse("060102", text)
		if err == nil && text[:2] == "69" { // Go has 1969
			t = t.AddDate(100, 0, 0)
		}
		return int32(t.Unix() / 86400), err == nil
	case len(text) == 8:
		t, err := time.Parse("20060102", text)
		return int32(t.Unix() / 86400), err == nil
	}
	return 0, false
}

// dateAs reads a date in a form: "" is YYYY-MM-DD, "auto" any known one.
func dateAs(b []byte, form string) (int32, bool) {
	if form == "" || form == "auto" {
		if v, ok := parseDate(b); ok || form == "" {
			return v, ok
		}
		if us, ok := parseTimestamp(b); ok {
			return int32(us / 86400e6), true
		}
		if v, ok := oddDate(string(b)); ok {
			return v, true
		}
		for _, f := range autoDates {
			if fits(string(b), f) {
				form = f
				break
			}
		}
		if form == "auto" {
			return 0, false
		}
	}
	t, err := redshift.ParseTime(string(b), form)
	return int32(t.Unix() / 86400), err == nil
}

// timeAs reads a timestamp in a form: "" is YYYY-MM-DD HH:MI:SS, "auto" any
// known date with a clock, "epochsecs" and "epochmillisecs" numbers.
func timeAs(b []byte, form string) (int64, bool) {
	switch form {
	case "":
		return parseTimestamp(b)
	case "epochsecs", "epochmillisecs":
		scale := 1e6
		if form == "epochmillisecs" {
			scale = 1e3
		}
		n, err := strconv.ParseInt(string(b), 10, 64)
		if err == nil {
			return n * int64(scale), true
		}
		f, err := strconv.ParseFloat(string(b), 64)
		return int64(f * scale), err == nil
	case "auto":
		if v, ok := parseTimestamp(b); ok {
			return v, true
		}
		text := strings.TrimSuffix(string(b), "Z")
		for _, layout := range [...]string{"2006-01-02T15:04:05.999999Z07:00", "2006-01-02 15:04:05.999999Z07:00", "2006-01-02 15:04:05.999999-07", "2006-01-02 15:04"} {
			if t, err := time.Parse(layout, string(b)); err == nil {
				return t.UnixMicro(), true
			}
		}
		for k := len(text); k > 0; k = strings.LastIndexAny(text[:k], " T") {
			day, ok := dateAs([]byte(text[:k]), "auto")
			if !ok {
				continue
			}
			clock := strings.TrimSpace(strings.TrimLeft(text[k:], "T"))
			if clock == "" {
				return int64(day) * 86400e6, true
			}
			for _, layout := range [...]string{"15:04:05.999999", "15:04", "3:04:05 PM", "3:04:05PM", "3:04 PM", "150405"} {
				if t, err := time.Parse(layout, strings.ToUpper(clock)); err == nil {
					return int64(day)*86400e6 + t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)).Microseconds(), true
				}
			}
		}
		return 0, false
	}
	t, err := redshift.ParseTime(string(b), form)
	return t.UnixMicro(), err == nil
}
