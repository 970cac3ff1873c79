package event

import (
	"slices"
	"strings"
	"time"
)

// An Upcoming is a rule or a schedule that has times.
type Upcoming struct {
	Name       string    `json:"name"` // "rule/NAME" or "schedule/GROUP/NAME"
	Expression string    `json:"expression"`
	Zone       string    `json:"zone,omitempty"`
	Enabled    bool      `json:"enabled"`
	NoTargets  bool      `json:"noTargets,omitempty"` // a rule that calls nothing
	Anchor     time.Time `json:"anchor"`
	End        time.Time `json:"end,omitzero"`
	Last       time.Time `json:"last"`
	Window     int       `json:"window,omitempty"` // minutes
}

// Upcoming returns all rules and schedules of an account and region that have
// times, by name.
func (e *Events) Upcoming(s Scope) []Upcoming {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := []Upcoming{}
	for _, r := range e.rules {
		if r.Scope == s && r.Schedule != "" {
			all = append(all, Upcoming{Name: "rule/" + r.Name, Expression: r.Schedule, Enabled: r.Enabled(),
				NoTargets: len(r.Targets) == 0, Anchor: r.Anchor, Last: r.Last})
		}
	}
	for _, t := range e.schedules {
		if t.Scope == s {
			all = append(all, Upcoming{Name: "schedule/" + t.Group + "/" + t.Name, Expression: t.Expression, Zone: t.Zone,
				Enabled: t.State != "DISABLED", Anchor: t.Anchor, End: t.End, Last: t.Last, Window: t.Schedule.Window})
		}
	}
	slices.SortFunc(all, func(a, b Upcoming) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Times returns at most n times after after, and after what has happened.
func (u Upcoming) Times(after time.Time, n int) ([]time.Time, error) {
	t, err := compileSchedule(Schedule{Expression: u.Expression, Zone: u.Zone, End: u.End, Anchor: u.Anchor, Last: u.Last, State: "DISABLED"})
	if err != nil {
		return nil, err
	}
	if u.Last.After(after) {
		after = u.Last
	}
	var times []time.Time
	for range n {
		if after = t.clock.after(after); after.IsZero() {
			break
		}
		times = append(times, after)
	}
	return times, nil
}
