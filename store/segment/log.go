// Package segment is a log on disk: records are appended in batches, each
// batch written and synced at once for all that append at the time, to
// segment files that are used again once what they hold is not needed.
//
// It survives a crash at any moment, and tells torn writes at its end, which
// nobody was told of, from damage to what was acknowledged, which it refuses.
package segment

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

// ErrClosed means that the log is closed.
var ErrClosed = errors.New("segment: closed")

// Options configures [Open]. The zero value works.
type Options struct {
	// Size of a segment file in bytes: 16 MiB when 0. A batch that is larger
	// gets a segment of its own.
	Size int64
	// Spare is how many files are kept to be used again: 4 when 0.
	Spare int
	// Durable is called with every batch, in order, once it is durable and
	// before any Append of it returns: its number, and the tags of its records.
	// It must not block. May be nil.
	Durable func(seq uint64, tags []any)
}

// maxBatch bounds what is gathered into one batch, in bytes.
const maxBatch = 4 << 20

// A Log is an open log. Its methods may be called from many goroutines.
type Log struct {
	fs  FS
	opt Options

	mu      sync.Mutex // guards the following
	more    sync.Cond
	pending []*batch
	free    []*batch
	closed  bool
	ended   chan struct{} // closed when the committer has ended

	// Owned by the committer.
	file   File
	now    part  // the segment that is written
	off    int64 // where the next batch goes
	size   int64 // of the segment
	seq    uint64
	broken bool // the segment takes no more

	files  sync.Mutex // guards the following
	newest uint64     // the highest number that was given to a segment
	live   []part     // segments before the one that is written, oldest first
	spare  []string
}

// A part is a segment's place in the log.
type part struct {
	header
	last uint64 // sequence number of its last batch; first-1 when it has none
}

// A batch is what is written at once.
type batch struct {
	buf  []byte
	tags []any
	done chan struct{}
	err  error
}

func segmentName(number uint64) string { return fmt.Sprintf("%016x.log", number) }

// next is the file that becomes the next segment.
const next = "next"

func (l *Log) start() {
	l.more.L = &l.mu
	l.ended = make(chan struct{})
	go l.commitLoop()
}

// Append adds a record and returns once it is durable. Where it fails the
// record is not in the log, unless the process dies before the log takes
// another one; a record that comes twice must do no harm.
func (l *Log) Append(record []byte, tag any) error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	b := l.last()
	b.buf = binary.AppendUvarint(b.buf, uint64(len(record)))
	b.buf = append(b.buf, record...)
	b.tags = append(b.tags, tag)
	done := b.done
	l.more.Signal()
	l.mu.Unlock()
	<-done
	return b.err
}

// last is the batch that takes records. l.mu is held.
func (l *Log) last() *batch {
	if n := len(l.pending); n > 0 && len(l.pending[n-1].buf) < maxBatch {
		return l.pending[n-1]
	}
	b := &batch{done: make(chan struct{})}
	if n := len(l.free); n > 0 { // what was written is not needed any more, but for the answer
		b.buf, b.tags = l.free[n-1].buf[:frameSize], l.free[n-1].tags[:0]
		l.free = l.free[:n-1]
	} else {
		b.buf = make([]byte, frameSize, 64<<10)
	}
	l.pending = append(l.pending, b)
	return b
}

func (l *Log) commitLoop() {
	defer close(l.ended)
	for {
		l.mu.Lock()
		for len(l.pending) == 0 && !l.closed {
			l.more.Wait()
		}
		if len(l.pending) == 0 {
			l.mu.Unlock()
			return
		}
		b := l.pending[0]
		l.pending = append(l.pending[:0], l.pending[1:]...)
		l.mu.Unlock()

		b.err = l.write(b)
		if b.err == nil && l.opt.Durable != nil {
			l.opt.Durable(l.seq, b.tags)
		}
		close(b.done)

		l.mu.Lock()
		if cap(b.buf) <= 2*maxBatch && len(l.free) < 2 {
			clear(b.tags)
			l.free = append(l.free, &batch{buf: b.buf, tags: b.tags})
		}
		l.mu.Unlock()
	}
}

// write makes a batch durable.
func (l *Log) write(b *batch) error {
	length := int64(len(b.buf)+7) &^ 7
	if l.broken || l.off+length > l.size {
		l.broken = true // a segment whose header is there, half made, ends this one
		if err := l.rotate(length); err != nil {
			return err
		}
	}
	b.buf = seal(b.buf, l.now.number, l.seq+1)
	_, err := l.file.WriteAt(b.buf, l.off)
	if err == nil {
		err = l.file.Sync()
	}
	if err != nil {
		// What of it is on the disk is unknown, and a file whose sync failed
		// is not asked again: the next segment says where this one ends.
		l.broken = true
		return fmt.Errorf("write to the log %s: %w", segmentName(l.now.number), err)
	}
	l.off += length
	l.seq++
	l.now.last = l.seq
	return nil
}

// rotate begins the next segment, with room for a batch of the length.
func (l *Log) rotate(length int64) error {
	h := header{number: l.claim(), first: l.seq + 1, prev: l.now.number, end: l.off}
	size := max(l.opt.Size, headerSize+length)
	f, err := l.create(h, size)
	if err != nil {
		return fmt.Errorf("begin the log %s: %w", segmentName(h.number), err)
	}
	old := l.file
	l.files.Lock()
	if old != nil {
		l.live = append(l.live, l.now)
	}
	l.now = part{header: h, last: l.seq}
	l.files.Unlock()
	l.file, l.off, l.size, l.broken = f, headerSize, size, false
	if old != nil {
		_ = old.Close() // all of it that counts is synced
	}
	return nil
}

// create makes the file of a segment, with its header.
func (l *Log) create(h header, size int64) (File, error) {
	if name, ok := l.reuse(); ok {
		if err := l.fs.Rename(name, next); err != nil {
			return nil, err
		}
	}
	f, err := l.fs.Open(next)
	if err != nil {
		return nil, err
	}
	err = f.Allocate(size)
	if err == nil {
		_, err = f.WriteAt(h.encode(), 0)
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = l.fs.Rename(next, segmentName(h.number))
	}
	if err == nil {
		err = l.fs.SyncDir()
	}
	if err != nil {
		_ = f.Close() // the error before it tells more
		return nil, err
	}
	return f, nil
}

// claim returns a number that no segment has had.
func (l *Log) claim() uint64 {
	l.files.Lock()
	defer l.files.Unlock()
	l.newest++
	return l.newest
}

// reuse takes a spare file.
func (l *Log) reuse() (string, bool) {
	l.files.Lock()
	defer l.files.Unlock()
	n := len(l.spare)
	if n == 0 {
		return "", false
	}
	name := l.spare[n-1]
	l.spare = l.spare[:n-1]
	return name, true
}

// Release tells that batches up to seq are not needed any more, which must be
// durable. Their files are used again.
func (l *Log) Release(seq uint64) {
	var remove []string
	l.files.Lock()
	for len(l.live) > 0 && l.live[0].last <= seq {
		name := segmentName(l.live[0].number)
		l.live = l.live[1:]
		if len(l.spare) < l.opt.Spare {
			l.spare = append(l.spare, name)
		} else {
			remove = append(remove, name)
		}
	}
	l.files.Unlock()
	for _, name := range remove {
		_ = l.fs.Remove(name) // one that stays is a spare after the next start
	}
}

// Segments returns how many files hold what was not released.
func (l *Log) Segments() int {
	l.files.Lock()
	defer l.files.Unlock()
	return len(l.live) + 1
}

// Close waits for the records under way and closes the log.
func (l *Log) Close() error {
	l.mu.Lock()
	first := !l.closed
	l.closed = true
	l.more.Signal()
	l.mu.Unlock()
	<-l.ended
	if !first || l.file == nil {
		return nil
	}
	return l.file.Close()
}
