// Package batch runs jobs as AWS Batch does: job definitions with revisions,
// compute environments and job queues, and jobs that go through the seven
// statuses, wait for capacity and dependencies, are retried, time out and are
// ended.
//
// The package knows neither processes nor databases: it declares [Store],
// [Executor], [Logs] and [Credentials], which others implement. A change of a
// job's status is committed before anything acts on it.
package batch

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync"
	"time"
)

// A Scope is the account and region that a resource lives in. It is part of
// every key.
type Scope struct {
	Account string `json:"account"`
	Region  string `json:"region"`
}

// Options configures [New]. Store and Executor are needed; the rest may be
// left out.
type Options struct {
	Store       Store
	Executor    Executor
	Logs        Logs             // nil drops what jobs print
	Credentials Credentials      // nil gives jobs no credentials
	OnError     func(error)      // called for failures that no caller sees; may be nil
	Now         func() time.Time // time.Now when nil
	StopGrace   time.Duration    // between SIGTERM and SIGKILL; 30 s when 0, as on AWS
	EndJobs     bool             // Close ends attempts that could outlive it
}

// A Batch is the running service. All methods may be called from many
// goroutines once [Batch.Start] has returned.
type Batch struct {
	opt  Options
	host Host

	up      chan struct{}   // closed when Start has loaded the store
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	running sync.WaitGroup // attempts and retries of commits
	admin   sync.Mutex     // held by changes of definitions, queues and environments, commit included; before mu

	// mu guards what follows. It is never held during a commit. A job's own
	// lock is taken before mu, never after it.
	mu       sync.Mutex
	envs     map[key]*environment
	policies map[key]Policy
	queues   map[key]*queue
	jobs     map[string]*liveJob // those that have not ended, by id
	seq      int64
	started  bool
	closed   bool
}

type key struct {
	Scope
	name string
}

// A Host is the machine that attempts of this engine run on: made anew at
// every start, so that a job can tell which engine it died with.
type Host struct {
	InstanceID string // "i-" and 17 hex digits
	Container  string // id of the container instance: 32 hex digits
}

// New returns a service that is not started. It panics without a store or an
// executor, which is a mistake in the wiring.
func New(opt Options) *Batch {
	if opt.Store == nil || opt.Executor == nil {
		panic("batch: need a store and an executor")
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.StopGrace == 0 {
		opt.StopGrace = 30 * time.Second
	}
	if opt.OnError == nil {
		opt.OnError = func(error) {}
	}
	b := &Batch{
		up:       make(chan struct{}),
		opt:      opt,
		host:     Host{InstanceID: "i-0" + randomHex(8), Container: randomHex(16)},
		envs:     map[key]*environment{},
		policies: map[key]Policy{},
		queues:   map[key]*queue{},
		jobs:     map[string]*liveJob{},
	}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

// Host returns the instance that attempts of this engine run on.
func (b *Batch) Host() Host { return b.host }

// Start loads what the store holds, adopts the attempts of an earlier engine
// that outlived it, ends what else it left running (attempts that are recorded as
// those of a terminated host) and begins to schedule. It must be called once. Calls of other methods that come earlier
// wait for it.
func (b *Batch) Start(ctx context.Context) error {
	if err := b.recover(ctx); err != nil {
		return fmt.Errorf("batch: recover: %w", err)
	}
	b.mu.Lock()
	b.started = true
	b.mu.Unlock()
	close(b.up)
	b.schedule()
	return nil
}

// Close leaves the attempts that can outlive this engine to the next one, unless
// Options.EndJobs says otherwise. It kills the processes of all others, waits
// until they are gone and leaves their attempts recorded as running: to the next
// engine they are what they were after a crash, attempts of a terminated host.
func (b *Batch) Close() {
	b.mu.Lock()
	b.closed = true
	var procs []Process
	for _, j := range b.jobs {
		if j.timer != nil {
			j.timer.Stop()
		}
		if j.proc != nil {
			procs = append(procs, j.proc)
		}
	}
	b.mu.Unlock()
	b.cancel()
	for _, p := range procs {
		b.drop(p)
	}
	b.running.Wait()
}

// drop lets p go when the service is closed.
func (b *Batch) drop(p Process) {
	s, ok := p.(Survivor)
	switch {
	case !ok:
		p.Kill()
	case b.opt.EndJobs:
		s.Abandon()
	default:
		s.Leave()
	}
}

// Running returns how many attempts run now.
func (b *Batch) Running() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, j := range b.jobs {
		if j.proc != nil {
			n++
		}
	}
	return n
}

// loaded returns once the store is loaded, or the service closed.
func (b *Batch) loaded() {
	select {
	case <-b.up:
	case <-b.ctx.Done():
	}
}

func (b *Batch) millis() int64 { return b.opt.Now().UnixMilli() }

// randomHex returns n random bytes as 2n hex digits.
func randomHex(n int) string {
	buf := make([]byte, n)
	rand.Read(buf)
	return hex.EncodeToString(buf)
}
