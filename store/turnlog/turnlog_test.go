package turnlog_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"salamander/engine"
	"salamander/store/segment/faultdisk"
	"salamander/store/storetest"
	"salamander/store/turnlog"
)

func open(t *testing.T, disk *faultdisk.Disk, index turnlog.Index) *turnlog.Store {
	t.Helper()
	s, err := turnlog.Open(t.Context(), turnlog.Options{FS: disk, Index: index, Size: 4096})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func disk(seed uint64) *faultdisk.Disk { return faultdisk.New(rand.New(rand.NewPCG(seed, 1))) }

// The log keeps what stores keep, closed in peace, on a disk that loses what
// was not synced, and on one that fails now and then.
func TestConformance(t *testing.T) {
	for name, c := range map[string]struct{ crash, fail bool }{"closed": {}, "crashed": {crash: true}, "crashed and failing": {true, true}} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(10) {
				storetest.RunTurns(t, func(t *testing.T) (engine.Store, func() engine.Store) {
					d, index := disk(seed), newMemory()
					random := rand.New(rand.NewPCG(seed, 2))
					begin := func() engine.Store {
						s := open(t, d, index)
						if !c.fail {
							return s
						}
						d.Fail(func(faultdisk.Op) error {
							if random.IntN(5) == 0 {
								return syscall.EIO
							}
							return nil
						})
						return stubborn{s}
					}
					s := begin()
					return s, func() engine.Store {
						if w, ok := s.(stubborn); ok {
							s = w.Store
						}
						if c.crash {
							d.Crash()
							s.(*turnlog.Store).Crash()
						} else if err := s.(*turnlog.Store).Close(); err != nil {
							t.Fatal(err)
						}
						s = begin()
						return s
					}
				})
			}
		})
	}
}

// stubborn asks again, as the engine does.
type stubborn struct{ engine.Store }

func (s stubborn) Create(ctx context.Context, x engine.Execution, d string, first engine.Turn) (key int64, err error) {
	for err = syscall.EIO; errors.Is(err, syscall.EIO); {
		key, err = s.Store.Create(ctx, x, d, first)
	}
	return key, err
}

func (s stubborn) Commit(ctx context.Context, t engine.Turn) (err error) {
	for err = syscall.EIO; errors.Is(err, syscall.EIO); {
		err = s.Store.Commit(ctx, t)
	}
	return err
}

func created(t *testing.T, s *turnlog.Store, arn string) int64 {
	t.Helper()
	key, err := s.Create(t.Context(), engine.Execution{ARN: arn, Machine: "m", Definition: "h"}, "d", engine.Turn{Number: 1, State: make([]byte, 1000)})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Where the disk is full commits fail by name and change nothing; where the
// index takes nothing they fail once too much waits for it. Both go on when
// there is room.
func TestFull(t *testing.T) {
	d, index := disk(1), newMemory()
	s := open(t, d, index)
	key := created(t, s, "a")
	d.Room(1)
	turn := engine.Turn{Key: key, ARN: "a", Number: 2, Follows: 1, State: make([]byte, 5000)}
	if err := s.Commit(t.Context(), turn); !errors.Is(err, turnlog.ErrFull) {
		t.Fatalf("got %v; want ErrFull", err)
	}
	d.Room(0)
	if err := s.Commit(t.Context(), turn); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := index.rows[key].turn; got != 2 {
		t.Errorf("got turn %d; want 2", got)
	}
}

func TestTooMuchWaitsForTheIndex(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, index := disk(1), newMemory()
		var told atomic.Int64
		s, err := turnlog.Open(t.Context(), turnlog.Options{FS: d, Index: index, Bound: 10_000, OnError: func(error) { told.Add(1) }})
		if err != nil {
			t.Fatal(err)
		}
		boom := errors.New("boom")
		index.fail = func() error { return boom }
		key := created(t, s, "a")
		last := int64(1)
		for ; err == nil && last < 100; last++ {
			err = s.Commit(t.Context(), engine.Turn{Key: key, ARN: "a", Number: last + 1, Follows: last, State: make([]byte, 1000)})
			time.Sleep(time.Second)
		}
		if !errors.Is(err, boom) || last < 8 || last > 20 || told.Load() == 0 {
			t.Errorf("got %v after %d turns, told %d times", err, last, told.Load())
		}
		index.mu.Lock()
		index.fail = nil
		index.mu.Unlock()
		time.Sleep(time.Minute)
		if err := s.Commit(t.Context(), engine.Turn{Key: key, ARN: "a", Number: last, Follows: last - 1, State: []byte("s")}); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if got := index.rows[key].turn; got != last {
			t.Errorf("got turn %d; want %d", got, last)
		}
	})
}

// An execution whose turns follow each other fast comes to the index in few
// entries.
func TestTurnsComeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, index := disk(1), newMemory()
		s := open(t, d, index)
		key := created(t, s, "a")
		for n := int64(1); n < 1000; n++ {
			if err := s.Commit(t.Context(), engine.Turn{Key: key, ARN: "a", Number: n + 1, Follows: n, State: []byte("s"), History: []engine.Event{{ID: n}}}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(2 * time.Second)
		index.mu.Lock()
		defer index.mu.Unlock()
		if index.applies > 5 || index.rows[key].turn != 1000 || len(index.rows[key].history) != 999 {
			t.Errorf("got turn %d, %d events in %d slices", index.rows[key].turn, len(index.rows[key].history), index.applies)
		}
	})
}

// An execution is there as soon as it was created, while its first turn is on
// the way to the index and others wait behind it.
func TestExecutionsOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, index := disk(1), newMemory()
		index.fail = func() error { return errors.New("not now") }
		s := open(t, d, index)
		key := created(t, s, "a")
		time.Sleep(10 * time.Second) // the first turn is moving
		look := func(want string) {
			t.Helper()
			if x, err := s.Execution(t.Context(), "a"); err != nil || x.Key != key || x.Status != want {
				t.Errorf("got %d %s, %v; want %d %s", x.Key, x.Status, err, key, want)
			}
		}
		look(engine.Running)
		turn := engine.Turn{Key: key, ARN: "a", Number: 2, Follows: 1, State: []byte("s")}
		if err := s.Commit(t.Context(), turn); err != nil {
			t.Fatal(err)
		}
		look(engine.Running)
		turn = engine.Turn{Key: key, ARN: "a", Number: 3, Follows: 2, Outcome: &engine.Outcome{Status: engine.Succeeded, At: time.Now()}}
		if err := s.Commit(t.Context(), turn); err != nil {
			t.Fatal(err)
		}
		look(engine.Succeeded)
		if _, err := s.Create(t.Context(), engine.Execution{ARN: "a", Definition: "h"}, "d", engine.Turn{Number: 1}); !errors.Is(err, engine.ErrExists) {
			t.Errorf("created again: got %v; want ErrExists", err)
		}
		index.mu.Lock()
		index.fail = nil
		index.mu.Unlock()
		time.Sleep(10 * time.Second)
		look(engine.Succeeded)
	})
}
