package store

import (
	"context"
	"encoding/json"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/secret"
)

var secretSchema = []string{`
CREATE TABLE secret (
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	kind    TEXT NOT NULL,
	name    TEXT NOT NULL,
	doc     BLOB NOT NULL,
	PRIMARY KEY (account, region, kind, name)
) WITHOUT ROWID;`}

// Secrets implements [secret.Store].
type Secrets struct{ db *DB }

// NewSecrets returns the secrets and parameters in db.
func NewSecrets(db *DB) *Secrets { return &Secrets{db} }

var _ secret.Store = (*Secrets)(nil)

// View looks at the records of a scope.
func (s *Secrets) View(ctx context.Context, scope secret.Scope, f func(secret.Records) error) error {
	return s.db.View(ctx, func(conn *sqlite.Conn) error { return f(secretRecords{conn, scope, false}) })
}

// Update changes the records of a scope.
func (s *Secrets) Update(ctx context.Context, scope secret.Scope, f func(secret.Records) error) error {
	return s.db.Update(ctx, func(tx *Tx) error { return f(secretRecords{tx.conn, scope, true}) })
}

type secretRecords struct {
	conn   *sqlite.Conn
	scope  secret.Scope
	writes bool
}

func (r secretRecords) run(sql string, row func(*sqlite.Stmt) error, args ...any) error {
	args = append([]any{r.scope.Account, r.scope.Region}, args...)
	return sqlitex.Execute(r.conn, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: row})
}

// Get reads a record.
func (r secretRecords) Get(kind, name string, v any) error {
	found := false
	err := r.run(`SELECT doc FROM secret WHERE account = ? AND region = ? AND kind = ? AND name = ?`, func(stmt *sqlite.Stmt) error {
		found = true
		return json.Unmarshal(columnBytes(stmt, 0), v)
	}, kind, name)
	if err == nil && !found {
		err = secret.ErrNoRecord
	}
	return err
}

// List reads records of a kind, in pieces, so that a short look is cheap.
func (r secretRecords) List(kind, after string, each func(doc []byte) (bool, error)) error {
	const piece = 64
	for {
		var docs [][]byte
		err := r.run(`SELECT doc, name FROM secret WHERE account = ? AND region = ? AND kind = ? AND name > ? ORDER BY name LIMIT ?`, func(stmt *sqlite.Stmt) error {
			docs = append(docs, columnBytes(stmt, 0))
			after = stmt.ColumnText(1)
			return nil
		}, kind, after, piece)
		if err != nil {
			return err
		}
		for _, doc := range docs {
			if more, err := each(doc); err != nil || !more {
				return err
			}
		}
		if len(docs) < piece {
			return nil
		}
	}
}

// Put adds or replaces a record.
func (r secretRecords) Put(kind, name string, v any) error {
	if !r.writes {
		return errReadOnly
	}
	doc, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return r.run(`INSERT OR REPLACE INTO secret (account, region, kind, name, doc) VALUES (?, ?, ?, ?, ?)`, nil, kind, name, doc)
}

// Delete removes a record.
func (r secretRecords) Delete(kind, name string) error {
	if !r.writes {
		return errReadOnly
	}
	return r.run(`DELETE FROM secret WHERE account = ? AND region = ? AND kind = ? AND name = ?`, nil, kind, name)
}
