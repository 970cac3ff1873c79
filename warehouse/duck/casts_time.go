//go:build cgo

package duck

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"salamander/warehouse/redshift"
)

// A moment is a time or one of the two infinities: sign tells which.
type moment struct {
	t    time.Time
	sign int
}

var (
	// zone is what may follow a time of day. A TIMESTAMP does not look at it.
	zone = regexp.MustCompile(`(:[0-9]{2}(?:\.[0-9]+)?) ?(?:[+-][0-9]{1,2}(?::?[0-9]{2}){0,2}|Z|UTC|GMT)$`)

	// far are years that DuckDB writes and forms of literals do not have.
	far = regexp.MustCompile(`^([0-9]{4,6})-([0-9]{2})-([0-9]{2})(?: ([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,6})?)?( \(BC\)| BC)?$`)
)

// readMoment reads a timestamp, or a date with what follows it.
func readMoment(s string, date bool) (moment, bool) {
	if date {
		if t, ok := redshift.ParseDate(s); ok && !strings.Contains(s, "BC") {
			return moment{t: t}, true
		}
	} else if t, ok := redshift.ParseTimestamp(s); ok {
		return moment{t: t}, true
	}
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "infinity":
		return moment{sign: 1}, true
	case "-infinity":
		return moment{sign: -1}, true
	case "epoch":
		return moment{t: time.Unix(0, 0).UTC()}, true
	}
	if m := far.FindStringSubmatch(s); m != nil {
		return farMoment(m)
	}
	if m := zone.FindStringSubmatchIndex(s); m != nil && !date {
		t, ok := redshift.ParseTimestamp(s[:m[3]])
		return moment{t: t}, ok
	}
	return moment{}, false
}

// zoned is a time of day with the zone behind it.
var zoned = regexp.MustCompile(`^(.*[0-9])(?: ?(Z|[+-][0-9]{1,2}(?::?[0-9]{2}){0,2})| ([A-Za-z][A-Za-z0-9_/+-]*))$`)

// readZoned reads a timestamp with time zone; without a zone it is in UTC, the
// zone of all sessions.
func readZoned(s string) (moment, bool) {
	m := zoned.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil || !strings.Contains(m[1], ":") || strings.EqualFold(m[3], "am") || strings.EqualFold(m[3], "pm") {
		return readMoment(s, false)
	}
	t, ok := redshift.ParseTimestamp(m[1])
	if !ok {
		return moment{}, false
	}
	if m[3] != "" {
		t, err := redshift.ConvertTimezone(m[3], "UTC", t)
		return moment{t: t}, err == nil
	}
	if m[2] == "Z" {
		return moment{t: t}, true
	}
	digits := strings.ReplaceAll(m[2][1:], ":", "")
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	digits = (digits + "0000")[:6]
	n, _ := strconv.Atoi(digits) // digits only
	east := time.Duration(n/10000)*time.Hour + time.Duration(n/100%100)*time.Minute + time.Duration(n%100)*time.Second
	if n/10000 > 15 || n/100%100 > 59 || n%100 > 59 {
		return moment{}, false
	}
	if m[2][0] == '-' {
		east = -east
	}
	return moment{t: t.Add(-east)}, true
}

func farMoment(m []string) (moment, bool) {
	var n [6]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // digits, or "" for 0
	}
	if m[8] != "" {
		n[0] = 1 - n[0]
	}
	nanos := 0
	if m[7] != "" {
		nanos, _ = strconv.Atoi((m[7] + "000000")[1:7])
		nanos *= 1000
	}
	if n[0] > 290000 || n[0] < -290000 { // what 64 bits of microseconds hold
		return moment{}, false
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], nanos, time.UTC)
	return moment{t: t}, t.Day() == n[2] && int(t.Month()) == n[1] && n[3] < 24 && n[4] < 60 && n[5] < 60
}

func (a *args) setDateMoment(m moment) {
	if m.sign != 0 {
		put(a, int32(m.sign*math.MaxInt32))
	} else {
		a.setDate(m.t)
	}
}

func (a *args) setMoment(m moment) {
	if m.sign != 0 {
		put(a, int64(m.sign)*math.MaxInt64)
	} else {
		a.setTime(m.t)
	}
}
