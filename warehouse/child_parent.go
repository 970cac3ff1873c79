package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"salamander/warehouse/pgwire"
)

// aloneFor is how long a child that nobody is connected to waits for a parent.
const aloneFor = 10 * time.Minute

// A served is a child's side of its parents, one after the other: the first
// started it, and the later ones find it by its socket. Between two of them it
// accepts connections itself.
type served struct {
	cfg     ChildConfig
	log     *slog.Logger
	objects *remoteObjects
	ctx     context.Context
	cancel  context.CancelFunc // ends the child

	address  deadlineListener // that it serves; nil where it does not outlive its parent
	socket   net.Listener     // where parents find it
	loops    sync.WaitGroup   // what may begin sessions
	sessions sync.WaitGroup

	mu      sync.Mutex // guards the fields below
	parent  *control   // nil while there is none
	conns   *net.UnixConn
	outlive bool
	retire  bool // it ends when nobody is connected
	server  *pgwire.Server
	open    int       // sessions
	idle    time.Time // since when there is neither parent nor session
	closed  bool
}

// A deadlineListener is a listener whose Accept can be ended for some time.
type deadlineListener interface {
	net.Listener
	SetDeadline(t time.Time) error
}

// listen takes the address over from the parent, and makes the socket.
func (c *served) listen(conns *net.UnixConn) error {
	f, err := takeFile(conns, "address") // the first that comes
	if err != nil {
		return err
	}
	ln, err := net.FileListener(f)
	f.Close()
	if err != nil {
		return err
	}
	address, ok := ln.(deadlineListener)
	if !ok {
		ln.Close()
		return errors.New("its address is no socket")
	}
	dir, err := os.Open(c.cfg.Dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	// Made beside and moved: a predecessor that ends just now has one too.
	temporary := filepath.Join(c.cfg.Dir, socketName+".new")
	if err := os.Remove(temporary); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	socket, err := net.Listen("unix", filepath.Join(shortPath(dir), socketName+".new"))
	if err != nil {
		return err
	}
	socket.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := os.Rename(temporary, filepath.Join(c.cfg.Dir, socketName)); err != nil {
		socket.Close()
		return err
	}
	c.address, c.socket = address, socket
	go c.answer()
	go c.watch()
	return nil
}

// begin has the child serve.
func (c *served) begin(server *pgwire.Server) {
	c.mu.Lock()
	c.server = server
	parent := c.parent
	c.mu.Unlock()
	if parent != nil {
		_ = parent.send(message{Ready: true})
	} else {
		c.alone()
	}
}

// tell tells the parent, if there is one.
func (c *served) tell(m message) {
	c.mu.Lock()
	parent := c.parent
	c.mu.Unlock()
	if parent != nil {
		_ = parent.send(m)
	}
}

// join makes ctrl and conns those of the parent, in place of another.
func (c *served) join(conns *net.UnixConn, ctrl *control) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		conns.Close()
		ctrl.rw.Close()
		return
	}
	old, oldConns := c.parent, c.conns
	c.parent, c.conns = ctrl, conns
	ready := c.server != nil
	c.loops.Go(func() { c.take(conns) })
	c.mu.Unlock()
	if old != nil {
		old.rw.Close()
		oldConns.Close()
	}
	if c.address != nil {
		_ = c.address.SetDeadline(time.Unix(1, 0)) // the parent accepts
	}
	go c.obey(ctrl)
	c.objects.join(ctrl)
	if ready {
		_ = ctrl.send(message{Ready: true})
	}
}

// obey does what a parent says, until it says stop or is gone.
func (c *served) obey(ctrl *control) {
	for {
		m, err := ctrl.receive()
		switch {
		case err != nil:
			c.left(ctrl)
			return
		case m.Stop:
			c.cancel()
		case m.Pinned != nil:
			c.objects.answered(m)
		}
	}
}

// left notes that a parent is gone.
func (c *served) left(ctrl *control) {
	ctrl.rw.Close()
	c.mu.Lock()
	if c.parent != ctrl {
		c.mu.Unlock()
		return // another has taken its place
	}
	c.parent, c.idle = nil, time.Now()
	c.conns.Close()
	outlive, serving := c.outlive, c.server != nil
	c.mu.Unlock()
	if !outlive {
		c.cancel()
		return
	}
	c.objects.leave()
	c.log.Info("the warehouse runs on without its server")
	if serving {
		c.alone()
	}
}

// alone accepts connections until there is a parent.
func (c *served) alone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parent != nil || c.closed || c.address == nil {
		return
	}
	_ = c.address.SetDeadline(time.Time{})
	c.loops.Go(func() {
		for {
			conn, err := c.address.Accept()
			if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) {
				return
			} else if err != nil {
				time.Sleep(50 * time.Millisecond) // for file descriptors
				continue
			}
			c.serve(conn)
		}
	})
}

// take takes connections from a parent until it is gone.
func (c *served) take(conns *net.UnixConn) {
	for {
		conn, err := takeConn(conns)
		if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || gone(err) {
			return
		} else if err != nil {
			c.log.Warn("a connection could not be taken over", "err", err)
			continue
		}
		if _, err := conns.Write([]byte{1}); err != nil { // now it is ours: see child.pass
			conn.Close()
			return
		}
		c.serve(conn)
	}
}

// serve begins a session.
func (c *served) serve(conn net.Conn) {
	c.mu.Lock()
	c.open++
	server := c.server
	c.mu.Unlock()
	c.sessions.Go(func() {
		server.Serve(c.ctx, conn)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.open--; c.open == 0 {
			c.idle = time.Now()
		}
		c.rest()
	})
}

// rest ends a child that was to end when nobody is connected. mu is held.
func (c *served) rest() {
	if c.retire && c.open == 0 {
		c.cancel()
	}
}

// answer answers those who come to the socket.
func (c *served) answer() {
	for {
		conn, err := c.socket.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		} else if err != nil {
			time.Sleep(50 * time.Millisecond) // for file descriptors
			continue
		}
		go c.grant(conn.(*net.UnixConn))
	}
}

// grant does what somebody at the socket asks for. Only who may read the
// directory comes there.
func (c *served) grant(conn *net.UnixConn) {
	_ = conn.SetDeadline(time.Now().Add(answerWithin))
	ctrl := newControl(conn)
	var r request
	line, err := ctrl.r.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	switch {
	case err != nil:
	case r.End && c.end():
		<-make(chan struct{}) // open until the process has ended
	case r.End:
		_, err = conn.Write([]byte{1})
	case r.Find:
		err = passConn(conn, c.address.(interface {
			net.Listener
			rawConn
		}))
	case r.Attach != nil:
		if err = c.attach(conn, ctrl, *r.Attach); err == nil {
			return
		}
	}
	if err != nil {
		c.log.Warn("a request to the warehouse's socket failed", "err", err)
	}
	conn.Close()
}

// end ends the child if nobody is connected.
func (c *served) end() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open > 0 {
		return false
	}
	c.cancel()
	return true
}

// attach makes who has connected the parent.
func (c *served) attach(conn *net.UnixConn, ctrl *control, a attach) error {
	ours, theirs, err := socketPair()
	if err != nil {
		return err
	}
	defer theirs.Close()
	if err = passConn(conn, theirs); err == nil {
		err = ctrl.send(message{Attached: &attached{Protocol: childProtocol, PID: os.Getpid(), Same: a.Identity == c.cfg.Identity}})
	}
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	if err != nil {
		ours.Close()
		return err
	}
	c.mu.Lock()
	c.outlive = a.Outlive
	c.retire = a.Identity != c.cfg.Identity || a.Protocol != childProtocol
	c.mu.Unlock()
	c.join(ours, ctrl)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rest()
	return nil
}

// watch ends a child that nobody needs: without a parent and connections for
// long, or whose directory is gone.
func (c *served) watch() {
	limit := c.cfg.Alone
	if limit == 0 {
		limit = aloneFor
	}
	tick := time.NewTicker(min(limit, 2*time.Second))
	defer tick.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-tick.C:
		}
		_, err := os.Stat(c.cfg.Dir)
		c.mu.Lock()
		alone := c.parent == nil
		idle := alone && c.open == 0 && time.Since(c.idle) >= limit
		c.mu.Unlock()
		if idle || alone && errors.Is(err, os.ErrNotExist) {
			c.cancel()
		}
	}
}

// close ends what may begin sessions. It may be called again.
func (c *served) close() {
	c.mu.Lock()
	c.closed = true
	conns := c.conns
	c.mu.Unlock()
	c.objects.end()
	if c.address != nil {
		c.address.Close()
	}
	if c.socket != nil {
		c.socket.Close()
	}
	if conns != nil {
		conns.Close()
	}
	c.loops.Wait()
}
