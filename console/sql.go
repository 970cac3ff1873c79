package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"salamander/operation"
)

// Limits of a run of SQL.
const (
	maxSQLRows  = 100_000
	sqlRows     = 10_000    // where the page asks for no other number
	maxValue    = 256 << 10 // bytes of one value; what is longer is cut
	rowsAtOnce  = 500
	bytesAtOnce = 512 << 10
	cancelAgain = time.Second     // between two requests to cancel
	cancelAfter = 5 * time.Second // a cancelled statement that does not end loses its connection
)

// runSQL runs a script statement by statement and sends each one's rows as they
// come.
//
//	POST /api/sql {"id", "session", "sql", "cluster"?, "maxRows"?} -> lines of JSON:
//	  {"statement", "start", "end"} {"columns"} {"rows"}* {"notice"}* {"done": {"tag", "rows", "ms", "truncated"}}
//	  or {"error": {"code", "message", "position"?, "detail"?, "hint"?}}, which ends it; {"end": {"ms"}}
func (c *Console) runSQL(w http.ResponseWriter, r *http.Request) (any, error) {
	var in struct {
		ID      string `json:"id"`
		Session string `json:"session"`
		SQL     string `json:"sql"`
		Cluster string `json:"cluster"`
		MaxRows int    `json:"maxRows"`
	}
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	if c.opt.Warehouses == nil {
		return nil, unavailable("warehouse")
	}
	if in.MaxRows <= 0 || in.MaxRows > maxSQLRows {
		in.MaxRows = sqlRows
	}
	ctx, end := c.sql.begin(r.Context(), in.ID)
	defer end()
	key := sqlKey{in.Cluster, in.Session}
	session, err := c.sql.hold(ctx, key)
	if err != nil {
		return nil, err
	}
	w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	run := &sqlRun{conn: session.conn, out: &lineWriter{w: w, control: http.NewResponseController(w)}, most: in.MaxRows}
	session.out = run.notice
	defer func() {
		c.sql.release(key, session)
		if in.Session == "" {
			c.sql.drop(key)
		}
	}()
	began := time.Now()
	for i, st := range c.opt.Warehouses.Split(in.SQL) {
		if err := run.statement(ctx, i, in.SQL, st); err != nil {
			run.out.write(document{"error": sqlFault(err, in.SQL, st)})
			break
		}
	}
	run.out.write(document{"end": document{"ms": since(began)}})
	c.opt.Live.Publish(Change{Topic: "warehouse", Key: in.Cluster})
	return sent{}, nil
}

func since(began time.Time) float64 { return float64(time.Since(began).Microseconds()) / 1000 }

// A sqlRun is a run of a script.
type sqlRun struct {
	conn *pgconn.PgConn
	out  *lineWriter
	most int

	// Of the statement that runs:
	enough sync.Once
	cut    bool // it was cancelled since its rows are enough
}

func (run *sqlRun) notice(severity, message string) {
	run.out.write(document{"notice": document{"severity": severity, "message": message}})
}

// statement runs one statement.
func (run *sqlRun) statement(ctx context.Context, i int, sql string, st Statement) error {
	run.out.write(document{"statement": i, "start": units(sql[:st.Start]), "end": units(sql[:st.Start+len(st.SQL)])})
	if err := ctx.Err(); err != nil {
		return &pgconn.PgError{Severity: "ERROR", Code: "57014", Message: "canceling statement due to user request"}
	}
	began := time.Now()
	run.enough, run.cut = sync.Once{}, false
	// The client's going, or its wish, cancels the statement on the server; the
	// connection goes on.
	done, enough, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-ctx.Done():
			run.stop(done)
		case <-enough:
			run.stop(done)
		case <-done:
		}
	}()
	results := run.conn.Exec(context.Background(), st.SQL)
	var err error
	for results.NextResult() {
		if e := run.result(results.ResultReader(), began, enough); err == nil {
			err = e
		}
	}
	if e := results.Close(); err == nil {
		err = e
	}
	close(done)
	<-ended
	var e *pgconn.PgError
	if run.cut && errors.As(err, &e) && e.Code == "57014" {
		err = nil // as it was to be
	}
	return err
}

// stop cancels what the connection runs, and where that does not end it, the
// connection.
func (run *sqlRun) stop(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), cancelAfter)
	defer cancel()
	for ctx.Err() == nil {
		_ = run.conn.CancelRequest(ctx) // it may come before the statement
		select {
		case <-done:
			return
		case <-time.After(cancelAgain):
		}
	}
	run.conn.Conn().Close()
}

// result sends the rows of a result, and closes enough where there are more.
func (run *sqlRun) result(rr *pgconn.ResultReader, began time.Time, enough chan struct{}) error {
	fields := rr.FieldDescriptions()
	if len(fields) > 0 {
		run.out.write(document{"columns": columnsOf(fields)})
	}
	rows, truncated := 0, false
	var batch []byte
	n := 0
	flush := func() {
		if n > 0 {
			run.out.raw(append(append([]byte(`{"rows":[`), batch...), "]}\n"...))
			batch, n = batch[:0], 0
		}
	}
	for rr.NextRow() {
		if rows == run.most {
			if !truncated {
				truncated = true
				flush()
				if run.conn.TxStatus() == 'I' { // in a transaction it would be aborted: the rest is read and forgotten
					run.enough.Do(func() { run.cut = true; close(enough) })
				}
			}
			continue
		}
		rows++
		if n > 0 {
			batch = append(batch, ',')
		}
		batch = appendRow(batch, rr.Values())
		if n++; n >= rowsAtOnce || len(batch) >= bytesAtOnce {
			flush()
		}
	}
	flush()
	tag, err := rr.Close()
	var e *pgconn.PgError
	if truncated && errors.As(err, &e) && e.Code == "57014" {
		err = nil
	}
	if err != nil {
		return err
	}
	name := tag.String()
	if name == "" {
		name = "SELECT " + strconv.Itoa(rows)
	}
	affected := int64(rows)
	if len(fields) == 0 {
		affected = tag.RowsAffected()
	}
	run.out.write(document{"done": document{"tag": name, "rows": affected, "ms": since(began), "truncated": truncated}})
	return nil
}

// appendRow writes a row as JSON texts and nulls.
func appendRow(b []byte, values [][]byte) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		if v == nil {
			b = append(b, "null"...)
			continue
		}
		text := v
		if len(text) > maxValue {
			text = append(bytes.ToValidUTF8(text[:maxValue], nil), "…"...)
		}
		b = appendText(b, text)
	}
	return append(b, ']')
}

// appendText writes a text as JSON does.
func appendText(b, text []byte) []byte {
	plain := utf8.Valid(text)
	for _, c := range text {
		if c < 0x20 || c == '"' || c == '\\' || c == 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return append(append(append(b, '"'), text...), '"')
	}
	quoted, err := json.Marshal(string(text))
	if err != nil {
		panic(err) // a string always has a form
	}
	return append(b, quoted...)
}

// A sqlColumn is a column of a result.
type sqlColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func columnsOf(fields []pgconn.FieldDescription) []sqlColumn {
	types := pgtype.NewMap()
	columns := make([]sqlColumn, len(fields))
	for i, f := range fields {
		name := "oid " + strconv.FormatUint(uint64(f.DataTypeOID), 10)
		if t, ok := types.TypeForOID(f.DataTypeOID); ok {
			name = t.Name
		}
		columns[i] = sqlColumn{f.Name, name}
	}
	return columns
}

// A sqlError is an error of a statement as the API tells it.
type sqlError struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Position *int   `json:"position,omitempty"`
	Detail   string `json:"detail,omitempty"`
	Hint     string `json:"hint,omitempty"`
}

// sqlFault places an error in the script.
func sqlFault(err error, sql string, st Statement) sqlError {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return sqlError{Code: "08006", Message: sqlMessage(err)}
	}
	out := sqlError{Code: e.Code, Message: e.Message, Detail: e.Detail, Hint: e.Hint}
	if e.Position > 0 {
		at := units(sql[:st.Start]) + units(firstRunes(st.SQL, int(e.Position)-1))
		out.Position = &at
	}
	return out
}

// sqlMessage is an error of a connection without the connection's address and
// user, which pgx puts before it.
func sqlMessage(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Message
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

// units is the length of a text in UTF-16 code units.
func units(s string) (n int) {
	for _, r := range s {
		if n++; r >= 0x10000 {
			n++
		}
	}
	return n
}

// firstRunes is the beginning of a text with so many characters.
func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// cancelSQL ends a run.
//
//	POST /api/sql/cancel {"id"} -> 204
func (c *Console) cancelSQL(w http.ResponseWriter, r *http.Request) (any, error) {
	var in struct{ ID string }
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	if !c.sql.cancel(in.ID) {
		return nil, notFound("nothing runs under %q", in.ID)
	}
	return nil, nil
}

// closeSQL ends the connection of an editor that is closed.
//
//	POST /api/sql/close {"session", "cluster"?} -> 204
func (c *Console) closeSQL(w http.ResponseWriter, r *http.Request) (any, error) {
	var in struct{ Session, Cluster string }
	if err := read(w, r, &in); err != nil {
		return nil, err
	}
	go c.sql.drop(sqlKey{in.Cluster, in.Session})
	return nil, nil
}

// A lineWriter sends lines of JSON. The first failure silences it: the client
// is gone.
type lineWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	failed  bool
}

func (l *lineWriter) write(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the values are ours
	}
	l.raw(append(text, '\n'))
}

func (l *lineWriter) raw(text []byte) {
	if l.failed {
		return
	}
	_ = l.control.SetWriteDeadline(time.Now().Add(writeLimit)) // tests' recorders have none
	_, err := l.w.Write(text)
	if err == nil {
		err = l.control.Flush()
	}
	l.failed = err != nil
}

// ask runs a query of the console's own on a fresh connection and returns its
// rows, null as the empty text.
func (c *Console) ask(ctx context.Context, cluster, sql string, values ...string) (rows [][]string, err error) {
	conn, err := c.sql.connectOwn(ctx, cluster)
	if err != nil {
		return nil, err
	}
	defer hangUp(conn)
	return askOn(ctx, conn, sql, values...)
}

func askOn(ctx context.Context, conn *pgconn.PgConn, sql string, values ...string) (rows [][]string, err error) {
	params := make([][]byte, len(values))
	for i, v := range values {
		params[i] = []byte(v)
	}
	rr := conn.ExecParams(ctx, sql, params, nil, nil, nil)
	for rr.NextRow() {
		row := make([]string, len(rr.Values()))
		for i, v := range rr.Values() {
			row[i] = string(v)
		}
		rows = append(rows, row)
	}
	if _, err = rr.Close(); err != nil {
		var e *pgconn.PgError
		if errors.As(err, &e) {
			err = operation.Errorf("Warehouse", "%s: %s", e.Code, e.Message)
		}
	}
	return rows, err
}
