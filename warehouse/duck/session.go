//go:build cgo

package duck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"salamander/warehouse/access"
	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
)

// version is what version() says. Redshift calls itself PostgreSQL 8.0.2.
const version = "PostgreSQL 8.0.2 on x86_64-pc-linux-gnu, Redshift 1.0 (Salamander, embedded DuckDB)"

// A session is one client's. Its transaction's state is its own: DuckDB's
// differs from PostgreSQL's.
type session struct {
	e     *engine
	c     *conn
	start pgwire.Startup

	login   int64         // the id of the user who logged in
	user    int64         // and of the one whose rights the session has
	changed *access.State // what the transaction changed of who may do what; nil is nothing
	began   time.Time

	open     bool                            // DuckDB has a transaction
	block    bool                            // the user began it
	failed   bool                            // and a statement in it failed
	wrote    bool                            // it changed something
	bulky    map[string]bool                 // the tables that it wrote in bulk: see bulkRows
	since    uint64                          // when it began, on the clock of the tables
	touched  map[string]bool                 // the names of the tables that it defined; "" is any
	dropped  map[dialect.Name]bool           // those of them that are gone
	seen     map[dialect.Name]*dialect.Table // what the open transaction read of tables since it last defined one
	defined  map[dialect.Name]*dialect.Table // the one it defined last, where that is known
	settings map[string]string
	timeout  time.Duration

	locks locking

	query *query // the statement that runs, or ran last
	xid   int64  // the transaction's id
	last  dialect.Last

	cursors map[string]*rows
	plans   map[string]*plan

	// temporary tells that the session made a temporary table, which may hide
	// one that all see.
	temporary bool
}

func newSession(e *engine, c *conn, start pgwire.Startup) *session {
	s := &session{e: e, c: c, start: start, settings: map[string]string{}, began: time.Now()}
	for name, value := range defaults {
		s.settings[name] = value
	}
	if name := start.Params["application_name"]; name != "" {
		s.settings["application_name"] = name
	}
	return s
}

// Params are the parameters told to a client.
func (s *session) Params() [][2]string {
	return [][2]string{
		{"server_version", "8.0.2"}, {"server_encoding", "UTF8"}, {"client_encoding", "UTF8"}, {"DateStyle", "ISO, MDY"},
		{"TimeZone", "UTC"}, {"integer_datetimes", "on"}, {"standard_conforming_strings", "off"}, {"is_superuser", onOff(s.super())},
		{"session_authorization", s.userName()}, {"application_name", s.settings["application_name"]}, {"IntervalStyle", "postgres"},
	}
}

// Status is the transaction's state.
func (s *session) Status() byte {
	switch {
	case s.failed:
		return 'E'
	case s.block:
		return 'T'
	}
	return 'I'
}

// Close ends the session. A transaction that is open is rolled back.
func (s *session) Close() {
	s.e.left(s)
	s.rollback()
	s.c.disconnect()
}

// Query runs a text.
func (s *session) Query(ctx context.Context, text string, w *pgwire.Writer) {
	if isBackup(text) {
		if err := s.backup(ctx, w); err != nil {
			w.Fail(s.failure(err))
		}
		return
	}
	all, err := dialect.Parse(text)
	if err != nil {
		w.Fail(s.failure(err))
		return
	}
	if len(all) == 0 {
		w.Empty()
		return
	}
	for i, st := range all {
		tag, err := s.statement(ctx, st, len(all) > 1, w)
		if err == nil && i == len(all)-1 && !s.block {
			err = s.commit(ctx)
		}
		if err != nil {
			w.Fail(s.failure(err))
			return
		}
		if tag != "" {
			w.Complete(tag)
		}
	}
}

// failure notes that a statement failed. What DuckDB has open is rolled back
// at once, since nothing in it can be kept.
func (s *session) failure(err error) error {
	s.rollback()
	s.failed = s.block
	return err
}

func (s *session) rollback() {
	s.closeCursors()
	s.c.drop()
	if s.open {
		if _, err := s.c.exec(context.Background(), "ROLLBACK"); err != nil {
			s.e.log.Debug("roll back", "err", err)
		}
	}
	s.open, s.wrote, s.bulky, s.touched, s.dropped, s.defined, s.seen = false, false, nil, nil, nil, nil, nil
	s.unlock(false)
	s.changed = nil
}

func (s *session) begin(ctx context.Context) error {
	if s.open {
		return nil
	}
	s.since = s.e.tables.now()
	_, err := s.c.exec(ctx, "BEGIN TRANSACTION")
	s.open = err == nil
	return err
}

// commit ends DuckDB's transaction. A bulk commit passes the gate alone. When
// ctx ends before that, the transaction is rolled back.
func (s *session) commit(ctx context.Context) error {
	s.closeCursors()
	s.c.drop()
	if !s.open {
		s.unlock(false)
		return nil
	}
	if s.bulky != nil {
		ctx, cancel := s.limited(ctx)
		defer cancel()
		locked, err := s.alone(ctx)
		if err != nil {
			s.rollback()
			return translate(err, nil, nil)
		}
		if locked {
			defer s.e.gate.unlock()
		}
	}
	touched, dropped, wrote := s.touched, s.dropped, s.wrote
	s.open, s.wrote, s.bulky, s.touched, s.dropped, s.defined, s.seen = false, false, nil, nil, nil, nil, nil
	began := s.e.tables.begin(touched)
	_, err := s.c.exec(context.Background(), "COMMIT")
	if err != nil {
		dropped = nil
	}
	s.e.tables.end(touched, dropped, began)
	if err != nil {
		s.c.exec(context.Background(), "ROLLBACK")
		s.unlock(false)
		s.changed = nil
		return translate(err, nil, nil)
	}
	if s.changed != nil {
		s.e.access.Store(s.changed)
		s.changed = nil
	}
	s.unlock(wrote)
	return nil
}

// limited returns ctx with the limit of statement_timeout.
func (s *session) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.timeout == 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, s.timeout, sqlstate.Errorf(sqlstate.QueryCanceled, "canceling statement due to statement timeout"))
}

var errFailed = sqlstate.Errorf(sqlstate.FailedTransaction, "current transaction is aborted, commands ignored until end of transaction block")

// admit classifies a statement and tells whether it may run in the transaction
// as it is.
func (s *session) admit(st *dialect.Statement) error {
	err := st.Classify()
	if s.failed && (err != nil || st.Kind != dialect.Commit && st.Kind != dialect.Rollback) {
		return errFailed
	}
	return err
}

// statement runs one statement and returns its command tag. many tells that it
// is one of several of a text, which are one transaction.
func (s *session) statement(ctx context.Context, st *dialect.Statement, many bool, w *pgwire.Writer) (string, error) {
	if err := s.admit(st); err != nil {
		return "", err
	}
	q := s.note(st)
	tag, err := s.dispatch(ctx, st, many, w)
	s.ended(q, rowsOf(tag), err)
	return tag, err
}

// rowsOf is the count that a command tag tells.
func rowsOf(tag string) int64 {
	n, _ := strconv.ParseInt(tag[strings.LastIndexByte(tag, ' ')+1:], 10, 64)
	return n
}

// dispatch runs a statement by its kind.
func (s *session) dispatch(ctx context.Context, st *dialect.Statement, many bool, w *pgwire.Writer) (string, error) {
	ctx, cancel := s.limited(ctx)
	defer cancel()
	defer w.Watch(ctx)()
	if err := s.authorize(ctx, st); err != nil {
		return "", err
	}
	switch st.Kind {
	case dialect.Begin, dialect.Commit, dialect.Rollback:
		return s.transaction(ctx, st, w)
	case dialect.Set:
		if name, ok, err := st.SessionUser(); ok {
			if err == nil {
				err = s.setUser(name, w)
			}
			return st.Tag, err
		}
		return st.Tag, s.set(ctx, st, w)
	case dialect.Show:
		return st.Tag, s.show(st, w)
	case dialect.Grant, dialect.Access:
		return st.Tag, s.accessStatement(ctx, st, w)
	case dialect.Cancel:
		return st.Tag, s.cancelOther(st)
	case dialect.Declare, dialect.Fetch, dialect.CloseCursor:
		return s.cursor(ctx, st, w)
	case dialect.Prepare, dialect.Deallocate:
		return st.Tag, s.planned(st)
	case dialect.Execute:
		inner, err := s.executed(st)
		if err != nil {
			return "", err
		}
		tag, err := s.dispatch(ctx, inner, many, w)
		if err != nil {
			err = unplaced(err)
		}
		return tag, err
	case dialect.Nothing:
		if st.Tag == "VACUUM" && (s.block || many) {
			return "", sqlstate.Errorf(sqlstate.ActiveTransaction, "VACUUM cannot run inside a transaction block")
		}
		err := s.maintained(ctx, st)
		if err == nil && st.Tag == "VACUUM" && !s.open {
			err = s.vacuum(ctx)
		}
		return st.Tag, err
	}
	if err := s.lockTables(ctx, st, w); err != nil {
		return "", err
	}
	// A query too: what is known of its tables and what it reads must be of one
	// moment, since commits pass beside it.
	if err := s.begin(ctx); err != nil {
		return "", translate(err, st, nil)
	}
	if c := st.OwnerChange(); c != nil {
		return st.Tag, s.changeOwner(ctx, c)
	}
	switch st.Kind {
	case dialect.Copy:
		return s.copyStatement(ctx, st, w)
	case dialect.Unload:
		return s.unload(ctx, st, w)
	case dialect.Lock:
		return st.Tag, s.lock(st)
	}
	tag, err := s.run(ctx, st, w)
	return tag, s.conflict(err, st)
}

// transaction runs BEGIN, COMMIT and ROLLBACK, and returns the command tag.
func (s *session) transaction(ctx context.Context, st *dialect.Statement, w *pgwire.Writer) (string, error) {
	warn := func(code, msg string) {
		w.Notice(sqlstate.Notice{Severity: "WARNING", Code: code, Message: msg})
	}
	switch st.Kind {
	case dialect.Begin:
		if s.block {
			warn(sqlstate.ActiveTransaction, "there is already a transaction in progress")
		}
		s.block = true // DuckDB's begins with the first statement, which may wait for a table before
	case dialect.Commit:
		if s.failed {
			s.block, s.failed = false, false
			return "ROLLBACK", nil
		}
		if !s.block {
			warn(sqlstate.NoActiveTransaction, "there is no transaction in progress")
		}
		s.block = false
		if err := s.commit(ctx); err != nil {
			return "", err
		}
	case dialect.Rollback:
		if !s.block {
			warn(sqlstate.NoActiveTransaction, "there is no transaction in progress")
		}
		s.rollback()
		s.block, s.failed = false, false
	}
	return st.Tag, nil
}

func (s *session) env() dialect.Env {
	return dialect.Env{Catalog: catalog{s}, Database: s.start.Database, User: s.userName(), Version: version, PID: s.start.PID, Last: s.last, Serial: fmt.Sprintf("%x", time.Now().UnixNano()), Types: dialect.Types{}, Mismatched: dialect.Types{}, Schema: catalog{s}.schema, Setting: s.setting}
}

// prepare rewrites and prepares a statement, and finds the types that the
// rewriting depends on: each time that preparing fails for the lack of one,
// DuckDB's error tells it.
func (s *session) prepare(st *dialect.Statement) (*dialect.Rewritten, *statement, error) {
	env := s.env()
	for first := true; ; first = false {
		out, err := st.Rewrite(env)
		if err != nil {
			return nil, nil, err
		}
		if first {
			for _, sql := range out.Before {
				if _, err := s.c.exec(context.Background(), sql); err != nil {
					return nil, nil, translate(err, st, nil)
				}
			}
		}
		if err := s.inform(context.Background(), out); err != nil {
			return nil, nil, err
		}
		ps, err := s.c.prepare(out.SQL)
		switch {
		case err == nil && len(out.Probes) == 0:
			return out, ps, nil
		case err == nil:
			ps.close()
			return nil, nil, sqlstate.Errorf(sqlstate.InternalError, "a probe of types was accepted")
		case len(out.Probes) > 0 && learn(err, out, env.Types), mismatched(err, out, env.Mismatched):
		default:
			return nil, nil, translate(err, st, out)
		}
	}
}

// learn takes the types that a probe's error tells.
func learn(err error, out *dialect.Rewritten, types dialect.Types) bool {
	var e *nativeError
	if !errors.As(err, &e) || e.Subtype != "NO_MATCHING_FUNCTION" || e.Name != "bit_count" && e.Name != "bit_and" || e.at() < 0 {
		return false
	}
	site, ok := probeSite(out, e)
	if !ok {
		return false
	}
	if _, known := types[site]; known {
		return false
	}
	inside := e.Call[strings.IndexByte(e.Call, '(')+1 : len(e.Call)-1]
	parts := splitTypes(inside)
	if len(parts) < 2 {
		return false
	}
	types[site] = parts[:len(parts)-1]
	return true
}

// probeSite returns the site whose marker follows the position of an error.
func probeSite(out *dialect.Rewritten, e *nativeError) (int, bool) {
	rest := out.SQL[min(e.at(), len(out.SQL)):]
	i := strings.IndexByte(rest, '(')
	depth := 0
	for k := i; k >= 0 && k < len(rest); k++ {
		switch rest[k] {
		case '\'':
			if depth == 1 && strings.HasPrefix(rest[k:], "'rs:") {
				var site int
				_, err := fmt.Sscanf(rest[k+4:], "%d'", &site)
				return site, err == nil
			}
			if n := strings.IndexByte(rest[k+1:], '\''); n >= 0 {
				k += n + 1
			}
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return 0, false
			}
		}
	}
	return 0, false
}

func splitTypes(s string) []string {
	var parts []string
	depth, start := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	return append(parts, strings.TrimSpace(s[start:]))
}

// run runs a statement of DuckDB's, sends its rows and returns its command tag.
func (s *session) run(ctx context.Context, st *dialect.Statement, w *pgwire.Writer) (string, error) {
	res, out, err := s.execute(ctx, st, w)
	if err != nil {
		return "", err
	} else if res == nil {
		return st.Tag, nil
	}
	if st.Kind != dialect.Query {
		defer res.close()
		return tag(st, res.changed()), nil
	}
	r, err := newRows(st, res, out)
	if err != nil {
		return "", err
	}
	defer r.close()
	w.Columns(r.columns)
	n, _, err := r.send(ctx, 0, w)
	if err != nil {
		return "", err
	}
	return tag(st, n), nil
}

// carryOut runs a statement up to its result. The result is nil when there was
// nothing to do, and the client was told.
func (s *session) carryOut(ctx context.Context, st *dialect.Statement, w *pgwire.Writer) (*result, *dialect.Rewritten, error) {
	if err := s.e.gate.enter(ctx); err != nil {
		return nil, nil, err
	}
	streams := false // its rows are made within the gate still
	defer func() {
		if !streams {
			s.e.gate.leave()
		}
	}()
	if st.Kind == dialect.Define {
		done, err := s.existence(st, w)
		if done || err != nil {
			return nil, nil, err
		}
		if err := s.depend(ctx, st); err != nil {
			return nil, nil, err
		}
	}
	out, ps, err := s.prepare(st)
	if err != nil {
		return nil, nil, err
	}
	defer func() { ps.close() }()
	if err := s.mayRun(out); err != nil {
		return nil, nil, err
	}
	s.wrote = s.wrote || st.Kind != dialect.Query
	if st.Kind == dialect.Define {
		s.touch(st, out)
	}
	if out.Made != nil {
		filling, err := s.make(ctx, st, out, ps)
		if err != nil {
			return nil, nil, err
		}
		ps.close()
		ps = filling
	}
	before := false
	if st.Kind == dialect.Define {
		if before, err = s.existed(ctx, st); err != nil {
			return nil, nil, err
		}
	}
	if st.Kind == dialect.Query && len(out.After) == 0 {
		res, err := ps.stream(ctx, s.e.gate.leave)
		streams = err == nil
		if err != nil {
			return nil, nil, translate(err, st, out)
		}
		res.again = s.e.elsewhere(out.SQL)
		for _, set := range out.Sets {
			s.settings[set[0]] = set[1]
		}
		return res, out, nil
	}
	count, err := s.countRows(ctx, st)
	if err != nil {
		return nil, nil, err
	}
	res, err := ps.run(ctx)
	if err != nil {
		return nil, nil, translate(err, st, out)
	}
	res.counted = count
	for _, set := range out.Sets {
		s.settings[set[0]] = set[1]
	}
	if st.Kind != dialect.Query {
		s.bulk(st.Tag, out.SQL, res.changed())
	}
	if err := s.alter(ctx, out); err != nil {
		res.close()
		return nil, nil, err
	}
	for _, sql := range out.After {
		n, err := s.c.exec(ctx, sql)
		if err != nil {
			res.close()
			return nil, nil, translate(err, st, nil)
		}
		s.bulk("INSERT", sql, n)
	}
	if st.Tag == "CREATE SCHEMA" {
		if err := s.follow(ctx, schemasOf(s.settings["search_path"])); err != nil {
			res.close()
			return nil, nil, err
		}
	}
	if st.Kind == dialect.Define {
		s.seen = nil
		if err := s.sever(ctx, st); err != nil {
			res.close()
			return nil, nil, err
		}
		if err := s.noteDefined(ctx, st, before); err != nil {
			res.close()
			return nil, nil, err
		}
	}
	return res, out, nil
}

// touch notes which table a statement defines.
func (s *session) touch(st *dialect.Statement, out *dialect.Rewritten) {
	if s.touched == nil {
		s.touched = map[string]bool{}
	}
	clear(s.defined)
	s.seen = nil
	switch st.Tag {
	case "CREATE TABLE", "DROP TABLE":
		s.touched[strings.ToLower(out.Table.Table)] = true
		for _, name := range out.Others {
			s.touched[strings.ToLower(name.Table)] = true
		}
		if out.Columns != nil && !st.Temporary() {
			s.defined = map[dialect.Name]*dialect.Table{out.Table: {Columns: out.Columns}}
		}
		s.drops(st, out)
	default:
		s.touched[""] = true
		s.dropped = nil
	}
	s.temporary = s.temporary || st.Temporary()
}

// drops notes whether the table that a statement defines is gone after it.
func (s *session) drops(st *dialect.Statement, out *dialect.Rewritten) {
	if st.Tag != "DROP TABLE" {
		delete(s.dropped, out.Table)
		return
	}
	if out.Table.Schema == "" && (s.temporary || s.settings["search_path"] != "public") {
		return // another may be the next of its name
	}
	if s.dropped == nil {
		s.dropped = map[dialect.Name]bool{}
	}
	s.dropped[out.Table] = true
}

// touches reports whether the open transaction may have defined a table.
func (s *session) touches(name dialect.Name) bool {
	return s.touched[""] || s.touched[strings.ToLower(name.Table)]
}

// existence answers IF EXISTS and IF NOT EXISTS with the notice that belongs
// to them.
func (s *session) existence(st *dialect.Statement, w *pgwire.Writer) (done bool, err error) {
	if st.Tag != "CREATE TABLE" && st.Tag != "DROP TABLE" || !slices.ContainsFunc(st.Touches(), func(t dialect.Touched) bool { return t.Exists }) {
		return false, nil
	}
	out, err := st.Rewrite(s.env())
	if err != nil || !out.Exists {
		return false, err
	}
	if len(out.Others) > 0 {
		for _, name := range append(out.Others, out.Table) {
			if table, err := (catalog{s}).Table(name); err != nil {
				return false, err
			} else if table == nil {
				w.Notice(skipped(name))
			}
		}
		return false, nil
	}
	table, err := catalog{s}.Table(out.Table)
	if err != nil {
		return false, err
	}
	switch {
	case st.Tag == "CREATE TABLE" && table != nil:
		w.Notice(sqlstate.Notice{Severity: "INFO", Code: "00000", Message: fmt.Sprintf("Relation \"%s\" already exists and will be skipped", out.Table.Table)})
	case st.Tag == "DROP TABLE" && table == nil:
		w.Notice(skipped(out.Table))
	default:
		return false, nil
	}
	return true, nil
}

func skipped(name dialect.Name) sqlstate.Notice {
	return sqlstate.Notice{Severity: "INFO", Code: "00000", Message: fmt.Sprintf("Table \"%s\" does not exist and will be skipped", name.Table)}
}

func tag(st *dialect.Statement, n int64) string {
	switch st.Tag {
	case "INSERT":
		return fmt.Sprintf("INSERT 0 %d", n)
	case "SELECT", "UPDATE", "DELETE", "MERGE":
		if st.Kind == dialect.Define {
			return st.Tag
		}
		return fmt.Sprintf("%s %d", st.Tag, n)
	}
	return st.Tag
}

// Fail notes that a message of the extended protocol failed.
func (s *session) Fail() { s.failure(nil) }

// Sync ends a series of messages.
func (s *session) Sync(ctx context.Context) error {
	if s.block {
		return nil
	}
	return s.commit(ctx)
}
