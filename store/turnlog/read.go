package turnlog

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"syscall"
	"time"

	"salamander/engine"
	"salamander/store/segment"
)

var errClosed = errors.New("turnlog: closed")

// ErrFull means that the disk has no room for the log. Nothing was stored.
var ErrFull = errors.New("turnlog: no space left for the log")

// diskError gives errors of a full disk their own name.
func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	if errors.Is(err, segment.ErrClosed) {
		return errClosed
	}
	return err
}

// A replay merges the records that a log had behind the index.
type replay struct {
	s    *Store
	ctx  context.Context
	next int64           // the index has had no execution from this key on
	done map[int64]int64 // turns that the index has, by execution
}

// take merges a record, unless the index has it: an execution's entry may have
// come there before others of its batch.
func (r *replay) take(seq uint64, b []byte) error {
	rec, err := decode(b)
	if err != nil {
		return fmt.Errorf("read a record of batch %d: %w", seq, err)
	}
	t := &rec.turn
	has, known := r.done[t.Key]
	if !known && t.Key < r.next {
		turn, running, err := r.s.Index.Turn(r.ctx, t.Key)
		switch {
		case errors.Is(err, engine.ErrNotFound):
			turn = 0
		case err != nil:
			return err
		case !running && turn == 0:
			turn = 1<<63 - 1 // it ended, and nothing can follow
		}
		has = turn
	}
	if t.Number <= has {
		r.done[t.Key] = has
		return nil
	}
	if has != t.Follows || (has == 0) != (rec.created != nil) {
		return fmt.Errorf("the log has turn %d of %s, which follows on turn %d, and the database has turn %d", t.Number, t.ARN, t.Follows, has)
	}
	r.done[t.Key] = t.Number
	s := r.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.merge(seq, &rec, len(b), time.Now())
	s.merged, s.nextKey = seq, max(s.nextKey, t.Key+1)
	return nil
}

// Execution returns an execution by its ARN.
func (s *Store) Execution(ctx context.Context, arn string) (engine.Execution, error) {
	if x, ok := s.underway(arn); ok {
		return x, nil
	}
	for {
		x, err := s.Index.Execution(ctx, arn)
		if err != nil || x.Status != engine.Running {
			return x, err
		}
		s.mu.Lock()
		_, running := s.last[x.Key]
		e := s.entry(x.Key)
		ended := e != nil && e.Outcome != nil
		s.mu.Unlock()
		if e == nil && !running { // nothing is known of it but what the index has, by now
			again, err := s.Index.Execution(ctx, arn)
			return again, err
		}
		if e == nil || !ended && running {
			return x, nil
		}
		if err := s.settle(ctx, x.Key); err != nil {
			return x, err
		}
	}
}

// underway returns an execution that the index does not have yet. The entry
// that creates it may be moving, and another one behind it be dirty.
func (s *Store) underway(arn string) (x engine.Execution, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.names[arn]
	for _, e := range []*Entry{s.moving[key], s.dirty[key]} {
		if e == nil {
			continue
		}
		if e.Created != nil {
			x, ok = *e.Created, true
		}
		if o := e.Outcome; o != nil {
			x.Status, x.Stop, x.Output, x.Error, x.Cause = o.Status, o.At, o.Output, o.Error, o.Cause
		}
	}
	return x, ok
}

// Executions lists executions.
func (s *Store) Executions(ctx context.Context, q engine.Query) ([]engine.Execution, error) {
	if err := s.settleAll(ctx); err != nil {
		return nil, err
	}
	return s.Index.Executions(ctx, q)
}

// AllChildren gives the children of a map run.
func (s *Store) AllChildren(ctx context.Context, run string, from int64) iter.Seq2[engine.Execution, error] {
	return func(yield func(engine.Execution, error) bool) {
		if err := s.settleAll(ctx); err != nil {
			yield(engine.Execution{}, err)
			return
		}
		s.Index.AllChildren(ctx, run, from)(yield)
	}
}

// History returns events of an execution.
func (s *Store) History(ctx context.Context, q engine.HistoryQuery) ([]engine.Event, error) {
	if err := s.settle(ctx, q.Key); err != nil {
		return nil, err
	}
	return s.Index.History(ctx, q)
}

// Running calls f with every execution that has not ended.
func (s *Store) Running(ctx context.Context, f func(engine.Resumed) error) error {
	if err := s.settleAll(ctx); err != nil {
		return err
	}
	return s.Index.Running(ctx, f)
}

// Ended returns what is kept of an execution that ended without success.
func (s *Store) Ended(ctx context.Context, key int64) (engine.Ended, error) {
	if err := s.settle(ctx, key); err != nil {
		return engine.Ended{}, err
	}
	return s.Index.Ended(ctx, key)
}

// EndedState returns the state with which it ended.
func (s *Store) EndedState(ctx context.Context, key int64) ([]byte, error) {
	if err := s.settle(ctx, key); err != nil {
		return nil, err
	}
	return s.Index.EndedState(ctx, key)
}

// Redrive makes an ended execution one that runs. The index takes it itself.
func (s *Store) Redrive(ctx context.Context, r engine.Redriven) error {
	if err := s.settle(ctx, r.Turn.Key); err != nil {
		return err
	}
	if err := s.Index.Redrive(ctx, r); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Turn.Outcome == nil {
		s.last[r.Turn.Key] = r.Turn.Number
	}
	return nil
}
