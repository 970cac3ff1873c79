package schedule

import (
	"strings"
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("no time zone %s here", name)
	}
	return z
}

func date(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestCron(t *testing.T) {
	for _, tt := range []struct{ expr, after, want string }{
		{"cron(0 10 * * ? *)", "2026-01-01T09:59", "2026-01-01T10:00 2026-01-02T10:00"},
		{"cron(0 10 * * ? *)", "2026-01-01T10:00", "2026-01-02T10:00"},
		{"cron(15 12 ? * MON-FRI *)", "2026-11-20T12:15", "2026-11-23T12:15"},
		{"cron(0/15 * * * ? *)", "2026-11-20T12:50", "2026-11-20T13:00 2026-11-20T13:15"},
		{"cron(*/20 8-9 ? * 2 *)", "2026-11-20T00:00", "2026-11-23T08:00 2026-11-23T08:20 2026-11-23T08:40 2026-11-23T09:00"},
		{"cron(0 8 1 * ? *)", "2026-11-20T00:00", "2026-12-01T08:00 2027-01-01T08:00"},
		{"cron(0 0 L * ? *)", "2028-01-31T00:00", "2028-02-29T00:00 2028-03-31T00:00"},
		{"cron(0 0 LW * ? *)", "2026-05-01T00:00", "2026-05-29T00:00"},
		{"cron(0 0 3W * ? *)", "2026-10-01T00:00", "2026-10-02T00:00 2026-11-03T00:00"},
		{"cron(0 0 1W * ? *)", "2026-07-31T00:00", "2026-08-03T00:00"},
		{"cron(0 0 31W * ? *)", "2026-05-01T00:00", "2026-05-29T00:00 2026-07-31T00:00"},
		{"cron(0 0 ? * L *)", "2026-11-20T00:00", "2026-11-21T00:00"},
		{"cron(0 0 ? * 6L *)", "2026-11-01T00:00", "2026-11-27T00:00 2026-12-25T00:00"},
		{"cron(0 0 ? * FRIL *)", "2026-11-01T00:00", "2026-11-27T00:00"},
		{"cron(0 0 ? * MON#2 *)", "2026-11-01T00:00", "2026-11-09T00:00 2026-12-14T00:00"},
		{"cron(0 0 ? * 3#5 *)", "2026-11-01T00:00", "2026-12-29T00:00"},
		{"cron(0 0 ? JAN,JUN SUN,SAT 2027-2028)", "2026-11-01T00:00", "2027-01-02T00:00 2027-01-03T00:00"},
		{"cron(0 0 ? * FRI-MON *)", "2026-11-22T00:00", "2026-11-23T00:00 2026-11-27T00:00"},
		{"cron(0 22-2/2 * * ? *)", "2026-11-22T01:00", "2026-11-22T02:00 2026-11-22T22:00 2026-11-23T00:00"},
		{"cron(5 0 29 2 ? *)", "2026-11-22T01:00", "2028-02-29T00:05 2032-02-29T00:05"},
		{"cron(0 0 1 1 ? 2025)", "2026-11-22T01:00", "never"},
		{"cron(0 0 30 2 ? *)", "2026-11-22T01:00", "never"},
		{"rate(1 day)", "2026-11-22T01:00", "2026-11-22T12:00 2026-11-23T12:00"},
		{"rate(90 minutes)", "2026-01-01T12:01", "2026-01-01T13:30 2026-01-01T15:00"},
		{"at(2026-11-22T13:00:00)", "2026-11-22T01:00", "2026-11-22T13:00 never"},
	} {
		e, err := Parse(tt.expr, Scheduler)
		if err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		at, anchor := date(t, tt.after), date(t, "2026-01-01T12:00")
		for _, want := range strings.Fields(tt.want) {
			at = e.Next(at, anchor, time.UTC)
			got := at.Format("2006-01-02T15:04")
			if at.IsZero() {
				got = "never"
			}
			if got != want {
				t.Errorf("%s after %s: got %s; want %s", tt.expr, tt.after, got, want)
			}
		}
	}
}

func TestBadExpressions(t *testing.T) {
	for _, text := range []string{"", "rate(5)", "rate(0 minutes)", "rate(-1 minutes)", "rate(5 weeks)", "rate(5 minute)", "rate(1 minutes)", "rate(99999999999 days)",
		"cron(0 10 * * *)", "cron(0 10 * * * *)", "cron(0 10 ? * ? *)", "cron(0 10 * * MON *)", "cron(60 10 * * ? *)", "cron(0 24 * * ? *)",
		"cron(0 0 32 * ? *)", "cron(0 0 ? * 8 *)", "cron(0 0 ? * MON#6 *)", "cron(0 0 * 13 ? *)", "cron(0 0 * * ? 1969)", "cron(0 0 * * ? 2027-2026)",
		"cron(0/0 0 * * ? *)", "cron(? 0 * * ? *)", "cron(0 0 X * ? *)", "cron(, 0 * * ? *)", "at(2026-11-22T13:00:00)", "every day", "cron(0 0 * * ? *", "cron(1-2-3 0 * * ? *)"} {
		if e, err := Parse(text, Rule); err == nil {
			t.Errorf("%q was taken as %+v", text, e)
		}
	}
	if _, err := Parse("rate(1 minutes)", Scheduler); err != nil {
		t.Error(err)
	}
}

// A year of Berlin: half past two happens every day but the last Sunday of
// March, when there is none, and once on the last Sunday of October, when
// there are two.
func TestAYearWithBothChanges(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	e, err := Parse("cron(30 2 * * ? *)", Scheduler)
	if err != nil {
		t.Fatal(err)
	}
	days := map[string]int{}
	at := time.Date(2025, 12, 31, 12, 0, 0, 0, time.UTC)
	for {
		next := e.Next(at, at, berlin)
		if !next.After(at) {
			t.Fatalf("after %s: got %s", at, next)
		}
		at = next
		local := at.In(berlin)
		if local.Year() > 2026 {
			break
		}
		if local.Hour() != 2 || local.Minute() != 30 {
			t.Errorf("fired at %s", local)
		}
		days[local.Format("2006-01-02")]++
	}
	if len(days) != 364 || days["2026-03-29"] != 0 || days["2026-10-25"] != 1 {
		t.Errorf("got %d days, %d in spring, %d in autumn; want 364, 0, 1", len(days), days["2026-03-29"], days["2026-10-25"])
	}
	// The first of the two in autumn is in summer time.
	if got := e.Next(time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC), at, berlin); got.Format(time.RFC3339) != "2026-10-25T00:30:00Z" {
		t.Errorf("autumn: got %s; want 2026-10-25T00:30:00Z", got)
	}
	// A rate of a day is 24 hours, whatever the clocks do.
	r, err := Parse("rate(1 day)", Scheduler)
	if err != nil {
		t.Fatal(err)
	}
	anchor := time.Date(2026, 3, 28, 11, 0, 0, 0, time.UTC)
	if got := r.Next(anchor, anchor, berlin); got.Sub(anchor) != 24*time.Hour {
		t.Errorf("rate: got %s", got)
	}
}

// Every hour of a year in New York: 23 hours in spring, 24 in autumn.
func TestEveryHourOfAYear(t *testing.T) {
	ny := zone(t, "America/New_York")
	e, err := Parse("cron(0 * * * ? 2026)", Scheduler)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for at := time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC); ; n++ {
		if at = e.Next(at, at, ny); at.IsZero() {
			break
		}
	}
	if want := 365*24 - 1; n != want {
		t.Errorf("got %d; want %d", n, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"rate(5 minutes)", "at(2026-11-22T13:00:00)", "cron(0/15 8-17 LW JAN-JUN,12 ? 2026/2)", "cron(1 1 ? * 6L,MON#2 *)"} {
		f.Add(s)
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		e, err := Parse(s, Scheduler)
		if err != nil {
			return
		}
		if next := e.Next(from, from, time.UTC); !next.IsZero() && !next.After(from) {
			t.Fatalf("%s: %s is not after %s", s, next, from)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	e, err := Parse("cron(0 2 ? * MON-FRI *)", Scheduler)
	if err != nil {
		b.Fatal(err)
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		e.Next(from, from, time.UTC)
	}
}
