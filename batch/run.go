package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// AWS's own texts.
const (
	exited        = "Essential container in task exited"
	failedToStart = "Task failed to start"
	timedOut      = "Job attempt duration exceeded timeout"
)

func hostTerminated(instance string) string {
	return "Host EC2 (instance " + instance + ") terminated."
}

// attempt runs one attempt of j, which schedule has given capacity. The
// attempt's record is durable before its command starts.
func (b *Batch) attempt(j *liveJob) {
	a, err := b.begin(j)
	if err != nil {
		if !errors.Is(err, errOrdered) {
			b.opt.OnError(fmt.Errorf("batch: start job %s: %w", j.id, err))
			if !b.pause() {
				return
			}
		}
		b.yield(j)
		return
	}
	doc := j.document()
	p, err := b.start(doc, a)
	if err != nil {
		if b.ctx.Err() != nil {
			return // closed
		}
		reason := err.Error()
		if image := (*ImageError)(nil); !errors.As(err, &image) {
			reason = "CannotStartContainerError: " + reason
		}
		b.finish(j, a, nil, reason, failedToStart, b.millis())
		return
	}
	a.StartedAt, a.Mark = b.millis(), p.Mark()
	b.watch(j, p)
	b.conclude(j, a, p, b.recordStart(j, a))
}

// recordStart commits that attempt a runs.
func (b *Batch) recordStart(j *liveJob, a Attempt) error {
	return b.insist(j, func(doc *Job) ([]Status, bool) {
		running := a
		doc.Current = &running
		doc.Status, doc.StartedAt = Running, a.StartedAt
		return []Status{Running}, true
	})
}

// conclude waits for the end of attempt a, whose start was recorded unless err
// says why not, and records it.
func (b *Batch) conclude(j *liveJob, a Attempt, p Process, err error) {
	exit := p.Wait()
	switch {
	case err != nil:
		return // closed with a full disk: the next engine finds the attempt as starting
	case exit.Left:
		return // the next engine adopts it
	case b.ctx.Err() != nil && (exit.Code != 0 || exit.Lost):
		return // killed by Close
	case exit.Lost:
		b.finish(j, a, nil, "", hostTerminated(a.InstanceID), b.millis())
		return
	}
	if exit.TimedOut {
		b.mu.Lock()
		j.stop = cmp.Or(j.stop, timedOut)
		b.mu.Unlock()
	}
	at := b.millis()
	if !exit.At.IsZero() {
		at = exit.At.UnixMilli()
	}
	if b.finish(j, a, &exit.Code, exit.Reason, exited, at) {
		if s, ok := p.(Survivor); ok {
			s.Forget()
		}
	}
}

func (j *liveJob) document() Job {
	j.lock <- struct{}{}
	defer func() { <-j.lock }()
	return j.doc
}

// errOrdered means that the job was cancelled or terminated before its attempt
// began.
var errOrdered = errors.New("the job was ended before it started")

// begin commits the record of a new attempt.
func (b *Batch) begin(j *liveJob) (Attempt, error) {
	b.mu.Lock()
	env := j.env.Environment
	b.mu.Unlock()
	a := Attempt{
		ID: randomHex(16), Environment: env.Name, Cluster: env.Cluster(),
		InstanceID: b.host.InstanceID, Instance: b.host.Container,
	}
	ordered := false
	err := b.change(context.WithoutCancel(b.ctx), j, func(doc *Job) ([]Status, bool) {
		if ordered = doc.EndReason != ""; ordered {
			return nil, false
		}
		a.Number = len(doc.Attempts) + 1
		a.LogGroup, a.LogStream = logPlace(*doc, a.ID)
		first := a
		state := doc.state(&first)
		doc.Current, doc.Last = &first, &state
		through := []Status{Starting}
		if doc.Status != Runnable {
			through = []Status{Runnable, Starting}
		}
		doc.Status, doc.StatusReason = Starting, ""
		doc.StartedAt, doc.StoppedAt = 0, 0
		return through, true
	})
	if ordered {
		err = errOrdered
	}
	return a, err
}

// logPlace returns the group and stream that an attempt prints to.
func logPlace(doc Job, attempt string) (group, stream string) {
	group = "/aws/batch/job"
	prefix, _, _ := splitDefinition(doc.Scope, doc.Definition)
	if l := doc.Container.LogConfiguration; l != nil {
		if g := l.Options["awslogs-group"]; g != "" {
			group = g
		}
		if p := l.Options["awslogs-stream-prefix"]; p != "" {
			prefix = p
		}
	}
	return group, prefix + "/default/" + attempt
}

// yield gives back the capacity of an attempt that was not begun, and lets the
// job be scheduled again unless somebody wants it to end.
func (b *Batch) yield(j *liveJob) {
	reason := j.document().EndReason
	b.mu.Lock()
	b.vacate(j)
	j.owned = false
	stop := cmp.Or(j.stop, reason)
	if stop == "" {
		b.enqueue(j)
	}
	b.mu.Unlock()
	if stop != "" {
		b.endWaiting(j, stop)
	}
	b.schedule()
}

func (b *Batch) start(doc Job, a Attempt) (Process, error) {
	run := doc.run(a)
	env, err := b.environ(doc, a)
	if err != nil {
		return nil, fmt.Errorf("credentials of the job: %w", err)
	}
	run.Env = env
	run.Grace = b.opt.StopGrace
	if t := doc.Timeout; t != nil {
		run.Timeout = time.Duration(t.AttemptDurationSeconds) * time.Second
	}
	var out LineWriter = noLines{}
	if b.opt.Logs != nil {
		out = b.opt.Logs.Open(doc.Scope, a.LogGroup, a.LogStream)
	}
	p, err := b.opt.Executor.Start(b.ctx, run, out)
	if err != nil {
		out.Close()
	}
	return p, err
}

func (j Job) run(a Attempt) Run {
	return Run{Scope: j.Scope, JobID: j.ID, JobName: j.Name, Attempt: a, Container: j.Container}
}

// environ returns the variables that Batch gives an attempt. Those of the
// definition override credentials; nothing overrides AWS_BATCH_.
func (b *Batch) environ(doc Job, a Attempt) ([]string, error) {
	var env []string
	if b.opt.Credentials != nil {
		creds, err := b.opt.Credentials.JobEnvironment(b.ctx, doc.Scope, doc.Container.JobRoleArn, doc.ID)
		if err != nil {
			return nil, err
		}
		env = append(env, creds...)
	}
	for _, e := range doc.Container.Environment {
		env = append(env, e.Name+"="+e.Value)
	}
	env = append(env,
		"AWS_BATCH_JOB_ID="+doc.ID,
		"AWS_BATCH_JOB_ATTEMPT="+strconv.Itoa(a.Number),
		"AWS_BATCH_JQ_NAME="+doc.Queue,
		"AWS_BATCH_CE_NAME="+a.Environment)
	return LastWins(env), nil
}

// LastWins returns env, whose elements are NAME=value, with one element a
// name: the last.
func LastWins(env []string) []string {
	at := map[string]int{}
	out := make([]string, 0, len(env))
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		if i, dup := at[name]; dup {
			out[i] = e
			continue
		}
		at[name] = len(out)
		out = append(out, e)
	}
	return slices.Clip(out)
}

// watch lets j's process be stopped, and starts the timeout's clock.
func (b *Batch) watch(j *liveJob, p Process) {
	timeout := j.document().Timeout
	b.mu.Lock()
	defer b.mu.Unlock()
	j.proc = p
	switch {
	case b.closed:
		b.drop(p)
	case j.stop != "":
		b.terminate(j)
	case timeout != nil && timeout.AttemptDurationSeconds > 0:
		d := time.Duration(timeout.AttemptDurationSeconds) * time.Second
		j.timer = time.AfterFunc(d, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			if j.proc == p && j.stop == "" {
				j.stop = timedOut
				b.terminate(j)
			}
		})
	}
}

// terminate asks j's process to end, and kills it when it has not after the
// grace. mu is held.
func (b *Batch) terminate(j *liveJob) {
	p := j.proc
	if j.timer != nil {
		j.timer.Stop()
	}
	p.Terminate()
	j.timer = time.AfterFunc(b.opt.StopGrace, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if j.proc == p {
			p.Kill()
		}
	})
}

// finish records that attempt a ended at the time stopped, decides what becomes of the job and
// gives back the capacity. code is nil when the command never ran, or its end is
// not known. It reports whether the end is durable.
func (b *Batch) finish(j *liveJob, a Attempt, code *int, reason, statusReason string, stopped int64) bool {
	b.mu.Lock()
	if j.timer != nil {
		j.timer.Stop()
	}
	j.timer, j.proc = nil, nil
	stop := j.stop
	b.mu.Unlock()
	var after Status
	err := b.insist(j, func(doc *Job) ([]Status, bool) {
		stop = cmp.Or(doc.EndReason, stop)
		after = doc.end(&a, code, reason, statusReason, stop, stopped)
		return []Status{after}, true
	})
	if err != nil {
		return false // closed; the next engine decides
	}
	b.mu.Lock()
	b.vacate(j)
	j.owned = false
	again := after == Runnable
	stop = j.stop // may have come during the commit
	if again && stop == "" {
		b.enqueue(j)
	}
	b.mu.Unlock()
	switch {
	case !again:
		b.settle(j, after)
	case stop != "":
		b.endWaiting(j, stop)
	}
	b.schedule()
	return true
}

// end records the end of attempt a in j and returns the job's next status:
// Runnable when it is tried again. stop is the reason of a termination or
// timeout, after which no job is.
func (j *Job) end(a *Attempt, code *int, reason, statusReason, stop string, at int64) Status {
	state := j.state(a)
	state.ExitCode, state.Reason = code, reason
	d := AttemptDetail{Container: state, StartedAt: a.StartedAt, StoppedAt: at, StatusReason: statusReason}
	if stop != "" {
		d.StatusReason = stop
	}
	j.Attempts = append(j.Attempts, d)
	j.Current, j.Last = nil, &state
	switch {
	case stop == "" && code != nil && *code == 0:
		j.Status = Succeeded
	case stop == "" && j.Retry.again(len(j.Attempts), d):
		j.Status, j.StatusReason = Runnable, ""
		return Runnable
	default:
		j.Status = Failed
	}
	j.StatusReason, j.StoppedAt = d.StatusReason, at
	return j.Status
}

// settle takes j, which has ended, out of the schedule and tells the jobs that
// depend on it.
func (b *Batch) settle(j *liveJob, status Status) {
	b.mu.Lock()
	delete(b.jobs, j.id)
	var ready, failed []*liveJob
	for _, w := range j.waiters {
		if w.owned || !w.after[j.id] {
			continue // looks for itself when it is free, or waits no more
		}
		delete(w.after, j.id)
		switch {
		case status != Succeeded:
			failed = append(failed, w)
		case len(w.after) == 0:
			b.enqueue(w)
			ready = append(ready, w)
		}
	}
	j.waiters = nil
	b.mu.Unlock()
	for _, w := range ready {
		b.spawn(func() { b.ready(w) })
	}
	for _, w := range failed {
		b.spawn(func() { b.endWaiting(w, dependentFailed) })
	}
}
