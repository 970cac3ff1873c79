// Package pgwire speaks PostgreSQL's wire protocol, version 3, to clients on
// behalf of a session that runs their statements.
//
// https://www.postgresql.org/docs/15/protocol.html
package pgwire

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
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

	mu     sync.Mutex // guards cancel
	cancel context.CancelCauseFunc
}

// errCanceled is the cause of a context that a cancel request ended.
var errCanceled = &sqlstate.Error{Code: sqlstate.QueryCanceled, Message: "canceling statement due to user request"}

// Serve speaks to one client until it leaves or ctx ends, and closes c.
func (s *Server) Serve(ctx context.Context, c net.Conn) {
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	cn := &conn{net: c, back: pgproto3.NewBackend(c, c), w: Writer{conn: c}}
	cn.back.SetMaxBodyLen(maxMessage)
	defer func() {
		if p := recover(); p != nil {
			s.log().Error("a connection's goroutine panicked", "panic", p, "stack", string(debug.Stack()))
			cn.fatal(sqlstate.Errorf(sqlstate.InternalError, "internal error"))
		}
	}()
	c.SetDeadline(time.Now().Add(startupTimeout))
	start, err := s.startup(cn)
	if err != nil {
		cn.fatal(err)
		return
	}
	if start == nil {
		return
	}
	s.add(cn)
	defer s.remove(cn)
	start.PID = cn.pid
	session, err := s.Open(ctx, *start)
	if err != nil {
		cn.fatal(err)
		return
	}
	defer session.Close()
	c.SetDeadline(time.Time{})
	cn.w.send(&pgproto3.AuthenticationOk{})
	for _, p := range session.Params() {
		cn.w.Status(p[0], p[1])
	}
	cn.w.send(&pgproto3.BackendKeyData{ProcessID: cn.pid, SecretKey: cn.secret[:]})
	if r, ok := session.(Relay); ok {
		if err := r.Relay(ctx, &Client{cn}); err != nil {
			cn.fatal(stopped(ctx, err))
		}
		return
	}
	l := loop{server: s, conn: cn, session: session, prepared: map[string]Prepared{}, portals: map[string]*portal{}}
	if err := l.run(ctx); err != nil {
		cn.fatal(stopped(ctx, err))
	}
}

// stopped returns what ended a connection: err, or that the server stops.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return sqlstate.Errorf(sqlstate.AdminShutdown, "terminating connection due to administrator command")
	}
	return err
}

func (s *Server) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.New(slog.DiscardHandler)
}

func (s *Server) add(cn *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conns == nil {
		s.conns = map[uint32]*conn{}
	}
	for s.next++; s.conns[s.next] != nil || s.next == 0; s.next++ {
	}
	cn.pid = s.next
	rand.Read(cn.secret[:])
	s.conns[cn.pid] = cn
}

func (s *Server) remove(cn *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, cn.pid)
}

// cancelRequest ends the statement of the connection that a cancel request
// names. A wrong secret is ignored, as PostgreSQL does.
func (s *Server) cancelRequest(pid uint32, secret []byte) {
	s.mu.Lock()
	cn := s.conns[pid]
	s.mu.Unlock()
	if cn == nil || string(secret) != string(cn.secret[:]) {
		return
	}
	cn.mu.Lock()
	defer cn.mu.Unlock()
	if cn.cancel != nil {
		cn.cancel(errCanceled)
	}
}

// fatal ends a connection with an error, unless the client has left.
func (cn *conn) fatal(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return
	}
	var e *sqlstate.Error
	if !errors.As(err, &e) {
		e = sqlstate.Errorf(sqlstate.ProtocolViolation, "%v", err)
	}
	fatal := *e
	fatal.Severity = "FATAL"
	cn.net.SetWriteDeadline(time.Now().Add(time.Second))
	cn.w.Fail(&fatal)
	cn.w.Flush()
}

// startup reads the startup message and checks the password. It returns nil
// for a connection that only cancels.
func (s *Server) startup(cn *conn) (*Startup, error) {
	msg, err := receiveStartup(cn)
	if err != nil {
		return nil, err
	}
	var params map[string]string
	switch msg := msg.(type) {
	case *pgproto3.CancelRequest:
		s.cancelRequest(msg.ProcessID, msg.SecretKey)
		return nil, nil
	case *pgproto3.StartupMessage:
		params = msg.Parameters
		if major := msg.ProtocolVersion >> 16; major != 3 {
			return nil, sqlstate.Errorf(sqlstate.FeatureNotSupported, "unsupported frontend protocol %d.%d: server supports 3.0 to 3.0", major, msg.ProtocolVersion&0xffff)
		}
		if minor := msg.ProtocolVersion & 0xffff; minor > 0 {
			cn.w.send(&pgproto3.NegotiateProtocolVersion{NewestMinorProtocol: 0})
		}
	}
	start := &Startup{User: params["user"], Database: params["database"], Params: params}
	if start.User == "" {
		return nil, sqlstate.Errorf(sqlstate.InvalidAuthorization, "no PostgreSQL user name specified in startup packet")
	}
	if start.Database == "" {
		start.Database = start.User
	}
	return start, s.authenticate(cn, start.User)
}

// receiveStartup reads the first message, after refusing encryption as often
// as a client asks for it.
func receiveStartup(cn *conn) (pgproto3.FrontendMessage, error) {
	for range 3 {
		msg, err := cn.back.ReceiveStartupMessage()
		if err != nil {
			return nil, err
		}
		switch msg.(type) {
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			if _, err := cn.net.Write([]byte{'N'}); err != nil {
				return nil, err
			}
		default:
			return msg, nil
		}
	}
	return nil, errors.New("encryption requested again and again")
}

// authenticate checks the client's password by SCRAM-SHA-256.
func (s *Server) authenticate(cn *conn, user string) error {
	verifier, known := s.Users[user]
	if !known {
		var err error
		if verifier, err = NewVerifier(rand.Text()); err != nil {
			return err
		}
	}
	wrong := sqlstate.Errorf(sqlstate.InvalidPassword, "password authentication failed for user %s", quote(user))
	cn.w.send(&pgproto3.AuthenticationSASL{AuthMechanisms: []string{"SCRAM-SHA-256"}})
	if err := cn.w.Flush(); err != nil {
		return err
	}
	exchange := scram{verifier: verifier}
	cn.back.SetAuthType(pgproto3.AuthTypeSASL)
	msg, err := cn.back.Receive()
	if err != nil {
		return err
	}
	initial, ok := msg.(*pgproto3.SASLInitialResponse)
	if !ok {
		return fmt.Errorf("expected a SASL response, got %T", msg)
	}
	if initial.AuthMechanism != "SCRAM-SHA-256" {
		return errors.New("client selected an invalid SASL authentication mechanism")
	}
	answer, err := exchange.first(initial.Data)
	if err != nil {
		return err
	}
	cn.w.send(&pgproto3.AuthenticationSASLContinue{Data: answer})
	if err := cn.w.Flush(); err != nil {
		return err
	}
	cn.back.SetAuthType(pgproto3.AuthTypeSASLContinue)
	msg, err = cn.back.Receive()
	if err != nil {
		return err
	}
	response, ok := msg.(*pgproto3.SASLResponse)
	if !ok {
		return fmt.Errorf("expected a SASL response, got %T", msg)
	}
	answer, err = exchange.final(response.Data)
	if errors.Is(err, errPassword) || err == nil && !known {
		return wrong
	} else if err != nil {
		return err
	}
	cn.w.send(&pgproto3.AuthenticationSASLFinal{Data: answer})
	return nil
}

func quote(name string) string { return `"` + name + `"` }

// Refuse answers a client that connects while nobody can serve it: it reads
// the startup message and sends err as FATAL. It closes c.
func Refuse(c net.Conn, err *sqlstate.Error) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(5 * time.Second))
	cn := &conn{net: c, back: pgproto3.NewBackend(c, c), w: Writer{conn: c}}
	if msg, e := receiveStartup(cn); e == nil {
		if _, cancel := msg.(*pgproto3.CancelRequest); !cancel {
			cn.fatal(err)
		}
	}
}
