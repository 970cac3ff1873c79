//go:build cgo

package duck_test

import "testing"

func TestAlterCommentGrantDrop(t *testing.T) {
	c := start(t).connect(t)
	const def = `select "column", type, encoding, distkey, sortkey from pg_table_def where tablename = 'sale'`
	for _, tc := range []struct{ sql, want string }{
		{"create table sale (id integer not null, name varchar(5) encode zstd, day date)", "CREATE TABLE"},
		{"insert into sale values (1, 'a', '2026-01-01')", "INSERT 0 1"},
		{"comment on table sale is 'what was sold\\'s'", "COMMENT"},
		{"comment on column sale.name is 'who'", "COMMENT"},
		{"alter table sale alter distkey id", "ALTER TABLE"},
		{"alter table sale alter compound sortkey (day, name)", "ALTER TABLE"},
		{"alter table sale alter column day encode bytedict", "ALTER TABLE"},
		{"alter table sale rename column name to called", "ALTER TABLE"},
		{def, "id|integer|az64|t|0; called|character varying(5)|zstd|f|2; day|date|bytedict|f|1"},
		{"insert into sale values (2, 'abcdef', null)", "22001 value too long for type character varying(5)"},
		{"alter table sale alter diststyle even", "ALTER TABLE"},
		{"alter table sale alter sortkey none", "ALTER TABLE"},
		{"alter table sale alter sortkey (nope)", "42703 column \"nope\" does not exist"},
		{def, "id|integer|az64|f|0; called|character varying(5)|zstd|f|0; day|date|bytedict|f|0"},
		{"alter table sale add constraint sale_pk primary key (id); alter table sale drop constraint sale_pk", "ALTER TABLE; ALTER TABLE"},
		{"alter table sale drop constraint sale_pk", "42704 constraint \"sale_pk\" does not exist @34"},
		{"alter table sale add foreign key (id) references item (id)", "42P01 relation \"item\" does not exist @50"},
		{"alter table sale add foreign key (id) references sale (id); alter table sale drop constraint sale_id_fkey", "ALTER TABLE; ALTER TABLE"},
		{"alter table sale owner to awsuser", "ALTER TABLE"},
		{"alter table sale owner to mallory", "42704 user \"mallory\" does not exist @27"},
		{"alter table nowhere owner to awsuser", "42P01 relation \"nowhere\" does not exist"},
		{"alter table sale alter column called type integer", "0A000 cannot alter column \"called\" of relation \"sale\": only the size of VARCHAR columns can be altered @31"},
		{"select obj_description('sale'::regclass), col_description('sale'::regclass, 2)", "what was sold's|who"},
		{"alter table sale rename to sold", "ALTER TABLE"},
		{"select obj_description('sold'::regclass), diststyle from svv_table_info", "what was sold's|EVEN"},
		{"comment on table sold is null; select obj_description('sold'::regclass)", "COMMENT; NULL"},
		{"comment on view v is 'x'", "42P01 relation \"v\" does not exist"},
		{"create view v as select 1 as a; comment on view v is 'x'", "CREATE VIEW; COMMENT"},
		{"comment on table v is 'y'", "42809 \"v\" is not a table @18"},
		{"create or replace view v as select 2 as a; select obj_description('v'::regclass), pg_get_viewdef('v'); drop view v", "CREATE VIEW; x|select 2 as a;; DROP VIEW"},
		{"comment on function f is 'x'", "0A000 COMMENT ON FUNCTION is not supported by the embedded warehouse @12"},
		{"create table two (a, b) sortkey (a) as select id, called from sold; select a, b from two", "CREATE TABLE; 1|a"},
		{"grant select, insert on sold, two to public", "GRANT"},
		{"grant usage on schema public to awsuser with grant option", "GRANT"},
		{"revoke all on table two from public cascade", "REVOKE"},
		{"grant select on two to mallory", "42704 user \"mallory\" does not exist @24"},
		{"grant select on three to public", "42P01 relation \"three\" does not exist @17"},
		{"grant select on two to group g", "42704 group \"g\" does not exist @30"},
		{"drop table sold, nothing", "42P01 relation \"nothing\" does not exist"},
		{"select count(*) from sold", "1"},
		{"drop table if exists sold, nothing, two cascade", "DROP TABLE"},
		{"select count(*) from pg_tables where schemaname = 'public'", "0"},
		{"lock sale", `42P01 relation "sale" does not exist`},
	} {
		if got := ask(c, tc.sql); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.sql, got, tc.want)
		}
	}
}
