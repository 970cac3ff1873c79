//go:build cgo

package duck_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/warehouse"
	"salamander/warehouse/duck"
)

const childEnv = "SALAMANDER_TEST_WAREHOUSE"

// TestMain lets the test's own binary be the child.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		if err := warehouse.RunChild(context.Background(), duck.Open, slog.New(slog.NewTextHandler(os.Stderr, nil))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

type logWriter struct{ t *testing.T }

func (w logWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

type fixture struct {
	*warehouse.Supervisor
	dir  string
	objs string
}

func start(t *testing.T) *fixture {
	t.Helper()
	return startIn(t, t.TempDir(), t.TempDir())
}

func startIn(t *testing.T, dir, objs string) *fixture {
	t.Helper()
	f := &fixture{dir: dir, objs: objs}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.Supervisor, err = warehouse.Start(warehouse.Options{
		Dir: f.dir, Listener: ln, Password: "secret", MemoryLimit: 1 << 30, Objects: warehouse.DirObjects(f.objs),
		Command: []string{os.Args[0]}, Env: []string{childEnv + "=1"}, Log: slog.New(slog.NewTextHandler(logWriter{t}, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := f.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return f
}

func (f *fixture) put(t *testing.T, bucket, key, text string) {
	t.Helper()
	path := filepath.Join(f.objs, bucket, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	data := []byte(text)
	if strings.HasSuffix(key, ".gz") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(data)
		z.Close()
		data = b.Bytes()
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) connect(t *testing.T) *pgconn.PgConn {
	t.Helper()
	c, err := pgconn.Connect(context.Background(), f.dsn("secret"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func (f *fixture) dsn(password string) string {
	return fmt.Sprintf("postgres://awsuser:%s@%s/dev?sslmode=disable", password, f.Addr())
}

// ask runs sql and returns its rows, or its error, as one line.
func ask(c *pgconn.PgConn, sql string) string {
	results, err := c.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		e, ok := err.(*pgconn.PgError)
		if !ok {
			return err.Error()
		}
		text := e.Code + " " + e.Message
		if e.Detail != "" {
			text += " | " + e.Detail
		}
		if e.Position != 0 {
			text += fmt.Sprintf(" @%d", e.Position)
		}
		return text
	}
	var out []string
	for _, r := range results {
		if len(r.FieldDescriptions) == 0 {
			out = append(out, r.CommandTag.String())
			continue
		}
		for _, row := range r.Rows {
			var vs []string
			for _, v := range row {
				if v == nil {
					vs = append(vs, "NULL")
				} else {
					vs = append(vs, string(v))
				}
			}
			out = append(out, strings.Join(vs, "|"))
		}
	}
	return strings.Join(out, "; ")
}

func TestStatements(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	for _, tc := range []struct{ sql, want string }{
		{"select 1", "1"},
		{"", ""},
		{"select 5/2, -5/2, 7%3", "2|-2|1"},
		{"select 1/0", "22012 division by zero"},
		{"select 1/count(1) from (select 1 where false) x", "22012 division by zero"},
		{"select 10.0/4", "2.500000000000"},
		{"select avg(x) from (select 1 as x union all select 2) t", "1"},
		{"select current_database(), current_user", "dev|awsuser"},
		{"begin transaction", "BEGIN"},
		{"create table public.t (a integer not null encode az64, b char(5) encode lzo, c varchar(3), d numeric(7,2), e date, primary key (a)) backup no diststyle even sortkey(a)", "CREATE TABLE"},
		{"insert into t values (1, 'ab   ', 'xyz', 1.25, '2003-01-02'), (1, null, null, null, null)", "INSERT 0 2"},
		{"end transaction", "COMMIT"},
		{"select a, b, c, d, e from t order by d", "1|ab|xyz|1.25|2003-01-02; 1|NULL|NULL|NULL|NULL"},
		{"select count(*) from t where b = 'ab  ' and e = '2003-01-02'", "1"},
		{"insert into t values (1, 'ab', 'wxyz', 1, null)", "22001 value too long for type character varying(3)"},
		{"insert into t values (null, 'ab', 'w', 1, null)", "23502 Cannot insert a NULL value into column a"},
		{"select nope from t", "42703 column \"nope\" does not exist @8"},
		{"select farmfingerprint64('x')", "0A000 the function farmfingerprint64 is not supported by the embedded warehouse @8"},
		{"select checksum('x')", "0A000 the function checksum is not supported by the embedded warehouse @8"},
		{"select nonsense(1)", "42883 function nonsense does not exist @8"},
		{"create table t (a integer)", "42P07 Relation \"t\" already exists"},
		{"select 1 from nope", "42P01 relation \"nope\" does not exist @15"},
		{"selec 1", "42601 syntax error at or near \"selec\" @1"},
		{"update t set b = 'cd  ' where d = 1.25", "UPDATE 1"},
		{"delete from t where b = 'cd'", "DELETE 1"},
		{"create table u (like t)", "CREATE TABLE"},
		{"begin; insert into u values (1,'a','b',1,null); select nope; select 1", "42703 column \"nope\" does not exist @56"},
		{"select 1", "25P02 current transaction is aborted, commands ignored until end of transaction block"},
		{"commit", "ROLLBACK"},
		{"select count(*) from u", "0"},
		{"insert into u values (7,'a','b',1,null); insert into u values (8,'a','toolong',1,null)", "22001 value too long for type character varying(3)"},
		{"select count(*) from u", "0"},
		{"drop table if exists nope", "DROP TABLE"},
		{"select 'a_b' like 'a\\\\_b', 'axb' like 'a\\\\_b', 'axb' like 'a_b', 'axb' not like 'a' || '_b'", "t|f|t|f"},
		{"select 'abc' similar to upper('a%'), 'abc' similar to lower('A%')", "f|t"},
		{"insert into t values (1, 'ab', 'w ', 1, null)", "0A000 storing a VARCHAR that ends with blanks is not supported by the embedded warehouse"},
		{"insert into u select 1, 'ab', 'xy' || ' ', 1, null", "0A000 storing a VARCHAR that ends with blanks is not supported by the embedded warehouse"},
		{"insert into u select 1, 'b' || ' ', rtrim('xyz' || ' '), 1, null", "INSERT 0 1"},
		{"delete from u where c = 'xyz   '", "DELETE 1"},
		{"select strtol(left(md5('x'),12),16)", "173537690199692"},
		{"select sum(strtol(left(md5(coalesce(cast(a as varchar),'~')||'|'||coalesce(b,'~')),12),16)) is not null from t", "t"},
		{"select cast('abcdef' as varchar(3)), 'abcdef'::char(2)", "abc|ab"},
		{"select 'it\\'s', 'a\\nb'", "it's|a\nb"},
		{"select dateadd(day, 1, '2003-01-31'), datediff(day, '2003-01-01', '2003-01-31'), trunc(dateadd(month, 1, '2003-01-01'))", "2003-02-01 00:00:00|30|2003-02-01"},
		{"select top 1 a from t", "1"},
		{"select nvl(null, 2)", "2"},
		{"create view truncated as select trunc(getdate()) = trunc(sysdate) as same, trunc(1.55, 1) as x, trunc(-1.5) as y", "CREATE VIEW"},
		{"select * from truncated", "t|1.5|-1"},
		{"set query_group to 'etl'; show query_group", "SET; etl"},
		{"commit", "COMMIT"},
		{"vacuum; analyze t", "25001 VACUUM cannot run inside a transaction block"},
		{"analyze t", "ANALYZE"},
		{"truncate t", "TRUNCATE TABLE"},
	} {
		if got := ask(c, tc.sql); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.sql, got, tc.want)
		}
	}
}

func TestCopy(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	f.put(t, "b", "day/1.gz", "1~ab~été~1.239~2003-01-02\n2~~~~\n")
	f.put(t, "b", "bad/1.gz", "1~ab~c~1~2003-01-02\nx~ab~c~1~2003-01-02\n")
	f.put(t, "b", "m.json", `{"entries":[{"url":"s3://b/day/1.gz","mandatory":true}]}`)
	f.put(t, "b", "blank/1.gz", "7~x~a  ~1~2003-01-02\n")
	f.put(t, "b", "m2.json", `{"entries":[{"url":"s3://b/day/9.gz","mandatory":true}]}`)
	ask(c, "create table t (a int, b char(5), c varchar(9), d numeric(7,2), e date)")
	const opt = " credentials 'aws_iam_role=x' delimiter '~' gzip region 'us-east-1'"
	for _, tc := range []struct{ sql, want string }{
		{"copy t from 's3://b/day/'" + opt, "COPY"},
		{"select * from t order by a", "1|ab|été|1.23|2003-01-02; 2|||NULL|NULL"},
		{"copy t from 's3://b/m.json'" + opt + " manifest ignoreheader 1", "COPY"},
		{"select count(*) from t", "3"},
		{"copy t from 's3://b/nope/'" + opt, "XX000 The specified S3 prefix 'nope/' does not exist | No object of bucket \"b\" begins with this key. @13"},
		{"copy t from 's3://b/bad/'" + opt, "XX000 Load into table 't' failed.  Check 'stl_load_errors' system table for details. | s3://b/bad/1.gz, line 2, column a (integer), value \"x\": Invalid digit, Value 'x', Pos 0, Type: Integer (error 1207)"},
		{"copy t from 's3://b/m2.json'" + opt + " manifest", "XX000 Problem reading manifest file - S3ServiceException: The specified key does not exist., s3://b/day/9.gz | Manifest file s3://b/m2.json lists it as mandatory. @13"},
		{"select count(*) from t", "3"},
		{"copy t from 's3://b/blank/'" + opt, "XX000 Load into table 't' failed.  Check 'stl_load_errors' system table for details. | s3://b/blank/1.gz, line 1, column c (character varying(9)), value \"a  \": Storing a VARCHAR that ends with blanks is not supported; TRIMBLANKS drops them"},
		{"copy t from 's3://b/blank/'" + opt + " trimblanks", "COPY"},
		{"select c, len(c) from t where a = 7", "a|1"},
		{"copy t from '/etc/passwd'" + opt, "22023 COPY source must be of the form s3://bucket/prefix @13"},
	} {
		if got := ask(c, tc.sql); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.sql, got, tc.want)
		}
	}
}

// Whoever converts what, a COPY tells the first bad line in the order of the
// files, and counts all rows.
func TestCopyOfManyBlocks(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	ask(c, "create table t (a int, b varchar(40))")
	var good strings.Builder
	const rows = 120_000
	for i := range rows {
		fmt.Fprintf(&good, "%d~some text of the row %d\n", i, i)
	}
	f.put(t, "b", "good/1", good.String())
	f.put(t, "b", "good/2", good.String())
	f.put(t, "b", "bad/1", good.String()+"x~y\n")
	f.put(t, "b", "bad/2", "z~y\n"+good.String())
	const opt = " iam_role default delimiter '~'"
	if got := ask(c, "copy t from 's3://b/good/'"+opt); got != "COPY" {
		t.Fatal(got)
	}
	const want = "240000|14399880000|120000"
	if got := ask(c, "select count(*), sum(a), count(distinct b) from t"); got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	for range 3 {
		got := ask(c, "copy t from 's3://b/bad/'"+opt)
		if !strings.Contains(got, "s3://b/bad/1, line 120001, column a (integer), value \"x\"") {
			t.Errorf("got %s", got)
		}
	}
	if got := ask(c, "select count(*), sum(a), count(distinct b) from t"); got != want {
		t.Errorf("after the failures: got %s; want %s", got, want)
	}
}

// TestFilesAreOutOfReach tries the ways to a file that DuckDB offers.
func TestFilesAreOutOfReach(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	path := filepath.Join(f.dir, "x.csv")
	if err := os.WriteFile(path, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask(c, "create table t (a int)")
	for _, sql := range []string{
		"select * from '%s'", `select * from "%s"`, "select * from t, '%s'", "select * from (select 1) x join '%s' on true",
		"select * from read_csv('%s')", "select * from read_text('%s')", "select * from glob('%s')", "select * from query('select 1')",
		"select * from main.read_csv('%s')", `select * from "read_csv"('%s')`, "select (select count(*) from read_blob('%s'))",
		"from '%s'", "attach '%s' as x", "copy t to '%s'", "copy (select 1) to '%s'", "copy t from '%s'", "export database '%s'",
		"import database '%s'", "install '%s'", "load '%s'", "pragma database_list", "set enable_external_access = true",
		"set temp_directory = '%s'", "select * from duckdb_settings()", "select getenv('HOME')", "call read_csv('%s')",
		"create table z as select * from '%s'", "insert into t select * from '%s'", "create view v as select * from read_csv('%s')",
		"explain select * from '%s'", "with x as (from '%s') select * from x", "select * from (from '%s')", "checkpoint",
		"delete from t using '%s' where true", "update t set a = 1 from '%s' where true", "table '%s'", "describe '%s'", "summarize '%s'",
		"select current_setting('temp_directory')", "select * from sniff_csv('%s')", "use memory", "select * from duckdb_databases",
	} {
		if strings.Contains(sql, "%s") {
			sql = fmt.Sprintf(sql, path)
		}
		got := ask(c, sql)
		code, _, _ := strings.Cut(got, " ")
		switch code {
		case "42601", "0A000", "42501", "42P01", "42704", "42883", "22023", "3F000":
		default:
			t.Errorf("%s: got %s", sql, got)
		}
		ask(c, "rollback")
	}
}

func TestKilledChildLosesNothing(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	ask(c, "create table t (a int); create view v as select trunc(getdate()) is not null as x, strtol('ff', 16) as y, a from t")
	for i := range 5 {
		if got := ask(c, fmt.Sprintf("begin; insert into t values (%d); commit", i)); !strings.HasSuffix(got, "COMMIT") {
			t.Fatal(got)
		}
	}
	ask(c, "begin; insert into t values (99)")
	if err := syscall.Kill(f.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if got := ask(c, "select 1"); !strings.Contains(got, "EOF") && !strings.Contains(got, "reset") && !strings.Contains(got, "closed") {
		t.Errorf("after the kill: got %s", got)
	}
	deadline := time.Now().Add(5 * time.Second)
	again, err := pgconn.Connect(context.Background(), f.dsn("secret"))
	for err != nil && time.Now().Before(deadline) { // it may be handed to the child that dies
		again, err = pgconn.Connect(context.Background(), f.dsn("secret"))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close(context.Background())
	if got := ask(again, "select count(*), max(a) from t"); got != "5|4" {
		t.Errorf("got %s; want 5|4", got)
	}
	if got := ask(again, "select x, y, count(*) from v group by 1, 2"); got != "t|255|5" {
		t.Errorf("the view: got %s; want t|255|5", got)
	}
}

func TestWrongPassword(t *testing.T) {
	f := start(t)
	_, err := pgconn.Connect(context.Background(), f.dsn("wrong"))
	if err == nil || !strings.Contains(err.Error(), `password authentication failed for user "awsuser" (SQLSTATE 28P01)`) {
		t.Errorf("got %v", err)
	}
}

func TestCancel(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	done := make(chan string)
	go func() {
		done <- ask(c, "select count(*) from generate_series(1, 100000) a, generate_series(1, 10000000) b where a + b = 3")
	}()
	for {
		time.Sleep(20 * time.Millisecond)
		if err := c.CancelRequest(ctx); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-done:
			if want := "57014 canceling statement due to user request"; got != want {
				t.Errorf("got %s; want %s", got, want)
			}
			return
		default:
		}
	}
}

// TestPsql runs a script of the example's kind with the real psql.
func TestPsql(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not on PATH")
	}
	f := start(t)
	script := filepath.Join(t.TempDir(), "s.sql")
	os.WriteFile(script, []byte("begin transaction;\ndrop table if exists public.x;\ncreate table public.x (a int encode raw) diststyle all;\nend transaction;\ncommit;\nselect count(*) from x;\nselect\n  nope from x;\n"), 0o600)
	cmd := exec.Command(psql, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", script, f.dsn("secret"))
	out, err := cmd.CombinedOutput()
	want := "psql:" + script + ":2: INFO:  Table \"x\" does not exist and will be skipped\npsql:" + script + ":5: WARNING:  there is no transaction in progress\n0\npsql:" +
		script + ":8: ERROR:  column \"nope\" does not exist\nLINE 2:   nope from x;\n          ^\n"
	if got := string(out); !strings.Contains(got, "column \"nope\" does not exist\nLINE 2:   nope from x;\n          ^") || cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("exit %v\n got %s\nwant %s", err, got, want)
	}
}
