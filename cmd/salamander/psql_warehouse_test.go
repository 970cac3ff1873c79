//go:build cgo

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
)

// A psqlRun is what one psql did.
type psqlRun struct {
	Stdout, Stderr string
	Status         int
}

// runPsqlOn runs a program as psql on a warehouse, in a directory of its own.
func runPsqlOn(t *testing.T, program string, at address, args []string, stdin string) psqlRun {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, append([]string{"-X"}, args...)...)
	cmd.Args[0], cmd.Dir, cmd.WaitDelay = "psql", t.TempDir(), 5*time.Second
	cmd.Env = []string{
		"PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/nonexistent", "PGHOST=" + at.host, fmt.Sprint("PGPORT=", at.port),
		"PGUSER=" + at.user, "PGPASSWORD=" + at.password, "PGDATABASE=" + at.database, "PGSSLMODE=disable",
	}
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("%s does not end: %q\n%s", program, args, stderr.String())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return psqlRun{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// emptyWarehouse drops all tables, views and schemas.
func emptyWarehouse(t *testing.T, at address) {
	t.Helper()
	cfg, err := pgconn.ParseConfig(fmt.Sprintf("host=%s port=%d user=%s dbname=%s sslmode=disable", at.host, at.port, at.user, at.database))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Password = at.password
	c, err := pgconn.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.WithoutCancel(t.Context()))
	ask := func(sql string) [][][]byte {
		results, err := c.Exec(t.Context(), sql).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return results[0].Rows
	}
	ask("drop schema if exists aside cascade")
	for _, row := range ask("select case table_type when 'VIEW' then 'view' else 'table' end, table_name from information_schema.tables where table_schema = 'public' order by 1 desc") {
		ask(fmt.Sprintf("drop %s if exists public.%s cascade", row[0], row[1]))
	}
}

// TestPsqlOnTheWarehouse runs testdata/psql/*.sql and command lines with the
// real psql and with this one on the embedded warehouse: both must print the
// same bytes and end alike. A first line "-- args:" gives further arguments.
func TestPsqlOnTheWarehouse(t *testing.T) {
	real := realPsql(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	at := startUp(t, dir).warehouse
	compare := func(t *testing.T, stdin string, args ...string) psqlRun {
		t.Helper()
		emptyWarehouse(t, at)
		want := runPsqlOn(t, real, at, args, stdin)
		want.Stderr = strings.ReplaceAll(want.Stderr, real+":", "psql:") // as it calls itself
		emptyWarehouse(t, at)
		if diff := cmp.Diff(want, runPsqlOn(t, self, at, args, stdin)); diff != "" {
			t.Errorf("%q (-psql +ours):\n%s", args, diff)
		}
		return want
	}
	scripts, _ := filepath.Glob("testdata/psql/*.sql")
	if len(scripts) == 0 {
		t.Fatal("no scripts")
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".sql"), func(t *testing.T) {
			text, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			var args []string
			first, _, _ := strings.Cut(string(text), "\n")
			if rest, ok := strings.CutPrefix(first, "-- args: "); ok {
				args = strings.Fields(rest)
			}
			compare(t, string(text), append(args, "-f", "-")...)
		})
	}
	for name, tt := range map[string]struct {
		status int
		args   []string
	}{
		"list":        {2, []string{"-l"}}, // of a database postgres, which is not there
		"list dev":    {0, []string{"-l", "-d", "dev"}},
		"commands":    {1, []string{"-c", "select 1", "-c", "select nope", "-c", "select 2; select 3/0; select 4"}},
		"stop":        {1, []string{"-v", "ON_ERROR_STOP=1", "-c", "select 1", "-c", "select nope", "-c", "select 2"}},
		"transaction": {1, []string{"-1", "-v", "ON_ERROR_STOP=1", "-c", "create table o (a int)", "-c", "select 1/0"}},
		"kept":        {0, []string{"-1", "-c", "create table o (a int)", "-c", "insert into o values (1)", "-c", "select * from o"}},
		"csv":         {0, []string{"--csv", "-c", "select 1 as a, 'x,y' as b, null as c"}},
		"no database": {2, []string{"-d", "nope", "-c", "select 1"}},
		"no user":     {2, []string{"-U", "nobody", "-c", "select 1"}},
		"no file":     {1, []string{"-f", "nowhere.sql"}},
		"describes":   {1, []string{"-c", `\d`, "-c", `\d nope`, "-c", `\dt pg_catalog.pg_c*`, "-c", `\nope`}},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			// The status is psql's, so that a warehouse that answers nothing is seen.
			if got := compare(t, "", tt.args...); got.Status != tt.status {
				t.Errorf("%q: psql ends with %d; want %d", tt.args, got.Status, tt.status)
			}
		})
	}
	// "salamander sql" prints what psql prints.
	emptyWarehouse(t, at)
	for _, tt := range []struct {
		format []string
		psql   []string
		text   string
	}{
		{nil, nil, "create table w (a int, b varchar(9)); insert into w values (1, 'x,y'), (2, null)"},
		{nil, nil, "select a, b from w order by a; select 'é' as e"},
		{[]string{"--format", "csv"}, []string{"--csv"}, "select a, b from w order by a"},
		{nil, nil, "select a,\n nope from w; select 1"},
	} {
		want := runPsqlOn(t, real, at, append(tt.psql, "-q", "-v", "ON_ERROR_STOP=1"), tt.text+";\n")
		if want.Status != 0 {
			want.Status = exitFailed
		}
		if strings.HasPrefix(tt.text, "create") {
			emptyWarehouse(t, at)
		}
		status, stdout, stderr := runCommand(t, append(append([]string{"sql", "--data", dir}, tt.format...), tt.text)...)
		if diff := cmp.Diff(want, psqlRun{stdout, stderr, status}); diff != "" {
			t.Errorf("sql %q (-psql +ours):\n%s", tt.text, diff)
		}
	}
}

// realPsql is psql 15 without a distribution's wrapper, or the test is skipped.
func realPsql(t *testing.T) string {
	t.Helper()
	path := "/usr/lib/postgresql/15/bin/psql"
	if _, err := os.Stat(path); err != nil {
		if path, err = exec.LookPath("psql"); err != nil {
			t.Skip("no psql on this machine to compare with")
		}
	}
	if out, err := exec.Command(path, "-V").Output(); err != nil || !strings.HasPrefix(string(out), "psql (PostgreSQL) 15.") {
		t.Skipf("no psql 15 to compare with: %s", out)
	}
	return path
}
