package process

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// spareFor is how long a shim is kept ready after the last one was needed.
const spareFor = 30 * time.Second

// A shims starts shims, and keeps one ready while they are needed: a program
// of this size takes some milliseconds to start.
type shims struct {
	argv []string

	mu       sync.Mutex // guards the fields below
	spare    *link
	starting bool
	closed   bool
	timer    *time.Timer // closes the spare
}

// take returns the connection to a shim that has no attempt yet. The caller
// calls refill when that runs.
func (s *shims) take() (*link, error) {
	s.mu.Lock()
	l := s.spare
	s.spare = nil
	s.mu.Unlock()
	if l != nil {
		return l, nil
	}
	return s.start()
}

// refill starts a spare, unless there is one.
func (s *shims) refill() {
	s.mu.Lock()
	have := s.starting || s.closed || s.spare != nil
	s.starting = s.starting || !have
	s.mu.Unlock()
	if have {
		return
	}
	l, err := s.start()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.starting = false
	switch {
	case err != nil: // the next one who needs it is told
		return
	case s.closed:
		l.conn.Close()
		return
	}
	s.spare = l
	if s.timer == nil {
		s.timer = time.AfterFunc(spareFor, s.rest)
	} else {
		s.timer.Reset(spareFor)
	}
}

// rest lets the spare go.
func (s *shims) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spare != nil {
		s.spare.conn.Close() // it ends by itself
		s.spare = nil
	}
}

func (s *shims) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.rest()
}

// start starts a shim in a session of its own, with nothing open but the
// socket.
func (s *shims) start() (*link, error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	for _, fd := range fds {
		syscall.CloseOnExec(fd)
	}
	theirs := os.NewFile(uintptr(fds[1]), "shim")
	defer theirs.Close()
	ours, err := inherited(fds[0])
	if err != nil {
		return nil, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		ours.Close()
		return nil, err
	}
	defer null.Close()
	proc, err := os.StartProcess(s.argv[0], s.argv, &os.ProcAttr{
		Dir: "/", Env: append(os.Environ(), "GOMAXPROCS=1"), Files: []*os.File{null, null, null, theirs},
		Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("start the job's shim: %w", err)
	}
	go proc.Wait() // so that it does not stay a zombie
	return newLink(ours), nil
}

// dialShim connects to the shim of the attempt in dir, if it lives.
func dialShim(dir string) (*link, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	c, err := net.Dial("unix", filepath.Join(shortPath(d), socketFile))
	if err != nil {
		return nil, err
	}
	return newLink(c.(*net.UnixConn)), nil
}
