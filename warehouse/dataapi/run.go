package dataapi

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

const connectLife = 30 * time.Second

// A Result is what a query returned. It is read-only.
type Result struct {
	Columns []Column
	Rows    [][][]byte // texts as the database writes them; nil is null
	Size    int64      // bytes of the values
}

// run carries out a statement.
func (s *Statements) run(ctx context.Context, st *statement, queries []query) {
	ctx, cancel := context.WithTimeout(ctx, Keep)
	defer cancel()
	err := s.perform(ctx, st, queries)
	s.mu.Lock()
	now := s.opt.Now()
	switch cause := context.Cause(ctx); {
	case err == nil:
		st.end(Finished, "", now)
	case errors.Is(cause, errInterrupted):
		st.end(Aborted, "", now)
	case errors.Is(cause, errShutDown):
		st.end(Aborted, cause.Error(), now)
	default:
		st.end(Failed, message(err), now)
	}
	s.held += st.size()
	told := st.copy()
	s.mu.Unlock()
	close(st.done)
	if s.opt.Ended != nil {
		s.opt.Ended(told)
	}
}

// end sets the last status of a statement, and of the parts that have none.
func (st *statement) end(status, text string, now time.Time) {
	for i := range st.Subs {
		switch sub := &st.Subs[i]; {
		case !sub.Ended() && status == Failed:
			sub.Status, sub.Updated, sub.Error = Aborted, now, "Connection or an prior query failed."
		case !sub.Ended():
			sub.Status, sub.Updated = Aborted, now
		}
	}
	st.Status, st.Error, st.Updated = status, text, now
	if st.Duration == 0 {
		st.Duration = now.Sub(st.Created)
	}
	if status != Finished {
		// The transaction is undone: what its parts returned is not true.
		st.Result, st.Rows, st.Size = nil, -1, -1
		for i := range st.Subs {
			st.Subs[i].Result = nil
		}
	}
}

// perform waits for a place, connects, and runs the queries.
func (s *Statements) perform(ctx context.Context, st *statement, queries []query) error {
	select {
	case s.running <- struct{}{}:
		defer func() { <-s.running }()
	case <-ctx.Done():
		return ctx.Err()
	}
	s.set(func() { st.Status = Picked })
	conn, err := connect(ctx, st.Target)
	if err != nil {
		return err
	}
	defer hangUp(conn)
	s.set(func() { st.Status, st.PID = Started, conn.PID() })
	begun := s.opt.Now()
	if !st.Batch {
		got, err := query1(ctx, conn, queries[0])
		s.set(func() { st.took(got, s.opt.Now().Sub(begun)) })
		return err
	}
	return s.batch(ctx, conn, st, queries)
}

// batch runs the parts in one transaction. The state of a batch is the sum of
// its parts'.
func (s *Statements) batch(ctx context.Context, conn *pgconn.PgConn, st *statement, queries []query) error {
	begun := s.opt.Now()
	if _, err := query1(ctx, conn, query{sql: "BEGIN"}); err != nil {
		return err
	}
	for i, q := range queries {
		at := s.opt.Now()
		s.set(func() { st.Subs[i].Status, st.Subs[i].Updated = Started, at })
		got, err := query1(ctx, conn, q)
		s.set(func() {
			sub, now := &st.Subs[i], s.opt.Now()
			sub.Updated = now
			if err == nil {
				sub.took(got, now.Sub(at))
				sub.Status = Finished
			} else if context.Cause(ctx) == nil || errors.Is(err, errTooLarge) {
				sub.Status, sub.Error, sub.Duration = Failed, message(err), now.Sub(at)
			}
		})
		if err != nil {
			return fmt.Errorf("Query #%d failed with %s", i+1, message(err)) //nolint:staticcheck // as the Data API says it
		}
	}
	if _, err := query1(ctx, conn, query{sql: "COMMIT"}); err != nil {
		return err
	}
	s.set(func() {
		st.Rows, st.Size = 0, 0
		for _, sub := range st.Subs {
			st.Rows, st.Size = st.Rows+sub.Rows, st.Size+sub.Size
		}
		st.Duration = s.opt.Now().Sub(begun)
	})
	return nil
}

// set changes a statement.
func (s *Statements) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// took notes what a query gave.
func (s *State) took(got answer, d time.Duration) {
	s.Rows, s.Size, s.Duration = got.rows, 0, max(d, 1)
	if got.result != nil {
		s.Result, s.Size = got.result, got.result.Size
	}
}

func connect(ctx context.Context, t Target) (*pgconn.PgConn, error) {
	dsn := url.URL{Scheme: "postgres", User: url.UserPassword(t.User, t.Password), Host: t.Host + ":" + strconv.Itoa(t.Port), Path: "/" + t.Database,
		RawQuery: "sslmode=disable&application_name=RedshiftDataAPI"}
	cfg, err := pgconn.ParseConfig(dsn.String())
	if err != nil {
		return nil, err
	}
	cfg.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &canceller{conn: c}
	}
	ctx, cancel := context.WithTimeout(ctx, connectLife)
	defer cancel()
	return pgconn.ConnectConfig(ctx, cfg)
}

func hangUp(c *pgconn.PgConn) {
	ctx, cancel := context.WithTimeout(context.Background(), cancelLife)
	defer cancel()
	c.Close(ctx)
}

// An answer is what one query gave.
type answer struct {
	rows   int64
	result *Result // nil where the query returns no rows
}

// query1 runs one query and reads its result, which has a limit.
func query1(ctx context.Context, conn *pgconn.PgConn, q query) (answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	rr := conn.ExecParams(ctx, q.sql, q.values, nil, nil, nil)
	var result *Result
	large := false
	for rr.NextRow() {
		if result == nil {
			result = &Result{Columns: columns(rr)}
		}
		row := make([][]byte, len(rr.Values()))
		for i, v := range rr.Values() {
			if v != nil {
				row[i] = append([]byte{}, v...)
			}
			result.Size += int64(len(v))
		}
		if large = large || result.Size > MaxResult; large {
			cancel(errTooLarge)
			continue
		}
		result.Rows = append(result.Rows, row)
	}
	if cols := columns(rr); result == nil && len(cols) > 0 {
		result = &Result{Columns: cols, Rows: [][][]byte{}}
	}
	tag, err := rr.Close()
	if large {
		return answer{}, errTooLarge
	}
	if err != nil {
		return answer{}, err
	}
	if result != nil {
		return answer{int64(len(result.Rows)), result}, nil
	}
	return answer{tag.RowsAffected(), nil}, nil
}

func columns(rr *pgconn.ResultReader) []Column {
	fields := rr.FieldDescriptions()
	cols := make([]Column, len(fields))
	for i, f := range fields {
		cols[i] = Column{f.Name, f.DataTypeOID, f.TypeModifier}
	}
	return slices.Clip(cols)
}

// message tells an error as Redshift's driver does.
func message(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err.Error()
	}
	text := pg.Severity + ": " + pg.Message
	if pg.Detail != "" {
		text += "\n  Detail: " + pg.Detail
	}
	if pg.Hint != "" {
		text += "\n  Hint: " + pg.Hint
	}
	if pg.Position > 0 {
		text += "\n  Position: " + strconv.FormatInt(int64(pg.Position), 10)
	}
	return text
}

// Query connects, runs one query with $1 … and returns its rows, at once: for
// what asks the catalog. Errors are [*ConnectionError], and texts of the database.
func Query(ctx context.Context, t Target, sql string, values ...string) (*Result, error) {
	conn, err := connect(ctx, t)
	if err != nil {
		return nil, &ConnectionError{err}
	}
	defer hangUp(conn)
	q := query{sql: sql}
	for _, v := range values {
		q.values = append(q.values, []byte(v))
	}
	got, err := query1(ctx, conn, q)
	if err != nil {
		return nil, errors.New(message(err))
	}
	if got.result == nil {
		return &Result{}, nil
	}
	return got.result, nil
}

// A ConnectionError tells why a database could not be reached.
type ConnectionError struct{ err error }

// Error returns the message as Redshift's driver tells it.
func (e *ConnectionError) Error() string { return message(e.err) }

// Unwrap returns the cause.
func (e *ConnectionError) Unwrap() error { return e.err }
