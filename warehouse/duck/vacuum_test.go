//go:build cgo

package duck_test

import (
	"os"
	"path/filepath"
	"testing"
)

// VACUUM writes the log into the file, which does not grow by rows that replace
// others; beside a transaction that has written it fails nobody.
func TestVacuum(t *testing.T) {
	f := start(t)
	c, other := f.connect(t), f.connect(t)
	size := func(name string) int64 {
		info, err := os.Stat(filepath.Join(f.dir, name))
		if err != nil {
			return 0
		}
		return info.Size()
	}
	const fill = "insert into t select generate_series, md5(cast(generate_series as varchar)) from generate_series(1, 100000)"
	must(t, c, "create table t (a bigint, b varchar(40))")
	must(t, c, "create table u (a int)")
	must(t, c, fill)
	must(t, c, "vacuum")
	if left := size("warehouse.duckdb.wal"); left > 0 {
		t.Errorf("the log has %d bytes after VACUUM", left)
	}
	full := size("warehouse.duckdb")
	for range 6 {
		must(t, c, "delete from t")
		must(t, c, fill)
		must(t, c, "vacuum full t to 100 percent")
	}
	if now := size("warehouse.duckdb"); now > 3*full {
		t.Errorf("the file grew from %d bytes to %d", full, now)
	}
	must(t, other, "begin")
	must(t, other, "insert into u values (1)")
	must(t, c, "vacuum delete only t")
	must(t, other, "commit")
	if got := ask(c, "select count(*), (select count(*) from u) from t"); got != "100000|1" {
		t.Errorf("rows: got %s", got)
	}
}
