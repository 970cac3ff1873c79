package batch

import (
	"context"
	"fmt"
)

// recover loads the store. Attempts of an earlier engine that outlived it, or
// ended meanwhile, are adopted. Others are over: what is left of their processes
// is ended, and they are recorded as those of a terminated host before any job is
// scheduled.
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
	kept := map[string]bool{}
	for _, j := range jobs {
		p, err := b.outlived(ctx, j)
		if err != nil {
			return fmt.Errorf("job %s: %w", j.ID, err)
		}
		if p != nil {
			kept[j.Current.ID] = true
			b.adopt(j, p)
			continue
		}
		if err := b.recoverJob(ctx, &j); err != nil {
			return fmt.Errorf("job %s: %w", j.ID, err)
		}
		if !j.Status.Ended() {
			live = append(live, j)
		}
	}
	if x, ok := b.opt.Executor.(Adopter); ok {
		if err := x.Sweep(ctx, kept); err != nil {
			b.opt.OnError(fmt.Errorf("batch: remove what earlier attempts left: %w", err))
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

// outlived returns the process of j's attempt if it outlived its engine.
func (b *Batch) outlived(ctx context.Context, j Job) (Process, error) {
	x, ok := b.opt.Executor.(Adopter)
	if !ok || j.Current == nil {
		return nil, nil
	}
	a := *j.Current
	var out LineWriter = noLines{}
	if b.opt.Logs != nil {
		var err error
		if out, err = b.opt.Logs.Resume(ctx, j.Scope, a.LogGroup, a.LogStream); err != nil {
			return nil, err
		}
	}
	r := j.run(a)
	r.Grace = b.opt.StopGrace
	p, err := x.Adopt(ctx, r, out)
	if p == nil {
		if e := out.Close(); e != nil && err == nil { // Reap removes what out was given
			b.opt.OnError(fmt.Errorf("batch: keep what attempt %s printed: %w", a.ID, e))
		}
	}
	return p, err
}

// adopt takes the job of an attempt that outlived its engine into the schedule.
// What runs p enforces its time limit.
func (b *Batch) adopt(doc Job, p Process) {
	j := newLiveJob(doc)
	a := *doc.Current
	b.mu.Lock()
	b.jobs[j.id] = j
	j.owned, j.stop = true, doc.EndReason
	if env := b.envs[key{doc.Scope, a.Environment}]; env != nil {
		b.occupy(j, env)
	}
	b.running.Go(func() {
		var err error
		if doc.Status != Running {
			a.Mark = p.Mark()
			if s, ok := p.(Survivor); ok {
				a.StartedAt = s.StartedAt().UnixMilli()
			}
			err = b.recordStart(j, a)
		}
		b.conclude(j, a, p, err)
	})
	j.proc = p
	if j.stop != "" {
		b.terminate(j)
	}
	b.mu.Unlock()
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
