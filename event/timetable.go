package event

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"salamander/event/schedule"
	"salamander/internal/arn"
	"salamander/internal/value"
)

// DefaultGroup is the group of schedules that name none.
const DefaultGroup = "default"

// A Group holds schedules. Its tags may say the policies of all of them.
type Group struct {
	Scope
	Name     string            `json:"name"`
	Created  time.Time         `json:"created"`
	Modified time.Time         `json:"modified"`
	Tags     map[string]string `json:"tags,omitempty"`
}

// ARN returns the group's name in the world.
func (g Group) ARN() string {
	return arn.New("scheduler", g.Region, g.Account, "schedule-group/"+g.Name)
}
func (g Group) key() string { return key(g.Account, g.Region, g.Name) }

// A ScheduleID names a schedule.
type ScheduleID struct {
	Scope
	Group string `json:"group"`
	Name  string `json:"name"`
}

// ARN returns the schedule's name in the world.
func (id ScheduleID) ARN() string {
	return arn.New("scheduler", id.Region, id.Account, "schedule/"+id.Group+"/"+id.Name)
}
func (id ScheduleID) key() string { return key(id.Account, id.Region, id.Group, id.Name) }

// A Schedule calls its target at the times of an expression.
type Schedule struct {
	ScheduleID
	Description     string    `json:"description,omitempty"`
	Expression      string    `json:"expression"`
	Zone            string    `json:"zone,omitempty"` // IANA name; UTC when empty
	Start           time.Time `json:"start,omitzero"`
	End             time.Time `json:"end,omitzero"`
	Window          int       `json:"window,omitempty"` // minutes; 0: off
	State           string    `json:"state"`
	AfterCompletion string    `json:"afterCompletion,omitempty"` // NONE or DELETE
	Target          Target    `json:"target"`
	Created         time.Time `json:"created"`
	Modified        time.Time `json:"modified"`
	Anchor          time.Time `json:"anchor"`
	Last            time.Time `json:"last"`
	Token           string    `json:"token,omitempty"` // client token of its creation
}

// A timetable is a Schedule made ready.
type timetable struct {
	Schedule
	clock clock
}

// LoadZone returns a time zone by its IANA name; UTC for "".
func LoadZone(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, fmt.Errorf("unknown time zone Local")
	}
	return time.LoadLocation(cmp.Or(name, "UTC"))
}

func compileSchedule(s Schedule) (*timetable, error) {
	e, err := schedule.Parse(s.Expression, schedule.Scheduler)
	if err != nil {
		return nil, err
	}
	zone, err := LoadZone(s.Zone)
	if err != nil {
		return nil, err
	}
	t := &timetable{Schedule: s, clock: clock{expr: e, zone: zone, anchor: s.Anchor, last: s.Last, until: s.End,
		window: time.Duration(s.Window) * time.Minute, arn: s.ARN()}}
	if e.Once() {
		t.clock.until = time.Time{} // start and end are for what recurs
	}
	if s.State != "DISABLED" {
		t.clock.advance()
	}
	return t, nil
}

// begin has s count from now: a rate begins with its start, or at once.
func (s *Schedule) begin(now time.Time) {
	s.Anchor = now
	if s.Start.After(now) {
		s.Anchor = s.Start
	}
	s.Last = now.Add(-time.Nanosecond)
	if s.Start.After(now) && !strings.HasPrefix(s.Expression, "at(") {
		s.Last = s.Start.Add(-time.Nanosecond)
	}
}

// occur is the call of an occurrence.
func (t *timetable) occur(at, now time.Time) Delivery {
	id := Derive(t.ARN(), at.Format(time.RFC3339Nano), t.Created.Format(time.RFC3339Nano))
	d := Delivery{Scope: t.Scope, ID: id, Owner: t.ARN(), Accepted: now, Due: now, Target: t.Target, Scheduled: at, Scheduler: true}
	if t.Target.Input == nil || *t.Target.Input == "" {
		ev := Event{Scope: t.Scope, ID: id, Type: "Scheduled Event", Source: "aws.scheduler", Time: at, Resources: []string{t.ARN()},
			Detail: json.RawMessage(`"{}"`)}
		d.Input = string(ev.JSON())
		return d
	}
	d.Input = strings.NewReplacer(
		"<aws.scheduler.schedule-arn>", t.ARN(),
		"<aws.scheduler.scheduled-time>", at.UTC().Format("2006-01-02T15:04:05Z"),
		"<aws.scheduler.execution-id>", id,
		"<salamander.date>", at.In(t.clock.zone).Format("2006-01-02"),
	).Replace(*t.Target.Input)
	return d
}

// sourceOf reads an event for its inputs. Events that are made here are JSON.
func sourceOf(ev Event, id RuleID, now time.Time) source {
	text := ev.JSON()
	doc, err := value.Parse(text)
	if err != nil {
		panic(err)
	}
	return source{ev, text, doc, id, now}
}

func (e *Events) group(s Scope, name string) (Group, error) {
	if g, ok := e.groups[key(s.Account, s.Region, name)]; ok {
		return *g, nil
	}
	if name == DefaultGroup {
		return Group{Scope: s, Name: name}, nil
	}
	return Group{}, ErrNotFound
}

func (e *Events) groupTags(s Schedule) map[string]string {
	g, _ := e.group(s.Scope, s.Group)
	return g.Tags
}

// Group returns a group, or ErrNotFound.
func (e *Events) Group(s Scope, name string) (Group, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.group(s, name)
}

// Groups returns the groups of an account and region, by name.
func (e *Events) Groups(s Scope) []Group {
	e.mu.Lock()
	defer e.mu.Unlock()
	def, _ := e.group(s, DefaultGroup)
	all := []Group{def}
	for _, g := range e.groups {
		if g.Scope == s && g.Name != DefaultGroup {
			all = append(all, *g)
		}
	}
	slices.SortFunc(all, func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// CreateGroup makes a group: ErrExists.
func (e *Events) CreateGroup(ctx context.Context, g Group) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.group(g.Scope, g.Name); err == nil {
		return ErrExists
	}
	g.Created, g.Modified = e.now(), e.now()
	return e.putGroup(ctx, g)
}

func (e *Events) putGroup(ctx context.Context, g Group) error {
	if err := e.store.Commit(ctx, Change{Put: []Record{{"group", g.key(), g}}}); err != nil {
		return err
	}
	e.groups[g.key()] = &g
	return nil
}

// UpdateGroup changes a group: ErrNotFound.
func (e *Events) UpdateGroup(ctx context.Context, s Scope, name string, change func(*Group)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	g, err := e.group(s, name)
	if err != nil {
		return err
	}
	change(&g)
	return e.putGroup(ctx, g)
}

// DeleteGroup removes a group with its schedules: ErrNotFound.
func (e *Events) DeleteGroup(ctx context.Context, s Scope, name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	g, err := e.group(s, name)
	if err != nil {
		return err
	}
	c := Change{Delete: []Record{{Kind: "group", Key: g.key()}}}
	var gone []string
	for k, t := range e.schedules {
		if t.Scope == s && t.Group == name {
			gone = append(gone, k)
			c.Delete = append(c.Delete, Record{Kind: "schedule", Key: k})
		}
	}
	if err := e.store.Commit(ctx, c); err != nil {
		return err
	}
	delete(e.groups, g.key())
	for _, k := range gone {
		delete(e.schedules, k)
	}
	return nil
}

// Schedule returns a schedule, or ErrNotFound.
func (e *Events) Schedule(id ScheduleID) (Schedule, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if t, ok := e.schedules[id.key()]; ok {
		return t.Schedule, nil
	}
	return Schedule{}, ErrNotFound
}

// Schedules returns the schedules of an account and region by group and
// name, those of one group when group is not empty.
func (e *Events) Schedules(s Scope, group string) []Schedule {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []Schedule
	for _, t := range e.schedules {
		if t.Scope == s && (group == "" || t.Group == group) {
			all = append(all, t.Schedule)
		}
	}
	slices.SortFunc(all, func(a, b Schedule) int { return strings.Compare(a.key(), b.key()) })
	return all
}

// CreateSchedule makes a schedule. ErrExists, unless the one there came of
// the same client token; ErrNotFound is for the group.
func (e *Events) CreateSchedule(ctx context.Context, s Schedule) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.group(s.Scope, s.Group); err != nil {
		return err
	}
	if t, ok := e.schedules[s.key()]; ok {
		if s.Token != "" && t.Token == s.Token {
			return nil
		}
		return ErrExists
	}
	s.Created = e.now()
	return e.putSchedule(ctx, s)
}

// UpdateSchedule puts s in place of the schedule of its name: ErrNotFound.
// Where it says other times, it begins anew.
func (e *Events) UpdateSchedule(ctx context.Context, s Schedule) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	t, ok := e.schedules[s.key()]
	if !ok {
		return ErrNotFound
	}
	s.Created, s.Token = t.Created, t.Token
	if s.Expression == t.Expression && s.Zone == t.Zone && s.Start.Equal(t.Start) && (s.State == t.State || s.State == "DISABLED") {
		s.Anchor, s.Last = t.Anchor, t.Last
	}
	return e.putSchedule(ctx, s)
}

func (e *Events) putSchedule(ctx context.Context, s Schedule) error {
	s.Modified = e.now()
	if s.Last.IsZero() {
		s.begin(s.Modified)
	}
	t, err := compileSchedule(s)
	if err != nil {
		return err
	}
	if err := e.store.Commit(ctx, Change{Put: []Record{{"schedule", s.key(), s}}}); err != nil {
		return err
	}
	e.schedules[s.key()] = t
	e.wake()
	return nil
}

// DeleteSchedule removes a schedule: ErrNotFound.
func (e *Events) DeleteSchedule(ctx context.Context, id ScheduleID) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.schedules[id.key()]; !ok {
		return ErrNotFound
	}
	if err := e.store.Commit(ctx, Change{Delete: []Record{{Kind: "schedule", Key: id.key()}}}); err != nil {
		return err
	}
	delete(e.schedules, id.key())
	return nil
}
