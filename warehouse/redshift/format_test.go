package redshift

import (
	"testing"
	"time"
)

// What PostgreSQL's to_char says, on which Redshift's is built.
var numberFormats = []struct{ number, format, want string }{
	{"1234.5", "9,999.99", " 1,234.50"}, {"-1234.5", "9,999.99", "-1,234.50"}, {"0.5", "9.99", "  .50"}, {"0.5", "0.99", " 0.50"},
	{"12", "0000", " 0012"}, {"12", "FM0000", "0012"}, {"485", "999MI", "485 "}, {"-485", "999MI", "485-"}, {"485", "S999", "+485"},
	{"-485", "999PR", "<485>"}, {"485", "999PR", " 485 "}, {"12345", "999", " ###"}, {"1.5", "FM999.990", "1.500"}, {"482", "999th", " 482nd"},
	{"1234", "$9,999", "$ 1,234"}, {"-5", "99", " -5"}, {"5", "99S", " 5+"}, {"0", "99", "  0"}, {"0", "FM99", "0"}, {"0.1", "FM9.99", ".1"},
}

func TestFormatNumber(t *testing.T) {
	for _, tc := range numberFormats {
		got, err := FormatNumber(tc.number, tc.format)
		if err != nil || got != tc.want {
			t.Errorf("FormatNumber(%q, %q): got %q, %v; want %q", tc.number, tc.format, got, err, tc.want)
		}
	}
}

var someDay = time.Date(2026, 3, 1, 15, 4, 5, 678900000, time.UTC)

var timeFormats = []string{
	"YYYY-MM-DD HH24:MI:SS", "Day, DD Month YYYY", "FMDay, FMDD FMMonth YYYY", "dy DD mon YY", "DAY", "Q", "WW IW W", "DDD D ID", "HH12:MI AM", "hh:mi p.m.",
	"MS US", "SSSSS", "J", "CC", "RM", "DDth FMMonth", `"year" YYYY`, "IYYY-IW", "Y,YYY", "YYY YY Y", "MONTH MON", "BC A.D.", "FMHH24", "yyyymmdd",
}

func FuzzFormats(f *testing.F) {
	for _, s := range timeFormats {
		f.Add(s, "2026-03-01")
	}
	for _, tc := range numberFormats {
		f.Add(tc.format, tc.number)
	}
	f.Fuzz(func(t *testing.T, format, text string) {
		if len(format) > 1000 {
			return
		}
		FormatTime(someDay, format)
		ParseTime(text, format)
		FormatNumber("-12.5", format)
		ParseNumber(text, format)
	})
}
