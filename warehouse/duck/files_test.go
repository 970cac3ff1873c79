//go:build cgo

package duck_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/duckdb/duckdb-go-bindings"
)

// tableFunctions are the functions and pragmas that DuckDB itself has and that
// may reach a file: all that give tables, so that a new release's are tried too.
func tableFunctions(t *testing.T) []string {
	t.Helper()
	var d duckdb_go_bindings.Database
	var c duckdb_go_bindings.Connection
	var res duckdb_go_bindings.Result
	if duckdb_go_bindings.Open(":memory:", &d) != duckdb_go_bindings.StateSuccess || duckdb_go_bindings.Connect(d, &c) != duckdb_go_bindings.StateSuccess {
		t.Fatal("open DuckDB")
	}
	defer duckdb_go_bindings.Close(&d)
	defer duckdb_go_bindings.Disconnect(&c)
	const sql = "SELECT string_agg(DISTINCT function_name, ' ') FROM duckdb_functions() WHERE function_type IN ('table', 'pragma', 'table_macro') OR function_name IN ('getenv', 'write_log', 'getvariable', 'current_setting')"
	if duckdb_go_bindings.Query(c, sql, &res) != duckdb_go_bindings.StateSuccess {
		t.Fatal(duckdb_go_bindings.ResultError(&res))
	}
	defer duckdb_go_bindings.DestroyResult(&res)
	chunk := duckdb_go_bindings.FetchChunk(res)
	defer duckdb_go_bindings.DestroyDataChunk(&chunk)
	s := *(*duckdb_go_bindings.StringT)(duckdb_go_bindings.VectorGetData(duckdb_go_bindings.DataChunkGetVector(chunk, 0)))
	all := strings.Fields(duckdb_go_bindings.StringTData(&s))
	if len(all) < 80 {
		t.Fatalf("got %d functions: %v", len(all), all)
	}
	slices.Sort(all)
	return append(all, "getenv", "sqlite_scan", "postgres_scan", "mysql_scan", "st_read", "iceberg_scan", "delta_scan", "read_xlsx", "pg_read_file", "pg_ls_dir", "lo_import", "http_get")
}

// harmless are those of them that a statement may call: they make rows of
// their arguments.
var harmless = strings.Fields("generate_series unnest range repeat json_each json_tree histogram histogram_values version")

// No statement, by any function, in any place and in any spelling, reads a file
// or writes one.
func TestNoStatementReachesAFile(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	const canary = "c4n4ry"
	dir := t.TempDir()
	path := filepath.Join(dir, "x.csv")
	if err := os.WriteFile(path, []byte("a\n"+canary+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	f.put(t, "b", "other", "")
	must(t, c, "create table t (a varchar(100))")
	must(t, c, "insert into t values ('"+path+"')")

	refused := strings.Fields("42601 0A000 42501 42P01 42704 42883 22023 3F000 42703 34000 26000 XX000:S3 42P18 42804 42809 42846")
	tries := 0
	try := func(sql string, may bool) {
		t.Helper()
		tries++
		got := ask(c, sql)
		ask(c, "rollback")
		code, message, _ := strings.Cut(got, " ")
		switch {
		case strings.Contains(got, canary):
			t.Errorf("%s: it reads the file: %s", sql, got)
		case strings.Contains(message, "file system") || strings.Contains(message, "external access"):
			t.Errorf("%s: it tells of the file system: %s", sql, got)
		case !may && !slices.Contains(refused, code):
			t.Errorf("%s: got %s", sql, got)
		}
	}
	for _, fn := range tableFunctions(t) {
		may := slices.Contains(harmless, fn)
		for _, name := range []string{fn, `"` + fn + `"`, "main." + fn, "system.main." + fn, "pg_catalog." + fn, strings.ToUpper(fn) + " ", fn + "/**/"} {
			try(fmt.Sprintf("select * from %s('%s')", name, path), may)
		}
		for _, place := range []string{
			"select %s('%s')", "from %s('%s')", "call %s('%s')", "pragma %s('%s')", "table %s('%s')", "values (%s('%s'))",
			"select * from t, lateral %s(a || '') where a <> '%s'", "select (select count(*) from %s('%s'))", "with x as (select * from %s('%s')) select * from x",
			"create table z as select * from %s('%s')", "select * into z from %s('%s')", "insert into t select * from %s('%s')", "create view v as select * from %s('%s')", "explain select * from %s('%s')",
			"update t set a = (select max(column0) from %s('%s'))", "delete from t using %s('%s') f where true", "merge into t using %s('%s') f on true when matched then delete",
			"create table z (a varchar(10) default %s('%s'))", "copy (select * from %s('%s')) to stdout", "create function f(int) returns int stable as $$ select * from %s('%s') $$ language sql",
			"declare k cursor for select * from %s('%s')", "select * from t where a in (select column0 from %s('%s'))", "select * from unnest((select array_agg(x) from %s('%s') x))", "select * from t pivot (count(*) for a in (select * from %s('%s')))",
		} {
			try(fmt.Sprintf(place, fn, path), may || strings.HasPrefix(place, "declare"))
		}
		try(fmt.Sprintf("unload ('select * from %s(''%s'')') to 's3://b/u' iam_role default", fn, path), may)
		try(fmt.Sprintf("prepare p as select * from %s('%s')", fn, path), true)
		try("execute p", may)
		try("deallocate p", true)
		r := c.ExecParams(context.Background(), fmt.Sprintf("select * from %s($1)", fn), [][]byte{[]byte(path)}, nil, nil, nil).Read()
		if strings.Contains(fmt.Sprintf("%s", r.Rows), canary) {
			t.Errorf("%s($1): it reads the file", fn)
		} else if r.Err == nil && !may {
			t.Errorf("%s($1): it is run", fn)
		}
	}
	for _, sql := range []string{
		"select * from '%s'", `select * from "%s"`, "select * from x.csv", "select * from t, '%s'", "select * from (select 1) x join '%s' on true", "from '%s'", "table '%s'", "describe '%s'", "summarize '%s'", "show '%s'",
		"(from '%s')", "select * from (from '%s')", "with x as (from '%s') select * from x", "with x as materialized (table '%s') select * from x", "explain analyze select * from '%s'",
		"create table z as select * from '%s'", "create table z as from '%s'", "insert into t select * from '%s'", "insert into t from '%s'", "insert into t table '%s'", "create view v as select * from '%s'", "delete from t using '%s' where true",
		"update t set a = 1 from '%s' where true", "merge into t using '%s' on true when matched then delete", "select * from t union all from '%s'", "select * from t union all (table '%s')", "pivot '%s' on a", "unpivot '%s' on a", "select * from (pivot '%s' on a)",
		"attach '%s' as x", "attach database '%s'", "attach if not exists '%s'", "detach dev", "use x", "copy t to '%s'", "copy (select 1) to '%s'", "copy t from '%s'", "copy t from '%s' csv", "copy t from program 'cat %s'", "copy t to program 'cat > %s'",
		"copy t from 'file://%s' iam_role default", "copy t from 's3://../%s' iam_role default", "copy t from 's3://b/../../%s' iam_role default", "unload ('select 1') to '%s' iam_role default", "unload ('select 1') to 'file://%s' iam_role default",
		"unload ('select * from ''%s''') to 's3://b/u' iam_role default", "copy from database dev to x", "export database '%s'", "export database '%s' (format parquet)", "import database '%s'", "install '%s'", "force install httpfs", "install x from '%s'", "load '%s'", "load httpfs", "update extensions",
		"create secret x (type s3, key_id '%s')", "create persistent secret x (type s3)", "pragma database_list", "pragma import_database('%s')", "pragma temp_directory='%s'", "pragma enable_profiling", "pragma profiling_output='%s'",
		"set enable_external_access = true", "set temp_directory = '%s'", "set global home_directory = '%s'", "set secret_directory = '%s'", "set allowed_paths = ['%s']", "set allowed_directories = ['%s']", "set extension_directory = '%s'", "set log_query_path = '%s'", "set custom_user_agent = '%s'",
		"reset enable_external_access", "set variable x = '%s'", "set file_search_path = '%s'", "set search_path to '%s'; select * from x", "set session authorization '%s'", "create type x as enum (select * from '%s')", "create macro m() as table from '%s'",
		"create or replace macro m() as (select * from '%s')", "create function m() as (from '%s')", "create index i on t using '%s' (a)", "comment on table t is (select * from '%s')", "create sequence x start with (from '%s')",
		"create table z as with x as (from '%s') select * from x", "select case when true then (from '%s') end", "select * from t order by (from '%s')", "select * from t limit (from '%s')", "select * from t where exists (from '%s')", "select exists(from '%s')", "select [x for x in (from '%s')]", "select array(from '%s')",
		"select * from t qualify (from '%s') is null", "select * from t tablesample (select * from '%s')", "select columns('%s') from '%s'", "select * from read_csv/**/('%s')", "select * from read_csv\n('%s')", "select * from U&\"read\\005fcsv\"('%s')", "select * from U&'%s'", "select * from E'%s'", "select * from $$%s$$", "select * from $a$%s$a$",
		"select * from read_csv(array['%s'])", "select * from read_csv(['%s'])", "select * from t, read_csv(t.a)", "select '%s'.read_csv()", "select ('%s').read_text()", "execute immediate '%s'", "create materialized view m as select * from '%s'", "create external schema x from data catalog database '%s'",
		"create external table x.y (a int) location '%s'", "create model x from '%s' target a function f iam_role default", "create library x language plpythonu from '%s'", "checkpoint", "force checkpoint", "checkpoint '%s'", "vacuum '%s'", "analyze '%s'", "call force_checkpoint('%s')", "select * from pg_read_file('%s')",
		"begin; select * from '%s'; commit", "select 1; select * from '%s'", "prepare q as from '%s'; execute q", "declare k cursor for from '%s'", "select * from dev.public.'%s'", "select * from dev.main.\"%s\"", "select * from dev.public.\"%s\"", "select * from memory.\"%s\"", "select * from temp.\"%s\"", "select * from rs.\"%s\"", "select * from public.\"%s\"",
	} {
		sql = strings.ReplaceAll(sql, "%s", path)
		// A setting that is only kept and a name that is only a name do no harm.
		may := strings.HasPrefix(sql, "set ") || strings.HasPrefix(sql, "vacuum") || strings.HasPrefix(sql, "analyze") || strings.HasPrefix(sql, "begin") || strings.HasPrefix(sql, "copy t from 's3:") || strings.HasPrefix(sql, "select 1;")
		try(sql, may)
	}
	// A name that is put together is a name, not a statement.
	for _, sql := range []string{"select 'read' || '_csv(''%s'')'", "select * from (select 'read_csv' as f) x where f = '%s'"} {
		try(fmt.Sprintf(sql, path), true)
	}
	var left []string
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, _ error) error {
		if !e.IsDir() {
			left = append(left, path)
		}
		return nil
	})
	if len(left) != 1 {
		t.Errorf("files after it: %v; want the one", left)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "a\n"+canary+"\n" {
		t.Errorf("the file is changed: %q, %v", b, err)
	}
	t.Logf("%d statements", tries)
}
