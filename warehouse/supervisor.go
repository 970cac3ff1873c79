// Package warehouse supervises a warehouse that speaks Redshift's SQL: it
// listens, starts the database in a child process on the first connection,
// hands it the connections, and starts it again when it crashes.
package warehouse

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// Options are what a [Supervisor] needs. Only Dir and Password have no
// default.
type Options struct {
	Dir      string       // for the database; made when missing
	Listener net.Listener // a TCP or unix listener; the zero value listens on Addr
	Addr     string       // "127.0.0.1:5439" where empty
	User     string       // "awsuser" where empty
	Password string
	Database string // "dev" where empty
	Account  string // whose objects COPY reads; "000000000000" where empty
	Region   string // "us-east-1" where empty

	MemoryLimit int64  // bytes; 0 is half of the machine's
	TempDir     string // for what does not fit into memory; below Dir where empty
	TempLimit   int64  // bytes of TempDir that may be used; 0 is nine tenths of what is free
	Threads     int    // 0 is one for each processor

	// Wire is how clients connect.
	Wire Wire

	// Objects resolves what COPY reads. nil has no buckets.
	Objects Objects

	// Log takes what no client is told; nil is nowhere.
	Log *slog.Logger

	// Command starts the child; empty is this executable with the argument
	// "warehouse". Env is added to its environment.
	Command []string
	Env     []string

	// Outlive lets the child run on when this process dies or calls
	// [Supervisor.Leave]: its sessions go on, it serves its address itself, and
	// the next Supervisor on Dir takes it over, whose Listener is what
	// [Inherited] returns. A COPY waits a minute for that. A child that nobody is
	// connected to ends after ten minutes. Listener must be of TCP.
	Outlive bool
	// Alone and Patience are these two times; for tests.
	Alone, Patience time.Duration

	// StartupWait is how long a connection waits for a child that starts
	// before it is told to come again; 5 s where 0.
	StartupWait time.Duration
}

func (o *Options) fill() error {
	if o.Dir == "" {
		return errors.New("warehouse: need a directory")
	}
	if o.Password == "" {
		return errors.New("warehouse: need a password")
	}
	if _, err := o.Wire.TLS(); err != nil {
		return err
	}
	o.Addr = cmp.Or(o.Addr, "127.0.0.1:5439")
	o.User = cmp.Or(o.User, "awsuser")
	o.Database = cmp.Or(o.Database, "dev")
	o.Account = cmp.Or(o.Account, "000000000000")
	o.Region = cmp.Or(o.Region, "us-east-1")
	o.StartupWait = cmp.Or(o.StartupWait, 5*time.Second)
	if o.Objects == nil {
		o.Objects = noObjects{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if len(o.Command) == 0 {
		exe, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this executable: %w", err)
		}
		o.Command = []string{exe, "warehouse"}
	}
	return nil
}

type noObjects struct{}

func (noObjects) Pin(context.Context, PinRequest) ([]PinnedObject, func(), error) {
	return nil, nil, ErrNoBucket
}

func (noObjects) Put(context.Context, PutRequest) error { return ErrNoBucket }

func (noObjects) Remove(context.Context, PinRequest) error { return ErrNoBucket }

// A Supervisor owns the address of a warehouse and the child that serves it.
type Supervisor struct {
	opt      Options
	config   ChildConfig
	listener net.Listener
	ctx      context.Context // ends when Stop begins
	cancel   context.CancelFunc
	work     sync.WaitGroup
	left     chan struct{} // closed by Leave

	mu     sync.Mutex // guards the fields below
	child  *child     // nil until the first connection
	closed bool
}

// Start listens and returns at once; the child starts with the first
// connection. The caller must call Stop.
func Start(opt Options) (*Supervisor, error) {
	if err := opt.fill(); err != nil {
		return nil, err
	}
	verifier, err := pgwire.NewVerifier(opt.Password)
	if err != nil {
		return nil, err
	}
	v, err := json.Marshal(verifier)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(opt.Dir, 0o700); err != nil {
		return nil, err
	}
	if opt.Listener == nil {
		if opt.Listener, err = net.Listen("tcp", opt.Addr); err != nil {
			return nil, err
		}
	}
	s := &Supervisor{opt: opt, listener: opt.Listener, config: ChildConfig{
		Dir: opt.Dir, User: opt.User, Database: opt.Database, Verifier: v, Account: opt.Account,
		Region: opt.Region, MemoryLimit: opt.MemoryLimit, TempDir: opt.TempDir, TempLimit: opt.TempLimit, Threads: opt.Threads, Wire: opt.Wire,
	}}
	s.config.Outlive, s.config.Alone, s.config.Patience = opt.Outlive, opt.Alone, opt.Patience
	s.config.Identity = s.identity()
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.left = make(chan struct{})
	if f, err := s.find(); err != nil {
		opt.Log.Warn("the warehouse is started anew", "err", err)
	} else if f != nil {
		s.child = newChild()
		s.child.began(f.process)
		s.child.configured(f.conns, f.ctrl)
		s.child.found = f
		s.work.Go(func() { s.supervise(s.child) })
	}
	s.work.Go(s.accept)
	return s, nil
}

// Addr is where the warehouse listens.
func (s *Supervisor) Addr() net.Addr { return s.listener.Addr() }

// PID returns the process number of the child, or 0 while there is none.
func (s *Supervisor) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.child == nil {
		return 0
	}
	return s.child.pid()
}

// Stop ends the child and closes the address. Statements that run are ended
// with an error; what was committed is kept. When ctx ends first the child is
// killed, which loses nothing either.
func (s *Supervisor) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	c := s.child
	s.mu.Unlock()
	s.listener.Close()
	s.cancel()
	var err error
	if c != nil {
		err = c.stop(ctx)
	}
	s.work.Wait()
	return err
}

// Leave lets a child that outlives this process run on, and closes the address:
// it is the child's alone now. Without one it is as Stop.
func (s *Supervisor) Leave() {
	s.mu.Lock()
	c, again := s.child, s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return
	}
	s.listener.Close()
	s.cancel()
	close(s.left)
	if c != nil && s.opt.Outlive {
		c.leave()
	} else if c != nil {
		_ = c.stop(context.Background())
	}
	s.work.Wait()
}

func (s *Supervisor) accept() {
	for {
		c, err := s.listener.Accept()
		if s.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			if err == nil {
				c.Close()
			}
			return
		} else if err != nil {
			s.opt.Log.Warn("the warehouse could not accept a connection", "err", err)
			select {
			case <-s.ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		s.work.Go(func() { s.handOver(c) })
	}
}

var (
	errStarting = &sqlstate.Error{Code: sqlstate.CannotConnectNow, Message: "the database system is starting up"}
	errStopping = &sqlstate.Error{Code: sqlstate.CannotConnectNow, Message: "the database system is shutting down"}
)

// handOver gives a connection to the child as soon as one is ready.
func (s *Supervisor) handOver(c net.Conn) {
	ctx, cancel := context.WithTimeout(s.ctx, s.opt.StartupWait)
	defer cancel()
	for {
		child := s.current()
		if child == nil {
			pgwire.Refuse(c, errStopping)
			return
		}
		if why := child.wait(ctx); why != nil {
			pgwire.Refuse(c, why)
			return
		}
		if sc, ok := c.(interface {
			net.Conn
			rawConn
		}); ok {
			if has, err := child.pass(sc); has {
				c.Close()
				return
			} else if err != nil && child.running() && !gone(err) {
				s.opt.Log.Warn("a connection could not be handed to the warehouse", "err", err)
				pgwire.Refuse(c, errStarting)
				return
			}
		}
		select { // it died just now: its successor takes over
		case <-ctx.Done():
			pgwire.Refuse(c, errStarting)
			return
		case <-child.ended:
		}
	}
}

// gone reports whether err tells that the other end of a socket is closed.
func gone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, net.ErrClosed)
}

// current returns the child that serves or starts, beginning one when there
// is none, or nil when the supervisor is stopped.
func (s *Supervisor) current() *child {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	if s.child == nil {
		s.child = newChild()
		s.work.Go(func() { s.supervise(s.child) })
	}
	return s.child
}

// restartDelays are the pauses before the next attempt to start a child that
// never became ready; one that was ready is started again at once.
var restartDelays = [...]time.Duration{0, 100 * time.Millisecond, 500 * time.Millisecond, 2 * time.Second, 5 * time.Second, 15 * time.Second}

// supervise runs c, and a successor whenever it ends, until Stop.
func (s *Supervisor) supervise(c *child) {
	failures := 0
	for {
		began := time.Now()
		err := s.run(c)
		wasReady := c.wasReady() || c.found != nil
		if err != nil && !wasReady && c.failure() == "" {
			c.fail("its process ended: " + err.Error())
		}
		s.mu.Lock()
		if s.closed {
			c.end(errStopping)
			s.mu.Unlock()
			return
		}
		next := newChild()
		next.reason = c.failure()
		s.child = next
		s.mu.Unlock()
		if wasReady {
			failures = 0
			next.reason = ""
		} else {
			failures = min(failures+1, len(restartDelays)-1)
			next.rest(true)
		}
		c.end(errStarting)
		s.opt.Log.Warn("the warehouse ended and is started again", "err", err, "reason", c.failure(), "in", restartDelays[failures], "after", time.Since(began).Round(time.Millisecond))
		select {
		case <-s.ctx.Done():
		case <-time.After(restartDelays[failures]):
		}
		next.rest(false)
		c = next
	}
}

// run starts a process for c, unless it is one that was found, and waits for its
// end. The thread that starts it is kept until then, since the child may die
// with it.
func (s *Supervisor) run(c *child) error {
	if f := c.found; f != nil {
		defer s.tail(s.openLog(io.SeekEnd))()
		s.converse(c, f.conns, f.ctrl)
		return errors.New("it is gone")
	}
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	conns, connsFile, err := socketPair()
	if err != nil {
		return err
	}
	defer conns.Close()
	ctrlConn, ctrlFile, err := socketPair()
	if err != nil {
		connsFile.Close()
		return err
	}
	defer ctrlConn.Close()
	cmd := exec.Command(s.opt.Command[0], s.opt.Command[1:]...)
	cmd.Env = append(os.Environ(), s.opt.Env...)
	cmd.ExtraFiles = []*os.File{connsFile, ctrlFile}
	cmd.SysProcAttr = attributes(s.opt.Outlive)
	var said io.Reader // what the child says of itself
	if s.opt.Outlive {
		err = s.outliving(cmd)
	} else {
		said, err = cmd.StderrPipe()
	}
	if err == nil {
		err = cmd.Start()
	}
	for _, f := range cmd.ExtraFiles {
		f.Close()
	}
	if err != nil {
		c.fail(err.Error())
		return err
	}
	if !c.began(cmd.Process) { // it has done nothing yet
		cmd.Process.Kill()
		return cmd.Wait()
	}
	ctrl := newControl(ctrlConn)
	var reader sync.WaitGroup
	if s.opt.Outlive {
		defer s.tail(s.openLog(io.SeekStart))()
	} else {
		reader.Go(func() { s.logLines(said) })
	}
	err = ctrl.send(message{Config: &s.config})
	if s.opt.Outlive && err == nil {
		err = passConn(conns, s.listener.(rawConn)) // as one of ExtraFiles it would become one that blocks
	}
	if err != nil {
		s.opt.Log.Warn("the warehouse could not be configured", "err", err)
		cmd.Process.Kill()
	}
	c.configured(conns, ctrl)
	s.converse(c, conns, ctrl)
	reader.Wait() // before Wait, which closes the pipe
	if !s.opt.Outlive {
		return cmd.Wait()
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err = <-ended:
	case <-s.left:
	}
	return err
}

// outliving gives a child that outlives this process a file to say what it cannot
// tell its parent.
func (s *Supervisor) outliving(cmd *exec.Cmd) error {
	if _, ok := s.listener.(rawConn); !ok {
		return fmt.Errorf("the address %v cannot be given to a child", s.listener.Addr())
	}
	f, err := os.OpenFile(s.logFile(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	cmd.Stderr = f
	cmd.ExtraFiles = append(cmd.ExtraFiles, f) // so that it is closed here
	return nil
}

func (s *Supervisor) logFile() string { return filepath.Join(s.opt.Dir, "child.log") }

// openLog opens the file, at its beginning or its end.
func (s *Supervisor) openLog(whence int) *os.File {
	f, err := os.Open(s.logFile())
	if err == nil {
		_, err = f.Seek(0, whence)
	}
	if err != nil {
		s.opt.Log.Warn("what the warehouse says cannot be read", "err", err)
	}
	return f // nil is closed already
}

// tail logs what comes to f until the function that it returns is called.
func (s *Supervisor) tail(f *os.File) func() {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer f.Close()
		for open := true; open; {
			select {
			case <-end:
				open = false
			case <-time.After(time.Second):
			}
			s.logLines(f)
		}
	}()
	return func() { close(end); <-ended }
}

// converse serves c's messages until it is gone, or left.
func (s *Supervisor) converse(c *child, conns *net.UnixConn, ctrl *control) {
	var helpers sync.WaitGroup
	helpers.Go(func() { s.serveControl(c, ctrl) })
	helpers.Go(func() { c.confirmations(conns) })
	helpers.Wait()
	conns.Close()
	ctrl.rw.Close()
}

func (s *Supervisor) logLines(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" {
			s.opt.Log.Warn("warehouse: " + line)
		}
	}
	io.Copy(io.Discard, r)
}

// serveControl answers the child's messages until it is gone.
func (s *Supervisor) serveControl(c *child, ctrl *control) {
	pins := pinTable{releases: map[int64]func(){}}
	defer pins.close()
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	for {
		m, err := ctrl.receive()
		switch {
		case err != nil:
			return
		case m.Ready:
			c.serve()
		case m.Failed != "":
			c.fail(m.Failed)
		case m.Release:
			pins.release(m.ID)
		case m.Pin != nil:
			s.work.Go(func() { ctrl.send(message{ID: m.ID, Pinned: s.pin(ctx, &pins, m)}) })
		case m.Put != nil:
			s.work.Go(func() { ctrl.send(message{ID: m.ID, Pinned: answerOf(s.opt.Objects.Put(ctx, *m.Put))}) })
		case m.Remove != nil:
			s.work.Go(func() { ctrl.send(message{ID: m.ID, Pinned: answerOf(s.opt.Objects.Remove(ctx, *m.Remove))}) })
		}
	}
}

func (s *Supervisor) pin(ctx context.Context, pins *pinTable, m message) *pinned {
	objects, release, err := s.opt.Objects.Pin(ctx, *m.Pin)
	if err != nil {
		return answerOf(err)
	}
	pins.add(m.ID, release)
	return &pinned{Objects: objects}
}

// answerOf tells the child how a request ended.
func answerOf(err error) *pinned {
	var service *ServiceError
	switch {
	case err == nil:
		return &pinned{}
	case errors.Is(err, ErrNoBucket):
		return &pinned{NoBucket: true}
	case errors.As(err, &service):
		return &pinned{Service: service}
	}
	return &pinned{Error: err.Error()}
}

// A pinTable holds the pins of one child, released by request or with it.
type pinTable struct {
	mu       sync.Mutex // guards the fields below
	releases map[int64]func()
	early    map[int64]bool // released before they were pinned
	closed   bool
}

func (p *pinTable) add(id int64, release func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.early[id] {
		delete(p.early, id)
		release()
		return
	}
	p.releases[id] = release
}

func (p *pinTable) release(id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if release := p.releases[id]; release != nil {
		delete(p.releases, id)
		release()
		return
	}
	if p.early == nil {
		p.early = map[int64]bool{}
	}
	p.early[id] = true
}

func (p *pinTable) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, release := range p.releases {
		release()
	}
	clear(p.releases)
}
