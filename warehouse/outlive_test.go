//go:build cgo

package warehouse_test

import (
	"bufio"
	"context"
	"errors"
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
)

const parentEnv = "SALAMANDER_TEST_WAREHOUSE_PARENT"

// outliving are the options of parents of one child.
func outliving(dir string) warehouse.Options {
	return warehouse.Options{Dir: filepath.Join(dir, "w"), Listener: warehouse.Inherited(filepath.Join(dir, "w")), Addr: "127.0.0.1:0", Password: "secret",
		Objects: warehouse.DirObjects(filepath.Join(dir, "o")), Command: []string{os.Args[0]}, Env: []string{childEnv + "=1"},
		Outlive: true, Alone: 2 * time.Second, Patience: 5 * time.Second}
}

// parentOf is a parent that tells its address and child, and waits to be killed.
func parentOf(dir string) {
	os.Unsetenv(parentEnv) // the child is none
	s, err := warehouse.Start(outliving(dir))
	if err == nil {
		fmt.Println(s.Addr())
		var c *pgconn.PgConn
		if c, err = pgconn.Connect(context.Background(), dsnOf(s.Addr())); err == nil {
			c.Close(context.Background())
			fmt.Println(s.PID())
			select {}
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

func dsnOf(addr any) string {
	return fmt.Sprintf("postgres://awsuser:secret@%v/dev?sslmode=disable", addr)
}

// A parent is the process of a parent.
type parent struct {
	cmd  *exec.Cmd
	dir  string
	addr string
	pid  int // of the child
}

func startParent(t *testing.T, dir string) *parent {
	t.Helper()
	for _, sub := range []string{"w", "o/b"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p := &parent{cmd: exec.Command(os.Args[0]), dir: dir}
	p.cmd.Env = append(os.Environ(), parentEnv+"="+dir)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		waitUntil(t, "it does not end", func() bool { return warehouse.End(context.Background(), filepath.Join(dir, "w")) == nil })
	})
	s := bufio.NewScanner(out)
	s.Scan()
	p.addr = s.Text()
	s.Scan()
	if _, err := fmt.Sscan(s.Text(), &p.pid); err != nil {
		t.Fatalf("the parent says %q %q", p.addr, s.Text())
	}
	return p
}

func (p *parent) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	_ = p.cmd.Wait()
}

// next is the next parent, in this process.
func (p *parent) next(t *testing.T, change func(*warehouse.Options)) *warehouse.Supervisor {
	t.Helper()
	opt := outliving(p.dir)
	opt.Log = slog.New(slog.NewTextHandler(logWriter{t}, nil))
	if change != nil {
		change(&opt)
	}
	s, err := warehouse.Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

func connectTo(t *testing.T, addr any) *pgconn.PgConn {
	t.Helper()
	c, err := pgconn.Connect(t.Context(), dsnOf(addr))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func run(t *testing.T, c *pgconn.PgConn, sql string) string {
	t.Helper()
	r, err := c.Exec(t.Context(), sql).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if last := r[len(r)-1]; len(last.Rows) > 0 {
		return string(last.Rows[0][0])
	}
	return ""
}

func lives(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(text), ") Z ")
}

func waitUntil(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// Sessions outlive a parent that is killed: a transaction goes on, clients
// connect while there is none, and a COPY waits for the next.
func TestChildOutlivesItsParent(t *testing.T) {
	p := startParent(t, t.TempDir())
	c := connectTo(t, p.addr)
	run(t, c, "create table t (a int); begin; insert into t values (1)")
	if err := os.WriteFile(filepath.Join(p.dir, "o", "b", "rows"), []byte("2\n3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.kill()
	run(t, c, "insert into t values (10); commit")
	alone := connectTo(t, p.addr)
	if got := run(t, alone, "select sum(a) from t"); got != "11" {
		t.Errorf("without a parent: got %s; want 11", got)
	}
	copied := make(chan error, 1)
	go func() {
		_, err := alone.Exec(context.Background(), "copy t from 's3://b/rows' iam_role default").ReadAll()
		copied <- err
	}()
	select {
	case err := <-copied:
		t.Fatalf("COPY did not wait: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	s := p.next(t, nil)
	if err := <-copied; err != nil {
		t.Errorf("COPY: %v", err)
	}
	if s.Addr().String() != p.addr || s.PID() != p.pid {
		t.Errorf("the next parent: got %v, child %d; want %s, %d", s.Addr(), s.PID(), p.addr, p.pid)
	}
	if got := run(t, connectTo(t, p.addr), "select sum(a) from t"); got != "16" {
		t.Errorf("got %s; want 16", got)
	}
	run(t, c, "copy t from 's3://b/rows' iam_role default")

	s.Leave()
	if got := run(t, connectTo(t, p.addr), "select sum(a) from t"); got != "21" || !lives(p.pid) {
		t.Errorf("left: got %s; want 21", got)
	}
	s = p.next(t, nil)
	if s.PID() != p.pid {
		t.Errorf("got child %d; want %d", s.PID(), p.pid)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	waitUntil(t, "the child lives", func() bool { return !lives(p.pid) })
	if ln := warehouse.Inherited(filepath.Join(p.dir, "w")); ln != nil {
		t.Errorf("inherited %v of no child", ln.Addr())
	}
}

// A COPY without a parent fails by name after a while, and a child that nobody
// is connected to ends.
func TestChildAlone(t *testing.T) {
	p := startParent(t, t.TempDir())
	c := connectTo(t, p.addr)
	run(t, c, "create table t (a int)")
	p.kill()
	_, err := c.Exec(t.Context(), "copy t from 's3://b/rows' iam_role default").ReadAll()
	if err == nil || !strings.Contains(err.Error(), "the server that keeps the objects does not run") {
		t.Errorf("got %v", err)
	}
	if err := warehouse.End(t.Context(), filepath.Join(p.dir, "w")); !errors.Is(err, warehouse.ErrBusy) {
		t.Errorf("got %v; want %v", err, warehouse.ErrBusy)
	}
	if !lives(p.pid) {
		t.Error("it ended while somebody was connected")
	}
	c.Close(t.Context())
	waitUntil(t, "the child stays", func() bool { return !lives(p.pid) })
}

// One that is not as its next parent would have started it serves those who
// are connected, and is followed by another.
func TestChildOfAnotherConfiguration(t *testing.T) {
	p := startParent(t, t.TempDir())
	c := connectTo(t, p.addr)
	run(t, c, "create table t (a int)")
	p.kill()
	s := p.next(t, func(o *warehouse.Options) { o.Threads = 1 })
	run(t, c, "insert into t values (1)")
	if s.PID() != p.pid {
		t.Errorf("got child %d; want %d", s.PID(), p.pid)
	}
	c.Close(t.Context())
	waitUntil(t, "the old child stays", func() bool { return !lives(p.pid) })
	if got := run(t, connectTo(t, p.addr), "select sum(a) from t"); got != "1" || s.PID() == p.pid {
		t.Errorf("got %s of child %d", got, s.PID())
	}
}

// The child is supervised by its next parent as by its first.
func TestInheritedChildIsStartedAgain(t *testing.T) {
	p := startParent(t, t.TempDir())
	p.kill()
	s := p.next(t, nil)
	if err := syscall.Kill(p.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the child lives", func() bool { return !lives(p.pid) })
	if got := run(t, connectTo(t, s.Addr()), "select 1"); got != "1" || s.PID() == p.pid {
		t.Errorf("got %s of child %d", got, s.PID())
	}
}

// A parent that lets no child outlive it ends one that did, with itself.
func TestParentThatEndsItsChild(t *testing.T) {
	p := startParent(t, t.TempDir())
	p.kill()
	s := p.next(t, func(o *warehouse.Options) { o.Outlive = false })
	if s.PID() != p.pid {
		t.Errorf("got child %d; want %d", s.PID(), p.pid)
	}
	s.Leave()
	waitUntil(t, "the child lives", func() bool { return !lives(p.pid) })
	if _, err := net.Dial("tcp", p.addr); err == nil {
		t.Error("its address is served")
	}
}
