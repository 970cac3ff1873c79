package console

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// steady are schedules that happen in steps of their expression, a duration.
type steady struct{}

func (steady) Schedules(_ context.Context, from time.Time, count int) ([]Schedule, error) {
	return nil, nil
}

func (steady) Next(expression, _ string, from time.Time, count int) (ticks []Tick, err error) {
	step, err := time.ParseDuration(expression)
	for i := range count {
		ticks = append(ticks, Tick{At: millis(from.Add(time.Duration(i+1) * step))})
	}
	return ticks, err
}

func (steady) Match(string, string) (bool, []PatternReason, error) { return false, nil, nil }
func (steady) Triggers(context.Context) ([]Trigger, error)         { return nil, nil }
func (steady) Template(string) string                              { return "" }

// What happens often is told once, with how often exactly.
func TestTicksOfADay(t *testing.T) {
	d := open(t, func(o *Options) { o.Schedules = steady{} })
	for _, c := range []struct {
		every string
		want  []will
	}{
		{"12h", []will{{Name: "s", At: millis(d.now.Add(12 * time.Hour)), Target: "x"}, {Name: "s", At: millis(d.now.Add(24 * time.Hour)), Target: "x"}}},
		{"25h", nil},
		{"1m", []will{{Name: "s", At: millis(d.now.Add(time.Minute)), Target: "x", More: 1439, Last: millis(d.now.Add(24 * time.Hour))}}},
		{"7m", []will{{Name: "s", At: millis(d.now.Add(7 * time.Minute)), Target: "x", More: 204, Last: millis(d.now.Add(205 * 7 * time.Minute))}}},
		{"30m", nil},
	} {
		ticks, err := steady{}.Next(c.every, "", d.now, maxTicks)
		if err != nil {
			t.Fatal(err)
		}
		got := d.ticksUntil(Schedule{Name: "s", Expression: c.every, Next: ticks}, d.now.Add(24*time.Hour), "x")
		if c.every == "30m" {
			if len(got) != 48 {
				t.Errorf("30m: got %d; want each of 48", len(got))
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.every, diff)
		}
	}
}
