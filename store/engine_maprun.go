package store

import (
	"context"
	"encoding/json"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/engine"
)

// mapRunSchema holds the map runs, and whose children executions are.
var mapRunSchema = []string{`
CREATE TABLE engine_map_run (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	arn       TEXT NOT NULL UNIQUE,
	execution TEXT NOT NULL,
	status    TEXT NOT NULL,
	document  BLOB NOT NULL
);
CREATE INDEX engine_map_run_execution ON engine_map_run (execution, id);
CREATE INDEX engine_map_run_open ON engine_map_run (id) WHERE status = 'RUNNING';

ALTER TABLE engine_execution ADD COLUMN map_run TEXT;
ALTER TABLE engine_execution ADD COLUMN map_number INTEGER;
ALTER TABLE engine_execution ADD COLUMN map_items INTEGER;
CREATE INDEX engine_execution_map_run ON engine_execution (map_run, map_number) WHERE map_run IS NOT NULL;
CREATE INDEX engine_execution_map_status ON engine_execution (map_run, id) WHERE map_run IS NOT NULL;
`, lotSchema}

// PutMapRun inserts a map run, or replaces what is kept of it.
func (s Engine) PutMapRun(ctx context.Context, r engine.MapRun) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *Tx) error {
		return sqlitex.Execute(tx.Conn(), `INSERT INTO engine_map_run (arn, execution, status, document) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT (arn) DO UPDATE SET status = ?3, document = ?4`,
			&sqlitex.ExecOptions{Args: []any{r.ARN, r.Execution, r.Status, doc}})
	})
}

// MapRun returns a map run.
func (s Engine) MapRun(ctx context.Context, arn string) (engine.MapRun, error) {
	all, err := s.mapRuns(ctx, `WHERE arn = ?`, arn)
	if err == nil && len(all) == 0 {
		err = engine.ErrNotFound
	}
	if err != nil {
		return engine.MapRun{}, err
	}
	return all[0], nil
}

// MapRuns lists the map runs of an execution, the newest first.
func (s Engine) MapRuns(ctx context.Context, execution string, before int64, limit int) ([]engine.MapRun, error) {
	if before == 0 {
		before = 1<<63 - 1
	}
	return s.mapRuns(ctx, `WHERE execution = ? AND id < ? ORDER BY id DESC LIMIT ?`, execution, before, limit)
}

// OpenMapRuns lists the map runs that are running, the oldest first.
func (s Engine) OpenMapRuns(ctx context.Context) ([]engine.MapRun, error) {
	return s.mapRuns(ctx, `WHERE status = 'RUNNING' ORDER BY id`)
}

func (s Engine) mapRuns(ctx context.Context, where string, args ...any) ([]engine.MapRun, error) {
	var all []engine.MapRun
	err := s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT id, document FROM engine_map_run `+where, &sqlitex.ExecOptions{Args: args,
			ResultFunc: func(stmt *sqlite.Stmt) error {
				var r engine.MapRun
				err := json.Unmarshal(columnBytes(stmt, 1), &r)
				r.Key = stmt.ColumnInt64(0)
				all = append(all, r)
				return err
			}})
	})
	return all, err
}

// Rerun replaces how an express child of a map run ran.
func (s Engine) Rerun(ctx context.Context, key int64, start time.Time, o engine.Outcome) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		conn := tx.Conn()
		err := sqlitex.Execute(conn, `UPDATE engine_execution SET start = ? WHERE id = ?`, &sqlitex.ExecOptions{Args: []any{start.UnixMilli(), key}})
		if err == nil && conn.Changes() != 1 {
			err = engine.ErrNotFound
		}
		if err != nil {
			return err
		}
		return setOutcome(conn, key, &o)
	})
}

// mapColumns are the columns of an execution that tell whose child it is.
func mapColumns(ex engine.Execution) (run, number, items any) {
	if ex.MapRun == "" {
		return nil, nil, nil
	}
	return ex.MapRun, ex.Number, ex.Items
}
