// Package turnlog is a store of the engine that makes turns durable in a log
// of segments and brings them into an index behind, many turns of an
// execution at once. What the index does not have yet is read from memory, or
// brought there first; after a crash the log's records are brought there
// before anything else. A turn is never decided again: its record is what the
// index gets.
package turnlog

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"salamander/engine"
	"salamander/store/segment"
)

// An Index is a store of the engine that takes the turns of many executions
// at once. Package store has one on SQLite.
type Index interface {
	engine.Store
	// Position tells how far the index has come.
	Position(ctx context.Context) (Position, error)
	// Use notes whether a log is in use, whose end the index does not have.
	Use(ctx context.Context, used bool) error
	// Has reports whether an execution of that ARN is there.
	Has(ctx context.Context, arn string) (bool, error)
	// Turn returns the number of the last turn of an execution, and whether it
	// runs; ErrNotFound where there is no such execution.
	Turn(ctx context.Context, key int64) (turn int64, running bool, err error)
	// Define keeps the text of a definition.
	Define(ctx context.Context, hash, text string) error
	// Apply brings entries into the index and notes that it has all batches up
	// to applied, in one commit.
	Apply(ctx context.Context, entries []*Entry, applied uint64) error
}

// A Position is how far an index has come.
type Position struct {
	Applied uint64 // number of the last batch of which it has everything
	Used    bool   // a log was in use and was not closed
	NextKey int64  // above that of every execution it has had
}

// Options configures [Open]. FS and Index are needed.
type Options struct {
	FS    segment.FS
	Index Index
	// Size of a segment in bytes; see [segment.Options].
	Size int64
	// OnError is told what keeps the index from coming further; it is tried
	// again. May be nil.
	OnError func(error)
	// Bound is how many bytes of turns wait for the index in memory, at most:
	// 64 MiB when 0. Commits wait from there on.
	Bound int64
}

// A Store keeps turns in the log. Its methods may be called from many
// goroutines.
type Store struct {
	Index
	opt Options
	log *segment.Log

	mu      sync.Mutex // guards the following
	nextKey int64
	names   map[string]int64 // keys of executions that the index does not have, by ARN; 0 while they are created
	last    map[int64]int64  // number of the last turn of executions that run
	dirty   map[int64]*Entry // takes turns
	moving  map[int64]*Entry // on the way to the index
	queue   []*Entry         // dirty, in the order of their first batches
	eager   []*Entry         // those of queue that others wait for
	begun   []*Entry         // those of queue that begin an execution
	urgent  []*Entry         // those of queue that a reader waits for
	rush    uint64           // all batches up to here are urgent
	merged  uint64           // batches up to here are in entries
	size    int64            // of all entries
	failing error            // why the index does not come further
	room    chan struct{}    // closed when size falls below the bound; nil when nobody waits
	defined map[string]bool  // definitions that the index has

	wake   chan struct{}
	ctx    context.Context
	cancel context.CancelFunc
	ended  chan struct{} // closed when the indexer has ended
	once   sync.Once
}

var _ engine.Store = (*Store)(nil)

// Open opens the log, or begins one, and brings what it has behind the index
// there. The caller closes the store. Damage is a [*segment.CorruptError].
func Open(ctx context.Context, opt Options) (*Store, error) {
	if opt.Bound == 0 {
		opt.Bound = 64 << 20
	}
	pos, err := opt.Index.Position(ctx)
	if err != nil {
		return nil, err
	}
	s := &Store{Index: opt.Index, opt: opt, nextKey: pos.NextKey, merged: pos.Applied,
		names: map[string]int64{}, last: map[int64]int64{}, dirty: map[int64]*Entry{}, moving: map[int64]*Entry{}, defined: map[string]bool{},
		wake: make(chan struct{}, 1), ended: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if names, err := opt.FS.List(); err != nil {
		return nil, err
	} else if pos.Used && !slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, ".log") }) {
		return nil, &segment.CorruptError{File: "directory", Reason: "its files are missing, and the database does not have what they held"}
	}
	r := replay{s: s, ctx: ctx, next: pos.NextKey, done: map[int64]int64{}}
	s.log, err = segment.Open(opt.FS, segment.Options{Size: opt.Size, Durable: s.durable}, pos.Applied, r.take)
	if err != nil {
		return nil, err
	}
	for err == nil && len(s.dirty) > 0 {
		err = s.move(ctx, s.take(true))
	}
	if err == nil {
		err = opt.Index.Use(ctx, true)
	}
	if err != nil {
		s.log.Close()
		return nil, err
	}
	go s.loop()
	return s, nil
}

// Close brings everything into the index and closes the log.
func (s *Store) Close() error {
	var err error
	s.once.Do(func() {
		err = s.log.Close() // nothing comes after
		s.cancel()
		<-s.ended
		ctx := context.Background()
		if left := s.left(); err == nil && len(left) > 0 {
			err = s.move(ctx, left)
		}
		for err == nil && s.waiting() {
			err = s.move(ctx, s.take(true))
		}
		if err == nil {
			err = s.Index.Apply(ctx, nil, s.merged)
		}
		if err == nil {
			err = s.Index.Use(ctx, false)
		}
	})
	return err
}

// Crash ends the store as a crash does: nothing more is brought into the
// index. For tests.
func (s *Store) Crash() {
	s.once.Do(func() {
		s.cancel()
		<-s.ended
		s.log.Close()
	})
}

func (s *Store) waiting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.dirty) > 0
}

// left is the slice that the indexer had when it ended.
func (s *Store) left() []*Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.moving))
}

// Create stores a new execution, its definition and its first turn.
func (s *Store) Create(ctx context.Context, x engine.Execution, definition string, first engine.Turn) (int64, error) {
	if err := s.admit(ctx); err != nil {
		return 0, err
	}
	if err := s.define(ctx, x.Definition, definition); err != nil {
		return 0, err
	}
	s.mu.Lock()
	if _, taken := s.names[x.ARN]; taken {
		s.mu.Unlock()
		return 0, engine.ErrExists
	}
	s.names[x.ARN] = 0
	s.mu.Unlock()
	drop := func() {
		s.mu.Lock()
		delete(s.names, x.ARN)
		s.mu.Unlock()
	}
	if has, err := s.Index.Has(ctx, x.ARN); err != nil || has {
		drop()
		if err == nil {
			err = engine.ErrExists
		}
		return 0, err
	}
	s.mu.Lock()
	x.Key = s.nextKey
	s.nextKey++
	s.mu.Unlock()
	x.Status, first.Key, first.ARN, first.Follows = engine.Running, x.Key, x.ARN, 0
	if err := s.append(&record{created: &x, turn: first}); err != nil {
		drop()
		return 0, err
	}
	return x.Key, nil
}

// define keeps a definition, before the log names it.
func (s *Store) define(ctx context.Context, hash, text string) error {
	s.mu.Lock()
	known := s.defined[hash]
	s.mu.Unlock()
	if known {
		return nil
	}
	if err := s.Index.Define(ctx, hash, text); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.defined) >= 4096 {
		clear(s.defined)
	}
	s.defined[hash] = true
	return nil
}

// Commit stores a turn, or finds that it is stored already.
func (s *Store) Commit(ctx context.Context, t engine.Turn) error {
	last, running, err := s.turn(ctx, t.Key)
	switch {
	case err != nil:
		return err
	case last == t.Number, !running && t.Outcome != nil:
		return nil
	case !running, last != t.Follows:
		return fmt.Errorf("%w: %s has turn %d, got %d after %d", engine.ErrStale, t.ARN, last, t.Number, t.Follows)
	}
	if err := s.admit(ctx); err != nil {
		return err
	}
	return s.append(&record{turn: t})
}

// Turn returns the number of the last turn of an execution, and whether it
// runs.
func (s *Store) Turn(ctx context.Context, key int64) (int64, bool, error) { return s.turn(ctx, key) }

func (s *Store) turn(ctx context.Context, key int64) (last int64, running bool, err error) {
	s.mu.Lock()
	last, running = s.last[key]
	e := s.entry(key)
	if e != nil && !running {
		last = e.Turn
	}
	s.mu.Unlock()
	if running || e != nil {
		return last, running, nil
	}
	last, running, err = s.Index.Turn(ctx, key)
	if err == nil && running {
		s.mu.Lock()
		defer s.mu.Unlock()
		if now, ok := s.last[key]; ok {
			return now, true, nil
		}
		if e := s.entry(key); e != nil {
			return e.Turn, false, nil
		}
		s.last[key] = last
	}
	return last, running, err
}

// entry is the newest of an execution. s.mu is held.
func (s *Store) entry(key int64) *Entry {
	if e := s.dirty[key]; e != nil {
		return e
	}
	return s.moving[key]
}

func (s *Store) append(r *record) error {
	buf := buffers.Get().(*[]byte)
	b := r.encode((*buf)[:0])
	err := s.log.Append(b, tagged{r, len(b)})
	*buf = b
	if cap(b) <= 1<<20 {
		buffers.Put(buf)
	}
	return diskError(err)
}

// A tagged record is known with its length in the log.
type tagged struct {
	*record
	size int
}

// durable merges the records of a batch. The log calls it in order.
func (s *Store) durable(seq uint64, tags []any) {
	now := time.Now()
	s.mu.Lock()
	for _, tag := range tags {
		t := tag.(tagged)
		s.merge(seq, t.record, t.size, now)
	}
	s.merged = seq
	s.mu.Unlock()
	s.signal()
}

// merge puts a record into its execution's entry. s.mu is held.
func (s *Store) merge(seq uint64, r *record, size int, now time.Time) {
	t := &r.turn
	e := s.dirty[t.Key]
	if e == nil {
		e = &Entry{Key: t.Key, ARN: t.ARN, first: seq, at: now, done: make(chan struct{})}
		s.dirty[t.Key] = e
		s.queue = append(s.queue, e)
	}
	if r.created != nil {
		e.Created = r.created
		s.names[t.ARN] = t.Key
	}
	was, begun := e.eager, e.begun
	e.add(t)
	if e.eager && !was {
		s.eager = append(s.eager, e)
	}
	if e.begun && !begun {
		s.begun = append(s.begun, e)
	}
	e.size += size
	s.size += int64(size)
	if t.Outcome != nil {
		delete(s.last, t.Key)
	} else {
		s.last[t.Key] = t.Number
	}
}

func (s *Store) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// admit waits while too much is on the way to the index.
func (s *Store) admit(ctx context.Context) error {
	for {
		s.mu.Lock()
		if s.size < s.opt.Bound {
			s.mu.Unlock()
			return nil
		}
		if err := s.failing; err != nil {
			s.mu.Unlock()
			return err
		}
		if s.room == nil {
			s.room = make(chan struct{})
		}
		room := s.room
		s.mu.Unlock()
		s.signal()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ctx.Done():
			return segment.ErrClosed
		}
	}
}
