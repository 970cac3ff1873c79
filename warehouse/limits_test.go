//go:build cgo

package warehouse_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/warehouse"
)

// failure runs sql and returns the code and the message of its error, or "".
func failure(tb testing.TB, c *pgconn.PgConn, sql string) string {
	tb.Helper()
	_, err := c.Exec(context.Background(), sql).ReadAll()
	var e *pgconn.PgError
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &e):
		tb.Fatalf("the server did not say why: %v\n%s", err, sql)
	}
	return e.Code + " " + e.Message
}

func value(tb testing.TB, c *pgconn.PgConn, sql string) string {
	tb.Helper()
	r, err := c.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		tb.Fatalf("%v\n%s", err, sql)
	}
	return string(r[len(r)-1].Rows[0][0])
}

// A statement that needs more memory and temporary files than there may be
// fails with 53200 or 53100, and the others go on; what it wrote is not there.
func TestMemoryLimit(t *testing.T) {
	temp := filepath.Join(t.TempDir(), "spill")
	f := start(t, func(o *warehouse.Options) {
		o.MemoryLimit, o.TempDir, o.TempLimit, o.StartupWait = 96<<20, temp, 32<<20, 30*time.Second
	})
	c, other := f.connect(t), f.connect(t)
	if got := failure(t, c, "create table t (a bigint, b varchar(200))"); got != "" {
		t.Fatal(got)
	}
	for _, sql := range []string{
		"select sum(len(b)) from (select generate_series as a, listagg(md5(cast(generate_series as varchar)), ',') as b from generate_series(1, 3000000) group by 1) x",
		"insert into t select a, b from (select generate_series as a, listagg(md5(cast(generate_series as varchar)), ',') as b from generate_series(1, 3000000) group by 1) x order by b",
	} {
		got := failure(t, c, sql)
		if code, _, _ := strings.Cut(got, " "); code != "53200" && code != "53100" {
			t.Errorf("got %q; want 53200 or 53100\n%s", got, sql)
		}
		if got := value(t, other, "select count(*) from t"); got != "0" {
			t.Errorf("rows: got %s", got)
		}
	}
	if got := failure(t, c, "insert into t values (1, 'x')"); got != "" {
		t.Errorf("after it: got %s", got)
	}
	if _, err := os.Stat(temp); err != nil {
		t.Error(err)
	}
}

// A full disk fails what writes, by name; what was committed stays, and when
// there is room again all goes on.
func TestDiskFull(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small disk")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("cannot mount a small disk: %v: %s", err, out)
	}
	t.Cleanup(func() { exec.Command("umount", "-l", dir).Run() })
	f := start(t, func(o *warehouse.Options) { o.Dir, o.MemoryLimit = filepath.Join(dir, "w"), 256<<20 })
	c := f.connect(t)
	const fill = "insert into t select generate_series, md5(cast(generate_series as varchar)) from generate_series(1, %d)"
	for _, sql := range []string{"create table t (a bigint, b varchar(40))", fmt.Sprintf(fill, 1000)} {
		if got := failure(t, c, sql); got != "" {
			t.Fatal(got)
		}
	}
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 30<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	rows, full := 1000, ""
	for range 40 {
		if full = failure(t, c, fmt.Sprintf(fill, 100_000)); full != "" {
			break
		}
		rows += 100_000
	}
	if !strings.HasPrefix(full, "53100") {
		t.Errorf("on a full disk: got %q; want 53100", full)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // a process that cannot go on ends
	again, err := pgconn.Connect(context.Background(), f.dsn())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close(context.Background())
	if got := value(t, again, "select count(*) from t"); got != fmt.Sprint(rows) {
		t.Errorf("rows: got %s; want %d, the committed ones", got, rows)
	}
	if got := failure(t, again, "insert into t values (1, 'x')"); got != "" {
		t.Errorf("with room again: got %s", got)
	}
}
