package dialect

import "testing"

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
		"select i.text from stv_inflight i, svv_table_info", "select pg_table_size('t'::regclass), pg_last_copy_count()",
	} {
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
			switch s.Kind {
			case Copy:
				s.Copy()
			case Set, Show:
				s.Setting()
			case Unload:
				s.Unload()
			case Grant:
				s.Grant(Env{Catalog: none{}})
				continue
			case Prepare, Execute, Deallocate, Declare, Fetch, CloseCursor:
				s.Plan()
				continue
			}
			out, err := s.Rewrite(Env{Catalog: none{}, Types: Types{}})
			if err != nil {
				continue
			}
			for i := range len(out.SQL) {
				if at := out.Mapping.Source(i); at < s.Pos || at > s.End {
					t.Fatalf("%q: offset %d of %q leads to %d", text, i, out.SQL, at)
				}
			}
		}
	})
}
