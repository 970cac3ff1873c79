package proxy_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/warehouse"
	"salamander/warehouse/proxy"
)

// A postgres is a server for the tests of this package.
type postgres struct {
	dir  string // removed at the end
	port string
	cmd  *exec.Cmd
	skip string
	err  error
}

const pgPassword = "beh1nd"

// shared is the one server, started with the first test that needs it.
var shared = sync.OnceValue(startPostgres)

func TestMain(m *testing.M) {
	child()
	code := m.Run()
	pg := shared()
	if pg.cmd != nil {
		pg.cmd.Process.Signal(syscall.SIGINT)
		pg.cmd.Wait()
	}
	if pg.dir != "" {
		os.RemoveAll(pg.dir)
	}
	os.Exit(code)
}

func startPostgres() *postgres {
	pg := &postgres{}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		pg.skip = "no PostgreSQL server on this machine"
		return pg
	}
	bin := filepath.Dir(found[len(found)-1])
	if pg.dir, pg.err = os.MkdirTemp("", "proxy-pg"); pg.err != nil {
		return pg
	}
	attr := &syscall.SysProcAttr{}
	pwfile := filepath.Join(pg.dir, "password")
	if pg.err = os.WriteFile(pwfile, []byte(pgPassword+"\n"), 0o644); pg.err != nil {
		return pg
	}
	if os.Geteuid() == 0 { // which PostgreSQL refuses to run as
		u, err := user.Lookup("postgres")
		if err != nil {
			pg.skip = "no user postgres on this machine"
			return pg
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if pg.err = os.Chown(pg.dir, uid, gid); pg.err != nil {
			return pg
		}
	}
	data := filepath.Join(pg.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "owner", "-A", "scram-sha-256", "--pwfile", pwfile, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = attr, pg.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		pg.err = fmt.Errorf("initdb: %v\n%s", err, out)
		return pg
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		pg.err = err
		return pg
	}
	pg.port = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	l.Close()
	pg.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", pg.port, "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "fsync=off")
	pg.cmd.SysProcAttr, pg.cmd.Dir = attr, pg.dir
	if pg.err = pg.cmd.Start(); pg.err != nil {
		pg.cmd = nil
		return pg
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		c, err := pgconn.Connect(context.Background(), pg.url("postgres", "postgres"))
		if err == nil {
			c.Close(context.Background())
			return pg
		} else if time.Now().After(deadline) {
			pg.err = err
			return pg
		}
		time.Sleep(50 * time.Millisecond) // it starts
	}
}

func (pg *postgres) url(scheme, database string) string {
	return fmt.Sprintf("%s://owner:%s@127.0.0.1:%s/%s", scheme, pgPassword, pg.port, database)
}

// A fixture is a proxy before a database of its own.
type fixture struct {
	pg    *postgres
	db    string
	dir   string // of buckets
	proxy *proxy.Proxy
}

// start runs a proxy; scheme is postgres or redshift. It skips the test where
// there is no PostgreSQL.
func start(t *testing.T, scheme string) *fixture {
	t.Helper()
	pg := shared()
	if pg.skip != "" {
		t.Skip(pg.skip)
	} else if pg.err != nil {
		t.Fatal(pg.err)
	}
	f := &fixture{pg: pg, db: "t" + strings.ToLower(strings.NewReplacer("/", "_", "-", "_").Replace(t.Name())), dir: t.TempDir()}
	ctx := context.Background()
	admin, err := pgconn.Connect(ctx, pg.url("postgres", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+f.db).ReadAll(); err != nil {
		t.Fatal(err)
	}
	f.proxy = serve(t, pg.url(scheme, f.db), f.dir)
	return f
}

// serve runs a proxy before a URL.
func serve(t *testing.T, url, buckets string) *proxy.Proxy {
	t.Helper()
	target, err := proxy.ParseTarget(url)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p, err := proxy.Start(proxy.Options{Target: target, Listener: ln, User: "awsuser", Password: "secret", Database: "dev", Objects: warehouse.DirObjects(buckets)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := p.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return p
}

func (f *fixture) dsn(password string) string {
	return fmt.Sprintf("postgres://awsuser:%s@%s/dev?sslmode=disable", password, f.proxy.Addr())
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

// behind connects to the server itself.
func (f *fixture) behind(t *testing.T) *pgconn.PgConn {
	t.Helper()
	c, err := pgconn.Connect(context.Background(), f.pg.url("postgres", f.db))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func (f *fixture) put(t *testing.T, bucket, key, text string) {
	t.Helper()
	path := filepath.Join(f.dir, bucket, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// ask runs a text and returns all rows: values with | between, rows with ;, or
// the error as "!CODE message @position".
func ask(c *pgconn.PgConn, sql string) string {
	results, err := c.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		return failure(err)
	}
	var rows []string
	for _, res := range results {
		for _, row := range res.Rows {
			var values []string
			for _, v := range row {
				if v == nil {
					values = append(values, "NULL")
				} else {
					values = append(values, string(v))
				}
			}
			rows = append(rows, strings.Join(values, "|"))
		}
	}
	return strings.Join(rows, ";")
}

func failure(err error) string {
	if e, ok := err.(*pgconn.PgError); ok {
		out := "!" + e.Code + " " + e.Message
		if e.Position > 0 {
			out += fmt.Sprintf(" @%d", e.Position)
		}
		return out
	}
	return "!" + err.Error()
}
