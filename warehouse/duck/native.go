//go:build cgo

package duck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/warehouse/pgwire"
)

// A conn is one connection to DuckDB. It is not for concurrent use.
type conn struct {
	c      db.Connection
	stream *result // that is not read to its end: see stream.go
	fatal  func()  // called when the database serves nobody any more; may be nil
}

// judge looks whether an error is the end of the database, such as that of a
// checkpoint on a full disk.
func (c *conn) judge(err *nativeError) *nativeError {
	if c.fatal != nil && (err.Kind == "FATAL" || strings.Contains(err.Message, "database has been invalidated")) {
		c.fatal()
	}
	return err
}

// A nativeError is an error as DuckDB tells it.
type nativeError struct {
	Kind     string `json:"exception_type"`
	Message  string `json:"exception_message"`
	Subtype  string `json:"error_subtype"`
	Name     string `json:"name"`
	Type     string `json:"type"`
	Call     string `json:"call"`
	Position string `json:"position"`
}

// Error returns the message, with its kind.
func (e *nativeError) Error() string { return e.Kind + ": " + e.Message }

// at returns the byte offset of the error in the statement, or -1.
func (e *nativeError) at() int {
	if n, err := strconv.Atoi(e.Position); err == nil {
		return n
	}
	return -1
}

// parseNative reads a message of DuckDB's, JSON when errors_as_json is set.
func parseNative(msg string) *nativeError {
	e := &nativeError{}
	if i := strings.IndexByte(msg, '{'); i >= 0 && json.Unmarshal([]byte(msg[i:]), e) == nil && e.Message != "" {
		return e
	}
	e.Message = msg
	if kind, rest, ok := strings.Cut(msg, " Error: "); ok {
		e.Kind, e.Message = kind, rest
	}
	return e
}

// A result is what a statement gave. It must be closed.
type result struct {
	r    db.Result
	kind db.StatementType
	streaming

	counted *int64 // how many rows it changed, where DuckDB counts others; may be nil
}

func (r *result) close() {
	r.end()
	db.DestroyResult(&r.r)
}

// changed is the number of rows that a statement wrote.
func (r *result) changed() int64 {
	if r.counted != nil {
		return *r.counted
	}
	return int64(db.RowsChanged(&r.r))
}

// A statement is prepared. It must be closed.
type statement struct {
	c *conn
	s db.PreparedStatement
}

func (c *conn) prepare(sql string) (*statement, error) {
	c.settle()
	st := &statement{c: c}
	if db.Prepare(c.c, sql, &st.s) != db.StateSuccess {
		err := c.judge(parseNative(db.PrepareError(st.s)))
		db.DestroyPrepare(&st.s)
		return nil, err
	}
	return st, nil
}

func (s *statement) close() { db.DestroyPrepare(&s.s) }

// run executes the statement. When ctx ends the statement is interrupted, and
// the cause is returned.
func (s *statement) run(ctx context.Context) (*result, error) {
	return s.execute(ctx, db.ExecutePrepared)
}

func (s *statement) execute(ctx context.Context, how func(db.PreparedStatement, *db.Result) db.State) (*result, error) {
	if err := pgwire.Cause(ctx); err != nil {
		return nil, err
	}
	s.c.settle()
	stop := s.c.interruptible(ctx)
	res := &result{kind: db.PreparedStatementType(s.s)}
	state := how(s.s, &res.r)
	stop()
	if state != db.StateSuccess {
		err := s.c.judge(parseNative(db.ResultError(&res.r)))
		res.close()
		if cause := pgwire.Cause(ctx); cause != nil {
			return nil, cause
		}
		return nil, err
	}
	return res, nil
}

// exec runs sql without parameters and drops its rows.
func (c *conn) exec(ctx context.Context, sql string) (int64, error) {
	st, err := c.prepare(sql)
	if err != nil {
		return 0, err
	}
	defer st.close()
	res, err := st.run(ctx)
	if err != nil {
		return 0, err
	}
	defer res.close()
	return res.changed(), nil
}

// query runs sql and returns its rows as texts; a null is "".
func (c *conn) query(ctx context.Context, sql string) ([][]string, error) {
	st, err := c.prepare(sql)
	if err != nil {
		return nil, err
	}
	defer st.close()
	return st.rows(ctx)
}

// rows runs the statement and returns its rows as texts; a null is "".
func (s *statement) rows(ctx context.Context) ([][]string, error) {
	res, err := s.run(ctx)
	if err != nil {
		return nil, err
	}
	defer res.close()
	rd, err := newReader(res)
	if err != nil {
		return nil, err
	}
	defer rd.close()
	var rows [][]string
	err = rd.each(func(row int) error {
		texts := make([]string, len(rd.columns))
		for i := range rd.columns {
			if !rd.null(i, row) {
				texts[i] = string(rd.append(nil, i, row))
			}
		}
		rows = append(rows, texts)
		return nil
	})
	return rows, err
}

// openDatabase opens a database file.
func openDatabase(path string, options [][2]string) (db.Database, error) {
	var cfg db.Config
	if db.CreateConfig(&cfg) != db.StateSuccess {
		return db.Database{}, errors.New("create DuckDB's configuration")
	}
	defer db.DestroyConfig(&cfg)
	for _, o := range options {
		if db.SetConfig(cfg, o[0], o[1]) != db.StateSuccess {
			return db.Database{}, fmt.Errorf("set DuckDB's option %q", o[0])
		}
	}
	var d db.Database
	var msg string
	if db.OpenExt(path, &d, cfg, &msg) != db.StateSuccess {
		return db.Database{}, errors.New(msg)
	}
	return d, nil
}
