package psql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A postgres is a PostgreSQL server for the tests.
type postgres struct {
	port string
	err  error
	stop func()
}

var server = sync.OnceValue(startPostgres)

func TestMain(m *testing.M) {
	code := m.Run()
	if pg := started.Load(); pg != nil {
		pg.stop()
	}
	os.Exit(code)
}

// started is the server that the tests started, for TestMain to stop.
var started atomic.Pointer[postgres]

// startPostgres runs a server on a free port of loopback in a temporary
// directory, as user postgres when the tests run as root.
func startPostgres() *postgres {
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(bins) == 0 {
		return &postgres{err: errors.New("no PostgreSQL server found")}
	}
	bin := bins[len(bins)-1]
	dir, err := os.MkdirTemp("", "psqltest")
	if err != nil {
		return &postgres{err: err}
	}
	attr := &syscall.SysProcAttr{}
	if os.Getuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return &postgres{err: errors.New("root cannot run PostgreSQL, and there is no user postgres")}
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			return &postgres{err: err}
		}
	}
	run := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir, cmd.SysProcAttr = dir, attr
		cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C"}
		return cmd
	}
	if out, err := run("initdb", "-D", dir+"/data", "-A", "trust", "-U", "awsuser", "-E", "UTF8", "--locale=C", "-N").CombinedOutput(); err != nil {
		return &postgres{err: fmt.Errorf("initdb: %w\n%s", err, out)}
	}
	hba := "host all pwuser 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
	if err := os.WriteFile(dir+"/data/pg_hba.conf", []byte(hba), 0o644); err != nil {
		return &postgres{err: err}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return &postgres{err: err}
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	cmd := run("postgres", "-D", dir+"/data", "-p", port, "-k", dir, "-F", "-c", "listen_addresses=127.0.0.1", "-c", "lc_messages=C")
	if err := cmd.Start(); err != nil {
		return &postgres{err: err}
	}
	pg := &postgres{port: port, stop: func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	}}
	started.Store(pg)
	for deadline := time.Now().Add(30 * time.Second); ; {
		if run("psql", "-h", "127.0.0.1", "-p", port, "-U", "awsuser", "-d", "postgres", "-c", "create database dev", "-c", "create role pwuser login password 'pw''\\d'").Run() == nil {
			return pg
		}
		if time.Now().After(deadline) {
			pg.err = errors.New("PostgreSQL does not start")
			return pg
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// reference returns the real psql and a server, or skips the test.
func reference(t *testing.T) (psql string, pg *postgres) {
	t.Helper()
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("no psql on this machine to compare with")
	}
	if out, err := exec.Command(psql, "-V").Output(); err != nil || !strings.HasPrefix(string(out), "psql (PostgreSQL) 15.") {
		t.Skipf("no psql 15 to compare with: %s", out)
	}
	pg = server()
	if pg.err != nil {
		t.Skipf("no server to compare on: %v", pg.err)
	}
	return psql, pg
}

// A run is how one psql was called and what it did.
type run struct {
	Stdout, Stderr string
	Status         int
}

// call is a call of psql: its arguments after those of the connection, its
// standard input, and its environment.
type call struct {
	args  []string
	stdin string
	env   []string
	bare  bool // no arguments for the connection
}

func (c call) full(pg *postgres) []string {
	if c.bare {
		return c.args
	}
	return append([]string{"-X", "-h", "127.0.0.1", "-p", pg.port, "-d", "dev", "-U", "awsuser"}, c.args...)
}

func (c call) real(t *testing.T, psql string, pg *postgres, dir string) run {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, psql, c.full(pg)...)
	cmd.Args[0], cmd.WaitDelay = "psql", 5*time.Second
	cmd.Dir = dir
	cmd.Env = append([]string{"PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/nonexistent"}, c.env...)
	cmd.Stdin = strings.NewReader(c.stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("the real psql does not end: %q\n%s", c.args, stderr.String())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(stderr.String(), "/usr/lib/postgresql/15/bin/psql:", "psql:") // Debian's wrapper
	return run{stripVersion(stdout.String()), text, cmd.ProcessState.ExitCode()}
}

func (c call) ours(t *testing.T, pg *postgres, dir string) run {
	t.Helper()
	t.Chdir(dir)
	env := func(name string) (string, bool) {
		for _, e := range slices.Concat([]string{"HOME=/nonexistent"}, c.env) {
			if k, v, _ := strings.Cut(e, "="); k == name {
				return v, true
			}
		}
		return "", false
	}
	var stdout, stderr bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	status := Main(ctx, c.full(pg), env, strings.NewReader(c.stdin), &stdout, &stderr)
	return run{stripVersion(stdout.String()), stderr.String(), status}
}

// oids are those in the queries that ECHO_HIDDEN shows; they differ by run.
var oids = regexp.MustCompile(`([=(] ?)'[0-9]{5}'`)

// stripVersion drops what "\\set" tells of psql's own version, and OIDs.
func stripVersion(s string) string {
	var out strings.Builder
	for line := range strings.Lines(s) {
		if !strings.HasPrefix(line, "VERSION = ") && !strings.HasPrefix(line, "VERSION_NAME = ") {
			out.WriteString(line)
		}
	}
	return oids.ReplaceAllString(out.String(), "$1'OID'")
}

// clean empties the database.
func clean(t *testing.T, pg *postgres) {
	t.Helper()
	c, err := connect(t.Context(), map[string]string{"host": "127.0.0.1", "port": pg.port, "dbname": "dev", "user": "awsuser", "sslmode": "disable"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	s := newShell(t.Context(), os.LookupEnv, strings.NewReader(""), io.Discard, os.Stderr)
	s.conn = c
	if !s.send("set client_min_messages = error; drop schema if exists public cascade; create schema public") {
		t.Fatal("the database cannot be emptied")
	}
}

func compare(t *testing.T, c call, dir string) {
	t.Helper()
	psql, pg := reference(t)
	clean(t, pg)
	want := c.real(t, psql, pg, dir)
	clean(t, pg)
	got := c.ours(t, pg, dir)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%q (-psql +ours):\n%s", c.args, diff)
	}
}

// TestScriptsAgainstPsql runs testdata/*.sql with the real psql and with this
// one. A first line "-- args: -v a=b" gives further arguments.
func TestScriptsAgainstPsql(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the reference is psql on Linux")
	}
	files, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(strings.TrimSuffix(name, ".sql"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var args []string
			first, _, _ := strings.Cut(string(text), "\n")
			if rest, ok := strings.CutPrefix(first, "-- args: "); ok {
				args = strings.Fields(strings.TrimRight(rest, "\r"))
			}
			compare(t, call{args: append(args, "-f", name)}, "testdata")
		})
		t.Run(strings.TrimSuffix(name, ".sql")+"/stdin", func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, call{stdin: string(text)}, "testdata")
		})
	}
}

// TestCallsAgainstPsql compares command lines.
func TestCallsAgainstPsql(t *testing.T) {
	_, pg := reference(t)
	port := pg.port
	out := filepath.Join(t.TempDir(), "out")
	file := func(names ...string) []string {
		var args []string
		for _, n := range names {
			args = append(args, "-f", n)
		}
		return args
	}
	for name, c := range map[string]call{
		"extra argument":     {args: []string{"-f", "sub/deeper.sql", "x.sql", "y z"}},
		"extra quiet":        {args: []string{"-q", "-c", "select 1", "x.sql"}},
		"no file":            {args: file("extra", "sub/deeper.sql")},
		"no file, stop":      {args: append(file("extra", "sub/deeper.sql"), "-v", "ON_ERROR_STOP=1")},
		"no files":           {args: file("sub/deeper.sql", "extra")},
		"command":            {args: []string{"-c", "select 1; select 2"}},
		"failing command":    {args: []string{"-c", "select 1; select 1/0; select 2"}},
		"commands":           {args: []string{"-c", "select 1/0", "-c", "select nope"}},
		"commands, stop":     {args: []string{"-v", "ON_ERROR_STOP=1", "-c", "select 1/0", "-c", "select 2"}},
		"command, then file": {args: []string{"-c", "select 1", "-f", "include_stop.sql", "-c", "\\echo :a", "-v", "a=5"}},
		"no variables in -c": {args: []string{"-v", "a=5", "-c", "select :a"}},
		"meta commands":      {args: []string{"-c", "\\echo a b", "-c", "\\x", "-c", "select 1 as a", "-c", "\\nope"}},
		"single transaction": {args: []string{"-1", "-c", "create table s (a int)", "-c", "select 1/0", "-c", "select 2", "-c", "select * from s"}},
		"single, stop":       {args: []string{"-1", "-v", "ON_ERROR_STOP=1", "-c", "create table s (a int)", "-f", "stop.sql"}},
		"single, good":       {args: []string{"-1E", "-c", "create table s (a int)", "-c", "table s"}},
		"single alone":       {args: []string{"-1"}},
		"tuples unaligned":   {args: []string{"-At", "-c", "select 1, 2"}},
		"separators":         {args: []string{"-AF,", "-R;", "-c", "select 1, 2"}},
		"zero":               {args: []string{"-Az0", "-c", "select 1, 2"}},
		"csv":                {args: []string{"--csv", "-c", "select 1 as a, 'x,y' as b"}},
		"pset":               {args: []string{"-P", "null=NULL", "-P", "border=2", "--pset=footer", "-c", "select null as n"}},
		"bad pset":           {args: []string{"-P", "nonsense=1", "-c", "select 1"}},
		"bad option":         {args: []string{"-Y"}},
		"bad long option":    {args: []string{"--nonsense"}},
		"ambiguous option":   {args: []string{"--no"}},
		"missing value":      {args: []string{"-f"}},
		"missing long value": {args: []string{"--file"}},
		"value not allowed":  {args: []string{"--quiet=1"}},
		"abbreviated":        {args: []string{"--tup", "--comm=select 5"}},
		"bad variable":       {args: []string{"-v", "a-b=1", "-c", "select 1"}},
		"bad setting":        {args: []string{"-v", "ON_ERROR_STOP=nope", "-c", "select 1"}},
		"expanded":           {args: []string{"-x", "-c", "select 1 as a, 'b' as bb"}},
		"echo all":           {args: []string{"-a", "-c", "select 1", "-f", "-"}, stdin: "select :'x';\n\nselect 2"},
		"echo queries":       {args: []string{"-eq", "-c", "select 1; select 2"}},
		"standard input":     {stdin: "\\set a 1\nselect :a as a;\nselect 1/0;\n\\nope\nselect 2"},
		"input stop":         {args: []string{"-v", "ON_ERROR_STOP=1"}, stdin: "select 1/0;\nselect 2;\n"},
		"dash":               {args: []string{"-f", "-"}, stdin: "select 1/0;\n\\ir sub/inner.sql\n\\q\nselect 1;"},
		"dash stop":          {args: []string{"-v", "ON_ERROR_STOP=1", "-f", "-", "-f", "sub/deeper.sql"}, stdin: "select 1;\nselect 1/0;"},
		"empty input":        {},
		"single line":        {args: []string{"-S"}, stdin: "select 1\nselect 2\nselect (3\n)\n"},
		"lost":               {args: []string{"-f", "-"}, stdin: "select pg_terminate_backend(pg_backend_pid());\nselect 1;\n"},
		"lost in -c":         {args: []string{"-c", "select pg_terminate_backend(pg_backend_pid())", "-c", "select 1"}},
		"refused":            {bare: true, args: []string{"-h", "127.0.0.1", "-p", "1", "-U", "u", "-c", "select 1"}},
		"refused by name":    {bare: true, args: []string{"-h", "localhost", "-p", "1", "-U", "u", "d"}},
		"no socket":          {bare: true, args: []string{"-h", "/nonexistent", "-p", "1", "-U", "u", "d"}},
		"bad port":           {bare: true, args: []string{"-h", "127.0.0.1", "-p", "70000"}},
		"bad port text":      {bare: true, args: []string{"-h", "127.0.0.1", "-p", "x"}},
		"no such database":   {bare: true, args: []string{"-h", "127.0.0.1", "-p", port, "-U", "awsuser", "nope"}},
		"no such role":       {bare: true, args: []string{"-h", "127.0.0.1", "-p", port, "-U", "nobody", "dev"}},
		"password":           {bare: true, args: []string{"-h", "127.0.0.1", "-p", port, "-U", "pwuser", "-Atc", "select 1", "dev"}, env: []string{`PGPASSWORD=pw'\d`}},
		"wrong password":     {bare: true, args: []string{"-h", "127.0.0.1", "-p", port, "-U", "pwuser", "-Atc", "select 1", "dev"}, env: []string{"PGPASSWORD=x"}},
		"no password":        {bare: true, args: []string{"-w", "-h", "127.0.0.1", "-p", port, "-U", "pwuser", "-Atc", "select 1", "dev"}},
		"no such host":       {bare: true, args: []string{"-h", "nope.invalid", "-U", "u", "d"}},
		"several hosts":      {bare: true, args: []string{"host=127.0.0.1,127.0.0.1 port=1," + port + " user=awsuser dbname=dev", "-Atc", "select 7"}},
		"environment":        {bare: true, args: []string{"-Atc", "show application_name; show work_mem"}, env: []string{"PGHOST=127.0.0.1", "PGPORT=" + port, "PGUSER=awsuser", "PGDATABASE=dev", "PGOPTIONS=-c work_mem=5MB", "PGCONNECT_TIMEOUT=5"}},
		"uri":                {bare: true, args: []string{"postgresql://awsuser@127.0.0.1:" + port + "/dev?application_name=x%20y", "-Atc", "show application_name"}},
		"bad uri":            {bare: true, args: []string{"postgresql://awsuser@127.0.0.1/dev?nonsense=1", "-c", "select 1"}},
		"bad conninfo":       {bare: true, args: []string{"host=a nonsense=1", "-c", "select 1"}},
		"bad conninfo quote": {bare: true, args: []string{"host='a", "-c", "select 1"}},
		"unknown in skipped": {stdin: "\\if false\n\\nope\n\\endif\n\\echo x\n"},
		"unbalanced stop":    {args: []string{"-v", "ON_ERROR_STOP=1", "-f", "-"}, stdin: "\\if true\n"},
		"bad gset":           {stdin: "select 1 \\gset a-b\nselect 1/0 \\gset\ncreate table x (a int) \\gset\n"},
		"gset of no row":     {stdin: "select generate_series(1, 3);\nselect 1 where false \\gset\n\\echo :ROW_COUNT :ERROR :SQLSTATE\nselect generate_series(1, 5) \\gset\n\\echo :ROW_COUNT\nselect 1/0;\nselect 1 where false \\gset\n\\echo :ROW_COUNT :ERROR :SQLSTATE\nselect 1 as a \\gset\n\\echo :ROW_COUNT :a\nselect generate_series(1, 3) \\crosstabview\n\\echo :ROW_COUNT :ERROR\nselect 'select 1/0' \\gexec\n\\echo :ROW_COUNT :ERROR\n"},
		"g repeats":          {stdin: "select 1;\n\\g\n\\gx\n;\n"},
		"notice by include":  {stdin: "do $$ begin raise notice 'n'; end $$;\n"},
		"transactions":       {stdin: "begin; begin; rollback; end transaction;\nabort;"},
		"latin1":             {args: []string{"-c", "select 'caf\xe9' as \"\xe4\", length('\xfc')", "-c", "select '\xe9' || nope", "-c", "\\encoding", "-c", "\\echo :ENCODING"}, env: []string{"PGCLIENTENCODING=LATIN1"}},
		"bad encoding":       {args: []string{"-c", "select 1"}, env: []string{"PGCLIENTENCODING=nonsense"}},
		"single and include": {args: []string{"-1", "-f", "-"}, stdin: "create table one (a int);\n\\ir sub/inner.sql\n\\i nowhere\ncommit;\nselect 1/0;\ntable one;\n"},
		"output":             {args: []string{"-o", out, "-c", "select 1 as a", "-c", "\\echo x", "-c", "\\dn", "-c", "select 1/0", "-c", "\\qecho q", "-c", "\\o", "-c", "select pg_read_file('" + out + "')"}},
		"output nowhere":     {args: []string{"-o", "/nonexistent/x", "-c", "select 1"}},
		"log nowhere":        {args: []string{"-L", "/nonexistent/x", "-c", "select 1"}},
		"long line":          {stdin: "select length('" + strings.Repeat("x", 1<<20) + "'), nope;"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) { compare(t, c, "testdata") })
	}
}
