// Package proxy serves a warehouse's address for another server: PostgreSQL,
// for which Redshift's SQL is rewritten, or Redshift itself, to which all goes
// as it is. Clients log in with the warehouse's own user and password; the
// server behind sees the user of its URL.
package proxy

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/warehouse"
	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
)

// A Target is a server to stand in front of.
type Target struct {
	Redshift bool // nothing is rewritten

	config *pgconn.Config
}

// ParseTarget reads postgres://user:password@host:port/database?sslmode=… or
// redshift://…. Its errors do not hold the password.
func ParseTarget(text string) (*Target, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("need a URL such as postgres://user:password@host:5432/database") // err holds the password
	}
	t := &Target{}
	switch u.Scheme {
	case "postgres", "postgresql":
	case "redshift":
		t.Redshift = true
		if u.Port() == "" && u.Hostname() != "" {
			u.Host = net.JoinHostPort(u.Hostname(), "5439")
		}
	default:
		return nil, fmt.Errorf("got scheme %q; need postgres://user:password@host:5432/database or redshift://user:password@host:5439/database", u.Scheme)
	}
	if u.User.Username() == "" || u.Hostname() == "" && u.Query().Get("host") == "" || strings.Trim(u.Path, "/") == "" {
		return nil, fmt.Errorf("need %s://user:password@host:port/database", u.Scheme)
	}
	u.Scheme = "postgres"
	if t.config, err = pgconn.ParseConfig(u.String()); err != nil {
		var parse *pgconn.ParseConfigError
		if errors.As(err, &parse) {
			return nil, fmt.Errorf("the URL of the server is wrong: %v", errors.Unwrap(parse))
		}
		return nil, errors.New("the URL of the server is wrong")
	}
	t.config.ConnectTimeout = cmp.Or(t.config.ConnectTimeout, 10*time.Second)
	return t, nil
}

// Host is where the server is: host:port.
func (t *Target) Host() string { return net.JoinHostPort(t.config.Host, fmt.Sprint(t.config.Port)) }

// Database is the database behind.
func (t *Target) Database() string { return t.config.Database }

// Kind is "PostgreSQL" or "Redshift".
func (t *Target) Kind() string {
	if t.Redshift {
		return "Redshift"
	}
	return "PostgreSQL"
}

// Options are what a [Proxy] needs.
type Options struct {
	Target   *Target
	Listener net.Listener // owned by the proxy
	User     string
	Password string
	Database string            // a name for the database behind, which has its own beside
	Account  string            // whose objects COPY reads; "000000000000" where empty
	Objects  warehouse.Objects // what COPY reads; nil has no buckets
	Log      *slog.Logger      // nil is nowhere

	// These are [pgwire.Server]'s.
	TLS            *tls.Config
	Cleartext      bool
	MaxConnections int
}

// A Proxy owns the address of a warehouse. Goroutines may share it.
type Proxy struct {
	opt    Options
	server *pgwire.Server
	ctx    context.Context // ends when Stop begins
	cancel context.CancelFunc
	work   sync.WaitGroup
	seen   atomic.Bool // the server behind has answered once

	mu      sync.Mutex // guards the fields below; held while helpers are made
	helped  bool       // the helpers are there
	learned bool       // collate is known
	collate bool
}

// Start serves the listener and returns at once; the server behind is asked
// when a client comes. The caller must call Stop.
func Start(opt Options) (*Proxy, error) {
	if opt.Target == nil || opt.Listener == nil || opt.User == "" || opt.Password == "" {
		return nil, errors.New("proxy: need a target, a listener, a user and a password")
	}
	opt.Account = cmp.Or(opt.Account, "000000000000")
	if opt.Objects == nil {
		opt.Objects = noObjects{}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	verifier, err := pgwire.NewVerifier(opt.Password)
	if err != nil {
		return nil, err
	}
	p := &Proxy{opt: opt}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.server = &pgwire.Server{Users: map[string]pgwire.Verifier{opt.User: verifier}, Open: p.open, Log: opt.Log,
		TLS: opt.TLS, Password: opt.Cleartext, MaxConnections: opt.MaxConnections}
	p.work.Go(p.accept)
	p.work.Go(p.look)
	return p, nil
}

// look tells the log where the server behind does not answer.
func (p *Proxy) look() {
	c, err := p.connect(p.ctx, nil)
	if err == nil {
		c.Close(p.ctx)
	} else if p.ctx.Err() == nil {
		p.opt.Log.Warn("the server behind the warehouse's address cannot be used; clients are told so until it can", "err", err)
	}
}

type noObjects struct{}

func (noObjects) Pin(context.Context, warehouse.PinRequest) ([]warehouse.PinnedObject, func(), error) {
	return nil, nil, warehouse.ErrNoBucket
}

func (noObjects) Put(context.Context, warehouse.PutRequest) error { return warehouse.ErrNoBucket }

func (noObjects) Remove(context.Context, warehouse.PinRequest) error { return warehouse.ErrNoBucket }

// Addr is where the proxy listens.
func (p *Proxy) Addr() net.Addr { return p.opt.Listener.Addr() }

// Stop closes the address and ends the sessions; the server behind rolls back
// what they had open. When ctx ends first its error is returned.
func (p *Proxy) Stop(ctx context.Context) error {
	p.opt.Listener.Close()
	p.cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.work.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Proxy) accept() {
	for {
		c, err := p.opt.Listener.Accept()
		if p.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			if err == nil {
				c.Close()
			}
			return
		} else if err != nil {
			p.opt.Log.Warn("the warehouse could not accept a connection", "err", err)
			select {
			case <-p.ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		p.work.Go(func() { p.server.Serve(p.ctx, c) })
	}
}

// helpers makes the functions that rewritten statements call, once.
func (p *Proxy) helpers(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.helped {
		return nil
	}
	c, err := p.connect(ctx, nil)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	have, err := one(ctx, c, "SELECT obj_description(oid, 'pg_namespace') FROM pg_catalog.pg_namespace WHERE nspname = '"+dialect.HelperSchema+"'")
	if err == nil && have != dialect.HelperVersion {
		_, err = c.Exec(ctx, "BEGIN; SELECT pg_advisory_xact_lock(5439001);"+dialect.PostgresHelpers+"COMMIT").ReadAll()
	}
	if err != nil {
		return helperError(err)
	}
	p.helped = true
	return nil
}

// one returns the first value of a query, "" where it is null or there is none.
func one(ctx context.Context, c *pgconn.PgConn, sql string) (string, error) {
	results, err := c.Exec(ctx, sql).ReadAll()
	if err != nil || len(results) == 0 || len(results[0].Rows) == 0 {
		return "", err
	}
	return string(results[0].Rows[0][0]), nil
}
