//go:build cgo

package warehouse_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/warehouse"
)

// refusal connects and returns the code and the message of the server's
// refusal, or "".
func (f *fixture) refusal(t *testing.T) (code, message string) {
	t.Helper()
	c, err := pgconn.Connect(context.Background(), f.dsn())
	var e *pgconn.PgError
	switch {
	case err == nil:
		c.Close(context.Background())
		return "", ""
	case !errors.As(err, &e):
		t.Fatalf("the server did not say why: %v", err)
	}
	return e.Code, e.Message
}

// A child that cannot open its database says why to every client, at once, and
// is tried again, ever more seldom; when the reason is gone it serves.
func TestChildThatCannotStart(t *testing.T) {
	f := start(t, nil)
	path := filepath.Join(f.dir, "warehouse.duckdb")
	if err := os.WriteFile(path, []byte(strings.Repeat("this is no database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		began := time.Now()
		code, message := f.refusal(t)
		if code != "57P03" || !strings.Contains(message, "the warehouse cannot start: open the database in") || !strings.Contains(message, "not a valid DuckDB database file") {
			t.Errorf("connection %d: got %s %s", i, code, message)
		}
		if took := time.Since(began); i > 0 && took > 3*time.Second {
			t.Errorf("connection %d waited %v for an answer that was known", i, took)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		code, message := f.refusal(t)
		if code == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the file is gone, and still: %s", message)
		}
	}
}

// A command that cannot be run, and one that ends at once without a word.
func TestChildThatIsNone(t *testing.T) {
	for _, tc := range []struct{ command, want string }{
		{"/nowhere/salamander", "the warehouse cannot start: fork/exec /nowhere/salamander: no such file or directory"},
		{"/bin/false", "the warehouse cannot start: its process ended: exit status 1"},
	} {
		f := start(t, func(o *warehouse.Options) { o.Command = []string{tc.command} })
		for range 3 {
			if code, message := f.refusal(t); code != "57P03" || message != tc.want {
				t.Errorf("got %s %s; want 57P03 %s", code, message, tc.want)
			}
		}
	}
}

// A directory that cannot be made is an error of Start, not of the child.
func TestDirectoryThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := warehouse.Start(warehouse.Options{Dir: filepath.Join(file, "x"), Addr: "127.0.0.1:0", Password: "secret"})
	if err == nil {
		s.Stop(context.Background())
		t.Error("it was made")
	}
}

// A supervisor that is stopped at any moment of its child's start ends it, and
// soon: also before there is a process to tell.
func TestStopWhileItStarts(t *testing.T) {
	for _, outlive := range []bool{false, true} {
		for n := range 12 {
			dir := t.TempDir()
			opt := outliving(dir)
			opt.Outlive = outlive
			if err := os.Mkdir(opt.Dir, 0o700); err != nil {
				t.Fatal(err)
			}
			s, err := warehouse.Start(opt)
			if err != nil {
				t.Fatal(err)
			}
			refused := make(chan bool)
			go func() { // the child is started for it
				defer close(refused)
				if c, err := pgconn.Connect(context.Background(), dsnOf(s.Addr())); err == nil {
					c.Close(context.Background())
				}
			}()
			time.Sleep(time.Duration(n) * time.Millisecond)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			if err := s.Stop(ctx); err != nil {
				t.Errorf("outlive %v, stopped %d: %v", outlive, n, err)
			}
			cancel()
			<-refused
			if pid := s.PID(); pid != 0 && lives(pid) {
				t.Errorf("outlive %v, stopped %d: the child %d lives", outlive, n, pid)
			}
		}
	}
}
