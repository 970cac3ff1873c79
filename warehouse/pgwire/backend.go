package pgwire

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/warehouse/sqlstate"
)

// errCanceled is the cause of a context that a cancel request ended.
var errCanceled = &sqlstate.Error{Code: sqlstate.QueryCanceled, Message: "canceling statement due to user request"}

// errShutdown is why a connection ends that was told to.
var errShutdown = &sqlstate.Error{Code: sqlstate.AdminShutdown, Message: "terminating connection due to administrator command"}

// writeGrace is how long a client may take, after its statement was ended, to
// read what it was sent.
const writeGrace = 5 * time.Second

func newConn(c net.Conn) *conn {
	cn := &conn{}
	cn.w.cn = cn
	cn.use(c)
	return cn
}

// use speaks over c from now on.
func (cn *conn) use(c net.Conn) {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	cn.net, cn.w.conn = c, c
	cn.back = pgproto3.NewBackend(c, c)
	cn.back.SetMaxBodyLen(maxMessage)
}

// deadline bounds the time to read and write; the zero value does not. A
// connection that is to end keeps its bounds.
func (cn *conn) deadline(t time.Time) {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	if cn.ended == nil {
		cn.net.SetDeadline(t)
	}
}

// readBy bounds the time to read.
func (cn *conn) readBy(t time.Time) {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	if cn.ended == nil {
		cn.net.SetReadDeadline(t)
	}
}

// writeBy bounds the time to write.
func (cn *conn) writeBy(t time.Time) {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	if cn.ended == nil {
		cn.net.SetWriteDeadline(t)
	}
}

// end ends the connection: its statement at once, and it when that has ended.
func (cn *conn) end(why *sqlstate.Error) {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	if cn.ended != nil {
		return
	}
	cn.ended = why
	cn.net.SetReadDeadline(time.Unix(1, 0))
	cn.net.SetWriteDeadline(time.Now().Add(time.Second))
	if cn.cancel != nil {
		cn.cancel(why)
	}
}

// why returns what ended a connection: that it was told to, or err.
func (cn *conn) why(err error) error {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	if cn.ended != nil {
		return cn.ended
	}
	return err
}

// stop ends the statement that runs, if there is one.
func (cn *conn) stop(why *sqlstate.Error) {
	cn.mu.Lock()
	defer cn.mu.Unlock()
	if cn.cancel != nil {
		cn.cancel(why)
	}
}

// fatal ends a connection with an error, unless the client has left.
func (cn *conn) fatal(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, new(errHandshake)) {
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

// cancelRequest ends the statement of the connection that a cancel request
// names. A wrong secret is ignored, as PostgreSQL does.
func (s *Server) cancelRequest(pid uint32, secret []byte) {
	if cn := s.conn(pid); cn != nil && subtle.ConstantTimeCompare(secret, cn.secret[:]) == 1 {
		cn.stop(errCanceled)
	}
}

func (s *Server) conn(pid uint32) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns[pid]
}

// Cancel ends the statement that a connection runs, with message where it is
// not empty. It reports whether there is such a connection. Goroutines may
// share it.
func (s *Server) Cancel(pid uint32, message string) bool {
	cn := s.conn(pid)
	if cn == nil {
		return false
	}
	why := errCanceled
	if message != "" {
		why = &sqlstate.Error{Code: why.Code, Message: why.Message, Detail: message}
	}
	cn.stop(why)
	return true
}

// Terminate ends a connection, and what it runs. It reports whether there is
// such a connection. Goroutines may share it.
func (s *Server) Terminate(pid uint32) bool {
	cn := s.conn(pid)
	if cn == nil {
		return false
	}
	cn.end(errShutdown)
	return true
}

// Cause returns why ctx ended: the error of a cancel request, or ctx's own.
func Cause(ctx context.Context) error {
	var e *sqlstate.Error
	if errors.As(context.Cause(ctx), &e) {
		return e
	}
	if ctx.Err() != nil {
		return errCanceled
	}
	return nil
}
