//go:build cgo

package duck_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// as connects as a user whose password is Secret123.
func (f *fixture) as(t *testing.T, user string) *pgconn.PgConn {
	t.Helper()
	c, err := pgconn.Connect(context.Background(), fmt.Sprintf("postgres://%s:Secret123@%s/dev?sslmode=disable", user, f.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// said is the last tag or rows of a text, or its error.
func said(c *pgconn.PgConn, sql string) string {
	all, err := c.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		return brief(err)
	}
	last := all[len(all)-1]
	if len(last.Rows) == 0 {
		return last.CommandTag.String()
	}
	var lines []string
	for _, row := range last.Rows {
		var parts []string
		for _, v := range row {
			parts = append(parts, string(v))
		}
		lines = append(lines, strings.Join(parts, "|"))
	}
	return strings.Join(lines, "\n")
}

// A deed is what a user says and is answered; a star at the end of the answer
// is any rest.
type deed struct{ who, sql, want string }

func follow(t *testing.T, f *fixture, steps []deed) {
	t.Helper()
	conns := map[string]*pgconn.PgConn{"awsuser": f.conn(t)}
	for _, s := range steps {
		c := conns[s.who]
		if c == nil {
			c = f.as(t, s.who)
			conns[s.who] = c
		}
		start, any := strings.CutSuffix(s.want, "*")
		if got := said(c, s.sql); got != s.want && !(any && strings.HasPrefix(got, start)) {
			t.Errorf("%s: %s: got\n%s\nwant\n%s", s.who, s.sql, got, s.want)
		}
	}
}

func denied(name string) string { return "42501 permission denied for relation " + name }

// Users may do what they were granted, and nothing else.
func TestGrants(t *testing.T) {
	f := start(t)
	follow(t, f, []deed{
		{"awsuser", "create user ann password 'Secret123'", "CREATE USER"},
		{"awsuser", "create user bob with password 'Secret123' connection limit 3 syslog access unrestricted valid until '2099-01-01'", "CREATE USER"},
		{"awsuser", "create table sale (id integer, note varchar(20)); create table item (id integer); create schema mart; create table mart.t (id integer); create view v as select id from sale", "CREATE VIEW"},
		{"awsuser", "insert into sale values (1, 'x'), (2, 'y'); insert into item values (7)", "INSERT 0 1"},

		{"ann", "select current_user", "ann"},
		{"ann", "select * from sale", denied("sale")},
		{"ann", "select * from public.sale", denied("sale")},
		{"ann", `select * from "SALE"`, denied("sale")},
		{"ann", "select * from v", denied("v")},
		{"ann", "select * from mart.t", "42501 permission denied for schema mart"},
		{"ann", "insert into sale values (3, 'z')", denied("sale")},
		{"ann", "update sale set id = 1", denied("sale")},
		{"ann", "delete from sale", denied("sale")},
		{"ann", "truncate sale", denied("sale")},
		{"ann", "drop table sale", "42501 must be owner of relation sale"},
		{"ann", "alter table sale add column x integer", "42501 must be owner of relation sale"},
		{"ann", "comment on table sale is 'x'", "42501 must be owner of relation sale"},
		{"ann", "create table mart.mine (id integer)", "42501 permission denied for schema mart"},
		{"ann", "create schema own", "42501 permission denied for database dev"},
		{"ann", "drop schema mart", "42501 must be owner of schema mart"},
		{"ann", "copy sale from 's3://b/x' iam_role default", denied("sale")},
		{"ann", "copy sale to stdout", denied("sale")},
		{"ann", "unload ('select * from sale') to 's3://b/x' iam_role default", denied("sale")},
		{"ann", "grant select on sale to ann", denied("sale")},
		{"ann", "create user eve password 'Secret123'", "42501 permission denied to create user"},
		{"ann", "alter user ann createuser", "42501 permission denied to alter user"},
		{"ann", "set session authorization awsuser", "42501 permission denied to set session authorization"},
		{"ann", "select * from rs_user", denied("rs_user")},
		{"ann", "select * from rs.rs_user", denied("rs_user")},
		{"ann", "explain select * from sale", denied("sale")},
		{"ann", "create table copy as select * from sale", denied("sale")},
		{"ann", "select * into temp x from sale", denied("sale")},
		{"ann", "create temp table x (like sale)", denied("sale")},
		{"ann", "with s as (select * from sale) select * from s", denied("sale")},
		{"ann", "select (select max(id) from sale)", denied("sale")},
		{"ann", "select 1 where exists (select 1 from (item))", denied("item")},
		{"ann", "begin; declare c cursor for select * from sale", denied("sale")},
		{"ann", "rollback", "ROLLBACK"},
		{"ann", "prepare p as select * from sale; execute p", denied("sale")},
		{"ann", "create view mine as select * from sale", denied("sale")},

		{"ann", "create table own (item integer, sale varchar(10))", "CREATE TABLE"}, // names of columns are no relations
		{"ann", "insert into own (item, sale) values (1, 'sale'); select item, sale as item from own where sale = 'sale' and (item + 0) in (item, 1) order by item", "1|sale"},
		{"ann", "select * from own item, sale", denied("sale")},
		{"ann", "select * from own set, sale", denied("sale")},
		{"bob", "select * from own", denied("own")},
		{"awsuser", "select count(*) from own", "1"},
		{"ann", "grant select on own to bob", "GRANT"},
		{"bob", "select count(*) from own", "1"},
		{"bob", "grant select on own to public", denied("own")},
		{"ann", "grant select on own to bob with grant option", "GRANT"},
		{"bob", "grant select on own to public", "GRANT"},

		{"awsuser", "grant select on sale to ann", "GRANT"},
		{"ann", "select count(*) from sale", "2"},
		{"ann", "create view mine as select sale.id from sale", "CREATE VIEW"},
		{"ann", "grant select on mine to bob", "GRANT"},
		{"bob", "select count(*) from mine", "2"}, // with ann's rights
		{"awsuser", "revoke select on sale from ann", "REVOKE"},
		{"ann", "select count(*) from sale", denied("sale")},
		{"bob", "select count(*) from mine", denied("sale")},
		{"awsuser", "grant select on v to bob", "GRANT"},
		{"bob", "select count(*) from v", "2"}, // with awsuser's
		{"awsuser", "grant update on sale to bob", "GRANT"},
		{"bob", "update sale set note = 'z'", "UPDATE 2"},
		{"bob", "update sale set note = 'q' where id = 1", denied("sale")},

		{"awsuser", "create group etl with user ann; grant insert on table sale to group etl", "GRANT"},
		{"ann", "insert into sale values (3, 'g')", "INSERT 0 1"},
		{"ann", "insert into sale select id, 'x' from item", denied("item")},
		{"awsuser", "alter group etl drop user ann", "ALTER GROUP"},
		{"ann", "insert into sale values (3, 'g')", denied("sale")},
		{"awsuser", "create role reader; grant select on item to role reader; grant role reader to ann", "GRANT"},
		{"ann", "select id from item", "7"},
		{"awsuser", "drop role reader", "2BP01 role \"reader\" cannot be dropped because some objects depend on it / owner of, or privileges on, relation public.item"},

		{"awsuser", "grant usage on schema mart to ann; grant select on all tables in schema mart to ann", "GRANT"},
		{"ann", "select count(*) from mart.t", "0"},
		{"awsuser", "alter default privileges in schema mart grant select on tables to ann; create table mart.u (id integer)", "CREATE TABLE"},
		{"ann", "select count(*) from mart.u", "0"},
		{"awsuser", "alter table mart.u rename to w; drop table mart.t; create table mart.t (id integer)", "CREATE TABLE"},
		{"ann", "select count(*) from mart.w", "0"},
		{"awsuser", "revoke create on schema public from public", "REVOKE"},
		{"ann", "create table more (id integer)", "42501 permission denied for schema public"},
		{"ann", "create temp table more (id integer); insert into more values (1); select * from more", "1"},
		{"ann", "set search_path to mart; select count(*) from w", "0"},

		{"awsuser", "begin; grant select on sale to ann; rollback", "ROLLBACK"},
		{"ann", "set search_path to public; select count(*) from sale", denied("sale")},
		{"awsuser", "alter table sale owner to ann", "ALTER TABLE"},
		{"ann", "select count(*) from sale", "3"},
		{"awsuser", "drop user ann", "2BP01 user \"ann\" cannot be dropped because some objects depend on it / *"},
		{"awsuser", "set session authorization bob; select current_user", "bob"},
		{"awsuser", "select * from item", denied("item")},
		{"awsuser", "reset session authorization; select current_user", "awsuser"},
		{"awsuser", "grant select on sale to nobody", "42704 user \"nobody\" does not exist"},
		{"awsuser", "grant fly on sale to ann", "0LP01 invalid privilege type FLY for relation"},
		{"awsuser", "grant execute on function f() to ann", "0A000 GRANT of EXECUTE is not supported by the embedded warehouse"},
		{"awsuser", "create user ann password 'Secret123'", "42710 user \"ann\" already exists"},
		{"awsuser", "create user weak password 'secret'", "28P01 password must have 8 to 64 characters"},
		{"awsuser", "create user md password 'md50123456789abcdef0123456789abcdef'", "0A000 a hashed password is not supported by the embedded warehouse / It checks passwords by SCRAM-SHA-256, which needs the password itself once."},
		{"awsuser", "drop user awsuser", "55006 current user cannot be dropped"},
		{"awsuser", "select usename, usesuper from pg_user order by 1", "ann|f\nawsuser|t\nbob|f"},
		{"awsuser", "select has_table_privilege('ann', 'item', 'select'), has_table_privilege('bob', 'public.item', 'select'), has_schema_privilege('ann', 'public', 'create'), has_schema_privilege('ann', 'public', 'usage'), has_database_privilege('ann', 'dev', 'temp')", "t|f|f|t|t"},
		{"ann", "select has_table_privilege('item', 'select'), has_table_privilege('item', 'delete')", "t|f"},
		{"awsuser", "select relation_name, privilege_type, identity_name, identity_type from svv_relation_privileges where relation_name = 'item'", "item|SELECT|reader|role"},
		{"awsuser", "select tableowner from pg_tables where tablename = 'sale'", "ann"},
	})
}

// Grants, owners and passwords outlive a restart; no password is on the disk.
func TestUsersLast(t *testing.T) {
	dir, objs := t.TempDir(), t.TempDir()
	f := startIn(t, dir, objs)
	follow(t, f, []deed{
		{"awsuser", "create user ann password 'Secret123'; create table sale (id integer); grant select on sale to ann", "GRANT"},
		{"ann", "create table own (id integer)", "CREATE TABLE"},
	})
	if err := f.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if strings.Contains(string(b), "Secret123") {
			t.Errorf("%s holds the password", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	f = startIn(t, dir, objs)
	follow(t, f, []deed{
		{"ann", "select count(*) from sale", "0"},
		{"ann", "insert into sale values (1)", denied("sale")},
		{"ann", "drop table own", "DROP TABLE"},
		{"awsuser", "revoke all on sale from ann; drop user ann", "DROP USER"},
		{"awsuser", "select count(*) from pg_user", "1"},
	})
}

// Who cannot log in is told the same, whatever the reason.
func TestLogin(t *testing.T) {
	f := start(t)
	execAll(t, f.conn(t), "create user ann password 'Secret123' connection limit 1", "create user off password disable", "create user old password 'Secret123' valid until '2000-01-01'")
	for _, tc := range []struct{ user, password, database, want string }{
		{"ann", "Wrong123", "dev", "28P01 password authentication failed for user \"ann\""},
		{"nobody", "Secret123", "dev", "28P01 password authentication failed for user \"nobody\""},
		{"off", "Secret123", "dev", "28P01 password authentication failed for user \"off\""},
		{"old", "Secret123", "dev", "28P01 password authentication failed for user \"old\""},
		{"ann", "Secret123", "other", "3D000 database \"other\" does not exist"},
	} {
		_, err := pgconn.Connect(context.Background(), fmt.Sprintf("postgres://%s:%s@%s/%s?sslmode=disable", tc.user, tc.password, f.Addr(), tc.database))
		if got := brief(err); got != tc.want {
			t.Errorf("%s: got %s; want %s", tc.user, got, tc.want)
		}
	}
	first := f.as(t, "ann")
	_, err := pgconn.Connect(context.Background(), fmt.Sprintf("postgres://ann:Secret123@%s/dev?sslmode=disable", f.Addr()))
	if got, want := brief(err), "53300 too many connections for user \"ann\""; got != want {
		t.Errorf("a second connection: got %s; want %s", got, want)
	}
	if got := said(first, "alter user ann password 'Changed456'"); got != "ALTER USER" {
		t.Errorf("own password: got %s", got)
	}
	first.Close(context.Background())
	c, err := pgconn.Connect(context.Background(), fmt.Sprintf("postgres://ann:Changed456@%s/dev?sslmode=disable", f.Addr()))
	if err != nil {
		t.Fatalf("with the new password: %v", err)
	}
	c.Close(context.Background())
}
