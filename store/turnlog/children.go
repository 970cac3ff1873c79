package turnlog

import (
	"context"
	"time"

	"salamander/engine"
)

// CreateEnded stores children of a map run that began and succeeded in one
// turn each. Nothing follows on them, so the index takes them itself, many at
// once; only their keys come from here.
func (s *Store) CreateEnded(ctx context.Context, definition string, children []engine.Birth) (int64, error) {
	if err := s.define(ctx, children[0].Execution.Definition, definition); err != nil {
		return 0, err
	}
	s.mu.Lock()
	first := s.nextKey
	s.nextKey += int64(len(children))
	s.mu.Unlock()
	keyed := make([]engine.Birth, len(children))
	for i, b := range children {
		b.Execution.Key = first + int64(i)
		keyed[i] = b
	}
	return s.Index.CreateEnded(ctx, definition, keyed)
}

// Rerun replaces how an express child of a map run ran. The index takes it
// itself, behind what it is to have of the child.
func (s *Store) Rerun(ctx context.Context, key int64, start time.Time, o engine.Outcome) error {
	if err := s.settle(ctx, key); err != nil {
		return err
	}
	return s.Index.Rerun(ctx, key, start, o)
}
