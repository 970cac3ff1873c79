package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A liveJob is a job that has not ended.
type liveJob struct {
	key         // scope, and name of the queue
	id   string // these never change
	seq  int64
	need int // thousandths of a vCPU

	share    string // identifier; empty without fair shares
	priority int    // among the jobs of the share

	lock chan struct{} // guards doc and is held during its commits; before Batch.mu
	doc  Job

	// Batch.mu guards what follows.
	owned   bool            // an attempt or an ending has it; nobody else may take it
	env     *environment    // that the attempt takes capacity of
	since   time.Time       // that env is taken
	after   map[string]bool // ids of the jobs it still depends on
	waiters []*liveJob      // jobs that depend on it
	why     string          // what it waits for
	proc    Process
	timer   *time.Timer // of the timeout, then of the kill after SIGTERM
	stop    string      // reason of a termination or timeout asked for
}

// change commits what f makes of the job's document, announcing the statuses
// that f returns; f reports false to leave the job as it is. If the commit
// fails the job stays as it was.
func (b *Batch) change(ctx context.Context, j *liveJob, f func(*Job) ([]Status, bool)) error {
	j.lock <- struct{}{}
	defer func() { <-j.lock }()
	doc := j.doc
	doc.Attempts = slices.Clone(doc.Attempts)
	through, ok := f(&doc)
	if !ok {
		return nil
	}
	if err := b.opt.Store.PutJob(ctx, doc, through...); err != nil {
		return err
	}
	j.doc = doc
	return nil
}

// insist is change repeated until it succeeds or the service is closed.
func (b *Batch) insist(j *liveJob, f func(*Job) ([]Status, bool)) error {
	for {
		err := b.change(context.WithoutCancel(b.ctx), j, f)
		if err == nil {
			return nil
		}
		b.opt.OnError(fmt.Errorf("batch: store job %s: %w", j.id, err))
		if !b.pause() {
			return err
		}
	}
}

// pause waits before a repeat. It reports false when the service is closed.
func (b *Batch) pause() bool {
	select {
	case <-time.After(time.Second):
		return true
	case <-b.ctx.Done():
		return false
	}
}

// spawn runs f on its own goroutine, which Close waits for. mu must not be
// held.
func (b *Batch) spawn(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.running.Go(f)
	}
}

func newLiveJob(doc Job) *liveJob {
	r, _ := doc.Container.resources() // checked when it was submitted
	return &liveJob{key: key{doc.Scope, doc.Queue}, id: doc.ID, seq: doc.Seq, need: r.MilliCPU, share: doc.Share, priority: doc.SchedulingPriority, lock: make(chan struct{}, 1), doc: doc}
}

// admit takes a stored job that no attempt has into the schedule.
func (b *Batch) admit(ctx context.Context, doc Job) {
	j := newLiveJob(doc)
	if len(doc.DependsOn) > 0 && (doc.Status == Submitted || doc.Status == Pending) {
		b.mu.Lock()
		b.jobs[j.id] = j
		j.owned = true
		b.mu.Unlock()
		b.spawn(func() { b.await(j) })
		return
	}
	b.mu.Lock()
	b.jobs[j.id] = j
	b.enqueue(j)
	b.mu.Unlock()
	b.schedule()
	b.mu.Lock()
	waits := !j.owned
	b.mu.Unlock()
	if waits && doc.Status != Runnable {
		b.spawn(func() { b.markRunnable(j) })
	}
}

// markRunnable records that a job now waits for capacity, unless it has got
// further meanwhile.
func (b *Batch) markRunnable(j *liveJob) {
	// An error means closed: the next engine finds the job as submitted.
	_ = b.insist(j, func(doc *Job) ([]Status, bool) {
		if doc.Status != Submitted && doc.Status != Pending {
			return nil, false
		}
		doc.Status, doc.StatusReason = Runnable, ""
		return []Status{Runnable}, true
	})
}

// await has j wait for the jobs it depends on.
func (b *Batch) await(j *liveJob) {
	doc := j.document()
	left := map[string]bool{}
	failed := ""
	for _, d := range doc.DependsOn {
		b.mu.Lock()
		dep := b.jobs[d.JobID]
		if dep != nil {
			dep.waiters = append(dep.waiters, j)
			left[d.JobID] = true
		}
		b.mu.Unlock()
		if dep != nil {
			continue
		}
		ended, err := b.ended(doc.Scope, d.JobID)
		if err != nil {
			return // closed; the next engine begins anew
		}
		if ended != Succeeded {
			failed = d.JobID
		}
	}
	if failed == "" && len(left) > 0 && doc.Status == Submitted {
		err := b.insist(j, func(doc *Job) ([]Status, bool) {
			doc.Status = Pending
			return []Status{Pending}, true
		})
		if err != nil {
			return
		}
	}
	b.mu.Lock()
	// Dependencies may have ended since: settle has removed them from left
	// only if after was set, so look again.
	j.after = map[string]bool{}
	var gone []string
	for id := range left {
		if b.jobs[id] != nil {
			j.after[id] = true
		} else {
			gone = append(gone, id)
		}
	}
	b.mu.Unlock()
	for _, id := range gone {
		ended, err := b.ended(doc.Scope, id)
		if err != nil {
			return
		}
		if ended != Succeeded {
			failed = id
		}
	}
	b.mu.Lock()
	j.owned = false
	ready := len(j.after) == 0
	if failed == "" && ready {
		b.enqueue(j)
	}
	stop := j.stop
	b.mu.Unlock()
	switch {
	case stop != "":
		b.endWaiting(j, stop)
	case failed != "":
		b.endWaiting(j, dependentFailed)
	case ready:
		b.ready(j)
	}
}

const dependentFailed = "Dependent Job failed"

// ready schedules j, which was put into its queue.
func (b *Batch) ready(j *liveJob) {
	b.schedule()
	b.mu.Lock()
	waits := !j.owned
	b.mu.Unlock()
	if waits {
		b.markRunnable(j)
	}
}

// ended returns the status of a job that is not live, insisting on the read.
func (b *Batch) ended(scope Scope, id string) (Status, error) {
	for {
		jobs, err := b.opt.Store.Jobs(context.WithoutCancel(b.ctx), scope, []string{id})
		if err == nil {
			if len(jobs) == 0 {
				return Failed, nil
			}
			return jobs[0].Status, nil
		}
		b.opt.OnError(fmt.Errorf("batch: read job %s: %w", id, err))
		if !b.pause() {
			return "", errors.Join(err, context.Canceled)
		}
	}
}

// enqueue puts j among the waiting jobs of its queue, by order of submission.
// mu is held.
func (b *Batch) enqueue(j *liveJob) {
	q := b.queues[j.key]
	if q == nil { // deleted, and j is about to be terminated
		return
	}
	i := len(q.waiting)
	for i > 0 && q.waiting[i-1].seq > j.seq {
		i--
	}
	q.waiting = slices.Insert(q.waiting, i, j)
}

// schedule starts what has room: queues by priority, each in order of
// submission or of fair shares, in the first of its environments with room. A job that waits
// holds back those behind it in its queue, and keeps the environments that it
// waits for from queues of lower priority, so that small jobs do not starve a
// large one.
func (b *Batch) schedule() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || !b.started {
		return
	}
	queues := make([]*queue, 0, len(b.queues))
	for _, q := range b.queues {
		if len(q.waiting) > 0 {
			queues = append(queues, q)
		}
	}
	slices.SortFunc(queues, func(a, b *queue) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.waiting[0].seq, b.waiting[0].seq))
	})
	held := map[*environment]*liveJob{}
	for _, q := range queues {
		for len(q.waiting) > 0 {
			j := b.head(q)
			env := b.place(q, j, held)
			if env == nil {
				break
			}
			q.waiting = q.waiting[1:]
			b.occupy(j, env)
			b.running.Go(func() { b.attempt(j) })
		}
	}
}

// place returns the environment of q that has room for j, or notes why there
// is none. mu is held.
func (b *Batch) place(q *queue, j *liveJob, held map[*environment]*liveJob) *environment {
	var full []*environment
	why, disabled := "", 0
	for _, o := range q.Order {
		env := b.envs[key{q.Scope, o.ComputeEnvironment}]
		switch {
		case env == nil:
			continue
		case env.State != Enabled:
			disabled++
			continue
		case j.need > env.capacity():
			continue
		case held[env] != nil:
			why = note(why, fmt.Sprintf("compute environment %q is kept for job %s of job queue %q, which has a higher priority",
				env.Name, held[env].id, held[env].name))
			full = append(full, env)
		case env.used+j.need > env.capacity():
			why = note(why, fmt.Sprintf("compute environment %q has %s of %s vCPUs in use",
				env.Name, cpus(env.used), cpus(env.capacity())))
			full = append(full, env)
		default:
			return env
		}
	}
	for _, env := range full {
		if held[env] == nil {
			held[env] = j
		}
	}
	switch {
	case len(full) > 0:
		j.why = fmt.Sprintf("Waits for capacity: the job needs %s vCPUs; %s.", cpus(j.need), why)
	case disabled == len(q.Order):
		j.why = "MISCONFIGURATION:COMPUTE_ENVIRONMENT_DISABLED - every compute environment of job queue " + q.Name + " is disabled."
	default:
		j.why = fmt.Sprintf("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU requirement of the job: it needs %s vCPUs; %s.",
			cpus(j.need), b.sizes(q))
	}
	return nil
}

// sizes tells how large the environments of q are. mu is held.
func (b *Batch) sizes(q *queue) string {
	s := ""
	for _, o := range q.Order {
		if env := b.envs[key{q.Scope, o.ComputeEnvironment}]; env != nil {
			s = note(s, fmt.Sprintf("compute environment %q has maxvCpus %s", env.Name, cpus(env.capacity())))
		}
	}
	return s
}

func note(s, more string) string {
	if s == "" {
		return more
	}
	return s + ", " + more
}
