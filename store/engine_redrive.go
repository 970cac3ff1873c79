package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/engine"
)

// redriveSchema holds the states of executions that ended without success,
// for 14 days, and the client tokens of redrives.
var redriveSchema = []string{`
CREATE TABLE engine_ended (
	execution INTEGER PRIMARY KEY,
	turn      INTEGER NOT NULL,
	at        INTEGER NOT NULL, -- milliseconds since 1970
	events    INTEGER NOT NULL,
	state     BLOB NOT NULL -- JSON, compressed where it is long
);
CREATE INDEX engine_ended_at ON engine_ended (at);

CREATE TABLE engine_redrive_token (
	execution INTEGER NOT NULL,
	token     TEXT NOT NULL,
	at        INTEGER NOT NULL, -- milliseconds since 1970
	PRIMARY KEY (execution, token)
) WITHOUT ROWID;

ALTER TABLE engine_execution ADD COLUMN redriven INTEGER;
`, `
-- what redrives changed, an engine.Repaired each
CREATE TABLE engine_repaired (
	execution INTEGER NOT NULL,
	redrive   INTEGER NOT NULL,
	document  BLOB NOT NULL,
	PRIMARY KEY (execution, redrive)
) WITHOUT ROWID;
`}

// redrivable is how long the state of an ended execution is kept.
const redrivable = 14 * 24 * time.Hour

// keepEnded stores the state with which an execution ended without success.
func keepEnded(conn *sqlite.Conn, t engine.Turn) error {
	if err := sqlitex.Execute(conn, `DELETE FROM engine_ended WHERE at < ?`,
		&sqlitex.ExecOptions{Args: []any{t.Outcome.At.Add(-redrivable).UnixMilli()}}); err != nil {
		return err
	}
	if t.State == nil {
		return nil
	}
	events := int64(0)
	if n := len(t.History); n > 0 {
		events = t.History[n-1].ID
	}
	return sqlitex.Execute(conn, `INSERT OR REPLACE INTO engine_ended (execution, turn, at, events, state) VALUES (?, ?, ?, ?, ?)`,
		&sqlitex.ExecOptions{Args: []any{t.Key, t.Number, t.Outcome.At.UnixMilli(), events, squeeze(t.State)}})
}

// Ended returns what is kept of an execution that ended without success.
func (s Engine) Ended(ctx context.Context, key int64) (e engine.Ended, err error) {
	err = s.ended(ctx, `SELECT turn, events FROM engine_ended WHERE execution = ?`, key, func(stmt *sqlite.Stmt) error {
		e.Turn, e.Events = stmt.ColumnInt64(0), stmt.ColumnInt64(1)
		return nil
	})
	return e, err
}

// EndedState returns the state with which an execution ended without success.
func (s Engine) EndedState(ctx context.Context, key int64) (state []byte, err error) {
	err = s.ended(ctx, `SELECT state FROM engine_ended WHERE execution = ?`, key, func(stmt *sqlite.Stmt) (err error) {
		state, err = unsqueeze(columnBytes(stmt, 0))
		return err
	})
	return state, err
}

func (s Engine) ended(ctx context.Context, sql string, key int64, read func(*sqlite.Stmt) error) error {
	found := false
	err := s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: []any{key},
			ResultFunc: func(stmt *sqlite.Stmt) error { found = true; return read(stmt) }})
	})
	if err == nil && !found {
		err = engine.ErrNotFound
	}
	return err
}

// Redrive makes an ended execution one that runs.
func (s Engine) Redrive(ctx context.Context, r engine.Redriven) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		conn, t, at := tx.Conn(), r.Turn, r.At.UnixMilli()
		ended, err := exists(conn, `SELECT 1 FROM engine_ended WHERE execution = ? AND turn = ?`, t.Key, t.Follows)
		if err != nil {
			return err
		}
		if !ended {
			return fmt.Errorf("%w: %s has not ended with turn %d", engine.ErrStale, t.ARN, t.Follows)
		}
		type statement struct {
			sql  string
			args []any
		}
		all := []statement{
			{`UPDATE engine_execution SET status = ?, stop = NULL, output = NULL, error = NULL, cause = NULL, redrives = ?, redriven = ? WHERE id = ?`,
				[]any{engine.Running, r.Count, at, t.Key}},
			{`DELETE FROM engine_ended WHERE execution = ?`, []any{t.Key}},
		}
		if t.Outcome == nil {
			all = append(all, statement{`INSERT INTO engine_state (execution, turn, state) VALUES (?, ?, ?)`, []any{t.Key, t.Number, t.State}})
		}
		if r.Token != "" {
			all = append(all,
				statement{`INSERT OR REPLACE INTO engine_redrive_token (execution, token, at) VALUES (?, ?, ?)`, []any{t.Key, r.Token, at}},
				statement{`DELETE FROM engine_redrive_token WHERE execution = ?1 AND token NOT IN
					(SELECT token FROM engine_redrive_token WHERE execution = ?1 ORDER BY at DESC LIMIT 10)`, []any{t.Key}})
		}
		if r.Definition != "" {
			all = append(all,
				statement{`INSERT OR IGNORE INTO engine_definition (hash, text) VALUES (?, ?)`, []any{r.Definition, r.Text}},
				statement{`UPDATE engine_execution SET definition = ? WHERE id = ?`, []any{r.Definition, t.Key}})
		}
		if r.Repaired != nil {
			all = append(all, statement{`INSERT INTO engine_repaired (execution, redrive, document) VALUES (?, ?, ?)`, []any{t.Key, r.Count, r.Repaired}})
		}
		for _, st := range all {
			if err := sqlitex.Execute(conn, st.sql, &sqlitex.ExecOptions{Args: st.args}); err != nil {
				return err
			}
		}
		if err := emitStatus(tx, t.ARN, engine.Running); err != nil {
			return err
		}
		return writeTurn(tx, t)
	})
}

// RedriveToken returns when an execution was redriven with a client token.
func (s Engine) RedriveToken(ctx context.Context, key int64, token string) (at time.Time, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT at FROM engine_redrive_token WHERE execution = ? AND token = ?`, &sqlitex.ExecOptions{
			Args:       []any{key, token},
			ResultFunc: func(stmt *sqlite.Stmt) error { at = time.UnixMilli(stmt.ColumnInt64(0)).UTC(); return nil },
		})
	})
	return at, err
}

// Repairs returns what redrives of an execution changed.
func (s Engine) Repairs(ctx context.Context, key int64) (all []engine.Repaired, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT document FROM engine_repaired WHERE execution = ? ORDER BY redrive`, &sqlitex.ExecOptions{
			Args: []any{key},
			ResultFunc: func(stmt *sqlite.Stmt) error {
				var r engine.Repaired
				err := json.Unmarshal(columnBytes(stmt, 0), &r)
				all = append(all, r)
				return err
			},
		})
	})
	return all, err
}

// squeezed is the length from which a state is compressed, in bytes.
const squeezed = 8 << 10

// squeeze compresses what is long.
func squeeze(b []byte) []byte {
	if len(b) < squeezed {
		return b
	}
	return compress(b)
}

func unsqueeze(b []byte) ([]byte, error) {
	if len(b) < 2 || b[0] != 0x1f || b[1] != 0x8b {
		return b, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
