package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"salamander/engine"
	"salamander/store"
)

// A directory that cannot be written is refused by its name, as root or not:
// the thread gives up its right to all files.
func TestAReadOnlyDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if os.Geteuid() == 0 {
			if err := unix.Setfsuid(65534); err != nil {
				done <- err
				return
			}
		}
		db, err := store.Open(dir, store.Options{})
		if err == nil {
			db.Close()
		}
		done <- err
	}()
	err = <-done
	if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "cannot be written") || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v; want a sentence that names %s", err, dir)
	}
}

// big answers every task with as much as AWS allows.
type big struct{ output json.RawMessage }

func (b big) Run(context.Context, engine.Task, engine.Report) (json.RawMessage, error) {
	return b.output, nil
}

func (big) Cancel(context.Context, engine.Task) error { return nil }

// Events of 256 KiB each survive a kill, all of them, and take their memory
// only once.
func TestLargePayloadsInEveryEvent(t *testing.T) {
	const limit = 256 << 10
	output := json.RawMessage(`{"note":"` + strings.Repeat("n", limit-11) + `"}`)
	if len(output) != limit {
		t.Fatalf("got an output of %d bytes", len(output))
	}
	states := ""
	const tasks = 20
	for i := range tasks {
		states += fmt.Sprintf(`"T%d":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","Next":"T%d"},`, i, i+1)
	}
	definition := `{"StartAt":"T0","States":{` + states + fmt.Sprintf(`"T%d":{"Type":"Wait","Seconds":3600,"End":true}}}`, tasks)
	dir := t.TempDir()
	_, s := openLog(t, dir)
	e := engine.New(engine.Options{Store: s, Runner: big{output}, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(e.Close)
	if err := e.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	machine := engine.StateMachine{ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:m", Account: "000000000000", Region: "us-east-1", Name: "m",
		Type: engine.Standard, Definition: definition}
	const executions = 3
	for i := range executions {
		if _, err := e.Start(t.Context(), engine.StartRequest{Machine: machine, Name: fmt.Sprint(i), Input: string(output)}); err != nil {
			t.Fatal(err)
		}
	}
	want := 1 + tasks*5 + 1 // ExecutionStarted, five for each task, WaitStateEntered
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		n := 0
		for i := range executions {
			n += len(history(t, s, fmt.Sprint(i)))
		}
		if n == executions*want {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("got %d events; want %d", n, executions*want)
		}
	}
	_, after := openLog(t, killed(t, dir))
	for i := range executions {
		all := history(t, after, fmt.Sprint(i))
		if len(all) != want {
			t.Fatalf("%d: got %d events after the kill; want %d", i, len(all), want)
		}
		for n, ev := range all {
			if ev.ID != int64(n+1) || !json.Valid(ev.Data) || n == 4 && len(ev.Data) < limit {
				t.Errorf("%d: event %d is %d, of %d bytes", i, n+1, ev.ID, len(ev.Data))
			}
		}
	}
}

func history(t *testing.T, s engine.Store, name string) []engine.Event {
	t.Helper()
	x, err := s.Execution(t.Context(), "arn:aws:states:us-east-1:000000000000:execution:m:"+name)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.History(t.Context(), engine.HistoryQuery{Key: x.Key, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
