package proxy_test

import (
	"testing"
)

// What Redshift documents of its SQL, on PostgreSQL.
func TestRewritten(t *testing.T) {
	f := start(t, "postgres")
	c := f.connect(t)
	for _, tc := range []struct{ sql, want string }{
		{"select nvl(null, 2), nvl2(null, 1, 2), isnull(null, 3), len('abc'), charindex('c', 'abc')", "2|2|3|3|3"},
		{"select decode(2, 1, 'one', 2, 'two', 'many'), decode(null, null, 'none', 'some')", "two|none"},
		{"select dateadd(month, 1, '2024-01-31'), dateadd(day, -1, date '2024-03-01'), dateadd(qtr, 2, '2024-01-15')", "2024-02-29 00:00:00|2024-02-29 00:00:00|2024-07-15 00:00:00"},
		{"select datediff(day, '2024-01-01', '2024-03-01'), datediff(month, '2024-01-31', '2024-02-01'), datediff(qtr, '1998-07-01', '1999-04-01'), datediff(hour, '2024-01-01 00:59:59', '2024-01-01 01:00:00')", "60|1|3|1"},
		{"select convert(integer, '12') + 1, '7'::varchar(10), cast(null as varchar(3))", "13|7|NULL"},
		{"select 7 / 2, -7 / 2, 7 % 4", "3|-3|3"},
		{"select avg(x), avg(y) from (select 1 x, 1.25 y union all select 2, 1.50) t", "1|1.38"},
		{"select listagg(x, ',') within group (order by x desc), listagg(x) within group (order by x) from (select 1 x union all select 2) t", "2,1|12"},
		{"select top 2 x from (select 1 x union select 2 union select 3) t order by x desc", "3;2"},
		{"select 1 minus select 1", ""},
		{"select x from (select 1 x union select 2) t minus select 1", "2"},
		{"select trunc(timestamp '2024-01-02 03:04:05'), last_day('2024-02-10'), add_months('2024-02-29', 1), months_between('2024-03-31', '2024-02-29')", "2024-01-02|2024-02-29|2024-03-31 00:00:00|1"},
		{"select next_day('2014-08-20', 'Tuesday'), strtol('ff', 16), strtol('-101', 2), date_part(dow, date '2024-01-07'), extract(year from date '2024-01-07')", "2014-08-26|255|-5|0|2024"},
		{"select date_trunc('month', date '2024-05-08'), pg_typeof(date_trunc('month', date '2024-05-08')), date_trunc('week', '2024-01-07'), date_trunc('hour', timestamp '2008-09-08 12:10:01')", "2024-05-01 00:00:00|timestamp without time zone|2024-01-01 00:00:00|2008-09-08 12:00:00"},
		{"select extract(ms from timestamp '2009-09-09 12:08:43.5'), extract(sec from timestamp '2009-09-21 11:10:03.789717'), extract(us from timestamp '2009-09-21 11:10:03.189717'), extract(epoch from timestamp '2000-01-01 00:00:00.7')", "500|3|189717|946684800"},
		{"select date_part(sec, timestamp '2009-09-21 11:10:03.189717'), date_part(ms, timestamp '2009-09-21 11:10:03.189717')", "3.189717|3189.717"},
		{"select 'x' in ('y', 'x '), ('x', 1) in (('x ', 1)), 'x' between 'x ' and 'y', 'x' >= 'x ', case 'x' when 'x ' then 1 else 2 end, 'x y ' like 'x y ', 'xy' in (replace('x ', ' ', 'y'))", "t|t|t|t|1|t|t"},
		{"select concat('a', null), 'a\\'b', 'x\\\\y', 'a' = 'a '", "NULL|a'b|x\\y|t"},
		{"select regexp_replace('a-b-c', '-', '+'), regexp_replace('a-b-c', '-'), regexp_count('banana', 'a')", "a+b+c|abc|3"},
		{"select getdate() <= sysdate + interval '1 day', pg_typeof(getdate()), pg_typeof(sysdate)", "t|timestamp without time zone|timestamp without time zone"},
		{"select ratio_to_report(x) over () from (select 1 x union all select 3) t order by 1", "0.25;0.75"},
		{"select convert_timezone('UTC', 'Europe/Berlin', timestamp '2024-07-01 12:00')", "2024-07-01 14:00:00"},
		{"select sha2('a', 256)", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
		{"select json_extract_path_text('{\"a\":{\"b\":1}}', 'a', 'b')", "1"},
		{"select approximate count(distinct x) from (select 1 x union all select 1) t", "1"},

		{"create table t (id int identity(10,5), a varchar(4) encode lzo distkey, b char(3), n numeric, m numeric(5), d datetime default sysdate, primary key (id), unique (a)) diststyle key compound sortkey(a, b)", ""},
		{"insert into t (a, b, n) values ('ab', 'x', 1.5), ('ab', 'y', null)", ""},
		{"select id, a, b, n, d is not null from t order by id", "10|ab|x  |2|t;15|ab|y  |NULL|t"},
		{"insert into t (a) values ('äää')", "!22001 value too long for type character varying(4)"},
		{"insert into t (a) values ('a ')", "!0A000 storing a VARCHAR that ends with blanks is not supported by the PostgreSQL warehouse"},
		{"select count(*) from t where b = 'x'", "1"},
		{"create table #s as select a, count(*) n from t group by a", ""},
		{"select * from #s", "ab|2"},
		{"drop table #s; select a into #s from t; select count(*) from #S", "2"},
		{"create table like_t (like t); insert into like_t (id, a) values (1, 'abcde')", "!22001 value too long for type character varying(4)"},
		{"delete t where id = 10; select count(*) from t", "1"},
		{"alter table t alter column a type varchar(6)", ""},
		{"insert into t (a) values ('abcdef')", ""},
		{"alter table t alter distkey b", ""},
		{"alter table t add column z varchar(2) encode zstd default 'q'", ""},
		{"select z from t where a = 'abcdef'", "q"},
		{"create table s as select 'abcdef'::varchar(6) a; merge into t using s on t.a = s.a when matched then update set z = 'm' when not matched then insert (a) values (s.a)", ""},
		{"select z from t where a = 'abcdef'", "m"},
		{"select \"schema\", \"table\", max_varchar, tbl_rows from svv_table_info where \"table\" = 's'", "public|s|6|1"},
		{"create view v as select nvl(z, '-') as z, datediff(day, d, getdate()) as days from t", ""},
		{"select days from v limit 1", "0"},
		{"vacuum delete only t", ""},
		{"analyze t predicate columns", ""},
		{"vacuum full t to 99 percent", ""},
		{"set query_group to 'nightly'", ""},
		{"show query_group", "nightly"},
		{"begin transaction isolation level snapshot; lock t; commit", ""},
		{"select \"column\", type from pg_table_def where tablename = 't' order by 1 limit 2", "a|character varying(6);b|character(3)"},

		{"select x, row_number() over (order by x) r from (select 1 x) t qualify r = 1", "!0A000 QUALIFY is not supported by the PostgreSQL warehouse @64"},
		{"create table s (x super)", "!0A000 the type SUPER is not supported by the PostgreSQL warehouse @19"},
		{"select * from stl_wlm_query", "!0A000 the system table stl_wlm_query is not supported by the PostgreSQL warehouse @15"},
		{"create user u password 'X'", "!0A000 CREATE USER is not supported by the PostgreSQL warehouse @8"},
		{"select median(x) from (select 1 x) t", "!0A000 the function MEDIAN is not supported by the PostgreSQL warehouse @8"},
		{"select datediff(week, '2024-01-01', '2024-01-02')", "!0A000 DATEDIFF in week is not supported by the PostgreSQL warehouse @17"},
		{"create procedure p() as $$ begin end; $$ language plpgsql", "!0A000 CREATE PROCEDURE is not supported by the PostgreSQL warehouse @8"},
		{"unload ('select 1') to 's3://b/x' iam_role default parquet", "!0A000 UNLOAD … PARQUET is not supported by the PostgreSQL warehouse @1"},

		// Positions are the user's, in characters.
		{"select 'ä', nvl(1, 2), nosuch from t", `!42703 column "nosuch" does not exist @24`},
		{"select dateadd(day, 1, getdate()), nvl(1, 2) +", "!42601 syntax error at end of input @47"},
		{"selct 1", `!42601 syntax error at or near "selct" @1`},
	} {
		if got := ask(c, tc.sql); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.sql, got, tc.want)
		}
	}
}
