package store

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

var replaySchema = []string{`
CREATE TABLE replay (
	invocation TEXT NOT NULL,
	call       INTEGER NOT NULL,
	record     BLOB NOT NULL,
	at         INTEGER NOT NULL,
	PRIMARY KEY (invocation, call)
) WITHOUT ROWID;
CREATE INDEX replay_at ON replay (at);`}

// Replays keeps what the mutating calls of function invocations answered,
// for operation.Replay. An invocation ends within minutes or is never run
// again, so records older than a week are of no use.
type Replays struct{ db *DB }

// replayAge is how long records are kept.
const replayAge = 7 * 24 * time.Hour

// NewReplays returns the records in db.
func NewReplays(db *DB) *Replays { return &Replays{db} }

// Load returns the records of an invocation by the order of their calls.
func (r *Replays) Load(ctx context.Context, invocation string) (map[int][]byte, error) {
	records := map[int][]byte{}
	err := r.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT call, record FROM replay WHERE invocation = ?`, &sqlitex.ExecOptions{
			Args: []any{invocation},
			ResultFunc: func(stmt *sqlite.Stmt) error {
				record := make([]byte, stmt.ColumnLen(1))
				stmt.ColumnBytes(1, record)
				records[stmt.ColumnInt(0)] = record
				return nil
			}})
	})
	return records, err
}

// Save keeps the record of one call. It returns once the record is durable.
func (r *Replays) Save(ctx context.Context, invocation string, call int, record []byte) error {
	return r.db.Update(ctx, func(tx *Tx) error {
		now := tx.now()
		err := sqlitex.Execute(tx.conn, `INSERT OR REPLACE INTO replay (invocation, call, record, at) VALUES (?, ?, ?, ?)`,
			&sqlitex.ExecOptions{Args: []any{invocation, call, record, now.UnixMilli()}})
		if err != nil {
			return err
		}
		// A few old ones go with each new one, so the table stays bounded.
		return sqlitex.Execute(tx.conn,
			`DELETE FROM replay WHERE (invocation, call) IN (SELECT invocation, call FROM replay WHERE at < ? ORDER BY at LIMIT 8)`,
			&sqlitex.ExecOptions{Args: []any{now.Add(-replayAge).UnixMilli()}})
	})
}
