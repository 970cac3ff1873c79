// Package garbage makes the collector of a small heap work less often.
package garbage

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Allow lets so many bytes of garbage gather before each collection, at
// least, however small the heap is: with Go's default a heap of 10 MB is
// collected for every 10 MB that are allocated, which costs a server that is
// busy with little a fifth of its time. Larger heaps are collected as by
// default. It does nothing where GOGC is set. An idle process does not grow by
// it, since the runtime collects every two minutes anyway.
func Allow(bytes uint64) {
	if os.Getenv("GOGC") != "" {
		return
	}
	t := &tuner{allowed: bytes, percent: 100}
	t.again(nil)
}

// A tuner adjusts the collector after each collection.
type tuner struct {
	allowed uint64
	percent int
}

// again is called after a collection, as the finalizer of something that
// nobody holds.
func (t *tuner) again(*[16]byte) {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() == metrics.KindUint64 {
		want := percent(t.allowed, sample[0].Value.Uint64())
		if want*5 < t.percent*4 || want*4 > t.percent*5 { // setting it stops the world
			t.percent = want
			debug.SetGCPercent(want)
		}
	}
	runtime.SetFinalizer(new([16]byte), t.again)
}

// percent is how much a heap of live bytes may grow.
func percent(allowed, live uint64) int {
	return int(max(100, min(1600, allowed*100/max(live, 1<<20))))
}
