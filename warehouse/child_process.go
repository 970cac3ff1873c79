package warehouse

import (
	"context"
	"net"
	"os"
	"sync"
	"syscall"

	"salamander/warehouse/sqlstate"
)

type rawConn = syscall.Conn

// A child is one process of the warehouse, from before it is started until it
// has ended.
type child struct {
	ready chan struct{} // closed when it serves
	ended chan struct{} // closed when it is gone, with why set
	found *found        // nil where this process started it

	mu      sync.Mutex // guards the fields below
	process *os.Process
	conns   *net.UnixConn // with ctrl from when it is configured
	ctrl    *control
	asked   wish
	serving bool
	passed  int           // how many connections it was sent
	taken   int           // and how many of them it has
	arrived chan struct{} // closed when taken grows
	resting bool          // it is not started yet, since its predecessor could not serve
	reason  string        // why it, or its predecessor, could not serve
	why     *sqlstate.Error
}

// A wish is what a child's parent wants of it, which may come before there is a
// process to tell.
type wish int

const (
	toServe wish = iota
	toStop
	toRunOn // without this parent
)

func newChild() *child {
	return &child{ended: make(chan struct{}), ready: make(chan struct{})}
}

// leave ends the connection to the child.
func (c *child) leave() {
	ctrl, conns := c.ask(toRunOn)
	if ctrl != nil {
		ctrl.rw.Close()
		conns.Close()
	}
}

// ask notes what the parent wants, and returns how to tell the child, if it can
// be told yet.
func (c *child) ask(what wish) (*control, *net.UnixConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = what
	return c.ctrl, c.conns
}

// began notes the child's process, and reports whether it is to serve still.
func (c *child) began(p *os.Process) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.process = p
	return c.asked == toServe
}

// configured notes how to speak to the child, and tells it what was asked of it
// before that.
func (c *child) configured(conns *net.UnixConn, ctrl *control) {
	c.mu.Lock()
	c.conns, c.ctrl = conns, ctrl
	asked := c.asked
	c.mu.Unlock()
	switch asked {
	case toStop:
		_ = ctrl.send(message{Stop: true})
	case toRunOn:
		c.leave()
	}
}

func (c *child) serve() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.serving {
		c.serving = true
		close(c.ready)
	}
}

func (c *child) fail(reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reason = reason
}

func (c *child) rest(yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resting = yes
}

func (c *child) rests() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.resting
}

func (c *child) failure() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reason
}

func (c *child) wasReady() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.serving
}

func (c *child) end(why *sqlstate.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.why = why
	close(c.ended)
}

func (c *child) running() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

func (c *child) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return 0
	}
	return c.process.Pid
}

// wait waits until the child serves. Otherwise it returns what to tell a
// client. Nobody waits for one that rests: the reason is known.
func (c *child) wait(ctx context.Context) *sqlstate.Error {
	if !c.rests() {
		select {
		case <-c.ready:
			return nil
		case <-ctx.Done():
		case <-c.ended:
		}
	}
	why := *errStarting
	if reason := c.failure(); reason != "" {
		why.Message = "the warehouse cannot start: " + reason
	}
	return &why
}

// stop asks the child to end, and kills it when ctx ends first.
func (c *child) stop(ctx context.Context) error {
	if ctrl, _ := c.ask(toStop); ctrl != nil {
		ctrl.send(message{Stop: true})
	}
	select {
	case <-c.ended:
		return nil
	case <-ctx.Done():
	}
	c.mu.Lock()
	process := c.process
	c.mu.Unlock()
	if process != nil {
		process.Kill()
	}
	<-c.ended
	return ctx.Err()
}

// pass hands a connection over, and returns when the child has it. It reports
// false when the child ended before: then the connection is as it was.
func (c *child) pass(conn rawConn) (bool, error) {
	c.mu.Lock()
	err := passConn(c.conns, conn)
	if err != nil {
		c.mu.Unlock()
		return false, err
	}
	c.passed++
	for n := c.passed; c.taken < n; {
		if c.arrived == nil {
			c.arrived = make(chan struct{})
		}
		arrived := c.arrived
		c.mu.Unlock()
		select {
		case <-arrived:
		case <-c.ended:
			return c.has(n), nil
		}
		c.mu.Lock()
	}
	c.mu.Unlock()
	return true, nil
}

func (c *child) has(n int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.taken >= n
}

// confirmations reads a byte for each connection that the child has, until
// it is gone.
func (c *child) confirmations(conns *net.UnixConn) {
	b := make([]byte, 64)
	for {
		n, err := conns.Read(b)
		if err != nil {
			return
		}
		c.mu.Lock()
		c.taken += n
		if c.arrived != nil {
			close(c.arrived)
			c.arrived = nil
		}
		c.mu.Unlock()
	}
}
