package psql

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgproto3"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the expectations of testdata/run")

// A fake is a server that answers every query the same way: an error to one
// with "fail", a one-row table to a select, its first word to others.
type fake struct {
	port     string
	mu       sync.Mutex // guards queries
	queries  []string
	canceled chan struct{}
	waiting  func() // called when a query "wait" has come
}

func newFake(t *testing.T) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	f := &fake{port: port, canceled: make(chan struct{}, 1)}
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go f.serve(nc)
		}
	}()
	return f
}

func (f *fake) serve(nc net.Conn) {
	defer nc.Close()
	b := pgproto3.NewBackend(nc, nc)
	for {
		msg, err := b.ReceiveStartupMessage()
		if err != nil {
			return
		}
		if _, ok := msg.(*pgproto3.CancelRequest); ok {
			f.canceled <- struct{}{}
			return
		}
		if _, ok := msg.(*pgproto3.StartupMessage); ok {
			break
		}
		nc.Write([]byte("N"))
	}
	b.Send(&pgproto3.AuthenticationOk{})
	b.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: "8.0.2"})
	b.Send(&pgproto3.ParameterStatus{Name: "client_encoding", Value: "UTF8"})
	b.Send(&pgproto3.BackendKeyData{ProcessID: 7, SecretKey: binary.BigEndian.AppendUint32(nil, 42)})
	b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	for b.Flush() == nil {
		msg, err := b.Receive()
		q, ok := msg.(*pgproto3.Query)
		if err != nil || !ok {
			return
		}
		f.mu.Lock()
		f.queries = append(f.queries, q.String)
		f.mu.Unlock()
		f.answer(b, q.String)
		b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	}
}

func (f *fake) answer(b *pgproto3.Backend, q string) {
	word, _, _ := strings.Cut(strings.ToLower(q), " ")
	fail := func(code, msg string, pos int) {
		b.Send(&pgproto3.ErrorResponse{Severity: "ERROR", SeverityUnlocalized: "ERROR", Code: code, Message: msg, Position: int32(pos)})
	}
	switch i := strings.Index(q, "fail"); {
	case strings.HasPrefix(q, "wait"):
		if f.waiting != nil {
			f.waiting()
		}
		<-f.canceled
		fail("57014", "canceling statement due to user request", 0)
	case i >= 0:
		fail("42000", "it fails", i+1)
	case word == "select":
		b.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{
			{Name: []byte("n"), DataTypeOID: 23}, {Name: []byte("text"), DataTypeOID: 25},
		}})
		b.Send(&pgproto3.DataRow{Values: [][]byte{[]byte(strconv.Itoa(len(q))), nil}})
		b.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
	default:
		b.Send(&pgproto3.CommandComplete{CommandTag: []byte(strings.ToUpper(strings.TrimRight(word, ";")))})
	}
}

// run runs psql on the fake server.
func (f *fake) run(ctx context.Context, args []string, stdin string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	noEnv := func(string) (string, bool) { return "", false }
	args = append([]string{"-X", "-h", "127.0.0.1", "-p", f.port, "-U", "awsuser", "-d", "dev"}, args...)
	status = Main(ctx, args, noEnv, strings.NewReader(stdin), &out, &errs)
	return status, out.String(), errs.String()
}

// TestRun runs the scripts of testdata/run and checks what was sent and what
// was shown. Without a file "args", the script is read from standard input.
func TestRun(t *testing.T) {
	files, _ := filepath.Glob("testdata/run/*.txtar")
	if len(files) == 0 {
		t.Fatal("no cases")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			var args []string
			var stdin string
			var inputs []txtar.File
			want := map[string]string{}
			for _, in := range ar.Files {
				switch in.Name {
				case "queries", "stdout", "stderr", "status":
					want[in.Name] = string(in.Data)
					continue
				case "args":
					args = strings.Split(strings.TrimSpace(string(in.Data)), "\n")
				case "stdin":
					stdin = string(in.Data)
				default:
					if err := os.WriteFile(filepath.Join(dir, in.Name), in.Data, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				inputs = append(inputs, in)
			}
			path, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(dir)
			f := newFake(t)
			status, stdout, stderr := f.run(t.Context(), args, stdin)
			got := map[string]string{
				"queries": strings.Join(f.queries, "\n---\n") + "\n", "stdout": stdout, "stderr": stderr, "status": fmt.Sprintln(status),
			}
			if *update {
				ar.Files = inputs
				for _, name := range []string{"queries", "stdout", "stderr", "status"} {
					ar.Files = append(ar.Files, txtar.File{Name: name, Data: []byte(got[name])})
				}
				if err := os.WriteFile(path, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("run (-want +got):\n%s", diff)
			}
		})
	}
}

// A cancelled run asks the server to stop, waits for its answer, and ends
// with the status of an interrupted script.
func TestCancel(t *testing.T) {
	f := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.waiting = cancel
	status, _, stderr := f.run(ctx, []string{"-f", "-"}, "wait;\nselect 1;\n")
	want := "Cancel request sent\npsql:<stdin>:1: ERROR:  canceling statement due to user request\n"
	if status != ExitScript || stderr != want || len(f.queries) != 1 {
		t.Errorf("got status %d, stderr %q, queries %q; want %d, %q and one query", status, stderr, f.queries, ExitScript, want)
	}
}

// A null byte ends the run: psql drops the rest of such a line silently.
func TestNullByte(t *testing.T) {
	f := newFake(t)
	status, _, stderr := f.run(t.Context(), []string{"-f", "-"}, "select 1;\nselect 2\x00 from t;\nselect 3;\n")
	if want := "psql:<stdin>:2: error: line 2 holds a null byte\n"; status != ExitScript || stderr != want || len(f.queries) != 1 {
		t.Errorf("got status %d, stderr %q, queries %q; want %d, %q", status, stderr, f.queries, ExitScript, want)
	}
}

// A large statement arrives as it is.
func TestLargeStatement(t *testing.T) {
	f := newFake(t)
	script := "select 'a" + strings.Repeat("x y;\n", 16<<20/5) + "'"
	status, _, stderr := f.run(t.Context(), nil, script+";\n")
	if status != 0 || len(f.queries) != 1 || f.queries[0] != script+";" {
		t.Errorf("got status %d, %d queries, stderr %.80q; want the one statement", status, len(f.queries), stderr)
	}
}

func TestVersionAndHelp(t *testing.T) {
	for _, args := range [][]string{{"-V"}, {"--version"}, {"-?"}, {"--help"}} {
		var out, errs bytes.Buffer
		if status := Main(t.Context(), args, os.LookupEnv, strings.NewReader(""), &out, &errs); status != 0 || !strings.HasPrefix(out.String(), "psql ") {
			t.Errorf("%v: got status %d, %q, %q", args, status, out.String(), errs.String())
		}
	}
}

func TestParseConnInfo(t *testing.T) {
	for _, c := range []struct {
		in   string
		want map[string]string
		err  string
	}{
		{in: "host=a port = 5 user='it", err: "unterminated quoted string in connection info string"},
		{in: `host=a port = 5 password='it\'s' dbname=`, want: map[string]string{"host": "a", "port": "5", "password": "it's", "dbname": ""}},
		{in: "host", err: `missing "=" after "host" in connection info string`},
		{in: "nope=1", err: `invalid connection option "nope"`},
		{in: "postgresql://", want: map[string]string{}},
		{in: "postgres://u:p%40w@[::1]:5,b/db?sslmode=disable", want: map[string]string{"user": "u", "password": "p@w", "host": "::1,b", "port": "5,", "dbname": "db", "sslmode": "disable"}},
		{in: "postgres://a/?x=1", err: `invalid URI query parameter: "x"`},
	} {
		got, err := parseConnInfo(c.in)
		if c.err != "" {
			if err == nil || err.Error() != c.err {
				t.Errorf("%s: got error %v; want %s", c.in, err, c.err)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: error %v (-want +got):\n%s", c.in, err, diff)
		}
	}
}

func FuzzConnInfo(f *testing.F) {
	for _, s := range []string{"host=a port='5'", "postgres://u:p@[::1]:5,b/db?a=b", "=", "postgres://[", "a='\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = parseConnInfo(s)
	})
}

func FuzzErrorPosition(f *testing.F) {
	f.Add("select\n\tnope from x", 9)
	f.Add("select '日本' "+strings.Repeat("x", 100)+"\r\n", 60)
	f.Fuzz(func(t *testing.T, query string, loc int) {
		if got := errorPosition(query, loc, false); got != "" && !strings.HasSuffix(got, "^\n") {
			t.Errorf("got %q", got)
		}
		(&printOptions{}).cellLines(query)
	})
}

// FuzzScript runs any text as a script on a server that answers everything.
func FuzzScript(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.sql")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil {
			f.Add(string(b))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, word := range []string{"\\i", "\\o", "\\w", "\\g", "\\c", "\\e"} {
			if strings.Contains(text, word) {
				t.Skip("touches files")
			}
		}
		client, srv := net.Pipe()
		go func() {
			defer srv.Close()
			b := pgproto3.NewBackend(srv, srv)
			fk := &fake{canceled: make(chan struct{})}
			close(fk.canceled)
			for {
				msg, err := b.Receive()
				q, ok := msg.(*pgproto3.Query)
				if err != nil || !ok {
					return
				}
				fk.answer(b, q.String)
				b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
				if b.Flush() != nil {
					return
				}
			}
		}()
		s := testShell(t, client, text)
		s.runScript()
		client.Close()
	})
}

func testShell(t *testing.T, nc net.Conn, text string) *shell {
	s := newShell(t.Context(), func(string) (string, bool) { return "", false }, strings.NewReader(text), io.Discard, io.Discard)
	s.conn = &conn{nc: nc, fe: pgproto3.NewFrontend(nc, nc), tx: 'I', params: map[string]string{}}
	return s
}
