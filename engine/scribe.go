package engine

import (
	"context"
	"sync"
	"time"
)

// A scribe writes the log records of express executions, which have no
// commits and so no outbox, in their order, behind the executions. Records
// that the recorder does not take are tried again; those that are left when
// the process dies are lost, as AWS does not promise express logs either.
type scribe struct {
	e    *Engine
	more chan struct{}

	mu   sync.Mutex
	left [][]byte
}

// maxBehind bounds the payloads that wait for the recorder.
const maxBehind = 100_000

func (s *scribe) init(e *Engine) { s.e, s.more = e, make(chan struct{}, 1) }

func (s *scribe) add(payload []byte) {
	s.mu.Lock()
	full := len(s.left) >= maxBehind
	if !full {
		s.left = append(s.left, payload)
	}
	s.mu.Unlock()
	if full {
		s.e.log.Error("log records of an express execution are dropped: too many wait to be written")
		return
	}
	select {
	case s.more <- struct{}{}:
	default:
	}
}

func (s *scribe) take() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.left
	s.left = nil
	return all
}

func (s *scribe) loop() {
	for {
		select {
		case <-s.more:
			s.write(s.e.ctx)
		case <-s.e.ctx.Done():
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			s.write(ctx)
			return
		}
	}
}

// write writes what is there. What fails is tried again until ctx ends.
func (s *scribe) write(ctx context.Context) {
	all := s.take()
	for i, payload := range all {
		for {
			err := s.e.Record(ctx, payload)
			if err == nil {
				break
			}
			if ctx.Err() == nil {
				s.e.log.Error("log records wait until the log store takes them", "error", err)
			}
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				s.mu.Lock()
				s.left = append(all[i:], s.left...)
				s.mu.Unlock()
				return
			}
		}
	}
}
