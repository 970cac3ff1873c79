package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"salamander/asl"
)

// A draft is a turn in the making. It reads its actor and changes it not at
// all, so that a turn that is never committed leaves no trace.
type draft struct {
	a         *actor
	turn      Turn
	state     state
	last      time.Time
	open      few[order] // new, or with other progress
	closed    few[bool]
	cancelled few[bool]
	skipped   int64   // events that the next one implies
	dispatch  []int64 // new commands, in order
	records   Records
}

func (a *actor) draft() *draft {
	return &draft{a: a, state: a.state, last: a.last,
		turn: Turn{Key: a.rec.Key, ARN: a.rec.ARN, Number: a.step, Follows: a.step}}
}

// feed gives one event to the machine. An event that nobody waits for is an
// [asl.ErrNotAwaited] and changes nothing.
func (d *draft) feed(ev asl.Event) error {
	if d.turn.Outcome != nil {
		return asl.ErrEnded
	}
	if d.a.halted != nil {
		return d.a.halted
	}
	if ev.Kind != asl.Aborted {
		if _, ok := d.order(ev.Command); !ok {
			return asl.ErrNotAwaited
		}
	}
	if d.state == nil {
		var err error
		if d.state, err = d.a.machine.load(d.a.raw); err != nil {
			d.state = nil
			d.a.halt(fmt.Errorf("read the state: %w", err))
			return d.a.halted
		}
	}
	if ev.At.Before(d.last) {
		ev.At = d.last
	}
	ev.Seed = seedOf(d.a.rec.Seed, d.turn.Number+d.skipped+1)
	dec, err := d.a.protect(func() (decision, error) { return d.a.machine.step(d.state, ev) })
	switch {
	case errors.Is(err, asl.ErrNotAwaited), errors.Is(err, asl.ErrEnded):
		return err
	case err != nil:
		d.a.halt(err)
		return err
	}
	d.answer(ev)
	return d.take(dec, ev.At)
}

// order returns a command that has not ended.
func (d *draft) order(id int64) (order, bool) {
	if closed, _ := d.closed.get(id); closed {
		return order{}, false
	}
	if o, ok := d.open.get(id); ok {
		return o, true
	}
	o, ok := d.a.pending[id]
	return o, ok
}

// answer notes what the event tells of the command that it answers.
func (d *draft) answer(ev asl.Event) {
	o, ok := d.order(ev.Command)
	if !ok {
		return
	}
	switch ev.Kind {
	case asl.TaskStarted, asl.ActivityStarted:
		o.Started = true
	case asl.TaskSubmitted:
		o.Started, o.Submitted = true, ev.Output
	case asl.TaskHeartbeat, asl.Aborted:
		return
	default:
		d.close(ev.Command)
		return
	}
	d.open.put(ev.Command, o)
}

// close ends a command. One that is new in this draft was never there.
func (d *draft) close(id int64) {
	d.open.remove(id)
	if _, committed := d.a.pending[id]; committed {
		d.closed.put(id, true)
	}
}

// take adds a decision of the machine.
func (d *draft) take(dec decision, at time.Time) error {
	d.turn.Number += 1 + d.skipped
	d.skipped = 0
	d.state, d.last = dec.state, at
	d.turn.History = slices.Grow(d.turn.History, len(dec.history))
	size := 0
	for _, h := range dec.history {
		size += h.Size()
	}
	text := make([]byte, 0, size) // of all
	for _, h := range dec.history {
		start := len(text)
		text = h.AppendJSON(text)
		d.turn.History = append(d.turn.History, Event{ID: h.ID, Data: text[start:len(text):len(text)]})
		if err := d.records.add(d.a.rec, h); err != nil {
			return err
		}
	}
	for _, cmd := range dec.commands {
		switch cmd.Kind {
		case asl.RunTask, asl.SetTimer, asl.RunMap:
			o, err := newOrder(cmd)
			if err != nil {
				return err
			}
			d.open.put(cmd.ID, o)
			d.dispatch = append(d.dispatch, cmd.ID)
		case asl.CancelTask:
			if err := d.cancel(cmd.ID); err != nil {
				return err
			}
		case asl.CancelTimer:
			d.close(cmd.ID)
		case asl.CancelMap:
			d.cancelled.put(cmd.ID, true)
			d.close(cmd.ID)
		}
	}
	if dec.outcome != nil {
		d.turn.Outcome = outcomeOf(dec.outcome, at)
	}
	return nil
}

// cancel gives a task up. What it started outside is to be stopped, which the
// outbox makes sure of.
func (d *draft) cancel(id int64) error {
	o, ok := d.order(id)
	if !ok {
		return nil
	}
	if o.Submitted != nil {
		task := d.a.task(o)
		data, err := json.Marshal(task)
		if err != nil {
			return err
		}
		d.turn.Cancel = append(d.turn.Cancel, Cancelled{ID: task.ID, Data: data})
	}
	d.cancelled.put(id, true)
	d.close(id)
	return nil
}

// finish returns the turn to commit.
func (d *draft) finish() Turn {
	t := d.turn
	t.Journal = d.records.payload(d.a.rec)
	switch {
	case t.Outcome == nil:
		t.Closed = d.closed.ids()
		ids := d.open.ids()
		if len(ids) > 0 {
			t.Open = make([]Pending, 0, len(ids))
		}
		for _, id := range ids {
			o, _ := d.open.get(id)
			t.Open = append(t.Open, o.Pending)
		}
	case t.Outcome.Status == Succeeded || d.a.rec.Type == Express:
		return t // nobody takes it up again
	}
	state, err := d.state.MarshalJSON()
	if err != nil {
		panic(fmt.Sprintf("the machine's state does not marshal: %v", err))
	}
	t.State = state
	return t
}

func outcomeOf(o *asl.Outcome, at time.Time) *Outcome {
	out := &Outcome{Status: string(o.Status), At: at, Error: o.Error, Cause: o.Cause}
	if o.Status == asl.Succeeded {
		text := string(o.Output)
		out.Output = &text
	}
	return out
}
