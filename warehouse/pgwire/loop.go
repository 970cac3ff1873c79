package pgwire

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/warehouse/sqlstate"
)

// A portal is a prepared statement with its parameters.
type portal struct {
	Portal
	stmt    Prepared
	text    string
	results []int16 // formats
}

// A loop answers a client's messages after it has logged in.
type loop struct {
	server   *Server
	conn     *conn
	session  Session
	prepared map[string]Prepared
	texts    map[string]string
	portals  map[string]*portal
	failed   bool // skip messages up to Sync
}

func (l *loop) run(ctx context.Context) error {
	defer l.closeAll()
	l.ready()
	flush := true
	for {
		if flush {
			if err := l.conn.w.Flush(); err != nil {
				return err
			}
		}
		msg, err := l.receive(flush)
		if err != nil {
			return err
		}
		done, err := l.message(ctx, msg)
		if done || err != nil {
			return err
		}
		flush = ends(msg)
	}
}

// An Idler is a [Session] that bounds how long its client may do nothing.
type Idler interface {
	// Idle returns the time, of which 0 is no bound, and what is sent to the
	// client as FATAL when it is over.
	Idle() (time.Duration, *sqlstate.Error)
}

// receive returns the client's next message. waiting tells that the client has
// the answers to all it asked.
func (l *loop) receive(waiting bool) (pgproto3.FrontendMessage, error) {
	idler, ok := l.session.(Idler)
	if !ok || !waiting {
		return l.conn.back.Receive()
	}
	limit, why := idler.Idle()
	if limit <= 0 {
		return l.conn.back.Receive()
	}
	l.conn.readBy(time.Now().Add(limit))
	defer l.conn.readBy(time.Time{})
	msg, err := l.conn.back.Receive()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, l.conn.why(why)
	}
	return msg, err
}

// ends reports whether the answer to msg must not wait for the next message.
func ends(msg pgproto3.FrontendMessage) bool {
	switch msg.(type) {
	case *pgproto3.Query, *pgproto3.Sync, *pgproto3.Flush, *pgproto3.FunctionCall:
		return true
	}
	return false
}

func (l *loop) ready() {
	l.conn.w.send(&pgproto3.ReadyForQuery{TxStatus: l.session.Status()})
}

// message answers one message. It reports whether the client says goodbye.
func (l *loop) message(ctx context.Context, msg pgproto3.FrontendMessage) (bool, error) {
	switch msg := msg.(type) {
	case *pgproto3.Terminate:
		return true, nil
	case *pgproto3.Query:
		l.failed = false
		l.cancellable(ctx, func(ctx context.Context) {
			l.conn.w.text = msg.String
			l.session.Query(ctx, msg.String, &l.conn.w)
		})
		l.ready()
	case *pgproto3.Sync:
		l.failed = false
		if err := l.session.Sync(ctx); err != nil {
			l.conn.w.Fail(err)
		}
		l.closePortals()
		l.ready()
	case *pgproto3.Flush:
	case *pgproto3.FunctionCall:
		l.conn.w.Fail(sqlstate.Errorf(sqlstate.FeatureNotSupported, "the function call protocol is not supported"))
		l.ready()
	case *pgproto3.CopyData, *pgproto3.CopyDone, *pgproto3.CopyFail:
		// Left over from a COPY that failed: dropped, as PostgreSQL does.
	default:
		if l.failed {
			return false, nil
		}
		var err error
		l.cancellable(ctx, func(ctx context.Context) { err = l.extended(ctx, msg) })
		if err != nil {
			l.conn.w.Fail(err)
			l.session.Fail()
			l.failed = true
		}
	}
	return false, nil
}

// cancellable runs do with a context that a cancel request ends.
func (l *loop) cancellable(ctx context.Context, do func(context.Context)) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	set := func(f context.CancelCauseFunc) {
		l.conn.mu.Lock()
		defer l.conn.mu.Unlock()
		l.conn.cancel = f
		if f != nil && l.conn.ended != nil {
			f(l.conn.ended)
		}
	}
	set(cancel)
	defer set(nil)
	do(ctx)
}

// extended answers a message of the extended protocol.
func (l *loop) extended(ctx context.Context, msg pgproto3.FrontendMessage) error {
	switch msg := msg.(type) {
	case *pgproto3.Parse:
		return l.parse(ctx, msg)
	case *pgproto3.Bind:
		return l.bind(msg)
	case *pgproto3.Describe:
		return l.describe(msg)
	case *pgproto3.Execute:
		return l.execute(ctx, msg)
	case *pgproto3.Close:
		l.close(msg.ObjectType, msg.Name)
		l.conn.w.send(&pgproto3.CloseComplete{})
		return nil
	}
	return sqlstate.Errorf(sqlstate.ProtocolViolation, "unexpected message %T", msg)
}

func (l *loop) parse(ctx context.Context, msg *pgproto3.Parse) error {
	l.conn.w.text = msg.Query
	if l.texts == nil {
		l.texts = map[string]string{}
	}
	if old, ok := l.prepared[msg.Name]; ok {
		if msg.Name != "" {
			return sqlstate.Errorf(sqlstate.DuplicateStatement, "prepared statement %s already exists", quote(msg.Name))
		}
		l.drop(msg.Name, old)
	}
	stmt, err := l.session.Parse(ctx, msg.Query, msg.ParameterOIDs)
	if err != nil {
		return err
	}
	l.prepared[msg.Name], l.texts[msg.Name] = stmt, msg.Query
	l.conn.w.send(&pgproto3.ParseComplete{})
	return nil
}

func (l *loop) bind(msg *pgproto3.Bind) error {
	stmt, ok := l.prepared[msg.PreparedStatement]
	if !ok {
		return noStatement(msg.PreparedStatement)
	}
	if got, want := len(msg.Parameters), len(stmt.Params()); got != want {
		return sqlstate.Errorf(sqlstate.ProtocolViolation, "bind message supplies %d parameters, but prepared statement %s requires %d", got, quote(msg.PreparedStatement), want)
	}
	if _, taken := l.portals[msg.DestinationPortal]; taken && msg.DestinationPortal != "" {
		return sqlstate.Errorf("42P03", "cursor %s already exists", quote(msg.DestinationPortal))
	}
	if n, cols := len(msg.ResultFormatCodes), len(stmt.Columns()); n > 1 && n != cols {
		return sqlstate.Errorf(sqlstate.ProtocolViolation, "bind message has %d result formats but query has %d columns", n, cols)
	}
	p, err := stmt.Bind(msg.Parameters, msg.ParameterFormatCodes)
	if err != nil {
		return err
	}
	l.forget(msg.DestinationPortal)
	l.portals[msg.DestinationPortal] = &portal{Portal: p, stmt: stmt, text: l.texts[msg.PreparedStatement],
		results: append([]int16(nil), msg.ResultFormatCodes...)}
	l.conn.w.send(&pgproto3.BindComplete{})
	return nil
}

func (l *loop) describe(msg *pgproto3.Describe) error {
	var cols []Column
	switch msg.ObjectType {
	case 'S':
		stmt, ok := l.prepared[msg.Name]
		if !ok {
			return noStatement(msg.Name)
		}
		l.conn.w.send(&pgproto3.ParameterDescription{ParameterOIDs: stmt.Params()})
		cols = stmt.Columns()
	default:
		p, ok := l.portals[msg.Name]
		if !ok {
			return sqlstate.Errorf(sqlstate.InvalidCursorName, "portal %s does not exist", quote(msg.Name))
		}
		cols = Formatted(p.stmt.Columns(), p.results)
	}
	if cols == nil {
		l.conn.w.send(&pgproto3.NoData{})
	} else {
		l.conn.w.describe(cols)
	}
	return nil
}

// Formatted returns cols with the formats that a client asked for: none means
// text, one is for all columns, otherwise there is one for each.
func Formatted(cols []Column, formats []int16) []Column {
	if cols == nil {
		return nil
	}
	out := append([]Column{}, cols...)
	for i := range out {
		out[i].Format = FormatOf(formats, i)
	}
	return out
}

// FormatOf returns the format of value i where a client gave formats.
func FormatOf(formats []int16, i int) int16 {
	switch {
	case len(formats) == 0:
		return 0
	case len(formats) == 1:
		return formats[0]
	case i < len(formats):
		return formats[i]
	}
	return 0
}

func (l *loop) execute(ctx context.Context, msg *pgproto3.Execute) error {
	p, ok := l.portals[msg.Portal]
	if !ok {
		return sqlstate.Errorf(sqlstate.InvalidCursorName, "portal %s does not exist", quote(msg.Portal))
	}
	w := &l.conn.w
	w.text, w.described, w.formats = p.text, true, p.results
	defer func() { w.described, w.formats = false, nil }()
	err := p.Execute(ctx, msg.MaxRows, w)
	if errors.Is(err, ErrPortalDone) {
		return sqlstate.Errorf(sqlstate.ObjectState, "portal %s cannot be run", quote(msg.Portal))
	}
	return err
}

// ErrPortalDone is returned by a [Portal] that ran and cannot run again.
var ErrPortalDone = errors.New("the portal cannot be run again")

func noStatement(name string) error {
	if name == "" {
		return sqlstate.Errorf(sqlstate.InvalidStatementName, "unnamed prepared statement does not exist")
	}
	return sqlstate.Errorf(sqlstate.InvalidStatementName, "prepared statement %s does not exist", quote(name))
}

func (l *loop) close(kind byte, name string) {
	if kind == 'P' {
		l.forget(name)
		return
	}
	if stmt, ok := l.prepared[name]; ok {
		l.drop(name, stmt)
	}
}

// forget closes a portal, if there is one of this name.
func (l *loop) forget(name string) {
	if p, ok := l.portals[name]; ok {
		p.Close()
		delete(l.portals, name)
	}
}

// drop forgets a statement and the portals made of it.
func (l *loop) drop(name string, stmt Prepared) {
	for n, p := range l.portals {
		if p.stmt == stmt {
			l.forget(n)
		}
	}
	stmt.Close()
	delete(l.prepared, name)
	delete(l.texts, name)
}

func (l *loop) closePortals() {
	if l.session.Status() == 'I' {
		for name := range l.portals {
			l.forget(name)
		}
	}
}

func (l *loop) closeAll() {
	for name := range l.portals {
		l.forget(name)
	}
	for name, stmt := range l.prepared {
		l.drop(name, stmt)
	}
}
