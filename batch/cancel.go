package batch

import (
	"context"
	"slices"
)

// Cancel ends a job that has not been started, with the given reason. A job
// that is starting, running or ended stays as it is, as on AWS.
func (b *Batch) Cancel(ctx context.Context, scope Scope, ref, reason string) error {
	return b.order(ctx, scope, ref, func(doc *Job) bool {
		if doc.Status == Starting || doc.Status == Running {
			return false
		}
		doc.IsCancelled, doc.EndReason = true, reason
		return true
	})
}

// Terminate ends a job with the given reason: one that runs by SIGTERM and,
// after the grace, SIGKILL; one that waits at once. A job that has ended
// stays as it is. It returns when the termination is durable, not when the
// job has ended.
func (b *Batch) Terminate(ctx context.Context, scope Scope, ref, reason string) error {
	return b.order(ctx, scope, ref, func(doc *Job) bool {
		doc.IsTerminated, doc.EndReason = true, reason
		return true
	})
}

// order has a job end, once mark has noted that and why. A job that waits ends
// at once; one that somebody owns is ended by its owner, to whom the order is
// durable and visible.
func (b *Batch) order(ctx context.Context, scope Scope, ref string, mark func(*Job) bool) error {
	j, err := b.find(ctx, scope, ref)
	if err != nil || j == nil {
		return err
	}
	if done, err := b.tryEndWaiting(ctx, j, "", func(doc *Job) { mark(doc) }); done || err != nil {
		return err
	}
	reason := ""
	err = b.change(ctx, j, func(doc *Job) ([]Status, bool) {
		if doc.Status.Ended() || doc.EndReason != "" || !mark(doc) {
			return nil, false
		}
		reason = doc.EndReason
		return nil, true
	})
	if err != nil || reason == "" {
		return err
	}
	b.mu.Lock()
	if j.stop == "" {
		j.stop = reason
		if j.proc != nil && !b.closed {
			b.terminate(j)
		}
	}
	waits := !j.owned
	b.mu.Unlock()
	if waits { // its owner let it go meanwhile
		b.endWaiting(j, reason)
	}
	return nil
}

// find returns the live job named by ref, nil when it has ended, and an error
// when there is none.
func (b *Batch) find(ctx context.Context, scope Scope, ref string) (*liveJob, error) {
	id, err := resourceName(scope, "job", ref)
	if err != nil {
		return nil, clientError("Job %s does not exist.", ref)
	}
	b.loaded()
	b.mu.Lock()
	j := b.jobs[id]
	b.mu.Unlock()
	if j != nil && j.Scope == scope {
		return j, nil
	}
	jobs, err := b.opt.Store.Jobs(ctx, scope, []string{id})
	if err == nil && len(jobs) == 0 {
		err = clientError("Job %s does not exist.", ref)
	}
	return nil, err
}

// endWaiting fails a job that waits. Whoever owns the job meanwhile ends it.
func (b *Batch) endWaiting(j *liveJob, reason string) {
	for {
		_, err := b.tryEndWaiting(context.WithoutCancel(b.ctx), j, reason, nil)
		if err == nil {
			return
		}
		b.opt.OnError(err)
		if !b.pause() {
			return
		}
	}
}

// tryEndWaiting fails j if it waits, and reports whether it did. mark may
// note more in the document, the reason of an order among it.
func (b *Batch) tryEndWaiting(ctx context.Context, j *liveJob, reason string, mark func(*Job)) (bool, error) {
	b.mu.Lock()
	if j.owned {
		b.mu.Unlock()
		return false, nil
	}
	j.owned = true
	q := b.queues[j.key]
	queued := false
	if q != nil {
		if i := slices.Index(q.waiting, j); i >= 0 {
			q.waiting = slices.Delete(q.waiting, i, i+1)
			queued = true
		}
	}
	b.mu.Unlock()
	ended := false
	err := b.change(ctx, j, func(doc *Job) ([]Status, bool) {
		if ended = doc.Status.Ended(); ended {
			return nil, false
		}
		if mark != nil {
			mark(doc)
		}
		doc.Status, doc.StatusReason, doc.StoppedAt = Failed, reason, b.millis()
		if doc.EndReason != "" {
			doc.StatusReason = doc.EndReason
		}
		return []Status{Failed}, true
	})
	if err != nil {
		b.mu.Lock()
		j.owned = false
		if queued {
			b.enqueue(j)
		}
		b.mu.Unlock()
		return false, err
	}
	if !ended {
		b.settle(j, Failed)
	}
	b.schedule()
	return true, nil
}
