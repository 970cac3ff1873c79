package load

import (
	"strings"
	"time"
)

// clocks are the forms of a time of day.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_Datetime_types.html
var clocks = [...]string{"15:04:05.999999", "15:04", "3:04:05.999999 PM", "3:04 PM", "3:04:05PM", "3:04PM", "150405.999999"}

// clockOf reads a time of day as microseconds since midnight.
func clockOf(b []byte) (int64, bool) {
	text := strings.ToUpper(string(b))
	if text == "24:00:00" {
		return 86400e6, true
	}
	for _, layout := range clocks {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)).Microseconds(), true
		}
	}
	return 0, false
}

// zonedAs reads a timestamp with a time zone, in a form of [Options.TimeFormat],
// as microseconds since 1970 in UTC. Without an offset it is in UTC.
func zonedAs(b []byte, form string) (int64, bool) {
	if form == "epochsecs" || form == "epochmillisecs" {
		return timeAs(b, form)
	}
	text, offset, ok := cutZone(string(b))
	if !ok {
		return 0, false
	}
	form = strings.TrimRight(strings.TrimSuffix(form, "OF"), " ")
	if form == "YYYY-MM-DD HH:MI:SS" {
		form = ""
	}
	micros, ok := timeAs([]byte(text), form)
	return micros - int64(offset)*1e6, ok
}

// cutZone takes the time zone off a timestamp: Z, UTC, GMT, +02, -0530 or
// +05:30. It returns the offset in seconds, 0 where there is none.
func cutZone(text string) (rest string, offset int, ok bool) {
	for _, utc := range [...]string{"Z", "z", " UTC", " utc", " GMT", "UTC"} {
		if rest, found := strings.CutSuffix(text, utc); found {
			return rest, 0, true
		}
	}
	i := strings.LastIndexAny(text, "+-")
	if i < 0 || !strings.Contains(text[:i], ":") { // a hyphen of the date
		return text, 0, true
	}
	digits := strings.Replace(text[i+1:], ":", "", 1)
	if len(digits) != 2 && len(digits) != 4 {
		return "", 0, false
	}
	n := [2]int{}
	for k := 0; k < len(digits); k += 2 {
		if digits[k] < '0' || digits[k] > '9' || digits[k+1] < '0' || digits[k+1] > '9' {
			return "", 0, false
		}
		n[k/2] = int(digits[k]-'0')*10 + int(digits[k+1]-'0')
	}
	if n[0] > 15 || n[1] > 59 {
		return "", 0, false
	}
	if offset = n[0]*3600 + n[1]*60; text[i] == '-' {
		offset = -offset
	}
	return strings.TrimRight(text[:i], " "), offset, true
}
