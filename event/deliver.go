package event

import (
	"context"
	"errors"
	"hash/fnv"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"salamander/operation"
)

// page is how many deliveries the courier looks at together.
const page = 256

// deliver makes the calls that are due, some at a time, until ctx ends.
func (e *Events) deliver(ctx context.Context) {
	work := make(chan Delivery)
	flying := &flights{ids: map[string]bool{}}
	var workers sync.WaitGroup
	for range e.opt.Workers {
		workers.Go(func() {
			for d := range work {
				e.attempt(ctx, d)
				flying.end(d.ID)
			}
		})
	}
	defer workers.Wait()
	defer close(work)
	for ctx.Err() == nil {
		flying.sweep()
		due, next, err := e.store.Due(ctx, e.now(), page+e.opt.Workers)
		if err != nil && ctx.Err() == nil {
			e.log.Error("read the deliveries", "err", err)
			next = e.now().Add(time.Second)
		}
		begun := 0
		for _, d := range due {
			if !flying.begin(d.ID) {
				continue
			}
			begun++
			select {
			case work <- d:
			case <-ctx.Done():
				return
			}
		}
		for begun == 0 && !wait(ctx, e.ready, until(next, e.now())) && (next.IsZero() || next.After(e.now())) && ctx.Err() == nil {
		}
	}
}

// flights are the deliveries that workers have in hand, and those that they
// have ended since the store was read: what was read may still hold them.
type flights struct {
	mu  sync.Mutex      // guards ids
	ids map[string]bool // true: ended
}

func (f *flights) begin(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, known := f.ids[id]; known {
		return false
	}
	f.ids[id] = false
	return true
}

func (f *flights) end(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ids[id] = true
}

// sweep forgets what has ended, before the store is read.
func (f *flights) sweep() {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.DeleteFunc(f.ids, func(_ string, ended bool) bool { return ended })
}

// longest bounds every sleep, so that a clock that was set, or a machine that
// slept, is noticed.
const longest = time.Minute

func until(next, now time.Time) time.Duration {
	if next.IsZero() {
		return longest
	}
	return min(max(next.Sub(now), 0), longest)
}

// wait sleeps, and reports whether it was woken before its time.
func wait(ctx context.Context, woken <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return false
	case <-woken:
		return true
	case <-ctx.Done():
		return false
	}
}

// attempt makes one call and commits what became of it.
func (e *Events) attempt(ctx context.Context, d Delivery) {
	ref, err := "", error(nil)
	if d.Attempts < 0 {
		err = operation.Errorf("InvalidInput", "%s", d.Letter.Attributes["ERROR_MESSAGE"])
	} else {
		ref, err = e.send(ctx, d)
	}
	if ctx.Err() != nil && err != nil {
		return // not made; the next start makes it
	}
	if err == nil {
		err = e.delivered(ctx, d, ref)
	} else {
		err = e.failed(ctx, d, err)
	}
	if err != nil && ctx.Err() == nil {
		e.log.Error("record a delivery", "delivery", d.ID, "owner", d.Owner, "err", err)
		wait(ctx, nil, time.Second)
	}
}

func (e *Events) delivered(ctx context.Context, d Delivery, ref string) error {
	c := Change{Done: []string{d.ID}}
	if !d.Serial {
		return e.store.Commit(ctx, c)
	}
	if ref != "" {
		c.Started = []Running{{ref, d.Owner}}
	}
	if err := e.store.Commit(ctx, c); err != nil {
		return err
	}
	if ref == "" {
		return e.release(ctx, d.Owner)
	}
	e.mu.Lock()
	e.running[ref] = d.Owner
	e.mu.Unlock()
	return e.look(ctx, ref) // it may have ended before it was known to run
}

// The retries of a target that says nothing of its own.
const (
	maxAttempts = 185
	maxAge      = 24 * time.Hour
	maxPause    = 8 * time.Minute
)

// failed sees to a retry, or to the dead letter.
func (e *Events) failed(ctx context.Context, d Delivery, err error) error {
	attempts, age := maxAttempts, maxAge
	if p := d.Target.Retry; p != nil {
		if p.Attempts != nil {
			attempts = *p.Attempts
		}
		if p.Age > 0 {
			age = time.Duration(p.Age) * time.Second
		}
	}
	pause := backoff(d.ID, d.Attempts)
	exhausted := ""
	switch now := e.now(); {
	case !passing(err):
	case d.Attempts >= attempts:
		exhausted = "MaximumRetryAttempts"
	case now.Add(pause).Sub(d.Accepted) > age:
		exhausted = "MaximumEventAgeInSeconds"
	default:
		d.Attempts++
		d.Due = now.Add(pause)
		e.log.Warn("retry a target", "owner", d.Owner, "target", d.Target.ARN, "attempt", d.Attempts, "in", pause, "err", err)
		defer e.courier()
		return e.store.Commit(ctx, Change{Update: []Delivery{d}})
	}
	c := Change{Done: []string{d.ID}}
	if d.Target.DeadLetter != "" && !d.Dead {
		c.Accept = []Delivery{e.letter(d, err, exhausted)}
	}
	e.log.Error("give up a target", "owner", d.Owner, "target", d.Target.ARN, "attempts", max(d.Attempts, 0)+1,
		"dead letter", d.Target.DeadLetter, "err", err)
	if err := e.store.Commit(ctx, c); err != nil {
		return err
	}
	e.courier()
	if d.Serial {
		return e.release(ctx, d.Owner)
	}
	return nil
}

// passing reports whether a call that failed so may succeed later.
func passing(err error) bool {
	var o *operation.Error
	if !errors.As(err, &o) {
		return true
	}
	switch {
	case o.Code == "NotImplementedException":
		return false
	case o.Status >= 500 || o.Status == 429:
		return true
	case strings.Contains(o.Code, "Throttl"), strings.Contains(o.Code, "TooManyRequests"), o.Code == "ConcurrentModificationException",
		strings.Contains(o.Code, "LimitExceeded"), o.Code == "ResourceConflictException", o.Code == "RequestTimeout":
		return true
	}
	return false
}

// backoff is the pause before the next attempt: longer each time, and spread
// by the delivery's name.
func backoff(id string, attempts int) time.Duration {
	pause := maxPause
	if attempts < 9 {
		pause = min(time.Second<<max(attempts, 0), maxPause)
	}
	return pause/2 + time.Duration(spread(id+"/"+strconv.Itoa(attempts))*float64(pause/2))
}

// spread is a number from 0 to below 1 that s always has.
func spread(s string) float64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return float64(h.Sum64()>>11) / (1 << 53)
}

// letter is the dead letter of a delivery that is given up.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
func (e *Events) letter(d Delivery, err error, exhausted string) Delivery {
	o := operation.AsError(err)
	a := map[string]string{"ERROR_CODE": o.Code, "ERROR_MESSAGE": o.Message, "TARGET_ARN": d.Target.ARN,
		"RETRY_ATTEMPTS": strconv.Itoa(max(d.Attempts, 0))}
	if exhausted != "" {
		a["EXHAUSTED_RETRY_CONDITION"] = exhausted
	}
	if d.Scheduler {
		a["SCHEDULE_ARN"], a["EXECUTION_ID"] = d.Owner, d.ID
		a["SCHEDULED_TIME"] = d.Scheduled.UTC().Format(time.RFC3339)
		a["EXECUTION_TIME"] = d.Accepted.UTC().Format(time.RFC3339)
		a["IS_PAYLOAD_TRUNCATED"] = "false"
	} else {
		a["RULE_ARN"] = d.Owner
	}
	body := d.Event
	if body == "" {
		body = d.Input
	}
	now := e.now()
	return Delivery{Scope: d.Scope, ID: Derive(d.ID, "dead letter"), Owner: d.Owner, Accepted: now, Due: now, Dead: true,
		Target: Target{ARN: d.Target.DeadLetter, Attributes: maps.Clone(a)}, Input: body}
}

// release lets the next held delivery of owner go when nothing of it runs.
func (e *Events) release(ctx context.Context, owner string) error {
	e.serial.Lock()
	defer e.serial.Unlock()
	open, held, running, err := e.store.Pending(ctx, owner)
	if err != nil || len(open) > 0 || len(held) == 0 || len(running) > 0 {
		return err
	}
	d := held[0]
	d.Held, d.Due = false, e.now()
	d.Accepted = d.Due
	if err := e.store.Commit(ctx, Change{Update: []Delivery{d}}); err != nil {
		return err
	}
	e.courier()
	return nil
}

// hasEnded says that what ref names goes on no longer.
func (e *Events) hasEnded(ctx context.Context, ref string) error {
	e.mu.Lock()
	owner, ok := e.running[ref]
	e.mu.Unlock()
	if !ok {
		return nil
	}
	if err := e.store.Commit(ctx, Change{Ended: []string{ref}}); err != nil {
		return err
	}
	e.mu.Lock()
	delete(e.running, ref)
	e.mu.Unlock()
	return e.release(ctx, owner)
}

// recheck looks now and then at what runs: at the start, since it may have
// ended while nobody listened.
func (e *Events) recheck(ctx context.Context) {
	for ctx.Err() == nil {
		e.mu.Lock()
		refs := make([]string, 0, len(e.running))
		for ref := range e.running {
			refs = append(refs, ref)
		}
		e.mu.Unlock()
		for _, ref := range refs {
			if err := e.look(ctx, ref); err != nil && ctx.Err() == nil {
				e.log.Error("look at what runs", "ref", ref, "err", err)
			}
		}
		wait(ctx, nil, longest)
	}
}
