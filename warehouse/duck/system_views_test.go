//go:build cgo

package duck_test

import (
	"strings"
	"testing"
)

// The queries that users ask about their cluster's health.
func TestSystemTables(t *testing.T) {
	f := start(t)
	c, other := f.connect(t), f.connect(t)
	f.put(t, "b", "s/1", "1|a\n2|b\n")
	f.put(t, "b", "s/2", "3|c")
	f.put(t, "b", "bad", "x|c\n")
	for _, tc := range []struct{ sql, want string }{
		{"create table sale (id integer not null encode az64 distkey, name varchar(20) encode zstd, at_time timestamp, price numeric(7,2)) compound sortkey (at_time, id)", "CREATE TABLE"},
		{"create table plain (id integer)", "CREATE TABLE"},
		{`select "column", type, encoding, distkey, sortkey, "notnull" from pg_table_def where schemaname = 'public' and tablename = 'sale'`,
			"id|integer|az64|t|2|t, name|character varying(20)|zstd|f|0|f, at_time|timestamp without time zone|none|f|1|f, price|numeric(7,2)|az64|f|0|f"},
		{"select count(*) from svv_table_info", "0"},
		{"copy sale (id, name) from 's3://b/s/' iam_role default", "COPY"},
		{"select pg_last_copy_count(), pg_last_copy_id() > 0", "3|t"},
		{"select trim(filename), lines_scanned, errors from stl_load_commits where query = pg_last_copy_id() order by filename", "s3://b/s/1|2|0, s3://b/s/2|1|0"},
		{"copy sale (id, name) from 's3://b/bad' iam_role default", "XX000 Load into table 'sale' failed.  Check 'stl_load_errors' system table for details. | s3://b/bad, line 1, column id (integer), value \"x\": Invalid digit, Value 'x', Pos 0, Type: Integer (error 1207)"},
		{"select trim(e.file_name), e.line_number, e.error_code, q.status, q.query_type from sys_load_error_detail e join sys_query_history q using (query_id)", "s3://b/bad|1|1207|failed|COPY"},
		{`select "schema", "table", diststyle, sortkey1, sortkey_num, max_varchar, tbl_rows from svv_table_info`, "public|sale|KEY(id)|at_time|2|20|3"},
		{"select pg_table_size('sale'::regclass) >= 0, pg_size_pretty(pg_total_relation_size('sale')) <> '', pg_size_pretty(1048576 * 20)", "t|t|20 MB"},
		{"select 7 as seven", "7"},
		{"select trim(querytxt), aborted from stl_query where querytxt like 'select 7%'", "select 7 as seven|0"},
		{"select status, query_type, returned_rows, error_message from sys_query_history where query_text like 'select 7%'", "success|SELECT|1|"},
		{"select i.text from stv_inflight i where pid = pg_backend_pid()", "select i.text from stv_inflight i where pid = pg_backend_pid()"},
		{"select u.usename, count(*) > 3 from stl_query q join pg_user u on q.userid = u.usesysid group by 1", "awsuser|t"},
		{"select count(*) from stv_recents where status = 'Running'", "1"},
		{"select column_name from svv_all_columns where table_name = 'plain'", "id"},
		{"create view h as select * from stl_query", "0A000 a view of the system's statements and sizes is not supported by the embedded warehouse @15"},
		{"select * from stl_scan", "0A000 the system table stl_scan is not supported by the embedded warehouse @15"},
		{"begin; select 1 from svv_table_info; rollback", "BEGIN, 1, ROLLBACK"},
	} {
		if got := strings.ReplaceAll(ask(c, tc.sql), "; ", ", "); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.sql, got, tc.want)
		}
	}
	if got := ask(other, "select count(*) from stl_query where querytxt like 'select 7%'"); got != "1" {
		t.Errorf("another session sees %s statements; want 1", got)
	}
}
