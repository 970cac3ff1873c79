// Package pgwire speaks PostgreSQL's wire protocol, version 3, to clients on
// behalf of a session that runs their statements.
//
// https://www.postgresql.org/docs/15/protocol.html
package pgwire

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/warehouse/sqlstate"
)

// startupTimeout bounds the time to log in, as PostgreSQL's
// authentication_timeout does.
const startupTimeout = time.Minute

// maxMessage is the largest message that a client may send, in bytes.
// Redshift takes statements up to 16 MB.
const maxMessage = 64 << 20

// A Startup is what a client says of itself when it connects.
type Startup struct {
	User     string
	Database string
	Params   map[string]string // all parameters, these two included
	PID      uint32            // the process number that the client is told
	Host     string            // the client's address, "" where it has none
	Server   *Server           // that serves the client
}

// A Session runs the statements of one connection. Its methods are not called
// concurrently.
type Session interface {
	// Query runs a text of one or more statements and writes their answers to
	// w, failures included.
	Query(ctx context.Context, text string, w *Writer)

	// Parse prepares a text of at most one statement. The type of a
	// parameter that is 0 or not given is for the session to find.
	Parse(ctx context.Context, text string, params []uint32) (Prepared, error)

	// Fail tells the session that a message of the extended protocol failed,
	// which aborts its transaction.
	Fail()

	// Sync ends a series of messages of the extended protocol: outside of a
	// transaction block it commits what they did.
	Sync(ctx context.Context) error

	// Status is 'I' outside of a transaction, 'T' inside and 'E' inside of
	// one that failed.
	Status() byte

	// Params are the parameters told to the client when it connects.
	Params() [][2]string

	Close()
}

// A Prepared is a statement that was parsed.
type Prepared interface {
	Params() []uint32
	Columns() []Column // nil for a statement without rows

	// Bind gives the statement its parameters, as many as Params: a nil value
	// is NULL; formats are 0 for text, 1 for binary.
	Bind(values [][]byte, formats []int16) (Portal, error)
	Close()
}

// A Portal is a statement with its parameters, to be run or half run.
type Portal interface {
	// Execute runs the statement, or goes on with it. It writes at most
	// maxRows rows where that is not 0, in the formats of w, and the command
	// tag or, with rows left, that it is suspended.
	Execute(ctx context.Context, maxRows uint32, w *Writer) error
	Close()
}

// A Server serves connections. Its fields must be set before the first one.
type Server struct {
	// Users are those who may log in. A client that names another one sees
	// the same failure as with a wrong password.
	Users map[string]Verifier

	// Lookup, where it is not nil, is asked in place of Users. It returns
	// false for a user who is unknown or has no password.
	Lookup func(user string) (Verifier, bool)

	// TLS encrypts the connections of clients who ask for it; nil refuses
	// them encryption, as PostgreSQL does with ssl = off.
	TLS *tls.Config

	// Password has clients send their password as it is, for those that do not
	// know SCRAM-SHA-256. It is asked only over TLS or from this machine.
	Password bool

	// MaxConnections bounds the connections at a time; 0 does not.
	MaxConnections int

	// Open begins a session. Its error is sent as FATAL.
	Open func(ctx context.Context, start Startup) (Session, error)

	// Log takes what clients are not told; nil is nowhere.
	Log *slog.Logger

	mu    sync.Mutex // guards the fields below
	next  uint32
	conns map[uint32]*conn
}

// A conn is one client.
type conn struct {
	net    net.Conn
	back   *pgproto3.Backend
	w      Writer
	pid    uint32
	secret [4]byte

	encrypted bool // by TLS

	mu     sync.Mutex // guards the fields below
	cancel context.CancelCauseFunc
	ended  *sqlstate.Error // why the connection is to end; nil while it is not
}

// Serve speaks to one client until it leaves or ctx ends, and closes c.
func (s *Server) Serve(ctx context.Context, c net.Conn) {
	cn := newConn(c)
	defer func() { cn.net.Close() }()
	stop := context.AfterFunc(ctx, func() { cn.end(errShutdown) })
	defer stop()
	defer func() {
		if p := recover(); p != nil {
			s.log().Error("a connection's goroutine panicked", "panic", p, "stack", string(debug.Stack()))
			cn.fatal(sqlstate.Errorf(sqlstate.InternalError, "internal error"))
		}
	}()
	cn.deadline(time.Now().Add(startupTimeout))
	start, err := s.startup(cn)
	if start == nil && err == nil {
		return
	}
	if err == nil {
		err = s.add(cn)
	}
	if err != nil {
		cn.fatal(cn.why(err))
		return
	}
	defer s.remove(cn)
	start.PID, start.Server = cn.pid, s
	if host, _, err := net.SplitHostPort(c.RemoteAddr().String()); err == nil {
		start.Host = host
	}
	session, err := s.Open(ctx, *start)
	if err != nil {
		cn.fatal(err)
		return
	}
	defer session.Close()
	cn.deadline(time.Time{})
	cn.w.send(&pgproto3.AuthenticationOk{})
	for _, p := range session.Params() {
		cn.w.Status(p[0], p[1])
	}
	cn.w.send(&pgproto3.BackendKeyData{ProcessID: cn.pid, SecretKey: cn.secret[:]})
	if r, ok := session.(Relay); ok {
		if err := r.Relay(ctx, &Client{cn}); err != nil {
			cn.fatal(cn.why(err))
		}
		return
	}
	l := loop{server: s, conn: cn, session: session, prepared: map[string]Prepared{}, portals: map[string]*portal{}}
	if err := l.run(ctx); err != nil {
		cn.fatal(cn.why(err))
	}
}

func (s *Server) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.New(slog.DiscardHandler)
}

// add gives a connection its number, unless there are too many.
func (s *Server) add(cn *conn) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.MaxConnections > 0 && len(s.conns) >= s.MaxConnections {
		return sqlstate.Errorf(sqlstate.TooManyConnections, "sorry, too many clients already")
	}
	if s.conns == nil {
		s.conns = map[uint32]*conn{}
	}
	for s.next++; s.conns[s.next] != nil || s.next == 0; s.next++ {
	}
	cn.pid = s.next
	rand.Read(cn.secret[:])
	s.conns[cn.pid] = cn
	return nil
}

func (s *Server) remove(cn *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, cn.pid)
}

func quote(name string) string { return `"` + name + `"` }

// Refuse answers a client that connects while nobody can serve it: it reads
// the startup message and sends err as FATAL. It closes c.
func Refuse(c net.Conn, err *sqlstate.Error) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	cn := newConn(c)
	if msg, e := (&Server{}).receiveStartup(cn); e == nil {
		if _, cancel := msg.(*pgproto3.CancelRequest); !cancel {
			cn.fatal(err)
		}
	}
}
