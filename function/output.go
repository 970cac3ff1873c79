package function

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// maxLine is the length at which a line without an end is cut.
const maxLine = 256 << 10

// tailSize is how much of an invocation's log Invoke can answer.
const tailSize = 4096

// An output takes what a process prints, whole lines at a time, and writes it
// to the log.
type output struct {
	r      *os.File
	drains chan chan struct{}
	ended  chan struct{} // closed when nothing more can come

	mu      sync.Mutex // guards the fields below
	log     io.Writer
	partial []byte
	tail    []byte // the last of the log since the mark
}

// newOutput returns an output and the file for the process to write to, which
// the caller closes after the start.
func newOutput(log io.Writer) (*output, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	o := &output{r: r, drains: make(chan chan struct{}, 1), ended: make(chan struct{}), log: log}
	go o.read()
	return o, w, nil
}

// read reads until the process and all it started have closed the pipe. A
// deadline in the past interrupts it to answer drain.
func (o *output) read() {
	defer close(o.ended)
	buf := make([]byte, 32<<10)
	for {
		n, err := o.r.Read(buf)
		o.take(buf[:n])
		if errors.Is(err, os.ErrDeadlineExceeded) {
			o.r.SetReadDeadline(time.Time{})
			o.readAvailable(buf)
			select {
			case ack := <-o.drains:
				close(ack)
			default:
			}
		} else if err != nil {
			return
		}
	}
}

// readAvailable reads what is in the pipe without waiting for more.
func (o *output) readAvailable(buf []byte) {
	conn, err := o.r.SyscallConn()
	if err != nil {
		return
	}
	for n := 1; n > 0; {
		err := conn.Read(func(fd uintptr) bool {
			n, _ = syscall.Read(int(fd), buf)
			return true
		})
		if err != nil || n <= 0 {
			return
		}
		o.take(buf[:n])
	}
}

// drain returns when all that was printed before the call is in the log, an
// unfinished line included.
func (o *output) drain() {
	ack := make(chan struct{})
	select {
	case o.drains <- ack:
		o.r.SetReadDeadline(time.Unix(1, 0))
		select {
		case <-ack:
		case <-o.ended:
		}
	case <-o.ended:
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.partial) > 0 {
		o.writeLocked(append(o.partial, '\n'))
		o.partial = nil
	}
}

func (o *output) take(p []byte) {
	// The bootstrap writes a message of several lines with carriage returns.
	p = bytes.ReplaceAll(p, []byte("\r"), []byte("\n"))
	o.mu.Lock()
	defer o.mu.Unlock()
	i := bytes.LastIndexByte(p, '\n')
	if i < 0 {
		if o.partial = append(o.partial, p...); len(o.partial) > maxLine {
			o.writeLocked(append(o.partial, '\n'))
			o.partial = nil
		}
		return
	}
	o.writeLocked(append(o.partial, p[:i+1]...))
	o.partial = append([]byte(nil), p[i+1:]...)
}

// line writes a line of our own to the log.
func (o *output) line(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writeLocked([]byte(text + "\n"))
}

func (o *output) writeLocked(p []byte) {
	_, _ = o.log.Write(p) // the log keeps its error and returns it when closed
	o.tail = append(o.tail, p...)
	if extra := len(o.tail) - tailSize; extra > 0 {
		o.tail = append([]byte(nil), o.tail[extra:]...)
	}
}

// mark begins a new tail.
func (o *output) mark() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tail = nil
}

// last returns the last 4 KB of the log since the mark.
func (o *output) last() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.tail)
}

func (o *output) close() {
	o.r.Close()
	<-o.ended
}
