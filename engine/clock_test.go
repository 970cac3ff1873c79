package engine

import (
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A wait of an hour takes an hour, however far the clock is set meanwhile;
// what a clock that is set forward passes over is due.
func TestTheClockJumps(t *testing.T) {
	for _, c := range []struct {
		name  string
		jumps []time.Duration // at 10, 20 … minutes
		ends  int             // after how many minutes
	}{
		{"not at all", nil, 60},
		{"back a day", []time.Duration{-24 * time.Hour}, 60},
		{"forward a day", []time.Duration{24 * time.Hour}, 10},
		{"back and forward", []time.Duration{-24 * time.Hour, 24 * time.Hour}, 60},
		{"forward a little and back", []time.Duration{20 * time.Minute, -20 * time.Minute}, 40},
		{"back twice", []time.Duration{-24 * time.Hour, -24 * time.Hour}, 60},
		{"slowly", []time.Duration{300 * time.Millisecond, 300 * time.Millisecond}, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var set atomic.Int64 // how far the wall clock is off
				store := newMemory()
				opt := options(store, &runs{})
				opt.Now = func() time.Time { return time.Now().Add(time.Duration(set.Load())) }
				e := open(t, opt)
				ex := start(t, e, "wait:1h")
				minutes := 0
				for ; minutes < 100 && store.status(ex.ARN) == Running; minutes++ {
					if n := minutes/10 - 1; minutes%10 == 0 && n >= 0 && n < len(c.jumps) {
						set.Add(int64(c.jumps[n]))
					}
					time.Sleep(time.Minute)
					synctest.Wait()
				}
				if minutes < c.ends || minutes > c.ends+2 {
					t.Errorf("a wait of an hour took %d minutes; want %d", minutes, c.ends)
				}
				// The next one is set by the clock as it is now.
				if _, err := e.Start(t.Context(), request("y", "wait:1h")); err != nil {
					t.Fatal(err)
				}
				time.Sleep(59 * time.Minute)
				synctest.Wait()
				if e.Open() != 1 {
					t.Error("the second wait ended too soon")
				}
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				if e.Open() != 0 {
					t.Error("the second wait did not end")
				}
				e.Close()
			})
		})
	}
}

// A quarter of a million timers are set, stopped and fired in order, in little memory.
func TestTimersInGreatNumbers(t *testing.T) {
	n := 250_000
	if testing.Short() {
		n = 50_000
	}
	synctest.Test(t, func(t *testing.T) {
		e := New(options(newMemory(), &runs{}))
		base := time.Now()
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		last, fired := -1, 0
		all := make([]*timer, n)
		for i := range n {
			at := int(uint64(i) * 7919 % uint64(n)) // a permutation: 7919 is a prime
			all[at] = e.timers.set(base.Add(time.Hour+time.Duration(at)*time.Millisecond), func() {
				if at <= last {
					t.Errorf("timer %d fired after %d", at, last)
				}
				last = at
				fired++
			})
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if each := (after.HeapAlloc - before.HeapAlloc) / uint64(n); each > 200 {
			t.Errorf("a timer takes %d bytes; want 200 at most", each)
		}
		for i := 0; i < n; i += 2 {
			e.timers.stop(all[i])
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if fired != n/2 {
			t.Errorf("got %d fired; want %d", fired, n/2)
		}
		e.Close()
	})
}
