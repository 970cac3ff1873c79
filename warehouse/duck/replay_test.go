//go:build cgo

package duck_test

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
)

// Each kind of change of a table is there after a kill that left it in the
// log alone.
func TestKillAfterChangesOfTables(t *testing.T) {
	f := start(t)
	const begin = `create table %[1]s (k int identity(1,1), v varchar(5), c char(3), d timestamp default getdate(), n numeric(10,2) default 1.5, s varchar(20) default lower('A'));
		insert into %[1]s (v, c) values ('a', 'b'), ('x', 'y')`
	changes := []string{
		"alter table %s add column z int",
		"alter table %s add column w varchar(7) default 'q'",
		"alter table %s drop column c",
		"alter table %s rename column v to w",
		"alter table %s rename column n to m",
		"alter table %s alter column v type varchar(50)",
		"alter table %s rename to renamed_%[1]s",
		"alter table %[1]s alter distkey v",
		"create view view_%[1]s as select v, len(v) as l from %[1]s",
		"create materialized view mv_%[1]s as select v, count(*) as many from %[1]s group by v",
		"comment on table %s is 'x'",
		"create table copy_%[1]s (like %[1]s)",
		"create table as_%[1]s as select * from %[1]s",
		"truncate %s",
		"update %s set v = 'zz' where k = 1",
		"delete from %s where k = 1",
		"drop table %s",
		"create schema s_%[1]s; create table s_%[1]s.t (v varchar(3)); alter table s_%[1]s.t add column x varchar(9)",
		"grant select on %s to public",
	}
	tables := func() string {
		c := f.connect(t)
		return ask(c, `select table_schema, table_name, column_name, ordinal_position, data_type, character_maximum_length,
				case when column_default like '%identity%' then 'identity' else column_default end -- which names the table by a number
			from information_schema.columns where table_schema not in ('information_schema', 'pg_catalog', 'rs') order by 1, 2, 4`)
	}
	for round, change := range changes {
		c := f.connect(t)
		name := fmt.Sprintf("t%d", round)
		if got := ask(c, fmt.Sprintf(begin, name)); !strings.HasSuffix(got, "INSERT 0 2") {
			t.Fatalf("%s: %s", name, got)
		}
		if got := ask(c, fmt.Sprintf(change, name)); strings.Contains(got, "ERROR") || len(got) > 5 && got[5] == ' ' && got[0] >= '0' && got[0] <= '9' {
			t.Errorf("%s: %s", fmt.Sprintf(change, name), got)
		}
		before := tables()
		if err := syscall.Kill(f.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		var again *pgconn.PgConn
		var err error
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			if again, err = pgconn.Connect(context.Background(), f.dsn("secret")); err == nil || time.Now().After(deadline) {
				break
			}
		}
		if err != nil {
			t.Fatalf("after a kill that follows %q: %v", fmt.Sprintf(change, name), err)
		}
		again.Close(context.Background())
		if diff := cmp.Diff(strings.Split(before, "; "), strings.Split(tables(), "; ")); diff != "" {
			t.Errorf("after a kill that follows %q (-before +after):\n%s", fmt.Sprintf(change, name), diff)
		}
	}
}
