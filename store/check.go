package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/store/segment"
)

// A Report tells what [Check] read.
type Report struct {
	Executions int // all of them
	Open       int // those that run
	Events     int // of all histories
	Records    int // of the log that the database does not have yet
	Objects    int // blobs
	// Problems are sentences; none means that all is well.
	Problems []string
}

// problems bounds how many are told.
const problems = 100

func (r *Report) problem(format string, args ...any) {
	if len(r.Problems) < problems {
		r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
	}
}

// Check reads a whole data directory and changes nothing. A server may run on
// it. The error is one of reading; what is wrong with the data is in the
// report.
func Check(ctx context.Context, dir string) (r Report, err error) {
	conn, err := sqlite.OpenConn(filepath.Join(dir, "state.db"), sqlite.OpenReadOnly)
	if err != nil {
		return r, fmt.Errorf("open the database: %w", err)
	}
	defer conn.Close()
	conn.SetBusyTimeout(10 * time.Second)
	conn.SetInterrupt(ctx.Done())
	version, err := r.database(conn)
	if err != nil || len(r.Problems) > 0 || !version {
		return r, err
	}
	for _, step := range []func(*sqlite.Conn) error{r.executions, r.histories, func(conn *sqlite.Conn) error { return r.blobs(conn, dir) }} {
		if err := step(conn); err != nil {
			return r, err
		}
	}
	return r, r.log(conn, filepath.Join(dir, turnsDir))
}

// database checks the file itself, and reports whether this release knows
// what is in it.
func (r *Report) database(conn *sqlite.Conn) (known bool, err error) {
	err = sqlitex.ExecuteTransient(conn, "PRAGMA integrity_check(20)", &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		if text := stmt.ColumnText(0); text != "ok" {
			r.problem("database: %s", text)
		}
		return nil
	}})
	if err != nil {
		r.problem("database: %v", err)
		return false, nil
	}
	known = true
	for _, p := range parts() {
		version, err := sqlitex.ResultInt(conn.Prep(fmt.Sprintf("SELECT coalesce(max(version), 0) FROM schema_version WHERE part = '%s'", p.name)))
		if err != nil {
			return false, err
		}
		if version > len(p.migrations) {
			r.problem("schema of %s: version %d was made by a newer salamander; this one knows %d", p.name, version, len(p.migrations))
		}
		if version < len(p.migrations) {
			known = false // the next start migrates it
			r.problem("schema of %s: version %d is that of an older salamander: start the server once", p.name, version)
		}
	}
	return known, nil
}

// executions checks that what runs has a state, and nothing else has.
func (r *Report) executions(conn *sqlite.Conn) error {
	for sql, n := range map[string]*int{"SELECT count(*) FROM engine_execution": &r.Executions, "SELECT count(*) FROM engine_state": &r.Open} {
		count, err := sqlitex.ResultInt(conn.Prep(sql))
		if err != nil {
			return err
		}
		*n = count
	}
	if err := r.lots(conn); err != nil {
		return err
	}
	for what, sql := range map[string]string{
		"execution %s runs and has no state":         `SELECT arn FROM engine_execution WHERE status = 'RUNNING' AND type = 'STANDARD' AND id NOT IN (SELECT execution FROM engine_state) LIMIT 20`,
		"execution %s has ended and has a state":     `SELECT arn FROM engine_execution WHERE status <> 'RUNNING' AND id IN (SELECT execution FROM engine_state) LIMIT 20`,
		"a state belongs to no execution: %s":        `SELECT execution FROM engine_state WHERE execution NOT IN (SELECT id FROM engine_execution) LIMIT 20`,
		"a command belongs to nothing that runs: %s": `SELECT DISTINCT execution FROM engine_command WHERE execution NOT IN (SELECT execution FROM engine_state) LIMIT 20`,
		"the definition of %s is missing":            `SELECT arn FROM engine_execution WHERE definition NOT IN (SELECT hash FROM engine_definition) LIMIT 20`,
	} {
		err := sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
			r.problem(what, stmt.ColumnText(0))
			return nil
		}})
		if err != nil {
			return err
		}
	}
	return sqlitex.Execute(conn, `SELECT execution, state FROM engine_state`, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		if !json.Valid(columnBytes(stmt, 1)) {
			r.problem("the state of execution %d is damaged", stmt.ColumnInt64(0))
		}
		return nil
	}})
}

// histories checks that events are readable and without gaps.
func (r *Report) histories(conn *sqlite.Conn) error {
	execution, last := int64(0), int64(0)
	return sqlitex.Execute(conn, `SELECT last, events, execution FROM engine_history ORDER BY execution, last`, &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error {
			if of := stmt.ColumnInt64(2); of != execution {
				execution, last = of, 0
			}
			chunk, err := readChunk(stmt)
			switch {
			case err != nil:
				r.problem("history of execution %d: events up to %d: %v", execution, stmt.ColumnInt64(0), err)
			case len(chunk) == 0 || chunk[0].ID != last+1:
				r.problem("history of execution %d: a gap behind event %d", execution, last)
			}
			r.Events += len(chunk)
			last = stmt.ColumnInt64(0)
			return nil
		}})
}

// blobs checks that the objects' files are there, as long as they should be.
func (r *Report) blobs(conn *sqlite.Conn, dir string) error {
	return sqlitex.Execute(conn, `SELECT bucket || '/' || key, blob, size FROM object UNION ALL SELECT upload || ' part ' || number, blob, size FROM object_part`,
		&sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
			r.Objects++
			name := stmt.ColumnText(1)
			if len(name) < 2 {
				return nil // an empty object has none
			}
			info, err := os.Stat(filepath.Join(dir, "objects", name[:2], name))
			switch {
			case err != nil:
				r.problem("object %s: %v", stmt.ColumnText(0), err)
			case info.Size() != stmt.ColumnInt64(2):
				r.problem("object %s: its file has %d bytes; want %d", stmt.ColumnText(0), info.Size(), stmt.ColumnInt64(2))
			}
			return nil
		}})
}

// log checks the log of turns. One that is written to meanwhile may look
// damaged where a segment was used again: it is read again then.
func (r *Report) log(conn *sqlite.Conn, dir string) (err error) {
	for range 10 {
		var applied int64
		if applied, err = sqlitex.ResultInt64(conn.Prep("SELECT applied FROM engine_log")); err != nil {
			return err
		}
		if r.Records, err = segment.Check(segment.ReadOnly(dir), uint64(applied)); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	var corrupt *segment.CorruptError
	if errors.As(err, &corrupt) {
		r.problem("log of turns: %v", corrupt)
		return nil
	}
	return err
}
