package process

import (
	"errors"
	"net"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"salamander/batch"
)

// slack is how much later than the engine a shim enforces a time limit: it
// does so only where there is no engine.
const slack = time.Second

// shimFD is the file descriptor of the socket that a shim is started with.
const shimFD = 3

// RunShim is the whole life of a shim, the process between the engine and one
// attempt, that lets the attempt outlive the engine. It takes what to run from
// the socket that it was started with, claims the attempt, starts the command,
// keeps what it prints, and writes down how it ended. It returns the exit
// status of the program.
//
// An attempt's claim is made once: no second shim runs it. The command ends
// with its shim.
func RunShim() int {
	runtime.LockOSThread() // the command dies with the thread that starts it
	unheard := make(chan os.Signal, 1)
	signal.Notify(unheard, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE) // not ignored: commands would inherit that
	conn, err := inherited(shimFD)
	if err != nil {
		return 2 // nobody's shim
	}
	l := newLink(conn)
	var first order
	if l.dec.Decode(&first) != nil || first.Run == nil {
		return 0 // it was kept ready, and nobody needed it
	}
	s := &shim{spec: *first.Run, links: map[*listener]bool{}}
	s.changed = sync.NewCond(&s.mu)
	if err := s.run(l); err != nil {
		_ = l.send(report{Error: err.Error()})
		return 1
	}
	return 0
}

// inherited returns the connection that the process was given.
func inherited(fd int) (*net.UnixConn, error) {
	f := os.NewFile(uintptr(fd), "engine")
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	u, ok := c.(*net.UnixConn)
	if !ok {
		c.Close()
		return nil, errors.New("no unix socket")
	}
	return u, nil
}

// A shim runs one attempt.
type shim struct {
	spec spec
	proc *process
	out  *recorder

	mu        sync.Mutex // guards the fields below
	changed   *sync.Cond // any of them has changed
	links     map[*listener]bool
	began     *began
	output    int // grows with what is printed
	end       *end
	ordered   bool // somebody ended the command: the timeout does not
	timedOut  bool
	abandoned bool
}

// A listener is an engine that hears a shim.
type listener struct {
	*link
	told bool // everything, to the end
}

func (s *shim) run(first *link) error {
	if err := os.Chdir(s.spec.Dir); err != nil { // paths of sockets must be short
		return err
	}
	ln, err := net.Listen("unix", socketFile)
	if err != nil {
		return err
	}
	held, err := claim(".")
	if err != nil {
		return err
	}
	defer held.Close()
	file, err := os.OpenFile(outputFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	s.out = newRecorder(file, s.printed)
	r := batch.Run{JobID: s.spec.JobID, Attempt: batch.Attempt{Number: s.spec.Number}}
	s.proc, err = spawn(func(f func()) { f() }, ownedBy(r, s.spec.Home), s.spec.File, s.spec.Argv, s.spec.Env, s.spec.Home, s.out)
	if err != nil {
		return err
	}
	s.set(func() { s.began = &began{protocol, s.proc.Mark(), time.Now().UnixMilli()} })
	s.hear(first)
	go s.accept(ln)
	if s.spec.Timeout > 0 {
		timer := time.AfterFunc(s.spec.Timeout+slack, s.timeout)
		defer timer.Stop()
	}
	exit := s.proc.Wait()
	e := &end{Version: protocol, Code: exit.Code, Reason: exit.Reason, At: time.Now().UnixMilli()}
	s.mu.Lock()
	e.TimedOut = s.timedOut
	abandoned := s.abandoned
	s.mu.Unlock()
	if abandoned {
		return os.RemoveAll(s.spec.Dir)
	}
	s.set(func() { s.end = e })
	for e.keep(".") != nil && !s.gone() {
		time.Sleep(200 * time.Millisecond) // until there is room, or an engine has it
	}
	s.linger()
	return nil
}

// gone reports whether the attempt's directory was removed: the engine knows
// its end, or does not want it.
func (s *shim) gone() bool {
	_, err := os.Stat(s.spec.Dir)
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Is(err, os.ErrNotExist) || s.abandoned
}

// linger returns when all that listen were told the end.
func (s *shim) linger() {
	defer time.AfterFunc(time.Second, func() { s.set(func() { clear(s.links) }) }).Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		waits := false
		for l := range s.links {
			waits = waits || !l.told
		}
		if !waits {
			return
		}
		s.changed.Wait()
	}
}

// set changes what mu guards.
func (s *shim) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	s.changed.Broadcast()
}

func (s *shim) printed() { s.set(func() { s.output++ }) }

// accept takes engines that come later.
func (s *shim) accept(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			time.Sleep(10 * time.Millisecond) // for file descriptors
			continue
		}
		s.hear(newLink(c.(*net.UnixConn)))
	}
}

// hear tells an engine all that happens and does what it says.
func (s *shim) hear(l *link) {
	engine := &listener{link: l}
	s.set(func() { s.links[engine] = true })
	go s.tell(engine)
	go s.obey(engine)
}

// tell sends an engine what happens, until it is gone.
func (s *shim) tell(l *listener) {
	defer s.set(func() { delete(s.links, l) })
	if l.send(report{Started: s.began}) != nil {
		return
	}
	for seen := 0; ; {
		s.mu.Lock()
		for seen == s.output && s.end == nil && s.links[l] {
			s.changed.Wait()
		}
		output, e, open := s.output, s.end, s.links[l]
		s.mu.Unlock()
		m := report{Output: output != seen, End: e}
		if m.End != nil {
			m.Output = false
		}
		if !open || l.send(m) != nil {
			return
		}
		if e != nil {
			s.set(func() { l.told = true })
			return
		}
		seen = output
	}
}

// obey does what an engine says, until it is gone.
func (s *shim) obey(l *listener) {
	for {
		var o order
		if l.dec.Decode(&o) != nil {
			s.set(func() { delete(s.links, l) })
			l.conn.Close()
			return
		}
		switch {
		case o.Terminate != nil:
			s.set(func() { s.ordered = true })
			s.proc.Terminate()
			time.AfterFunc(o.Terminate.Grace+slack, s.proc.Kill)
		case o.Kill:
			s.set(func() { s.ordered = true })
			s.proc.Kill()
		case o.Abandon:
			s.set(func() { s.ordered, s.abandoned = true, true })
			s.out.drop()
			s.proc.Kill()
		}
	}
}

// timeout ends the command, unless somebody has.
func (s *shim) timeout() {
	s.mu.Lock()
	ordered := s.ordered
	if !ordered {
		s.ordered, s.timedOut = true, true
	}
	s.mu.Unlock()
	if !ordered {
		s.proc.Terminate()
		time.AfterFunc(s.spec.Grace, s.proc.Kill)
	}
}
