package warehouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// A child that outlives its parent is found again by a socket in the directory
// of its database. Whoever connects says in one message what it wants.

// socketName is the socket's file.
const socketName = "child.sock"

// answerWithin is how long a child may take to answer on its socket.
const answerWithin = 5 * time.Second

// A request is what somebody who connects to a child's socket wants: one part
// is set.
type request struct {
	Find   bool    `json:",omitempty"` // the address it serves
	Attach *attach `json:",omitempty"` // to be its parent
	End    bool    `json:",omitempty"` // answered with a byte where somebody is connected
}

// ErrBusy is returned by [End] when clients are connected.
var ErrBusy = errors.New("clients are connected to the warehouse, which runs on without its server")

// attach is what a new parent tells.
type attach struct {
	Protocol int
	Identity string // of the child that it would have started
	Outlive  bool   // whether the child is to outlive it
}

// attached is what a child answers.
type attached struct {
	Protocol int
	PID      int
	Same     bool // it is as the parent would have started it; else it ends when it is idle
}

// childProtocol is the number of this form of the messages between parent and
// child. A child of another is ended.
const childProtocol = 1

// dialChild connects to the child that has its database in dir.
func dialChild(dir string) (*net.UnixConn, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	c, err := net.DialTimeout("unix", filepath.Join(shortPath(d), socketName), answerWithin)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		c.Close()
		return nil, err
	}
	return c.(*net.UnixConn), nil
}

// ask connects to the child in dir and sends a request.
func ask(dir string, r request) (*net.UnixConn, error) {
	c, err := dialChild(dir)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(r)
	if err == nil {
		_, err = c.Write(append(text, '\n'))
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Inherited returns the address of the child that has its database in dir, and
// that outlived its parent, to be served by its next parent: as the Listener of
// [Options]. It returns nil when there is no such child.
func Inherited(dir string) net.Listener {
	c, err := ask(dir, request{Find: true})
	if err != nil {
		return nil
	}
	defer c.Close()
	f, err := takeFile(c, "warehouse")
	if err != nil {
		return nil
	}
	defer f.Close()
	ln, err := net.FileListener(f)
	if err != nil {
		return nil
	}
	return ln
}

// End ends the child that has its database in dir, if one outlived its parent,
// and returns when its process is gone. While clients are connected it returns
// [ErrBusy].
func End(ctx context.Context, dir string) error {
	c, err := ask(dir, request{End: true})
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	} else if err != nil {
		return fmt.Errorf("end the warehouse in %s: %w", dir, err)
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := c.SetDeadline(time.Time{}); err != nil {
		return err
	}
	switch n, err := c.Read(make([]byte, 1)); { // open as long as the process
	case n > 0:
		return ErrBusy
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("end the warehouse in %s: %w", dir, ctx.Err())
	}
	return nil
}

// identity tells children apart that are not to be had as each other: by their
// program, configuration and password.
func (s *Supervisor) identity() string {
	cfg := s.config
	cfg.Verifier, cfg.Outlive = nil, false // one has a salt
	h := sha256.New()
	_ = json.NewEncoder(h).Encode([]any{cfg, s.opt.Password, s.opt.Command})
	if info, err := os.Stat(s.opt.Command[0]); err == nil {
		fmt.Fprint(h, info.Size(), info.ModTime().UnixNano())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A found is a child that outlived its parent, and has this one now.
type found struct {
	process *os.Process
	conns   *net.UnixConn
	ctrl    *control
}

// find takes over the child in s's directory, or returns nil.
func (s *Supervisor) find() (*found, error) {
	c, err := ask(s.opt.Dir, request{Attach: &attach{Protocol: childProtocol, Identity: s.config.Identity, Outlive: s.opt.Outlive}})
	if err != nil {
		return nil, nil
	}
	f, err := takeFile(c, "warehouse-parent")
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("take over the warehouse that runs in %s: %w", s.opt.Dir, err)
	}
	conns, err := connOf(f)
	ctrl := newControl(c)
	var m message
	if err == nil {
		m, err = ctrl.receive()
	}
	if err == nil && m.Attached == nil {
		err = errors.New("it does not say who it is")
	}
	if err == nil && m.Attached.Protocol != childProtocol {
		err = fmt.Errorf("it is of another release, whose protocol is %d: %w", m.Attached.Protocol, ctrl.send(message{Stop: true}))
	}
	if err == nil {
		err = c.SetDeadline(time.Time{})
	}
	var process *os.Process
	if err == nil {
		process, err = os.FindProcess(m.Attached.PID)
	}
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("take over the warehouse that runs in %s: %w", s.opt.Dir, err)
	}
	s.opt.Log.Info("the warehouse that ran on is taken over", "pid", process.Pid, "same", m.Attached.Same)
	return &found{process, conns, ctrl}, nil
}
