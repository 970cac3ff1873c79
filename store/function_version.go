package store

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/function"
)

// The numbers of versions outlive the function: one made again under its name
// goes on with the next.
const functionVersionSchema = `
ALTER TABLE function_event ADD COLUMN qualifier TEXT NOT NULL DEFAULT '';
CREATE TABLE function_number (
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	name    TEXT NOT NULL,
	last    INTEGER NOT NULL,
	PRIMARY KEY (account, region, name)
) WITHOUT ROWID;
CREATE TABLE function_version (
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	name    TEXT NOT NULL,
	number  INTEGER NOT NULL,
	package TEXT NOT NULL,
	doc     BLOB NOT NULL,
	PRIMARY KEY (account, region, name, number)
) WITHOUT ROWID;
CREATE TABLE function_alias (
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	name    TEXT NOT NULL,
	alias   TEXT NOT NULL,
	version TEXT NOT NULL,
	other   TEXT NOT NULL,
	doc     BLOB NOT NULL,
	PRIMARY KEY (account, region, name, alias)
) WITHOUT ROWID;
CREATE TABLE function_policy (
	account   TEXT NOT NULL,
	region    TEXT NOT NULL,
	name      TEXT NOT NULL,
	qualifier TEXT NOT NULL,
	doc       BLOB NOT NULL,
	PRIMARY KEY (account, region, name, qualifier)
) WITHOUT ROWID;`

const ofFunction = ` account = ? AND region = ? AND name = ?`

// execute runs a statement on a function's rows; its first three arguments
// are the function's.
func execute(conn *sqlite.Conn, key function.Key, statement string, row func(*sqlite.Stmt) error, args ...any) error {
	return sqlitex.Execute(conn, statement, &sqlitex.ExecOptions{Args: append([]any{key.Account, key.Region, key.Name}, args...), ResultFunc: row})
}

// Publish adds a version.
func (s *Functions) Publish(ctx context.Context, key function.Key, make func(function.Function, *function.Function, int) (function.Function, error)) (v function.Function, err error) {
	err = s.db.Update(ctx, func(tx *Tx) error {
		conn := tx.Conn()
		latest, err := getFunction(conn, key)
		if err != nil {
			return err
		}
		number, last := 1, (*function.Function)(nil)
		err = execute(conn, key, `SELECT last FROM function_number WHERE`+ofFunction, func(stmt *sqlite.Stmt) error {
			number = stmt.ColumnInt(0) + 1
			return nil
		})
		if err != nil {
			return err
		}
		err = execute(conn, key, `SELECT doc FROM function_version WHERE`+ofFunction+` ORDER BY number DESC LIMIT 1`, func(stmt *sqlite.Stmt) error {
			last = new(function.Function)
			return json.Unmarshal(columnBytes(stmt, 0), last)
		})
		if err != nil {
			return err
		}
		if v, err = make(latest, last, number); err != nil || v.Number() != number {
			return err
		}
		doc, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if err := execute(conn, key, `INSERT OR REPLACE INTO function_number (account, region, name, last) VALUES (?, ?, ?, ?)`, nil, number); err != nil {
			return err
		}
		return execute(conn, key, `INSERT INTO function_version (account, region, name, number, package, doc) VALUES (?, ?, ?, ?, ?, ?)`, nil, number, v.CodeSHA256, doc)
	})
	return v, err
}

// Version returns a published version.
func (s *Functions) Version(ctx context.Context, key function.Key, version string) (f function.Function, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		f, err = getFunctionVersion(conn, key, version)
		return err
	})
	return f, err
}

func getFunctionVersion(conn *sqlite.Conn, key function.Key, version string) (f function.Function, err error) {
	number, err := strconv.Atoi(version)
	if err != nil || strconv.Itoa(number) != version {
		return f, function.ErrNotFound
	}
	found := false
	err = execute(conn, key, `SELECT doc FROM function_version WHERE`+ofFunction+` AND number = ?`, func(stmt *sqlite.Stmt) error {
		found = true
		return json.Unmarshal(columnBytes(stmt, 0), &f)
	}, number)
	if err == nil && !found {
		err = function.ErrNotFound
	}
	return f, err
}

// Versions returns published versions by number, those behind after.
func (s *Functions) Versions(ctx context.Context, key function.Key, after, limit int) (list []function.Function, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return execute(conn, key, `SELECT doc FROM function_version WHERE`+ofFunction+` AND number > ? ORDER BY number LIMIT ?`, func(stmt *sqlite.Stmt) error {
			var f function.Function
			err := json.Unmarshal(columnBytes(stmt, 0), &f)
			list = append(list, f)
			return err
		}, after, limit)
	})
	return list, err
}

// DeleteVersion removes a version and its policy.
func (s *Functions) DeleteVersion(ctx context.Context, key function.Key, version string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		if _, err := getFunctionVersion(tx.Conn(), key, version); err != nil {
			return err
		}
		used := false
		err := execute(tx.Conn(), key, `SELECT 1 FROM function_alias WHERE`+ofFunction+` AND ? IN (version, other)`, func(*sqlite.Stmt) error {
			used = true
			return nil
		}, version)
		if err != nil {
			return err
		}
		if used {
			return function.ErrReferenced
		}
		if err := execute(tx.Conn(), key, `DELETE FROM function_version WHERE`+ofFunction+` AND number = CAST(? AS INTEGER)`, nil, version); err != nil {
			return err
		}
		return execute(tx.Conn(), key, `DELETE FROM function_policy WHERE`+ofFunction+` AND qualifier = ?`, nil, version)
	})
}

// PutAlias makes an alias what make returns.
func (s *Functions) PutAlias(ctx context.Context, key function.Key, alias string, make func(*function.Alias) (function.Alias, error)) (a function.Alias, err error) {
	err = s.db.Update(ctx, func(tx *Tx) error {
		conn := tx.Conn()
		if _, err := getFunction(conn, key); err != nil {
			return err
		}
		var old *function.Alias
		switch was, err := getAlias(conn, key, alias); {
		case err == nil:
			old = &was
		case !errors.Is(err, function.ErrNoAlias):
			return err
		}
		if a, err = make(old); err != nil {
			return err
		}
		for _, v := range []string{a.Version, a.Other} {
			if v == "" || v == function.Latest {
				continue
			}
			if _, err := getFunctionVersion(conn, key, v); err != nil {
				return err
			}
		}
		doc, err := json.Marshal(a)
		if err != nil {
			return err
		}
		return execute(conn, key, `INSERT OR REPLACE INTO function_alias (account, region, name, alias, version, other, doc) VALUES (?, ?, ?, ?, ?, ?, ?)`, nil,
			alias, a.Version, a.Other, doc)
	})
	return a, err
}

// Alias returns an alias.
func (s *Functions) Alias(ctx context.Context, key function.Key, alias string) (a function.Alias, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		a, err = getAlias(conn, key, alias)
		return err
	})
	return a, err
}

func getAlias(conn *sqlite.Conn, key function.Key, alias string) (a function.Alias, err error) {
	found := false
	err = execute(conn, key, `SELECT doc FROM function_alias WHERE`+ofFunction+` AND alias = ?`, func(stmt *sqlite.Stmt) error {
		found = true
		return json.Unmarshal(columnBytes(stmt, 0), &a)
	}, alias)
	if err == nil && !found {
		err = function.ErrNoAlias
	}
	return a, err
}

// Aliases returns aliases by name, those behind after.
func (s *Functions) Aliases(ctx context.Context, key function.Key, version, after string, limit int) (list []function.Alias, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return execute(conn, key, `SELECT doc FROM function_alias WHERE`+ofFunction+` AND alias > ? AND ? IN ('', version, other) ORDER BY alias LIMIT ?`, func(stmt *sqlite.Stmt) error {
			var a function.Alias
			err := json.Unmarshal(columnBytes(stmt, 0), &a)
			list = append(list, a)
			return err
		}, after, version, limit)
	})
	return list, err
}

// DeleteAlias removes an alias and its policy.
func (s *Functions) DeleteAlias(ctx context.Context, key function.Key, alias string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		if err := execute(tx.Conn(), key, `DELETE FROM function_alias WHERE`+ofFunction+` AND alias = ?`, nil, alias); err != nil {
			return err
		}
		if tx.Conn().Changes() == 0 {
			return function.ErrNoAlias
		}
		return execute(tx.Conn(), key, `DELETE FROM function_policy WHERE`+ofFunction+` AND qualifier = ?`, nil, alias)
	})
}

// Policy returns a policy, empty where there is none.
func (s *Functions) Policy(ctx context.Context, key function.Key, qualifier string) (p function.Policy, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		p, err = getFunctionPolicy(conn, key, qualifier)
		return err
	})
	return p, err
}

func getFunctionPolicy(conn *sqlite.Conn, key function.Key, qualifier string) (p function.Policy, err error) {
	err = execute(conn, key, `SELECT doc FROM function_policy WHERE`+ofFunction+` AND qualifier = ?`, func(stmt *sqlite.Stmt) error {
		return json.Unmarshal(columnBytes(stmt, 0), &p)
	}, qualifier)
	return p, err
}

// UpdatePolicy changes a policy.
func (s *Functions) UpdatePolicy(ctx context.Context, key function.Key, qualifier string, change func(*function.Policy) error) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		conn := tx.Conn()
		if _, err := getFunction(conn, key); err != nil {
			return err
		}
		p, err := getFunctionPolicy(conn, key, qualifier)
		if err != nil {
			return err
		}
		if err := change(&p); err != nil {
			return err
		}
		if len(p.Statements) == 0 {
			return execute(conn, key, `DELETE FROM function_policy WHERE`+ofFunction+` AND qualifier = ?`, nil, qualifier)
		}
		doc, err := json.Marshal(p)
		if err != nil {
			return err
		}
		return execute(conn, key, `INSERT OR REPLACE INTO function_policy (account, region, name, qualifier, doc) VALUES (?, ?, ?, ?, ?)`, nil, qualifier, doc)
	})
}
