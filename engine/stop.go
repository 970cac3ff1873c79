package engine

import (
	"context"
	"errors"
	"time"

	"salamander/asl"
)

// Stop aborts an execution and returns when it stopped. An execution that has
// ended stays as it is. An unknown one is ErrNotFound.
func (e *Engine) Stop(ctx context.Context, arn string, errorName, cause *string) (time.Time, error) {
	if err := e.await(ctx); err != nil {
		return time.Time{}, err
	}
	if a := e.actor(arn); a != nil {
		ev := asl.Event{Kind: asl.Aborted, NoError: errorName == nil, NoCause: cause == nil}
		if errorName != nil {
			ev.Error = *errorName
		}
		if cause != nil {
			ev.Cause = *cause
		}
		err := a.ask(ctx, ev)
		if err != nil && !errors.Is(err, asl.ErrEnded) {
			return time.Time{}, err
		}
		if err == nil {
			return a.outcome.At, nil
		}
	}
	ex, err := e.store.Execution(ctx, arn)
	return ex.Stop, err
}

// ask posts an event and waits for its commit.
func (a *actor) ask(ctx context.Context, ev asl.Event) error {
	reply := make(chan error, 1)
	a.post(letter{ev: ev, reply: reply}, false)
	select {
	case err := <-reply:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-a.e.ctx.Done():
		return ErrClosed
	}
}

// A Result is how an execution ended, with the history of an express one.
type Result struct {
	Execution Execution
	Events    []Event
}

// Wait waits for the end of an execution that this engine runs. An execution
// that has ended before, and an express one that nobody waited for, is
// ErrNotFound.
func (e *Engine) Wait(ctx context.Context, arn string) (Result, error) {
	if err := e.await(ctx); err != nil {
		return Result{}, err
	}
	a := e.actor(arn)
	if a == nil {
		return Result{}, ErrNotFound
	}
	return a.wait(ctx)
}

// StartAndWait starts an execution and waits for its end. It serves express
// ones, which are not stored.
func (e *Engine) StartAndWait(ctx context.Context, req StartRequest) (Result, error) {
	ex, a, err := e.start(ctx, req)
	if err != nil {
		return Result{}, err
	}
	if a == nil {
		return Result{Execution: ex}, nil
	}
	return a.wait(ctx)
}

func (a *actor) wait(ctx context.Context) (Result, error) {
	if err := a.e.until(ctx, a.entered); err != nil {
		return Result{}, err
	}
	if a.refused {
		return Result{}, ErrNotFound
	}
	if err := a.e.until(ctx, a.ended); err != nil {
		return Result{}, err
	}
	ex, o := a.rec, a.outcome
	ex.Status, ex.Stop, ex.Output, ex.Error, ex.Cause = o.Status, o.At, o.Output, o.Error, o.Cause
	return Result{Execution: ex, Events: a.events}, nil
}
