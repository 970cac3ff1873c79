package engine

import (
	"container/heap"
	"sync"
	"time"
)

// recheck bounds the sleep of the timers' goroutine, so that a clock that was
// set forward is noticed.
const recheck = time.Minute

// timers fires timers of all executions from one goroutine.
type timers struct {
	e     *Engine
	wake  chan struct{}
	clock clock

	mu   sync.Mutex
	heap timerHeap
}

// A timer is due at an instant of the timers' clock.
type timer struct {
	at    time.Time
	seq   int64 // keeps the order of timers that are due together
	fire  func()
	index int // in the heap; -1 when not in it
}

func (t *timers) init(e *Engine) {
	t.e, t.wake = e, make(chan struct{}, 1)
	t.clock.init(e.opt)
}

// set has fire called at at, of the wall clock, on the timers' goroutine; it
// must not block.
func (t *timers) set(at time.Time, fire func()) *timer {
	tm := &timer{at: t.clock.at(at), fire: fire}
	t.mu.Lock()
	t.heap.seq++
	tm.seq = t.heap.seq
	heap.Push(&t.heap, tm)
	first := t.heap.all[0] == tm
	t.mu.Unlock()
	if first {
		select {
		case t.wake <- struct{}{}:
		default:
		}
	}
	return tm
}

// stop forgets tm. It may have fired.
func (t *timers) stop(tm *timer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if tm.index >= 0 {
		heap.Remove(&t.heap, tm.index)
	}
}

func (t *timers) loop() {
	clock := time.NewTimer(recheck)
	defer clock.Stop()
	for {
		next, some := t.fireDue()
		var tick <-chan time.Time
		if some {
			clock.Reset(min(next, recheck))
			tick = clock.C
		}
		select {
		case <-tick:
		case <-t.wake:
		case <-t.e.ctx.Done():
			return
		}
	}
}

// fireDue fires what is due, in order, and returns how long the next waits.
func (t *timers) fireDue() (wait time.Duration, some bool) {
	for {
		t.mu.Lock()
		if len(t.heap.all) == 0 {
			t.mu.Unlock()
			return 0, false
		}
		first := t.heap.all[0]
		if wait := first.at.Sub(t.clock.now()); wait > 0 {
			t.mu.Unlock()
			return wait, true
		}
		heap.Pop(&t.heap)
		t.mu.Unlock()
		if told := t.e.opt.TimerFired; told != nil {
			told(t.e.opt.Now().Sub(first.at))
		}
		first.fire()
	}
}

type timerHeap struct {
	all []*timer
	seq int64
}

func (h *timerHeap) Len() int { return len(h.all) }

func (h *timerHeap) Less(i, j int) bool {
	a, b := h.all[i], h.all[j]
	if !a.at.Equal(b.at) {
		return a.at.Before(b.at)
	}
	return a.seq < b.seq
}

func (h *timerHeap) Swap(i, j int) {
	h.all[i], h.all[j] = h.all[j], h.all[i]
	h.all[i].index, h.all[j].index = i, j
}

func (h *timerHeap) Push(x any) {
	tm := x.(*timer)
	tm.index = len(h.all)
	h.all = append(h.all, tm)
}

func (h *timerHeap) Pop() any {
	last := len(h.all) - 1
	tm := h.all[last]
	h.all[last] = nil
	h.all = h.all[:last]
	tm.index = -1
	return tm
}

// Timers returns how many timers are armed.
func (e *Engine) Timers() int {
	e.timers.mu.Lock()
	defer e.timers.mu.Unlock()
	return len(e.timers.heap.all)
}
