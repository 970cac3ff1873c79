package redshift

import (
	"fmt"
	"strings"
	"time"
)

func lastDay(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// AddMonths adds n months. The last day of a month leads to a last day.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_ADD_MONTHS.html
func AddMonths(t time.Time, n int) time.Time {
	year, month, day := t.Date()
	first := time.Date(year, month+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	last := lastDay(first.Year(), first.Month())
	if day == lastDay(year, month) || day > last {
		day = last
	}
	return first.AddDate(0, 0, day-1)
}

// MonthsBetween returns the months from b to a, a fraction of 31 days
// included.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_MONTHS_BETWEEN_function.html
func MonthsBetween(a, b time.Time) float64 {
	months := float64((a.Year()-b.Year())*12 + int(a.Month()) - int(b.Month()))
	lastA, lastB := a.Day() == lastDay(a.Year(), a.Month()), b.Day() == lastDay(b.Year(), b.Month())
	if a.Day() == b.Day() || lastA && lastB {
		return months
	}
	clock := func(t time.Time) float64 {
		return float64(t.Day()) + (time.Duration(t.Hour())*time.Hour+time.Duration(t.Minute())*time.Minute+time.Duration(t.Second())*time.Second).Hours()/24
	}
	return months + (clock(a)-clock(b))/31
}

// NextDay returns the first day after t that has the name, in full or short.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_NEXT_DAY.html
func NextDay(t time.Time, name string) (time.Time, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	for d := time.Sunday; d <= time.Saturday; d++ {
		full := strings.ToLower(d.String())
		if len(name) >= 2 && strings.HasPrefix(full, name) || len(name) == 1 && name == map[time.Weekday]string{
			time.Monday: "m", time.Tuesday: "t", time.Wednesday: "w", time.Friday: "f"}[d] || name == "th" && d == time.Thursday {
			days := (int(d-t.Weekday())+6)%7 + 1
			return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, time.UTC), nil
		}
	}
	return time.Time{}, fmt.Errorf("not a valid day of the week: %q", name)
}

// ConvertTimezone reads the clock of t in the zone from and returns the clock
// of the zone to. Zones are names ("America/New_York"), abbreviations that
// the zone database has, or offsets ("UTC+8", "-05:00"), which in POSIX's way
// count west where they begin with letters.
//
// https://docs.aws.amazon.com/redshift/latest/dg/CONVERT_TIMEZONE.html
func ConvertTimezone(from, to string, t time.Time) (time.Time, error) {
	a, err := zone(from)
	if err != nil {
		return t, err
	}
	b, err := zone(to)
	if err != nil {
		return t, err
	}
	at := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), a).In(b)
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC), nil
}

func zone(name string) (*time.Location, error) {
	if strings.EqualFold(name, "UTC") || strings.EqualFold(name, "GMT") {
		return time.UTC, nil
	}
	if hours, ok := offsets[strings.ToUpper(name)]; ok {
		return time.FixedZone(name, hours*3600), nil
	}
	if !strings.EqualFold(name, "local") && name != "" {
		if loc, err := time.LoadLocation(name); err == nil {
			return loc, nil
		}
	}
	digits := strings.TrimLeft(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
	sign := 1
	if digits != name {
		sign = -1
	}
	var hours, minutes int
	if strings.HasPrefix(digits, "+") || strings.HasPrefix(digits, "-") {
		if n, err := fmt.Sscanf(digits[1:], "%d:%d", &hours, &minutes); n > 0 && (err == nil || n == 1 && !strings.Contains(digits, ":")) && hours <= 14 && minutes < 60 {
			if digits[0] == '-' {
				sign = -sign
			}
			return time.FixedZone(name, sign*(hours*3600+minutes*60)), nil
		}
	}
	return nil, fmt.Errorf("time zone %q not recognized", name)
}

// offsets are abbreviations that mean one offset all the year.
var offsets = map[string]int{"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "CET": 1, "CEST": 2, "JST": 9}
