package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/engine"
)

// Engine is the engine's store in the tables of a [DB], where each turn is a
// commit of the database. [OpenEngine] puts a log before it. The zero value is
// not usable.
type Engine struct{ db *DB }

var _ engine.Store = Engine{}

// NewEngine returns the engine's part of db.
func NewEngine(db *DB) Engine { return Engine{db} }

// Create stores a new execution, its definition and its first turn.
func (s Engine) Create(ctx context.Context, ex engine.Execution, definition string, first engine.Turn) (int64, error) {
	err := s.db.Update(ctx, func(tx *Tx) error {
		conn := tx.Conn()
		taken, err := exists(conn, `SELECT 1 FROM engine_execution WHERE arn = ?`, ex.ARN)
		if err != nil {
			return err
		}
		if taken {
			return engine.ErrExists
		}
		err = sqlitex.Execute(conn, `INSERT OR IGNORE INTO engine_definition (hash, text) VALUES (?, ?)`,
			&sqlitex.ExecOptions{Args: []any{ex.Definition, definition}})
		if err != nil {
			return err
		}
		ex.Key, ex.Status = 0, engine.Running
		if err := insertExecution(conn, &ex, nil); err != nil {
			return err
		}
		first.Key, first.ARN = conn.LastInsertRowID(), ex.ARN
		if first.Outcome == nil {
			err = sqlitex.Execute(conn, `INSERT INTO engine_state (execution, turn, state) VALUES (?, ?, ?)`,
				&sqlitex.ExecOptions{Args: []any{first.Key, first.Number, first.State}})
			if err == nil {
				err = emitStatus(tx, ex.ARN, engine.Running)
			}
		}
		if err != nil {
			return err
		}
		return writeTurn(tx, first)
	})
	return first.Key, err
}

// Commit stores a turn, or finds that it is stored already.
func (s Engine) Commit(ctx context.Context, t engine.Turn) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		conn := tx.Conn()
		turn := int64(-1)
		err := sqlitex.Execute(conn, `SELECT turn FROM engine_state WHERE execution = ?`, &sqlitex.ExecOptions{
			Args:       []any{t.Key},
			ResultFunc: func(stmt *sqlite.Stmt) error { turn = stmt.ColumnInt64(0); return nil },
		})
		switch {
		case err != nil:
			return err
		case turn == t.Number, turn == -1 && t.Outcome != nil:
			return nil
		case turn != t.Follows:
			return fmt.Errorf("%w: %s has turn %d, got %d after %d", engine.ErrStale, t.ARN, turn, t.Number, t.Follows)
		}
		if t.Outcome == nil {
			err = sqlitex.Execute(conn, `UPDATE engine_state SET turn = ?, state = ? WHERE execution = ?`,
				&sqlitex.ExecOptions{Args: []any{t.Number, t.State, t.Key}})
			if err != nil {
				return err
			}
		}
		return writeTurn(tx, t)
	})
}

// writeTurn stores all of a turn but the state.
func writeTurn(tx *Tx, t engine.Turn) error {
	conn := tx.Conn()
	if err := appendHistory(conn, t.Key, t.History); err != nil {
		return err
	}
	for _, c := range t.Cancel {
		if err := tx.Emit("states.cancel", c.ID, c.Data); err != nil {
			return err
		}
	}
	if t.Journal != nil {
		if err := tx.Emit("states.journal", t.ARN, t.Journal); err != nil {
			return err
		}
	}
	if t.Outcome != nil {
		return endExecution(tx, t)
	}
	return writeCommands(conn, t.Key, t.Closed, t.Open)
}

func endExecution(tx *Tx, t engine.Turn) error {
	conn, o := tx.Conn(), t.Outcome
	err := setOutcome(conn, t.Key, o)
	whole := false // it began and ended in one turn: that it ran is told with its end
	for i, sql := range []string{`DELETE FROM engine_state WHERE execution = ?`, `DELETE FROM engine_command WHERE execution = ?`} {
		if err == nil {
			err = sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: []any{t.Key}})
			whole = whole || i == 0 && conn.Changes() == 0
		}
	}
	if err == nil {
		err = keepEnded(conn, t)
	}
	if err != nil {
		return err
	}
	if whole {
		return tx.Emit("states.execution", t.ARN, fmt.Appendf(nil, `{"status":%q,"whole":true}`, o.Status))
	}
	return emitStatus(tx, t.ARN, o.Status)
}

func emitStatus(tx *Tx, arn, status string) error {
	return tx.Emit("states.execution", arn, fmt.Appendf(nil, `{"status":%q}`, status))
}

// Execution returns an execution by its ARN.
func (s Engine) Execution(ctx context.Context, arn string) (engine.Execution, error) {
	all, err := s.executions(ctx, ` WHERE arn = ?`, arn)
	if err == nil && len(all) == 0 {
		x, ok, err := s.lotChild(ctx, arn)
		if err == nil && !ok {
			err = engine.ErrNotFound
		}
		return x, err
	}
	if err != nil {
		return engine.Execution{}, err
	}
	return all[0], nil
}

// Executions lists executions of a machine, version or alias.
func (s Engine) Executions(ctx context.Context, q engine.Query) ([]engine.Execution, error) {
	before := q.Before
	if before == 0 {
		before = 1<<63 - 1
	}
	column := "machine"
	if kind, ok := qualified(q.Machine); ok {
		column = kind
	}
	of := q.Machine
	if q.MapRun != "" {
		column, of = "map_run", q.MapRun
	}
	where, args := ` WHERE `+column+` = ? AND id < ?`, []any{of, before}
	if q.Status != "" {
		where, args = where+` AND status = ?`, append(args, q.Status)
	}
	switch q.Redrive {
	case "REDRIVEN":
		where += ` AND redrives > 0`
	case "NOT_REDRIVEN":
		where += ` AND redrives = 0`
	}
	all, err := s.executions(ctx, where+` ORDER BY id DESC LIMIT ?`, append(args, q.Limit)...)
	if err != nil || q.MapRun == "" {
		return all, err
	}
	packed, err := s.lotExecutions(ctx, q)
	if err != nil {
		return nil, err
	}
	all = append(all, packed...)
	slices.SortFunc(all, func(a, b engine.Execution) int { return cmp.Compare(b.Key, a.Key) })
	return all[:min(q.Limit, len(all))], nil
}

// qualified tells whether a machine's ARN names a version or an alias:
// arn:aws:states:region:account:stateMachine:name:qualifier.
func qualified(arn string) (column string, ok bool) {
	colons, last := 0, 0
	for i := range len(arn) {
		if arn[i] == ':' {
			colons, last = colons+1, i
		}
	}
	if colons < 7 || last+1 == len(arn) {
		return "", false
	}
	for _, r := range arn[last+1:] {
		if r < '0' || r > '9' {
			return "alias", true
		}
	}
	return "version", true
}

const executionColumns = `SELECT id, arn, account, region, name, machine, version, alias, type, role, definition,
	seed, status, start, stop, input, output, error, cause, trace, redrives, origin, journal, redriven, map_run, map_number, map_items FROM engine_execution`

func (s Engine) executions(ctx context.Context, where string, args ...any) ([]engine.Execution, error) {
	var all []engine.Execution
	err := s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, executionColumns+where, &sqlitex.ExecOptions{Args: args,
			ResultFunc: func(stmt *sqlite.Stmt) error {
				ex, err := readExecution(stmt)
				all = append(all, ex)
				return err
			}})
	})
	return all, err
}

// journalColumn is how a row keeps where log records go.
func journalColumn(j *engine.Journal) (any, error) {
	if j == nil {
		return nil, nil
	}
	return json.Marshal(j)
}

func readExecution(stmt *sqlite.Stmt) (engine.Execution, error) {
	ex := engine.Execution{
		Key: stmt.ColumnInt64(0), ARN: stmt.ColumnText(1), Account: stmt.ColumnText(2), Region: stmt.ColumnText(3),
		Name: stmt.ColumnText(4), Machine: stmt.ColumnText(5), Version: stmt.ColumnText(6), Alias: stmt.ColumnText(7),
		Type: stmt.ColumnText(8), Role: stmt.ColumnText(9), Definition: stmt.ColumnText(10),
		Status: stmt.ColumnText(12), Start: time.UnixMilli(stmt.ColumnInt64(13)).UTC(), Input: stmt.ColumnText(15),
		Output: optionalText(stmt, 16), Error: optionalText(stmt, 17), Cause: optionalText(stmt, 18),
		Trace: stmt.ColumnText(19), Redrives: stmt.ColumnInt(20), Origin: stmt.ColumnText(21),
	}
	stmt.ColumnBytes(11, ex.Seed[:])
	if !stmt.ColumnIsNull(14) {
		ex.Stop = time.UnixMilli(stmt.ColumnInt64(14)).UTC()
	}
	if !stmt.ColumnIsNull(23) {
		ex.Redriven = time.UnixMilli(stmt.ColumnInt64(23)).UTC()
	}
	ex.MapRun, ex.Number, ex.Items = stmt.ColumnText(24), stmt.ColumnInt64(25), stmt.ColumnInt64(26)
	if !stmt.ColumnIsNull(22) {
		return ex, json.Unmarshal(columnBytes(stmt, 22), &ex.Journal)
	}
	return ex, nil
}

// Definition returns the text of a definition.
func (s Engine) Definition(ctx context.Context, hash string) (string, error) {
	text, found := "", false
	err := s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT text FROM engine_definition WHERE hash = ?`, &sqlitex.ExecOptions{
			Args:       []any{hash},
			ResultFunc: func(stmt *sqlite.Stmt) error { text, found = stmt.ColumnText(0), true; return nil },
		})
	})
	if err == nil && !found {
		err = engine.ErrNotFound
	}
	return text, err
}

// Running calls f with every execution that has not ended, the oldest first.
func (s Engine) Running(ctx context.Context, f func(engine.Resumed) error) error {
	var all []engine.Resumed
	err := s.db.View(ctx, func(conn *sqlite.Conn) error {
		at := map[int64]int{}
		err := sqlitex.Execute(conn, executionColumns+` WHERE id IN (SELECT execution FROM engine_state) ORDER BY id`,
			&sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
				ex, err := readExecution(stmt)
				at[ex.Key] = len(all)
				all = append(all, engine.Resumed{Execution: ex})
				return err
			}})
		if err != nil {
			return err
		}
		err = sqlitex.Execute(conn, `SELECT execution, turn, state FROM engine_state`,
			&sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
				r := &all[at[stmt.ColumnInt64(0)]]
				r.Turn, r.State = stmt.ColumnInt64(1), columnBytes(stmt, 2)
				return nil
			}})
		if err != nil {
			return err
		}
		return sqlitex.Execute(conn, `SELECT execution, id, at, token, activity, started, submitted, data FROM engine_command ORDER BY execution, id`,
			&sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
				i, ok := at[stmt.ColumnInt64(0)]
				if !ok {
					return fmt.Errorf("store: a command of the ended execution %d", stmt.ColumnInt64(0))
				}
				all[i].Pending = append(all[i].Pending, readPending(stmt))
				return nil
			}})
	})
	for _, r := range all {
		if err != nil {
			return err
		}
		err = f(r)
	}
	return err
}

func readPending(stmt *sqlite.Stmt) engine.Pending {
	p := engine.Pending{ID: stmt.ColumnInt64(1), Token: stmt.ColumnText(3), Activity: stmt.ColumnText(4),
		Started: stmt.ColumnBool(5), Data: columnBytes(stmt, 7)}
	if at := stmt.ColumnInt64(2); at != 0 {
		p.At = time.Unix(0, at).UTC()
	}
	if !stmt.ColumnIsNull(6) {
		p.Submitted = columnBytes(stmt, 6)
	}
	return p
}

// PutMachine inserts or replaces a state machine.
func (s Engine) PutMachine(ctx context.Context, m engine.StateMachine) error {
	return s.put(ctx, "engine_machine", m.ARN, m.Account, m.Region, m.Name, m)
}

// Machine returns a state machine.
func (s Engine) Machine(ctx context.Context, arn string) (m engine.StateMachine, err error) {
	return m, s.get(ctx, "engine_machine", arn, &m)
}

// Machines lists state machines by name.
func (s Engine) Machines(ctx context.Context, account, region, after string, limit int) ([]engine.StateMachine, error) {
	return list[engine.StateMachine](ctx, s.db, "engine_machine", account, region, after, limit)
}

// PutActivity inserts or replaces an activity.
func (s Engine) PutActivity(ctx context.Context, a engine.Activity) error {
	return s.put(ctx, "engine_activity", a.ARN, a.Account, a.Region, a.Name, a)
}

// Activity returns an activity.
func (s Engine) Activity(ctx context.Context, arn string) (a engine.Activity, err error) {
	return a, s.get(ctx, "engine_activity", arn, &a)
}

// DeleteActivity removes an activity.
func (s Engine) DeleteActivity(ctx context.Context, arn string) error {
	return s.remove(ctx, "engine_activity", arn)
}

// Activities lists activities by name.
func (s Engine) Activities(ctx context.Context, account, region, after string, limit int) ([]engine.Activity, error) {
	return list[engine.Activity](ctx, s.db, "engine_activity", account, region, after, limit)
}

func (s Engine) put(ctx context.Context, table, arn, account, region, name string, v any) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *Tx) error {
		return sqlitex.Execute(tx.Conn(), `INSERT OR REPLACE INTO `+table+` (arn, account, region, name, document) VALUES (?, ?, ?, ?, ?)`,
			&sqlitex.ExecOptions{Args: []any{arn, account, region, name, doc}})
	})
}

func (s Engine) get(ctx context.Context, table, arn string, v any) error {
	return s.db.View(ctx, func(conn *sqlite.Conn) error {
		err := engine.ErrNotFound
		errRead := sqlitex.Execute(conn, `SELECT document FROM `+table+` WHERE arn = ?`, &sqlitex.ExecOptions{
			Args:       []any{arn},
			ResultFunc: func(stmt *sqlite.Stmt) error { err = json.Unmarshal(columnBytes(stmt, 0), v); return nil },
		})
		return errors.Join(errRead, err)
	})
}

func (s Engine) remove(ctx context.Context, table, arn string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		return sqlitex.Execute(tx.Conn(), `DELETE FROM `+table+` WHERE arn = ?`, &sqlitex.ExecOptions{Args: []any{arn}})
	})
}

func list[T any](ctx context.Context, db *DB, table, account, region, after string, limit int) ([]T, error) {
	return documents[T](ctx, db, `SELECT document FROM `+table+` WHERE account = ? AND region = ? AND name > ? ORDER BY name LIMIT ?`,
		account, region, after, limit)
}
