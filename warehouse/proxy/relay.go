package proxy

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// A relay stands between a client and PostgreSQL. Two goroutines work: run
// takes the client's messages, rewrites statements and sends them on; read
// hands the answers to the client.
type relay struct {
	stream
	s *session
	c *pgwire.Client

	ctx    context.Context
	texts  map[string]*prepared // statements, by their name
	bound  map[string]*prepared // portals, by their name
	buf    []byte               // of messages to the server behind
	warned bool                 // of divisions
	next   pgproto3.FrontendMessage
}

// A prepared is a statement of the extended protocol.
type prepared struct {
	text string
	own  *dialect.Statement // of a COPY from S3 and an UNLOAD; nil for others
}

func newRelay(s *session, c *pgwire.Client) *relay {
	r := &relay{s: s, c: c, texts: map[string]*prepared{}, bound: map[string]*prepared{}}
	r.status = s.up.TxStatus
	return r
}

// run serves the client until it leaves.
func (r *relay) run(ctx context.Context) error {
	r.ctx = ctx
	r.s.up.Conn.SetDeadline(time.Time{})
	r.c.Send(&pgproto3.ReadyForQuery{TxStatus: r.status})
	if err := r.c.Flush(); err != nil {
		return nil
	}
	client, _ := r.c.Conn()
	gone := make(chan error, 1)
	go func() {
		err := r.read()
		if errors.Is(err, errLeft) && r.busy() {
			r.s.cancel()
		}
		r.s.up.Conn.Close() // nobody writes to one who is not read from
		r.breakOff()
		client.SetReadDeadline(time.Unix(1, 0)) // run is to stop waiting for the client
		gone <- err
	}()
	stop := context.AfterFunc(ctx, func() { // a statement that runs is not waited for
		if r.busy() {
			r.s.cancel()
		}
		r.s.up.Conn.Close()
	})
	defer stop()
	err := r.messages()
	if r.busy() {
		r.s.cancel() // nobody waits for it
	}
	r.s.up.Conn.Close()
	why := <-gone
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil || errors.Is(why, errLeft): // it said goodbye
		return nil
	case isTimeout(err):
		return r.s.lost()
	}
	return err
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// receive returns the client's next message.
func (r *relay) receive() (pgproto3.FrontendMessage, error) {
	if msg := r.next; msg != nil {
		r.next = nil
		return msg, nil
	}
	return r.c.Receive()
}

// messages takes the client's messages until it says goodbye.
func (r *relay) messages() error {
	for {
		msg, err := r.receive()
		if err != nil {
			return err
		}
		if _, bye := msg.(*pgproto3.Terminate); bye {
			return nil
		}
		if err := r.message(msg); err != nil {
			return err
		}
	}
}

// write encodes messages for the server behind and sends all that was
// gathered.
func (r *relay) write(msgs ...pgproto3.FrontendMessage) error {
	for _, m := range msgs {
		var err error
		if r.buf, err = m.Encode(r.buf); err != nil {
			return err
		}
	}
	_, err := r.s.up.Conn.Write(r.buf)
	r.buf = r.buf[:0]
	if cap(r.buf) > 1<<20 {
		r.buf = nil
	}
	if err != nil {
		return r.s.lost()
	}
	return nil
}

// message handles one message of the client's.
func (r *relay) message(msg pgproto3.FrontendMessage) error {
	switch msg := msg.(type) {
	case *pgproto3.Query:
		return r.query(msg.String)
	case *pgproto3.Parse:
		return r.parse(msg)
	case *pgproto3.Bind:
		if p := r.texts[msg.PreparedStatement]; p != nil {
			r.bound[msg.DestinationPortal] = p
		} else {
			delete(r.bound, msg.DestinationPortal)
		}
		r.add(&entry{kind: bind})
		return r.write(msg)
	case *pgproto3.Describe:
		r.add(&entry{kind: describe})
		return r.write(msg)
	case *pgproto3.Execute:
		p := r.bound[msg.Portal]
		if p != nil && p.own != nil {
			_, err := r.own(p.own, p.text)
			return err
		}
		e := &entry{kind: execute}
		if p != nil {
			e.text = p.text
		}
		r.add(e)
		return r.write(msg)
	case *pgproto3.Close:
		if msg.ObjectType == 'S' {
			delete(r.texts, msg.Name)
		} else {
			delete(r.bound, msg.Name)
		}
		r.add(&entry{kind: closing})
		return r.write(msg)
	case *pgproto3.Sync:
		r.add(&entry{kind: sync_})
		return r.write(msg)
	case *pgproto3.CopyData, *pgproto3.CopyDone, *pgproto3.CopyFail:
		if !r.busy() {
			return nil // left over from a COPY that failed
		}
		return r.write(msg)
	case *pgproto3.Flush:
		return r.write(msg)
	}
	return sqlstate.Errorf(sqlstate.ProtocolViolation, "unexpected message %T", msg)
}

// badText is what the server behind is sent in place of a statement that was
// refused: its transaction is to fail as well.
const badText = "<refused by salamander>"

// here names this warehouse in an error of what all of them share.
func here(err error) error {
	var e *sqlstate.Error
	if !errors.As(err, &e) {
		return err
	}
	told := *e
	for _, text := range []*string{&told.Message, &told.Detail, &told.Hint} {
		*text = strings.ReplaceAll(*text, "the embedded warehouse", "the PostgreSQL warehouse")
	}
	return &told
}

// rewrite classifies and rewrites a statement. It returns nil for those that
// are the relay's own: COPY from S3 and UNLOAD.
func (r *relay) rewrite(st *dialect.Statement) (*dialect.Postgres, error) {
	out, err := r.rewritten(st)
	return out, here(err)
}

func (r *relay) rewritten(st *dialect.Statement) (*dialect.Postgres, error) {
	if err := st.ClassifyPostgres(); err != nil {
		return nil, err
	}
	if st.Kind == dialect.Copy || st.Kind == dialect.Unload {
		return nil, nil
	}
	out, err := st.RewritePostgres(dialect.PostgresEnv{Catalog: catalog{r}, Collate: r.s.collate})
	if err != nil {
		return nil, err
	}
	if out.Helpers {
		if err := r.s.p.helpers(r.ctx); err != nil {
			return nil, err
		}
	}
	if out.Divides && !r.warned {
		r.warned = true
		r.out.Lock()
		r.c.Send(&pgproto3.NoticeResponse{Severity: "NOTICE", SeverityUnlocalized: "NOTICE", Code: "00000",
			Message: "a quotient of numerics has PostgreSQL's scale, which is larger than Redshift's (told once)"})
		r.out.Unlock()
	}
	return out, nil
}

// parse rewrites the statement of a Parse.
func (r *relay) parse(msg *pgproto3.Parse) error {
	p := &prepared{text: msg.Query}
	e := &entry{kind: parse, text: msg.Query}
	sent := *msg
	all, err := dialect.ParseVerbatim(msg.Query)
	switch {
	case err != nil:
	case len(all) > 1:
		err = &sqlstate.Error{Code: sqlstate.SyntaxError, Message: "cannot insert multiple commands into a prepared statement"}
	case len(all) == 1:
		var out *dialect.Postgres
		if out, err = r.rewrite(all[0]); err == nil && out != nil {
			sent.Query, e.mapping = out.SQL, &out.Mapping
		} else if err == nil {
			if err = ownError(all[0]); err == nil {
				p.own, sent.Query = all[0], "" // which has no rows, as they
			}
		}
	}
	if err != nil {
		e.refused, sent.Query = here(err), badText
	} else {
		r.texts[msg.Name] = p
	}
	e.sql = sent.Query
	r.add(e)
	return r.write(&sent)
}

// query runs a text of one or more statements.
func (r *relay) query(text string) error {
	all, err := dialect.ParseVerbatim(text)
	if err != nil {
		return r.refuse(text, err, false)
	}
	if len(all) == 1 {
		out, err := r.rewrite(all[0])
		switch {
		case err != nil:
			return r.refuse(text, err, false)
		case out == nil:
			return r.ownSimple(all[0], text)
		}
		r.add(&entry{kind: query, text: text, mapping: &out.Mapping, sql: out.SQL})
		return r.write(&pgproto3.Query{String: out.SQL})
	}
	if len(all) == 0 {
		r.add(&entry{kind: query, text: text})
		return r.write(&pgproto3.Query{})
	}
	return r.several(all, text)
}

// refuse answers a Query with an error. quiet holds ReadyForQuery back.
func (r *relay) refuse(text string, err error, quiet bool) error {
	if r.passing() { // it failed at a question of ours
		r.out.Lock()
		r.c.Fail(err, text)
		r.out.Unlock()
		e := r.add(&entry{kind: sync_, quiet: quiet})
		if err := r.write(&pgproto3.Sync{}); err != nil {
			return err
		}
		<-e.done
		return nil
	}
	e := r.add(&entry{kind: query, text: text, refused: err, quiet: quiet})
	if err := r.write(&pgproto3.Query{String: badText}); err != nil {
		return err
	}
	if quiet {
		<-e.done
	}
	return nil
}

// several runs the statements of one text, which are one transaction as long
// as they do not begin and end others.
func (r *relay) several(all []*dialect.Statement, text string) error {
	implicit := false
	for i, st := range all {
		if st.ClassifyPostgres() == nil && (st.Kind == dialect.Begin || st.Kind == dialect.Commit || st.Kind == dialect.Rollback) {
			implicit = false
		} else if !implicit && r.statusNow() == 'I' && i+1 < len(all) {
			if err := r.hidden("BEGIN"); err != nil {
				return err
			}
			implicit = true
		}
		failed, err := r.one(st, text)
		if err != nil {
			return err
		}
		if failed {
			if implicit {
				if err := r.hidden("ROLLBACK"); err != nil {
					return err
				}
			}
			return r.sayReady()
		}
	}
	if implicit && r.statusNow() == 'T' {
		e := r.add(&entry{kind: query, text: text, hidden: true})
		if err := r.write(&pgproto3.Query{String: "COMMIT"}); err != nil {
			return err
		}
		if <-e.done; e.failed != nil {
			r.out.Lock()
			r.c.Fail(e.failed, text)
			r.out.Unlock()
		}
	}
	return r.sayReady()
}

// one runs one of several statements and reports whether it failed.
func (r *relay) one(st *dialect.Statement, text string) (failed bool, err error) {
	out, bad := r.rewrite(st)
	switch {
	case bad != nil:
		return true, r.refuse(text, bad, true)
	case out == nil:
		e, err := r.ownQuiet(st, text)
		return err == nil && e != nil, err
	}
	wait := make(chan struct{})
	e := r.add(&entry{kind: query, text: text, mapping: &out.Mapping, sql: out.SQL, quiet: true, copyIn: wait})
	if err := r.write(&pgproto3.Query{String: out.SQL}); err != nil {
		return false, err
	}
	select {
	case <-e.done:
	case <-wait:
		if err := r.copyFromClient(e); err != nil {
			return false, err
		}
		<-e.done
	}
	return e.failed != nil, nil
}

// copyFromClient passes the data of a COPY on, in the midst of a text of
// several statements.
func (r *relay) copyFromClient(e *entry) error {
	r.out.Lock()
	r.c.Flush()
	r.out.Unlock()
	for {
		msg, err := r.receive()
		if err != nil {
			return err
		}
		select {
		case <-e.done: // it failed
			switch msg.(type) {
			case *pgproto3.CopyData:
				continue
			case *pgproto3.CopyDone, *pgproto3.CopyFail:
			default:
				r.next = msg
			}
			return nil
		default:
		}
		if err := r.write(msg); err != nil {
			return err
		}
		switch msg.(type) {
		case *pgproto3.CopyData, *pgproto3.Flush, *pgproto3.Sync:
		default:
			return nil
		}
	}
}

// hidden runs a statement that the client does not see.
func (r *relay) hidden(sql string) error {
	e := r.add(&entry{kind: query, hidden: true})
	if err := r.write(&pgproto3.Query{String: sql}); err != nil {
		return err
	}
	<-e.done
	if e.failed != nil {
		return e.failed
	}
	return nil
}

// sayReady ends the answer to a text.
func (r *relay) sayReady() error {
	r.out.Lock()
	defer r.out.Unlock()
	r.c.Send(&pgproto3.ReadyForQuery{TxStatus: r.statusNow()})
	r.c.Flush() // whether the client is there shows when it is read from
	return nil
}
