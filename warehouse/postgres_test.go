//go:build cgo

package warehouse_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A pgServer is a PostgreSQL of this machine's, which benchmarks compare with.
// It is durable, as the warehouse is, and has the memory that its manual
// advises for loads.
type pgServer struct {
	bin, port string
}

// startPostgres starts a server for as long as the test runs. It skips where
// there is none.
func startPostgres(tb testing.TB) *pgServer {
	tb.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		tb.Skip("cannot compare with PostgreSQL: there is no server")
	}
	if _, err := exec.LookPath("psql"); err != nil {
		tb.Skip("cannot compare with PostgreSQL: there is no psql")
	}
	pg := &pgServer{bin: filepath.Dir(found[len(found)-1])}
	dir, err := os.MkdirTemp("", "bench-pg") // a test's own is closed to other users
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	attr := &syscall.SysProcAttr{}
	if os.Geteuid() == 0 { // which PostgreSQL refuses to run as
		u, err := user.Lookup("postgres")
		if err != nil {
			tb.Skip("cannot compare with PostgreSQL: there is no user postgres")
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(dir, uid, gid); err != nil {
			tb.Fatal(err)
		}
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(pg.bin, "initdb"), "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		tb.Fatalf("initdb: %v\n%s", err, out)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	pg.port = strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
	ln.Close()
	cmd := exec.Command(filepath.Join(pg.bin, "postgres"), "-D", data, "-p", pg.port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
		"-c", "shared_buffers=1GB", "-c", "work_mem=256MB", "-c", "maintenance_work_mem=256MB", "-c", "max_wal_size=8GB")
	cmd.SysProcAttr, cmd.Dir = attr, dir
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGINT)
		cmd.Wait()
	})
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		c, err := pgconn.Connect(context.Background(), pg.dsn())
		if err == nil {
			c.Close(context.Background())
			return pg
		}
		if time.Now().After(deadline) {
			tb.Fatal(err)
		}
	}
}

func (pg *pgServer) dsn() string {
	return fmt.Sprintf("postgres://owner@127.0.0.1:%s/postgres?sslmode=disable", pg.port)
}

// psql runs psql on a server, and returns how long it took.
func psql(tb testing.TB, dsn string, args ...string) time.Duration {
	tb.Helper()
	cmd := exec.Command("psql", append([]string{"-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", dsn}, args...)...)
	began := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("psql %q: %v\n%s", args, err, out)
	}
	return time.Since(began)
}
