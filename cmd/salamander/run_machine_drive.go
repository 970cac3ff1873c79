package main

import (
	"container/heap"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"salamander/asl"
	"salamander/engine/dataset"
)

// A localRun drives one execution in this process: it answers tasks by mocks
// and fires timers.
type localRun struct {
	machine *asl.Machine
	mocks   mocks
	clock   clock
	objects dataset.Objects // of distributed Maps
	// booked is told of the events of each turn.
	booked func([]asl.HistoryEvent)
	// waiting is called again and again while nothing happens; it may be nil.
	waiting func() error

	pending   pendingEvents
	cancelled map[int64]bool // commands that nobody waits for
	number    int            // of the events queued
}

// A clock is the time of a run.
type clock interface {
	now() time.Time
	// wait returns at an instant, or when ctx ends. It calls tick now and then.
	wait(ctx context.Context, until time.Time, tick func() error) error
}

// A wallClock is the real time.
type wallClock struct{}

func (wallClock) now() time.Time { return time.Now() }

func (wallClock) wait(ctx context.Context, until time.Time, tick func() error) error {
	for {
		left := time.Until(until)
		if left <= 0 {
			return ctx.Err()
		}
		if tick != nil {
			if err := tick(); err != nil {
				return err
			}
			left = min(left, 100*time.Millisecond)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(left):
		}
	}
}

// A virtualClock goes on when somebody waits, and takes no time.
type virtualClock struct{ at time.Time }

func (c *virtualClock) now() time.Time { return c.at }

func (c *virtualClock) wait(ctx context.Context, until time.Time, _ func() error) error {
	if until.After(c.at) {
		c.at = until
	}
	return ctx.Err()
}

// A pendingEvent happens at its time, in the order of queueing.
type pendingEvent struct {
	event  asl.Event // its At is the earliest instant
	number int
}

type pendingEvents []pendingEvent

func (p pendingEvents) Len() int      { return len(p) }
func (p pendingEvents) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p pendingEvents) Less(i, j int) bool {
	if !p[i].event.At.Equal(p[j].event.At) {
		return p[i].event.At.Before(p[j].event.At)
	}
	return p[i].number < p[j].number
}
func (p *pendingEvents) Push(x any) { *p = append(*p, x.(pendingEvent)) }
func (p *pendingEvents) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}

// run runs the execution to its end. The error is that of ctx, or a bug.
func (r *localRun) run(ctx context.Context, start asl.Start) (*asl.Outcome, error) {
	r.cancelled = map[int64]bool{}
	start.At, start.Seed = r.clock.now(), seed()
	dec, err := r.machine.Start(start)
	if err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	ex := dec.Execution
	for {
		r.booked(dec.History)
		if dec.Outcome != nil {
			return dec.Outcome, nil
		}
		if err := r.carryOut(ctx, dec.Commands); err != nil {
			return nil, err
		}
		if dec, err = r.next(ctx, ex); err != nil {
			return nil, err
		}
		ex = dec.Execution
	}
}

// next waits for the next event that the execution takes.
func (r *localRun) next(ctx context.Context, ex *asl.Execution) (asl.Decision, error) {
	for len(r.pending) > 0 {
		ev := heap.Pop(&r.pending).(pendingEvent).event
		if r.cancelled[ev.Command] {
			continue
		}
		if err := r.clock.wait(ctx, ev.At, r.waiting); err != nil {
			return asl.Decision{}, err
		}
		ev.At, ev.Seed = r.clock.now(), seed()
		dec, err := r.machine.Step(ex, ev)
		if errors.Is(err, asl.ErrNotAwaited) {
			continue
		} else if err != nil {
			return dec, fmt.Errorf("step: %w", err)
		}
		return dec, nil
	}
	return asl.Decision{}, errors.New("the execution neither ends nor waits for anything")
}

// carryOut queues what the commands will bring.
func (r *localRun) carryOut(ctx context.Context, commands []asl.Command) error {
	for _, c := range commands {
		switch c.Kind {
		case asl.SetTimer:
			r.queue(asl.Event{At: c.At, Kind: asl.TimerFired, Command: c.ID})
		case asl.CancelTimer, asl.CancelTask, asl.CancelMap:
			r.cancelled[c.ID] = true
		case asl.RunMap:
			if err := r.runMap(ctx, c); err != nil {
				return err
			}
		case asl.RunTask:
			m := r.mocks[c.Task.State]
			if m == nil { // mocks.check has seen to it
				return fmt.Errorf("no result for the Task state %q", c.Task.State)
			}
			r.answer(c, m.next())
		}
	}
	return nil
}

// answer queues the events of a task whose result is known.
func (r *localRun) answer(c asl.Command, result mockResult) {
	now := r.clock.now()
	if c.Task.Integration.Kind == asl.ActivityTask {
		r.queue(asl.Event{At: now, Kind: asl.ActivityStarted, Command: c.ID, Worker: "mock"})
	} else {
		r.queue(asl.Event{At: now, Kind: asl.TaskStarted, Command: c.ID})
	}
	ev := asl.Event{At: now.Add(result.delay), Command: c.ID}
	switch {
	case result.output != nil:
		ev.Kind, ev.Output = asl.TaskSucceeded, result.output
	case result.err == "States.Timeout":
		ev.Kind = asl.TaskTimedOut
	default:
		ev.Kind = asl.TaskFailed
	}
	if ev.Error = result.err; result.cause != nil {
		ev.Cause = *result.cause
	} else {
		ev.NoCause = true
	}
	r.queue(ev)
}

func (r *localRun) queue(ev asl.Event) {
	r.number++
	heap.Push(&r.pending, pendingEvent{ev, r.number})
}

func seed() (s [32]byte) {
	_, _ = rand.Read(s[:]) // never fails
	return s
}
