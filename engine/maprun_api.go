package engine

import (
	"context"
	"errors"
	"time"

	"salamander/asl"
)

// ErrMapRunEnded means that a map run is not running any more.
var ErrMapRunEnded = errors.New("engine: the map run has ended")

// MapRun returns a map run as it stands, or [ErrNotFound].
func (e *Engine) MapRun(ctx context.Context, arn string) (MapRun, error) {
	if err := e.await(ctx); err != nil {
		return MapRun{}, err
	}
	if r := e.mapRun(arn); r != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.rec.ARN != "" {
			return r.rec, nil
		}
	}
	return e.store.MapRun(ctx, arn)
}

// MapRuns lists the map runs of an execution as they stand, the newest first:
// those with keys below the given one, or all where it is 0.
func (e *Engine) MapRuns(ctx context.Context, execution string, before int64, limit int) ([]MapRun, error) {
	if err := e.await(ctx); err != nil {
		return nil, err
	}
	return e.store.MapRuns(ctx, execution, before, limit)
}

// A MapRunUpdate changes what is not nil of a map run that is running.
type MapRunUpdate struct {
	MaxConcurrency             *int64
	ToleratedFailureCount      *int64
	ToleratedFailurePercentage *float64
}

// UpdateMapRun changes the limits of a map run, which it heeds from now on. An
// unknown one is [ErrNotFound], one that has ended [ErrMapRunEnded].
func (e *Engine) UpdateMapRun(ctx context.Context, arn string, u MapRunUpdate) error {
	if err := e.await(ctx); err != nil {
		return err
	}
	r := e.mapRun(arn)
	if r == nil {
		_, err := e.store.MapRun(ctx, arn)
		if err == nil {
			err = ErrMapRunEnded
		}
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.rec.ARN == "" {
		return ErrNotFound // it is about to start
	}
	if r.rec.Status != Running {
		return ErrMapRunEnded
	}
	rec := r.rec
	if u.MaxConcurrency != nil {
		rec.MaxConcurrency = *u.MaxConcurrency
	}
	if u.ToleratedFailureCount != nil {
		rec.ToleratedFailureCount = *u.ToleratedFailureCount
	}
	if u.ToleratedFailurePercentage != nil {
		rec.ToleratedFailurePercentage = *u.ToleratedFailurePercentage
	}
	if err := e.store.PutMapRun(ctx, rec); err != nil {
		return err
	}
	r.rec = rec
	r.tolerate()
	r.changed.Broadcast()
	return nil
}

// abortChildren stops the children of a map run that run, and waits for their
// ends.
func (e *Engine) abortChildren(ctx context.Context, arn string) error {
	for child, err := range e.store.AllChildren(ctx, arn, 0) {
		if err != nil {
			return err
		}
		a := e.actor(child.ARN)
		if child.Status != Running || a == nil {
			continue
		}
		err := a.ask(ctx, asl.Event{Kind: asl.Aborted, NoError: true, NoCause: true})
		switch {
		case err == nil, errors.Is(err, asl.ErrEnded):
		case ctx.Err() != nil, errors.Is(err, ErrClosed):
			return err
		default:
			e.log.Error("a child of a map run cannot be stopped", "execution", child.ARN, "error", err)
		}
	}
	return nil
}

// endMapRun stores the end of a map run that nobody waits for any more, when
// its children have been stopped.
func (e *Engine) endMapRun(rec MapRun) error {
	if err := e.abortChildren(e.ctx, rec.ARN); err != nil {
		return err
	}
	items, executions, latest := MapCounts{}, MapCounts{}, e.now()
	for child, err := range e.store.AllChildren(e.ctx, rec.ARN, 0) {
		if err != nil {
			return err
		}
		if begun := lastBegun(child); latest.Before(begun) {
			latest = begun
		}
		*items.of(child.Status) += child.Items
		*executions.of(child.Status)++
	}
	rec.Items.settle(items)
	rec.Executions.settle(executions)
	rec.Status, rec.Stop = Aborted, latest
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := e.store.PutMapRun(e.ctx, rec)
		if err == nil || e.ctx.Err() != nil {
			return err
		}
		e.log.Error("a map run waits until the store takes its end", "mapRun", rec.ARN, "error", err)
		select {
		case <-time.After(pause):
		case <-e.ctx.Done():
			return ErrClosed
		}
	}
}

// abandonMapRuns ends the map runs that were open when this engine started and
// that no execution waits for: an earlier engine died before it had stopped
// their children. awaited are those of the executions.
func (e *Engine) abandonMapRuns(open []MapRun, awaited map[string]bool) {
	var err error
	for _, rec := range open {
		if awaited[rec.ARN] {
			continue
		}
		if err == nil {
			err = e.endMapRun(rec)
		}
		close(e.abandoned.all[rec.ARN])
	}
	if err != nil && e.ctx.Err() == nil {
		e.log.Error("map runs of ended executions cannot be ended", "error", err)
	}
}
