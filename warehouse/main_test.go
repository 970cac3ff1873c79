//go:build cgo

package warehouse_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
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
			os.Exit(1)
		}
		os.Exit(0)
	}
	if dir := os.Getenv(parentEnv); dir != "" {
		parentOf(dir)
	}
	os.Exit(m.Run())
}

type logWriter struct{ tb testing.TB }

func (w logWriter) Write(b []byte) (int, error) {
	w.tb.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// A fixture is a warehouse and the directory of its buckets.
type fixture struct {
	*warehouse.Supervisor
	dir, objects string
}

func start(tb testing.TB, change func(*warehouse.Options)) *fixture {
	tb.Helper()
	f := &fixture{dir: tb.TempDir(), objects: tb.TempDir()}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	opt := warehouse.Options{
		Dir: f.dir, Listener: ln, Password: "secret", Objects: warehouse.DirObjects(f.objects),
		Command: []string{os.Args[0]}, Env: []string{childEnv + "=1"}, Log: slog.New(slog.NewTextHandler(logWriter{tb}, nil)),
	}
	if change != nil {
		change(&opt)
	}
	if f.Supervisor, err = warehouse.Start(opt); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := f.Stop(ctx); err != nil {
			tb.Error(err)
		}
	})
	return f
}

// file makes an object and returns it, open for writing.
func (f *fixture) file(tb testing.TB, key string) *os.File {
	tb.Helper()
	path := filepath.Join(f.objects, "b", filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		tb.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	return file
}

func (f *fixture) dsn() string {
	return fmt.Sprintf("postgres://awsuser:secret@%s/dev?sslmode=disable", f.Addr())
}

func (f *fixture) connect(tb testing.TB) *pgconn.PgConn {
	tb.Helper()
	c, err := pgconn.Connect(context.Background(), f.dsn())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close(context.Background()) })
	return c
}
