package function

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A Session is credentials for one environment. Serve says which invocation
// the code that runs with them serves now; empty means none. End says that
// nothing runs with them any more.
type Session struct {
	AccessKey, Secret, Token string
	Serve                    func(invocation string)
	End                      func()
}

// Options configures [New]. Dir is needed; the rest works as zero.
type Options struct {
	Dir string // packages and bootstraps; made when it is not there

	// Endpoint returns the URL of the AWS endpoint for functions to use; none
	// when nil.
	Endpoint func() string
	// Issue makes the credentials of an environment. principal is the ARN of
	// the role's session. Functions have no credentials when it is nil.
	Issue func(account, region, principal string) (Session, error)
	// Logs opens a log stream, which takes lines. Logs are dropped when it is
	// nil.
	Logs func(account, region, group, stream string) io.WriteCloser
	// OnError hears of what has no caller: deliveries of events that fail for
	// the store. It may be nil.
	OnError func(error)

	Python string // interpreter for python3.x; found on PATH when empty
	Node   string // interpreter for nodejs; found on PATH when empty

	IdleAfter       time.Duration // an environment without work ends after it; 5 minutes when 0
	MaxEnvironments int           // at a time; further invocations wait; 64 when 0
}

// maxAge bounds the life of an environment, whose credentials expire.
const maxAge = 6 * time.Hour

// Functions keeps functions and runs them. It may be shared by goroutines.
type Functions struct {
	store    Store
	opt      Options
	packages packages
	runtimes runtimes
	temp     string // directories of environments

	mu      sync.Mutex // guards the fields below
	closed  bool
	all     map[*environment]bool // every environment that holds a place
	idle    []*environment        // the one used last at the end
	waiting []chan struct{}       // each invocation that waits for a place

	wake    chan struct{} // an event was put
	stop    chan struct{}
	workers sync.WaitGroup
}

// New returns the functions of a store and removes packages that are in no
// use. [Functions.Close] ends them.
func New(ctx context.Context, store Store, opt Options) (*Functions, error) {
	if opt.Dir == "" {
		return nil, errors.New("function: no directory")
	}
	if opt.IdleAfter == 0 {
		opt.IdleAfter = 5 * time.Minute
	}
	if opt.MaxEnvironments == 0 {
		opt.MaxEnvironments = 64
	}
	if opt.OnError == nil {
		opt.OnError = func(error) {}
	}
	if opt.Logs == nil {
		opt.Logs = func(string, string, string, string) io.WriteCloser { return nopCloser{io.Discard} }
	}
	dir, err := filepath.Abs(opt.Dir)
	if err != nil {
		return nil, err
	}
	f := &Functions{store: store, opt: opt, packages: packages{dir: filepath.Join(dir, "packages"), unpacked: filepath.Join(dir, "unpacked")},
		all: map[*environment]bool{}, wake: make(chan struct{}, 1), stop: make(chan struct{})}
	f.runtimes = runtimes{dir: filepath.Join(dir, "bootstrap"), python: opt.Python, node: opt.Node}
	f.temp = filepath.Join(dir, "tmp")
	for _, d := range []string{f.temp, f.packages.unpacked} {
		if err := os.RemoveAll(d); err != nil {
			return nil, err
		}
	}
	for _, d := range []string{f.packages.dir, f.packages.unpacked, f.temp} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	if err := f.packages.sweep(ctx, store); err != nil {
		return nil, fmt.Errorf("sweep packages: %w", err)
	}
	if err := f.runtimes.install(); err != nil {
		return nil, fmt.Errorf("write bootstraps: %w", err)
	}
	f.workers.Go(f.deliver)
	return f, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// Close ends all environments and what they do. Events that were accepted
// stay for the next process.
func (f *Functions) Close() {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return
	}
	f.closed = true
	close(f.stop)
	for _, e := range f.idle {
		e.reaper.Stop()
		f.dropLocked(e)
	}
	f.idle = nil
	for e := range f.all {
		e.kill() // its invocation drops it
	}
	f.mu.Unlock()
	f.workers.Wait()
}

// Create adds a function with the given package. Where the same call (by
// Creation) made it before, the first function is returned.
func (f *Functions) Create(ctx context.Context, fn Function, archive []byte) (Function, error) {
	if err := f.runtimes.check(fn.Runtime); err != nil {
		return Function{}, err
	}
	if old, err := f.store.Get(ctx, fn.Key); err == nil {
		return repeated(old, fn.Creation)
	} else if !errors.Is(err, ErrNotFound) {
		return Function{}, err
	}
	sum, err := f.packages.put(archive)
	if err != nil {
		return Function{}, err
	}
	fn.CodeSHA256, fn.CodeSize, fn.Revision, fn.Modified = sum, int64(len(archive)), fn.Creation, now()
	err = f.store.Create(ctx, fn)
	if errors.Is(err, ErrExists) {
		old, err := f.store.Get(ctx, fn.Key)
		if err != nil {
			return Function{}, err
		}
		return repeated(old, fn.Creation)
	}
	return fn, err
}

func repeated(old Function, creation string) (Function, error) {
	if creation != "" && old.Creation == creation {
		return old, nil
	}
	return Function{}, ErrExists
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Get returns a function, or [ErrNotFound].
func (f *Functions) Get(ctx context.Context, key Key) (Function, error) { return f.store.Get(ctx, key) }

// List returns functions by name, those behind after, at most limit.
func (f *Functions) List(ctx context.Context, account, region, after string, limit int) ([]Function, error) {
	return f.store.List(ctx, account, region, after, limit)
}

// Archive returns a function's package as it was uploaded.
func (f *Functions) Archive(fn Function) ([]byte, error) {
	return os.ReadFile(f.packages.archive(fn.CodeSHA256))
}

// A CodeUpdate is how [Functions.UpdateCode] changes a function.
type CodeUpdate struct {
	Revision string // name of the new revision
	Expected string // the revision that must be there; any when empty
	Machine  string // the architecture; as before when empty
	Dry      bool   // change nothing, and answer what would be
}

// UpdateCode gives a function another package.
func (f *Functions) UpdateCode(ctx context.Context, key Key, archive []byte, u CodeUpdate) (Function, error) {
	fn, err := f.store.Get(ctx, key)
	if err != nil {
		return Function{}, err
	}
	if u.Expected != "" && fn.Revision != u.Expected {
		return Function{}, ErrChanged
	}
	sum, err := f.packages.put(archive)
	if err != nil {
		return Function{}, err
	}
	change := func(fn *Function) error {
		fn.CodeSHA256, fn.CodeSize = sum, int64(len(archive))
		if u.Machine != "" {
			fn.Machine = u.Machine
		}
		return nil
	}
	if u.Dry {
		return fn, change(&fn)
	}
	return f.change(ctx, key, u.Revision, u.Expected, change)
}

// UpdateConfiguration changes a function by change. revision is the name of
// the new revision, expected the one that must be there, any when empty.
func (f *Functions) UpdateConfiguration(ctx context.Context, key Key, revision, expected string, change func(*Function) error) (Function, error) {
	return f.change(ctx, key, revision, expected, func(fn *Function) error {
		if err := change(fn); err != nil {
			return err
		}
		return f.runtimes.check(fn.Runtime)
	})
}

func (f *Functions) change(ctx context.Context, key Key, revision, expected string, change func(*Function) error) (Function, error) {
	fn, err := f.store.Update(ctx, key, func(fn *Function) error {
		if expected != "" && fn.Revision != expected {
			return ErrChanged
		}
		if err := change(fn); err != nil {
			return err
		}
		fn.Revision, fn.Modified = revision, now()
		return nil
	})
	if err == nil {
		f.retire(key, func(e *environment) bool { return e.fn.Version == "" })
	}
	return fn, err
}

// Delete removes a function with its versions and aliases. Invocations that run come to their end.
func (f *Functions) Delete(ctx context.Context, key Key) error {
	if err := f.store.Delete(ctx, key); err != nil {
		return err
	}
	f.retire(key, func(*environment) bool { return true })
	return nil
}
