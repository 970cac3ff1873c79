package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"salamander/asl"
)

// The times of redrives.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
const (
	redrivable  = 14 * 24 * time.Hour  // since the end
	maxOpen     = 365 * 24 * time.Hour // since the start
	tokenMemory = 15 * time.Minute     // of a client token
)

// A NotRedrivableError tells why an execution cannot be taken up again, in
// AWS's words.
type NotRedrivableError struct{ Reason string }

// Error gives the reason.
func (e *NotRedrivableError) Error() string { return "engine: not redrivable: " + e.Reason }

// An Ended execution is what the store keeps of one that ended without
// success.
type Ended struct {
	Turn   int64 // number of the last turn
	Events int64 // of the history
}

// A Redriven execution is one that runs again.
type Redriven struct {
	Turn  Turn // the first of the redrive
	Count int  // the number of the redrive, from 1
	At    time.Time
	Token string // the client's; may be empty
	// Definition is the hash of the definition that it goes on with, whose
	// text Text is; empty where it is the one that it had.
	Definition, Text string
	// Repaired is the [Repaired] of the redrive, in JSON; nil where there is
	// none.
	Repaired []byte
}

// A RedriveStore keeps what ended executions need to be taken up again. It is
// a part of [Store].
type RedriveStore interface {
	// Ended returns what is kept of an execution that ended without success,
	// or ErrNotFound.
	Ended(ctx context.Context, key int64) (Ended, error)
	// EndedState returns the state with which it ended, or ErrNotFound.
	EndedState(ctx context.Context, key int64) ([]byte, error)
	// Redrive makes an ended execution one that runs, with its turn, or
	// returns ErrStale when it is not the ended one the turn follows.
	Redrive(ctx context.Context, r Redriven) error
	// RedriveToken returns when an execution was redriven with a client
	// token; the zero time when it was not.
	RedriveToken(ctx context.Context, key int64, token string) (time.Time, error)
	// Repairs returns what redrives of an execution changed, in order.
	Repairs(ctx context.Context, key int64) ([]Repaired, error)
}

// Redrivable tells why an execution cannot be taken up again, by a
// [*NotRedrivableError]; nil means that it can.
//
// Of a child of a map run it tells whether that can take it up again: when the
// execution is redriven that the map run belongs to.
func (e *Engine) Redrivable(ctx context.Context, ex Execution) error {
	if ex.MapRun != "" && ex.Type == Express && ex.Status != Running && ex.Status != Succeeded {
		return nil // it is run again, from its start
	}
	_, err := e.redrivableBy(ctx, ex, ex.MapRun != "")
	return err
}

func (e *Engine) redrivable(ctx context.Context, ex Execution) (Ended, error) {
	return e.redrivableBy(ctx, ex, false)
}

// redrivableBy is redrivable where a map run redrives its child, or somebody
// else.
func (e *Engine) redrivableBy(ctx context.Context, ex Execution, mapRun bool) (Ended, error) {
	no := func(reason string) (Ended, error) { return Ended{}, &NotRedrivableError{reason} }
	now := e.now()
	switch {
	case ex.Status == Running, ex.Status == Succeeded, ex.Status == PendingRedrive:
		return no("Execution is " + ex.Status + " and cannot be redriven")
	case ex.MapRun != "" && !mapRun:
		return no("Execution was started by a Map Run and is redriven with it: redrive the execution that the Map Run belongs to")
	case now.Sub(ex.Stop) > redrivable:
		return no("Execution redrivable period exceeded")
	case now.Sub(ex.Start) > maxOpen:
		return no("Execution has exceeded the max execution time")
	}
	ended, err := e.store.Ended(ctx, ex.Key)
	switch {
	case errors.Is(err, ErrNotFound):
		return no("Execution was started before the launch of RedriveExecution")
	case err != nil:
		return Ended{}, err
	case ended.Events >= asl.MaxRedriveEvents && !e.opt.NoLimits:
		return no("Execution history event limit exceeded")
	}
	return ended, nil
}

// Redrive takes up an execution that ended without success, and returns when
// it did once that is durable. A client token that redrove it in the last 15
// minutes is answered as then. Errors are [ErrNotFound] and a
// [*NotRedrivableError].
func (e *Engine) Redrive(ctx context.Context, arn, token string) (time.Time, error) {
	return e.redrive(ctx, arn, token, nil)
}

func (e *Engine) redrive(ctx context.Context, arn, token string, r *Repair) (time.Time, error) {
	if err := e.await(ctx); err != nil {
		return time.Time{}, err
	}
	ex, err := e.store.Execution(ctx, arn)
	if err != nil {
		return time.Time{}, err
	}
	if token != "" {
		at, err := e.store.RedriveToken(ctx, ex.Key, token)
		if err != nil || !at.IsZero() && e.now().Sub(at) < tokenMemory {
			return at, err
		}
	}
	a := newActor(e, ex)
	a.busy = true // nothing is fed to it before it is taken up
	if err := e.reenter(ctx, a); err != nil {
		return time.Time{}, err
	}
	if err := a.redrive(ctx, token, r); err != nil {
		a.refuse()
		return time.Time{}, err
	}
	return a.rec.Redriven, nil
}

// reenter registers the actor of an execution that has ended. The store says
// whether it has: the actor that stored the end leaves the list a moment
// after, and that moment is waited for.
func (e *Engine) reenter(ctx context.Context, a *actor) error {
	for {
		other, err := e.enter(ctx, a)
		if other == nil || err != nil {
			return err
		}
		ex, err := e.store.Execution(ctx, a.rec.ARN)
		if err != nil {
			return err
		}
		if ex.Status == Running {
			_, err := e.redrivable(ctx, ex)
			return err
		}
		if err := e.until(ctx, other.ended); err != nil {
			return err
		}
	}
}

// redrive makes the first turn and stores it. r is nil for AWS's redrive.
func (a *actor) redrive(ctx context.Context, token string, r *Repair) error {
	e := a.e
	ex, err := e.store.Execution(ctx, a.rec.ARN) // nobody else changes it now
	if err != nil {
		return err
	}
	ended, err := e.redrivableBy(ctx, ex, a.mapRun != nil)
	if err != nil {
		return err
	}
	was, proceed := ex.Definition, func(s state, ev asl.Event) (decision, error) { return a.machine.redrive(s, ev) }
	if r == nil {
		a.machine, err = e.machines.get(ctx, ex.Definition, ex.Type)
	} else {
		var m mender
		var change asl.Repair
		m, change, err = e.mend(ctx, &ex, r)
		a.machine, proceed = m, func(s state, ev asl.Event) (decision, error) {
			if note := r.note(a.rec, was); note != nil {
				change.Note = fmt.Appendf(nil, `{"redrive":%s}`, note)
			}
			return m.repair(s, ev, change)
		}
	}
	if err != nil {
		return err
	}
	kept, err := e.store.EndedState(ctx, ex.Key)
	if err != nil {
		return fmt.Errorf("find the state of %s: %w", ex.ARN, err)
	}
	if a.state, err = a.machine.load(kept); err != nil {
		return fmt.Errorf("read the state of %s: %w", ex.ARN, err)
	}
	at := e.now()
	if a.mapRun != nil {
		at = a.mapRun.since()
	}
	if at.Before(ex.Stop) {
		at = ex.Stop
	}
	ex.Status, ex.Stop, ex.Error, ex.Cause = Running, time.Time{}, nil, nil
	ex.Redrives, ex.Redriven = ex.Redrives+1, at
	a.rec, a.step, a.last = ex, ended.Turn, at
	dec, err := a.protect(func() (decision, error) {
		return proceed(a.state, asl.Event{At: at, Seed: seedOf(ex.Seed, a.step+1)})
	})
	if errors.Is(err, asl.ErrNotRedrivable) {
		return &NotRedrivableError{"Execution history event limit exceeded"}
	} else if err != nil {
		return err
	}
	d := a.draft()
	if err := d.take(dec, at); err != nil {
		return err
	}
	stored := Redriven{Turn: d.finish(), Count: ex.Redrives, At: at, Token: token, Repaired: r.note(ex, was)}
	if ex.Definition != was {
		stored.Definition, stored.Text = ex.Definition, r.Definition
	}
	if err := e.store.Redrive(ctx, stored); err != nil {
		return err
	}
	close(a.entered)
	a.apply(d)
	a.release()
	return nil
}
