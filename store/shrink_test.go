package store

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFreeSpaceIsGivenBack(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir, Options{})
	for _, sql := range []string{"CREATE TABLE big (b BLOB)",
		"INSERT INTO big WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT randomblob(10000) FROM n", "DELETE FROM big"} {
		if err := db.Update(t.Context(), exec(sql)); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.shrink(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 6<<20 {
		t.Errorf("got %d bytes; want the 20 MB given back", info.Size())
	}
}
