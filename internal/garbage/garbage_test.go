package garbage

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestPercent(t *testing.T) {
	for _, c := range []struct {
		live uint64
		want int
	}{{0, 1600}, {8 << 20, 800}, {32 << 20, 200}, {64 << 20, 100}, {1 << 30, 100}} {
		if got := percent(64<<20, c.live); got != c.want {
			t.Errorf("live %d: got %d; want %d", c.live, got, c.want)
		}
	}
}

var sink []byte

func TestSmallHeapsAreCollectedSeldom(t *testing.T) {
	t.Setenv("GOGC", "")
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	Allow(64 << 20)
	runtime.GC()
	runtime.GC() // the finalizer runs behind the first
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 320 {
		sink = make([]byte, 1<<20)
	}
	runtime.ReadMemStats(&after)
	if n := after.NumGC - before.NumGC; n > 20 {
		t.Errorf("320 MB of garbage: got %d collections; want 20 at most", n)
	}
}
