//go:build cgo

package duck

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"salamander/warehouse/dialect"
	"salamander/warehouse/pgwire"
	"salamander/warehouse/sqlstate"
	"salamander/warehouse/tablelock"
)

// lockPatience is how long a session waits for a table before its client is told
// for whom.
const lockPatience = time.Second

// A locking is what a session's transaction has to do with the locks of tables.
// DuckDB's transactions do not wait for one another: the second one of a
// conflict fails at once. Redshift's wait by table, and so do these: see
// package tablelock.
type locking struct {
	tx      *tablelock.Tx // nil where the transaction has asked for none
	own     map[string]bool
	timeout time.Duration // lock_timeout; 0 is none
}

var modes = map[dialect.Change]tablelock.Mode{dialect.Adds: tablelock.Insert, dialect.Changes: tablelock.Write, dialect.Defines: tablelock.Exclusive}

// lockTables takes the tables that a statement changes, before DuckDB's
// transaction begins where it did not yet, so that it sees what those did that
// it waited for.
func (s *session) lockTables(ctx context.Context, st *dialect.Statement, w *pgwire.Writer) error {
	change, names := st.Targets()
	if change == dialect.Reads {
		return nil
	}
	var wishes []tablelock.Wish
	for _, name := range names {
		if s.shared(st, name) {
			wishes = append(wishes, tablelock.Wish{Table: s.lockName(name), Mode: modes[change]})
		}
	}
	if len(wishes) == 0 {
		return nil
	}
	if s.locks.tx == nil {
		s.locks.tx = &tablelock.Tx{PID: s.start.PID, XID: s.xid, User: s.start.User, Begin: time.Now()}
	}
	wait := ctx
	if s.locks.timeout > 0 {
		var cancel context.CancelFunc
		wait, cancel = context.WithTimeoutCause(ctx, s.locks.timeout, sqlstate.Errorf(sqlstate.LockNotAvailable, "canceling statement due to lock timeout"))
		defer cancel()
	}
	var by tablelock.Info
	_, err := s.e.locks.Lock(wait, s.locks.tx, wishes, lockText(st), lockPatience, func(i tablelock.Info) {
		w.Notice(sqlstate.Notice{Severity: "INFO", Code: "00000", Message: "waiting for a table: " + i.String()})
		w.Flush()
		by = i
	})
	var dead *tablelock.Deadlock
	switch {
	case err == nil:
		return nil
	case errors.As(err, &dead):
		return &sqlstate.Error{Code: "40P01", Message: "deadlock detected", Detail: dead.Detail(), Hint: "Have all transactions change their tables in the same order, or LOCK them first."}
	}
	var why *sqlstate.Error
	if !errors.As(pgwire.Cause(wait), &why) {
		return err
	}
	told := *why
	if by.Table != "" {
		told.Detail = "It waited: " + by.String()
	}
	return &told
}

// shared reports whether others see the table of a name that a statement
// changes.
func (s *session) shared(st *dialect.Statement, name dialect.Name) bool {
	if strings.HasPrefix(name.Table, "#") {
		return false
	}
	key := strings.ToLower(name.Table)
	if st.Kind == dialect.Define && st.Temporary() {
		if s.locks.own == nil {
			s.locks.own = map[string]bool{}
		}
		s.locks.own[key] = true
		return false
	}
	return name.Schema != "" || !s.locks.own[key]
}

// lockName is the name that all sessions have for a table.
func (s *session) lockName(name dialect.Name) string {
	schema := name.Schema
	if schema == "" {
		schema = "public"
		for part := range strings.SplitSeq(s.settings["search_path"], ",") {
			if part = strings.Trim(strings.TrimSpace(part), `"`); part != "" && part != "$user" {
				schema = part
				break
			}
		}
	}
	return strings.ToLower(schema + "." + name.Table)
}

// lockText is a statement as others are shown it: without credentials.
func lockText(st *dialect.Statement) string {
	text := clipTo(st.Text(), 2000)
	if st.Kind == dialect.Copy {
		lower := strings.ToLower(text)
		for _, word := range [...]string{"credentials", "iam_role", "access_key"} {
			if i := strings.Index(lower, word); i >= 0 {
				text, lower = text[:i], lower[:i]
			}
		}
	}
	return strings.Clone(tablelock.Line(text))
}

// unlock gives the tables back at the end of the transaction.
func (s *session) unlock(committed bool) {
	if s.locks.tx != nil {
		s.e.locks.Release(s.locks.tx, committed)
		s.locks.tx = nil
	}
}

// lock runs LOCK: the tables are held already, and must be there.
func (s *session) lock(st *dialect.Statement) error {
	names, err := st.Lock()
	if err != nil {
		return err
	}
	for _, name := range names {
		if t, err := (catalog{s}).Table(name); err != nil {
			return err
		} else if t == nil {
			return sqlstate.Errorf(sqlstate.UndefinedTable, "relation \"%s\" does not exist", name.Table)
		}
	}
	return nil
}

// conflict tells who was in the way of a statement that DuckDB stopped for a
// conflict: one that changed the table after this transaction had begun to
// read.
func (s *session) conflict(err error, st *dialect.Statement) error {
	var e *sqlstate.Error
	if !errors.As(err, &e) || e.Code != sqlstate.SerializationFailure || e.Detail != "" {
		return err
	}
	_, names := st.Targets()
	for _, name := range names {
		last, ok := s.e.locks.Last(s.lockName(name))
		if !ok || last.PID == s.start.PID {
			continue
		}
		told := *e
		told.Message = fmt.Sprintf("could not serialize access: table %s was changed after this transaction began", last.Table)
		told.Detail = fmt.Sprintf("Session %d (user %s) changed it and committed at %s: %s. The engine says: %s", last.PID, last.User, last.Ended.UTC().Format("2006-01-02 15:04:05.000"), last.Statement, e.Message)
		told.Hint = "Begin the transaction with the statement that changes the table, or with LOCK: it then waits."
		return &told
	}
	return err
}

// lockViews are the system's views of the locks.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_STV_LOCKS.html
// https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TRANSACTIONS.html
var lockViews = [...]string{
	`rs.rs_locks AS SELECT f[1] AS schema_name, f[2] AS table_name, f[3] AS mode, CAST(f[4] AS INTEGER) AS pid, CAST(f[5] AS BIGINT) AS xid, f[6] AS usr,
		CAST(f[7] AS TIMESTAMP) AS began, CAST(f[8] AS TIMESTAMP) AS since, f[9] = 't' AS granted, f[10] AS text FROM (
		SELECT string_split(r, chr(31)) AS f FROM (SELECT unnest(string_split(CAST(getvariable('rs_locks') AS VARCHAR), chr(30))) AS r)) WHERE f[10] IS NOT NULL`,
	`rs.stv_locks AS SELECT (SELECT max(t.oid) FROM rs.rs_relations t WHERE lower(t.schema_name) = l.schema_name AND lower(t.relname) = l.table_name) AS table_id,
		NULL::TIMESTAMP AS last_commit, since AS last_update, xid AS lock_owner, pid::BIGINT AS lock_owner_pid, began AS lock_owner_start_ts, NULL::TIMESTAMP AS lock_owner_end_ts,
		CASE WHEN NOT granted THEN 'Waiting for ' ELSE 'Holding ' END || CASE mode WHEN 'RowExclusiveLock' THEN 'insert lock' WHEN 'ShareRowExclusiveLock' THEN 'write lock' ELSE 'delete lock' END AS lock_status
	FROM rs.rs_locks l`,
	`rs.svv_transactions AS SELECT usr AS txn_owner, $database AS txn_db, xid, pid, began AS txn_start, mode AS lock_mode, 'relation' AS lockable_object_type,
		(SELECT max(t.oid) FROM rs.rs_relations t WHERE lower(t.schema_name) = l.schema_name AND lower(t.relname) = l.table_name) AS relation, granted FROM rs.rs_locks l`,
}

// lockRecords are the locks as rs.rs_locks reads them.
func (e *engine) lockRecords() []string {
	var all []string
	for _, l := range e.locks.List() {
		schema, table, _ := strings.Cut(l.Table, ".")
		fields := []string{schema, table, l.Mode.String(), fmt.Sprint(l.PID), fmt.Sprint(l.XID), l.User, l.Begin.UTC().Format(timeForm), l.Since.UTC().Format(timeForm), fmt.Sprint(l.Granted)[:1], l.Statement}
		for i, f := range fields {
			fields[i] = fieldText(f)
		}
		all = append(all, strings.Join(fields, fieldSep))
	}
	return all
}
