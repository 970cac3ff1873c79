package dialect

import "testing"

// A quick look tells where a row of an UPDATE … FROM can be found once at most,
// if its condition is of equalities with one table's columns.
func TestCountRowsOnce(t *testing.T) {
	const typed = "(select typeof(t.k) from t limit 1) = (select typeof(s.k) from s limit 1)"
	for _, tc := range []struct{ sql, want string }{
		{"update t set v = 1 from s where t.k = s.k", "select " + typed + " and not exists (select 1 from s group by s.k having count(*) > 1)"},
		{"update t set v = 1 from s where s.k = t.k and t.v > 2 and (t.a = s.a or s.b = 1)", "select " + typed + " and not exists (select 1 from s group by s.k having count(*) > 1)"},
		{`update a.big as t set v = 1 from b."S" x where t.k = x.k and t.l = x.l`, `select (select typeof(t.k) from a.big as t limit 1) = (select typeof(x.k) from b."S" x limit 1) and ` +
			`(select typeof(t.l) from a.big as t limit 1) = (select typeof(x.l) from b."S" x limit 1) and not exists (select 1 from b."S" x group by x.k, x.l having count(*) > 1)`},
		{"update t set v = 1 from s where t.k = s.k or t.v = 1", ""},
		{"update t set v = 1 from s where not t.k = s.k", ""},
		{"update t set v = 1 from s where t.k = s.k + 1", ""},
		{"update t set v = 1 from s where t.v = t.k", ""},
		{"update t set v = 1 from s where k = l", ""},
		{"update t set v = 1 from s where case when t.a and t.k = s.k and s.a then true end", ""},
		{"update t set v = 1 from s where t.a between 1 and t.k = s.k", ""},
		{"update t set v = 1 from s, r where t.k = s.k", ""},
		{"update t set v = 1 from s join r on true where t.k = s.k", ""},
		{"update t set v = 1 from (select 1) s where t.k = s.k", ""},
		{"update t set v = 1 from t where t.k = t.k", ""},
		{"update t set v = 1 from s", ""},
	} {
		all, err := Parse(tc.sql)
		if err == nil {
			err = all[0].Classify()
		}
		if err != nil {
			t.Fatal(err)
		}
		if count := all[0].CountRows(); count == nil || count.Once != tc.want {
			t.Errorf("%s:\n got %+v\nwant %s", tc.sql, count, tc.want)
		}
	}
}
