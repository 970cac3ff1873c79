//go:build cgo

package duck_test

import "testing"

func TestTemporaryTablesAndSelectInto(t *testing.T) {
	f := start(t)
	c, other := f.connect(t), f.connect(t)
	for _, tc := range []struct{ sql, want string }{
		{"create table sale (id integer, name varchar(9)); insert into sale values (1, 'a'), (2, 'b')", "CREATE TABLE; INSERT 0 2"},
		{"create table #stage (like sale)", "CREATE TABLE"},
		{"insert into #stage select * from sale where id = 2", "INSERT 0 1"},
		{"select s.name from #stage s join sale using (id)", "b"},
		{"select #STAGE.id from #stage", "2"},
		{"update sale set name = 'z' from #stage where sale.id = #stage.id", "UPDATE 1"},
		{"select id, name into temp picked from sale where name = 'z'", "SELECT"},
		{"select id into table kept from picked", "SELECT"},
		{"with x as (select 7 as n) select n into #seven from x", "SELECT"},
		{"select (select n from #seven), id from kept", "7|2"},
		{"drop table #stage", "DROP TABLE"},
		{"select convert(varchar(2), 'abc'), convert(integer, '5') + 1", "ab|6"},
		{"alter table sale add price numeric(7,2)", "ALTER TABLE"},
		{"select 5 # 3", "6"},
	} {
		if got := ask(c, tc.sql); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.sql, got, tc.want)
		}
	}
	if got := ask(other, "select * from #seven"); got[:5] != "42P01" {
		t.Errorf("another session's temporary table: got %s; want 42P01", got)
	}
}
