package engine

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// mending is a runner whose tasks fail until they are told otherwise.
func mending(well *atomic.Bool) *runs {
	return &runs{run: func(context.Context, Task, Report) (json.RawMessage, error) {
		if well.Load() {
			return json.RawMessage(`{"done":1}`), nil
		}
		return nil, &TaskError{Name: "Broken", Cause: "x"}
	}}
}

func wantReason(t *testing.T, err error, reason string) {
	t.Helper()
	var no *NotRedrivableError
	if !errors.As(err, &no) || no.Reason != reason {
		t.Errorf("got %v; want %q", err, reason)
	}
}

func TestRedrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, well := newMemory(), &atomic.Bool{}
		e := open(t, options(store, mending(well)))
		ex := start(t, e, "pass wait:1h task wait:1h")
		_, err := e.Redrive(t.Context(), ex.ARN, "")
		wantReason(t, err, "Execution is RUNNING and cannot be redriven")
		time.Sleep(time.Hour + time.Second)
		synctest.Wait()
		if got := store.status(ex.ARN); got != Failed {
			t.Fatalf("got %s; want FAILED", got)
		}
		time.Sleep(13 * 24 * time.Hour)
		at, err := e.Redrive(t.Context(), ex.ARN, "token")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := store.status(ex.ARN); got != Failed { // the task is still broken
			t.Fatalf("got %s; want FAILED again", got)
		}
		time.Sleep(time.Minute)
		if again, err := e.Redrive(t.Context(), ex.ARN, "token"); err != nil || !again.Equal(at) {
			t.Errorf("the same token: got %v, %v; want %v", again, err, at)
		}
		time.Sleep(15 * time.Minute)
		well.Store(true)
		if again, err := e.Redrive(t.Context(), ex.ARN, "token"); err != nil || again.Equal(at) {
			t.Errorf("the same token much later: got %v, %v; want a redrive", again, err)
		}
		synctest.Wait()
		got, err := store.Execution(t.Context(), ex.ARN)
		if err != nil || got.Status != Running || got.Redrives != 2 || !got.Stop.IsZero() || got.Redriven.IsZero() {
			t.Errorf("got %+v, %v; want RUNNING, 2 redrives", got, err)
		}
		// What was redriven survives the engine as everything does.
		e.Close()
		e = open(t, options(store, mending(well)))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if got := store.status(ex.ARN); got != Succeeded {
			t.Errorf("got %s; want SUCCEEDED", got)
		}
		_, err = e.Redrive(t.Context(), ex.ARN, "")
		wantReason(t, err, "Execution is SUCCEEDED and cannot be redriven")
		if _, err := e.Redrive(t.Context(), "arn:none", ""); !errors.Is(err, ErrNotFound) {
			t.Errorf("unknown: got %v; want ErrNotFound", err)
		}
		e.Close()
	})
}

func TestRedriveTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e := open(t, options(store, mending(new(atomic.Bool))))
		ex := start(t, e, "task")
		synctest.Wait()
		now, err := store.Execution(t.Context(), ex.ARN)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Redrivable(t.Context(), now); err != nil {
			t.Errorf("at once: %v", err)
		}
		time.Sleep(14*24*time.Hour + time.Second)
		_, err = e.Redrive(t.Context(), ex.ARN, "")
		wantReason(t, err, "Execution redrivable period exceeded")
		store.runs[ex.ARN].state, store.runs[ex.ARN].ex.Stop = nil, time.Now()
		_, err = e.Redrive(t.Context(), ex.ARN, "")
		wantReason(t, err, "Execution was started before the launch of RedriveExecution")
		e.Close()
	})
}

// An execution that ends in the turn of its redrive can be redriven again. A
// failing store leaves it as it was.
func TestRedriveEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e := open(t, options(store, mending(new(atomic.Bool))))
		ex := start(t, e, "limit:1s task")
		synctest.Wait()
		broken := errors.New("disk")
		store.fail = func(int) error { return broken }
		if _, err := e.Redrive(t.Context(), ex.ARN, ""); !errors.Is(err, broken) {
			t.Errorf("got %v; want the store's error", err)
		}
		store.fail = nil
		for i := range 3 {
			if _, err := e.Redrive(t.Context(), ex.ARN, ""); err != nil {
				t.Fatalf("redrive %d: %v", i, err)
			}
			synctest.Wait()
		}
		if got, err := store.Execution(t.Context(), ex.ARN); err != nil || got.Redrives != 3 || got.Status != Failed {
			t.Errorf("got %+v, %v; want 3 redrives", got, err)
		}
		if n := e.Open(); n != 0 {
			t.Errorf("open executions: got %d; want 0", n)
		}
		e.Close()
	})
}

// Between the commit of an end and the actor's leave, what the store says
// counts: an execution that has ended can be redriven, and its name is taken.
func TestRedriveAtTheMomentOfTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e := open(t, options(store, mending(new(atomic.Bool))))
		committed, leave := make(chan struct{}), make(chan struct{})
		store.late = func(commit int) { // the actor is held after the commit of its end
			if commit == 2 {
				close(committed)
				<-leave
			}
		}
		ex := start(t, e, "task")
		<-committed
		if got := store.status(ex.ARN); got != Failed {
			t.Fatalf("got %s; want FAILED", got)
		}
		if _, err := e.Start(t.Context(), request(ex.Name, "task")); !errors.Is(err, ErrExists) {
			t.Errorf("start again: got %v; want ErrExists", err)
		}
		answer := make(chan error)
		go func() {
			_, err := e.Redrive(t.Context(), ex.ARN, "")
			answer <- err
		}()
		synctest.Wait()
		close(leave)
		if err := <-answer; err != nil {
			t.Errorf("got %v; want a redrive", err)
		}
		synctest.Wait()
		if got, err := store.Execution(t.Context(), ex.ARN); err != nil || got.Redrives != 1 || e.Open() != 0 {
			t.Errorf("got %+v, %v, %d open; want 1 redrive, none open", got, err, e.Open())
		}
		e.Close()
	})
}

// While a redrive is on its way, whoever asks for the execution waits for it,
// and where it is refused the store answers.
func TestRedriveRefusedWhileOthersAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e := open(t, options(store, mending(new(atomic.Bool))))
		ex := start(t, e, "task")
		synctest.Wait()
		before, err := store.Execution(t.Context(), ex.ARN)
		if err != nil {
			t.Fatal(err)
		}
		broken, asked := errors.New("disk"), make(chan error, 4)
		store.early = func() {
			store.early = nil
			go func() {
				_, err := e.Wait(t.Context(), ex.ARN)
				asked <- err
			}()
			go func() {
				at, err := e.Stop(t.Context(), ex.ARN, nil, nil)
				if err == nil && !at.Equal(before.Stop) {
					err = errors.New("stopped at " + at.String())
				}
				asked <- err
			}()
			time.Sleep(time.Second)
		}
		store.fail = func(int) error { return broken }
		if _, err := e.Redrive(t.Context(), ex.ARN, ""); !errors.Is(err, broken) {
			t.Errorf("redrive: got %v; want the store's error", err)
		}
		for range 2 {
			if err := <-asked; err != nil && !errors.Is(err, ErrNotFound) {
				t.Errorf("asked meanwhile: got %v", err)
			}
		}
		e.Close()
	})
}
