//go:build cgo

package duck_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// peak returns the most memory that the warehouse had, in MB, or 0 where the
// system does not tell.
func (f *fixture) peak() (mb int) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.PID()))
	if err != nil {
		return 0
	}
	if _, rest, ok := strings.Cut(string(b), "VmHWM:"); ok {
		fmt.Sscan(rest, &mb)
	}
	return mb >> 10
}

func (f *fixture) write(t *testing.T, key string, data []byte) {
	t.Helper()
	path := filepath.Join(f.objs, "b", filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// What is wrong with a file is told with its line, and the table stays as it
// was.
func TestBadFiles(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	ask(c, "create table t (a int, b varchar(20)); insert into t values (1, 'first')")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := range 50_000 {
		fmt.Fprintf(z, "%d|row %d\n", i, i)
	}
	z.Close()
	files := map[string][]byte{
		"comma":     []byte("2,two\n3,three\n"),
		"few":       []byte("2|two\n3\n"),
		"more":      []byte("2|two\n3|three|4\n"),
		"latin":     []byte("2|two\n3|C\xd4TE D'IVOIRE\n"),
		"nul":       []byte("2|two\n3|a\x00b\n"),
		"cut.gz":    packed.Bytes()[:packed.Len()/2],
		"plain.gz":  []byte("2|two\n"),
		"long":      append(append([]byte("2|two\n3|"), bytes.Repeat([]byte("x"), 10<<20)...), '\n'),
		"utf16":     []byte("\xff\xfe2\x00|\x00\x00\xd8\n\x00"),
		"json":      []byte(`{"a":2,"b":"two"}{"a":3,"b":`),
		"csv":       []byte("2,\"two\n3,three\n"),
		"parquet":   []byte("PAR1 no, it is not"),
		"manifest":  []byte(`{"entries":[{"url":"s3://b/comma"}`),
		"manifest2": []byte(`{"entries":[{"url":"s3://b/nope","mandatory":true}]}`),
		"manifest3": []byte(`{"entries":[{"url":"s3://b/nope","mandatory":false}]}`),
	}
	for key, data := range files {
		f.write(t, key, data)
	}
	for _, tc := range []struct{ from, options, want string }{
		{"comma", "", "s3://b/comma, line 1, column a (integer), value \"2,two\": Invalid digit, Value ',', Pos 1, Type: Integer (error 1207)"},
		{"few", "", "s3://b/few, line 2, column b (character varying(20)), value \"3\": Delimiter not found (error 1214)"},
		{"more", "", "s3://b/more, line 2, value \"3|three|4\": Extra column(s) found (error 1202)"},
		{"latin", "", "s3://b/latin, line 2, column b (character varying(20)), value \"C?TE D'IVOIRE\": String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: d4 (error 1)"},
		{"nul", "", "line 2, column b (character varying(20)), value \"a?b\": Invalid null byte"},
		{"cut.gz", "gzip", "failed to inflate s3://b/cut.gz"},
		{"plain.gz", "gzip", "failed to inflate s3://b/plain.gz"},
		{"cut.gz", "zstd", "failed to inflate s3://b/cut.gz"},
		{"cut.gz", "bzip2", "failed to inflate s3://b/cut.gz"},
		{"long", "", "line 2, column b (character varying(20)), value \"xxx"},
		{"long", "csv delimiter '|'", "line 2, column b (character varying(20)), value \"xxx"},
		{"json", "json 'auto'", "s3://b/json, line 1"},
		{"csv", "csv", "Invalid quote formatting for CSV"},
		{"parquet", "parquet", "this is no Parquet file"},
		{"manifest", "manifest", "is not in correct json format"},
		{"manifest2", "manifest", "The specified key does not exist., s3://b/nope"},
		{"manifest3", "manifest", "None of the files that the manifest s3://b/manifest3 lists exists"},
		{"comma", "encoding utf16", ""},
	} {
		got := ask(c, fmt.Sprintf("copy t from 's3://b/%s' iam_role default %s", tc.from, tc.options))
		if !strings.HasPrefix(got, "XX000 ") || !strings.Contains(got, tc.want) {
			t.Errorf("%s %s\ngot  %.400s\nwant %s", tc.from, tc.options, got, tc.want)
		}
	}
	if got := ask(c, "select * from t"); got != "1|first" {
		t.Errorf("the table: got %s", got)
	}
	if got := ask(c, "select raw_line from stl_load_errors where filename = 's3://b/long' limit 1"); len(got) > 1100 {
		t.Errorf("stl_load_errors keeps %d bytes of a line", len(got))
	}
	if mb := f.peak(); mb > 900 {
		t.Errorf("the warehouse took %d MB", mb)
	}
}

// A statement of 16 MB runs, and one that is wrong is told so.
func TestLargeStatements(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	ask(c, "create table t (a int, b varchar(65535))")
	text := strings.Repeat("x", 60_000)
	var sql strings.Builder
	sql.WriteString("insert into t values (0, '')")
	rows := 1
	for ; sql.Len() < 16<<20; rows++ {
		fmt.Fprintf(&sql, ", (%d, '%s')", rows, text)
	}
	if got, want := ask(c, sql.String()), fmt.Sprintf("INSERT 0 %d", rows); got != want {
		t.Errorf("got %.200s; want %s", got, want)
	}
	if got := ask(c, "select '"+strings.Repeat("y", 16<<20)+"' = nope"); !strings.HasPrefix(got, `42703 column "nope" does not exist`) {
		t.Errorf("got %.200s", got)
	}
	if got := ask(c, "select "+strings.Repeat("(", 200_000)); !strings.HasPrefix(got, "42601 ") && !strings.HasPrefix(got, "54001 ") {
		t.Errorf("many parentheses: got %.200s", got)
	}
	if got := ask(c, "select count(*) from t"); got != fmt.Sprint(rows) {
		t.Errorf("got %s rows; want %d", got, rows)
	}
	if mb := f.peak(); mb > 1500 {
		t.Errorf("the warehouse took %d MB", mb)
	}
}

// A load that is cancelled leaves the table as it was.
func TestCancelledLoad(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	ask(c, "create table t (a int, b varchar(20)); insert into t values (1, 'first')")
	f.write(t, "big", bytes.Repeat([]byte("2|some text\n"), 3_000_000))
	done := make(chan string)
	go func() { done <- ask(c, "copy t from 's3://b/big' iam_role default") }()
	watch := f.connect(t)
	for deadline := time.Now().Add(20 * time.Second); ask(watch, "select count(*) from stv_load_state where lines > 0") != "1"; {
		if time.Now().After(deadline) {
			t.Fatal("no load is seen")
		}
	}
	if err := c.CancelRequest(context.Background()); err != nil {
		t.Fatal(err)
	}
	got := <-done
	if got == "COPY" {
		t.Skip("the load was faster than its cancellation")
	}
	if want := "57014 canceling statement due to user request"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	if got := ask(c, "select * from t"); got != "1|first" {
		t.Errorf("the table: got %s", got)
	}
	if got := ask(c, "select status from sys_load_history"); got != "failed" {
		t.Errorf("sys_load_history: got %s", got)
	}
}
