//go:build cgo

package duck

import (
	"context"
	"slices"
	"sync"
	"time"

	"salamander/warehouse/pgwire"
)

// A gate keeps statements from seeing a commit half done, which DuckDB's can:
// any number of statements run at a time, a commit alone.
//
// A commit that waits keeps new statements out, so that those that run can
// come to their end. Where one of them takes long, the others are not to wait
// for it: the gate opens again for a while and closes for longer, by turns,
// until the commit finds it empty. So a statement waits maxClosed for others
// at most, and a commit goes first where all statements are shorter than that.
type gate struct {
	mu         sync.Mutex // guards the fields below
	running    int        // statements
	committing bool
	closed     bool            // for statements, since a commit waits
	commits    []chan struct{} // that wait, in their order; closed to let one in
	opened     chan struct{}   // closed when statements may try again
	closedFor  time.Duration   // how long the gate is closed next
	turn       *time.Timer     // opens and closes; nil while no commit waits
	turns      int             // how many there were
}

const (
	minClosed = 100 * time.Millisecond
	maxClosed = 3200 * time.Millisecond
	openFor   = 400 * time.Millisecond
)

// enter lets a statement in. When ctx ends first it returns the cause, else
// leave must be called.
func (g *gate) enter(ctx context.Context) error {
	if err := pgwire.Cause(ctx); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.committing || g.closed {
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
	g.admit()
}

// lock lets a commit in alone. When ctx ends first it returns the cause, else
// unlock must be called.
func (g *gate) lock(ctx context.Context) error {
	ready := make(chan struct{})
	g.mu.Lock()
	g.commits = append(g.commits, ready)
	g.admit()
	if len(g.commits) > 0 && g.turn == nil {
		g.closedFor = minClosed
		g.close()
	}
	g.mu.Unlock()
	select {
	case <-ready:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if i := slices.Index(g.commits, ready); i >= 0 {
		g.commits = slices.Delete(g.commits, i, i+1)
		if len(g.commits) == 0 {
			g.open()
		}
	} else { // it was let in just now
		g.end()
	}
	return pgwire.Cause(ctx)
}

// unlock ends a commit.
func (g *gate) unlock() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.end()
}

func (g *gate) end() {
	g.committing = false
	if g.admit(); !g.committing {
		g.open()
	}
}

// admit lets the next commit in when there is nobody inside.
func (g *gate) admit() {
	if g.running > 0 || g.committing || len(g.commits) == 0 {
		return
	}
	g.committing = true
	close(g.commits[0])
	g.commits = g.commits[1:]
}

// close closes the gate for a while, while a commit waits.
func (g *gate) close() {
	g.closed = true
	g.after(g.closedFor, func() {
		g.closedFor = min(2*g.closedFor, maxClosed)
		g.open()
		g.after(openFor, g.close)
	})
}

// after calls do when d has passed, unless the gate is opened before.
func (g *gate) after(d time.Duration, do func()) {
	g.turns++
	turn := g.turns
	g.turn = time.AfterFunc(d, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if turn == g.turns && g.turn != nil && !g.committing {
			do()
		}
	})
}

// open opens the gate for the statements that wait.
func (g *gate) open() {
	g.closed = false
	if g.turn != nil {
		g.turn.Stop()
		g.turn = nil
	}
	if g.opened != nil {
		close(g.opened)
		g.opened = nil
	}
}
