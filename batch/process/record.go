package process

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"
)

// appendRecord appends a line as the output file of an attempt has it: the time
// in milliseconds since 1970, a blank, the length, a line feed, the text, and a
// line feed.
func appendRecord(b []byte, at int64, text string) []byte {
	b = strconv.AppendInt(b, at, 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(len(text)), 10)
	b = append(b, '\n')
	b = append(b, text...)
	return append(b, '\n')
}

// nextRecord takes the first record of b. n is its length in bytes, 0 when b
// does not hold all of it.
func nextRecord(b []byte) (at int64, text string, n int, err error) {
	const longest = 64 // of the first line
	i := bytes.IndexByte(b, '\n')
	if i < 0 || i > longest {
		if len(b) > longest {
			err = fmt.Errorf("read the output: %q begins no record", b[:longest])
		}
		return 0, "", 0, err
	}
	stamp, size, ok := bytes.Cut(b[:i], []byte(" "))
	at, err1 := strconv.ParseInt(string(stamp), 10, 64)
	length, err2 := strconv.ParseUint(string(size), 10, 31)
	if !ok || err1 != nil || err2 != nil {
		return 0, "", 0, fmt.Errorf("read the output: %q begins no record", b[:i])
	}
	n = i + 1 + int(length) + 1
	if len(b) < n {
		return 0, "", 0, nil
	}
	if b[n-1] != '\n' {
		return 0, "", 0, fmt.Errorf("read the output: no line feed after the record %q", b[:i])
	}
	return at, string(b[i+1 : n-1]), n, nil
}

// maxUnwritten is how many bytes of output a recorder holds before the command
// has to wait for the disk.
const maxUnwritten = 1 << 20

// A recorder is a [batch.LineWriter] that writes the output file of an attempt.
// Times never go back in it. While the disk is full the command waits.
type recorder struct {
	file  *os.File
	wrote func() // called after every write

	mu     sync.Mutex // guards the fields below
	buf    []byte
	last   int64
	closed bool
	more   *sync.Cond // buf, closed or giveUp changed
	giveUp bool       // nobody wants the output

	size int64 // of what is written; of flush only
	done chan struct{}
}

func newRecorder(file *os.File, wrote func()) *recorder {
	r := &recorder{file: file, wrote: wrote, done: make(chan struct{})}
	r.more = sync.NewCond(&r.mu)
	go r.flush()
	return r
}

// Line adds a line.
func (r *recorder) Line(at time.Time, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.buf) > maxUnwritten && !r.giveUp {
		r.more.Wait()
	}
	r.last = max(r.last, at.UnixMilli())
	r.buf = appendRecord(r.buf, r.last, text)
	r.more.Broadcast()
}

// Close returns when all is written.
func (r *recorder) Close() error {
	r.mu.Lock()
	r.closed = true
	r.more.Broadcast()
	r.mu.Unlock()
	<-r.done
	return r.file.Close()
}

// drop says that nobody wants the output any more.
func (r *recorder) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.giveUp = true
	r.more.Broadcast()
}

// flush writes what comes, as much at once as there is, until the end.
func (r *recorder) flush() {
	defer close(r.done)
	var spare []byte
	for {
		r.mu.Lock()
		for len(r.buf) == 0 && !r.closed && !r.giveUp {
			r.more.Wait()
		}
		if len(r.buf) == 0 || r.giveUp {
			r.mu.Unlock()
			return
		}
		b := r.buf
		r.buf = spare[:0]
		r.more.Broadcast()
		r.mu.Unlock()
		for !r.write(b) {
			time.Sleep(200 * time.Millisecond) // for the disk
			r.mu.Lock()
			giveUp := r.giveUp
			r.mu.Unlock()
			if giveUp {
				return
			}
		}
		spare = b
		r.wrote()
	}
}

// write writes b behind what is written, or nothing.
func (r *recorder) write(b []byte) bool {
	n, err := r.file.WriteAt(b, r.size)
	if err == nil {
		r.size += int64(n)
		return true
	}
	_ = r.file.Truncate(r.size) // what stays is written over
	return false
}

// A tail reads the output file of an attempt as it grows.
type tail struct {
	file *os.File
	at   int64 // of the next record
	buf  []byte
	bad  bool // it was told that the file is damaged
}

// read gives line each whole record that is new.
func (t *tail) read(line func(at time.Time, text string)) error {
	buf := t.buf[:0]
	for {
		if len(buf) == cap(buf) {
			buf = append(make([]byte, 0, max(32*1024, 2*cap(buf))), buf...)
		}
		n, err := t.file.ReadAt(buf[len(buf):cap(buf)], t.at+int64(len(buf)))
		buf = buf[:len(buf)+n]
		rest := buf
		for {
			at, text, size, bad := nextRecord(rest)
			if bad != nil {
				return bad
			}
			if size == 0 {
				break
			}
			line(time.UnixMilli(at), text)
			t.at += int64(size)
			rest = rest[size:]
		}
		buf = append(buf[:0], rest...)
		if err == io.EOF || n == 0 {
			t.buf = buf[:0]
			return nil
		} else if err != nil {
			return err
		}
	}
}
