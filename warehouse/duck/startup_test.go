//go:build cgo

package duck_test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// What a client asks for when it connects is set, or refused.
func TestStartupParameters(t *testing.T) {
	f := start(t)
	for _, tc := range []struct{ params, sql, want string }{
		{"options=-c%20statement_timeout%3D1234", "show statement_timeout", "1234"},
		{"options=--query-group%3Dloads%20-csearch_path%3Dpublic", "show query_group", "loads"},
		{"options=-c%20query_group%3Da%5C%20b", "show query_group", "a b"},
		{"statement_timeout=77", "show statement_timeout", "77"},
		{"search_path=pg_catalog,public", "show search_path", "pg_catalog, public"},
		{"application_name=etl", "show application_name", "etl"},
		{"driver_version=3", "select 1", "1"},
		{"options=-c%20speed%3D1", "", "42704 unrecognized configuration parameter \"speed\""},
		{"options=-x", "", "42601 invalid command-line argument for server process: -x"},
		{"statement_timeout=x", "", "22023 invalid value for parameter \"statement_timeout\": \"x\""},
		{"client_encoding=latin1", "", "0A000 setting client_encoding to \"latin1\" is not supported by the embedded warehouse"},
	} {
		c, err := pgconn.Connect(context.Background(), fmt.Sprintf("postgres://awsuser:secret@%s/dev?sslmode=disable&%s", f.Addr(), tc.params))
		if err != nil {
			if got := brief(err); got != tc.want {
				t.Errorf("%s: got %s; want %s", tc.params, got, tc.want)
			}
			continue
		}
		if got := said(c, tc.sql); got != tc.want {
			t.Errorf("%s: got %s; want %s", tc.params, got, tc.want)
		}
		c.Close(context.Background())
	}
}

// psql shows users and grants, and takes a column's value into a variable.
func TestPsqlShowsUsers(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed")
	}
	f := start(t)
	execAll(t, f.conn(t), "create user ann createdb password 'Secret123' connection limit 4", "create table sale (id integer)", "create group etl with user ann",
		"grant select, insert on sale to ann with grant option", "grant select on sale to group etl", "grant all on schema public to ann", "alter table sale owner to ann")
	run := func(command string) string {
		cmd := exec.Command(psql, f.dsn("secret"), "-X", "-At")
		cmd.Stdin = strings.NewReader(command + "\n")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v", command, err)
		}
		return strings.TrimSpace(string(out))
	}
	for _, tc := range []struct{ command, want string }{
		{`\du`, "ann|Create DB\n4 connections|{etl}\nawsuser|Superuser, Create role, Create DB|{}\netl|Cannot login|{}"},
		{`\dp sale`, "public|sale|table|ann=a*r*/awsuser\ngroup etl=r/awsuser|"},
		{`\dt`, "public|sale|table|ann"},
		{`\l`, "dev|awsuser|UTF8|C|C||libc|"},
		{"select 1 as a, 'x' as b \\gset v_\n\\echo :v_a :v_b", "1 x"},
		{"\\set ON_ERROR_ROLLBACK on\nbegin;\nselect 1;", "BEGIN\nERROR:  SAVEPOINT is not supported by the embedded warehouse\nLINE 1: SAVEPOINT pg_psql_temporary_savepoint\n        ^"},
	} {
		if got := run(tc.command); got != tc.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tc.command, got, tc.want)
		}
	}
}
