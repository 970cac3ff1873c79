package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"salamander/engine"
	"salamander/store"
	"salamander/store/segment"
	"salamander/store/storetest"
	"salamander/store/turnlog"
)

// openLog opens a data directory with its log of turns.
func openLog(t *testing.T, dir string) (*store.DB, *turnlog.Store) {
	t.Helper()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := store.OpenEngine(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return db, s
}

// killed returns a copy of a data directory as a kill leaves it: without what
// the process had in memory. It may be written to: the database is copied as it
// is at one moment, and the log behind it, as if only that had gone on.
func killed(t *testing.T, dir string) string {
	t.Helper()
	left := t.TempDir()
	backup(t, dir, filepath.Join(left, "state.db"))
	if err := os.CopyFS(filepath.Join(left, "turns"), os.DirFS(filepath.Join(dir, "turns"))); err != nil {
		t.Fatal(err)
	}
	return left
}

func TestEngineLogStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) (engine.Store, func() engine.Store) {
		dir := t.TempDir()
		db, s := openLog(t, dir)
		return s, func() engine.Store {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			db, s = openLog(t, dir)
			return s
		}
	})
}

// Each reopening is one after a kill: nothing was brought to the tables in
// peace.
func TestEngineLogStoreKilled(t *testing.T) {
	storetest.Run(t, func(t *testing.T) (engine.Store, func() engine.Store) {
		dir := t.TempDir()
		_, s := openLog(t, dir)
		return s, func() engine.Store {
			dir = killed(t, dir)
			_, s = openLog(t, dir)
			return s
		}
	})
}

// A directory that was written without a log goes on with one.
func TestEngineLogTakesOverADirectoryWithoutOne(t *testing.T) {
	dir := t.TempDir()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	old := store.NewEngine(db)
	x := engine.Execution{ARN: "arn:x", Definition: "h", Start: time.UnixMilli(1)}
	key, err := old.Create(t.Context(), x, "d", engine.Turn{Number: 1, State: []byte("1"), Open: []engine.Pending{{ID: 1, Data: []byte("c")}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, s := openLog(t, dir)
	if err := s.Commit(t.Context(), engine.Turn{Key: key, ARN: x.ARN, Number: 2, Follows: 1, State: []byte("2"), Closed: []int64{1}}); err != nil {
		t.Fatal(err)
	}
	y := x
	y.ARN = "arn:y"
	other, err := s.Create(t.Context(), y, "d", engine.Turn{Number: 1, State: []byte("1")})
	if err != nil || other <= key {
		t.Errorf("a second one: got key %d, %v; want one above %d", other, err, key)
	}
	n := 0
	err = s.Running(t.Context(), func(r engine.Resumed) error {
		if n++; r.Execution.Key == key && (r.Turn != 2 || string(r.State) != "2" || len(r.Pending) != 0) {
			t.Errorf("got %+v", r)
		}
		return nil
	})
	if err != nil || n != 2 {
		t.Errorf("running: got %d, %v; want 2", n, err)
	}
}

// Copies of the directory taken while turns are written have, after every
// moment, all that was acknowledged before.
func TestEngineLogLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	_, s := openLog(t, dir)
	const executions = 32
	var mu sync.Mutex
	acked := map[string]int64{} // turns, by ARN
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range executions {
		wg.Go(func() {
			for n := 0; n < 40; n++ {
				x := engine.Execution{ARN: fmt.Sprintf("arn:%d:%d", i, n), Machine: "m", Definition: "h", Start: time.UnixMilli(1)}
				key, err := s.Create(context.Background(), x, "d", engine.Turn{Number: 1, State: []byte("s"), History: []engine.Event{{ID: 1, Data: []byte("{}")}}})
				for turn := int64(1); err == nil && turn <= 10; turn++ {
					mu.Lock()
					acked[x.ARN] = turn
					mu.Unlock()
					select {
					case <-stop:
						return
					default:
					}
					next := engine.Turn{Key: key, ARN: x.ARN, Number: turn + 1, Follows: turn, State: []byte("s"), History: []engine.Event{{ID: turn + 1, Data: []byte("{}")}}}
					if turn == 10 {
						next.Outcome, next.State = &engine.Outcome{Status: engine.Succeeded, At: time.UnixMilli(2)}, nil
					}
					err = s.Commit(context.Background(), next)
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				acked[x.ARN] = 11
				mu.Unlock()
			}
		})
	}
	for range 6 {
		time.Sleep(50 * time.Millisecond)
		mu.Lock()
		before := map[string]int64{}
		for arn, n := range acked {
			before[arn] = n
		}
		mu.Unlock()
		_, after := openLog(t, killed(t, dir))
		for arn, n := range before {
			x, err := after.Execution(t.Context(), arn)
			if err != nil {
				t.Fatalf("%s: %v", arn, err)
			}
			events, err := after.History(t.Context(), engine.HistoryQuery{Key: x.Key, Limit: 100})
			if err != nil || int64(len(events)) < n {
				t.Fatalf("%s: got %d events, %v; want %d", arn, len(events), err, n)
			}
			for i, ev := range events {
				if ev.ID != int64(i+1) {
					t.Fatalf("%s: event %d is %d", arn, i+1, ev.ID)
				}
			}
			if (x.Status == engine.Succeeded) != (len(events) == 11) {
				t.Fatalf("%s: got %s with %d events", arn, x.Status, len(events))
			}
		}
	}
	close(stop)
	wg.Wait()
}

func TestADamagedLogIsRefused(t *testing.T) {
	dir := t.TempDir()
	_, s := openLog(t, dir)
	for i := range 3 {
		x := engine.Execution{ARN: fmt.Sprint("arn:", i), Definition: "h", Start: time.UnixMilli(1)}
		if _, err := s.Create(t.Context(), x, "d", engine.Turn{Number: 1, State: []byte("s")}); err != nil {
			t.Fatal(err)
		}
	}
	for name, damage := range map[string]func(t *testing.T, turns string){
		"a flipped bit": func(t *testing.T, turns string) {
			file := filepath.Join(turns, "0000000000000001.log")
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			b[600] ^= 4
			if err := os.WriteFile(file, b, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"no files": func(t *testing.T, turns string) {
			if err := os.RemoveAll(turns); err != nil {
				t.Fatal(err)
			}
		},
	} {
		left := killed(t, dir)
		damage(t, filepath.Join(left, "turns"))
		db, err := store.Open(left, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = store.OpenEngine(t.Context(), db)
		var corrupt *segment.CorruptError
		if !errors.As(err, &corrupt) {
			t.Errorf("%s: got %v; want a CorruptError", name, err)
		}
		t.Log(err)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
