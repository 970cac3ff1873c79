//go:build cgo

package duck

import (
	"context"
	"slices"
	"sync"
	"time"

	"salamander/warehouse/pgwire"
)

// A gate keeps statements from seeing a bulk commit half done (see
// [bulkRows]): any number of statements run at a time, such a commit alone.
// All other commits pass beside it.
//
// A bulk commit that waits keeps new statements out, so that those that run
// can come to their end, but not for long: when its patience is over it goes
// away, and is made in another way that needs no gate.
type gate struct {
	mu         sync.Mutex // guards the fields below
	running    int        // statements
	committing bool
	commits    []chan struct{} // that wait, in their order; closed to let one in
	opened     chan struct{}   // closed when statements may try again
}

// patience is how long a bulk commit waits for statements, and keeps new ones
// waiting.
const patience = 250 * time.Millisecond

// enter lets a statement in. When ctx ends first it returns the cause, else
// leave must be called.
func (g *gate) enter(ctx context.Context) error {
	if err := pgwire.Cause(ctx); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.committing || len(g.commits) > 0 {
		if g.opened == nil {
			g.opened = make(chan struct{})
		}
		opened := g.opened
		g.mu.Unlock()
		select {
		case <-opened:
		case <-ctx.Done():
		}
		g.mu.Lock()
		if err := pgwire.Cause(ctx); err != nil {
			return err
		}
	}
	g.running++
	return nil
}

// leave ends a statement.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	g.next()
}

// lock lets a commit in alone, and reports whether it is: not when limit has
// passed first, where that is not 0. When ctx ends first it returns the cause.
// unlock must be called where it is alone.
func (g *gate) lock(ctx context.Context, limit time.Duration) (bool, error) {
	ready := make(chan struct{})
	g.mu.Lock()
	g.commits = append(g.commits, ready)
	g.next()
	g.mu.Unlock()
	var over <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-ready:
		return true, nil
	case <-over:
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	err := pgwire.Cause(ctx)
	i := slices.Index(g.commits, ready)
	switch {
	case i >= 0:
		g.commits = slices.Delete(g.commits, i, i+1)
	case err == nil: // it was let in just now
		return true, nil
	default:
		g.committing = false
	}
	g.next()
	return false, err
}

// unlock ends a commit.
func (g *gate) unlock() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.committing = false
	g.next()
}

// next lets the next commit in when there is nobody inside, and statements
// when no commit waits.
func (g *gate) next() {
	if g.committing {
		return
	}
	if len(g.commits) == 0 {
		if g.opened != nil {
			close(g.opened)
			g.opened = nil
		}
		return
	}
	if g.running == 0 {
		g.committing = true
		close(g.commits[0])
		g.commits = g.commits[1:]
	}
}
