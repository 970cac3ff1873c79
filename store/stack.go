package store

import (
	"context"
	"encoding/json"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/stack"
)

var stackSchema = []string{`
CREATE TABLE stack (
	id      TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	name    TEXT NOT NULL,
	live    INTEGER NOT NULL,
	busy    INTEGER NOT NULL,
	created INTEGER NOT NULL,
	doc     BLOB NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX stack_live ON stack (account, region, name) WHERE live;
CREATE INDEX stack_busy ON stack (id) WHERE busy;
CREATE TABLE stack_resource (
	stack    TEXT NOT NULL,
	logical  TEXT NOT NULL,
	physical TEXT NOT NULL,
	doc      BLOB NOT NULL,
	PRIMARY KEY (stack, logical)
) WITHOUT ROWID;
CREATE INDEX stack_resource_physical ON stack_resource (physical);
CREATE TABLE stack_event (
	seq   INTEGER PRIMARY KEY AUTOINCREMENT,
	stack TEXT NOT NULL,
	doc   BLOB NOT NULL
);
CREATE INDEX stack_event_stack ON stack_event (stack, seq);
CREATE TABLE stack_change_set (
	id      TEXT PRIMARY KEY,
	stack   TEXT NOT NULL,
	created INTEGER NOT NULL,
	doc     BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX stack_change_set_stack ON stack_change_set (stack, created);
CREATE TABLE stack_signal (
	seq   INTEGER PRIMARY KEY AUTOINCREMENT,
	token TEXT NOT NULL,
	body  BLOB
);
CREATE INDEX stack_signal_token ON stack_signal (token, seq);`}

// Stacks implements [stack.Store]. Events of the status of a stack go to the
// outbox topic "cloudformation.stack" in the same commit, as the JSON of a
// [stack.Event], keyed by the stack's ID.
type Stacks struct{ db *DB }

// NewStacks returns the stacks in db.
func NewStacks(db *DB) *Stacks { return &Stacks{db} }

var _ stack.Store = (*Stacks)(nil)

// query reads documents into values of T.
func query[T any](ctx context.Context, db *DB, text string, args ...any) (out []*T, err error) {
	err = db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, text, &sqlitex.ExecOptions{Args: args, ResultFunc: func(stmt *sqlite.Stmt) error {
			v := new(T)
			out = append(out, v)
			return json.Unmarshal(columnBytes(stmt, 0), v)
		}})
	})
	return out, err
}

func one[T any](found []*T, err error) (*T, error) {
	if err == nil && len(found) == 0 {
		err = stack.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// Stack returns a stack by its ID.
func (s *Stacks) Stack(ctx context.Context, id string) (*stack.Stack, error) {
	return one(query[stack.Stack](ctx, s.db, `SELECT doc FROM stack WHERE id = ?`, id))
}

// Named returns the live stack of that name.
func (s *Stacks) Named(ctx context.Context, scope stack.Scope, name string) (*stack.Stack, error) {
	return one(query[stack.Stack](ctx, s.db, `SELECT doc FROM stack WHERE account = ? AND region = ? AND name = ? AND live`, scope.Account, scope.Region, name))
}

// Stacks returns the stacks of a scope, the newest first.
func (s *Stacks) Stacks(ctx context.Context, scope stack.Scope, deleted bool) ([]*stack.Stack, error) {
	return query[stack.Stack](ctx, s.db, `SELECT doc FROM stack WHERE account = ? AND region = ? AND (live OR ?) ORDER BY created DESC, id`, scope.Account, scope.Region, deleted)
}

// Busy returns the stacks with an operation under way.
func (s *Stacks) Busy(ctx context.Context) ([]*stack.Stack, error) {
	return query[stack.Stack](ctx, s.db, `SELECT doc FROM stack WHERE busy`)
}

// Resources returns the resources of a stack.
func (s *Stacks) Resources(ctx context.Context, id string) ([]*stack.Resource, error) {
	return query[stack.Resource](ctx, s.db, `SELECT doc FROM stack_resource WHERE stack = ? ORDER BY logical`, id)
}

// Owner returns the stack that has a resource with a physical id.
func (s *Stacks) Owner(ctx context.Context, scope stack.Scope, physical string) (id string, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT s.id FROM stack_resource r JOIN stack s ON s.id = r.stack
			WHERE r.physical = ? AND s.account = ? AND s.region = ? AND s.live LIMIT 1`,
			&sqlitex.ExecOptions{Args: []any{physical, scope.Account, scope.Region}, ResultFunc: func(stmt *sqlite.Stmt) error {
				id = stmt.ColumnText(0)
				return nil
			}})
	})
	if err == nil && id == "" {
		err = stack.ErrNotFound
	}
	return id, err
}

// Events returns events of a stack, the newest first.
func (s *Stacks) Events(ctx context.Context, id string, before int64, limit int) (out []stack.Event, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT doc, seq FROM stack_event WHERE stack = ? AND (? = 0 OR seq < ?) ORDER BY seq DESC LIMIT ?`,
			&sqlitex.ExecOptions{Args: []any{id, before, before, limit}, ResultFunc: func(stmt *sqlite.Stmt) error {
				var e stack.Event
				err := json.Unmarshal(columnBytes(stmt, 0), &e)
				e.Seq = stmt.ColumnInt64(1)
				out = append(out, e)
				return err
			}})
	})
	return out, err
}

// ChangeSet returns a change set by its ID.
func (s *Stacks) ChangeSet(ctx context.Context, id string) (*stack.ChangeSet, error) {
	return one(query[stack.ChangeSet](ctx, s.db, `SELECT doc FROM stack_change_set WHERE id = ?`, id))
}

// ChangeSets returns the change sets of a stack, the oldest first.
func (s *Stacks) ChangeSets(ctx context.Context, id string) ([]*stack.ChangeSet, error) {
	return query[stack.ChangeSet](ctx, s.db, `SELECT doc FROM stack_change_set WHERE stack = ? ORDER BY created, id`, id)
}

// A statement is one of a commit.
type statement struct {
	text string
	args []any
}

// Commit stores a change in one transaction.
func (s *Stacks) Commit(ctx context.Context, c stack.Commit) error {
	id := ""
	var all []statement
	add := func(text string, args ...any) { all = append(all, statement{text, args}) }
	if st := c.Stack; st != nil {
		id = st.ID
		doc, err := json.Marshal(st)
		if err != nil {
			return err
		}
		add(`INSERT INTO stack (id, account, region, name, live, busy, created, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET live = excluded.live, busy = excluded.busy, doc = excluded.doc`,
			st.ID, st.Account, st.Region, st.Name, st.Live(), st.Busy(), st.Created.UnixNano(), doc)
		if !st.Live() {
			add(`DELETE FROM stack_change_set WHERE stack = ?`, st.ID)
		}
	}
	if len(c.Events) > 0 {
		id = c.Events[0].Stack
	}
	for _, r := range c.Resources {
		if r.Stack != "" {
			id = r.Stack
		}
		doc, err := json.Marshal(r)
		if err != nil {
			return err
		}
		add(`INSERT OR REPLACE INTO stack_resource (stack, logical, physical, doc) VALUES (?, ?, ?, ?)`, id, r.Logical, r.Physical, doc)
	}
	for _, logical := range c.Removed {
		add(`DELETE FROM stack_resource WHERE stack = ? AND logical = ?`, id, logical)
	}
	for _, set := range c.ChangeSets {
		doc, err := json.Marshal(set)
		if err != nil {
			return err
		}
		add(`INSERT OR REPLACE INTO stack_change_set (id, stack, created, doc) VALUES (?, ?, ?, ?)`, set.ID, set.Stack, set.Created.UnixNano(), doc)
	}
	for _, id := range c.RemovedChangeSets {
		add(`DELETE FROM stack_change_set WHERE id = ?`, id)
	}
	docs := make([][]byte, len(c.Events))
	for i := range c.Events {
		var err error
		if docs[i], err = json.Marshal(c.Events[i]); err != nil {
			return err
		}
	}
	return s.db.Update(ctx, func(tx *Tx) error {
		if c.New {
			if taken, err := stackNamed(tx.Conn(), c.Stack); err != nil || taken {
				return firstError(err, stack.ErrExists)
			}
		}
		for _, st := range all {
			if err := sqlitex.Execute(tx.Conn(), st.text, &sqlitex.ExecOptions{Args: st.args}); err != nil {
				return err
			}
		}
		return addStackEvents(tx, c.Events, docs)
	})
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// addStackEvents adds events, and sends those of the stack itself.
func addStackEvents(tx *Tx, events []stack.Event, docs [][]byte) error {
	for i, e := range events {
		if err := sqlitex.Execute(tx.Conn(), `INSERT INTO stack_event (stack, doc) VALUES (?, ?)`, &sqlitex.ExecOptions{Args: []any{e.Stack, docs[i]}}); err != nil {
			return err
		}
		if e.Physical != e.Stack {
			continue
		}
		if err := tx.Emit("cloudformation.stack", e.Stack, docs[i]); err != nil {
			return err
		}
	}
	return nil
}

func stackNamed(conn *sqlite.Conn, st *stack.Stack) (taken bool, err error) {
	err = sqlitex.Execute(conn, `SELECT 1 FROM stack WHERE account = ? AND region = ? AND name = ? AND live`, &sqlitex.ExecOptions{
		Args:       []any{st.Account, st.Region, st.Name},
		ResultFunc: func(*sqlite.Stmt) error { taken = true; return nil }})
	return taken, err
}

// OpenSignal makes a token that signals are taken for.
func (s *Stacks) OpenSignal(ctx context.Context, token string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		return sqlitex.Execute(tx.Conn(), `INSERT INTO stack_signal (token) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM stack_signal WHERE token = ?)`,
			&sqlitex.ExecOptions{Args: []any{token, token}})
	})
}

// Signal adds a signal.
func (s *Stacks) Signal(ctx context.Context, token string, body []byte) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		open := false
		err := sqlitex.Execute(tx.Conn(), `SELECT 1 FROM stack_signal WHERE token = ? LIMIT 1`, &sqlitex.ExecOptions{
			Args: []any{token}, ResultFunc: func(*sqlite.Stmt) error { open = true; return nil }})
		if err != nil || !open {
			return firstError(err, stack.ErrNotFound)
		}
		return sqlitex.Execute(tx.Conn(), `INSERT INTO stack_signal (token, body) VALUES (?, ?)`, &sqlitex.ExecOptions{Args: []any{token, body}})
	})
}

// Signals returns the signals of a token, in their order.
func (s *Stacks) Signals(ctx context.Context, token string) (out [][]byte, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT body FROM stack_signal WHERE token = ? AND body IS NOT NULL ORDER BY seq`, &sqlitex.ExecOptions{
			Args: []any{token}, ResultFunc: func(stmt *sqlite.Stmt) error {
				out = append(out, columnBytes(stmt, 0))
				return nil
			}})
	})
	return out, err
}

// CloseSignal forgets a token.
func (s *Stacks) CloseSignal(ctx context.Context, token string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		return sqlitex.Execute(tx.Conn(), `DELETE FROM stack_signal WHERE token = ?`, &sqlitex.ExecOptions{Args: []any{token}})
	})
}
