//go:build cgo

package duck

import "testing"

func TestReadMoment(t *testing.T) {
	for _, c := range []struct {
		text string
		date bool
		want string // "" for none
	}{
		{"2026-03-01 10:11:12+00", false, "2026-03-01T10:11:12Z"},
		{"2026-03-01 10:11:12.5 +02:30", false, "2026-03-01T10:11:12.5Z"},
		{"2026-03-01 10:11 UTC", false, "2026-03-01T10:11:00Z"},
		{"2026-03-01 +00", true, "2026-03-01T00:00:00Z"},
		{"20240105", true, "2024-01-05T00:00:00Z"},
		{"12345-01-02", true, "12345-01-02T00:00:00Z"},
		{"0044-03-15 (BC)", true, "-0043-03-15T00:00:00Z"},
		{"12345-01-02 03:04:05.25", false, "12345-01-02T03:04:05.25Z"},
		{"12345-02-30", true, ""},
		{"12345-01-02 25:00:00", false, ""},
		{"10:11:12+00", false, ""},
		{"", false, ""},
		{"epoch", true, "1970-01-01T00:00:00Z"},
	} {
		m, ok := readMoment(c.text, c.date)
		got := ""
		if ok {
			got = m.t.Format("2006-01-02T15:04:05.999999Z07:00")
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
	for text, sign := range map[string]int{"infinity": 1, "-Infinity": -1} {
		if m, ok := readMoment(text, false); !ok || m.sign != sign {
			t.Errorf("%q: %+v %t", text, m, ok)
		}
	}
}

func TestReadZoned(t *testing.T) {
	for text, want := range map[string]string{
		"2024-01-01 10:00+02": "2024-01-01T08:00:00Z", "2024-01-01 10:00:00.5-05:30": "2024-01-01T15:30:00.5Z", "2024-01-01 10:00:00 +0130": "2024-01-01T08:30:00Z",
		"2024-07-01 10:00 America/New_York": "2024-07-01T14:00:00Z", "2024-01-01 10:00Z": "2024-01-01T10:00:00Z", "2024-01-01": "2024-01-01T00:00:00Z", "1/5/2024 10:00 PM": "2024-01-05T22:00:00Z",
		"2024-01-01 10:00 EST": "2024-01-01T15:00:00Z", "2024-01-01 10:00 Nowhere/City": "", "2024-01-01 10:00+20": "", "x": "", "2024-01-01 25:00+01": "",
	} {
		m, ok := readZoned(text)
		got := ""
		if ok {
			got = m.t.Format("2006-01-02T15:04:05.999999Z07:00")
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// FuzzReadMoment looks for texts that a cast cannot bear.
func FuzzReadMoment(f *testing.F) {
	f.Add("2026-03-01 10:11:12+00")
	f.Add("0044-03-15 (BC)")
	f.Fuzz(func(t *testing.T, s string) {
		readMoment(s, true)
		readMoment(s, false)
		readZoned(s)
		readInteger(s, 32, "integer")
	})
}
