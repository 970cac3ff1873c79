package dialect

import (
	"strings"
	"testing"

	"salamander/sqltext"
)

type none struct{}

func (none) Table(n Name) (*Table, error) {
	return &Table{Columns: []Column{{Name: "a", Type: "integer"}, {Name: "b", Type: "character(5)", Blank: true}}}, nil
}

func (none) Attributes(Name) (Attributes, error) {
	return Attributes{SortKey: []string{"a"}}, nil
}

// Rewriting never panics, and every offset leads back into the text.
func FuzzRewrite(f *testing.F) {
	for _, s := range []string{
		"select a/b::int, avg(x) over (order by y) from t", "create table t (a int encode lzo, primary key (a)) diststyle all",
		"copy t from 's3://b/k' iam_role default gzip", "insert into t select 1, 'x '", "update t set b = 'x ' from u where a = 1",
		"select top 3 case when a then b end x from t minus select 1", "select dateadd(day, 1, d), cast(x as char(3)), 'a\\'b'",
		"create table u (like t)", "alter table t add column c varchar(3)", "set x to 'y'", "select a / -b % (c)", "select cast(", "select x::", "drop table",
		"create table i (a int identity(1,1))", "alter table t rename column a to c", "alter table t alter compound sortkey (a, b)", "alter table t add constraint k foreign key (a) references u (b)",
		"comment on table t is 'x'", "comment on column t.a is null", "grant select on t, u to public", "revoke all on schema s from group g", "drop table a, b cascade", "alter table t owner to me",
		"create table t (a, b) as select 1, 2",
		"select ratio_to_report(a/b) over (order by c), lag(x) ignore nulls over (order by y), lpad(a, 2), substring(a, 1, 2)",
		"declare c cursor for select 1", "fetch forward 3 from c", "prepare p (int, varchar(3)) as select $1", "execute p (1, 'a')", "deallocate all", "close c",
		"select |/ 4, @ -a, a # b, at, '20240115'::date, x::timestamp, cast(b as date) from t asof", "select percentile_cont(0.5) within group (order by a desc) over (partition by b)",
		"select extract(us from a), date_part(dow, '2024-01-01'), datediff(week, a, b), a similar to b || 'c'", "create materialized view m as select a from t", "refresh materialized view m",
		"create view v (p) as with recursive w (a) as (select * from t), x as (select 1) select w.*, * from w join q using (a), (t natural join u) union (select * from x)",
		"drop materialized view if exists m cascade", "alter table t append from u ignoreextra", "alter table t alter column b type varchar(9)", "alter table t add x varchar(3) default 'q' not null",
		"insert into t values (1)", "insert into t select 1, 2, 3 from u", "vacuum sort only t to 99 percent boost", "analyze t (a, b) predicate columns", "create schema s authorization me",
		"select i.text from stv_inflight i, svv_table_info", "select pg_table_size('t'::regclass), pg_last_copy_count()",
	} {
		f.Add(s)
	}
	for _, s := range []string{"copy t (a) from stdin with (format csv, force_null (a))", "copy binary t to stdout", "create user u password 'x' in group g", "alter default privileges for user u in schema s revoke all on tables from group g",
		"grant select on all tables in schema s to u with grant option", "cancel 7 'x'", "reset session authorization", "alter table t owner to u"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := Parse(text)
		if err != nil {
			return
		}
		for _, s := range all {
			if s.Classify() != nil {
				continue
			}
			s.Touches()
			s.Reads()
			s.OwnerChange()
			s.RenamesTo()
			s.MergeVerbs()
			if s.Kind == Copy && s.Streams() {
				s.Stream()
			}
			switch s.Kind {
			case Copy:
				s.Copy()
			case Set, Show:
				s.Setting()
			case Unload:
				s.Unload()
			case Nothing:
				s.Maintained()
				continue
			case Grant:
				s.GrantChange()
			case Access:
				s.UserChange()
				s.GrantChange()
			case Cancel:
				s.Canceled()
				continue
			case Prepare, Execute, Deallocate, Declare, Fetch, CloseCursor:
				s.Plan()
				continue
			}
			out, err := s.Rewrite(Env{Catalog: none{}, Types: Types{}, Schema: schemaOf})
			if err != nil {
				continue
			}
			for i := range len(out.SQL) {
				if at := out.Mapping.Source(i); at < s.Pos || at > s.End {
					t.Fatalf("%q: offset %d of %q leads to %d", text, i, out.SQL, at)
				}
			}
			for i, g := range out.Mapping.segments { // what no edit touches stays as it is
				end := len(out.SQL)
				if i+1 < len(out.Mapping.segments) {
					end = out.Mapping.segments[i+1].out
				}
				if g.copied && !strings.EqualFold(out.SQL[g.out:end], text[g.in:g.in+end-g.out]) { // names are folded
					t.Fatalf("%q: %q stands for %q", text, out.SQL[g.out:end], text[g.in:g.in+end-g.out])
				}
			}
			for _, sql := range append(append([]string{out.SQL}, out.Before...), out.After...) {
				if _, err := sqltext.Lex(sql, sqltext.Options{}); err != nil {
					t.Fatalf("%q becomes %q, which cannot be read: %v", text, sql, err)
				}
			}
		}
	})
}

// The options of COPY and UNLOAD are read or refused, whatever they are.
func FuzzOptions(f *testing.F) {
	for _, s := range []string{
		"csv quote as '%' ignoreheader 1", "format as json 's3://b/p' gzip", "fixedwidth 'a:3,b:4' null as 'x'", "delimiter '|' escape removequotes maxerror as 10",
		"credentials 'aws_iam_role=x' dateformat 'auto' timeformat as 'epochsecs'", "acceptinvchars as '^' encoding utf16", "manifest verbose header parallel off maxfilesize 5 mb partition by (a) include",
		"iam_role default region as 'x' compupdate on", "access_key_id 'a' secret_access_key 'b' session_token 'c'", "null", "quote", "format", "json 'auto", "partition by",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, options string) {
		for _, head := range []string{"copy t (a, b) from 's3://b/k' ", "unload ('select 1') to 's3://b/k' "} {
			all, err := Parse(head + options)
			if err != nil || len(all) == 0 || all[0].Classify() != nil {
				continue
			}
			switch all[0].Kind {
			case Copy:
				c, err := all[0].Copy()
				if err == nil && (c.Bucket != "b" || c.Key != "k" || len(c.Columns) != 2) {
					t.Fatalf("%q: %+v", options, c)
				}
			case Unload:
				u, err := all[0].Unload()
				if err == nil && (u.Bucket != "b" || !strings.EqualFold(u.Query, "select 1")) {
					t.Fatalf("%q: %+v", options, u)
				}
			}
		}
	})
}
