package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A cron is the six fields of a cron expression.
type cron struct {
	minutes, hours, months set
	years                  set
	days                   dayRule
}

// A set holds the values of a field.
type set map[int]bool

// A dayRule tells the days of a month, by their number or by the day of the
// week.
type dayRule struct {
	byWeek   bool
	plain    set   // days of the month, or of the week from 1, Sunday
	last     bool  // L: the last day of the month
	lastWork bool  // LW: its last day from Monday to Friday
	near     []int // 15W: the day from Monday to Friday nearest to the 15th
	lastOf   []int // 6L: the last Friday
	nth      [][2]int
}

// The years that AWS allows.
const minYear, maxYear = 1970, 2199

func parseCron(body string) (c cron, err error) {
	f := strings.Fields(body)
	if len(f) != 6 {
		return c, fmt.Errorf("cron(%s): need six fields (minutes hours day-of-month month day-of-week year), got %d", body, len(f))
	}
	months := []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	weekdays := []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
	fields := []struct {
		spec  fieldSpec
		text  string
		value *set
	}{
		{fieldSpec{"minutes", 0, 59, nil}, f[0], &c.minutes},
		{fieldSpec{"hours", 0, 23, nil}, f[1], &c.hours},
		{fieldSpec{"month", 1, 12, months}, f[3], &c.months},
		{fieldSpec{"year", minYear, maxYear, nil}, f[5], &c.years},
	}
	for _, x := range fields {
		if *x.value, err = x.spec.set(x.text); err != nil {
			return c, fmt.Errorf("cron(%s): %w", body, err)
		}
	}
	switch {
	case f[2] == "?" && f[4] == "?" || f[2] != "?" && f[4] != "?":
		err = fmt.Errorf("one of day-of-month and day-of-week must be ?, and the other must not")
	case f[2] == "?":
		c.days, err = fieldSpec{"day-of-week", 1, 7, weekdays}.weekdays(f[4])
	default:
		c.days, err = fieldSpec{"day-of-month", 1, 31, nil}.days(f[2])
	}
	if err != nil {
		return c, fmt.Errorf("cron(%s): %w", body, err)
	}
	return c, nil
}

// A fieldSpec is what a field may hold.
type fieldSpec struct {
	name     string
	min, max int
	names    []string // of the values from min
}

// set reads a list of values, ranges and steps.
func (s fieldSpec) set(text string) (set, error) {
	all := set{}
	for _, item := range strings.Split(text, ",") {
		if err := s.item(item, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// item adds the values of "*", "7", "MON-FRI" or "0/15" to all.
func (s fieldSpec) item(text string, all set) error {
	span, stepText, stepped := strings.Cut(text, "/")
	step := 1
	if stepped {
		n, ok := natural(stepText)
		if !ok || n == 0 || n > s.max {
			return fmt.Errorf("%s: %q is no step from 1 to %d", s.name, stepText, s.max)
		}
		step = n
	}
	from, to := s.min, s.max
	if span != "*" {
		first, last, ranged := strings.Cut(span, "-")
		var err error
		if from, err = s.value(first); err != nil {
			return err
		}
		switch {
		case ranged:
			if to, err = s.value(last); err != nil {
				return err
			}
		case !stepped:
			to = from
		}
	}
	if to < from {
		if s.name == "year" {
			return fmt.Errorf("%s: the range %q runs backwards", s.name, span)
		}
		to += s.max - s.min + 1 // over the end: FRI-MON
	}
	for v := from; v <= to; v += step {
		all[s.min+(v-s.min)%(s.max-s.min+1)] = true
	}
	return nil
}

func (s fieldSpec) value(text string) (int, error) {
	if i := slices.Index(s.names, strings.ToUpper(text)); i >= 0 {
		return s.min + i, nil
	}
	if n, ok := natural(text); ok && n >= s.min && n <= s.max {
		return n, nil
	}
	return 0, fmt.Errorf("%s: %q is no value from %d to %d", s.name, text, s.min, s.max)
}

// natural reads digits.
func natural(text string) (int, bool) {
	if text == "" || len(text) > 4 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

func (s fieldSpec) days(text string) (d dayRule, err error) {
	d.plain = set{}
	for _, item := range strings.Split(strings.ToUpper(text), ",") {
		day, near := strings.CutSuffix(item, "W")
		switch {
		case item == "L":
			d.last = true
		case item == "LW":
			d.lastWork = true
		case near:
			n, err := s.value(day)
			if err != nil {
				return d, err
			}
			d.near = append(d.near, n)
		default:
			if err := s.item(item, d.plain); err != nil {
				return d, err
			}
		}
	}
	return d, nil
}

func (s fieldSpec) weekdays(text string) (d dayRule, err error) {
	d.byWeek, d.plain = true, set{}
	for _, item := range strings.Split(strings.ToUpper(text), ",") {
		day, last := strings.CutSuffix(item, "L")
		which, count, nth := strings.Cut(item, "#")
		switch {
		case item == "L": // the last day of the week
			d.plain[7] = true
		case nth:
			n, ok := natural(count)
			if !ok || n < 1 || n > 5 {
				return d, fmt.Errorf("%s: %q must be from 1 to 5", s.name, "#"+count)
			}
			v, err := s.value(which)
			if err != nil {
				return d, err
			}
			d.nth = append(d.nth, [2]int{v, n})
		case last:
			v, err := s.value(day)
			if err != nil {
				return d, err
			}
			d.lastOf = append(d.lastOf, v)
		default:
			if err := s.item(item, d.plain); err != nil {
				return d, err
			}
		}
	}
	return d, nil
}

// of returns the days of a month, whose first is a first (0 is Sunday) and
// which has n days.
func (d dayRule) of(first time.Weekday, n int) set {
	days := set{}
	weekday := func(day int) int { return (int(first)+day-1)%7 + 1 }
	for day := 1; day <= n; day++ {
		if d.byWeek && d.plain[weekday(day)] || !d.byWeek && d.plain[day] {
			days[day] = true
		}
		for _, x := range d.nth {
			if weekday(day) == x[0] && (day-1)/7+1 == x[1] {
				days[day] = true
			}
		}
		for _, x := range d.lastOf {
			if weekday(day) == x && day+7 > n {
				days[day] = true
			}
		}
	}
	if d.last {
		days[n] = true
	}
	near := d.near
	if d.lastWork {
		near = append(slices.Clone(near), n)
	}
	for _, day := range near {
		if day <= n {
			days[workday(day, n, weekday)] = true
		}
	}
	return days
}

// workday is the day from Monday to Friday nearest to day, in its month.
func workday(day, n int, weekday func(int) int) int {
	switch weekday(day) {
	case 7: // Saturday
		if day == 1 {
			return 3
		}
		return day - 1
	case 1: // Sunday
		if day == n {
			return day - 2
		}
		return day + 1
	}
	return day
}

// next walks the wall clock of zone from after.
func (c cron) next(after time.Time, zone *time.Location) time.Time {
	local := after.In(zone)
	start := civil{local.Year(), int(local.Month()), local.Day(), local.Hour(), local.Minute(), 0}
	for year := max(start.year, minYear); year <= maxYear; year++ {
		if !c.years[year] {
			continue
		}
		for month := 1; month <= 12; month++ {
			if !c.months[month] || year == start.year && month < start.month {
				continue
			}
			first := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
			n := first.AddDate(0, 1, -1).Day()
			days := c.days.of(first.Weekday(), n)
			for day := 1; day <= n; day++ {
				if !days[day] || year == start.year && month == start.month && day < start.day {
					continue
				}
				if t, ok := c.within(civil{year, month, day, 0, 0, 0}, after, zone); ok {
					return t
				}
			}
		}
	}
	return time.Time{}
}

// within finds the first time of a day that is after after.
func (c cron) within(day civil, after time.Time, zone *time.Location) (time.Time, bool) {
	for hour := range 24 {
		if !c.hours[hour] {
			continue
		}
		for minute := range 60 {
			if !c.minutes[minute] {
				continue
			}
			day.hour, day.minute = hour, minute
			if t, ok := day.first(zone); ok && t.After(after) {
				return t.UTC(), true
			}
		}
	}
	return time.Time{}, false
}

// first is the first instant at which clocks in zone show c; there is none in
// the hour that spring leaves out.
func (c civil) first(zone *time.Location) (time.Time, bool) {
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, 0, zone)
	if t.Hour() != c.hour || t.Minute() != c.minute || t.Day() != c.day {
		return t, false
	}
	begin, _ := t.ZoneBounds()
	if begin.IsZero() {
		return t, true
	}
	_, now := t.Zone()
	_, before := begin.Add(-time.Second).Zone()
	if earlier := t.Add(-time.Duration(before-now) * time.Second); before > now && earlier.Before(begin) {
		return earlier, true
	}
	return t, true
}
