package event

import (
	"cmp"
	"context"
	"strings"
	"time"

	"salamander/event/schedule"
)

// A clock is when something of a rule or a schedule is due.
type clock struct {
	expr   *schedule.Expression
	zone   *time.Location
	anchor time.Time // rates count from here
	last   time.Time // occurrence that was dealt with last
	until  time.Time // no occurrence is after this; zero: no end
	window time.Duration
	arn    string

	next time.Time // occurrence that comes next; zero: never
	due  time.Time // when it is carried out: later than next within a flexible window
}

// after is the first occurrence after t; zero when there is none.
func (c *clock) after(t time.Time) time.Time {
	next := c.expr.Next(t, c.anchor, c.zone)
	if !c.until.IsZero() && next.After(c.until) {
		return time.Time{}
	}
	return next
}

// advance finds what comes after last.
func (c *clock) advance() {
	c.next = c.after(c.last)
	c.due = c.next
	if !c.next.IsZero() && c.window > 0 {
		c.due = c.next.Add(time.Duration(spread(c.arn+c.next.String()) * float64(c.window))).Truncate(time.Second)
	}
}

// lateness is how long after its time an occurrence still counts as in time.
const lateness = time.Minute

// occurrence decides what is carried out now of what is due: at is its time,
// zero when all of it is left out. last is what has been dealt with then.
func (c *clock) occurrence(now time.Time, catchUp string) (at, last time.Time) {
	if now.Sub(c.due) <= lateness || catchUp == "all" {
		return c.next, c.next
	}
	at = c.next
	for n := c.after(at); !n.IsZero() && !n.After(now); n = c.after(at) {
		at = n
	}
	last = at
	if catchUp == "skip" && now.Sub(at) > lateness+c.window {
		at = time.Time{}
	}
	return at, last
}

// policy is what the configuration says of name, and its tags.
func (e *Events) policy(name string, tags map[string]string) Policy {
	p := e.opt.Policies[name]
	return Policy{
		CatchUp: cmp.Or(p.CatchUp, tags["salamander:catch-up"], "last"),
		Overlap: cmp.Or(p.Overlap, tags["salamander:overlap"], "allow"),
	}
}

// CheckTags tells what is wrong with the tags that say a policy, or is "".
func CheckTags(tags map[string]string) string {
	for k, allowed := range map[string]string{"salamander:catch-up": "skip, last, all", "salamander:overlap": "allow, skip, queue"} {
		if v, ok := tags[k]; ok && (v == "" || !strings.Contains(", "+allowed+",", ", "+v+",")) {
			return "the tag " + k + " must be one of " + allowed + "; got \"" + v + "\""
		}
	}
	return ""
}

// tick carries out what is due, until ctx ends. It is the only goroutine of
// all rules, schedules and triggers.
func (e *Events) tick(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := e.fireDue(ctx)
		if err != nil && ctx.Err() == nil {
			e.log.Error("carry out schedules", "err", err)
			next = e.now().Add(time.Second)
		}
		late, err := e.judgeTriggers(ctx)
		if err != nil && ctx.Err() == nil {
			e.log.Error("look at triggers", "err", err)
			late = e.now().Add(time.Second)
		}
		wait(ctx, e.ticked, until(earlier(next, late), e.now()))
	}
}

// earlier is the first of two times of which either may be zero, for never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// fireDue carries out what is due in one commit, and returns when the next is.
func (e *Events) fireDue(ctx context.Context) (next time.Time, err error) {
	e.serial.Lock()
	defer e.serial.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.now()
	var c Change
	var commit []func()
	for _, r := range e.rules {
		if r.clock == nil || r.clock.next.IsZero() || r.clock.due.After(now) {
			continue
		}
		fired := *r
		clock := *r.clock
		fired.clock = &clock
		p := e.policy("rule/"+r.Name, r.Tags)
		at, last := clock.occurrence(now, p.CatchUp)
		clock.last, fired.Last = last, last
		clock.advance()
		if !at.IsZero() {
			list, err := e.serialize(ctx, fired.occur(at, now), p.Overlap, r.ARN())
			if err != nil {
				return now, err
			}
			c.Accept = append(c.Accept, list...)
		}
		c.Put = append(c.Put, Record{"rule", r.key(), fired.Rule})
		commit = append(commit, func() { e.setRule(&fired) })
	}
	for _, t := range e.schedules {
		if t.clock.next.IsZero() || t.clock.due.After(now) {
			continue
		}
		fired := *t
		p := e.policy("schedule/"+t.Group+"/"+t.Name, e.groupTags(t.Schedule))
		at, last := t.clock.occurrence(now, p.CatchUp)
		fired.clock.last, fired.Last = last, last
		fired.clock.advance()
		if !at.IsZero() {
			list, err := e.serialize(ctx, []Delivery{fired.occur(at, now)}, p.Overlap, t.ARN())
			if err != nil {
				return now, err
			}
			c.Accept = append(c.Accept, list...)
		}
		if fired.clock.next.IsZero() && t.AfterCompletion == "DELETE" {
			c.Delete = append(c.Delete, Record{Kind: "schedule", Key: t.key()})
			commit = append(commit, func() { delete(e.schedules, fired.key()) })
			continue
		}
		c.Put = append(c.Put, Record{"schedule", t.key(), fired.Schedule})
		commit = append(commit, func() { e.schedules[fired.key()] = &fired })
	}
	if len(c.Put)+len(c.Delete) > 0 {
		if err := e.store.Commit(ctx, c); err != nil {
			return now, err
		}
		for _, f := range commit {
			f()
		}
		e.courier()
	}
	for _, r := range e.rules {
		if r.clock != nil {
			next = earlier(next, r.clock.due)
		}
	}
	for _, t := range e.schedules {
		next = earlier(next, t.clock.due)
	}
	return next, nil
}

// serialize applies an overlap policy to the deliveries of an occurrence. The
// caller holds serial.
func (e *Events) serialize(ctx context.Context, list []Delivery, overlap, owner string) ([]Delivery, error) {
	if overlap == "allow" || len(list) == 0 {
		return list, nil
	}
	open, held, running, err := e.store.Pending(ctx, owner)
	if err != nil {
		return nil, err
	}
	busy := len(open)+len(held)+len(running) > 0
	if busy && overlap == "skip" {
		e.log.Info("an occurrence is left out: an earlier one still runs", "owner", owner, "scheduled", list[0].Scheduled)
		return nil, nil
	}
	for i := range list {
		list[i].Serial, list[i].Held = true, busy
	}
	return list, nil
}

// occur is the scheduled event of a rule, for each of its targets.
func (r *rule) occur(at, now time.Time) []Delivery {
	ev := Event{Scope: r.Scope, ID: Derive(r.ARN(), at.Format(time.RFC3339)), Type: "Scheduled Event", Source: "aws.events",
		Time: at, Resources: []string{r.ARN()}}
	src := sourceOf(ev, r.RuleID, now)
	list := r.deliveries(src, now, 0)
	for i := range list {
		list[i].Scheduled = at
	}
	return list
}
