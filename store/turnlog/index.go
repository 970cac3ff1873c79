package turnlog

import (
	"context"
	"sync"
	"time"
)

const (
	// eagerly is how long an entry with messages waits for more turns: they
	// wake others.
	eagerly = 2 * time.Millisecond
	// soon is how long one waits of an execution that has only begun: many end
	// meanwhile, and then come to the index once.
	soon = 100 * time.Millisecond
	// lazily is how long the others wait.
	lazily = time.Second
	// share bounds the indexer's share of the time: after each slice it pauses
	// so many times as long as the slice took, while nobody waits for it and
	// little waits. More turns of an execution then come together.
	share = 3
	// sliceEntries and sliceBytes bound a slice, which others' updates of the
	// database wait for.
	sliceEntries = 256
	sliceBytes   = 4 << 20
)

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// loop brings entries into the index until the store is closed.
func (s *Store) loop() {
	defer close(s.ended)
	clock := time.NewTimer(time.Hour)
	defer clock.Stop()
	var rested time.Time // when the pause after the last slice ends
	for {
		wait, hurry := s.wait(time.Now())
		if !hurry {
			wait = max(wait, time.Until(rested))
		}
		if wait > 0 {
			clock.Reset(wait)
			select {
			case <-clock.C:
			case <-s.wake:
			case <-s.ctx.Done():
				return
			}
			if s.ctx.Err() != nil {
				return
			}
			continue
		}
		began := time.Now()
		if !s.bring(s.take(false)) {
			return
		}
		took := time.Since(began)
		rested = time.Now().Add(time.Duration(share * s.ease() * float64(took)))
	}
}

// ease is 1 while little waits for the index, and falls to 0 at the length
// from which the indexer does not pause: what waits is what a start after a
// crash has to bring there first.
func (s *Store) ease() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(0, 1-2*float64(s.size)/float64(s.opt.Bound))
}

// bring moves a slice, and tries again until it is done or the store closes.
func (s *Store) bring(slice []*Entry) bool {
	pause := 10 * time.Millisecond
	for {
		err := s.move(s.ctx, slice)
		if err == nil {
			return true
		}
		if s.ctx.Err() != nil {
			return false
		}
		s.mu.Lock()
		s.failing = err
		s.freeRoom() // who waits is told why
		s.mu.Unlock()
		if s.opt.OnError != nil {
			s.opt.OnError(err)
		}
		select {
		case <-time.After(pause):
			pause = min(2*pause, 2*time.Second)
		case <-s.ctx.Done():
			return false
		}
	}
}

// wait tells how long the next slice can wait for company, and whether
// somebody waits for it.
func (s *Store) wait(now time.Time) (wait time.Duration, hurry bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trim()
	switch {
	case len(s.queue) == 0:
		return time.Hour, false
	case len(s.urgent) > 0, s.queue[0].first <= s.rush, s.size >= s.opt.Bound/2:
		return 0, true
	}
	wait = s.queue[0].at.Add(lazily).Sub(now)
	if len(s.eager) > 0 {
		wait = min(wait, s.eager[0].at.Add(eagerly).Sub(now))
	}
	if len(s.begun) > 0 {
		wait = min(wait, s.begun[0].at.Add(soon).Sub(now))
	}
	return wait, false
}

// trim forgets what was taken. s.mu is held.
func (s *Store) trim() {
	for _, list := range []*[]*Entry{&s.queue, &s.begun, &s.eager, &s.urgent} {
		n := 0
		for n < len(*list) && (*list)[n].taken {
			(*list)[n] = nil
			n++
		}
		*list = (*list)[n:]
	}
}

// take takes the next slice from what is dirty: all that comes first where
// all is set, else as far as it is due.
func (s *Store) take(all bool) []*Entry {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	var slice []*Entry
	size, entries, bytes := 0, sliceEntries, sliceBytes
	if all { // nobody else is there
		entries, bytes = 16*entries, 16*bytes
	}
	from := func(list []*Entry, due func(*Entry) bool) {
		for _, e := range list {
			if len(slice) == entries || size > bytes || !due(e) {
				return
			}
			if e.taken {
				continue
			}
			e.taken = true
			size += e.size
			delete(s.dirty, e.Key)
			s.moving[e.Key] = e
			slice = append(slice, e)
		}
	}
	full := all || s.size >= s.opt.Bound/2
	from(s.urgent, func(*Entry) bool { return true })
	from(s.queue, func(e *Entry) bool { return full || e.first <= s.rush })
	from(s.eager, func(e *Entry) bool { return now.Sub(e.at) >= eagerly })
	from(s.begun, func(e *Entry) bool { return now.Sub(e.at) >= soon })
	from(s.queue, func(e *Entry) bool { return now.Sub(e.at) >= lazily })
	return slice
}

// move brings a slice into the index. Where it fails the slice is still on
// the way.
func (s *Store) move(ctx context.Context, slice []*Entry) error {
	s.mu.Lock()
	s.trim()
	applied := s.merged
	if len(s.queue) > 0 {
		applied = s.queue[0].first - 1
	}
	s.mu.Unlock()
	if err := s.Index.Apply(ctx, slice, applied); err != nil {
		return err
	}
	s.mu.Lock()
	for _, e := range slice {
		delete(s.moving, e.Key)
		if e.Created != nil {
			delete(s.names, e.ARN)
		}
		s.size -= int64(e.size)
		close(e.done)
	}
	s.failing = nil
	if s.size < s.opt.Bound {
		s.freeRoom()
	}
	s.mu.Unlock()
	s.log.Release(applied)
	return nil
}

// freeRoom lets those go on that wait for room. s.mu is held.
func (s *Store) freeRoom() {
	if s.room != nil {
		close(s.room)
		s.room = nil
	}
}

// settle waits until the index has all turns of an execution that were
// durable when it was called.
func (s *Store) settle(ctx context.Context, key int64) error {
	s.mu.Lock()
	wait := s.moving[key]
	if e := s.dirty[key]; e != nil {
		wait = e
		if !e.urgent {
			e.urgent = true
			s.urgent = append(s.urgent, e)
		}
	}
	s.mu.Unlock()
	if wait == nil {
		return nil
	}
	s.signal()
	return s.until(ctx, wait)
}

// settleAll waits until the index has all turns that were durable when it was
// called.
func (s *Store) settleAll(ctx context.Context) error {
	s.mu.Lock()
	var wait []*Entry
	for _, e := range s.moving {
		wait = append(wait, e)
	}
	s.trim()
	for i := len(s.queue) - 1; i >= 0 && len(s.dirty) > 0; i-- {
		if e := s.queue[i]; !e.taken {
			wait = append(wait, e)
		}
	}
	s.rush = max(s.rush, s.merged)
	s.mu.Unlock()
	s.signal()
	for _, e := range wait {
		if err := s.until(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) until(ctx context.Context, e *Entry) error {
	select {
	case <-e.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ctx.Done():
		return errClosed
	}
}
