package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/asl"
)

// runs is a runner that counts, by the identifiers of the tasks.
type runs struct {
	mu        sync.Mutex
	seen      map[string]int
	cancelled []string
	run       func(ctx context.Context, t Task, r Report) (json.RawMessage, error)
}

func (r *runs) Run(ctx context.Context, t Task, report Report) (json.RawMessage, error) {
	r.mu.Lock()
	if r.seen == nil {
		r.seen = map[string]int{}
	}
	r.seen[t.ID]++
	run := r.run
	r.mu.Unlock()
	report.Started()
	if run != nil {
		return run(ctx, t, report)
	}
	if t.Integration.Pattern == asl.WaitForToken {
		report.Submitted(json.RawMessage(`{}`))
		return nil, ErrAwaitToken
	}
	return json.RawMessage(fmt.Sprintf(`{"by":%q}`, t.State)), nil
}

func (r *runs) Cancel(_ context.Context, t Task) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cancelled = append(r.cancelled, t.ID)
	return nil
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func options(store Store, runner Runner) Options {
	return Options{Store: store, Runner: runner, Log: quiet(), parse: parseScript, Seed: func() [32]byte { return [32]byte{1} }}
}

func open(t *testing.T, opt Options) *Engine {
	t.Helper()
	e := New(opt)
	t.Cleanup(e.Close)
	if err := e.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

func request(name, script string) StartRequest {
	m := StateMachine{ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:m", Account: "000000000000", Region: "us-east-1", Name: "m",
		Type: Standard, Definition: script}
	return StartRequest{Machine: m, Name: name, ID: "id"}
}

func start(t *testing.T, e *Engine, script string) Execution {
	t.Helper()
	ex, err := e.Start(t.Context(), request("x", script))
	if err != nil {
		t.Fatal(err)
	}
	return ex
}

// A Wait of a day takes a day of the engine's time and none of ours.
func TestWaitADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e := open(t, options(store, &runs{}))
		ex := start(t, e, "pass wait:24h pass")
		time.Sleep(24*time.Hour - time.Millisecond)
		synctest.Wait()
		if got := store.status(ex.ARN); got != Running {
			t.Fatalf("just before: got %s; want RUNNING", got)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if got := store.status(ex.ARN); got != Succeeded {
			t.Fatalf("after: got %s; want SUCCEEDED", got)
		}
		e.Close()
	})
}

func TestTimersThatWereDueWhileTheEngineWasDownFireInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e := open(t, options(store, &runs{}))
		for i := range 5 {
			if _, err := e.Start(t.Context(), request(fmt.Sprint("x", i), fmt.Sprintf("wait:%dm", 10-i))); err != nil {
				t.Fatal(err)
			}
		}
		e.Close()
		time.Sleep(time.Hour)
		e = open(t, options(store, &runs{}))
		synctest.Wait()
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if n := e.Open(); n != 0 {
			t.Errorf("open executions: got %d; want 0", n)
		}
		e.Close()
	})
}

func TestCommandsGoOutAfterTheirCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		runner := &runs{}
		runner.run = func(_ context.Context, task Task, _ Report) (json.RawMessage, error) {
			store.mu.Lock()
			defer store.mu.Unlock()
			if len(store.runs[task.Execution].pending) != 1 {
				t.Errorf("task %s runs before its command is stored", task.State)
			}
			return json.RawMessage(`1`), nil
		}
		e := open(t, options(store, runner))
		ex := start(t, e, "task task task")
		synctest.Wait()
		if got := store.status(ex.ARN); got != Succeeded {
			t.Errorf("got %s; want SUCCEEDED", got)
		}
		// Start, and one turn for each task: its start and its end share one.
		if store.n != 4 {
			t.Errorf("commits: got %d; want 4", store.n)
		}
		e.Close()
	})
}

const everything = "pass task limit:1h task pass wait:1h token task pass"

// play runs the script everything to its end, with a crash around commit
// number crash: before it takes effect, or right after.
func play(t *testing.T, crash int, before bool) (history []string, seen map[string]int) {
	synctest.Test(t, func(t *testing.T) {
		store, runner := newMemory(), &runs{}
		dead := false
		store.fail = func(n int) error {
			if dead = dead || before && n == crash; dead {
				return errors.New("crashed")
			}
			return nil
		}
		store.after = func(n int) { dead = dead || !before && n == crash }
		alive := func() bool { store.mu.Lock(); defer store.mu.Unlock(); return !dead }
		e := open(t, options(store, runner))
		arn := ExecutionARN(request("x", everything).Machine, "x", "")
		for range 400 {
			_, err := e.Start(t.Context(), request("x", everything))
			synctest.Wait()
			if err == nil {
				if store.status(arn) == Succeeded {
					break
				}
				h, open := e.tokens.get("token-5")
				if open && h.a != nil && alive() {
					_ = sendSoon(t, e)
				}
			} else if errors.Is(err, ErrExists) {
				break
			}
			time.Sleep(10 * time.Minute)
			synctest.Wait()
			if !alive() {
				e.Close()
				store.mu.Lock()
				dead, crash = false, 0
				store.mu.Unlock()
				e = open(t, options(store, runner))
			}
		}
		e.Close()
		if got := store.status(arn); got != Succeeded {
			t.Fatalf("crash at %d (before: %t): got %s; want SUCCEEDED", crash, before, got)
		}
		history, seen = store.history(arn), runner.seen
	})
	return history, seen
}

func sendSoon(t *testing.T, e *Engine) error {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return e.TaskSuccess(ctx, "token-5", json.RawMessage(`{"told":true}`))
}

func TestACrashAroundAnyCommitLeavesTheSameHistory(t *testing.T) {
	want, tasks := play(t, 0, false)
	if again, _ := play(t, 0, false); !cmp.Equal(want, again) {
		t.Fatal("two undisturbed runs differ")
	}
	for crash := 1; crash <= 9; crash++ {
		for _, before := range []bool{true, false} {
			got, seen := play(t, crash, before)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("crash at %d, before %t: history (-want +got):\n%s", crash, before, diff)
			}
			if len(seen) != len(tasks) {
				t.Errorf("crash at %d, before %t: %d tasks; want %d under the same identifiers", crash, before, len(seen), len(tasks))
			}
		}
	}
}

func TestAPanicHaltsOneExecution(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e := open(t, options(store, &runs{}))
		bad, err := e.Start(t.Context(), request("bad", "task panic"))
		if err != nil {
			t.Fatal(err)
		}
		good, err := e.Start(t.Context(), request("good", "task pass"))
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := store.status(bad.ARN); got != Running {
			t.Errorf("the halted one: got %s; want RUNNING", got)
		}
		if got := store.status(good.ARN); got != Succeeded {
			t.Errorf("the other: got %s; want SUCCEEDED", got)
		}
		if _, err := e.Start(t.Context(), request("worse", "panic")); err == nil {
			t.Error("a start that panics is no error")
		}
		e.Close()
	})
}

func TestAStoreThatFailsIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		store.fail = func(n int) error {
			if n >= 2 && n < 8 {
				return errors.New("no space left")
			}
			return nil
		}
		e := open(t, options(store, &runs{}))
		ex := start(t, e, "task task")
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := store.status(ex.ARN); got != Succeeded {
			t.Errorf("got %s; want SUCCEEDED", got)
		}
		e.Close()
	})
}

func TestStopCancelsWhatWasSubmitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, runner := newMemory(), &runs{}
		ended := make(chan error, 1)
		runner.run = func(ctx context.Context, _ Task, r Report) (json.RawMessage, error) {
			r.Submitted(json.RawMessage(`{"JobId":"j"}`))
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return nil, ctx.Err()
		}
		e := open(t, options(store, runner))
		ex := start(t, e, "limit:1h sync")
		synctest.Wait()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if err := <-ended; !errors.Is(err, ErrCancelled) {
			t.Errorf("cause: got %v; want ErrCancelled", err)
		}
		cancels := store.runs[ex.ARN].cancel
		if len(cancels) != 1 {
			t.Fatalf("cancelled tasks in the outbox: got %d; want 1", len(cancels))
		}
		if err := e.Cancel(t.Context(), cancels[0].Data); err != nil || len(runner.cancelled) != 1 || runner.cancelled[0] != cancels[0].ID {
			t.Errorf("cancelled: got %v, %v; want %s", runner.cancelled, err, cancels[0].ID)
		}
		if got := store.status(ex.ARN); got != TimedOut {
			t.Errorf("got %s; want TIMED_OUT", got)
		}
		at, err := e.Stop(t.Context(), ex.ARN, nil, nil)
		if err != nil || !at.Equal(store.runs[ex.ARN].ex.Stop) {
			t.Errorf("stop of an ended one: got %v, %v", at, err)
		}
		e.Close()
	})
}

func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e := open(t, options(store, &runs{}))
		ex := start(t, e, "wait:1h")
		if _, err := e.Stop(t.Context(), ex.ARN, nil, nil); err != nil {
			t.Fatal(err)
		}
		if got := store.status(ex.ARN); got != Aborted || e.Open() != 0 {
			t.Errorf("got %s, %d open; want ABORTED", got, e.Open())
		}
		if _, err := e.Stop(t.Context(), "arn:nobody", nil, nil); !errors.Is(err, ErrNotFound) {
			t.Errorf("unknown: got %v; want ErrNotFound", err)
		}
		e.Close()
	})
}

func TestNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e := open(t, options(store, &runs{}))
		ex := start(t, e, "wait:1h")
		time.Sleep(time.Second)
		again, err := e.Start(t.Context(), request("x", "wait:1h"))
		if err != nil || !again.Start.Equal(ex.Start) || again.ARN != ex.ARN {
			t.Errorf("same name and input: got %v, %v", again.Start, err)
		}
		other := request("x", "wait:1h")
		other.Input = `{"other":1}`
		if _, err := e.Start(t.Context(), other); !errors.Is(err, ErrExists) {
			t.Errorf("other input: got %v; want ErrExists", err)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if _, err := e.Start(t.Context(), request("x", "wait:1h")); !errors.Is(err, ErrExists) {
			t.Errorf("ended: got %v; want ErrExists", err)
		}
		first := request("y", "pass")
		first.Origin = "invocation/0"
		for range 2 {
			if _, err := e.Start(t.Context(), first); err != nil {
				t.Errorf("the same call again: %v", err)
			}
		}
		e.Close()
	})
}

func TestActivities(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e := open(t, options(store, &runs{}))
		ex := start(t, e, "activity:a pass")
		task, err := e.TakeActivityTask(t.Context(), "a", "worker")
		if err != nil || task == nil {
			t.Fatalf("take: %v, %v", task, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if none, err := e.TakeActivityTask(ctx, "a", "worker"); none != nil || err != nil {
			t.Errorf("second: got %v, %v; want none", none, err)
		}
		// The task stays the worker's over a restart.
		e.Close()
		e = open(t, options(store, &runs{}))
		if err := e.TaskHeartbeat(t.Context(), task.Token); err != nil {
			t.Errorf("heartbeat: %v", err)
		}
		if err := e.TaskSuccess(t.Context(), task.Token, json.RawMessage(`"done"`)); err != nil {
			t.Errorf("success: %v", err)
		}
		if err := e.TaskSuccess(t.Context(), task.Token, json.RawMessage(`"done"`)); !errors.Is(err, ErrNoTask) {
			t.Errorf("second success: got %v; want ErrNoTask", err)
		}
		if got := store.status(ex.ARN); got != Succeeded {
			t.Errorf("got %s; want SUCCEEDED", got)
		}
		e.Close()
	})
}

func TestExpressRunsInMemory(t *testing.T) {
	store := newMemory()
	e := open(t, options(store, &runs{}))
	req := request("x", "pass task pass")
	req.Machine.Type = Express
	result, err := e.StartAndWait(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if ex := result.Execution; ex.Status != Succeeded || *ex.Output != `{"by":"s2"}` || store.n != 0 {
		t.Errorf("got %s, %d commits", ex.Status, store.n)
	}
}

func BenchmarkTurns(b *testing.B) {
	for _, script := range []string{"pass", "task", "task task task task task"} {
		b.Run(script, func(b *testing.B) {
			opt := options(newMemory(), &runs{})
			e := New(opt)
			defer e.Close()
			if err := e.Recover(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n++
				_, a, err := e.start(b.Context(), request(fmt.Sprint(n), script))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := a.wait(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
