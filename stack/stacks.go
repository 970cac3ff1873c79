package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"salamander/operation"
)

// Options configures [New]. Store and Registry have no default.
type Options struct {
	Store    Store
	Registry *operation.Registry

	// Endpoint returns where the AWS endpoint is, "http://127.0.0.1:4566":
	// custom resources answer there.
	Endpoint func() string

	// Parallel is how many resources of a stack are worked on at once; 32
	// when 0.
	Parallel int

	// Now is the clock; time.Now when nil.
	Now func() time.Time

	// Log takes what no caller is told; nil is nowhere.
	Log *slog.Logger
}

// Stacks carries out stack operations. Goroutines share it.
type Stacks struct {
	opt   Options
	kinds catalog

	ctx   context.Context
	stop  context.CancelFunc
	group sync.WaitGroup

	mu      sync.Mutex // guards the fields below
	runs    map[string]*run
	signals map[string]chan struct{} // closed and forgotten with each signal of a token
	locks   map[string]*sync.Mutex   // one a stack: held while an operation is begun
	closed  bool
}

// New returns stacks over a store. Nothing runs before [Stacks.Recover].
func New(opt Options) *Stacks {
	if opt.Parallel == 0 {
		opt.Parallel = 32
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Endpoint == nil {
		opt.Endpoint = func() string { return "" }
	}
	s := &Stacks{opt: opt, kinds: kinds(), runs: map[string]*run{}, signals: map[string]chan struct{}{}, locks: map[string]*sync.Mutex{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Recover takes up the operations that an earlier process left.
func (s *Stacks) Recover(ctx context.Context) error {
	busy, err := s.opt.Store.Busy(ctx)
	if err != nil {
		return fmt.Errorf("read the stacks under way: %w", err)
	}
	for _, st := range busy {
		if err := s.resume(ctx, st); err != nil {
			return err
		}
	}
	return nil
}

// resume takes up the operation of one stack, unless it runs already.
func (s *Stacks) resume(ctx context.Context, st *Stack) error {
	defer s.lock(st.Scope, st.Name)()
	s.mu.Lock()
	running := s.runs[st.ID] != nil
	s.mu.Unlock()
	if running {
		return nil
	}
	st, err := s.opt.Store.Stack(ctx, st.ID)
	if err != nil || !st.Busy() {
		return err
	}
	return s.start(ctx, st, true)
}

// Close ends what runs; it goes on with the next start.
func (s *Stacks) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.group.Wait()
}

// Wait returns the stack once no operation is under way on it.
func (s *Stacks) Wait(ctx context.Context, id string) (*Stack, error) {
	for {
		s.mu.Lock()
		r := s.runs[id]
		s.mu.Unlock()
		if r == nil {
			st, err := s.opt.Store.Stack(ctx, id)
			if err != nil || !st.Busy() {
				return st, err
			}
			s.mu.Lock()
			closed, again := s.closed, s.runs[id] != nil
			s.mu.Unlock()
			if closed || !again {
				return nil, context.Canceled
			}
			continue
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Linger waits until no operation is under way on a stack, but not longer than
// limit.
func (s *Stacks) Linger(ctx context.Context, id string, limit time.Duration) {
	s.mu.Lock()
	r := s.runs[id]
	s.mu.Unlock()
	if r == nil {
		return
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-r.done:
	case <-timer.C:
	case <-ctx.Done():
	case <-s.ctx.Done():
	}
}

// start runs the operation of a stack.
func (s *Stacks) start(ctx context.Context, st *Stack, repeat bool) error {
	resources, err := s.opt.Store.Resources(ctx, st.ID)
	if err != nil {
		return fmt.Errorf("read the resources of %s: %w", st.ID, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil // the next process takes it up
	}
	r := newRun(s, st, resources, repeat)
	s.runs[st.ID] = r
	s.group.Go(func() {
		defer func() {
			s.mu.Lock()
			delete(s.runs, st.ID)
			s.mu.Unlock()
			r.cancel()
			close(r.done)
		}()
		if err := r.drive(); err != nil && s.ctx.Err() == nil {
			s.opt.Log.Error("stack", "stack", st.ID, "err", err)
		}
	})
	return nil
}

// lock holds a stack's name while an operation on it is begun.
func (s *Stacks) lock(scope Scope, name string) (unlock func()) {
	key := scope.Account + "/" + scope.Region + "/" + name
	s.mu.Lock()
	m := s.locks[key]
	if m == nil {
		m = &sync.Mutex{}
		s.locks[key] = m
	}
	s.mu.Unlock()
	m.Lock()
	return m.Unlock
}

// has reports whether the registry has an operation.
func (s *Stacks) has(op string) bool {
	return (&kind{needs: []string{op}}).lacking(s.opt.Registry) == ""
}

// object returns what an object of S3 holds.
func (s *Stacks) object(ctx context.Context, caller operation.Caller, bucket, key, version string) ([]byte, error) {
	in := map[string]string{"Bucket": bucket, "Key": key}
	if version != "" {
		in["VersionId"] = version
	}
	doc, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	resp, err := s.opt.Registry.Call(ctx, "s3", "GetObject", &operation.Request{Caller: caller, Input: doc})
	if err != nil {
		return nil, err
	}
	if resp.Body == nil {
		return nil, errors.New("the object has no body")
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxObject+1))
	if err == nil && len(b) > maxObject {
		err = fmt.Errorf("s3://%s/%s is larger than %d bytes", bucket, key, maxObject)
	}
	return b, err
}
