package load

import (
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	for text, want := range map[string]string{
		"10:11:12": "10:11:12", "10:11:12.5": "10:11:12.5", "10:11": "10:11:00", "01:02:03 PM": "13:02:03", "1:02 pm": "13:02:00", "25:00:00": "", "10": "", "": "", "10:11:12x": "",
	} {
		got := ""
		if v, ok := clockOf([]byte(text)); ok {
			got = time.UnixMicro(v).UTC().Format("15:04:05.999999")
		}
		if got != want {
			t.Errorf("time %q: got %q; want %q", text, got, want)
		}
	}
	for _, tt := range []struct{ text, form, want string }{
		{"2026-03-01 10:11:12", "", "2026-03-01 10:11:12"}, {"2026-03-01 10:11:12+02", "", "2026-03-01 08:11:12"}, {"2026-03-01 10:11:12.25 -05:30", "", "2026-03-01 15:41:12.25"},
		{"2026-03-01T10:11:12Z", "auto", "2026-03-01 10:11:12"}, {"2026-03-01 10:11:12 UTC", "", "2026-03-01 10:11:12"}, {"2026-03-01", "", "2026-03-01 00:00:00"},
		{"Mar 01 2026 10:11 +0100", "auto", "2026-03-01 09:11:00"}, {"01.03.2026 10:11:12+01", "DD.MM.YYYY HH24:MI:SSOF", "2026-03-01 09:11:12"}, {"1772359872", "epochsecs", "2026-03-01 10:11:12"},
		{"2026-03-01 10:11:12+99", "", ""}, {"2026-03-01 10:11:12+1", "", ""}, {"2026-03-01 10:11:12 Mars", "", ""}, {"never", "auto", ""},
	} {
		got := ""
		if v, ok := zonedAs([]byte(tt.text), tt.form); ok {
			got = time.UnixMicro(v).UTC().Format("2006-01-02 15:04:05.999999")
		}
		if got != tt.want {
			t.Errorf("timestamptz %q as %q: got %q; want %q", tt.text, tt.form, got, tt.want)
		}
	}
}

// 'auto' knows these forms of timestamps.
func TestAutoTimes(t *testing.T) {
	for _, text := range []string{"19960108 040809", "960108 040809", "1996-01-08 04:08:09", "J2450091 04:08:09"} {
		if got, ok := timeAs([]byte(text), "auto"); !ok || got != 821074089e6 {
			t.Errorf("%q: got %d, %v; want 821074089e6", text, got, ok)
		}
	}
}

// 'auto' knows these forms of dates.
func TestAutoDates(t *testing.T) {
	for _, text := range []string{"2026-03-01", "20260301", "2026/03/01", "2026.03.01", "03/01/2026", "03-01-2026", "03.01.2026", "2026 Mar 01", "01 mar 2026",
		"01-Mar-2026", "Mar 01, 2026", "MAR 01 2026", "Mar-01-2026", "2026-Mar-01", "2026-03-01 10:11:12", "J2461101", "2026.060", "260301"} {
		if got, ok := dateAs([]byte(text), "auto"); !ok || got != 20513 {
			t.Errorf("%q: got %d, %v; want 20513", text, got, ok)
		}
	}
	for _, text := range []string{"2026-13-01", "Foo 01 2026", "Ma1 01 2026", "1 Mar", "today", "2026-3-1x", "2026.366", "2026.000", "J", "Jx", "261301"} {
		if got, ok := dateAs([]byte(text), "auto"); ok {
			t.Errorf("%q: got %d; want none", text, got)
		}
	}
}

func FuzzTimes(f *testing.F) {
	f.Add("2026-03-01 10:11:12.25 -05:30", "auto")
	f.Add("10:11:12", "YYYYOF")
	f.Fuzz(func(t *testing.T, text, form string) {
		clockOf([]byte(text))
		zonedAs([]byte(text), form)
	})
}
