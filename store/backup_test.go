package store_test

import (
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// backup copies a database that is in use.
func backup(t *testing.T, dir, to string) {
	t.Helper()
	conn, err := sqlite.OpenConn(dir+"/state.db", sqlite.OpenReadOnly|sqlite.OpenWAL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.Execute(conn, `VACUUM INTO ?`, &sqlitex.ExecOptions{Args: []any{to}}); err != nil {
		t.Fatal(err)
	}
}
