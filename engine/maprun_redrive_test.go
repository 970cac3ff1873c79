package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// picky is a runner whose tasks answer their payload, but fail for some of
// them until they are well. It counts how often each one succeeded.
type picky struct {
	runs
	bad  []string
	well atomic.Bool

	counts sync.Mutex // guards done
	done   map[string]int
}

func newPicky(bad ...string) *picky {
	p := &picky{bad: bad, done: map[string]int{}}
	p.run = func(_ context.Context, t Task, _ Report) (json.RawMessage, error) {
		var in struct{ Payload json.RawMessage }
		if err := json.Unmarshal(t.Parameters, &in); err != nil {
			return nil, err
		}
		text := string(in.Payload)
		if !p.well.Load() && slices.Contains(p.bad, text) {
			return nil, &TaskError{Name: "Broken", Cause: "x"}
		}
		p.counts.Lock()
		defer p.counts.Unlock()
		p.done[text]++
		return json.RawMessage(`{"by":` + text + `}`), nil
	}
	return p
}

// A redrive of the execution takes its map run up: children that failed go on,
// those that were not started begin, and no other runs again.
func TestMapRunRedrive(t *testing.T) {
	for _, kind := range []string{Standard, Express} {
		synctest.Test(t, func(t *testing.T) {
			store, runner := newMemory(), newPicky("3", "7")
			e := open(t, mapOptions(store, runner, &bucket{}))
			req := request("x", strings.Replace(distributed(`,"MaxConcurrency":1,"ToleratedFailureCount":1`, task), "STANDARD", kind, 1))
			req.Input = "[0,1,2,3,4,5,6,7,8,9]"
			ex, err := e.Start(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			run := store.mapRunOf(t, ex.ARN)
			if run.Status != Failed || run.Executions != (MapCounts{Succeeded: 6, Failed: 2, Pending: 2, Total: 10}) {
				t.Fatalf("%s: got %+v", kind, run)
			}
			children, _ := store.Children(t.Context(), run.ARN, 0, 20)
			if err := e.Redrivable(t.Context(), children[3]); err != nil {
				t.Errorf("%s: a failed child: got %v; want nil", kind, err)
			}
			wantReason(t, e.Redrivable(t.Context(), children[2]), "Execution is SUCCEEDED and cannot be redriven")
			_, err = e.Redrive(t.Context(), children[3].ARN, "")
			wantReason(t, err, "Execution was started by a Map Run and is redriven with it: redrive the execution that the Map Run belongs to")
			time.Sleep(time.Hour)
			for n := 1; n <= 2; n++ {
				if n == 2 {
					runner.well.Store(true)
				}
				if _, err := e.Redrive(t.Context(), ex.ARN, ""); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				run = store.mapRunOf(t, ex.ARN)
				var want MapCounts
				outcome := "FAILED States.ExceedToleratedFailureThreshold The specified tolerated failure threshold was exceeded"
				if n == 1 { // the two fail again, before the last are started
					want = MapCounts{Succeeded: 6, Failed: 2, Pending: 2, Total: 10}
				} else {
					want = MapCounts{Succeeded: 10, Total: 10, ResultsWritten: 10}
					outcome = "SUCCEEDED [0,1,2,3,4,5,6,7,8,9]"
				}
				if run.Redrives != n || run.Redriven.IsZero() || run.Executions != want {
					t.Errorf("%s: redrive %d: got %+v", kind, n, run)
				}
				if got := store.outcome(ex.ARN); got != outcome {
					t.Errorf("%s: redrive %d: got %s; want %s", kind, n, got, outcome)
				}
				time.Sleep(time.Hour)
			}
			for i := range 10 {
				if n := runner.done[fmt.Sprint(i)]; n != 1 {
					t.Errorf("%s: item %d succeeded %d times", kind, i, n)
				}
			}
			types := store.types(ex.ARN)
			want := strings.Fields(`ExecutionStarted MapStateEntered MapStateStarted MapRunStarted MapRunFailed MapStateFailed ExecutionFailed
				ExecutionRedriven MapRunRedriven MapRunFailed MapStateFailed ExecutionFailed
				ExecutionRedriven MapRunRedriven MapRunSucceeded MapStateSucceeded MapStateExited ExecutionSucceeded`)
			if diff := cmp.Diff(want, types); diff != "" {
				t.Errorf("%s: history (-want +got):\n%s", kind, diff)
			}
			again, _ := store.Children(t.Context(), run.ARN, 0, 20)
			for i, child := range again {
				switch {
				case i < len(children) && child.ARN != children[i].ARN:
					t.Errorf("%s: child %d has another ARN", kind, i)
				case kind == Express && (i == 3 || i == 7) && !child.Start.After(children[i].Stop):
					t.Errorf("%s: child %d: got %+v; want another start", kind, i, child)
				case kind == Standard && (i == 3 || i == 7) != (child.Redrives == 2):
					t.Errorf("%s: child %d: got %d redrives", kind, i, child.Redrives)
				}
			}
			if kind == Standard {
				want := strings.Fields(`ExecutionStarted TaskStateEntered TaskScheduled TaskStarted TaskFailed ExecutionFailed
					ExecutionRedriven TaskScheduled TaskStarted TaskFailed ExecutionFailed
					ExecutionRedriven TaskScheduled TaskStarted TaskSucceeded TaskStateExited ExecutionSucceeded`)
				if diff := cmp.Diff(want, store.types(again[3].ARN)); diff != "" {
					t.Errorf("history of a child (-want +got):\n%s", diff)
				}
			}
			e.Close()
		})
	}
}

// A child that cannot be redriven stays failed, and is counted so.
func TestMapRunRedriveNotPossible(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, runner := newMemory(), newPicky("1", "2")
		e := open(t, mapOptions(store, runner, &bucket{}))
		req := request("x", distributed(`,"ToleratedFailureCount":1`, task))
		req.Input = "[0,1,2]"
		ex, err := e.Start(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		run := store.mapRunOf(t, ex.ARN)
		children, _ := store.Children(t.Context(), run.ARN, 0, 20)
		store.runs[children[1].ARN].state = nil // as an earlier release left it
		runner.well.Store(true)
		if _, err := e.Redrive(t.Context(), ex.ARN, ""); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		run = store.mapRunOf(t, ex.ARN)
		if want := (MapCounts{Succeeded: 2, Failed: 1, Total: 3, ResultsWritten: 3, FailuresNotRedrivable: 1}); run.Status != Succeeded || run.Items != want {
			t.Errorf("got %+v; want %+v", run, want)
		}
		e.Close()
	})
}

// An execution that was stopped is redriven at once: its children, which are
// being stopped, go on.
func TestMapRunRedriveStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e := open(t, mapOptions(store, &runs{}, &bucket{}))
		req := request("x", distributed(`,"MaxConcurrency":3`, `{"A":{"Type":"Wait","Seconds":100,"End":true}}`))
		req.Input = "[0,1,2,3]"
		ex, err := e.Start(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		run := store.mapRunOf(t, ex.ARN)
		for n := 1; n <= 3; n++ {
			if _, err := e.Stop(t.Context(), ex.ARN, nil, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := e.Redrive(t.Context(), ex.ARN, ""); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		if now, err := e.MapRun(t.Context(), run.ARN); err != nil || now.Redrives != 3 || now.Executions != (MapCounts{Running: 3, Pending: 1, Total: 4}) {
			t.Errorf("redriven: got %+v, %v", now, err)
		}
		time.Sleep(time.Hour)
		if got := store.outcome(ex.ARN); got != "SUCCEEDED [0,1,2,3]" {
			t.Errorf("got %s", got)
		}
		if run := store.mapRunOf(t, ex.ARN); run.Status != Succeeded || run.Executions.Succeeded != 4 {
			t.Errorf("got %+v", run)
		}
		e.Close()
	})
}

// A store that dies at any commit of a redrive: nothing that succeeded runs
// again, and nothing is left out.
func TestMapRunRedriveSurvives(t *testing.T) {
	for _, kind := range []string{Standard, Express} {
		for dies := 1; ; dies++ {
			done := false
			synctest.Test(t, func(t *testing.T) {
				store, runner := newMemory(), newPicky("1", "2")
				e := open(t, mapOptions(store, runner, &bucket{}))
				req := request("x", strings.Replace(distributed(`,"MaxConcurrency":1,"ToleratedFailureCount":1`, task), "STANDARD", kind, 1))
				req.Input = "[0,1,2,3]"
				ex, err := e.Start(t.Context(), req)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				runner.well.Store(true)
				store.mu.Lock()
				died, base := make(chan struct{}), store.n
				store.fail = func(n int) error {
					if n-base < dies {
						return nil
					}
					if n-base == dies {
						close(died)
					}
					return errors.New("dead")
				}
				store.mu.Unlock()
				_, errRedrive := e.Redrive(t.Context(), ex.ARN, "")
				if errRedrive == nil {
					select {
					case <-died:
					case <-time.After(time.Hour):
						done = true
					}
				}
				e.Close()
				store.mu.Lock()
				store.fail = nil
				store.mu.Unlock()
				e = open(t, mapOptions(store, runner, &bucket{}))
				if errRedrive != nil {
					if _, err := e.Redrive(t.Context(), ex.ARN, ""); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				e.Close()
				if got := store.outcome(ex.ARN); got != "SUCCEEDED [0,1,2,3]" {
					t.Errorf("%s, dies at commit %d: got %s", kind, dies, got)
				}
				if run := store.mapRunOf(t, ex.ARN); run.Status != Succeeded || run.Redrives != 1 || run.Executions != (MapCounts{Succeeded: 4, Total: 4, ResultsWritten: 4}) {
					t.Errorf("%s, dies at commit %d: got %+v", kind, dies, run)
				}
				if n := len(store.runs); n != 5 {
					t.Errorf("%s, dies at commit %d: got %d executions; want 5", kind, dies, n)
				}
				if n := runner.done["0"]; n != 1 {
					t.Errorf("%s, dies at commit %d: a child that had succeeded ran %d times", kind, dies, n)
				}
			})
			if done || t.Failed() {
				if dies < 6 {
					t.Errorf("%s: died only %d times", kind, dies)
				}
				break
			}
		}
	}
}
