package batch

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var scope = Scope{"000000000000", "us-east-1"}

// memory is a Store in memory that records the announced statuses.
type memory struct {
	mu       sync.Mutex
	defs     []Definition
	envs     map[string]Environment
	queues   map[string]Queue
	policies map[string]Policy
	jobs     map[string]Job
	statuses map[string][]Status
	fail     error         // of every change, when set
	slow     time.Duration // of every change
}

func newMemory() *memory {
	return &memory{envs: map[string]Environment{}, queues: map[string]Queue{}, policies: map[string]Policy{},
		jobs: map[string]Job{}, statuses: map[string][]Status{}}
}

func (m *memory) change(f func()) error {
	time.Sleep(m.slow)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	f()
	return nil
}

func (m *memory) AddDefinition(_ context.Context, d Definition) (Definition, error) {
	err := m.change(func() {
		for _, have := range m.defs {
			if have.ID == d.ID {
				d = have
				return
			}
			if have.Name == d.Name {
				d.Revision = max(d.Revision, have.Revision)
			}
		}
		d.Revision++
		m.defs = append(m.defs, d)
	})
	return d, err
}

func (m *memory) PutDefinition(_ context.Context, d Definition) error {
	return m.change(func() {
		for i, have := range m.defs {
			if have.ARN() == d.ARN() {
				m.defs[i] = d
			}
		}
	})
}

func (m *memory) Definitions(_ context.Context, s Scope, q DefinitionQuery) ([]Definition, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []Definition
	for _, d := range m.defs {
		if d.Scope == s && (q.Name == "" || q.Name == d.Name) && (q.Revision == 0 || q.Revision == d.Revision) &&
			(q.Status == "" || q.Status == d.Status) {
			found = append(found, d)
		}
	}
	slices.SortFunc(found, func(a, b Definition) int { return cmp.Compare(b.Revision, a.Revision) })
	return found, nil
}

func (m *memory) Environments(context.Context) (all []Environment, err error) {
	for _, e := range m.envs {
		all = append(all, e)
	}
	return all, nil
}

func (m *memory) PutEnvironment(_ context.Context, e Environment) error {
	return m.change(func() { m.envs[e.Name] = e })
}

func (m *memory) DeleteEnvironment(_ context.Context, _ Scope, name string) error {
	return m.change(func() { delete(m.envs, name) })
}

func (m *memory) Queues(context.Context) (all []Queue, err error) {
	for _, q := range m.queues {
		all = append(all, q)
	}
	return all, nil
}

func (m *memory) Policies(context.Context) (all []Policy, err error) {
	for _, p := range m.policies {
		all = append(all, p)
	}
	return all, nil
}

func (m *memory) PutPolicy(_ context.Context, p Policy) error {
	return m.change(func() { m.policies[p.Name] = p })
}

func (m *memory) DeletePolicy(_ context.Context, _ Scope, name string) error {
	return m.change(func() { delete(m.policies, name) })
}

func (m *memory) PutQueue(_ context.Context, q Queue) error {
	return m.change(func() { m.queues[q.Name] = q })
}

func (m *memory) DeleteQueue(_ context.Context, _ Scope, name string) error {
	return m.change(func() { delete(m.queues, name) })
}

func (m *memory) AddJob(_ context.Context, j Job) (first Job, found bool, err error) {
	first = j
	err = m.change(func() {
		if first, found = m.jobs[j.ID]; found {
			return
		}
		first = j
		m.jobs[j.ID] = j
		m.statuses[j.ID] = []Status{j.Status}
	})
	return first, found, err
}

func (m *memory) PutJob(_ context.Context, j Job, through ...Status) error {
	return m.change(func() {
		m.jobs[j.ID] = j
		m.statuses[j.ID] = append(m.statuses[j.ID], through...)
	})
}

func (m *memory) Jobs(_ context.Context, s Scope, ids []string) (found []Job, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		if j, ok := m.jobs[id]; ok && j.Scope == s {
			found = append(found, j)
		}
	}
	return found, nil
}

func (m *memory) ListJobs(_ context.Context, s Scope, q JobQuery) (found []Job, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, j := range m.jobs {
		if j.Scope == s && q.Matches(j) {
			found = append(found, j)
		}
	}
	return found, nil
}

func (m *memory) LiveJobs(context.Context) (found []Job, err error) {
	for _, j := range m.jobs {
		if !j.Status.Ended() {
			found = append(found, j)
		}
	}
	slices.SortFunc(found, func(a, b Job) int { return cmp.Compare(a.Seq, b.Seq) })
	return found, nil
}

func (m *memory) LastSeq(context.Context) (last int64, err error) {
	for _, j := range m.jobs {
		last = max(last, j.Seq)
	}
	return last, nil
}

// actor is an Executor whose commands last a time and end with a code, both
// said by the job's command: ["2s", "0"]; "stubborn" as a third argument
// ignores SIGTERM.
type actor struct {
	mu      sync.Mutex
	started []string // "job name/attempt number", in order
	runs    map[string]int
	reaped  []string
	maxLive int
	live    int
}

func (x *actor) Start(_ context.Context, r Run, out LineWriter) (Process, error) {
	if r.Container.Image == "unknown" {
		return nil, &ImageError{"CannotPullContainerError: no mapping"}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.runs == nil {
		x.runs = map[string]int{}
	}
	x.started = append(x.started, r.JobName)
	x.runs[r.Attempt.ID]++
	x.live++
	x.maxLive = max(x.maxLive, x.live)
	d, err := time.ParseDuration(r.Container.Command[0])
	if err != nil {
		return nil, err
	}
	code := 0
	for _, c := range r.Container.Command[1] {
		code = code*10 + int(c-'0')
	}
	out.Line(time.Now(), "hello")
	return &acted{x: x, out: out, after: d, code: code, stubborn: len(r.Container.Command) > 2,
		term: make(chan struct{}, 9), kill: make(chan struct{}, 9)}, nil
}

func (x *actor) Reap(_ context.Context, r Run) error {
	x.reaped = append(x.reaped, r.JobName+" "+r.Attempt.Mark)
	return nil
}

type acted struct {
	x          *actor
	out        LineWriter
	after      time.Duration
	code       int
	stubborn   bool
	term, kill chan struct{}
}

func (p *acted) Mark() string { return "mark" }
func (p *acted) Terminate()   { p.term <- struct{}{} }
func (p *acted) Kill()        { p.kill <- struct{}{} }
func (p *acted) Wait() Exit {
	defer p.out.Close()
	defer func() {
		p.x.mu.Lock()
		p.x.live--
		p.x.mu.Unlock()
	}()
	timer := time.NewTimer(p.after)
	term := p.term
	if p.stubborn {
		term = nil
	}
	select {
	case <-timer.C:
		return Exit{Code: p.code}
	case <-term:
		return Exit{Code: 143}
	case <-p.kill:
		return Exit{Code: 137}
	}
}

// A world is a Batch with one environment "ce" of 4 vCPUs, one queue "q" and a
// definition "d" of 1 vCPU.
type world struct {
	*Batch
	t     *testing.T
	store *memory
	exec  *actor
}

func inWorld(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, newMemory())
		w.environment("ce", 4)
		w.queue("q", 1, "ce")
		w.definition("d", ContainerProperties{Image: "i", VCPUs: 1, Memory: 100, Command: []string{"1s", "0"}}, nil)
		f(w)
		w.Close()
	})
}

func begin(t *testing.T, m *memory) *world {
	t.Helper()
	w := &world{t: t, store: m, exec: &actor{}}
	b := New(Options{Store: m, Executor: w.exec, OnError: func(err error) { t.Log(err) }})
	if err := b.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Batch = b
	return w
}

func (w *world) environment(name string, vcpus int) {
	w.t.Helper()
	_, err := w.CreateEnvironment(w.t.Context(), Environment{Scope: scope, ID: randomHex(16), Name: name, Type: "MANAGED",
		Resources: ComputeResources{Type: "EC2", MaxvCPUs: &vcpus}})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) queue(name string, priority int, envs ...string) {
	w.t.Helper()
	q := Queue{Scope: scope, ID: randomHex(16), Name: name, Priority: priority}
	for i, e := range envs {
		q.Order = append(q.Order, EnvironmentRank{i + 1, e})
	}
	if _, err := w.CreateQueue(w.t.Context(), q); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) definition(name string, c ContainerProperties, retry *RetryStrategy) {
	w.t.Helper()
	_, err := w.RegisterDefinition(w.t.Context(), Definition{Scope: scope, ID: randomHex(16), Name: name, Type: "container",
		Container: c, Retry: retry})
	if err != nil {
		w.t.Fatal(err)
	}
}

// submit submits a job of definition d to q that lasts and ends as command
// says, changed by change.
func (w *world) submit(name string, command []string, change ...func(*Submission)) string {
	w.t.Helper()
	s := Submission{Scope: scope, ID: randomHex(16), Name: name, Queue: "q", Definition: "d",
		Overrides: &Overrides{Command: command}}
	for _, c := range change {
		c(&s)
	}
	j, err := w.Submit(w.t.Context(), s)
	if err != nil {
		w.t.Fatal(err)
	}
	return j.ID
}

func (w *world) job(id string) Job {
	w.t.Helper()
	jobs, err := w.Jobs(w.t.Context(), scope, []string{id})
	if err != nil || len(jobs) != 1 {
		w.t.Fatalf("job %s: got %d jobs, error %v", id, len(jobs), err)
	}
	return jobs[0]
}

// after lets d pass and everything settle.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (w *world) wants(id string, status Status, reason string) {
	w.t.Helper()
	j := w.job(id)
	if j.Status != status || reason != "*" && j.StatusReason != reason {
		w.t.Errorf("job %s: got %s, %q; want %s, %q", j.Name, j.Status, j.StatusReason, status, reason)
	}
}

func needs(vcpus int) func(*Submission) {
	return func(s *Submission) { s.Overrides.VCPUs = vcpus }
}

func in(queue string) func(*Submission) { return func(s *Submission) { s.Queue = queue } }

func behind(ids ...string) func(*Submission) {
	return func(s *Submission) {
		for _, id := range ids {
			s.DependsOn = append(s.DependsOn, Dependency{JobID: id})
		}
	}
}

var errDisk = errors.New("disk is full")
