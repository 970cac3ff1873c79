package store

import (
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

func columnBytes(stmt *sqlite.Stmt, col int) []byte {
	b := make([]byte, stmt.ColumnLen(col))
	stmt.ColumnBytes(col, b)
	return b
}

func optionalText(stmt *sqlite.Stmt, col int) *string {
	if stmt.ColumnIsNull(col) {
		return nil
	}
	text := stmt.ColumnText(col)
	return &text
}

func textOrNull(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

func bytesOrNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func exists(conn *sqlite.Conn, sql string, args ...any) (found bool, err error) {
	err = sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: args,
		ResultFunc: func(*sqlite.Stmt) error { found = true; return nil }})
	return found, err
}
