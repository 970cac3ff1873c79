package batch

import (
	"context"
	"fmt"
)

// recover loads the store. Attempts of an earlier engine are over: what is
// left of their processes is ended, and they are recorded as those of a
// terminated host before any job is scheduled.
func (b *Batch) recover(ctx context.Context) error {
	envs, err := b.opt.Store.Environments(ctx)
	if err != nil {
		return err
	}
	queues, err := b.opt.Store.Queues(ctx)
	if err != nil {
		return err
	}
	policies, err := b.opt.Store.Policies(ctx)
	if err != nil {
		return err
	}
	jobs, err := b.opt.Store.LiveJobs(ctx)
	if err != nil {
		return err
	}
	seq, err := b.opt.Store.LastSeq(ctx)
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.seq = seq
	for _, e := range envs {
		b.envs[key{e.Scope, e.Name}] = &environment{Environment: e}
	}
	for _, p := range policies {
		b.policies[key{p.Scope, p.Name}] = p
	}
	for _, q := range queues {
		b.queues[key{q.Scope, q.Name}] = &queue{Queue: q}
	}
	b.mu.Unlock()
	live := jobs[:0]
	for _, j := range jobs {
		if err := b.recoverJob(ctx, &j); err != nil {
			return fmt.Errorf("job %s: %w", j.ID, err)
		}
		if !j.Status.Ended() {
			live = append(live, j)
		}
	}
	// Dependencies are looked up among live jobs: all must be known first.
	for _, waits := range []bool{false, true} {
		for _, j := range live {
			if (len(j.DependsOn) > 0) == waits {
				b.admit(ctx, j)
			}
		}
	}
	return nil
}

// recoverJob ends the attempt that j was in, and j itself if somebody asked
// for that.
func (b *Batch) recoverJob(ctx context.Context, j *Job) error {
	if a := j.Current; a != nil {
		if err := b.opt.Executor.Reap(ctx, j.run(*a)); err != nil {
			return fmt.Errorf("end what attempt %d left: %w", a.Number, err)
		}
		status := j.end(a, nil, "", hostTerminated(a.InstanceID), j.EndReason, b.millis())
		return b.opt.Store.PutJob(ctx, *j, status)
	}
	reason := j.EndReason
	if b.queues[key{j.Scope, j.Queue}] == nil {
		reason = "Job queue deleted"
	}
	if reason == "" {
		return nil
	}
	j.Status, j.StatusReason, j.StoppedAt = Failed, reason, b.millis()
	return b.opt.Store.PutJob(ctx, *j, Failed)
}
