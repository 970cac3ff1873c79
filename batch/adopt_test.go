package batch

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// host is where attempts run that outlive the engines of a test.
type host struct {
	mu        sync.Mutex
	runs      map[string]*hosted
	abandoned int
}

// hosted is an attempt on a host.
type hosted struct {
	*acted
	id      string
	run     Run
	host    *host
	started time.Time
	done    chan struct{}
	exit    Exit
	lost    bool
}

// keeper is an actor whose processes run on a host.
type keeper struct {
	actor
	host *host
	kept []string // by the last Sweep
}

// handle is what one engine has of an attempt.
type handle struct {
	*hosted
	left  chan struct{}
	leave sync.Once
}

func (x *keeper) Start(ctx context.Context, r Run, out LineWriter) (Process, error) {
	p, err := x.actor.Start(ctx, r, out)
	if err != nil {
		return nil, err
	}
	h := &hosted{acted: p.(*acted), id: r.Attempt.ID, run: r, host: x.host, started: time.Now(), done: make(chan struct{})}
	x.host.mu.Lock()
	defer x.host.mu.Unlock()
	if x.host.runs[h.id] != nil {
		panic("an attempt is started twice")
	}
	x.host.runs[h.id] = h
	go func() {
		h.exit = h.acted.Wait()
		h.exit.At, h.exit.Lost = time.Now(), h.lost
		h.exit.TimedOut = r.Timeout > 0 && time.Since(h.started) > r.Timeout
		close(h.done)
	}()
	return &handle{hosted: h, left: make(chan struct{})}, nil
}

func (x *keeper) Adopt(_ context.Context, r Run, _ LineWriter) (Process, error) {
	x.host.mu.Lock()
	defer x.host.mu.Unlock()
	if h := x.host.runs[r.Attempt.ID]; h != nil {
		return &handle{hosted: h, left: make(chan struct{})}, nil
	}
	return nil, nil
}

func (x *keeper) Sweep(_ context.Context, live map[string]bool) error {
	x.kept = slices.Collect(maps.Keys(live))
	return nil
}

func (p *handle) StartedAt() time.Time { return p.started }
func (p *handle) Leave()               { p.leave.Do(func() { close(p.left) }) }
func (p *handle) Forget() {
	p.host.mu.Lock()
	defer p.host.mu.Unlock()
	delete(p.host.runs, p.id)
}

func (p *handle) Abandon() {
	p.host.mu.Lock()
	p.host.abandoned++
	p.host.mu.Unlock()
	p.Forget()
	p.acted.Kill()
}

func (p *handle) Wait() Exit {
	select {
	case <-p.left:
		return Exit{Left: true}
	case <-p.done:
		return p.exit
	}
}

// outlive runs f in a world whose attempts outlive it. restart ends it and
// begins the next on the same store and host.
func outlive(t *testing.T, f func(w *world, h *host, restart func(away time.Duration))) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &host{runs: map[string]*hosted{}}
		m := newMemory()
		w := &world{t: t, store: m}
		open := func() {
			x := &keeper{host: h}
			w.exec = &x.actor
			w.Batch = New(Options{Store: m, Executor: x, OnError: func(err error) { t.Log(err) }})
			if err := w.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		open()
		w.environment("ce", 4)
		w.queue("q", 1, "ce")
		w.definition("d", ContainerProperties{Image: "i", VCPUs: 1, Memory: 100, Command: []string{"1s", "0"}},
			&RetryStrategy{Attempts: 3, EvaluateOnExit: []EvaluateOnExit{{OnStatusReason: "Host EC2*", Action: "RETRY"}, {OnReason: "*", Action: "EXIT"}}})
		f(w, h, func(away time.Duration) {
			w.Close()
			after(away)
			open()
		})
		w.Close()
		for _, run := range h.runs {
			run.acted.Kill()
		}
	})
}

func TestJobsOutliveTheEngine(t *testing.T) {
	outlive(t, func(w *world, h *host, restart func(time.Duration)) {
		id := w.submit("long", []string{"10s", "3"})
		after(time.Second)
		before := w.job(id)
		restart(2 * time.Second)
		if now := w.job(id); now.Status != Running || now.StartedAt != before.StartedAt || *now.Current != *before.Current {
			t.Errorf("adopted: got %+v; want %+v", now, before)
		}
		if n := w.Running(); n != 1 {
			t.Errorf("got %d attempts that run; want 1", n)
		}
		large := w.submit("large", []string{"1s", "0"}, needs(4))
		next := w.submit("next", []string{"1s", "0"}, behind(id))
		after(0)
		w.wants(large, Runnable, `Waits for capacity: the job needs 4 vCPUs; compute environment "ce" has 1 of 4 vCPUs in use.`)
		restart(0)
		after(7*time.Second - time.Nanosecond)
		w.wants(id, Running, "*")
		after(time.Nanosecond)
		w.wants(id, Failed, exited)
		w.wants(next, Failed, dependentFailed)
		after(time.Second)
		w.wants(large, Succeeded, exited)
		ended := w.job(id)
		if len(ended.Attempts) != 1 || *ended.Attempts[0].Container.ExitCode != 3 || ended.StoppedAt-ended.StartedAt != 10_000 {
			t.Errorf("got %+v", ended)
		}
		if len(h.runs) != 0 {
			t.Errorf("not forgotten: %v", h.runs)
		}
	})
}

func TestJobsThatEndedMeanwhile(t *testing.T) {
	outlive(t, func(w *world, h *host, restart func(time.Duration)) {
		id := w.submit("short", []string{"2s", "0"})
		after(time.Second)
		restart(time.Hour)
		w.wants(id, Succeeded, exited)
		if j := w.job(id); j.StoppedAt-j.StartedAt != 2000 || len(j.Attempts) != 1 {
			t.Errorf("got %+v", j)
		}
		want := []Status{Submitted, Runnable, Starting, Running, Succeeded}
		if got := slices.Compact(slices.Clone(w.store.statuses[id])); !slices.Equal(got, want) {
			t.Errorf("statuses: got %v; want %v", got, want)
		}
	})
}

// The engine may die before it has recorded that the attempt runs.
func TestAdoptWhileStarting(t *testing.T) {
	outlive(t, func(w *world, h *host, restart func(time.Duration)) {
		id := w.submit("j", []string{"10s", "0"})
		after(time.Second)
		w.Close()
		j := w.store.jobs[id]
		started := j.StartedAt
		a := *j.Current
		a.StartedAt, a.Mark = 0, ""
		j.Status, j.StartedAt, j.Current = Starting, 0, &a
		w.store.jobs[id] = j
		restart(0)
		if j := w.job(id); j.Status != Running || j.StartedAt != started || j.Current.Mark != "mark" {
			t.Errorf("got %+v", j)
		}
	})
}

func TestTerminateAnAdoptedJob(t *testing.T) {
	outlive(t, func(w *world, h *host, restart func(time.Duration)) {
		now, before := w.submit("now", []string{"1h", "0"}), w.submit("before", []string{"1h", "0", "stubborn"})
		after(time.Second)
		if err := w.Terminate(t.Context(), scope, before, "asked before"); err != nil {
			t.Fatal(err)
		}
		restart(0)
		if err := w.Terminate(t.Context(), scope, now, "asked now"); err != nil {
			t.Fatal(err)
		}
		after(0)
		w.wants(now, Failed, "asked now")
		w.wants(before, Running, "*")
		after(30 * time.Second) // it was asked again, and has its grace again
		w.wants(before, Failed, "asked before")
	})
}

// An attempt whose end nobody knows was on a host that is gone, and is not
// started again: the next one is.
func TestLostAttempt(t *testing.T) {
	for _, known := range []bool{true, false} {
		outlive(t, func(w *world, h *host, restart func(time.Duration)) {
			id := w.submit("j", []string{"10s", "0"})
			after(time.Second)
			first := w.job(id).Current
			run := h.runs[first.ID]
			delete(h.runs, first.ID)
			run.lost = true
			run.acted.Kill()
			if !known { // the next engine finds it gone, else this one sees it go
				restart(time.Second)
			}
			after(0)
			j := w.job(id)
			if len(j.Attempts) != 1 || j.Attempts[0].StatusReason != hostTerminated(first.InstanceID) || j.Attempts[0].Container.ExitCode != nil {
				t.Fatalf("engine %t: got %+v", known, j)
			}
			if j.Status != Running || j.Current.ID == first.ID || j.Current.Number != 2 {
				t.Errorf("engine %t: got %+v; want a second attempt", known, j)
			}
			after(10 * time.Second)
			w.wants(id, Succeeded, exited)
		})
	}
}

func TestAdoptedJobTimesOut(t *testing.T) {
	outlive(t, func(w *world, h *host, restart func(time.Duration)) {
		id := w.submit("j", []string{"65s", "9"}, func(s *Submission) { s.Timeout = &Timeout{AttemptDurationSeconds: 60} })
		after(time.Second)
		if got := h.runs[w.job(id).Current.ID].run; got.Timeout != time.Minute || got.Grace != 30*time.Second {
			t.Errorf("got timeout %v, grace %v", got.Timeout, got.Grace)
		}
		restart(time.Hour)
		w.wants(id, Failed, timedOut)
	})
}

func TestCloseEndsJobsWhenItShould(t *testing.T) {
	outlive(t, func(w *world, h *host, restart func(time.Duration)) {
		id := w.submit("j", []string{"1h", "0"})
		after(time.Second)
		w.opt.EndJobs = true
		w.Close()
		if h.abandoned != 1 {
			t.Errorf("abandoned: got %d; want 1", h.abandoned)
		}
		restart(0)
		if j := w.job(id); len(j.Attempts) != 1 || !strings.HasPrefix(j.Attempts[0].StatusReason, "Host EC2 (instance i-") {
			t.Errorf("got %+v", j)
		}
	})
}
