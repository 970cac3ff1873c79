package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// retentionSchema finds closed executions by their end, and remembers how far
// their histories are compressed.
var retentionSchema = []string{`
CREATE INDEX engine_execution_stop ON engine_execution (stop) WHERE stop IS NOT NULL;
CREATE TABLE engine_packed (stop INTEGER NOT NULL, id INTEGER NOT NULL); -- the last one; one row
INSERT INTO engine_packed VALUES (0, 0);
`}

// Retention says what becomes of closed executions. The zero value keeps them
// as AWS does.
type Retention struct {
	// Keep is how long a closed execution and its history stay: 90 days when
	// 0, for ever when negative.
	//
	// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
	Keep time.Duration
	// Pack is how long after its end a history is compressed: 10 minutes when
	// 0, never when negative.
	Pack time.Duration
}

const (
	defaultKeep = 90 * 24 * time.Hour
	defaultPack = 10 * time.Minute
)

// Swept tells what a sweep did.
type Swept struct {
	Expired int   // executions
	Packed  int   // chunks of histories
	Saved   int64 // bytes, by compression
}

// Sweep deletes closed executions that are older than they are kept and
// compresses the histories of others. It works in small commits, so that it
// may run beside everything else, and gives free space at the end of the
// database back to the file system.
func (s Engine) Sweep(ctx context.Context, now time.Time, r Retention) (swept Swept, err error) {
	if r.Keep == 0 {
		r.Keep = defaultKeep
	}
	if r.Pack == 0 {
		r.Pack = defaultPack
	}
	for more := r.Keep > 0; more && err == nil; {
		n := 0
		n, err = s.expire(ctx, now.Add(-r.Keep))
		swept.Expired += n
		more = n > 0
	}
	for more := r.Keep > 0; more && err == nil; {
		n := 0
		n, err = s.expireLots(ctx, now.Add(-r.Keep))
		swept.Expired += n
		more = n > 0
	}
	for more := r.Pack > 0; more && err == nil; {
		more, err = s.pack(ctx, now.Add(-r.Pack), &swept)
	}
	if err == nil {
		err = s.db.shrink(ctx)
	}
	return swept, err
}

// SweepAlways sweeps every hour until ctx ends.
func (s Engine) SweepAlways(ctx context.Context, r Retention, log func(Swept, error)) {
	clock := time.NewTimer(time.Minute)
	defer clock.Stop()
	for {
		select {
		case <-clock.C:
		case <-ctx.Done():
			return
		}
		swept, err := s.Sweep(ctx, time.Now(), r)
		if ctx.Err() == nil {
			log(swept, err)
		}
		clock.Reset(time.Hour)
	}
}

// sweepRows is how many executions one commit of a sweep takes.
const sweepRows = 200

// expire deletes executions that ended before.
func (s Engine) expire(ctx context.Context, before time.Time) (n int, err error) {
	type old struct {
		id  int64
		arn string
	}
	err = s.db.Update(ctx, func(tx *Tx) error {
		var all []old
		conn := tx.Conn()
		err := sqlitex.Execute(conn, `SELECT id, arn FROM engine_execution WHERE stop IS NOT NULL AND stop < ? ORDER BY stop LIMIT ?`,
			&sqlitex.ExecOptions{Args: []any{before.UnixMilli(), sweepRows}, ResultFunc: func(stmt *sqlite.Stmt) error {
				all = append(all, old{stmt.ColumnInt64(0), stmt.ColumnText(1)})
				return nil
			}})
		for _, x := range all {
			for _, sql := range []string{
				`DELETE FROM engine_history WHERE execution = ?1`, `DELETE FROM engine_ended WHERE execution = ?1`,
				`DELETE FROM engine_redrive_token WHERE execution = ?1`, `DELETE FROM engine_repaired WHERE execution = ?1`, `DELETE FROM engine_execution WHERE id = ?1`,
			} {
				if err == nil {
					err = sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: []any{x.id}})
				}
			}
			if err == nil {
				err = sqlitex.Execute(conn, `DELETE FROM engine_map_run WHERE execution = ?`, &sqlitex.ExecOptions{Args: []any{x.arn}})
			}
		}
		n = len(all)
		return err
	})
	return n, err
}

// A chunk of a history.
type historyChunk struct {
	execution, last int64
	events          []byte
}

// pack compresses histories of executions that ended before, and reports
// whether there are more.
func (s Engine) pack(ctx context.Context, before time.Time, swept *Swept) (more bool, err error) {
	var chunks []historyChunk
	var stop, id int64
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		var ids []int64
		err := sqlitex.Execute(conn, `SELECT x.stop, x.id FROM engine_execution x, engine_packed p
			WHERE x.stop IS NOT NULL AND x.stop <= ? AND (x.stop, x.id) > (p.stop, p.id) ORDER BY x.stop, x.id LIMIT ?`,
			&sqlitex.ExecOptions{Args: []any{before.UnixMilli(), sweepRows}, ResultFunc: func(stmt *sqlite.Stmt) error {
				stop, id = stmt.ColumnInt64(0), stmt.ColumnInt64(1)
				ids = append(ids, id)
				return nil
			}})
		for _, execution := range ids {
			if err != nil {
				break
			}
			err = sqlitex.Execute(conn, `SELECT last, events FROM engine_history WHERE execution = ? AND length(events) >= ?`,
				&sqlitex.ExecOptions{Args: []any{execution, packedBytes}, ResultFunc: func(stmt *sqlite.Stmt) error {
					chunks = append(chunks, historyChunk{execution, stmt.ColumnInt64(0), columnBytes(stmt, 1)})
					return nil
				}})
		}
		more = len(ids) == sweepRows
		return err
	})
	if err != nil || id == 0 {
		return false, err
	}
	packed := chunks[:0]
	for _, c := range chunks {
		if was := len(c.events); c.events[0] == '[' {
			if c.events = compress(c.events); len(c.events) < was {
				packed = append(packed, c)
				swept.Saved += int64(was - len(c.events))
			}
		}
	}
	swept.Packed += len(packed)
	return more, s.db.Update(ctx, func(tx *Tx) error {
		for _, c := range packed {
			err := sqlitex.Execute(tx.Conn(), `UPDATE engine_history SET events = ? WHERE execution = ? AND last = ?`,
				&sqlitex.ExecOptions{Args: []any{c.events, c.execution, c.last}})
			if err != nil {
				return err
			}
		}
		return sqlitex.Execute(tx.Conn(), `UPDATE engine_packed SET stop = ?, id = ?`, &sqlitex.ExecOptions{Args: []any{stop, id}})
	})
}

// packedBytes is the length from which a chunk of history is compressed.
const packedBytes = 512

// compress returns b compressed. JSON never begins like gzip.
func compress(b []byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err == nil {
		_, err = z.Write(b)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return b // a buffer takes everything
	}
	return out.Bytes()
}

// shrink gives pages that are free back to the file system, some at a time.
// Databases that older releases made keep theirs for later use.
func (db *DB) shrink(ctx context.Context) error {
	for {
		free := int64(0)
		err := db.View(ctx, func(conn *sqlite.Conn) (err error) {
			mode, err := pragma(conn, "auto_vacuum")
			if err == nil && mode == 2 {
				free, err = pragma(conn, "freelist_count")
			}
			return err
		})
		if err != nil || free < 1024 {
			return err
		}
		err = db.Update(ctx, func(tx *Tx) error {
			return sqlitex.ExecuteTransient(tx.Conn(), "PRAGMA incremental_vacuum(1024)", &sqlitex.ExecOptions{ResultFunc: func(*sqlite.Stmt) error { return nil }})
		})
		if err != nil {
			return err
		}
	}
}

func pragma(conn *sqlite.Conn, name string) (n int64, err error) {
	err = sqlitex.ExecuteTransient(conn, "PRAGMA "+name, &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error { n = stmt.ColumnInt64(0); return nil }})
	return n, err
}
