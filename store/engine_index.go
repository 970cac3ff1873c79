package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/engine"
	"salamander/store/segment"
	"salamander/store/turnlog"
)

var _ turnlog.Index = Engine{}

// turnsDir is the directory of the log of turns, in the data directory.
const turnsDir = "turns"

// OpenEngine returns the engine's part of db with its log of turns: a turn is
// durable in the log, and comes to the tables a little later. Damage of the
// log is a [*segment.CorruptError]. It ends with [DB.Close]; what uses it must
// end before.
func OpenEngine(ctx context.Context, db *DB) (*turnlog.Store, error) {
	dir := filepath.Join(db.dir, turnsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	onError := func(err error) {
		if db.opt.OnError != nil {
			db.opt.OnError(fmt.Errorf("the log of turns waits for the database: %w", err))
		}
	}
	s, err := turnlog.Open(ctx, turnlog.Options{FS: segment.Dir(dir), Index: NewEngine(db), OnError: onError})
	if err != nil {
		return nil, fmt.Errorf("open the log of turns in %s: %w", dir, err)
	}
	db.closers = append(db.closers, s.Close)
	return s, nil
}

// Position tells how far the tables have come.
func (s Engine) Position(ctx context.Context) (pos turnlog.Position, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		err := sqlitex.Execute(conn, `SELECT applied, used FROM engine_log`, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
			pos.Applied, pos.Used = uint64(stmt.ColumnInt64(0)), stmt.ColumnBool(1)
			return nil
		}})
		if err != nil {
			return err
		}
		pos.NextKey = 1
		return sqlitex.Execute(conn, `SELECT seq + 1 FROM sqlite_sequence WHERE name = 'engine_execution'`, &sqlitex.ExecOptions{
			ResultFunc: func(stmt *sqlite.Stmt) error { pos.NextKey = stmt.ColumnInt64(0); return nil }})
	})
	return pos, err
}

// Use notes whether a log is in use.
func (s Engine) Use(ctx context.Context, used bool) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		return sqlitex.Execute(tx.Conn(), `UPDATE engine_log SET used = ?`, &sqlitex.ExecOptions{Args: []any{used}})
	})
}

// Has reports whether an execution of that ARN is there.
func (s Engine) Has(ctx context.Context, arn string) (has bool, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		has, err = exists(conn, `SELECT 1 FROM engine_execution WHERE arn = ?`, arn)
		return err
	})
	return has, err
}

// Turn returns the number of an execution's last turn, 0 where nothing can
// follow on it, and whether it runs.
func (s Engine) Turn(ctx context.Context, key int64) (turn int64, running bool, err error) {
	found := false
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT s.turn, e.turn FROM engine_execution x LEFT JOIN engine_state s ON s.execution = x.id
			LEFT JOIN engine_ended e ON e.execution = x.id WHERE x.id = ?`, &sqlitex.ExecOptions{Args: []any{key},
			ResultFunc: func(stmt *sqlite.Stmt) error {
				found, running, turn = true, !stmt.ColumnIsNull(0), stmt.ColumnInt64(0)
				if !running {
					turn = stmt.ColumnInt64(1)
				}
				return nil
			}})
	})
	if err == nil && !found {
		err = engine.ErrNotFound
	}
	return turn, running, err
}

// Define keeps the text of a definition.
func (s Engine) Define(ctx context.Context, hash, text string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		return sqlitex.Execute(tx.Conn(), `INSERT OR IGNORE INTO engine_definition (hash, text) VALUES (?, ?)`,
			&sqlitex.ExecOptions{Args: []any{hash, text}})
	})
}

// Apply brings turns into the tables, in one commit.
func (s Engine) Apply(ctx context.Context, entries []*turnlog.Entry, applied uint64) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		for _, e := range entries {
			if err := apply(tx, e); err != nil {
				return fmt.Errorf("%s: %w", e.ARN, err)
			}
		}
		return sqlitex.Execute(tx.Conn(), `UPDATE engine_log SET applied = ?`, &sqlitex.ExecOptions{Args: []any{int64(applied)}})
	})
}

func apply(tx *Tx, e *turnlog.Entry) error {
	conn := tx.Conn()
	if e.Created != nil {
		if err := insertExecution(conn, e.Created, e.Outcome); err != nil {
			return err
		}
	}
	if err := appendHistory(conn, e.Key, e.History); err != nil {
		return err
	}
	for _, m := range e.Messages {
		if err := tx.Emit(m.Topic, m.Key, m.Payload); err != nil {
			return err
		}
	}
	if e.Outcome != nil {
		return applyEnd(conn, e)
	}
	sql := `UPDATE engine_state SET turn = ?2, state = ?3 WHERE execution = ?1`
	if e.Created != nil {
		sql = `INSERT INTO engine_state (execution, turn, state) VALUES (?1, ?2, ?3)`
	}
	err := sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: []any{e.Key, e.Turn, e.State}})
	if err == nil && conn.Changes() != 1 {
		err = fmt.Errorf("no state to put turn %d behind", e.Turn)
	}
	if err != nil {
		return err
	}
	return writeCommands(conn, e.Key, e.Closed(), e.Open())
}

// applyEnd ends an execution that the tables may have as one that runs.
func applyEnd(conn *sqlite.Conn, e *turnlog.Entry) error {
	if e.Created == nil {
		if err := setOutcome(conn, e.Key, e.Outcome); err != nil {
			return err
		}
		for _, sql := range []string{`DELETE FROM engine_state WHERE execution = ?`, `DELETE FROM engine_command WHERE execution = ?`} {
			if err := sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: []any{e.Key}}); err != nil {
				return err
			}
		}
	}
	return keepEnded(conn, engine.Turn{Key: e.Key, Number: e.Turn, State: e.State, History: e.History, Outcome: e.Outcome})
}

// insertExecution adds the row of an execution, ended where o is not nil.
// Without a key it gets the next one.
func insertExecution(conn *sqlite.Conn, x *engine.Execution, o *engine.Outcome) error {
	journal, err := journalColumn(x.Journal)
	if err != nil {
		return err
	}
	run, number, items := mapColumns(*x)
	var key, stop, output, name, cause any
	status := engine.Running
	if x.Key != 0 {
		key = x.Key
	}
	if o != nil {
		status, stop, output, name, cause = o.Status, o.At.UnixMilli(), textOrNull(o.Output), textOrNull(o.Error), textOrNull(o.Cause)
	}
	return sqlitex.Execute(conn, `INSERT INTO engine_execution
		(id, arn, account, region, name, machine, version, alias, type, role, definition, seed, status, start, stop, input, output, error, cause,
			trace, redrives, origin, journal, map_run, map_number, map_items)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		&sqlitex.ExecOptions{Args: []any{key, x.ARN, x.Account, x.Region, x.Name, x.Machine, orNull(x.Version), orNull(x.Alias),
			x.Type, x.Role, x.Definition, x.Seed[:], status, x.Start.UnixMilli(), stop, x.Input, output, name, cause,
			x.Trace, x.Redrives, x.Origin, journal, run, number, items}})
}

func setOutcome(conn *sqlite.Conn, key int64, o *engine.Outcome) error {
	return sqlitex.Execute(conn, `UPDATE engine_execution SET status = ?, stop = ?, output = ?, error = ?, cause = ? WHERE id = ?`,
		&sqlitex.ExecOptions{Args: []any{o.Status, o.At.UnixMilli(), textOrNull(o.Output), textOrNull(o.Error), textOrNull(o.Cause), key}})
}

// writeCommands stores which commands of an execution ended, and which are new
// or have come further.
func writeCommands(conn *sqlite.Conn, key int64, closed []int64, open []engine.Pending) error {
	for _, id := range closed {
		err := sqlitex.Execute(conn, `DELETE FROM engine_command WHERE execution = ? AND id = ?`, &sqlitex.ExecOptions{Args: []any{key, id}})
		if err != nil {
			return err
		}
	}
	for _, c := range open {
		at := int64(0)
		if !c.At.IsZero() {
			at = c.At.UnixNano()
		}
		err := sqlitex.Execute(conn, `INSERT OR REPLACE INTO engine_command
			(execution, id, at, token, activity, started, submitted, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			&sqlitex.ExecOptions{Args: []any{key, c.ID, at, c.Token, c.Activity, c.Started, bytesOrNull(c.Submitted), c.Data}})
		if err != nil {
			return err
		}
	}
	return nil
}
