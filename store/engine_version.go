package store

import (
	"context"
	"encoding/json"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/engine"
)

// DeleteMachine removes a state machine with its versions and aliases.
func (s Engine) DeleteMachine(ctx context.Context, arn string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		for _, sql := range []string{`DELETE FROM engine_machine WHERE arn = ?`, `DELETE FROM engine_version WHERE machine = ?`,
			`DELETE FROM engine_alias WHERE machine = ?`} {
			if err := sqlitex.Execute(tx.Conn(), sql, &sqlitex.ExecOptions{Args: []any{arn}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Publish stores a state machine and a new version of it, in one commit.
func (s Engine) Publish(ctx context.Context, m engine.StateMachine, v engine.Version) error {
	machine, err := json.Marshal(m)
	if err != nil {
		return err
	}
	version, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *Tx) error {
		err := sqlitex.Execute(tx.Conn(), `INSERT OR REPLACE INTO engine_machine (arn, account, region, name, document) VALUES (?, ?, ?, ?, ?)`,
			&sqlitex.ExecOptions{Args: []any{m.ARN, m.Account, m.Region, m.Name, machine}})
		if err != nil {
			return err
		}
		return sqlitex.Execute(tx.Conn(), `INSERT INTO engine_version (arn, machine, number, document) VALUES (?, ?, ?, ?)`,
			&sqlitex.ExecOptions{Args: []any{v.ARN, m.ARN, v.Number, version}})
	})
}

// Version returns a version of a state machine.
func (s Engine) Version(ctx context.Context, arn string) (v engine.Version, err error) {
	return v, s.get(ctx, "engine_version", arn, &v)
}

// Versions lists the versions of a state machine, the newest first.
func (s Engine) Versions(ctx context.Context, machine string, below int64, limit int) ([]engine.Version, error) {
	if below == 0 {
		below = 1<<63 - 1
	}
	return documents[engine.Version](ctx, s.db, `SELECT document FROM engine_version WHERE machine = ? AND number < ? ORDER BY number DESC LIMIT ?`,
		machine, below, limit)
}

// DeleteVersion removes a version.
func (s Engine) DeleteVersion(ctx context.Context, arn string) error {
	return s.remove(ctx, "engine_version", arn)
}

// PutAlias inserts or replaces an alias.
func (s Engine) PutAlias(ctx context.Context, a engine.Alias) error {
	doc, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.db.Update(ctx, func(tx *Tx) error {
		return sqlitex.Execute(tx.Conn(), `INSERT OR REPLACE INTO engine_alias (arn, machine, name, document) VALUES (?, ?, ?, ?)`,
			&sqlitex.ExecOptions{Args: []any{a.ARN, a.Machine, a.Name, doc}})
	})
}

// Alias returns an alias of a state machine.
func (s Engine) Alias(ctx context.Context, arn string) (a engine.Alias, err error) {
	return a, s.get(ctx, "engine_alias", arn, &a)
}

// Aliases lists the aliases of a state machine by name.
func (s Engine) Aliases(ctx context.Context, machine, after string, limit int) ([]engine.Alias, error) {
	return documents[engine.Alias](ctx, s.db, `SELECT document FROM engine_alias WHERE machine = ? AND name > ? ORDER BY name LIMIT ?`,
		machine, after, limit)
}

// DeleteAlias removes an alias.
func (s Engine) DeleteAlias(ctx context.Context, arn string) error {
	return s.remove(ctx, "engine_alias", arn)
}

// documents reads the documents that a query selects.
func documents[T any](ctx context.Context, db *DB, sql string, args ...any) ([]T, error) {
	var all []T
	err := db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: func(stmt *sqlite.Stmt) error {
			var v T
			err := json.Unmarshal(columnBytes(stmt, 0), &v)
			all = append(all, v)
			return err
		}})
	})
	return all, err
}
