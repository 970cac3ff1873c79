//go:build cgo

package duck

import (
	"fmt"
	"testing"
	"time"
)

// TestPlainDates compares all days of four centuries with those of package time.
func TestPlainDates(t *testing.T) {
	for d := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2110; d = d.AddDate(0, 0, 1) {
		if d.Year() == 5 {
			d = time.Date(1690, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		text := d.Format("2006-01-02")
		if got, ok := plainDate([]byte(text)); !ok || got != floorDays(d) {
			t.Fatalf("%s: got %d %t; want %d", text, got, ok, floorDays(d))
		}
	}
}

func TestPlainTexts(t *testing.T) {
	for _, text := range []string{"", "-", "+", "1.5", " 1", "1234567890123456789", "1_0", "0x1", "é"} {
		if n, ok := plainInteger([]byte(text)); ok {
			t.Errorf("%q: got %d; want none", text, n)
		}
	}
	for _, text := range []string{"2023-02-29", "2023-13-01", "2023-00-01", "2023-01-00", "0000-01-01", "2023-04-31", "2023-1-01", "20230101", "2023-01-01 ", "2o23-01-01"} {
		if n, ok := plainDate([]byte(text)); ok {
			t.Errorf("%q: got %d; want none", text, n)
		}
	}
	for _, text := range []string{"2023-01-01 10:11", "2023-01-01 24:00:00", "2023-01-01T10:11:12", "2023-01-01 10:11:12.", "2023-01-01 10:11:12.1234567", "2023-01-01 10:11:12+00", "2023-01-01 10:11:60"} {
		if n, ok := plainTimestamp([]byte(text)); ok {
			t.Errorf("%q: got %d; want none", text, n)
		}
	}
}

// FuzzPlain compares the short ways with the long ones.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{"12", "-12", "+0", "2024-02-29", "1969-12-31 23:59:59.5", "0001-01-01 00:00:00.000001", "9999-12-31"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := plainInteger([]byte(s)); ok {
			if want, err := readInteger(s, 64, "bigint"); err != nil || want != n {
				t.Errorf("%q: got %d; want %d %v", s, n, want, err)
			}
		}
		same := func(got int64, ok, date bool, of func(time.Time) int64) {
			if !ok {
				return
			}
			if m, ok := readMoment(s, date); !ok || m.sign != 0 || of(m.t) != got {
				t.Errorf("%q: got %d; want %s", s, got, fmt.Sprint(m, ok))
			}
		}
		days, ok := plainDate([]byte(s))
		same(days, ok, true, floorDays)
		micros, ok := plainTimestamp([]byte(s))
		same(micros, ok, false, time.Time.UnixMicro)
	})
}
