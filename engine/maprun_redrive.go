package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// redriven is the record of a map run that ended and is redriven for the n-th
// time: it counts its children again. Everything that happens in this redrive
// is later than anything before it.
func (m MapRun) redriven(n int, now time.Time) MapRun {
	if least := m.Stop.Add(time.Millisecond); now.Before(least) {
		now = least
	}
	m.Status, m.Stop, m.Error, m.Cause = Running, time.Time{}, "", ""
	m.Redrives, m.Redriven = n, now
	return m
}

// since is the present, or the beginning of the redrive where that is later.
func (r *mapRun) since() time.Time {
	now := r.e.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Before(r.rec.Redriven) {
		now = r.rec.Redriven
	}
	if r.latest.Before(now) {
		r.latest = now
	}
	return now
}

// lastBegun is when a child began, the last time.
func lastBegun(child Execution) time.Time {
	if child.Start.After(child.Redriven) {
		return child.Start
	}
	return child.Redriven
}

// awaitBefore waits until the map run of the same ARN has ended that this
// redrive follows on.
func (r *mapRun) awaitBefore() error {
	if r.before != nil {
		select {
		case <-r.before.left:
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
	r.before = nil
	return r.e.abandoned.wait(r.ctx, r.spec.ARN)
}

// again returns a child that has ended without success before this redrive and
// is to run again; nil where it is not. One that cannot run again is counted
// as such.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html
func (r *mapRun) again(child Execution) (*Execution, error) {
	last := lastBegun(child)
	r.mu.Lock()
	began := r.rec.Redriven
	if r.latest.Before(last) {
		r.latest = last
	}
	r.mu.Unlock()
	if r.spec.Redrives == 0 || child.Status == Running || child.Status == Succeeded || !last.Before(began) {
		return nil, nil // the last: it was, before the engine was started
	}
	if child.Type == Express {
		return &child, nil
	}
	_, err := r.e.redrivableBy(r.ctx, child, true)
	var no *NotRedrivableError
	switch {
	case err == nil:
		return &child, nil
	case !errors.As(err, &no):
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rec.Items.FailuresNotRedrivable += child.Items
	r.rec.Executions.FailuresNotRedrivable++
	return nil, nil
}

// redrive takes a child up again where it ended. Its slot is taken already.
func (r *mapRun) redrive(child Execution) {
	var a *actor
	var no *NotRedrivableError
	err := r.insist("a child of a map run waits until the store takes its redrive", func(ctx context.Context) error {
		a = newActor(r.e, child)
		a.busy, a.mapRun = true, r
		err := r.e.reenter(ctx, a)
		if err == nil {
			if err = a.redrive(ctx, "", nil); err != nil {
				a.refuse()
			}
		}
		if errors.As(err, &no) {
			return nil // and it stays so
		}
		return err
	})
	if no != nil {
		r.e.log.Warn("a child of a map run cannot be redriven", "execution", child.ARN, "reason", no.Reason)
		o := &Outcome{Status: child.Status, At: child.Stop, Error: child.Error, Cause: child.Cause}
		r.mu.Lock()
		r.starting--
		r.rec.Items.FailuresNotRedrivable += child.Items
		r.rec.Executions.FailuresNotRedrivable++
		r.endLocked(child, o)
		r.mu.Unlock()
		return
	}
	if err != nil {
		if !errors.Is(err, ErrClosed) {
			r.lose(1, err)
		}
		return
	}
	r.started(a)
}

// PendingRedrives returns the children of a map run that ended without success
// and wait for their redrive, the newest first, as they ended.
func (e *Engine) PendingRedrives(mapRun string) (all []Execution) {
	r := e.mapRun(mapRun)
	if r == nil {
		return nil
	}
	r.mu.Lock()
	for _, in := range r.queue {
		if in.again != nil {
			all = append(all, *in.again)
		}
	}
	r.mu.Unlock()
	slices.SortFunc(all, func(a, b Execution) int { return cmp.Compare(b.Key, a.Key) })
	return all
}

// endings are map runs of an earlier engine that are being ended.
type endings struct{ all map[string]chan struct{} }

// expect notes the map runs that are going to be ended: before anybody waits.
func (e *endings) expect(open []MapRun, awaited map[string]bool) {
	e.all = map[string]chan struct{}{}
	for _, rec := range open {
		if !awaited[rec.ARN] {
			e.all[rec.ARN] = make(chan struct{})
		}
	}
}

// wait waits until a map run has ended that an earlier engine left.
func (e *endings) wait(ctx context.Context, arn string) error {
	done, ok := e.all[arn]
	if !ok {
		return nil
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
