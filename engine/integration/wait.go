package integration

import (
	"context"
	"time"
)

// Notify tells that something with this ARN has changed its status: a job or
// an execution. The outbox topics "batch.job" and "states.execution" carry
// the ARN as their key.
func (r *Runner) Notify(arn string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ch := range r.waits[arn] {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// await calls check until it is done: at once, at every notice of arn, and
// now and then.
func (r *Runner) await(ctx context.Context, arn string, check func() (done bool, err error)) error {
	ch := make(chan struct{}, 1)
	r.mu.Lock()
	if r.waits[arn] == nil {
		r.waits[arn] = map[chan struct{}]bool{}
	}
	r.waits[arn][ch] = true
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.waits[arn], ch)
		if len(r.waits[arn]) == 0 {
			delete(r.waits, arn)
		}
	}()
	poll := time.NewTicker(r.opt.Poll)
	defer poll.Stop()
	for {
		done, err := check()
		if err != nil || done {
			return err
		}
		select {
		case <-ch:
		case <-poll.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
