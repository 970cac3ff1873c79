//go:build cgo

package duck

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"salamander/warehouse"
)

// backupConfig is a warehouse of its own.
func backupConfig(t *testing.T) warehouse.ChildConfig {
	return warehouse.ChildConfig{Dir: t.TempDir(), User: "awsuser", Database: "dev", MemoryLimit: 512 << 20}
}

func openFor(t *testing.T, cfg warehouse.ChildConfig) (*engine, *conn) {
	t.Helper()
	e, err := openEngine(cfg, nil, slog.New(slog.DiscardHandler), false)
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.connect()
	if err != nil {
		t.Fatal(err)
	}
	return e, c
}

// filledWith is what a backup has to keep: types, constraints, defaults,
// identity, views over views, comments and attributes, other schemas and
// names in need of quotes.
var filledWith = []string{
	`CREATE SEQUENCE rs."identity always 1,3 x 0" INCREMENT BY 3 MINVALUE -9223372036854775808 MAXVALUE 9223372036854775807 START WITH 1`,
	`CREATE TABLE public.t (id BIGINT DEFAULT nextval('rs."identity always 1,3 x 0"') NOT NULL, a SMALLINT, b INTEGER, c DECIMAL(18,4), d DECIMAL(38,2), e DOUBLE, f FLOAT, g BOOLEAN,
		h VARCHAR CHECK (strlen(h) <= 8), i DATE, j TIMESTAMP, k TIMESTAMPTZ, l TIME, m INTERVAL, n HUGEINT, o BLOB, p JSON, q DECIMAL(4,1), r VARCHAR DEFAULT 'x;y')`,
	`INSERT INTO public.t (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q) VALUES
		(1, -2, 3.4567, -99999999999999999999.25, 1.5e300, 0.1, true, 'ü''"', '0001-01-01', '2024-02-29 23:59:59.123456', '2024-02-29 23:59:59.123456+02', '10:11:12.000001', INTERVAL '1 year 2 months -3 days 04:05:06.5', 170141183460469231731687303715884105727, '\xAB\x00'::BLOB, '{"a": [1, null]}', -1.5),
		(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
		(-32768, 2147483647, -1, 0, 'NaN', '-Infinity', false, '', 'infinity', '-infinity', 'infinity', '00:00:00', INTERVAL '-1 month', -1, '', '"x"', 0)`,
	`CREATE SCHEMA "Odd schema"`, `CREATE TABLE "Odd schema"."odd;table" ("a""b" INTEGER NOT NULL)`, `INSERT INTO "Odd schema"."odd;table" SELECT * FROM range(5000)`,
	`CREATE TABLE public.empty (a INTEGER)`, `CREATE VIEW public.v2 AS SELECT a, rs_substring(h, 1) AS h FROM public.t`, `CREATE VIEW public.a_first AS SELECT h FROM public.v2`,
	`CREATE VIEW public.z AS SELECT 1 AS one`, `CREATE OR REPLACE VIEW public.v2 AS SELECT a, h, one FROM public.t, public.z`,
	`COMMENT ON TABLE public.t IS '{"DistKey":"a","SortKey":["b","c"],"Comment":"it''s t"}'`, `COMMENT ON COLUMN public.t.a IS 'the ''a'''`, `COMMENT ON VIEW public.v2 IS 'a view'`,
	`CREATE MACRO public.plus(x, y) AS x + y`, `INSERT INTO rs.rs_load_errors (query, err_reason) VALUES (7, 'because')`,
}

// contents are the answers of a database to questions about all of it.
func contents(t *testing.T, c *conn) string {
	t.Helper()
	var out strings.Builder
	for _, sql := range []string{
		"SELECT id, a, b, c, d, e::VARCHAR, f::VARCHAR, g, h, i, j, k, l, m, n, o::VARCHAR, p::VARCHAR, q, r, h IS NULL FROM public.t ORDER BY id", `SELECT count(*), sum("a""b") FROM "Odd schema"."odd;table"`, "SELECT count(*) FROM public.empty",
		"SELECT * FROM public.a_first ORDER BY 1", "SELECT a, one FROM public.v2 ORDER BY 1", "SELECT query, err_reason FROM rs.rs_load_errors", "SELECT public.plus(1, 2)",
		"SELECT table_name, comment, sql FROM duckdb_tables() WHERE schema_name = 'public' ORDER BY 1", "SELECT column_name, comment FROM duckdb_columns() WHERE comment IS NOT NULL AND database_name = current_database() ORDER BY 1",
		"SELECT view_name, comment FROM duckdb_views() WHERE schema_name = 'public' ORDER BY 1",
	} {
		rows, err := c.query(context.Background(), sql)
		if err != nil {
			t.Errorf("%v\n%s", err, sql)
		}
		fmt.Fprintln(&out, rows)
	}
	return out.String()
}

func TestABackupIsRestored(t *testing.T) {
	ctx := context.Background()
	cfg := backupConfig(t)
	e, c := openFor(t, cfg)
	for _, sql := range filledWith {
		if _, err := c.exec(ctx, sql); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
	want := contents(t, c)
	c.disconnect()
	e.Close()
	dir := filepath.Join(t.TempDir(), "backup")
	if err := Backup(ctx, cfg, dir); err != nil {
		t.Fatal(err)
	}
	if err := Backup(ctx, cfg, dir); !errors.Is(err, os.ErrExist) {
		t.Errorf("over another backup: got %v; want ErrExist", err)
	}
	check := func(what string, cfg warehouse.ChildConfig) {
		t.Helper()
		e, c := openFor(t, cfg)
		defer e.Close()
		defer c.disconnect()
		if got := contents(t, c); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", what, got, want)
		}
		if rows, err := c.query(ctx, "INSERT INTO public.t (a) VALUES (9) RETURNING id"); err != nil || rows[0][0] != "10" {
			t.Errorf("%s: the next identity: got %v, %v; want 10", what, rows, err)
		}
		if _, err := c.exec(ctx, "INSERT INTO public.t (h) VALUES ('more than eight')"); err == nil {
			t.Errorf("%s: the length of a text is lost", what)
		}
		if _, err := c.exec(ctx, "DELETE FROM public.t WHERE a = 9"); err != nil {
			t.Error(err)
		}
	}
	other := backupConfig(t)
	if err := Restore(ctx, other, dir, false); err != nil {
		t.Fatal(err)
	}
	check("restored", other)
	if err := Restore(ctx, other, dir, false); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("over tables: got %v; want ErrNotEmpty", err)
	}
	if err := Restore(ctx, other, dir, true); err != nil {
		t.Fatal(err)
	}
	check("restored over tables", other)
	files, _ := filepath.Glob(filepath.Join(dir, "*Odd_schema.odd_table.parquet"))
	if len(files) != 1 {
		t.Fatalf("the file of a table: got %v", files)
	}
	if err := os.WriteFile(files[0], []byte("PAR1"), 0o600); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(databaseFile(other.Dir))
	if err := Restore(ctx, other, dir, true); err == nil {
		t.Error("a broken file is restored")
	}
	if after, _ := os.ReadFile(databaseFile(other.Dir)); string(after) != string(before) {
		t.Error("a restore that failed changed the warehouse")
	}
	if err := Restore(ctx, other, t.TempDir(), true); err == nil || !strings.Contains(err.Error(), "is no backup") {
		t.Errorf("no backup: got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(other.Dir, "new-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A table whose rows were replaced by halves takes less after compaction, and
// all is as it was.
func TestCompact(t *testing.T) {
	ctx := context.Background()
	cfg := backupConfig(t)
	e, c := openFor(t, cfg)
	exec := func(sql string) {
		t.Helper()
		if _, err := c.exec(ctx, sql); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
	for _, sql := range filledWith {
		exec(sql)
	}
	const ask = "SELECT count(*), sum(a), md5(string_agg(b, '' ORDER BY a)) FROM \"Odd schema\".rewritten"
	exec("CREATE TABLE \"Odd schema\".rewritten AS SELECT range AS a, md5(range::VARCHAR) AS b FROM range(200000)")
	for i := range 3 {
		exec("DELETE FROM \"Odd schema\".rewritten WHERE a % 2 = " + fmt.Sprint(i%2))
		exec("INSERT INTO \"Odd schema\".rewritten SELECT range * 2 + " + fmt.Sprint(i%2) + ", md5(range::VARCHAR) FROM range(100000)")
	}
	rows, err := c.query(ctx, ask)
	if err != nil {
		t.Fatal(err)
	}
	want := contents(t, c)
	c.disconnect()
	e.Close()
	old, small, err := Compact(ctx, cfg)
	if err != nil || small >= old*3/4 {
		t.Errorf("compact: %d bytes of %d, %v; want fewer than three quarters", small, old, err)
	}
	t.Logf("compacted from %d to %d bytes", old, small)
	e, c = openFor(t, cfg)
	defer e.Close()
	defer c.disconnect()
	if got := contents(t, c); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if again, err := c.query(ctx, ask); err != nil || fmt.Sprint(again) != fmt.Sprint(rows) {
		t.Errorf("got %v, %v; want %v", again, err, rows)
	}
	if rows, err := c.query(ctx, "INSERT INTO public.t (a) VALUES (9) RETURNING id"); err != nil || rows[0][0] != "10" {
		t.Errorf("the next identity: got %v, %v; want 10", rows, err)
	}
	if left, _ := filepath.Glob(filepath.Join(cfg.Dir, "*")); len(left) > 3 {
		t.Errorf("left behind: %v", left)
	}
}
