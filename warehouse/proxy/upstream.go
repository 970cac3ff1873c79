package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// connect opens a connection to the server behind, with the parameters that a
// client asked for.
func (p *Proxy) connect(ctx context.Context, params map[string]string) (*pgconn.PgConn, error) {
	config := p.opt.Target.config.Copy()
	for name, value := range params {
		if name != "user" && name != "database" && name != "replication" && !strings.HasPrefix(name, "_pq_.") {
			config.RuntimeParams[name] = value
		}
	}
	if !p.opt.Target.Redshift {
		config.RuntimeParams["standard_conforming_strings"] = "on"
		config.RuntimeParams["client_encoding"] = "UTF8"
		if !given(config.RuntimeParams, "timezone") {
			config.RuntimeParams["timezone"] = "UTC"
		}
	}
	c, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return nil, p.away(err)
	}
	p.seen.Store(true)
	return c, nil
}

func given(params map[string]string, name string) bool {
	for k := range params {
		if strings.EqualFold(k, name) {
			return true
		}
	}
	return false
}

// away tells why the server behind cannot be used, without its password. Until
// it has answered once, clients are told to come again.
func (p *Proxy) away(err error) *sqlstate.Error {
	host := p.opt.Target.Host()
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		e := &sqlstate.Error{Code: sqlstate.ConnectionFailure, Detail: refused.Detail, Hint: refused.Hint,
			Message: fmt.Sprintf("the warehouse at %s refuses the connection: %s", host, refused.Message)}
		if refused.Code == sqlstate.CannotConnectNow || refused.Code == sqlstate.TooManyConnections {
			e.Code = refused.Code
		}
		return e
	}
	e := sqlstate.Errorf(sqlstate.ConnectionFailure, "could not connect to the warehouse at %s: %s", host, cause(err))
	if !p.seen.Load() {
		e.Code = sqlstate.CannotConnectNow
	}
	return e
}

// cause is the innermost reason of a failure to connect. The outer texts name
// the user and repeat the address.
func cause(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err.Error()
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.Err
	}
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(next) {
		err = next
	}
	return err.Error()
}

func helperError(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err
	}
	return &sqlstate.Error{Code: e.Code, Message: fmt.Sprintf("the functions in the schema %q, which this statement needs, cannot be made: %s", dialect.HelperSchema, e.Message),
		Hint: "GRANT CREATE ON DATABASE … TO the user of the warehouse's URL."}
}

// learn finds out how the database orders texts.
func (p *Proxy) learn(ctx context.Context, c *pgconn.PgConn) (collate bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.learned {
		return p.collate, nil
	}
	name, err := one(ctx, c, "SELECT datcollate FROM pg_catalog.pg_database WHERE datname = current_database()")
	if err != nil {
		return false, err
	}
	encoding, err := one(ctx, c, "SHOW server_encoding")
	if err != nil {
		return false, err
	}
	if encoding != "UTF8" {
		return false, sqlstate.Errorf(sqlstate.FeatureNotSupported, "the database at %s has the encoding %s; need UTF8", p.opt.Target.Host(), encoding)
	}
	switch strings.ToUpper(name) {
	case "C", "POSIX", "C.UTF-8", "C.UTF8":
	default:
		p.collate = true
		p.opt.Log.Warn("the database does not order texts by their bytes, as Redshift does: new columns are told to, and only they", "collation", name)
	}
	p.learned = true
	return p.collate, nil
}

// open begins a session: a connection of its own to the server behind.
func (p *Proxy) open(ctx context.Context, start pgwire.Startup) (pgwire.Session, error) {
	if start.Database != p.opt.Database && start.Database != p.opt.Target.Database() {
		return nil, sqlstate.Errorf(sqlstate.InvalidCatalog, "database \"%s\" does not exist", start.Database)
	}
	c, err := p.connect(ctx, start.Params)
	if err != nil {
		return nil, err
	}
	s := &session{p: p}
	if !p.opt.Target.Redshift {
		if s.collate, err = p.learn(ctx, c); err != nil {
			c.Close(ctx)
			return nil, err
		}
	}
	if s.up, err = c.Hijack(); err != nil {
		c.Close(ctx)
		return nil, err
	}
	return s, nil
}

// A session is one client's. The methods of pgwire's that a relay does not
// have are never called.
type session struct {
	pgwire.Session
	p       *Proxy
	up      *pgconn.HijackedConn
	collate bool // see [dialect.PostgresEnv]
}

// Params are the parameters that the server behind told.
func (s *session) Params() [][2]string {
	var all [][2]string
	for name, value := range s.up.ParameterStatuses {
		if name == "standard_conforming_strings" && !s.p.opt.Target.Redshift {
			value = "off" // backslashes escape, as in Redshift
		}
		all = append(all, [2]string{name, value})
	}
	return all
}

// Close gives the connection up.
func (s *session) Close() { s.up.Conn.Close() }

// cancel asks the server behind to end the statement that runs.
func (s *session) cancel() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	hc := *s.up
	c, err := pgconn.Construct(&hc)
	if err == nil {
		err = c.CancelRequest(ctx)
	}
	if err != nil {
		s.p.opt.Log.Warn("a statement could not be cancelled", "err", cause(err))
	}
}

// lost is what a client is told when the server behind went away.
func (s *session) lost() error {
	return sqlstate.Errorf(sqlstate.ConnectionFailure, "the connection to the warehouse at %s was lost", s.p.opt.Target.Host())
}

// Relay serves the client until it leaves.
func (s *session) Relay(ctx context.Context, c *pgwire.Client) error {
	c.OnCancel(s.cancel)
	defer c.OnCancel(nil)
	if s.p.opt.Target.Redshift {
		return s.raw(ctx, c)
	}
	return newRelay(s, c).run(ctx)
}
