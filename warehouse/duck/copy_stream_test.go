//go:build cgo

package duck_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func execAll(t *testing.T, c *pgconn.PgConn, sql ...string) {
	t.Helper()
	for _, s := range sql {
		if _, err := c.Exec(context.Background(), s).ReadAll(); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func (f *fixture) conn(t *testing.T) *pgconn.PgConn {
	t.Helper()
	c, err := pgconn.Connect(context.Background(), f.dsn("secret"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// texts are the rows of a query, their columns parted by bars.
func texts(t *testing.T, c *pgconn.PgConn, sql string) string {
	t.Helper()
	all, err := c.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	var lines []string
	for _, row := range all[len(all)-1].Rows {
		var parts []string
		for _, v := range row {
			if v == nil {
				v = []byte("NULL")
			}
			parts = append(parts, string(v))
		}
		lines = append(lines, strings.Join(parts, "|"))
	}
	return strings.Join(lines, "\n")
}

// brief is what a client is told of an error.
func brief(err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return fmt.Sprint(err)
	}
	s := e.Code + " " + e.Message
	for _, more := range []string{e.Detail, e.Hint, e.Where} {
		if more != "" {
			s += " / " + more
		}
	}
	return s
}

// Each form of COPY FROM STDIN gives these rows or this error, and an error
// leaves the table as it was.
func TestCopyFromStdin(t *testing.T) {
	c := start(t).conn(t)
	execAll(t, c, "create table t (a integer, b varchar(10), d date not null default '2020-01-01')")
	for _, tc := range []struct{ name, sql, data, want string }{
		{"text", "copy t from stdin", "1\tx\t2024-01-02\n2\t\\N\t2024-01-03\n\\.\nrest", "1|x|2024-01-02\n2|NULL|2024-01-03"},
		{"escapes", "copy t from stdin", "1\ta\\tb\\\\\\x41\\101\t2024-01-02\n", "1|a\tb\\AA|2024-01-02"},
		{"a newline behind a backslash", "copy t from stdin", "1\ta\\\nb\t2024-01-02\n", "1|a\nb|2024-01-02"},
		{"CRLF", "copy t from stdin", "1\tx\t2024-01-02\r\n2\ty\t2024-01-02\r\n", "1|x|2024-01-02\n2|y|2024-01-02"},
		{"columns and defaults", "copy t (b, a) from stdin", "x\t1\n", "1|x|2020-01-01"},
		{"old options", "copy t from stdin with delimiter as ';' null as '-'", "1;-;2024-01-02\n", "1|NULL|2024-01-02"},
		{"delimiters", "copy t from stdin using delimiters '!'", "1!x!2024-01-02\n", "1|x|2024-01-02"},
		{"csv", "copy t from stdin csv header", "a,b,d\n1,\"x, \"\"y\"\"\n\",2024-01-02\n2,,2024-01-03\n3,\"\",2024-01-03", "1|x, \"y\"\n|2024-01-02\n2|NULL|2024-01-03\n3||2024-01-03"},
		{"csv with all options", "copy t from stdin (format csv, header match, delimiter '|', null 'NIL', quote '''', escape '\\\\', force_null (b))", "a|b|d\n1|'it\\'s'|2024-01-02\n2|'NIL'|2024-01-02\n", "1|it's|2024-01-02\n2|NULL|2024-01-02"},
		{"force not null", "copy t from stdin csv force not null b", "1,,2024-01-02\n", "1||2024-01-02"},
		{"latin1", "copy t from stdin encoding 'latin1'", "1\tcaf\xe9\t2024-01-02\n", "1|café|2024-01-02"},
		{"no rows", "copy t from stdin", "", ""},
		{"extra", "copy t from stdin", "1\tx\t2024-01-02\n1\tx\t2024-01-02\tmore\n", "22P04 extra data after last expected column / COPY t, line 2: \"1\tx\t2024-01-02\tmore\""},
		{"missing", "copy t from stdin", "1\tx\n", "22P04 missing data for column \"d\" / COPY t, line 1: \"1\tx\""},
		{"no integer", "copy t from stdin", "1x\tx\t2024-01-02\n", "22P02 invalid input syntax for type integer: \"1x\" / COPY t, line 1, column a: \"1x\""},
		{"empty integer", "copy t from stdin", "\tx\t2024-01-02\n", "22P02 invalid input syntax for type integer: \"\" / COPY t, line 1, column a: \"\""},
		{"large integer", "copy t from stdin", "3000000000\tx\t2024-01-02\n", "22003 value \"3000000000\" is out of range for type integer / COPY t, line 1, column a: \"3000000000\""},
		{"too long", "copy t from stdin csv", "1,xxxxxxxxxxx,2024-01-02\n", "22001 value too long for type character varying(10) / COPY t, line 1, column b: \"xxxxxxxxxxx\""},
		{"no date", "copy t from stdin", "1\tx\t2024-13-02\n", "22007 invalid input syntax for type date: \"2024-13-02\" / COPY t, line 1, column d: \"2024-13-02\""},
		{"null", "copy t from stdin", "1\tx\t\\N\n", "23502 null value in column \"d\" of relation \"t\" violates not-null constraint / COPY t, line 1: \"1\tx\t\\N\""},
		{"no UTF-8", "copy t from stdin", "1\tx\t2024-01-02\n1\tcaf\xe9\t2024-01-02\n", "22021 invalid byte sequence for encoding \"UTF8\": 0xe9 0x09 0x32 / COPY t, line 2"},
		{"zero byte", "copy t from stdin", "1\t\x00\t2024-01-02\n", "22021 invalid byte sequence for encoding \"UTF8\": 0x00 / COPY t, line 1"},
		{"open quote", "copy t from stdin csv", "1,\"x,2024-01-02\n2,y,2024-01-02\n", "22P04 unterminated CSV quoted field / COPY t, line 1: \"1,\"x,2024-01-02\n2,y,2024-01-02\n\""},
		{"mixed ends", "copy t from stdin", "1\tx\t2024-01-02\n1\tx\t2024-01-02\r\n", "22P04 literal carriage return found in data / Use \"\\r\" to represent carriage return. / COPY t, line 2"},
		{"header", "copy t from stdin csv header match", "1,x,2024-01-02\n", "42601"},
		{"header's names", "copy t from stdin (format csv, header match)", "a,c,d\n", "22P04 column name mismatch in header line field 2: got \"c\", expected \"b\" / COPY t, line 1: \"a,c,d\""},
		{"no table", "copy nowhere from stdin", "", "42P01 relation \"nowhere\" does not exist"},
		{"no column", "copy t (a, c) from stdin", "", "42703 column \"c\" of relation \"t\" does not exist"},
		{"twice", "copy t (a, a) from stdin", "", "42701 column \"a\" specified more than once"},
		{"quote in text", "copy t from stdin quote '\"'", "", "0A000 COPY quote available only in CSV mode"},
		{"long delimiter", "copy t from stdin delimiter 'ab'", "", "0A000 COPY delimiter must be a single one-byte character"},
		{"unknown option", "copy t from stdin (speed 3)", "", "42601 option \"speed\" not recognized"},
		{"redundant", "copy t from stdin csv csv", "", "42601 conflicting or redundant options"},
		{"program", "copy t from program 'ls'", "", "0A000 COPY with PROGRAM is not supported by the embedded warehouse"},
		{"binary signature", "copy t from stdin binary", "PGCOPX", "22P04 COPY file signature not recognized"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			execAll(t, c, "delete from t")
			_, err := c.CopyFrom(context.Background(), strings.NewReader(tc.data), tc.sql)
			got := texts(t, c, "select * from t order by a")
			if err != nil {
				if got != "" {
					t.Errorf("after an error: got rows %q; want none", got)
				}
				if got = brief(err); len(tc.want) == 5 && len(got) > 5 {
					got = got[:5]
				}
			}
			if got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

func TestCopyToStdout(t *testing.T) {
	c := start(t).conn(t)
	execAll(t, c, "create table t (a integer, b varchar(10), price numeric(7,2))", "create view v as select a from t",
		"insert into t values (1, 'a\tb\\\\\n', 1.5), (2, null, null), (3, '', -0.25), (4, 'x,\"y\"', 0)")
	for _, tc := range []struct{ sql, want string }{
		{"copy t to stdout", "1\ta\\tb\\\\\\n\t1.50\n2\t\\N\t\\N\n3\t\t-0.25\n4\tx,\"y\"\t0.00\n"},
		{"copy t (b, a) to stdout with (format csv, header)", "b,a\n\"a\tb\\\n\",1\n,2\n\"\",3\n\"x,\"\"y\"\"\",4\n"},
		{"copy (select a, b from t where a > 3) to stdout csv force quote *", "\"4\",\"x,\"\"y\"\"\"\n"},
		{"copy (select a from t where a = 1 union all select 9) to stdout delimiter '|' null 'x'", "1\n9\n"},
		{"copy (select b, a from t where a = 2) to stdout (delimiter '|', null 'nil')", "nil|2\n"},
		{"copy (select chr(233)) to stdout encoding 'latin1'", "\xe9\n"},
		{"copy (select a::smallint, b from t where a = 3) to stdout binary", "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x02\x00\x03\x00\x00\x00\x00\xff\xff"},
		{"copy (select a / 0 from t) to stdout", "22012 division by zero"},
		{"copy v to stdout", "42809 cannot copy from view \"v\" / Try the COPY (SELECT ...) TO variant."},
		{"copy t to '/tmp/x'", "0A000 COPY TO a file is not supported by the embedded warehouse"},
		{"copy (delete from t) to stdout", "0A000 COPY of a statement that is no query is not supported by the embedded warehouse"},
		{"copy (select nothing from t) to stdout", "42703 column \"nothing\" does not exist"},
	} {
		var b bytes.Buffer
		_, err := c.CopyTo(context.Background(), &b, tc.sql)
		got := b.String()
		if err != nil {
			got = brief(err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.sql, diff)
		}
	}
}

// pgx sends binary rows.
func TestCopyFromBinary(t *testing.T) {
	ctx := context.Background()
	f := start(t)
	c := f.pgx(t)
	if _, err := c.Exec(ctx, "create table t (a integer, b bigint, s smallint, f double precision, ok boolean, n numeric(9,3), x varchar(10), d date, ts timestamp)"); err != nil {
		t.Fatal(err)
	}
	day := time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)
	at := time.Date(1969, 12, 31, 23, 59, 59, 250000000, time.UTC)
	rows := [][]any{{-7, int64(1) << 40, -3, 0.25, true, "-12345.678", "é", day, at}, {nil, nil, nil, nil, nil, nil, nil, nil, nil}, {1, 2, 3, 4.5, false, "0.001", "", day, at}}
	n, err := c.CopyFrom(ctx, pgx.Identifier{"t"}, []string{"a", "b", "s", "f", "ok", "n", "x", "d", "ts"}, pgx.CopyFromRows(rows))
	if err != nil || n != 3 {
		t.Fatalf("got %d, %v", n, err)
	}
	if got, want := texts(t, f.conn(t), "select * from t order by a"), `-7|1099511627776|-3|0.25|t|-12345.678|é|1999-12-31|1969-12-31 23:59:59.25
1|2|3|4.5|f|0.001||1999-12-31|1969-12-31 23:59:59.25
NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	_, err = c.CopyFrom(ctx, pgx.Identifier{"t"}, []string{"x"}, pgx.CopyFromRows([][]any{{"longer than it may"}}))
	if got, want := brief(err), "22001 value too long for type character varying(10) / COPY t, line 1, column x: \"longer than it may\""; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

// A client that dies, gives up or is cancelled in the middle leaves the table
// as it was.
func TestCopyCutOff(t *testing.T) {
	f := start(t)
	c := f.conn(t)
	execAll(t, c, "create table t (a integer)", "insert into t values (1)")
	rows := strings.Repeat("2\n", 100000)

	dying := f.conn(t)
	r, w := io.Pipe()
	go func() {
		io.WriteString(w, rows)
		dying.Conn().Close()
		w.Close()
	}()
	if _, err := dying.CopyFrom(context.Background(), r, "copy t from stdin"); err == nil {
		t.Error("a COPY of a client that died: got no error")
	}

	_, err := c.CopyFrom(context.Background(), io.MultiReader(strings.NewReader(rows), failing{}), "copy t from stdin")
	if got, want := brief(err), "57014 COPY from stdin failed: cannot read / COPY t, line 100001"; got != want {
		t.Errorf("given up: got %s; want %s", got, want)
	}

	waiting := f.conn(t)
	r, w = io.Pipe()
	go func() {
		io.WriteString(w, rows)
		running(t, c, waiting) // what has not begun cannot be cancelled
		waiting.CancelRequest(context.Background())
		w.Close()
	}()
	if _, err = waiting.CopyFrom(context.Background(), r, "copy t from stdin"); !strings.HasPrefix(brief(err), "57014 canceling statement due to user request") {
		t.Errorf("cancelled: got %s", brief(err))
	}
	if got := texts(t, waiting, "select 1"); got != "1" {
		t.Errorf("after a cancel: got %s", got)
	}
	execAll(t, waiting, "set statement_timeout to 50")
	r, w = io.Pipe()
	go func() {
		io.WriteString(w, rows)
		time.Sleep(150 * time.Millisecond) // for the time to pass; pgx waits for the end of the data
		w.Close()
	}()
	if _, err = waiting.CopyFrom(context.Background(), r, "copy t from stdin"); !strings.HasPrefix(brief(err), "57014 canceling statement due to statement timeout") {
		t.Errorf("timed out: got %s", brief(err))
	}
	execAll(t, c, "begin", "insert into t values (3)")
	if _, err := c.CopyFrom(context.Background(), strings.NewReader("x\n"), "copy t from stdin"); err == nil {
		t.Error("a bad row: got no error")
	}
	if c.TxStatus() != 'E' {
		t.Errorf("status in a block: got %c; want E", c.TxStatus())
	}
	execAll(t, c, "commit")
	if got := texts(t, c, "select count(*), min(a), max(a) from t"); got != "1|1|1" {
		t.Errorf("rows: got %s; want 1|1|1", got)
	}
}

// running returns when the server runs a statement of c.
func running(t *testing.T, asks, c *pgconn.PgConn) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if texts(t, asks, fmt.Sprintf("select count(*) from pg_stat_activity where pid = %d and state = 'active'", c.PID())) == "1" {
			return
		}
		if time.Now().After(deadline) {
			t.Error("the statement does not begin")
			return
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("cannot read") }

// psql copies both ways, into temporary tables too.
func TestPsqlCopies(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed")
	}
	f, dir := start(t), t.TempDir()
	in, out := filepath.Join(dir, "in.csv"), filepath.Join(dir, "out.csv")
	if err := os.WriteFile(in, []byte("a,b\n1,x\n2,\"y\ny\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	script := strings.NewReplacer("$in", in, "$out", out).Replace(`create temp table t (a integer, b varchar(10));
\copy t from '$in' with (format csv, header)
\copy t (b) from stdin
z
\.
\copy (select * from t order by a nulls first) to '$out' csv header
\copy t to pstdout delimiter '|'
select count(*) as n from t \gset
\echo :n rows
copy t from stdin csv;
3,"
\.
select count(*) from t;
`)
	cmd := exec.Command(psql, f.dsn("secret"), "-X", "-At")
	cmd.Stdin = strings.NewReader(script)
	got, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("psql: %v", err)
	}
	want := "CREATE TABLE\nCOPY 2\nCOPY 1\nCOPY 3\n1|x\n2|y\\ny\n\\N|z\n3 rows\nERROR:  unterminated CSV quoted field\nCONTEXT:  COPY t, line 1: \"3,\"\n\\.\n\"\n3\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(file), "a,b\n,z\n1,x\n2,\"y\ny\"\n"; got != want {
		t.Errorf("file: got %q; want %q", got, want)
	}
}

// A CHAR takes no characters of several bytes, as INSERT has it.
func TestCopyFromStdinIntoChar(t *testing.T) {
	c := start(t).conn(t)
	execAll(t, c, "create table t (c char(3), s super)")
	for _, tc := range []struct{ data, want string }{
		{"d\xc3\xa9\t1\n", `ERROR: a character of several bytes in the column "c" of type character(3) is not supported by the embedded warehouse (SQLSTATE 0A000)`},
		{"abc\t1\n", ""},
	} {
		got := ""
		if _, err := c.CopyFrom(context.Background(), strings.NewReader(tc.data), "copy t from stdin"); err != nil {
			got = err.Error()
		}
		if got != tc.want {
			t.Errorf("%q: got %s; want %s", tc.data, got, tc.want)
		}
	}
}
