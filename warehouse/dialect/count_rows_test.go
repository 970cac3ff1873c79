package dialect

import "testing"

// updated are the tables of TestCountRows.
type updated map[string][]Column

func (u updated) Table(name Name) (*Table, error) {
	if columns, ok := u[name.String()]; ok {
		return &Table{Columns: columns}, nil
	}
	return nil, nil
}

func (updated) Attributes(Name) (Attributes, error) { return Attributes{}, nil }

// A quick look tells where a row of an UPDATE … FROM can be found once at most,
// if its condition is of equalities with one table's columns.
func TestCountRows(t *testing.T) {
	columns := []Column{{Name: "k", Type: "character(16)"}, {Name: "l", Type: "DECIMAL(7,2)"}, {Name: "a", Type: "INTEGER"}, {Name: "b", Type: "INTEGER"}, {Name: "f", Type: "DOUBLE"}}
	other := []Column{{Name: "K", Type: "character varying"}, {Name: "l", Type: "DECIMAL(7,2)"}, {Name: "a", Type: "BIGINT"}, {Name: "f", Type: "DOUBLE"}}
	tables := updated{}
	for _, name := range []Name{{Table: "t"}, {Schema: "a", Table: "big"}} {
		tables[name.String()] = columns
	}
	for _, name := range []Name{{Table: "s"}, {Schema: "b", Table: "S"}} {
		tables[name.String()] = other
	}
	for _, tc := range []struct{ sql, keys, once string }{
		{"update t set v = 1 from s where t.k = s.k", "select k from s", "select not exists (select 1 from s group by k having count(*) > 1)"},
		{"update t set v = 1 from s where s.k = t.k and t.v > 2 and (t.a = s.a or s.b = 1)", "select k from s", "select not exists (select 1 from s group by k having count(*) > 1)"},
		{`update a.big as t set v = 1 from b."S" x where t.k = x.k and t.l = x.l`, `select k, l from b."S" x`, `select not exists (select 1 from b."S" x group by k, l having count(*) > 1)`},
		{"update t set v = 1 from s where t.f = s.f", "", "select not exists (select 1 from s group by f having count(*) > 1)"},
		{"update t set v = 1 from s where t.a = s.a", "", ""},
		{"update t set v = 1 from s where t.k = s.nothing", "", ""},
		{"update t set v = 1 from s where t.k = s.a", "", ""},
		{"update t set v = 1 from nothing s where t.k = s.k", "", ""},
		{"update nothing t set v = 1 from s where t.k = s.k", "", ""},
		{"update t set v = 1 from s where t.k = s.k or t.v = 1", "", ""},
		{"update t set v = 1 from s where not t.k = s.k", "", ""},
		{"update t set v = 1 from s where t.k = s.k + 1", "", ""},
		{"update t set v = 1 from s where t.v = t.k", "", ""},
		{"update t set v = 1 from s where k = l", "", ""},
		{"update t set v = 1 from s where case when t.a and t.k = s.k and s.a then true end", "", ""},
		{"update t set v = 1 from s where t.a between 1 and t.k = s.k", "", ""},
		{"update t set v = 1 from s, r where t.k = s.k", "", ""},
		{"update t set v = 1 from s join r on true where t.k = s.k", "", ""},
		{"update t set v = 1 from (select 1) s where t.k = s.k", "", ""},
		{"update t set v = 1 from t where t.k = t.k", "", ""},
		{"update t set v = 1 from s", "", ""},
	} {
		all, err := Parse(tc.sql)
		if err == nil {
			err = all[0].Classify()
		}
		if err != nil {
			t.Fatal(err)
		}
		if count, err := all[0].CountRows(tables); err != nil || count == nil || count.Keys != tc.keys || count.Once != tc.once {
			t.Errorf("%s:\n got %+v, %v\nwant %q, %q", tc.sql, count, err, tc.keys, tc.once)
		}
	}
}
