package dialect

import "testing"

func TestFold(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"select 1", "select 1"},
		{"SELECT ID FROM Public.Sales -- As\nWHERE N = 'Bob'", "SELECT id FROM public.sales -- As\nWHERE n = 'Bob'"},
		{`select 1 as "Foo", 2 as Bar`, `select 1 as "Foo", 2 as bar`},
		{`CREATE TABLE PUBLIC.SALES(ID INT, "Name" VARCHAR(10) DEFAULT 'A')`, `create table public.sales(id int, "name" varchar(10) default 'A')`},
		{`create or replace view "V" as select 1 as "Foo"; select 1 as "Foo"`, `create or replace view "v" as select 1 as "foo"; select 1 as "Foo"`},
		{`create user "Bob" password 'Ab1'`, `create user "Bob" password 'Ab1'`},
		{"select $$ABC$$, Straße, ÄB from t", "select $$ABC$$, straße, Äb from t"},
	} {
		all, err := Parse(tc.in)
		if err != nil {
			t.Fatal(err)
		}
		if got := all[0].src; got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.in, got, tc.want)
		}
		if first, second := all[0].Text(), tc.in[all[0].Pos:all[0].End]; first != second {
			t.Errorf("Text: got %s; want %s", first, second)
		}
	}
}
