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
	if err := refuseUnknown(conn); err != nil {
		return err
	}
	for _, p := range parts() {
		if err := migratePart(conn, p); err != nil {
			return err
		}
	}
	return nil
}

// refuseUnknown refuses a database with tables of a part that this program
// does not have.
func refuseUnknown(conn *sqlite.Conn) error {
	known := map[string]bool{}
	for _, p := range parts() {
		known[p.name] = true
	}
	return sqlitex.Execute(conn, `SELECT part FROM schema_version`, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		if name := stmt.ColumnText(0); !known[name] {
			return fmt.Errorf("it has the tables of %s, which a newer salamander made: use that one, or another data directory", name)
		}
		return nil
	}})
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
		return fmt.Errorf("the tables of %s are of version %d, which a newer salamander made; this one knows %d: use that one, or another data directory", p.name, version, len(p.migrations))
	}
	for i, m := range p.migrations[version:] {
		if err := sqlitex.ExecuteScript(conn, m, nil); err != nil {
			return fmt.Errorf("schema of %s: migration %d: %w", p.name, version+i+1, err)
		}
	}
	return sqlitex.Execute(conn,
		`INSERT INTO schema_version VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET version = excluded.version`,
		&sqlitex.ExecOptions{Args: []any{p.name, len(p.migrations)}})
}
