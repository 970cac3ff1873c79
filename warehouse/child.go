package warehouse

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
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
// the parent says stop or is gone; or, where it is to outlive its parent, on and
// on, see [Options].
func RunChild(ctx context.Context, open Opener, log *slog.Logger) error {
	conns, err := unixConn(connsFD, "conns")
	if err != nil {
		return errors.New("warehouse: this command is started by salamander itself, with its connections")
	}
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
	c := &served{cfg: cfg, log: log, ctx: ctx, cancel: cancel, outlive: cfg.Outlive,
		objects: &remoteObjects{patience: cmp.Or(cfg.Patience, objectsPatience), waiting: map[int64]*asked{}, held: map[int64]PinRequest{}}}
	defer c.close()
	if cfg.Outlive {
		if err := c.listen(conns); err != nil {
			log.Warn("the warehouse will end with its server", "err", err)
			c.outlive = false
		}
	}
	c.join(conns, ctrl)
	engine, err := openPatiently(ctx, open, cfg, c.objects, log)
	if err != nil {
		c.tell(message{Failed: err.Error()})
		return err
	}
	server := &pgwire.Server{Users: map[string]pgwire.Verifier{cfg.User: verifier}, Open: engine.Open, Log: log}
	if server.TLS, err = cfg.Wire.TLS(); err != nil {
		c.tell(message{Failed: err.Error()})
		return err
	}
	server.Password, server.MaxConnections = cfg.Wire.Password, cmp.Or(cfg.Wire.MaxConnections, MaxConnections)
	if users, ok := engine.(interface {
		Verifier(user string) (pgwire.Verifier, bool)
	}); ok { // it has users of its own
		server.Lookup = users.Verifier
	}
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
	c.begin(server)
	<-ctx.Done()
	c.close()
	select {
	case <-dead:
		return errors.New("the database cannot go on")
	default:
	}
	c.sessions.Wait()
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
