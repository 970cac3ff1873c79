package dialect

import (
	"fmt"
	"testing"
)

func TestTargets(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{"select * from t", `0 []`},
		{"insert into s.t (a) values (1)", `1 ["s"."t"]`},
		{"INSERT INTO T select * from u", `1 ["t"]`},
		{"copy t (a, b) from 's3://b/k' iam_role default", `1 ["t"]`},
		{"update t set a = 1 from u", `2 ["t"]`},
		{"delete from t using u", `2 ["t"]`},
		{"delete t", `2 ["t"]`},
		{"merge into t using u on t.a = u.a when matched then delete", `2 ["t"]`},
		{"with x as (select 1) insert into t select * from x", `1 ["t"]`},
		{"truncate table s.t", `3 ["s"."t"]`},
		{"create table if not exists t (a int)", `3 ["t"]`},
		{"create temp table #t as select 1", `3 ["#t"]`},
		{"create or replace view v as select 1", `3 ["v"]`},
		{"select a into temp table n from t", `3 ["n"]`},
		{"drop table if exists a, s.b cascade", `3 ["a" "s"."b"]`},
		{"alter table s.a rename to b", `3 ["s"."a" "s"."b"]`},
		{"alter table a add column b int", `3 ["a"]`},
		{"create schema s", `0 []`},
	} {
		all, err := Parse(tc.sql)
		if err == nil {
			err = all[0].Classify()
		}
		if err != nil {
			t.Fatal(err)
		}
		change, names := all[0].Targets()
		if got := fmt.Sprint(change, " ", names); got != tc.want {
			t.Errorf("%s: got %s; want %s", tc.sql, got, tc.want)
		}
	}
}
