//go:build cgo

package duck_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salamander/warehouse"
	"salamander/warehouse/duck"
)

// madeOfAll makes objects of each kind, in Redshift's words.
var madeOfAll = []string{
	"create schema mart", `create schema "Odd"`,
	"create table sale (id integer identity(10,5) not null primary key, item varchar(20) not null default 'none', price numeric(12,4) encode az64, big bigint, small smallint, d double precision, r real, b boolean, c char(5), day date, at timestamp, tz timestamptz) diststyle key distkey(item) compound sortkey(day, id)",
	"insert into sale (item, price, big, small, d, r, b, c, day, at, tz) values ('a', 1.25, 9000000000, 7, 1.5, 0.1, true, 'xy', '2024-02-29', '2024-02-29 12:34:56.123456', '2024-02-29 12:34:56+02'), (default, null, null, null, 'NaN', null, false, null, null, null, null)",
	"create table mart.cost (sale integer references sale (id), amount numeric(8,2), unique (sale))",
	"insert into mart.cost values (10, 3.50), (15, 0)",
	`create table "Odd"."Name of it" ("a b" varchar(3))`, `insert into "Odd"."Name of it" values ('q"q')`,
	"create table loose (doc super)", "insert into loose values (json_parse('{\"k\": [1, null, \"v\"]}')), (null)",
	"create table empty (id integer)", "create table gone (id integer); drop table gone",
	"create view cheap as select id, item from sale where price < 2", "create view mart.over as select c.sale, v.item from mart.cost c join cheap v on v.id = c.sale",
	"set search_path to mart; create view near as select sum(amount) as total from cost; set search_path to public",
	"create materialized view mart.total as select item, count(*) as n from sale group by item", "create view of_total as select n from mart.total where item = 'a'",
	"comment on table sale is 'what was sold'; comment on column sale.item is 'the item''s name'",
	"create user ann password 'Secret123' createdb connection limit 4 syslog access unrestricted session timeout 3600", "create user bob password 'Secret123' valid until '2099-12-31'",
	"create user boss password 'Secret123' createuser", "create user off password disable",
	"create group etl with user ann, bob", "create role reader", "create role writer", "grant role reader to role writer", "grant role writer to bob", "grant role reader to ann with admin option",
	"grant select on sale to role reader", "grant insert on sale to group etl", "grant update on sale to ann with grant option", "grant usage on schema mart to role reader", "grant select on mart.total, mart.cost to role reader",
	"grant create on database dev to ann", "revoke create on schema public from public", "grant select on cheap to public",
	"alter default privileges for user ann in schema mart grant select on tables to group etl", "alter default privileges grant select on tables to bob",
	"alter table empty owner to ann", `alter schema "Odd" owner to bob`, "alter table mart.total owner to boss",
	"copy sale (item) from 's3://b/bad' iam_role default maxerror 5",
}

// askedOfAll ask for each kind of object, and for what is in it.
var askedOfAll = []string{
	"select * from sale order by id", "select * from mart.cost order by sale", `select * from "Odd"."Name of it"`, "select count(*) from empty", "select doc, doc.k[0] from loose order by 1",
	"select * from cheap order by id", "select * from mart.over", "select * from mart.near", "select * from mart.total order by item", "select * from of_total",
	"select nspname, u.usename from pg_namespace n left join pg_user u on u.usesysid = n.nspowner order by 1",
	"select schemaname, tablename, tableowner from pg_tables where schemaname in ('public', 'mart', 'Odd') order by 1, 2",
	"select schemaname, viewname, viewowner, definition from pg_views where schemaname in ('public', 'mart', 'Odd') order by 1, 2",
	"select schema_name, name, user_id from svv_mv_info order by 1, 2",
	`select tablename, "column", type, encoding, distkey, sortkey, "notnull" from pg_table_def order by 1`,
	"set search_path to mart, \"Odd\"", `select tablename, "column", type, encoding, distkey, sortkey, "notnull" from pg_table_def order by 1`, "reset search_path",
	"select table_schema, table_name, column_name, ordinal_position, regexp_replace(column_default, '[(][0-9]+', '(oid'), is_nullable, data_type, character_maximum_length, remarks from svv_columns where table_schema in ('public', 'mart', 'Odd') order by 1, 2, 4",
	"select c.relname, o.conname, o.contype, pg_get_constraintdef(o.oid) from pg_constraint o join pg_class c on c.oid = o.conrelid order by 1, 2",
	"select c.relname, d.description, d.objsubid from pg_description d join pg_class c on c.oid = d.objoid order by 1, 3",
	`select "schema", "table", diststyle, sortkey1, sortkey_num, tbl_rows from svv_table_info order by 1, 2`,
	"select * from svv_user_info order by 1", "select usename, usesysid, valuntil from pg_user order by 1", "select groname, grosysid, grolist from pg_group order by 1", "select * from svv_roles order by 1",
	"select * from pg_auth_members order by 1, 2", "select * from svv_user_grants order by 1, 3", "select * from svv_role_grants order by 1, 3",
	"select * from svv_relation_privileges order by 1, 2, 3, 4", "select * from svv_schema_privileges order by 1, 2, 3", "select * from svv_database_privileges order by 1, 2, 3", "select * from svv_default_privileges order by 1, 3, 6, 7",
	"select userid, query, filename, line_number, err_reason from stl_load_errors order by query, line_number", "select query, filename, lines_scanned, errors from stl_load_commits order by query",
}

func (f *fixture) answers(t *testing.T) map[string]string {
	t.Helper()
	c := f.conn(t)
	all := map[string]string{}
	for i, sql := range askedOfAll {
		got := strings.Join(answer(c, sql), "\n")
		if strings.HasPrefix(got, "ERROR") {
			t.Errorf("%s: %s", sql, got)
		}
		all[fmt.Sprintf("%02d %s", i, sql)] = got
	}
	return all
}

// A backup that is made beside the clients, and one of a warehouse that stands
// still, bring all back: each kind of object, who may do what, and the rows.
func TestAllKindsRoundTrip(t *testing.T) {
	dir, objs := t.TempDir(), t.TempDir()
	f := startIn(t, dir, objs)
	f.put(t, "b", "bad", "'one'\nmuch too long for a column of twenty bytes\n")
	admin := f.conn(t)
	for _, sql := range madeOfAll {
		if got := answer(admin, sql); strings.HasPrefix(got[0], "ERROR") {
			t.Fatalf("%s: %s", sql, got[0])
		}
	}
	want := f.answers(t)
	made := texts(t, admin, duck.BackupStatement)
	online := filepath.Join(t.TempDir(), "online")
	if err := os.CopyFS(online, os.DirFS(made)); err != nil {
		t.Fatal(err)
	}
	if err := f.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	offline := filepath.Join(t.TempDir(), "offline")
	if err := duck.Backup(context.Background(), warehouse.ChildConfig{Dir: dir, User: "awsuser", Database: "dev"}, offline); err != nil {
		t.Fatal(err)
	}
	for _, backup := range []string{online, offline} {
		t.Run(filepath.Base(backup), func(t *testing.T) {
			to := t.TempDir()
			if err := duck.Restore(context.Background(), warehouse.ChildConfig{Dir: to, User: "awsuser", Database: "dev"}, backup, false); err != nil {
				t.Fatal(err)
			}
			r := startIn(t, to, objs)
			if diff := cmp.Diff(want, r.answers(t)); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
			follow(t, r, []deed{
				{"awsuser", "insert into sale (item) values ('new'); select max(id) from sale", "25"}, // 20 was the row that was loaded
				{"awsuser", "refresh materialized view mart.total; select n from mart.total where item = 'new'", "1"},
				{"awsuser", "insert into sale (item) values ('more than twenty bytes')", "22001 *"},
				{"awsuser", "drop materialized view mart.total cascade", "DROP MATERIALIZED VIEW"},
				{"ann", "insert into sale (item) values ('of ann')", "INSERT 0 1"},
				{"ann", "select count(*) > 0 from sale", "t"},
				{"ann", "grant role reader to bob", "GRANT"},
				{"ann", "grant update on sale to bob", "GRANT"},
				{"ann", "create table more (id integer)", "42501 permission denied for schema public"},
				{"ann", "drop table empty", "DROP TABLE"},
				{"bob", "select count(*) from mart.cost", "2"},
				{"bob", `drop table "Odd"."Name of it"; drop schema "Odd"`, "DROP SCHEMA"},
				{"boss", "create user another password 'Secret123'", "CREATE USER"},
			})
		})
	}
}
