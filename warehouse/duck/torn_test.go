//go:build cgo

package duck

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	db "github.com/duckdb/duckdb-go-bindings"
)

// A tornDB is a database of DuckDB's own, without the gate.
type tornDB struct {
	t *testing.T
	d db.Database
}

func openTorn(t *testing.T) *tornDB {
	t.Helper()
	d, err := openDatabase(filepath.Join(t.TempDir(), "raw.duckdb"), [][2]string{{"threads", "2"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close(&d) })
	return &tornDB{t, d}
}

func (d *tornDB) connect() *conn {
	c := &conn{}
	if db.Connect(d.d, &c.c) != db.StateSuccess {
		d.t.Fatal("connect")
	}
	d.t.Cleanup(c.disconnect)
	return c
}

// torn replaces the rows of a table by n others for as long as limit, before
// adding what stamp says, and returns how many reads there were and the first
// count that is none of a commit.
func (d *tornDB) torn(n int, stamp bool, limit time.Duration) (reads int, first string) {
	d.t.Helper()
	writer, reader := d.connect(), d.connect()
	run := func(sql string) {
		if _, err := writer.exec(context.Background(), sql); err != nil {
			d.t.Errorf("%v\n%s", err, sql)
		}
	}
	run(fmt.Sprintf("CREATE OR REPLACE TABLE src AS SELECT range AS a FROM range(%d)", n))
	run("CREATE OR REPLACE TABLE t AS SELECT * FROM src")
	s := &session{c: writer}
	var done sync.WaitGroup
	ctx, stop := context.WithTimeout(context.Background(), limit)
	defer stop()
	done.Go(func() {
		for ctx.Err() == nil {
			const insert = "INSERT INTO t SELECT * FROM src"
			run("BEGIN")
			run("DELETE FROM t")
			run(insert)
			if stamp {
				s.bulk("INSERT", insert, int64(n))
				if err := s.stamp(context.Background()); err != nil {
					d.t.Error(err)
				}
			}
			run("COMMIT")
		}
	})
	for ctx.Err() == nil && first == "" {
		rows, err := reader.query(context.Background(), "SELECT count(*) FROM t")
		if err != nil {
			d.t.Fatal(err)
		}
		if reads++; rows[0][0] != fmt.Sprint(n) {
			first = rows[0][0]
			stop()
		}
	}
	done.Wait()
	return reads, first
}

// TestTornShape shows what the gate is for, on DuckDB alone: see bulkRows. When
// this fails, DuckDB has changed, and the gate may go.
func TestTornShape(t *testing.T) {
	d := openTorn(t)
	reads, first := d.torn(2*bulkRows, false, 30*time.Second)
	if first == "" {
		t.Errorf("%d reads beside bulk commits were whole", reads)
	}
	t.Logf("read %d counts %s rows of %d", reads, first, 2*bulkRows)
	for _, tc := range []struct {
		name  string
		rows  int
		stamp bool
	}{{"below a row group", bulkRows - 2048, false}, {"stamped", 2 * bulkRows, true}} {
		if reads, first := d.torn(tc.rows, tc.stamp, time.Second); first != "" {
			t.Errorf("%s: read %d counts %s rows of %d", tc.name, reads, first, tc.rows)
		}
	}
}

func TestTargetOf(t *testing.T) {
	for sql, want := range map[string]string{
		"INSERT INTO t SELECT 1":                                     "t",
		"insert into public.\"T x\" (a) select 1":                    `public."T x"`,
		"WITH x AS (SELECT 1 AS into_) INSERT INTO a.b SELECT 1":     "a.b",
		"MERGE INTO t AS x USING s ON true WHEN MATCHED THEN DELETE": "t",
		"/* into z */ INSERT INTO t VALUES (1)":                      "t",
		"SELECT 1":                                                   "",
		"INSERT INTO (":                                              "",
	} {
		if got := targetOf(sql); got != want {
			t.Errorf("%s: got %q; want %q", sql, got, want)
		}
	}
}
