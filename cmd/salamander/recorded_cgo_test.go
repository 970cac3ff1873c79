//go:build cgo

package main

import (
	"strings"
	"testing"
	"time"
)

// checkRecordedTable asks the warehouse for a row.
func checkRecordedTable(t *testing.T, a *app, sql, want string) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		conn, connectErr := a.warehouse.connect(t.Context())
		if err = connectErr; err != nil {
			continue // it opens
		}
		_, rows, queryErr := query(t.Context(), conn, sql)
		conn.Close(t.Context())
		if queryErr != nil || len(rows) != 1 || strings.Join(rows[0], "|") != want {
			t.Errorf("%s: got %q, %v; want %q", sql, rows, queryErr, want)
		}
		return
	}
	t.Errorf("the warehouse: %v", err)
}
