package dialect

import (
	"errors"
	"strings"
	"testing"

	"salamander/sqltext"
	"salamander/warehouse/sqlstate"
)

// forPostgres returns a text for PostgreSQL, or its error as "!CODE message @at".
func forPostgres(text string) string {
	all, err := ParseVerbatim(text)
	var out *Postgres
	if err == nil {
		if err = all[0].ClassifyPostgres(); err == nil {
			out, err = all[0].RewritePostgres(PostgresEnv{Catalog: none{}})
		}
	}
	var e *sqlstate.Error
	if errors.As(err, &e) {
		return "!" + e.Code + " " + e.Message
	} else if err != nil {
		return "!" + err.Error()
	}
	return out.SQL
}

// What PostgreSQL has is passed byte for byte; warehouse/proxy runs the rest.
func TestPostgresPasses(t *testing.T) {
	for _, sql := range []string{
		"select  a.b , count( * ) -- yes\n from t a /* x */ where x in (1,2) and y like 'a%' group by 1 order by 2 nulls first limit 3",
		`SELECT n.nspname as "Schema", pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c WHERE c.relkind IN ('r','') AND n.nspname !~ '^pg_toast' AND c.relname OPERATOR(pg_catalog.~) '^(t)$' COLLATE pg_catalog.default`,
		"SELECT a.attname, (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid), a.attidentity::pg_catalog.text, c.reltype::pg_catalog.regtype::pg_catalog.text FROM x c",
		"insert into t (a, b) values (1, default), ($1, $2) returning *",
		"update t set a = u.a from u where t.i = u.i",
		"with x as (select 1) delete from t using x where t.a = x.a",
		"create index i on t (a)", "create view v as select a from t", "create schema s authorization me", "drop table if exists a, b cascade",
		"alter table t rename column a to b", "alter table t owner to me", "comment on table t is 'x'", "grant select on t to public",
		"begin read only", "savepoint a", "rollback to savepoint a", "declare c cursor for select 1", "fetch forward 3 from c",
		"prepare p (int) as select $1", "execute p (1)", "copy t (a) from stdin with (format csv)", "truncate table t", "explain analyze select 1",
		"select case when a then b else c end::numeric(7,2), interval '1 day', array[1,2][1], x::int[], 'now'::timestamptz from t",
		"select e'a\\n', $$x\\$$, U&'d\\0061t', b'101'", "select sum(a) filter (where b) over (partition by c order by d rows between 1 preceding and current row) from t",
		"select left(a, 2), right(a, 2), substring(a from 2 for 3), position('a' in b), trim(both 'x' from a), coalesce(a, b)",
		"lock table t in share mode", "set search_path to a, public", "show search_path", "vacuum t", "analyze",
	} {
		if got := forPostgres(sql); got != sql {
			t.Errorf("got  %s\nwant %s", got, sql)
		}
	}
}

func TestPostgresRewrites(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{"select nvl(a, len(b))", "select coalesce(a, length(b)) AS \"coalesce\""},
		{"select a::varchar(5), 'x'::varchar(5), f(a).b::char(3)", "select salamander.cut(a::text, 5)::varchar, 'x'::varchar(5), !"},
		{"select t.a::varchar(5), (a || b)::char(3), nvl(a, b)::varchar(2)", `select salamander.cut(t.a::text, 5)::varchar AS "a", salamander.cut((a || b)::text, 3)::char(3) AS "bpchar", salamander.cut(coalesce(a, b)::text, 2)::varchar AS "coalesce"`},
		{"select cast(nvl(a, 'x') as varchar(3))", `select cast(salamander.cut(CAST(coalesce(a, 'x') AS text), 3) AS varchar) AS "varchar"`},
		{"select listagg(a, ',') as x, lower(b), a + b, f.c, len(c) n, (select getdate()) from (select nvl(1, 2), len('x'), * from t) f",
			`select string_agg(nullif(CAST(a AS text), ''), ',') as x, lower(b), a + b, f.c, length(c) n, (select CAST(date_trunc('second', statement_timestamp()) AS timestamp) AS "timestamp") AS "timestamp" from (select coalesce(1, 2) AS "coalesce", length('x') AS "len", * from t) f`},
		{"merge into t using s on t.a = s.a when matched and s.b > 1 then delete", "!0A000 MERGE … WHEN MATCHED AND a condition is not supported by the PostgreSQL warehouse"},
		{"merge into t using (select 1) s on t.a = s.a when matched then delete", "!0A000 MERGE … USING a subquery is not supported by the PostgreSQL warehouse"},
		{"merge into t using s on t.a = s.a when matched then update set b = s.b when not matched then insert values (s.a, s.b)", "merge into t using s on t.a = s.a when matched then update set b = s.b when not matched then insert values (s.a, s.b)"},
		{"select dateadd(d, -n, x), dateadd(qtr, 1, '2024-01-01')", `select (CAST(-n AS integer) * interval '1 day' + (x)) AS "date_add", (3 * CAST(1 AS integer) * interval '1 month' + (CAST('2024-01-01' AS timestamp))) AS "date_add"`},
		{"select avg(distinct a + b) over w, avg(c)", "select salamander.average(sum(distinct a + b) over w, count(distinct a + b) over w, max(distinct a + b) over w) AS \"avg\", salamander.average(sum(c), count(c), max(c)) AS \"avg\""},
		{"create table t (\n  a int encode lzo, -- one\n  b int,\n  primary key (b)\n)\nbackup no", "create table t (\n  a int , -- one\n  b int NOT NULL)\n"},
		{"create table t (primary key (a), a int, unique (a), b int)", "create table t ( a int NOT NULL, b int)"},
		{"create table #t (a int identity(1, 1))", `create TEMP table "#t" (a int GENERATED ALWAYS AS IDENTITY (START WITH 1 INCREMENT BY 1))`},
		{"create table t distkey(a) sortkey(a, b) as select sysdate as a, 1 as b", "create table t   as select LOCALTIMESTAMP as a, 1 as b"},
		{"select top 5 * from t where a = 'x  '", "select  * from t where a = 'x' LIMIT 5"},
		{"select 1 minus (select 2)", "select 1 EXCEPT (select 2)"},
		{"select d.adsrc from pg_attrdef d", "select pg_catalog.pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d"},
		{"alter table t alter column b type varchar(9)", `alter table t alter column b type varchar(9), DROP CONSTRAINT IF EXISTS "character(5) of b", DROP CONSTRAINT IF EXISTS "no blanks at the end of b", ADD CONSTRAINT "character varying(9) of b" CHECK (octet_length("b") <= 9), ADD CONSTRAINT "no blanks at the end of b" CHECK (right("b", 1) <> ' ')`},
		{"set enable_numeric_rounding to on", "!0A000 SET enable_numeric_rounding is not supported by the PostgreSQL warehouse"},
		{"alter table t append from u", "!0A000 ALTER TABLE APPEND is not supported by the PostgreSQL warehouse"},
		{"create external table x (a int)", "!0A000 CREATE EXTERNAL TABLE is not supported by the PostgreSQL warehouse"},
	} {
		want := tc.want
		if strings.HasSuffix(want, "!") { // refused
			want = "!0A000 a cast of this expression with ::, instead of CAST is not supported by the PostgreSQL warehouse"
		}
		if got := forPostgres(tc.sql); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", tc.sql, got, want)
		}
	}
}

// Rewriting never panics, what it makes can be read, and every offset leads
// back into the text.
func FuzzRewritePostgres(f *testing.F) {
	for _, s := range []string{
		"select nvl2(a, b, c), decode(a, 1, 2, 3), dateadd(day, 1, x), datediff(month, 'a', b), convert(varchar(3), a) from t qualify 1",
		"create table #t (a int identity(0,-1), b varchar(3) encode lzo default 'x' primary key, constraint k foreign key (a) references u (b), like v)",
		"select listagg(distinct a, ',') within group (order by a), ratio_to_report(a) over (partition by b), avg(a) filter (where b), extract(us from c)",
		"alter table t alter column b type char(3)", "alter table t add x varchar(2) distkey", "copy t from 's3://b/k'", "copy (select nvl(a, 1)) to stdout",
		"merge into t using u on a = b when matched then delete", "vacuum full t to 3 percent", "set query_group to 'x'", "select top 3 a::char(2)::varchar(1), 'a\\'b' = 'x ' minus select sysdate",
		"select a into #x from svv_tables", "begin isolation level snapshot", "select regexp_replace(a, 'b'), trunc(a), d.adsrc, 1 / a", "create materialized view m backup no auto refresh no as select 1", "select cast(", "select x::", "create table t (", "drop", "(((", "alter table t add",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ParseVerbatim(text)
		if err != nil {
			return
		}
		for _, s := range all {
			if s.ClassifyPostgres() != nil {
				continue
			}
			if s.Kind == Copy {
				s.Copy()
				continue
			}
			out, err := s.RewritePostgres(PostgresEnv{Catalog: none{}, Collate: true})
			if err != nil {
				var e *sqlstate.Error
				if errors.As(err, &e) && (e.At < 0 || e.At > len(text)+1) {
					t.Errorf("error at %d of %d", e.At, len(text))
				}
				continue
			}
			if _, err := sqltext.Lex(out.SQL, sqltext.Options{}); err != nil {
				t.Errorf("%q became %q: %v", s.Text(), out.SQL, err)
			}
			for i := range out.SQL {
				if at := out.Mapping.Source(i); at < s.Pos || at > s.End {
					t.Fatalf("offset %d leads to %d, not within %d and %d", i, at, s.Pos, s.End)
				}
			}
		}
	})
}
