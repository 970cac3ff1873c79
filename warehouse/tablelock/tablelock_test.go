package tablelock

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func lock(m *Manager, tx *Tx, mode Mode, tables ...string) error {
	var wishes []Wish
	for _, t := range tables {
		wishes = append(wishes, Wish{t, mode})
	}
	_, err := m.Lock(context.Background(), tx, wishes, "statement of "+fmt.Sprint(tx.PID), time.Second, nil)
	return err
}

// later locks on a goroutine and tells when it has the tables.
func later(m *Manager, tx *Tx, mode Mode, tables ...string) chan error {
	done := make(chan error, 1)
	go func() { done <- lock(m, tx, mode, tables...) }()
	synctest.Wait()
	return done
}

func waits(t *testing.T, done chan error) {
	t.Helper()
	synctest.Wait()
	select {
	case err := <-done:
		t.Errorf("it does not wait: %v", err)
	default:
	}
}

func has(t *testing.T, done chan error) {
	t.Helper()
	synctest.Wait()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	default:
		t.Error("it waits")
	}
}

func TestModes(t *testing.T) {
	for _, tc := range []struct {
		a, b Mode
		wait bool
	}{{Insert, Insert, false}, {Insert, Write, true}, {Write, Insert, true}, {Write, Write, true}, {Exclusive, Insert, true}, {Insert, Exclusive, true}} {
		synctest.Test(t, func(t *testing.T) {
			var m Manager
			a, b := &Tx{PID: 1}, &Tx{PID: 2}
			has(t, later(&m, a, tc.a, "t"))
			has(t, later(&m, b, tc.b, "other"))
			done := later(&m, b, tc.b, "t")
			if tc.wait {
				waits(t, done)
				m.Release(a, true)
			}
			has(t, done)
			m.Release(a, true)
			m.Release(b, true)
			if len(m.tables) != 0 {
				t.Errorf("got %d tables; want none", len(m.tables))
			}
		})
	}
}

// Those who wait come in their order; who waits for all keeps later ones out.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Manager
		a, b, c := &Tx{PID: 1}, &Tx{PID: 2}, &Tx{PID: 3}
		has(t, later(&m, a, Insert, "t"))
		second := later(&m, b, Exclusive, "t")
		third := later(&m, c, Insert, "t")
		waits(t, second)
		waits(t, third)
		has(t, later(&m, a, Insert, "t")) // it has it
		m.Release(a, true)
		has(t, second)
		waits(t, third)
		m.Release(b, false)
		has(t, third)
		if last, ok := m.Last("t"); !ok || last.PID != 1 {
			t.Errorf("got %+v", last)
		}
		m.Release(c, true)
	})
}

func TestUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Manager
		a, b := &Tx{PID: 1}, &Tx{PID: 2}
		has(t, later(&m, a, Insert, "t"))
		has(t, later(&m, b, Insert, "t"))
		done := later(&m, a, Write, "t")
		waits(t, done)
		var dead *Deadlock
		if err := lock(&m, b, Write, "t"); !errors.As(err, &dead) {
			t.Errorf("got %v; want a deadlock", err)
		}
		m.Release(b, false)
		has(t, done)
		m.Release(a, true)
	})
}

func TestDeadlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Manager
		a, b, c := &Tx{PID: 1}, &Tx{PID: 2}, &Tx{PID: 3}
		has(t, later(&m, a, Write, "x"))
		has(t, later(&m, b, Write, "y"))
		has(t, later(&m, c, Write, "z"))
		first, second := later(&m, a, Write, "y"), later(&m, b, Write, "z")
		waits(t, first)
		waits(t, second)
		err := lock(&m, c, Exclusive, "x")
		var dead *Deadlock
		if !errors.As(err, &dead) || len(dead.Chain) != 3 {
			t.Fatalf("got %v", err)
		}
		if want := "Session 3 waits for AccessExclusiveLock on table x; blocked by session 1: statement of 3"; !strings.HasPrefix(dead.Detail(), want) {
			t.Errorf("got %s; want %s", dead.Detail(), want)
		}
		m.Release(c, false)
		has(t, second)
		m.Release(b, true)
		has(t, first)
		m.Release(a, true)
	})
}

// Who waits is told by whom it is stopped, and leaves when its time is over.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Manager
		a, b, c := &Tx{PID: 1, User: "u"}, &Tx{PID: 2}, &Tx{PID: 3}
		has(t, later(&m, a, Write, "t"))
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		told := ""
		began := time.Now()
		done := make(chan error, 1)
		go func() {
			_, err := m.Lock(ctx, b, []Wish{{"t", Exclusive}}, "drop", time.Second, func(i Info) { told += fmt.Sprint(time.Since(began), i.PID) })
			done <- err
		}()
		synctest.Wait()
		third := later(&m, c, Write, "t")
		if err := <-done; !errors.Is(err, context.DeadlineExceeded) || told != "1s 1" {
			t.Errorf("got %v, told %q", err, told)
		}
		waits(t, third)
		m.Release(a, true)
		has(t, third)
		m.Release(c, true)
	})
}

// Random transactions never hold a table against each other, and all end.
func TestRandom(t *testing.T) {
	var m Manager
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var mu sync.Mutex
	held := map[string]map[uint32]Mode{}
	var work sync.WaitGroup
	for w := range 8 {
		rnd := rand.New(rand.NewPCG(seed, uint64(w)))
		work.Go(func() {
			for range 300 {
				tx := &Tx{PID: uint32(w + 1)}
				for range 3 {
					table, mode := string(rune('a'+rnd.IntN(3))), Mode(1+rnd.IntN(3))
					if err := lock(&m, tx, mode, table); err != nil {
						break
					}
					mu.Lock()
					if held[table] == nil {
						held[table] = map[uint32]Mode{}
					}
					held[table][tx.PID] = max(held[table][tx.PID], mode)
					for pid, other := range held[table] {
						if pid != tx.PID && conflicts(other, mode) {
							t.Errorf("%d and %d hold %s", pid, tx.PID, table)
						}
					}
					mu.Unlock()
				}
				mu.Lock()
				for _, h := range held {
					delete(h, tx.PID)
				}
				mu.Unlock()
				m.Release(tx, rnd.IntN(2) == 0)
			}
		})
	}
	work.Wait()
	if len(m.List()) != 0 {
		t.Errorf("left: %v", m.List())
	}
}
