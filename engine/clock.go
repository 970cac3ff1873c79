package engine

import (
	"sync"
	"time"
)

// jump is how far the wall clock must leave the monotonic one to have been
// set, and not only corrected.
const jump = time.Second

// A clock is the wall clock for timers, one that never goes back: where the
// wall clock is set forward, or the machine slept, it follows, so that what
// became due meanwhile is; where it is set back it goes on as if nothing had
// happened, so that a wait of a minute takes a minute. What is due at an
// instant of the wall clock is put at the instant of this clock that at gives.
type clock struct {
	wall    func() time.Time
	elapsed func() time.Duration // monotonic

	mu      sync.Mutex
	start   time.Time // of the wall clock, when elapsed was began
	began   time.Duration
	drift   time.Duration // how far the wall clock was set since
	forward time.Duration // how far of it was followed: the most that it ever was
}

func (c *clock) init(opt Options) {
	c.wall, c.elapsed = opt.Now, opt.Elapsed
	c.start, c.began = c.wall().Round(0), c.elapsed()
}

// now is the present of this clock.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read()
}

// at is the instant of this clock that comes as soon as an instant of the wall
// clock does, if nobody sets that.
func (c *clock) at(wall time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read()
	return wall.Round(0).Add(c.forward - c.drift)
}

// read looks at both clocks. c.mu is held.
func (c *clock) read() time.Time {
	passed := c.elapsed() - c.began
	drift := c.wall().Round(0).Sub(c.start) - passed
	if d := drift - c.drift; d > jump || d < -jump {
		c.drift, c.forward = drift, max(c.forward, drift)
	}
	return c.start.Add(passed + c.forward)
}
