package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/function"
)

var functionSchema = []string{`
CREATE TABLE function (
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	name    TEXT NOT NULL,
	package TEXT NOT NULL,
	doc     BLOB NOT NULL,
	PRIMARY KEY (account, region, name)
) WITHOUT ROWID;
CREATE TABLE function_event (
	id       TEXT PRIMARY KEY,
	account  TEXT NOT NULL,
	region   TEXT NOT NULL,
	name     TEXT NOT NULL,
	payload  BLOB NOT NULL,
	attempts INTEGER NOT NULL,
	due      INTEGER NOT NULL,
	accepted INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX function_event_due ON function_event (due);`,
	functionVersionSchema}

// Functions implements [function.Store].
type Functions struct{ db *DB }

// NewFunctions returns the functions in db.
func NewFunctions(db *DB) *Functions { return &Functions{db} }

var _ function.Store = (*Functions)(nil)

// Create adds a function.
func (s *Functions) Create(ctx context.Context, f function.Function) error {
	doc, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *Tx) error {
		if _, err := getFunction(tx.Conn(), f.Key); err == nil {
			return function.ErrExists
		} else if !errors.Is(err, function.ErrNotFound) {
			return err
		}
		return sqlitex.Execute(tx.Conn(), `INSERT INTO function (account, region, name, package, doc) VALUES (?, ?, ?, ?, ?)`,
			&sqlitex.ExecOptions{Args: []any{f.Account, f.Region, f.Name, f.CodeSHA256, doc}})
	})
}

// Get returns a function.
func (s *Functions) Get(ctx context.Context, key function.Key) (f function.Function, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		f, err = getFunction(conn, key)
		return err
	})
	return f, err
}

func getFunction(conn *sqlite.Conn, key function.Key) (f function.Function, err error) {
	found := false
	err = sqlitex.Execute(conn, `SELECT doc FROM function WHERE account = ? AND region = ? AND name = ?`, &sqlitex.ExecOptions{
		Args: []any{key.Account, key.Region, key.Name},
		ResultFunc: func(stmt *sqlite.Stmt) error {
			found = true
			return json.Unmarshal(columnBytes(stmt, 0), &f)
		}})
	if err == nil && !found {
		err = function.ErrNotFound
	}
	return f, err
}

// Update changes a function and returns it.
func (s *Functions) Update(ctx context.Context, key function.Key, change func(*function.Function) error) (f function.Function, err error) {
	err = s.db.Update(ctx, func(tx *Tx) error {
		if f, err = getFunction(tx.Conn(), key); err != nil {
			return err
		}
		if err := change(&f); err != nil {
			return err
		}
		doc, err := json.Marshal(f)
		if err != nil {
			return err
		}
		return sqlitex.Execute(tx.Conn(), `UPDATE function SET package = ?, doc = ? WHERE account = ? AND region = ? AND name = ?`,
			&sqlitex.ExecOptions{Args: []any{f.CodeSHA256, doc, key.Account, key.Region, key.Name}})
	})
	return f, err
}

// Delete removes a function with all that belongs to it. The numbers of its
// versions stay taken.
func (s *Functions) Delete(ctx context.Context, key function.Key) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		args := &sqlitex.ExecOptions{Args: []any{key.Account, key.Region, key.Name}}
		if err := sqlitex.Execute(tx.Conn(), `DELETE FROM function WHERE account = ? AND region = ? AND name = ?`, args); err != nil {
			return err
		}
		if tx.Conn().Changes() == 0 {
			return function.ErrNotFound
		}
		for _, table := range []string{"function_version", "function_alias", "function_policy"} {
			if err := sqlitex.Execute(tx.Conn(), `DELETE FROM `+table+` WHERE account = ? AND region = ? AND name = ?`, args); err != nil {
				return err
			}
		}
		return sqlitex.Execute(tx.Conn(), `DELETE FROM function_event WHERE account = ? AND region = ? AND name = ?`, args)
	})
}

// List returns functions by name, those behind after.
func (s *Functions) List(ctx context.Context, account, region, after string, limit int) (list []function.Function, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT doc FROM function WHERE account = ? AND region = ? AND name > ? ORDER BY name LIMIT ?`,
			&sqlitex.ExecOptions{Args: []any{account, region, after, limit}, ResultFunc: func(stmt *sqlite.Stmt) error {
				var f function.Function
				err := json.Unmarshal(columnBytes(stmt, 0), &f)
				list = append(list, f)
				return err
			}})
	})
	return list, err
}

// Packages returns the packages of all functions and versions.
func (s *Functions) Packages(ctx context.Context) (map[string]bool, error) {
	used := map[string]bool{}
	err := s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT package FROM function UNION SELECT package FROM function_version`, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
			used[stmt.ColumnText(0)] = true
			return nil
		}})
	})
	return used, err
}

// PutEvent adds or replaces an event. One whose function is gone meanwhile is
// not kept.
func (s *Functions) PutEvent(ctx context.Context, e function.Event) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		if _, err := getFunction(tx.Conn(), e.Key); err != nil {
			return err
		}
		return sqlitex.Execute(tx.Conn(), `INSERT OR REPLACE INTO function_event (id, account, region, name, payload, attempts, due, accepted, qualifier) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			&sqlitex.ExecOptions{Args: []any{e.ID, e.Account, e.Region, e.Name, e.Payload, e.Attempts, e.Due.UnixMilli(), e.Accepted.UnixMilli(), e.Qualifier}})
	})
}

// Events returns the events, those due first at the front.
func (s *Functions) Events(ctx context.Context, limit int) (list []function.Event, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT id, account, region, name, payload, attempts, due, accepted, qualifier FROM function_event ORDER BY due, id LIMIT ?`,
			&sqlitex.ExecOptions{Args: []any{limit}, ResultFunc: func(stmt *sqlite.Stmt) error {
				list = append(list, function.Event{ID: stmt.ColumnText(0),
					Key:       function.Key{Account: stmt.ColumnText(1), Region: stmt.ColumnText(2), Name: stmt.ColumnText(3)},
					Qualifier: stmt.ColumnText(8), Payload: columnBytes(stmt, 4), Attempts: stmt.ColumnInt(5),
					Due: time.UnixMilli(stmt.ColumnInt64(6)).UTC(), Accepted: time.UnixMilli(stmt.ColumnInt64(7)).UTC()})
				return nil
			}})
	})
	return list, err
}

// DeleteEvent removes an event.
func (s *Functions) DeleteEvent(ctx context.Context, id string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		return sqlitex.Execute(tx.Conn(), `DELETE FROM function_event WHERE id = ?`, &sqlitex.ExecOptions{Args: []any{id}})
	})
}
