package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	web "salamander/console"
	"salamander/event"
	"salamander/event/pattern"
	"salamander/event/schedule"
	"salamander/internal/value"
	"salamander/operation"
)

// consoleSchedules lets the console read what happens at which times.
type consoleSchedules struct{ *app }

func (c consoleSchedules) scope() event.Scope {
	return event.Scope{Account: defaultAccount, Region: c.config.Region}
}

// Schedules lists the rules and schedules with their next times.
func (c consoleSchedules) Schedules(_ context.Context, from time.Time, count int) ([]web.Schedule, error) {
	upcoming := map[string]event.Upcoming{}
	for _, u := range c.events.Upcoming(c.scope()) {
		upcoming[u.Name] = u
	}
	next := func(name string, enabled bool) (ticks []web.Tick, last int64, err error) {
		u, ok := upcoming[name]
		if !ok {
			return []web.Tick{}, 0, nil
		}
		if !u.Last.IsZero() {
			last = u.Last.UnixMilli()
		}
		if !enabled {
			return []web.Tick{}, last, nil
		}
		times, err := u.Times(from, count)
		if err != nil {
			return nil, 0, err
		}
		ticks, err = ticksOf(times, u.Zone, from)
		return ticks, last, err
	}
	rules, err := c.events.Rules(c.scope(), event.DefaultBus)
	if err != nil {
		return nil, err
	}
	all := []web.Schedule{}
	for _, r := range rules {
		one := web.Schedule{Kind: "rule", Name: r.Name, Expression: r.Schedule, Pattern: r.Pattern, State: cmp.Or(r.State, "ENABLED"), Targets: []string{}}
		for _, t := range r.Targets {
			one.Targets = append(one.Targets, t.ARN)
		}
		if one.Next, one.Last, err = next("rule/"+r.Name, r.Enabled()); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	for _, s := range c.events.Schedules(c.scope(), "") {
		one := web.Schedule{Kind: "schedule", Name: s.Name, Group: s.Group, Expression: s.Expression, Zone: cmp.Or(s.Zone, "UTC"),
			State: cmp.Or(s.State, "ENABLED"), Targets: []string{s.Target.ARN}}
		if one.Next, one.Last, err = next("schedule/"+s.Group+"/"+s.Name, s.State != "DISABLED"); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// ticksOf marks the times at which a zone's clock has changed.
func ticksOf(times []time.Time, zone string, from time.Time) ([]web.Tick, error) {
	loc, err := event.LoadZone(zone)
	if err != nil {
		return nil, err
	}
	ticks := []web.Tick{}
	_, before := from.In(loc).Zone()
	for _, t := range times {
		local := t.In(loc)
		_, offset := local.Zone()
		tick := web.Tick{At: t.UnixMilli(), Offset: local.Format("-07:00")}
		switch {
		case twice(local):
			tick.DST = "repeated"
		case offset != before:
			tick.DST = "changed"
		}
		before = offset
		ticks = append(ticks, tick)
	}
	return ticks, nil
}

// twice reports whether a zone's clock shows a time twice on its day.
func twice(t time.Time) bool {
	_, now := t.Zone()
	for _, d := range []time.Duration{-3 * time.Hour, 3 * time.Hour} {
		_, other := t.Add(d).Zone()
		same := t.Add(time.Duration(now-other) * time.Second)
		if _, there := same.Zone(); now != other && there == other {
			return true
		}
	}
	return false
}

// Next tells when an expression happens.
func (c consoleSchedules) Next(expression, zone string, from time.Time, count int) ([]web.Tick, error) {
	loc, err := event.LoadZone(zone)
	if err != nil {
		return nil, operation.Errorf("Invalid", "zone: %v", err)
	}
	e, err := schedule.Parse(expression, schedule.Scheduler)
	if err != nil {
		return nil, operation.Errorf("Invalid", "expression: %v", err)
	}
	start := from.UTC().Truncate(time.Second)
	at := start
	var times []time.Time
	for range count {
		if at = e.Next(at, start, loc); at.IsZero() {
			break
		}
		times = append(times, at)
	}
	return ticksOf(times, zone, from)
}

// Match tries an event against a pattern, and finds the fields that do not
// match.
func (c consoleSchedules) Match(source, eventText string) (bool, []web.PatternReason, error) {
	p, err := pattern.Compile(source)
	if err != nil {
		return false, nil, operation.Errorf("InvalidEventPatternException", "%v", err)
	}
	v, err := value.Parse([]byte(eventText))
	if err != nil {
		return false, nil, operation.Errorf("Invalid", "event: no JSON: %v", err)
	}
	if _, ok := v.(*value.Object); !ok {
		return false, nil, operation.Errorf("Invalid", "event: need an object")
	}
	if p.Matches(v) {
		return true, nil, nil
	}
	var doc map[string]any
	if err := json.Unmarshal([]byte(source), &doc); err != nil {
		return false, nil, err
	}
	return false, whyNot(doc, v, nil), nil
}

// whyNot finds the fields of a pattern that do not match, each for itself.
func whyNot(doc map[string]any, ev value.Value, path []string) (why []web.PatternReason) {
	names := make([]string, 0, len(doc))
	for name := range doc {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		at := append(slices.Clone(path), name)
		if child, ok := doc[name].(map[string]any); ok {
			why = append(why, whyNot(child, ev, at)...)
			continue
		}
		alone := doc[name]
		for _, part := range slices.Backward(at) {
			alone = map[string]any{part: alone}
		}
		text, err := json.Marshal(alone)
		if err != nil {
			continue
		}
		p, err := pattern.Compile(string(text))
		if err != nil || p.Matches(ev) {
			continue
		}
		want, err := json.Marshal(doc[name])
		if err != nil {
			continue
		}
		reason := web.PatternReason{Path: strings.Join(at, "."), Want: string(want)}
		if got := within(ev, at); got != nil {
			reason.Got = string(value.Append(nil, got))
		}
		why = append(why, reason)
	}
	return why
}

// within is what an event has at a path; nil where it has nothing.
func within(v value.Value, path []string) value.Value {
	for _, name := range path {
		o, ok := v.(*value.Object)
		if !ok {
			return nil
		}
		if v, ok = o.Get(name); !ok {
			return nil
		}
	}
	return v
}

// Triggers tells what the completeness triggers wait for.
func (c consoleSchedules) Triggers(ctx context.Context) ([]web.Trigger, error) {
	list, err := c.events.Triggers(ctx)
	all := []web.Trigger{}
	for _, t := range list {
		one := web.Trigger{Name: t.Name, Bucket: t.Bucket, Target: t.Target, Days: []web.TriggerDay{}}
		if !t.Deadline.IsZero() {
			one.Deadline = t.Deadline.UnixMilli()
		}
		for _, d := range t.Days {
			day := web.TriggerDay{Date: d.Date, Progress: d.Progress, Late: d.Late}
			if !d.Started.IsZero() {
				day.Started = d.Started.UnixMilli()
			}
			one.Days = append(one.Days, day)
		}
		all = append(all, one)
	}
	return all, err
}

// Template is the input of a machine's dates.
func (c consoleSchedules) Template(machine string) string {
	text, err := c.config.templateOf(machine, "")
	if err != nil || text == dateInput { // several triggers have different ones; or none is
		return ""
	}
	return text
}

// plainError is an error of a command as one of the API: without the status
// that the command would end with.
func plainError(err error) error {
	var status *exitError
	var known *operation.Error
	if errors.As(err, &known) || !errors.As(err, &status) {
		return err
	}
	return operation.Errorf("Invalid", "%s", status.Error())
}
