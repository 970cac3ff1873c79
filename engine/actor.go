package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"salamander/asl"
)

// A letter is an event on its way to an execution.
type letter struct {
	ev    asl.Event
	reply chan error // buffered; answered after the commit; may be nil
}

// implied reports whether the event tells nothing that the next one does not:
// a task that started and ended in the same millisecond.
func (l *letter) implied(next *letter) bool {
	return l.ev.Kind == asl.TaskStarted && l.reply == nil && next.ev.Command == l.ev.Command && next.ev.At.Equal(l.ev.At) &&
		(next.ev.Kind == asl.TaskSucceeded || next.ev.Kind == asl.TaskFailed || next.ev.Kind == asl.TaskSubmitted)
}

// lazily is how long a letter that can wait waits for another one to share
// its commit.
const lazily = 10 * time.Millisecond

// An actor is one running execution: its mailbox, and what only the goroutine
// that empties the mailbox touches. An idle actor has no goroutine.
type actor struct {
	e     *Engine
	rec   Execution
	ended chan struct{} // closed after the commit of the outcome

	// entered is closed when the first turn is stored, or when that failed,
	// which refused tells. Nobody else reads rec or the store before.
	entered chan struct{}
	refused bool

	mu     sync.Mutex
	mail   []letter
	busy   bool                              // a goroutine empties the mailbox, or must not yet
	closed bool                              // ended or given up: the mailbox takes nothing
	nudge  *timer                            // for letters that can wait
	tasks  map[int64]context.CancelCauseFunc // and map runs
	done   []func(*Outcome)                  // called when it has ended

	// Owned by the goroutine that empties the mailbox.
	machine machine
	state   state
	raw     []byte // the state, until the first turn reads it
	step    int64
	last    time.Time // of the last event: time in a history never goes back
	pending map[int64]order
	timers  map[int64]*timer
	halted  error
	outcome *Outcome
	events  []Event // of an express execution
	mapRun  *mapRun // that redrives it; else nil
}

func newActor(e *Engine, ex Execution) *actor {
	return &actor{e: e, rec: ex, ended: make(chan struct{}), entered: make(chan struct{}), last: ex.Start,
		tasks: map[int64]context.CancelCauseFunc{}, pending: map[int64]order{}, timers: map[int64]*timer{}}
}

// post puts a letter into the mailbox. A lazy one need not cause a turn of its
// own.
func (a *actor) post(l letter, lazy bool) {
	if l.ev.At.IsZero() {
		l.ev.At = a.e.now()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		if l.reply != nil {
			l.reply <- asl.ErrEnded
		}
		return
	}
	a.mail = append(a.mail, l)
	switch {
	case a.busy:
	case lazy:
		if a.nudge == nil {
			a.nudge = a.e.timers.set(a.e.opt.Now().Add(lazily), func() {
				a.mu.Lock()
				defer a.mu.Unlock()
				a.nudge = nil
				a.run()
			})
		}
	default:
		a.run()
	}
}

// run starts the goroutine that empties the mailbox. a.mu is held.
func (a *actor) run() {
	if a.busy || a.closed || len(a.mail) == 0 {
		return
	}
	if a.nudge != nil {
		a.e.timers.stop(a.nudge)
		a.nudge = nil
	}
	a.busy = true
	if !a.e.spawn(a.drain) {
		a.busy = false
	}
}

// refuse gives up an actor whose first turn is not stored: the store alone
// tells what there is.
func (a *actor) refuse() {
	a.e.forget(a)
	a.refused = true
	close(a.entered)
	a.shut(asl.ErrEnded)
}

// release lets the mailbox be emptied, once the execution is created.
func (a *actor) release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy = false
	a.run()
}

func (a *actor) drain() {
	for {
		a.mu.Lock()
		letters := a.mail
		a.mail = nil
		if len(letters) == 0 {
			a.busy = false
			a.mu.Unlock()
			return
		}
		a.mu.Unlock()
		a.turn(letters)
	}
}

// shut closes the mailbox; err answers what is still in it.
func (a *actor) shut(err error) {
	a.mu.Lock()
	a.closed = true
	left := a.mail
	a.mail = nil
	a.mu.Unlock()
	for _, l := range left {
		if l.reply != nil {
			l.reply <- err
		}
	}
}

// turn feeds the letters to the machine, commits what it came to, and only
// then carries it out.
func (a *actor) turn(letters []letter) {
	d := a.draft()
	errs := make([]error, len(letters))
	_, implies := a.machine.(language)
	for i, l := range letters {
		if implies && i+1 < len(letters) && l.implied(&letters[i+1]) {
			d.skipped++
			continue
		}
		errs[i] = d.feed(l.ev)
	}
	if d.turn.Number > a.step {
		if err := a.commit(d.finish()); err != nil {
			for i := range errs {
				errs[i] = err
			}
		} else {
			a.apply(d)
		}
	}
	if a.halted != nil && a.rec.Type == Express && a.outcome == nil {
		// Nobody will take it up again.
		name, cause := "States.Runtime", "Internal error"
		a.end(&Outcome{Status: Failed, At: a.e.now(), Error: &name, Cause: &cause})
	}
	for i, l := range letters {
		if l.reply != nil {
			l.reply <- errs[i]
		}
	}
}

// commit stores the turn. A store that fails is asked again until it takes
// the turn or the engine is closed: nothing else happens in this execution
// meanwhile.
func (a *actor) commit(t Turn) error {
	if a.rec.Type == Express {
		a.events = append(a.events, t.History...)
		if t.Journal != nil {
			a.e.scribe.add(t.Journal)
		}
		return nil
	}
	pause := 100 * time.Millisecond
	for try := 1; ; try++ {
		err := a.e.store.Commit(a.e.ctx, t)
		if err == nil {
			if try > 1 {
				a.e.log.Info("the store takes commits again", "execution", a.rec.ARN, "tries", try)
			}
			return nil
		}
		if a.e.ctx.Err() != nil {
			return ErrClosed
		}
		if errors.Is(err, ErrStale) {
			a.halt(err)
			return err
		}
		a.e.log.Error("the execution waits until the store takes its turn", "execution", a.rec.ARN, "try", try, "error", err)
		select {
		case <-time.After(pause):
			pause = min(2*pause, 5*time.Second)
		case <-a.e.ctx.Done():
			return ErrClosed
		}
	}
}

// halt stops this execution, and only it, where it is. It is taken up again
// when the engine starts the next time.
func (a *actor) halt(err error) {
	a.halted = err
	a.e.log.Error("an execution is halted until the next start", "execution", a.rec.ARN, "error", err)
}

// apply makes a committed draft the state of the actor and carries its
// commands out.
func (a *actor) apply(d *draft) {
	a.state, a.raw, a.step, a.last = d.state, nil, d.turn.Number, d.last
	for _, id := range d.closed.ids() {
		cancelled, _ := d.cancelled.get(id)
		a.drop(id, cancelled)
	}
	for _, id := range d.open.ids() {
		a.pending[id], _ = d.open.get(id)
	}
	if d.turn.Outcome != nil {
		a.end(d.turn.Outcome)
		return
	}
	for _, id := range d.dispatch {
		if o, ok := a.pending[id]; ok {
			a.carryOut(o)
		}
	}
}

// drop forgets a command that ended.
func (a *actor) drop(id int64, cancelled bool) {
	o := a.pending[id]
	delete(a.pending, id)
	if tm := a.timers[id]; tm != nil {
		a.e.timers.stop(tm)
		delete(a.timers, id)
	}
	if o.Token != "" {
		a.e.tokens.remove(o.Token)
	}
	if o.Activity != "" {
		a.e.workers.remove(o.Activity, a, id)
	}
	if cancelled {
		a.interrupt(id, ErrCancelled)
	}
}

// interrupt cancels the run of a task.
func (a *actor) interrupt(id int64, cause error) {
	a.mu.Lock()
	cancel := a.tasks[id]
	delete(a.tasks, id)
	a.mu.Unlock()
	if cancel != nil {
		cancel(cause)
	}
}

// end closes the actor after its outcome was committed.
func (a *actor) end(o *Outcome) {
	for id := range a.pending {
		a.drop(id, true)
	}
	a.outcome = o
	a.e.forget(a)
	close(a.ended)
	a.shut(asl.ErrEnded)
	a.mu.Lock()
	done := a.done
	a.done = nil
	a.mu.Unlock()
	for _, f := range done {
		f(o)
	}
}

// carryOut sends a command out.
func (a *actor) carryOut(o order) {
	switch o.cmd.Kind {
	case asl.SetTimer:
		id, at := o.ID, o.At // and no more: there may be millions
		a.timers[id] = a.e.timers.set(at, func() {
			fired := asl.Event{Kind: asl.TimerFired, Command: id, At: a.e.now()}
			if fired.At.Before(at) {
				fired.At = at
			}
			a.post(letter{ev: fired}, false)
		})
	case asl.RunMap:
		a.startMapRun(o)
	case asl.RunTask:
		if o.Token != "" {
			a.e.tokens.add(o.Token, a, o.ID)
		}
		a.dispatch(o)
	}
}

// resume carries out again what was committed and has not ended.
func (a *actor) resume() {
	if a.halted != nil {
		return
	}
	a.mu.Lock()
	a.busy = true
	a.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(a.pending)) {
		a.carryOut(a.pending[id])
	}
	a.release()
}

// protect calls f, whose panic becomes an error with its stack in the log.
func (a *actor) protect(f func() (decision, error)) (d decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			a.e.log.Error("the machine panicked", "execution", a.rec.ARN, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("the machine panicked: %v", p)
		}
	}()
	return f()
}
