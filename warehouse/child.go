package warehouse

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"salamander/warehouse/pgwire"
)

// An Engine is a database that runs sessions.
type Engine interface {
	Open(ctx context.Context, start pgwire.Startup) (pgwire.Session, error)

	// Close ends the engine, after all sessions are closed.
	Close() error
}

// An Opener opens the engine of a child.
type Opener func(cfg ChildConfig, objects Objects, log *slog.Logger) (Engine, error)

// RunChild is the child's whole life: it takes its configuration and its
// connections from the parent, on file descriptors 3 and 4, and serves until
// the parent says stop or is gone.
func RunChild(ctx context.Context, open Opener, log *slog.Logger) error {
	conns, err := unixConn(connsFD, "conns")
	if err != nil {
		return errors.New("warehouse: this command is started by salamander itself, with its connections")
	}
	defer conns.Close()
	ctrl, err := unixConn(controlFD, "control")
	if err != nil {
		return errors.New("warehouse: this command is started by salamander itself, with its connections")
	}
	return runChild(ctx, conns, newControl(ctrl), open, log)
}

func runChild(ctx context.Context, conns *net.UnixConn, ctrl *control, open Opener, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	first, err := ctrl.receive()
	if err != nil || first.Config == nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	cfg := *first.Config
	var verifier pgwire.Verifier
	if err := json.Unmarshal(cfg.Verifier, &verifier); err != nil {
		return fmt.Errorf("read the password's verifier: %w", err)
	}
	objects := &remoteObjects{ctrl: ctrl, waiting: map[int64]chan pinned{}}
	engine, err := openPatiently(ctx, open, cfg, objects, log)
	if err != nil {
		ctrl.send(message{Failed: err.Error()})
		return err
	}
	server := &pgwire.Server{Users: map[string]pgwire.Verifier{cfg.User: verifier}, Open: engine.Open, Log: log}
	if server.TLS, err = cfg.Wire.TLS(); err != nil {
		ctrl.send(message{Failed: err.Error()})
		return err
	}
	server.Password, server.MaxConnections = cfg.Wire.Password, cmp.Or(cfg.Wire.MaxConnections, MaxConnections)
	if users, ok := engine.(interface {
		Verifier(user string) (pgwire.Verifier, bool)
	}); ok { // it has users of its own
		server.Lookup = users.Verifier
	}
	go func() {
		defer cancel()
		objects.serve() // until the parent says stop or is gone
	}()
	stop := context.AfterFunc(ctx, func() { conns.Close() })
	defer stop()
	dead := make(chan struct{})
	if mortal, ok := engine.(interface{ Dead() <-chan struct{} }); ok {
		go func() {
			select {
			case <-ctx.Done():
				return
			case <-mortal.Dead():
			}
			time.Sleep(lastWords)
			close(dead)
			cancel()
		}()
	}
	if err := ctrl.send(message{Ready: true}); err != nil {
		return err
	}
	var sessions sync.WaitGroup
	for {
		c, err := takeConn(conns)
		if ctx.Err() != nil || errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			log.Warn("a connection could not be taken over", "err", err)
			continue
		}
		if _, err := conns.Write([]byte{1}); err != nil { // now it is ours: see child.pass
			c.Close()
			break
		}
		sessions.Go(func() { server.Serve(ctx, c) })
	}
	cancel()
	select {
	case <-dead:
		return errors.New("the database cannot go on")
	default:
	}
	sessions.Wait()
	return engine.Close()
}

// lastWords is how long the clients of a database that cannot go on have to
// be told.
const lastWords = 100 * time.Millisecond

// openPatiently opens the engine. A predecessor whose parent was killed may
// hold the file for a moment still.
func openPatiently(ctx context.Context, open Opener, cfg ChildConfig, objects Objects, log *slog.Logger) (Engine, error) {
	deadline := time.Now().Add(5 * time.Second)
	for {
		e, err := open(cfg, objects, log)
		if !errors.Is(err, ErrLocked) || time.Now().After(deadline) {
			return e, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// ErrLocked is returned by an [Opener] when another process has the database.
var ErrLocked = errors.New("another process has the warehouse's database open")

// remoteObjects asks the parent to pin objects.
type remoteObjects struct {
	ctrl *control

	mu      sync.Mutex // guards the fields below
	next    int64
	gone    bool
	waiting map[int64]chan pinned
}

// serve hands answers to those who wait for them, until the parent says stop
// or is gone.
func (r *remoteObjects) serve() {
	for {
		m, err := r.ctrl.receive()
		if err != nil || m.Stop {
			break
		}
		if m.Pinned == nil {
			continue
		}
		r.mu.Lock()
		if ch := r.waiting[m.ID]; ch != nil {
			ch <- *m.Pinned
			delete(r.waiting, m.ID)
		}
		r.mu.Unlock()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = true
	for id, ch := range r.waiting {
		close(ch)
		delete(r.waiting, id)
	}
}

// Pin asks the parent.
func (r *remoteObjects) Pin(ctx context.Context, req PinRequest) ([]PinnedObject, func(), error) {
	p, id, err := r.ask(ctx, message{Pin: &req})
	return p.Objects, func() { r.ctrl.send(message{Release: true, ID: id}) }, err
}

// Put asks the parent.
func (r *remoteObjects) Put(ctx context.Context, req PutRequest) error {
	_, _, err := r.ask(ctx, message{Put: &req})
	return err
}

// Remove asks the parent.
func (r *remoteObjects) Remove(ctx context.Context, req PinRequest) error {
	_, _, err := r.ask(ctx, message{Remove: &req})
	return err
}

// ask sends a request and waits for its answer.
func (r *remoteObjects) ask(ctx context.Context, m message) (pinned, int64, error) {
	ch := make(chan pinned, 1)
	r.mu.Lock()
	if r.gone {
		r.mu.Unlock()
		return pinned{}, 0, errors.New("the warehouse is shutting down")
	}
	r.next++
	m.ID = r.next
	r.waiting[m.ID] = ch
	r.mu.Unlock()
	if err := r.ctrl.send(m); err != nil {
		return pinned{}, 0, fmt.Errorf("ask for objects: %w", err)
	}
	select {
	case <-ctx.Done():
		if m.Pin != nil {
			r.ctrl.send(message{Release: true, ID: m.ID})
		}
		return pinned{}, 0, context.Cause(ctx)
	case p, ok := <-ch:
		switch {
		case !ok:
			return pinned{}, 0, errors.New("the warehouse is shutting down")
		case p.NoBucket:
			return pinned{}, 0, ErrNoBucket
		case p.Service != nil:
			return pinned{}, 0, p.Service
		case p.Error != "":
			return pinned{}, 0, errors.New(p.Error)
		}
		return p, m.ID, nil
	}
}
