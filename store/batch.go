package store

import (
	"context"
	"encoding/json"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/batch"
)

// BatchTopic is the outbox topic of changed job statuses. The key is the job's
// ARN, the payload a [BatchChange].
const BatchTopic = "batch.job"

// A BatchChange says that a job has reached a status.
type BatchChange struct {
	Account string       `json:"account"`
	Region  string       `json:"region"`
	JobARN  string       `json:"jobArn"`
	JobID   string       `json:"jobId"`
	Status  batch.Status `json:"status"`
}

// NewBatch returns the store of the batch domain in db.
func NewBatch(db *DB) batch.Store { return batchStore{db} }

type batchStore struct{ db *DB }

// execDoc executes one statement; each, which may be nil, is called with the
// document in every row's first column.
func execDoc(conn *sqlite.Conn, each func(doc []byte) error, sql string, args ...any) error {
	opt := &sqlitex.ExecOptions{Args: args}
	if each != nil {
		opt.ResultFunc = func(stmt *sqlite.Stmt) error {
			doc := make([]byte, stmt.ColumnLen(0))
			stmt.ColumnBytes(0, doc)
			return each(doc)
		}
	}
	return sqlitex.Execute(conn, sql, opt)
}

// appendDocs returns a row function that appends to all.
func appendDocs[T any](all *[]T) func([]byte) error {
	return func(doc []byte) error {
		var v T
		if err := json.Unmarshal(doc, &v); err != nil {
			return fmt.Errorf("stored document: %w", err)
		}
		*all = append(*all, v)
		return nil
	}
}

func queryDocs[T any](ctx context.Context, db *DB, sql string, args ...any) ([]T, error) {
	var all []T
	err := db.View(ctx, func(conn *sqlite.Conn) error { return execDoc(conn, appendDocs(&all), sql, args...) })
	return all, err
}

func (s batchStore) put(ctx context.Context, sql string, doc any, args ...any) error {
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *Tx) error { return execDoc(tx.conn, nil, sql, append(args, text)...) })
}

func (s batchStore) AddDefinition(ctx context.Context, d batch.Definition) (batch.Definition, error) {
	stored := d
	err := s.db.Update(ctx, func(tx *Tx) error {
		var first []batch.Definition
		if err := execDoc(tx.conn, appendDocs(&first), `SELECT doc FROM batch_definition WHERE id = ?`, d.ID); err != nil {
			return err
		}
		if len(first) > 0 {
			stored = first[0]
			return nil
		}
		stored = d
		err := sqlitex.Execute(tx.conn,
			`SELECT coalesce(max(revision), 0) FROM batch_definition WHERE account = ? AND region = ? AND name = ?`,
			&sqlitex.ExecOptions{Args: []any{d.Account, d.Region, d.Name}, ResultFunc: func(stmt *sqlite.Stmt) error {
				stored.Revision = stmt.ColumnInt(0) + 1
				return nil
			}})
		if err != nil {
			return err
		}
		doc, err := json.Marshal(stored)
		if err != nil {
			return err
		}
		return execDoc(tx.conn, nil, `INSERT INTO batch_definition VALUES (?, ?, ?, ?, ?, ?, ?)`,
			d.Account, d.Region, d.Name, stored.Revision, stored.Status, d.ID, doc)
	})
	return stored, err
}

func (s batchStore) PutDefinition(ctx context.Context, d batch.Definition) error {
	doc, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *Tx) error {
		return execDoc(tx.conn, nil, `UPDATE batch_definition SET status = ?, doc = ?
			WHERE account = ? AND region = ? AND name = ? AND revision = ?`,
			d.Status, doc, d.Account, d.Region, d.Name, d.Revision)
	})
}

func (s batchStore) Definitions(ctx context.Context, scope batch.Scope, q batch.DefinitionQuery) ([]batch.Definition, error) {
	sql := `SELECT doc FROM batch_definition WHERE account = ? AND region = ?`
	args := []any{scope.Account, scope.Region}
	if q.Name != "" {
		sql += ` AND name = ?`
		args = append(args, q.Name)
	}
	if q.Revision != 0 {
		sql += ` AND revision = ?`
		args = append(args, q.Revision)
	}
	if q.Status != "" {
		sql += ` AND status = ?`
		args = append(args, q.Status)
	}
	return queryDocs[batch.Definition](ctx, s.db, sql+` ORDER BY name, revision DESC`, args...)
}

func (s batchStore) Environments(ctx context.Context) ([]batch.Environment, error) {
	return queryDocs[batch.Environment](ctx, s.db, `SELECT doc FROM batch_environment`)
}

func (s batchStore) PutEnvironment(ctx context.Context, e batch.Environment) error {
	return s.put(ctx, `INSERT OR REPLACE INTO batch_environment VALUES (?, ?, ?, ?)`, e, e.Account, e.Region, e.Name)
}

func (s batchStore) DeleteEnvironment(ctx context.Context, scope batch.Scope, name string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		return execDoc(tx.conn, nil, `DELETE FROM batch_environment WHERE account = ? AND region = ? AND name = ?`,
			scope.Account, scope.Region, name)
	})
}

func (s batchStore) Queues(ctx context.Context) ([]batch.Queue, error) {
	return queryDocs[batch.Queue](ctx, s.db, `SELECT doc FROM batch_queue`)
}

func (s batchStore) PutQueue(ctx context.Context, q batch.Queue) error {
	return s.put(ctx, `INSERT OR REPLACE INTO batch_queue VALUES (?, ?, ?, ?)`, q, q.Account, q.Region, q.Name)
}

func (s batchStore) DeleteQueue(ctx context.Context, scope batch.Scope, name string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		return execDoc(tx.conn, nil, `DELETE FROM batch_queue WHERE account = ? AND region = ? AND name = ?`,
			scope.Account, scope.Region, name)
	})
}

func (s batchStore) Policies(ctx context.Context) ([]batch.Policy, error) {
	return queryDocs[batch.Policy](ctx, s.db, `SELECT doc FROM batch_policy`)
}

func (s batchStore) PutPolicy(ctx context.Context, p batch.Policy) error {
	return s.put(ctx, `INSERT OR REPLACE INTO batch_policy VALUES (?, ?, ?, ?)`, p, p.Account, p.Region, p.Name)
}

func (s batchStore) DeletePolicy(ctx context.Context, scope batch.Scope, name string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		return execDoc(tx.conn, nil, `DELETE FROM batch_policy WHERE account = ? AND region = ? AND name = ?`,
			scope.Account, scope.Region, name)
	})
}

func (s batchStore) AddJob(ctx context.Context, j batch.Job) (first batch.Job, found bool, err error) {
	doc, err := json.Marshal(j)
	if err != nil {
		return j, false, err
	}
	first = j
	err = s.db.Update(ctx, func(tx *Tx) error {
		var have []batch.Job
		if err := execDoc(tx.conn, appendDocs(&have), `SELECT doc FROM batch_job WHERE id = ?`, j.ID); err != nil {
			return err
		}
		if found = len(have) > 0; found {
			first = have[0]
			return nil
		}
		if err := execDoc(tx.conn, nil, `INSERT INTO batch_job VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			j.ID, j.Seq, j.Account, j.Region, j.Queue, !j.Status.Ended(), string(j.Status), doc); err != nil {
			return err
		}
		return emitJob(tx, j, j.Status)
	})
	return first, found, err
}

func (s batchStore) PutJob(ctx context.Context, j batch.Job, through ...batch.Status) error {
	doc, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *Tx) error {
		if err := execDoc(tx.conn, nil, `UPDATE batch_job SET live = ?, status = ?, doc = ? WHERE id = ?`,
			!j.Status.Ended(), string(j.Status), doc, j.ID); err != nil {
			return err
		}
		if tx.conn.Changes() != 1 {
			return fmt.Errorf("there is no job %q", j.ID)
		}
		for _, status := range through {
			if err := emitJob(tx, j, status); err != nil {
				return err
			}
		}
		return nil
	})
}

func emitJob(tx *Tx, j batch.Job, status batch.Status) error {
	payload, err := json.Marshal(BatchChange{j.Account, j.Region, j.ARN(), j.ID, status})
	if err != nil {
		return err
	}
	return tx.Emit(BatchTopic, j.ARN(), payload)
}

func (s batchStore) Jobs(ctx context.Context, scope batch.Scope, ids []string) ([]batch.Job, error) {
	var jobs []batch.Job
	err := s.db.View(ctx, func(conn *sqlite.Conn) error {
		for _, id := range ids {
			err := execDoc(conn, appendDocs(&jobs), `SELECT doc FROM batch_job WHERE id = ? AND account = ? AND region = ?`,
				id, scope.Account, scope.Region)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return jobs, err
}

// enoughDocs ends a scan of documents.
type enoughDocs struct{}

func (enoughDocs) Error() string { return "enough rows" }

func (s batchStore) ListJobs(ctx context.Context, scope batch.Scope, q batch.JobQuery) ([]batch.Job, error) {
	sql := `SELECT doc FROM batch_job WHERE account = ? AND region = ?`
	args := []any{scope.Account, scope.Region}
	if q.Queue != "" {
		sql += ` AND queue = ?`
		args = append(args, q.Queue)
	}
	if q.Status != "" {
		sql += ` AND status = ?`
		args = append(args, string(q.Status))
	}
	if q.Before != 0 {
		sql += ` AND seq < ?`
		args = append(args, q.Before)
	}
	var jobs []batch.Job
	err := s.db.View(ctx, func(conn *sqlite.Conn) error {
		err := execDoc(conn, func(doc []byte) error {
			var j batch.Job
			if err := json.Unmarshal(doc, &j); err != nil {
				return err
			}
			if q.Matches(j) {
				jobs = append(jobs, j)
			}
			if q.Limit > 0 && len(jobs) == q.Limit {
				return enoughDocs{}
			}
			return nil
		}, sql+` ORDER BY seq DESC`, args...)
		if err == (enoughDocs{}) {
			return nil
		}
		return err
	})
	return jobs, err
}

func (s batchStore) LiveJobs(ctx context.Context) ([]batch.Job, error) {
	return queryDocs[batch.Job](ctx, s.db, `SELECT doc FROM batch_job WHERE live = 1 ORDER BY seq`)
}

func (s batchStore) LastSeq(ctx context.Context) (seq int64, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT coalesce(max(seq), 0) FROM batch_job`,
			&sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
				seq = stmt.ColumnInt64(0)
				return nil
			}})
	})
	return seq, err
}
