package function

import (
	"context"
	"slices"
	"time"
)

// acquire returns an environment for fn: one that is warm, or a new one. It
// waits while all places are taken. The caller gives it back with release.
func (f *Functions) acquire(ctx context.Context, fn Function) (*environment, error) {
	for {
		e, wait, err := f.tryAcquire(fn)
		if e != nil || err != nil {
			return e, err
		}
		select {
		case <-wait:
		case <-f.stop:
			return nil, ErrClosed
		case <-ctx.Done():
			f.unwait(wait)
			return nil, ctx.Err()
		}
	}
}

// tryAcquire returns an environment, or a channel that is closed when it is
// worth trying again.
func (f *Functions) tryAcquire(fn Function) (*environment, chan struct{}, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, nil, ErrClosed
	}
	for i, e := range slices.Backward(f.idle) {
		if e.fn.Key == fn.Key && e.fn.Version == fn.Version && e.fn.Revision == fn.Revision {
			f.idle = slices.Delete(f.idle, i, i+1)
			e.reaper.Stop()
			if e.dead() || time.Since(e.born) > maxAge {
				f.dropLocked(e)
				return f.tryNewLocked(fn)
			}
			f.workers.Add(1)
			return e, nil, nil
		}
	}
	return f.tryNewLocked(fn)
}

func (f *Functions) tryNewLocked(fn Function) (*environment, chan struct{}, error) {
	if len(f.all) >= f.opt.MaxEnvironments && len(f.idle) > 0 {
		e := f.idle[0] // of another function, unused for longest
		f.idle = slices.Delete(f.idle, 0, 1)
		e.reaper.Stop()
		f.dropLocked(e)
	}
	if len(f.all) >= f.opt.MaxEnvironments {
		wait := make(chan struct{})
		f.waiting = append(f.waiting, wait)
		return nil, wait, nil
	}
	e := f.newEnvironment(fn)
	f.all[e] = true
	f.workers.Add(1)
	return e, nil, nil
}

// unwait gives up waiting, and passes on a turn that came meanwhile.
func (f *Functions) unwait(wait chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.waiting, wait); i >= 0 {
		f.waiting = slices.Delete(f.waiting, i, i+1)
		return
	}
	f.wakeLocked()
}

// release gives an environment back after an invocation. One that is broken
// or retired ends.
func (f *Functions) release(e *environment) {
	defer f.workers.Done()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || e.retired || e.dead() {
		f.dropLocked(e)
		return
	}
	f.idle = append(f.idle, e)
	e.reaper = time.AfterFunc(f.opt.IdleAfter, func() { f.reap(e) })
	f.wakeLocked()
}

// reap ends an environment that was idle for too long.
func (f *Functions) reap(e *environment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.idle, e); i >= 0 {
		f.idle = slices.Delete(f.idle, i, i+1)
		f.dropLocked(e)
	}
}

// retire ends the environments of a function that are of what has changed:
// those without work now, the others after their invocation.
func (f *Functions) retire(key Key, changed func(*environment) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for e := range f.all {
		if e.fn.Key != key || !changed(e) {
			continue
		}
		e.retired = true
		if i := slices.Index(f.idle, e); i >= 0 {
			f.idle = slices.Delete(f.idle, i, i+1)
			e.reaper.Stop()
			f.dropLocked(e)
		}
	}
}

// dropLocked ends an environment and gives its place to one that waits.
func (f *Functions) dropLocked(e *environment) {
	delete(f.all, e)
	e.kill()
	f.workers.Go(e.finish)
	f.wakeLocked()
}

func (f *Functions) wakeLocked() {
	if len(f.waiting) > 0 {
		close(f.waiting[0])
		f.waiting = f.waiting[1:]
	}
}

// Environments returns how many environments there are, and how many of them
// are idle.
func (f *Functions) Environments() (all, idle int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.all), len(f.idle)
}
