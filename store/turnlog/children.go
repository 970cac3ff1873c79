package turnlog

import (
	"context"

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
