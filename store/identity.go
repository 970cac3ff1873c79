package store

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/identity"
)

var identitySchema = []string{`
CREATE TABLE identity (
	account TEXT NOT NULL,
	kind    TEXT NOT NULL,
	name    TEXT NOT NULL,
	doc     BLOB NOT NULL,
	PRIMARY KEY (account, kind, name)
) WITHOUT ROWID;`}

// Identity implements [identity.Store].
type Identity struct{ db *DB }

// NewIdentity returns the roles, policies and instance profiles in db.
func NewIdentity(db *DB) *Identity { return &Identity{db} }

var _ identity.Store = (*Identity)(nil)

// View looks at the records of an account.
func (s *Identity) View(ctx context.Context, account string, f func(identity.Records) error) error {
	return s.db.View(ctx, func(conn *sqlite.Conn) error { return f(identityRecords{conn, account, false}) })
}

// Update changes the records of an account.
func (s *Identity) Update(ctx context.Context, account string, f func(identity.Records) error) error {
	return s.db.Update(ctx, func(tx *Tx) error { return f(identityRecords{tx.conn, account, true}) })
}

type identityRecords struct {
	conn    *sqlite.Conn
	account string
	writes  bool
}

func (r identityRecords) run(sql string, row func(*sqlite.Stmt) error, args ...any) error {
	return sqlitex.Execute(r.conn, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: row})
}

// Get reads a record.
func (r identityRecords) Get(kind, name string, v any) error {
	found := false
	err := r.run(`SELECT doc FROM identity WHERE account = ? AND kind = ? AND name = ?`, func(stmt *sqlite.Stmt) error {
		found = true
		return json.Unmarshal(columnBytes(stmt, 0), v)
	}, r.account, kind, strings.ToLower(name))
	if err == nil && !found {
		err = identity.ErrNoRecord
	}
	return err
}

// List reads all records of a kind.
func (r identityRecords) List(kind string, each func(doc []byte) error) error {
	return r.run(`SELECT doc FROM identity WHERE account = ? AND kind = ? ORDER BY name`, func(stmt *sqlite.Stmt) error {
		return each(columnBytes(stmt, 0))
	}, r.account, kind)
}

var errReadOnly = errors.New("store: a write within a look")

// Put adds or replaces a record.
func (r identityRecords) Put(kind, name string, v any) error {
	if !r.writes {
		return errReadOnly
	}
	doc, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return r.run(`INSERT OR REPLACE INTO identity (account, kind, name, doc) VALUES (?, ?, ?, ?)`, nil, r.account, kind, strings.ToLower(name), doc)
}

// Delete removes a record.
func (r identityRecords) Delete(kind, name string) error {
	if !r.writes {
		return errReadOnly
	}
	return r.run(`DELETE FROM identity WHERE account = ? AND kind = ? AND name = ?`, nil, r.account, kind, strings.ToLower(name))
}
