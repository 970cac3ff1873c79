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

// One statement takes a minute and a bulk commit waits for it. Neither the
// commit nor the statements that come meanwhile are held for longer than its
// patience.
func TestGateDoesNotWaitForOneLongStatement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		g := &gate{}
		g.enter(ctx)
		began := time.Now()
		ended := make(chan time.Duration, 1)
		go func() {
			alone, err := g.lock(ctx, patience)
			if alone || err != nil {
				t.Errorf("lock beside a statement: got %v, %v; want false", alone, err)
			}
			ended <- time.Since(began)
		}()
		synctest.Wait()
		if err := g.enter(ctx); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(began); waited == 0 || waited > patience {
			t.Errorf("a statement waited %v; want at most %v", waited, patience)
		}
		if took := <-ended; took > patience {
			t.Errorf("the commit waited %v; want at most %v", took, patience)
		}
		g.leave()
		g.leave()
		if alone, err := g.lock(ctx, patience); !alone || err != nil {
			t.Errorf("lock of an empty gate: got %v, %v; want true", alone, err)
		}
		g.unlock()
	})
}

// Statements that overlap without a pause do not hold a commit.
func TestGateLetsCommitsThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{}
		ctx, stop := context.WithCancel(context.Background())
		var statements sync.WaitGroup
		for i := range 10 {
			statements.Go(func() {
				time.Sleep(time.Duration(i) * 30 * time.Millisecond)
				for g.enter(ctx) == nil {
					time.Sleep(200 * time.Millisecond)
					g.leave()
				}
			})
		}
		time.Sleep(time.Second)
		for range 5 {
			alone, err := g.lock(ctx, patience)
			if err != nil || !alone {
				t.Fatalf("lock: got %v, %v; want true", alone, err)
			}
			if g.running != 0 {
				t.Errorf("a commit beside %d statements", g.running)
			}
			g.unlock()
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
				if _, err := g.lock(context.Background(), 0); err != nil {
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
		if _, err := g.lock(ctx, 0); err != why {
			t.Errorf("lock: got %v; want the cause", err)
		}
		if err := g.enter(context.Background()); err != nil {
			t.Error(err)
		}
		g.leave()
		g.leave()
		if alone, err := g.lock(context.Background(), 0); err != nil || !alone {
			t.Fatal(alone, err)
		}
		if err := g.enter(ctx); err != why {
			t.Errorf("enter: got %v; want the cause", err)
		}
		g.unlock()
	})
}
