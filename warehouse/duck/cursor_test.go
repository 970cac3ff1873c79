//go:build cgo

package duck_test

import (
	"context"
	"testing"
)

func TestCursors(t *testing.T) {
	c := start(t).connect(t)
	for _, tc := range []struct{ sql, want string }{
		{"create table sale (id integer, name varchar(9)); insert into sale select n, 'x' || n from generate_series(1, 5) s(n)", "CREATE TABLE; INSERT 0 5"},
		{"declare lollapalooza cursor for select 1", "25P01 DECLARE CURSOR may only be used in begin/end transaction blocks"},
		{"fetch next from lollapalooza", "34000 cursor \"lollapalooza\" does not exist"},
		{"begin", "BEGIN"},
		{"declare lollapalooza cursor for select id, name from sale order by id", "DECLARE CURSOR"},
		{"fetch forward 2 from lollapalooza", "1|x1; 2|x2"},
		{"fetch next from lollapalooza", "3|x3"},
		{"update sale set name = 'z'", "UPDATE 5"},
		{"fetch all from lollapalooza", "4|x4; 5|x5"},
		{"fetch from lollapalooza", "FETCH 0"},
		{"close lollapalooza", "CLOSE CURSOR"},
		{"declare a cursor for with x as (select 7 as n) select n from x; fetch 9 from a", "DECLARE CURSOR; 7"},
		{"commit; begin; fetch all from a", "34000 cursor \"a\" does not exist"},
		{"rollback", "ROLLBACK"},
		{"fetch prior from a", "0A000 FETCH PRIOR is not supported by the embedded warehouse @7"},
		{"declare a scroll cursor for select 1", "0A000 DECLARE … SCROLL is not supported by the embedded warehouse @11"},
		{"declare a binary cursor for select 1", "0A000 DECLARE … BINARY is not supported by the embedded warehouse @11"},
		{"declare a cursor with hold for select 1", "0A000 DECLARE … HOLD is not supported by the embedded warehouse @18"},
		{"begin; declare b no scroll cursor without hold for select 8; fetch all from b; rollback", "BEGIN; DECLARE CURSOR; 8; ROLLBACK"},
		{"begin; declare b insensitive cursor for select 8; fetch all from b; rollback", "BEGIN; DECLARE CURSOR; 8; ROLLBACK"},
		{"declare a cursor for delete from sale", "42601 syntax error at or near \"delete\" @22"},
	} {
		if got := ask(c, tc.sql); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.sql, got, tc.want)
		}
	}
	ask(c, "begin; declare a cursor for select id from sale order by id")
	res := c.ExecParams(context.Background(), "fetch 2 from a", nil, nil, nil, nil).Read()
	if res.Err != nil || len(res.Rows) != 2 || len(res.FieldDescriptions) != 1 || res.CommandTag.String() != "FETCH 2" {
		t.Errorf("the extended protocol: got %+v; want 2 rows", res)
	}
}

func TestPrepareStatements(t *testing.T) {
	c := start(t).connect(t)
	for _, tc := range []struct{ sql, want string }{
		{"create table sale (id integer, name varchar(9))", "CREATE TABLE"},
		{"prepare add_sale (int, varchar(9)) as insert into sale values ($1, $2)", "PREPARE"},
		{"execute add_sale (1, 'a'); execute add_sale (1 + 1, 'b')", "INSERT 0 1; INSERT 0 1"},
		{"prepare find as select name, $2 from sale where id = $1", "PREPARE"},
		{"execute find (2, 'it''s')", "b|it's"},
		{"prepare find as select 1", "42P05 prepared statement \"find\" already exists"},
		{"execute find (2)", "42601 wrong number of parameters for prepared statement \"find\" | Expected 2 parameters but got 1."},
		{"execute find (1/0, 'x')", "22012 division by zero"},
		{"deallocate prepare find; deallocate add_sale", "DEALLOCATE; DEALLOCATE"},
		{"execute find (1, 2)", "26000 prepared statement \"find\" does not exist"},
		{"prepare p as drop table sale", "42601 syntax error at or near \"drop\" @14"},
		{"prepare p as select * from nowhere; execute p", "42P01 relation \"nowhere\" does not exist"},
		{"deallocate all", "DEALLOCATE"},
	} {
		if got := ask(c, tc.sql); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.sql, got, tc.want)
		}
	}
	ask(c, "prepare p (int) as select id, name from sale where id >= $1 order by 1")
	res := c.ExecParams(context.Background(), "execute p (1)", nil, nil, nil, nil).Read()
	if res.Err != nil || len(res.Rows) != 2 || len(res.FieldDescriptions) != 2 {
		t.Errorf("the extended protocol: got %+v; want 2 rows", res)
	}
}
