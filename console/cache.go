package console

import "sync"

// A cache keeps what was used last. Goroutines share it.
type cache[T any] struct {
	most int

	mu    sync.Mutex // guards the fields below
	all   map[string]*cached[T]
	clock int64
}

type cached[T any] struct {
	value T
	used  int64
}

func newCache[T any](most int) *cache[T] { return &cache[T]{most: most, all: map[string]*cached[T]{}} }

func (c *cache[T]) get(key string) (value T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.all[key]
	if one == nil {
		return value, false
	}
	c.clock++
	one.used = c.clock
	return one.value, true
}

func (c *cache[T]) put(key string, value T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clock++
	c.all[key] = &cached[T]{value, c.clock}
	if len(c.all) <= c.most {
		return
	}
	oldest := ""
	for k, one := range c.all {
		if oldest == "" || one.used < c.all[oldest].used {
			oldest = k
		}
	}
	delete(c.all, oldest)
}
