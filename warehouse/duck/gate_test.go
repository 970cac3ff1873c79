//go:build cgo

package duck

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"salamander/warehouse/sqlstate"
)

// One statement takes a minute and a commit waits for it. Statements that come
// meanwhile are not held for longer than the gate is closed.
func TestGateDoesNotWaitForOneLongStatement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		g := &gate{}
		g.enter(ctx)
		var committed time.Duration
		began := time.Now()
		go func() {
			g.lock(ctx)
			committed = time.Since(began)
			g.unlock()
		}()
		synctest.Wait()
		var longest time.Duration
		for time.Since(began) < time.Minute {
			at := time.Now()
			if err := g.enter(ctx); err != nil {
				t.Fatal(err)
			}
			longest = max(longest, time.Since(at))
			time.Sleep(10 * time.Millisecond)
			g.leave()
		}
		if longest == 0 || longest > maxClosed {
			t.Errorf("a statement waited %v; want more than nothing and at most %v", longest, maxClosed)
		}
		if committed != 0 {
			t.Errorf("the commit came after %v, beside a statement", committed)
		}
		g.leave()
		synctest.Wait()
		if committed == 0 {
			t.Error("the commit waits still")
		}
		if err := g.enter(ctx); err != nil || g.closed || g.turn != nil {
			t.Errorf("after the commit: got %v, closed %v", err, g.closed)
		}
	})
}

// Statements that overlap without a pause do not hold a commit for ever.
func TestGateLetsCommitsThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		ctx, stop := context.WithCancel(context.Background())
		var statements sync.WaitGroup
		for i := range 10 {
			statements.Go(func() {
				time.Sleep(time.Duration(i) * 30 * time.Millisecond)
				for g.enter(ctx) == nil {
					time.Sleep(300 * time.Millisecond)
					g.leave()
				}
			})
		}
		time.Sleep(time.Second)
		for range 5 {
			began := time.Now()
			if err := g.lock(ctx); err != nil {
				t.Fatal(err)
			}
			if g.running != 0 {
				t.Errorf("a commit beside %d statements", g.running)
			}
			g.unlock()
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("a commit waited %v", took)
			}
			time.Sleep(50 * time.Millisecond)
		}
		stop()
		statements.Wait()
	})
}

func TestGateCommitsOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		inside, done := 0, 0
		for range 20 {
			go func() {
				if err := g.lock(context.Background()); err != nil {
					t.Error(err)
				}
				if inside++; inside != 1 {
					t.Errorf("%d commits at a time", inside)
				}
				time.Sleep(10 * time.Millisecond)
				inside--
				done++
				g.unlock()
			}()
		}
		synctest.Wait()
		if err := g.enter(context.Background()); err != nil {
			t.Fatal(err)
		}
		if done != 20 {
			t.Errorf("a statement came in after %d commits; want 20, none of which waits", done)
		}
		g.leave()
	})
}

func TestGateCanBeLeftWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		g.enter(context.Background())
		why := sqlstate.Errorf(sqlstate.QueryCanceled, "canceling statement due to statement timeout")
		ctx, cancel := context.WithTimeoutCause(context.Background(), time.Second, why)
		defer cancel()
		if err := g.lock(ctx); err != why {
			t.Errorf("lock: got %v; want the cause", err)
		}
		if err := g.enter(context.Background()); err != nil {
			t.Error(err)
		}
		g.leave()
		g.leave()
		if err := g.lock(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := g.enter(ctx); err != why {
			t.Errorf("enter: got %v; want the cause", err)
		}
		g.unlock()
	})
}
