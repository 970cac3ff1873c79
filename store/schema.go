package store

import (
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// A part is one domain's tables. Its migrations run in order, once each; a
// released migration never changes, a new one is added behind it.
type part struct {
	name       string
	migrations []string
}

// parts lists the tables of the store, one line a domain.
func parts() []part {
	return []part{
		{"outbox", outboxSchema},
		{"replay", replaySchema},
		{"logs", logsSchema},
		{"object", objectSchema},
		{"engine", engineSchema},
		{"redrive", redriveSchema},
		{"maprun", mapRunSchema},
		{"retention", retentionSchema},
		{"batch", batchSchema},
		{"function", functionSchema},
		{"secret", secretSchema},
		{"identity", identitySchema},
		{"stack", stackSchema},
		{"queue", queueSchema},
		{"notify", notifySchema},
		{"event", eventSchema},
	}
}

// migrate brings the schema to the newest version in one transaction. A
// database made by a newer program is refused.
func migrate(conn *sqlite.Conn) (err error) {
	end, err := sqlitex.ImmediateTransaction(conn)
	if err != nil {
		return err
	}
	defer end(&err)
	const create = `CREATE TABLE IF NOT EXISTS schema_version (part TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID`
	if err := sqlitex.Execute(conn, create, nil); err != nil {
		return err
	}
	for _, p := range parts() {
		if err := migratePart(conn, p); err != nil {
			return fmt.Errorf("schema of %s: %w", p.name, err)
		}
	}
	return nil
}

func migratePart(conn *sqlite.Conn, p part) error {
	version := 0
	err := sqlitex.Execute(conn, `SELECT version FROM schema_version WHERE part = ?`, &sqlitex.ExecOptions{
		Args: []any{p.name},
		ResultFunc: func(stmt *sqlite.Stmt) error {
			version = stmt.ColumnInt(0)
			return nil
		},
	})
	if err != nil {
		return err
	}
	if version > len(p.migrations) {
		return fmt.Errorf("version %d was made by a newer salamander; this one knows %d", version, len(p.migrations))
	}
	for i, m := range p.migrations[version:] {
		if err := sqlitex.ExecuteScript(conn, m, nil); err != nil {
			return fmt.Errorf("migration %d: %w", version+i+1, err)
		}
	}
	return sqlitex.Execute(conn,
		`INSERT INTO schema_version VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET version = excluded.version`,
		&sqlitex.ExecOptions{Args: []any{p.name, len(p.migrations)}})
}
