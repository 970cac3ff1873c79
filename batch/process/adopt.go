package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"salamander/batch"
)

// A remote is a running attempt behind its shim.
type remote struct {
	x     *Executor
	run   batch.Run
	dir   string
	out   batch.LineWriter
	began began
	tail  *tail // nil while there is no output file; of listen only

	leave   sync.Once
	leaving chan struct{} // closed by Leave
	exit    chan batch.Exit

	mu   sync.Mutex // guards link
	link *link      // nil when the shim has ended
}

// startShim runs s behind a shim.
func (x *Executor) startShim(s spec, r batch.Run, out batch.LineWriter) (batch.Process, error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the attempt's directory: %w", err)
	}
	l, err := x.shims.take()
	if err != nil {
		removeAll(s.Dir)
		return nil, err
	}
	var first report
	if err = l.send(order{Run: &s}); err == nil {
		err = l.dec.Decode(&first)
	}
	if err == nil && first.Error != "" {
		err = errors.New(first.Error)
	} else if err != nil || first.Started == nil {
		// It may have started the command: whether it did is not known, and it
		// is not started again.
		x.passOn(r.Attempt.ID, out)
		err = errors.Join(errors.New("the job's shim ended"), err, x.Reap(context.Background(), r))
	}
	if err != nil {
		l.conn.Close()
		removeAll(s.Dir)
		return nil, err
	}
	go x.shims.refill()
	return x.follow(r, l, *first.Started, out), nil
}

// follow takes part in the life of an attempt. l is nil when its shim has
// ended.
func (x *Executor) follow(r batch.Run, l *link, b began, out batch.LineWriter) *remote {
	r.Attempt.Mark = b.Mark
	p := &remote{x: x, run: r, dir: x.keptOf(r.Attempt.ID), link: l, out: out, began: b,
		leaving: make(chan struct{}), exit: make(chan batch.Exit, 1)}
	go func() { p.exit <- p.listen() }()
	return p
}

// Adopt takes up an attempt that an earlier engine started behind a shim, and
// that runs, or has ended meanwhile. It gives all of the attempt's output to
// out again, from the beginning. It returns nil when there is no such attempt,
// or when what became of it is not known: then out was given what is left of
// the output, it is to be reaped, and is not started afterwards by a shim that
// comes late.
func (x *Executor) Adopt(ctx context.Context, r batch.Run, out batch.LineWriter) (batch.Process, error) {
	if _, err := x.home(r.Attempt); err != nil {
		return nil, err
	}
	dir := x.keptOf(r.Attempt.ID)
	f, err := os.OpenFile(filepath.Join(dir, claimFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil: // it was not begun, and now it will not be
		return nil, f.Close()
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case !errors.Is(err, os.ErrExist):
		return nil, err
	}
	for deadline := time.Now().Add(patience); ; {
		alive := claimed(dir) // before the look at the end
		if l, err := dialShim(dir); err == nil {
			_ = l.conn.SetReadDeadline(deadline)
			var first report
			if l.dec.Decode(&first) == nil && first.Started != nil {
				_ = l.conn.SetReadDeadline(time.Time{})
				if first.Started.Version != protocol {
					l.conn.Close()
					return nil, nil // of another release: it is ended
				}
				return x.follow(r, l, *first.Started, out), nil
			}
			l.conn.Close()
		} else if e := readEnd(dir); e != nil {
			return x.follow(r, nil, began{At: r.Attempt.StartedAt, Mark: r.Attempt.Mark}, out), nil
		} else if !alive || time.Now().After(deadline) {
			x.passOn(r.Attempt.ID, out)
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Sweep removes what is left of attempts but those with the given ids, and ends
// them.
func (x *Executor) Sweep(ctx context.Context, live map[string]bool) error {
	names, err := readNames(x.kept)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, id := range names {
		if !live[id] {
			err = errors.Join(err, x.endShim(ctx, id))
		}
	}
	return err
}

// endShim ends the shim of an attempt, with the attempt, and removes what it
// kept.
func (x *Executor) endShim(ctx context.Context, id string) error {
	dir := x.keptOf(id)
	if _, err := os.Stat(dir); err != nil {
		return nil
	}
	for deadline := time.Now().Add(2 * patience); claimed(dir); {
		if l, err := dialShim(dir); err == nil {
			_ = l.send(order{Abandon: true}) // where it fails the shim has ended
			_ = l.conn.SetReadDeadline(deadline)
			for err = nil; err == nil; {
				err = l.dec.Decode(&report{})
			}
			l.conn.Close()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the shim of attempt %s does not end", id)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
	removeAll(dir)
	return nil
}

// listen hears the shim to the attempt's end.
func (p *remote) listen() batch.Exit {
	defer func() {
		if p.tail != nil {
			p.tail.file.Close()
		}
		p.out.Close()
	}()
	p.read()
	for {
		e, lost := p.hear()
		if e != nil {
			p.read()
			return e.exit()
		}
		select {
		case <-p.leaving:
			return batch.Exit{Left: true}
		default:
		}
		if lost {
			p.read()
			if err := p.x.Reap(context.Background(), p.run); err != nil {
				p.x.log(fmt.Errorf("end what is left of attempt %s: %w", p.run.Attempt.ID, err))
			}
			return batch.Exit{Lost: true}
		}
	}
}

// hear returns how the attempt ended, once it has, and whether that can not be
// known any more.
func (p *remote) hear() (e *end, lost bool) {
	for l := p.linked(); l != nil; {
		var m report
		if l.dec.Decode(&m) != nil {
			l.conn.Close()
			break
		}
		if m.End != nil {
			return m.End, false
		}
		p.read()
	}
	alive := claimed(p.dir) // before the look at the end
	if e := readEnd(p.dir); e != nil {
		return e, false
	}
	if !alive {
		return nil, true
	}
	if l, err := dialShim(p.dir); err == nil {
		p.mu.Lock()
		p.link = l
		p.mu.Unlock()
		return nil, false
	}
	select {
	case <-p.leaving:
	case <-time.After(20 * time.Millisecond): // it is about to end
	}
	return nil, false
}

func (p *remote) linked() *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.link
}

// read passes on what was printed.
func (p *remote) read() {
	if p.tail == nil {
		p.tail = openTail(p.dir)
	}
	p.x.readTail(p.run.Attempt.ID, p.tail, p.out)
}

// passOn gives out all that an attempt without a shim has printed. What the
// shim had not written yet died with it.
func (x *Executor) passOn(id string, out batch.LineWriter) {
	if t := openTail(x.keptOf(id)); t != nil {
		defer t.file.Close()
		x.readTail(id, t, out)
	}
}

// openTail opens the output of the attempt in dir, nil while there is none.
func openTail(dir string) *tail {
	f, err := os.Open(filepath.Join(dir, outputFile))
	if err != nil {
		return nil
	}
	return &tail{file: f}
}

// readTail passes on what is new in t, which may be nil.
func (x *Executor) readTail(id string, t *tail, out batch.LineWriter) {
	if t == nil {
		return
	}
	if err := t.read(out.Line); err != nil && !t.bad {
		t.bad = true
		x.log(fmt.Errorf("attempt %s: %w", id, err))
	}
}

// Mark is that of the command.
func (p *remote) Mark() string { return p.began.Mark }

// StartedAt returns when the command was started.
func (p *remote) StartedAt() time.Time { return time.UnixMilli(p.began.At) }

// Wait returns how the command ended. Its processes are gone then, and what
// they printed was written.
func (p *remote) Wait() batch.Exit { return <-p.exit }

// Terminate has the shim send SIGTERM, and SIGKILL later where no engine does.
func (p *remote) Terminate() { p.order(order{Terminate: &terminate{p.run.Grace}}) }

// Kill has the shim send SIGKILL.
func (p *remote) Kill() { p.order(order{Kill: true}) }

// Abandon has the shim kill the command and forget it: to the next engine the
// attempt's fate is unknown.
func (p *remote) Abandon() { p.order(order{Abandon: true}) }

// Leave lets the attempt run on. Wait returns.
func (p *remote) Leave() {
	p.leave.Do(func() { close(p.leaving) })
	if l := p.linked(); l != nil {
		l.conn.Close()
	}
}

// Forget removes what the shim kept, when its end is known for good.
func (p *remote) Forget() { removeAll(p.dir) }

func (p *remote) order(o order) {
	if l := p.linked(); l != nil {
		_ = l.send(o) // where it fails the shim has ended
	}
}
