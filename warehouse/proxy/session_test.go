package proxy_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A text of several statements is one transaction, and one that failed is
// aborted where a statement was refused by us as well.
func TestTransactions(t *testing.T) {
	f := start(t, "postgres")
	c := f.connect(t)
	for _, tc := range []struct {
		sql, want string
		status    byte
	}{
		{"create table t (a int)", "", 'I'},
		{"insert into t values (1); select 1/0", "!22012 division by zero", 'I'},
		{"select count(*) from t", "0", 'I'},
		{"insert into t values (1); unload ('select 1') to 's3://b/x' iam_role default parquet", "!0A000 UNLOAD … PARQUET is not supported by the PostgreSQL warehouse @27", 'I'},
		{"select count(*) from t", "0", 'I'},
		{"begin", "", 'T'},
		{"insert into t values (1)", "", 'T'},
		{"create table s (x super)", "!0A000 the type SUPER is not supported by the PostgreSQL warehouse @19", 'E'},
		{"select 1", "!25P02 current transaction is aborted, commands ignored until end of transaction block", 'E'},
		{"create table s (x super)", "!25P02 current transaction is aborted, commands ignored until end of transaction block", 'E'},
		{"commit", "", 'I'},
		{"select count(*) from t", "0", 'I'},
		{"begin; insert into t values (1); end", "", 'I'},
		{"insert into t values (2); insert into t values (3)", "", 'I'},
		{"select count(*) from t", "3", 'I'},
		{"", "", 'I'},
		{"select 'a", "!42601 unterminated quoted string at or near \"'a\" @8", 'I'},
		{"select 1", "1", 'I'},
	} {
		if got := ask(c, tc.sql); got != tc.want || c.TxStatus() != tc.status {
			t.Errorf("%s\n got %s %c\nwant %s %c", tc.sql, got, c.TxStatus(), tc.want, tc.status)
		}
	}
}

func TestExtended(t *testing.T) {
	f := start(t, "postgres")
	ctx := context.Background()
	c, err := pgx.Connect(ctx, f.dsn("secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "create table t (id int, name varchar(20) encode lzo, price numeric(7,2))"); err != nil {
		t.Fatal(err)
	}
	var text string
	var days int64
	if err := c.QueryRow(ctx, "select nvl($1::varchar, 'none'), datediff(day, $2, '2024-03-01')", nil, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).Scan(&text, &days); err != nil || text != "none" || days != 60 {
		t.Errorf("got %q, %d, %v", text, days, err)
	}
	batch := &pgx.Batch{} // one series of messages
	for i := range 500 {
		batch.Queue("insert into t values ($1, nvl($2, 'x'), 1.5)", i, "n")
	}
	if err := c.SendBatch(ctx, batch).Close(); err != nil {
		t.Error(err)
	}
	batch = &pgx.Batch{}
	batch.Queue("insert into t values (1000, 'lost', 1)")
	batch.Queue("select $1 from t qualify 1", 1)
	if err := c.SendBatch(ctx, batch).Close(); failure(unwrap(err)) != "!0A000 QUALIFY is not supported by the PostgreSQL warehouse @18" {
		t.Errorf("got %v", err)
	}
	var n int
	if err := c.QueryRow(ctx, "select count(*) from t").Scan(&n); err != nil || n != 500 {
		t.Errorf("got %d rows, %v; want 500", n, err)
	}
	f.put(t, "b", "rows/1", "1|one|1.25\n2|two|-99999.99\n3||\n")
	if _, err := c.Exec(ctx, "truncate t"); err != nil {
		t.Error(err)
	}
	tx, err := c.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	load := "copy t from 's3://b/rows/' iam_role default"
	if tag, err := tx.Exec(ctx, load, pgx.QueryExecModeCacheDescribe); err != nil || tag.String() != "COPY" {
		t.Errorf("got %q, %v", tag, err)
	}
	if err := tx.Rollback(ctx); err != nil {
		t.Error(err)
	}
	for range 2 {
		if tag, err := c.Exec(ctx, load, pgx.QueryExecModeExec); err != nil || tag.String() != "COPY" {
			t.Errorf("got %q, %v", tag, err)
		}
	}
	if _, err := c.Exec(ctx, "copy t from 's3://b/none' iam_role default", pgx.QueryExecModeExec); failure(unwrap(err)) != "!XX000 The specified S3 prefix 'none' does not exist @13" {
		t.Errorf("got %v", err)
	}
	if _, err := c.CopyFrom(ctx, pgx.Identifier{"t"}, []string{"id", "name"}, pgx.CopyFromRows([][]any{{7, "seven"}, {8, nil}})); err != nil {
		t.Error(err)
	}
	rows, err := c.Query(ctx, "select id, name, price::text from t order by 1, 2")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for rows.Next() {
		v, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.Trim(strings.ReplaceAll(fmt.Sprint(v), "<nil>", "NULL"), "[]"))
	}
	if want := "1 one 1.25,1 one 1.25,2 two -99999.99,2 two -99999.99,3  NULL,3  NULL,7 seven NULL,8 NULL NULL"; strings.Join(got, ",") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ","), want)
	}
}

func unwrap(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e
	}
	return err
}

func TestCopyErrors(t *testing.T) {
	f := start(t, "postgres")
	c := f.connect(t)
	f.put(t, "b", "bad/1", "1|a|2024-01-02|t|1.5|2024-01-02 03:04:05\nx|b|2024-01-02|f|2|\n2|abcdef|||3|\n3|c|||4|1999-12-31 23:59:59.5\n")
	if got := ask(c, "create table t (i int not null, v varchar(5), d date, b boolean, r real, ts timestamp)"); got != "" {
		t.Fatal(got)
	}
	const failed = "!XX000 Load into table 't' failed.  Check 'stl_load_errors' system table for details."
	for _, tc := range []struct{ sql, want string }{
		{"begin", ""},
		{"copy t from 's3://b/bad/' iam_role default", failed},
		{"select 1", "!25P02 current transaction is aborted, commands ignored until end of transaction block"},
		{"rollback", ""},
		{"select filename, line_number, colname, err_code from stl_load_errors", "s3://b/bad/1|2|i|1207"},
		{"copy t from 's3://b/bad/' iam_role default maxerror 2", failed},
		{"copy t from 's3://b/bad/' iam_role default noload maxerror 3", ""},
		{"select count(*) from t", "0"},
		{"copy t from 's3://b/bad/' iam_role default maxerror 3", ""},
		{"select * from t order by 1", "1|a|2024-01-02|t|1.5|2024-01-02 03:04:05;3|c|NULL|NULL|4|1999-12-31 23:59:59.5"},
		{"select line_number, count(*) from stl_load_errors group by 1 order by 1", "2|4;3|3"},
		{"copy nosuch from 's3://b/bad/' iam_role default", `!42P01 relation "nosuch" does not exist`},
		{"copy t from 's3://nobucket/bad/' iam_role default", "!XX000 S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket: nobucket @13"},
		{"copy t from 's3://b/bad/'", "!42601 CREDENTIALS argument is required but missing @13"},
		{"copy t from 's3://b/bad/' iam_role default format avro", "!0A000 COPY … AVRO is not supported by the PostgreSQL warehouse @51"},
		{"copy t from '/etc/passwd'", "!22023 COPY source must be of the form s3://bucket/prefix @13"},
		{"copy t to '/tmp/x'", "!0A000 COPY TO '/tmp/x' is not supported by the PostgreSQL warehouse @8"},
		{"truncate t; copy t from 's3://b/bad/' iam_role default maxerror 3; select count(*) from t", "2"},
		{"truncate t; copy t from 's3://b/bad/' iam_role default", failed},
		{"select count(*) from t", "2"},
	} {
		if got := ask(c, tc.sql); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.sql, got, tc.want)
		}
	}
}

// UNLOAD writes what the embedded warehouse writes, and COPY reads it again.
func TestUnload(t *testing.T) {
	f := start(t, "postgres")
	c := f.connect(t)
	f.put(t, "b", "old/x", "")
	if got := ask(c, "create table t (a int, b char(5), c varchar(20), d boolean, e numeric(7,2), f date); insert into t values (1, 'x', 'a|b', true, 1.5, '2024-01-02'), (2, null, 'it''s \"q\"', false, null, null)"); got != "" {
		t.Fatal(got)
	}
	read := func(key string) string {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(f.dir, "b", key))
		if err != nil {
			t.Error(err)
		}
		return string(text)
	}
	for _, tc := range []struct{ sql, key, want string }{
		{"unload ('select * from t order by a') to 's3://b/text_' iam_role default escape", "text_0000_part_00", "1|x|a\\|b|t|1.50|2024-01-02\n2||it\\'s \\\"q\\\"|f||\n"},
		{"unload ('select nvl(b, ''-'') as b, c from t order by a') to 's3://b/csv/' iam_role default csv header parallel off", "csv/000", "b,c\nx,a|b\n-,\"it's \"\"q\"\"\"\n"},
		{"unload ('select * from t order by a') to 's3://b/j/' iam_role default json manifest", "j/0000_part_00.json",
			`{"a":1,"b":"x","c":"a|b","d":true,"e":1.50,"f":"2024-01-02"}` + "\n" + `{"a":2,"b":null,"c":"it's \"q\"","d":false,"e":null,"f":null}` + "\n"},
		{"unload ('select 1 where false') to 's3://b/none/' iam_role default", "none/0000_part_00", ""},
	} {
		if got := ask(c, tc.sql); got != "" {
			t.Errorf("%s: %s", tc.sql, got)
		} else if got := read(tc.key); got != tc.want {
			t.Errorf("%s\n got %q\nwant %q", tc.sql, got, tc.want)
		}
	}
	if got := read("j/manifest"); !strings.Contains(got, `"url": "s3://b/j/0000_part_00.json"`) {
		t.Errorf("got %s", got)
	}
	for _, tc := range []struct{ sql, want string }{
		{"create table u (like t)", ""},
		{"copy u from 's3://b/j/manifest' iam_role default json 'auto' manifest", ""},
		{"select count(*) from (select * from t minus select * from u) x", "0"},
		{"begin; update t set a = 7 where a = 1; unload ('select a from t order by a') to 's3://b/in/' iam_role default gzip; rollback", ""},
		{"copy u (a) from 's3://b/in/' iam_role default gzip; select a from u order by a desc limit 2", "7;2"},
		{"unload ('select 1') to 's3://b/old/' iam_role default", "!XX000 Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE option. @24"},
		{"unload ('select nosuch from t') to 's3://b/y/' iam_role default", `!42703 column "nosuch" does not exist @9`},
		{"unload ('select 1 / (a - 2) from t') to 's3://b/z/' iam_role default", "!22012 division by zero @9"},
		{"unload ('delete from t') to 's3://b/z/' iam_role default", "!42601 UNLOAD takes a SELECT @9"},
		{"unload ('select 1') to 's3://nobucket/z/' iam_role default allowoverwrite", "!XX000 S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket: nobucket @24"},
		{"select count(*) from t", "2"},
	} {
		if got := ask(c, tc.sql); got != tc.want {
			t.Errorf("%s\n got %s\nwant %s", tc.sql, got, tc.want)
		}
	}
	if tag, err := c.ExecParams(context.Background(), "unload ('select 1') to 's3://b/ext/' iam_role default", nil, nil, nil, nil).Close(); err != nil || tag.String() != "UNLOAD" {
		t.Errorf("got %v, %v", tag, err)
	}
	if got := read("ext/0000_part_00"); got != "1\n" {
		t.Errorf("got %q", got)
	}
}

// Numbers of all sizes arrive as they are.
func TestCopyNumbers(t *testing.T) {
	f := start(t, "postgres")
	c := f.connect(t)
	values := []string{"0.00", "1.00", "-1.00", "0.01", "-0.10", "9999.99", "10000.00", "10000.01", "12345678.90", "-99999999.99", "100000000.00", "1234567890123456.78"}
	big := []string{"0", "1", "-1", "12345678901234567890123456789012345678", "-99999999999999999999999999999999999999", "10000000000000000000000000000", "5", "6", "7", "8", "9", "10000"}
	tiny := []string{"0.0000000000", "0.0000000001", "-0.1000000000", "1.0001000000", "12345678.1234567891", "0.5000000000", "1.0000000000", "2.0000000000", "3.0000000000", "4.0000000000", "5.0000000000", "99999999.9999999999"}
	var lines, want []string
	for i := range values {
		lines = append(lines, values[i]+"|"+big[i]+"|"+tiny[i])
		want = append(want, values[i]+"|"+big[i]+"|"+tiny[i])
	}
	f.put(t, "b", "n", strings.Join(lines, "\n"))
	if got := ask(c, "create table t (a numeric(18,2), b numeric(38,0), c numeric(18,10)); copy t from 's3://b/n' iam_role default; select * from t"); got != strings.Join(want, ";") {
		t.Errorf("got  %s\nwant %s", got, strings.Join(want, ";"))
	}
}

func TestCancel(t *testing.T) {
	for _, scheme := range []string{"postgres", "redshift"} {
		f := start(t, scheme)
		c := f.connect(t)
		done := make(chan string, 1)
		go func() { done <- ask(c, "select pg_sleep(60)") }()
		watch := f.behind(t)
		for deadline := time.Now().Add(20 * time.Second); ask(watch, "select count(*) from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'") == "0"; {
			if time.Now().After(deadline) {
				t.Fatal("the statement does not run")
			}
		}
		if err := c.CancelRequest(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := <-done; got != "!57014 canceling statement due to user request" {
			t.Errorf("%s: got %s", scheme, got)
		}
		if got := ask(c, "select 1"); got != "1" {
			t.Errorf("%s: got %s", scheme, got)
		}

		f.dropped(t)
	}
}

// dropped lets a test start a second fixture of its name.
func (f *fixture) dropped(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	admin, err := pgconn.Connect(ctx, f.pg.url("postgres", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	if _, err := admin.Exec(ctx, "DROP DATABASE "+f.db+" WITH (FORCE)").ReadAll(); err != nil {
		t.Fatal(err)
	}
}

// A client that dies in the midst of a statement leaves nothing that runs.
func TestClientDies(t *testing.T) {
	f := start(t, "postgres")
	c := f.connect(t)
	go ask(c, "select pg_sleep(60)")
	watch := f.behind(t)
	running := func() string {
		return ask(watch, "select count(*) from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'")
	}
	deadline := time.Now().Add(20 * time.Second)
	for running() == "0" && time.Now().Before(deadline) {
	}
	c.Conn().Close()
	for running() != "0" {
		if time.Now().After(deadline) {
			t.Fatal("the statement still runs")
		}
	}
}

func TestLogin(t *testing.T) {
	f := start(t, "postgres")
	ctx := context.Background()
	for dsn, want := range map[string]string{
		f.dsn("wrong"): `!28P01 password authentication failed for user "awsuser"`,
		"postgres://awsuser:secret@" + f.proxy.Addr().String() + "/other?sslmode=disable":        `!3D000 database "other" does not exist`,
		"postgres://awsuser:secret@" + f.proxy.Addr().String() + "/" + f.db + "?sslmode=disable": "",
	} {
		c, err := pgconn.Connect(ctx, dsn)
		got := ""
		if err != nil {
			got = failure(unwrap(err))
		} else {
			c.Close(ctx)
		}
		if got != want {
			t.Errorf("%s: got %s; want %s", dsn, got, want)
		}
	}
}

// Stop does not wait for what runs, and leaves nothing that does.
func TestStop(t *testing.T) {
	f := start(t, "postgres")
	watch := f.behind(t)
	running := func() string {
		return ask(watch, "select count(*) from pg_stat_activity where query like 'select pg_sleep(6%' and state = 'active'")
	}
	p := serve(t, f.pg.url("postgres", f.db), t.TempDir())
	ended := make(chan string, 2)
	for _, sql := range []string{"select pg_sleep(60)", "select 1; select pg_sleep(61); select 2"} {
		c, err := pgconn.Connect(context.Background(), "postgres://awsuser:secret@"+p.Addr().String()+"/dev?sslmode=disable")
		if err != nil {
			t.Fatal(err)
		}
		go func() { ended <- ask(c, sql) }()
	}
	deadline := time.Now().Add(30 * time.Second)
	for running() != "2" {
		if time.Now().After(deadline) {
			t.Fatal("the statements do not run")
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := p.Stop(ctx); err != nil {
		t.Error(err)
	}
	for range 2 {
		if got := <-ended; !strings.HasPrefix(got, "!") {
			t.Errorf("got %s", got)
		}
	}
	for running() != "0" {
		if time.Now().After(deadline) {
			t.Fatal("a statement still runs")
		}
	}
}

// What a client is told while nobody answers names the address and no
// password.
func TestAway(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	p := serve(t, "postgres://owner:beh1nd@"+addr+"/db", t.TempDir())
	_, err = pgconn.Connect(context.Background(), "postgres://awsuser:secret@"+p.Addr().String()+"/dev?sslmode=disable")
	if got, want := failure(unwrap(err)), "!57P03 could not connect to the warehouse at "+addr+": connect: connection refused"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	f := start(t, "postgres")
	p = serve(t, strings.Replace(f.pg.url("postgres", f.db), pgPassword, "wr0ng", 1), t.TempDir())
	_, err = pgconn.Connect(context.Background(), "postgres://awsuser:secret@"+p.Addr().String()+"/dev?sslmode=disable")
	if got, want := failure(unwrap(err)), "!08006 the warehouse at 127.0.0.1:"+f.pg.port+` refuses the connection: password authentication failed for user "owner"`; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

// A server that goes away ends the session with what happened.
func TestLost(t *testing.T) {
	for _, scheme := range []string{"postgres", "redshift"} {
		f := start(t, scheme)
		c := f.connect(t)
		pid := ask(c, "select pg_backend_pid()")
		if got := ask(f.behind(t), "select pg_terminate_backend("+pid+")"); got != "t" {
			t.Fatal(got)
		}
		got := ask(c, "select 1")
		if !strings.HasPrefix(got, "!57P01 ") && !strings.HasPrefix(got, "!08006 ") && !strings.Contains(got, "closed") && !strings.Contains(got, "reset") && !strings.Contains(got, "EOF") {
			t.Errorf("%s: got %s", scheme, got)
		}
		f.dropped(t)
	}
}

// Nothing is rewritten for Redshift.
func TestRedshiftUntouched(t *testing.T) {
	f := start(t, "redshift")
	c := f.connect(t)
	for sql, want := range map[string]string{
		"select nvl(1, 2)":                "!42883 function nvl(integer, integer) does not exist @8",
		"select 'a\\b'":                   `a\b`,
		"select 1; select 2":              "1;2",
		"copy (select 1) to '/nowhere/x'": `!58P01 could not open file "/nowhere/x" for writing: No such file or directory`,
	} {
		if got := ask(c, sql); got != want {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
	if _, err := c.CopyFrom(context.Background(), strings.NewReader("1\n2\n"), "copy t from stdin"); failure(unwrap(err)) != `!42P01 relation "t" does not exist` {
		t.Errorf("got %v", err)
	}
	ask(c, "create table t (a int)")
	if _, err := c.CopyFrom(context.Background(), strings.NewReader("1\n2\n"), "copy t from stdin"); err != nil {
		t.Error(err)
	}
	var out strings.Builder
	if _, err := c.CopyTo(context.Background(), &out, "copy t to stdout"); err != nil || out.String() != "1\n2\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

// The client's own COPY passes both ways, errors in its midst too.
func TestCopyWithClient(t *testing.T) {
	f := start(t, "postgres")
	c := f.connect(t)
	ctx := context.Background()
	ask(c, "create table t (a int, b varchar(10) encode lzo)")
	if _, err := c.CopyFrom(ctx, io.MultiReader(strings.NewReader("1\tx\n"), strings.NewReader(strings.Repeat("2\ty\n", 300000)), strings.NewReader("bad\tz\n"), strings.NewReader(strings.Repeat("2\ty\n", 300000))), "copy t from stdin"); failure(unwrap(err)) != `!22P02 invalid input syntax for type integer: "bad"` {
		t.Errorf("got %v", err)
	}
	if tag, err := c.CopyFrom(ctx, strings.NewReader(strings.Repeat("2\ty\n", 300000)), "copy t from stdin"); err != nil || tag.String() != "COPY 300000" {
		t.Errorf("got %v, %v", tag, err)
	}
	var out strings.Builder
	if _, err := c.CopyTo(ctx, &out, "copy (select nvl(null, a), len(b) from t limit 2) to stdout csv"); err != nil || out.String() != "2,1\n2,1\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

// The real psql, with its own questions.
func TestPsql(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not on PATH")
	}
	f := start(t, "postgres")
	run := func(script string) string {
		t.Helper()
		cmd := exec.Command(psql, "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", f.dsn("secret"))
		cmd.Stdin = strings.NewReader(script)
		cmd.Env = append(os.Environ(), "PGCONNECT_TIMEOUT=10")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return string(out)
	}
	got := run(`create table public.things (id int encode az64, name varchar(10)) diststyle all;
\d things
\dt
\dn
\l
\df
\copy things from pstdin csv
1,a b
2,c
\.
\copy (select len(name), id from things order by id) to pstdout
begin;
insert into things values (3, 'ddd') \; select count(*) from things;
rollback;
select nvl(max(id), 0) as top from things \gset
\echo top :top
`)
	for _, want := range []string{"public|things|table|", "name|character varying(10)|", "COPY 2\n3\t1\n1\t2\n", "3\nROLLBACK", "top 2"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	cmd := exec.Command(psql, "-X", "-c", "copy public.things from stdin; select 5 as five; copy public.things from stdin", "-At", f.dsn("secret"))
	cmd.Stdin = strings.NewReader("7\tx\n\\.\n8\ty\n\\.\n")
	if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "COPY 1\n5\nCOPY 1" {
		t.Errorf("got %s, %v", out, err)
	}
}
