//go:build cgo

package duck

import (
	"context"
	"path/filepath"
	"testing"
)

// A warehouse of an earlier release, and a backup of one, keep their load
// errors, which were in tables of other names.
func TestTablesOfEarlierReleases(t *testing.T) {
	ctx := context.Background()
	cfg := backupConfig(t)
	e, c := openFor(t, cfg)
	old := func(c *conn) {
		t.Helper()
		for _, sql := range []string{
			"DROP VIEW rs.stl_load_errors", "ALTER TABLE rs.rs_load_errors RENAME TO stl_load_errors", "DROP VIEW rs.stl_load_commits", "ALTER TABLE rs.rs_load_commits RENAME TO stl_load_commits",
			"DROP TABLE rs.rs_setup",
		} {
			if _, err := c.exec(ctx, sql); err != nil {
				t.Fatalf("%v\n%s", err, sql)
			}
		}
	}
	if _, err := c.exec(ctx, "INSERT INTO rs.rs_load_errors (userid, query, err_reason) VALUES (100, 7, 'because')"); err != nil {
		t.Fatal(err)
	}
	old(c)
	dir := t.TempDir()
	if err := e.backup(ctx, dir); err != nil {
		t.Fatal(err)
	}
	c.disconnect()
	e.Close()
	restored := backupConfig(t)
	if err := Restore(ctx, restored, dir, false); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*rs.stl_load_errors.parquet")); len(files) != 1 {
		t.Fatalf("the backup has no table of the old name: %v", files)
	}
	for _, of := range []string{cfg.Dir, restored.Dir} {
		cfg.Dir = of
		e, c := openFor(t, cfg)
		rows, err := c.query(ctx, "SELECT query, err_reason FROM rs.rs_load_errors")
		if err != nil || len(rows) != 1 || rows[0][0] != "7" || rows[0][1] != "because" {
			t.Errorf("got %v, %v", rows, err)
		}
		if _, err := c.query(ctx, "SET VARIABLE rs_user = 'awsuser'"); err != nil {
			t.Error(err)
		}
		if rows, err := c.query(ctx, "SELECT count(*) FROM rs.stl_load_errors"); err != nil || rows[0][0] != "1" {
			t.Errorf("the view: got %v, %v", rows, err)
		}
		if e.history.last != 7 {
			t.Errorf("statements go on after %d; want 7", e.history.last)
		}
		c.disconnect()
		e.Close()
	}
}
