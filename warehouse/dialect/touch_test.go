package dialect

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReads(t *testing.T) {
	for _, tc := range []struct {
		sql  string
		want []string
	}{
		{"select item, x as sale, max(sale) from t where item = 1 and (sale + 1) in (item, 2) order by item, sale", []string{"t"}},
		{"select * from a, b c, (d join e on f = g), lateral (select h from i)", []string{"a", "b", "d", "e", "i"}},
		{"select * from mine set, secret", []string{"mine", "secret"}},
		{"select * from mine by, secret", []string{"mine", "secret"}},
		{"select * from mine where x = 1 union select y from other", []string{"mine", "other"}},
		{"select (select max(x) from secret), 1", []string{"secret"}},
		{"select case when exists (from secret) then 1 end", []string{"secret"}},
		{"with a as (select * from b) select * from a", []string{"a", "b"}},
		{"select * from x: secret", []string{"secret", "x"}},
		{`select * from "public"."Sale", s.t`, []string{"public", "public.Sale", "s", "s.t"}},
		{"select * from ((secret))", []string{"secret"}},
		{"select * from a join b using (id), secret", []string{"a", "b", "id", "secret"}},
		{"insert into t (item, sale) select a, b from secret", []string{"secret"}},
		{"insert into t values ('secret', 1)", []string{}},
		{"update t set item = 1, sale = (select max(x) from secret) from other where t.id = other.id", []string{"other", "secret"}},
		{"delete from t using other where t.id = other.id", []string{"other"}},
		{"merge into t using other on t.id = other.id when matched then delete", []string{"other"}},
		{"create table t as select * from secret", []string{"secret"}},
		{"create table t (like secret)", []string{"secret"}},
		{"copy (select * from secret) to stdout", []string{"secret"}},
		{"explain select * from secret", []string{"secret"}},
		{"declare c cursor for select * from secret", []string{"secret"}},
		{"select * from 'secret'", []string{"secret"}},
		{"select * from (pivot secret on x using sum(y))", []string{"secret"}},
	} {
		all, err := Parse(tc.sql)
		if err != nil {
			t.Fatal(err)
		}
		all[0].Classify()
		var got []string
		for _, n := range all[0].Reads() {
			text := n.Table
			if n.Schema != "" {
				text = n.Schema + "." + n.Table
			}
			got = append(got, text)
		}
		slices.Sort(got)
		// Words of the language are no relations.
		got = slices.DeleteFunc(slices.Compact(got), func(w string) bool {
			return slices.Contains([]string{"select", "with", "from", "explain", "declare", "lateral", "pivot", "insert", "update", "delete", "merge", "create", "table", "copy", "join", "and", "union", "end", "into", "sum"}, w)
		})
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.sql, diff)
		}
	}
}

func TestTouches(t *testing.T) {
	for _, tc := range []struct {
		sql  string
		want []Name
	}{
		{"insert into a.b select 1", []Name{{"a", "b"}}},
		{"with x as (select 1) insert into t select * from x", []Name{{"", "t"}}},
		{"update t set a = 1", []Name{{"", "t"}}},
		{"delete t", []Name{{"", "t"}}},
		{"truncate table t", []Name{{"", "t"}}},
		{"drop table if exists a, b.c", []Name{{"", "a"}, {"b", "c"}}},
		{"create or replace view v as select 1", []Name{{"", "v"}}},
		{"create temp table t (a int)", []Name{{"", "t"}}},
		{"alter table t rename to u", []Name{{"", "t"}}},
		{"select 1 into temp table t", []Name{{"", "t"}}},
		{"copy t (a) from stdin", []Name{{"", "t"}}},
		{"comment on column t.a is 'x'", []Name{{"", "t"}}},
		{"create schema s", []Name{{"", "s"}}},
		{"select 1", nil},
	} {
		all, err := Parse(tc.sql)
		if err != nil {
			t.Fatal(err)
		}
		if err := all[0].Classify(); err != nil {
			t.Fatalf("%s: %v", tc.sql, err)
		}
		var got []Name
		for _, target := range all[0].Touches() {
			got = append(got, target.Name)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.sql, diff)
		}
	}
}
