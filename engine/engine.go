// Package engine runs executions of state machines durably. A turn feeds
// events to the pure machine of package asl and commits what it came to, new
// state, history, commands and outcome, in one commit; commands go out only
// afterwards, each with an identifier that makes a repeat harmless. After a
// crash [Engine.Recover] arms the timers and runs the tasks that were
// committed and had not ended; it never decides again.
package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"salamander/asl"
	"salamander/engine/dataset"
)

// ErrClosed means that the engine is being closed. What was asked may happen
// after the next start, if it was committed.
var ErrClosed = errors.New("engine: closed")

// Options configures [New]. Store and Runner are needed.
type Options struct {
	Store  Store
	Runner Runner
	// Recorder takes log records. Where it is nil they are dropped.
	Recorder Recorder
	Log      *slog.Logger     // slog.Default when nil
	Now      func() time.Time // time.Now when nil
	// Elapsed is a clock that nobody sets, which tells when Now was: the time
	// since the engine was made when nil.
	Elapsed func() time.Duration
	Seed    func() [32]byte // of a new execution; random when nil
	// NoLimits lifts AWS's limits on data and history.
	NoLimits bool
	// Objects gives map runs what they read and write in the name of an
	// execution. Needed where map runs read or export.
	Objects func(ex Execution) dataset.Objects
	// MapConcurrency is how many children of one map run run at once, at most:
	// 1000 when 0.
	MapConcurrency int
	// TimerFired is told how late each timer fired. It must not block. May be
	// nil.
	TimerFired func(late time.Duration)

	parse func([]byte, asl.ParseOptions) (machine, error) // for tests; asl.Parse when nil
}

// An Engine drives executions. Its methods may be called from many
// goroutines.
type Engine struct {
	opt      Options
	log      *slog.Logger
	store    Store
	machines machineCache
	timers   timers
	tokens   tokens
	workers  workers
	scribe   scribe

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	ready  chan struct{} // closed when Recover has taken up what was there

	mu     sync.Mutex // guards the following
	closed bool
	actors map[string]*actor // by ARN, those that run
	// mapRuns are those that run, by ARN.
	mapRuns map[string]*mapRun

	abandoned endings // set before ready is closed
}

// New returns an engine. The caller calls [Engine.Recover] once, which all
// other calls wait for, and [Engine.Close] at the end.
func New(opt Options) *Engine {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Elapsed == nil {
		began := time.Now()
		opt.Elapsed = func() time.Duration { return time.Since(began) }
	}
	if opt.Seed == nil {
		opt.Seed = func() (seed [32]byte) { rand.Read(seed[:]); return seed }
	}
	if opt.MapConcurrency <= 0 {
		opt.MapConcurrency = defaultMapConcurrency
	}
	if opt.Objects == nil {
		opt.Objects = func(Execution) dataset.Objects { return dataset.None{} }
	}
	if opt.parse == nil {
		opt.parse = parseLanguage
	}
	e := &Engine{opt: opt, log: opt.Log, store: opt.Store, actors: map[string]*actor{}, mapRuns: map[string]*mapRun{}, ready: make(chan struct{})}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.machines.init(opt)
	e.timers.init(e)
	e.tokens.init()
	e.workers.init()
	e.scribe.init(e)
	e.spawn(e.timers.loop)
	e.spawn(e.scribe.loop)
	return e
}

// Recover takes up the executions that were running when the store was
// closed: timers are armed again, due ones fire at once in their order, and
// tasks are run again under the same identifiers. An execution that cannot be
// taken up is logged and left as it is.
func (e *Engine) Recover(ctx context.Context) error {
	var all []*actor
	err := e.store.Running(ctx, func(r Resumed) error {
		a := newActor(e, r.Execution)
		close(a.entered)
		a.step, a.raw = r.Turn, r.State
		for _, p := range r.Pending {
			o, err := decodeOrder(p)
			if err != nil {
				a.halted = fmt.Errorf("read command %d: %w", p.ID, err)
				break
			}
			a.pending[p.ID] = o
		}
		if a.halted == nil {
			a.machine, a.halted = e.machines.get(ctx, r.Execution.Definition, r.Execution.Type)
		}
		if a.halted != nil {
			e.log.Error("an execution cannot be resumed and stays as it is", "execution", a.rec.ARN, "error", a.halted)
		}
		all = append(all, a)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the running executions: %w", err)
	}
	e.mu.Lock()
	for _, a := range all {
		e.actors[a.rec.ARN] = a
	}
	e.mu.Unlock()
	awaited := map[string]bool{}
	for _, a := range all {
		for _, o := range a.pending {
			if o.cmd.Kind == asl.RunMap {
				awaited[o.cmd.Map.ARN] = true
			}
		}
	}
	open, err := e.store.OpenMapRuns(ctx)
	if err != nil {
		return fmt.Errorf("read the open map runs: %w", err)
	}
	e.abandoned.expect(open, awaited)
	for _, a := range all {
		a.resume()
	}
	close(e.ready)
	e.spawn(func() { e.abandonMapRuns(open, awaited) })
	return nil
}

// NoLimits reports whether AWS's limits on data and history are lifted.
func (e *Engine) NoLimits() bool { return e.opt.NoLimits }

// await waits until what an earlier engine left is taken up.
func (e *Engine) await(ctx context.Context) error {
	return e.until(ctx, e.ready)
}

// until waits for a channel to be closed.
func (e *Engine) until(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-e.ctx.Done():
		return ErrClosed
	}
}

// Close stops the engine and waits for its goroutines. Executions go on with
// the next engine on the same store; running tasks are interrupted and will
// be run again under the same identifiers.
func (e *Engine) Close() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.cancel()
	e.wg.Wait()
}

// spawn runs f on a goroutine of its own, unless the engine is closed.
func (e *Engine) spawn(f func()) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	e.wg.Add(1)
	go func() {
		defer e.wg.Done()
		f()
	}()
	return true
}

// now is the present in milliseconds, the resolution of histories.
func (e *Engine) now() time.Time { return e.opt.Now().UTC().Round(0).Truncate(time.Millisecond) }

func (e *Engine) actor(arn string) *actor {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.actors[arn]
}

func (e *Engine) forget(a *actor) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.actors[a.rec.ARN] == a {
		delete(e.actors, a.rec.ARN)
	}
}

// Open returns how many executions are running.
func (e *Engine) Open() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.actors)
}

// machineCache keeps parsed machines by definition.
type machineCache struct {
	opt Options

	mu  sync.Mutex
	all map[string]machine
}

// cacheMachines bounds the machines kept parsed. Executions that run hold
// theirs anyway.
const cacheMachines = 512

func (c *machineCache) init(opt Options) { c.opt, c.all = opt, map[string]machine{} }

func (c *machineCache) parse(hash, text, kind string) (machine, error) {
	key := kind + hash
	c.mu.Lock()
	m := c.all[key]
	c.mu.Unlock()
	if m != nil {
		return m, nil
	}
	m, err := c.opt.parse([]byte(text), asl.ParseOptions{Express: kind == Express, NoLimits: c.opt.NoLimits})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.all) >= cacheMachines {
		clear(c.all)
	}
	c.all[key] = m
	return m, nil
}

func (c *machineCache) get(ctx context.Context, hash, kind string) (machine, error) {
	c.mu.Lock()
	m := c.all[kind+hash]
	c.mu.Unlock()
	if m != nil {
		return m, nil
	}
	text, err := c.opt.Store.Definition(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("read definition %s: %w", hash, err)
	}
	return c.parse(hash, text, kind)
}
