package logs

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"
)

const (
	flushAfter = 100 * time.Millisecond // a line waits in memory no longer
	flushBytes = 256 * 1024             // nor with more than so much behind it
	maxPending = 4 << 20                // bytes a writer holds while the store fails
)

// errBacklog is what Write answers when the store does not take events.
var errBacklog = errors.New("logs: the store takes no events; the backlog is full")

// A Writer is an [io.Writer] whose lines become events of one stream, each
// with the time it was written at. Lines reach the store within about 100 ms,
// in batches; an unfinished line waits for its end or for Close. Empty lines
// are left out, as CloudWatch has no empty events. It may be shared by
// goroutines; lines of two do not mix where each Write is whole lines.
//
// While the store fails, events are kept, up to 4 MiB, and tried again;
// beyond that Write fails.
type Writer struct {
	logs                           *Logs
	account, region, group, stream string

	flushing sync.Mutex // held while events go to the store; taken before mu

	mu      sync.Mutex // guards the fields below
	partial []byte
	events  []Event
	size    int // bytes in events
	timer   *time.Timer
	err     error // of the last flush
	closed  bool
}

// Writer returns a writer to the given stream. Group and stream are made with
// the first line.
func (l *Logs) Writer(account, region, group, stream string) *Writer {
	return &Writer{logs: l, account: account, region: region, group: group, stream: stream}
}

// Write takes p whole, or fails and takes nothing.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return 0, errors.New("logs: write after close")
	}
	if w.size+len(p) > maxPending && w.err != nil {
		err := errors.Join(errBacklog, w.err)
		w.mu.Unlock()
		return 0, err
	}
	w.take(p)
	full := w.size >= flushBytes && w.err == nil
	if len(w.events) > 0 && w.timer == nil {
		w.timer = time.AfterFunc(flushAfter, func() { _ = w.Flush() }) // kept in w.err
	}
	w.mu.Unlock()
	if full {
		_ = w.Flush() // kept in w.err
	}
	return len(p), nil
}

// Line takes a line, without its end, that was written at a time. It must not be
// mixed with Write.
func (w *Writer) Line(at time.Time, text string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errors.New("logs: write after close")
	}
	if w.size+len(text) > maxPending && w.err != nil {
		return errors.Join(errBacklog, w.err)
	}
	w.addAt(at, []byte(text))
	if len(w.events) > 0 && w.timer == nil {
		w.timer = time.AfterFunc(flushAfter, func() { _ = w.Flush() }) // kept in w.err
	}
	if w.size >= flushBytes && w.err == nil {
		w.mu.Unlock()
		_ = w.Flush() // kept in w.err
		w.mu.Lock()
	}
	return nil
}

// take splits p into lines.
func (w *Writer) take(p []byte) {
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			w.partial = append(w.partial, p...)
			for len(w.partial) >= MaxMessage {
				n := cut(string(w.partial)+" ", MaxMessage)
				w.add(w.partial[:n])
				w.partial = append(w.partial[:0], w.partial[n:]...)
			}
			return
		}
		line := p[:i]
		if len(w.partial) > 0 {
			line = append(w.partial, line...)
		}
		w.add(line)
		w.partial, p = w.partial[:0], p[i+1:]
	}
}

func (w *Writer) add(line []byte) { w.addAt(w.logs.now(), line) }

func (w *Writer) addAt(at time.Time, line []byte) {
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) == 0 {
		return
	}
	w.events = append(w.events, Event{Time: at.UTC().Truncate(time.Millisecond), Message: string(line)})
	w.size += len(line)
}

// Flush stores the whole lines written so far.
func (w *Writer) Flush() error {
	w.flushing.Lock()
	defer w.flushing.Unlock()
	w.mu.Lock()
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	events, size := w.events, w.size
	w.events, w.size = nil, 0
	w.mu.Unlock()

	err := w.logs.Append(context.Background(), w.account, w.region, w.group, w.stream, events)

	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
	if err != nil {
		w.events, w.size = append(events, w.events...), size+w.size
		if w.timer == nil && !w.closed {
			w.timer = time.AfterFunc(10*flushAfter, func() { _ = w.Flush() })
		}
	}
	return err
}

// Close stores all that was written, an unfinished line too. It returns the
// store's error, with which the last events are lost.
func (w *Writer) Close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil
	}
	w.closed = true
	if len(w.partial) > 0 {
		w.add(w.partial)
		w.partial = nil
	}
	w.mu.Unlock()
	return w.Flush()
}
