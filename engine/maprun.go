package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"salamander/asl"
	"salamander/engine/dataset"
)

// defaultMapConcurrency is how many children of a map run run at once, where
// neither the state nor the options tell. AWS runs 10,000.
const defaultMapConcurrency = 1000

// maxQueue is how much input of children is read ahead, in bytes, and
// inputOverhead what one takes beside its text.
const (
	maxQueue      = 16 << 20
	inputOverhead = 64
)

// A mapRun is a map run that this engine runs: it reads items, keeps so many
// children running, and ends its Map state. Its goroutines end with its
// context: with [ErrCancelled] when nobody waits for it any more, and
// otherwise when the engine is closed, to be taken up by the next one.
//
// Nothing but the children themselves tells how far it is: they are named by
// their numbers, and a map run that is taken up reads its items again and
// passes over those that have a child.
type mapRun struct {
	e       *Engine
	a       *actor // of the Map state's execution
	id      int64  // of the command
	spec    *asl.MapRun
	items   *asl.Items
	machine StateMachine // of the children
	objects dataset.Objects
	ctx     context.Context

	before *mapRun       // of the same ARN, which ends first; nil for none
	left   chan struct{} // closed when it has ended in this engine

	definition string // hash of the children's
	tag        string // what their names begin with
	language   machine

	mu      sync.Mutex // guards the following
	changed *sync.Cond
	rec     MapRun
	queue   []beginning
	queued  int // bytes
	read    bool
	failure *asl.MapFailure
	running map[string]*actor // children by ARN
	// starting is how many children are being created.
	starting int
	lost     error     // why it cannot go on in this engine
	latest   time.Time // when a child last began
}

// startMapRun runs a map run on a goroutine of its own.
func (a *actor) startMapRun(o order) {
	ctx, cancel := context.WithCancelCause(a.e.ctx)
	a.mu.Lock()
	a.tasks[o.ID] = cancel
	a.mu.Unlock()
	r := &mapRun{e: a.e, a: a, id: o.ID, spec: o.cmd.Map, ctx: ctx, running: map[string]*actor{}}
	r.changed = sync.NewCond(&r.mu)
	context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.changed.Broadcast()
	})
	r.before, r.left = a.e.enterMapRun(r), make(chan struct{})
	a.e.spawn(func() {
		defer a.e.leaveMapRun(r)
		defer a.interrupt(o.ID, nil)
		r.run()
	})
}

// enterMapRun puts a map run on the list of those that run, and returns the one
// of its ARN that is there, which is about to leave: it is being aborted, and
// was redriven meanwhile.
func (e *Engine) enterMapRun(r *mapRun) (before *mapRun) {
	e.mu.Lock()
	defer e.mu.Unlock()
	before = e.mapRuns[r.spec.ARN]
	e.mapRuns[r.spec.ARN] = r
	return before
}

func (e *Engine) leaveMapRun(r *mapRun) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.mapRuns[r.spec.ARN] == r {
		delete(e.mapRuns, r.spec.ARN)
	}
	close(r.left)
}

func (e *Engine) mapRun(arn string) *mapRun {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.mapRuns[arn]
}

// run runs the map run to its end and tells the Map state.
func (r *mapRun) run() {
	ev, err := r.result()
	switch {
	case errors.Is(context.Cause(r.ctx), ErrCancelled):
		r.abort()
	case r.ctx.Err() != nil:
	case err != nil:
		r.e.log.Error("a map run is halted until the next start", "mapRun", r.spec.ARN, "error", err)
	default:
		ev.Command = r.id
		r.a.post(letter{ev: ev}, false)
	}
}

// result runs the map run, or finds that it has ended before, and returns what
// its Map state is told. An error is for the log.
func (r *mapRun) result() (asl.Event, error) {
	if err := r.prepare(); err != nil {
		return asl.Event{}, err
	}
	r.mu.Lock()
	rec := r.rec
	r.mu.Unlock()
	if rec.Status == Failed {
		return asl.Event{Kind: asl.MapRunFailed, Error: rec.Error, Cause: rec.Cause}, nil
	}
	if rec.Status != Succeeded {
		if err := r.work(); err != nil {
			return asl.Event{}, err
		}
	}
	return r.conclude()
}

// prepare stores the map run, or reads it again.
func (r *mapRun) prepare() error {
	m, ok := r.a.machine.(language)
	if !ok {
		return errors.New("the machine has no map runs")
	}
	var err error
	if r.items, err = m.m.Items(r.spec); err != nil {
		return err
	}
	parent := r.a.rec
	_, name, _, err := asl.ParseMapRunARN(r.spec.ARN)
	if err != nil {
		return err
	}
	kind := Standard
	if r.spec.Express {
		kind = Express
	}
	r.machine = StateMachine{ARN: machineARN(parent, name), Account: parent.Account, Region: parent.Region, Name: name,
		Type: kind, Definition: m.m.Child(r.spec.Scope), Role: parent.Role}
	r.objects, r.definition, r.tag = r.e.opt.Objects(parent), DefinitionHash(r.machine.Definition), asl.ChildTag(r.spec.ARN)
	if r.language, err = r.e.machines.parse(r.definition, r.machine.Definition, kind); err != nil {
		return err
	}
	if err := r.awaitBefore(); err != nil {
		return err
	}
	rec, err := r.e.store.MapRun(r.ctx, r.spec.ARN)
	switch {
	case errors.Is(err, ErrNotFound):
		rec = MapRun{ARN: r.spec.ARN, Execution: parent.ARN, Machine: r.machine.ARN, Definition: r.definition,
			Account: parent.Account, Region: parent.Region, Status: Running, Start: r.e.now(), MaxConcurrency: r.spec.MaxConcurrency,
			ToleratedFailureCount: r.spec.ToleratedFailureCount, ToleratedFailurePercentage: r.spec.ToleratedFailurePercentage}
		if r.spec.Redrives > 0 {
			rec.Redrives, rec.Redriven = r.spec.Redrives, rec.Start
		}
		err = r.persist(rec)
	case err == nil && rec.Redrives < r.spec.Redrives:
		rec = rec.redriven(r.spec.Redrives, r.e.now())
		err = r.persist(rec)
	}
	if err != nil {
		return err
	}
	if rec.Status == Running {
		rec.Items, rec.Executions = MapCounts{}, MapCounts{} // counted again
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rec = rec
	return nil
}

// persist stores the record. A store that fails is asked again until it takes
// it or the engine is closed.
func (r *mapRun) persist(rec MapRun) error {
	return r.insist("a map run waits until the store takes it", func(ctx context.Context) error { return r.e.store.PutMapRun(ctx, rec) })
}

// insist calls f until it succeeds or the engine is closed.
func (r *mapRun) insist(what string, f func(ctx context.Context) error) error {
	pause := 100 * time.Millisecond
	for {
		err := f(r.e.ctx)
		if err == nil || errors.Is(err, ErrExists) || errors.Is(err, ErrClosed) {
			return err
		}
		if r.e.ctx.Err() != nil {
			return ErrClosed
		}
		r.e.log.Error(what, "mapRun", r.spec.ARN, "error", err)
		select {
		case <-time.After(pause):
			pause = min(2*pause, 5*time.Second)
		case <-r.e.ctx.Done():
			return ErrClosed
		}
	}
}

// work reads the items and runs the children until all have ended, or too many
// have failed.
func (r *mapRun) work() error {
	if bad := r.checkWriter(); bad != nil {
		r.fail(bad)
	} else if !r.e.spawn(r.readAll) {
		return ErrClosed
	}
	starters, lots := make(chan struct{}, mapStarters), make(chan struct{}, mapLots)
	for {
		select {
		case lots <- struct{}{}:
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
		l := r.takeLot()
		if l == nil {
			return r.await()
		}
		if !r.e.spawn(func() { r.startLot(l, starters); <-lots }) {
			return ErrClosed
		}
	}
}

// limit is how many children run at once. r.mu is held.
func (r *mapRun) limit() int {
	most := r.e.opt.MapConcurrency
	if n := r.rec.MaxConcurrency; n > 0 && n < int64(most) {
		most = int(n)
	}
	return most
}

// count counts a child and its items from one status to another. r.mu is held.
func (r *mapRun) count(from, to string, items int64) {
	r.rec.Items.move(from, to, items)
	r.rec.Executions.move(from, to, 1)
}

// await waits until no child runs any more.
func (r *mapRun) await() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.ctx.Err() == nil && r.lost == nil && (len(r.running)+r.starting > 0 || !r.read && r.failure == nil) {
		r.changed.Wait()
	}
	if r.lost != nil {
		return r.lost
	}
	return r.ctx.Err()
}

// fail ends the map run: no more children are started, and those that run are
// stopped.
func (r *mapRun) fail(bad *asl.MapFailure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failLocked(bad)
}

func (r *mapRun) failLocked(bad *asl.MapFailure) {
	if r.failure != nil {
		return
	}
	r.failure = bad
	for _, child := range r.running {
		child.abort()
	}
	r.changed.Broadcast()
}

// tolerate fails the map run when too many of its items have failed. r.mu is
// held.
func (r *mapRun) tolerate() {
	total := int64(0)
	if r.read {
		total = r.rec.Items.Total
	}
	c := r.rec.Items
	if asl.Exceeded(r.rec.ToleratedFailureCount, r.rec.ToleratedFailurePercentage, c.Failed+c.TimedOut+c.Aborted, total) {
		r.failLocked(asl.TooManyFailed())
	}
}

// abort stops the children of a map run that nobody waits for any more, and
// stores its end.
func (r *mapRun) abort() {
	if r.before != nil { // who comes after this one waits for both
		select {
		case <-r.before.left:
		case <-r.e.ctx.Done():
		}
	}
	stop := context.AfterFunc(r.e.ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.changed.Broadcast()
	})
	defer stop()
	r.mu.Lock()
	for _, child := range r.running {
		child.abort()
	}
	for len(r.running)+r.starting > 0 && r.lost == nil && r.e.ctx.Err() == nil {
		r.changed.Wait()
	}
	if r.rec.ARN == "" || r.rec.Status != Running {
		r.mu.Unlock()
		return // nothing of it is stored, or its end is
	}
	r.rec.Status, r.rec.Stop = Aborted, r.e.now() // nothing changes it any more
	rec := r.rec
	r.mu.Unlock()
	if err := r.e.endMapRun(rec); err != nil && r.e.ctx.Err() == nil {
		r.e.log.Error("a map run cannot be aborted", "mapRun", rec.ARN, "error", err)
	}
}

// machineARN is the ARN of the children's machine.
func machineARN(parent Execution, name string) string {
	return "arn:" + partitionOf(parent.ARN) + ":states:" + parent.Region + ":" + parent.Account + ":stateMachine:" + name
}

// partitionOf returns the partition of an ARN.
func partitionOf(text string) string {
	for i := len("arn:"); i < len(text); i++ {
		if text[i] == ':' {
			return text[len("arn:"):i]
		}
	}
	return "aws"
}
