//go:build cgo

package duck_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/tpcds"
)

// told runs a text and returns its error's code, message and detail, "" for
// none.
func told(c *pgconn.PgConn, sql string) string {
	_, err := c.Exec(context.Background(), sql).ReadAll()
	if e, ok := err.(*pgconn.PgError); ok {
		return e.Code + " " + e.Message + "\n" + e.Detail
	} else if err != nil {
		return err.Error()
	}
	return ""
}

// background runs a text while others go on; the channel has its end.
func background(c *pgconn.PgConn, sql string) chan string {
	done := make(chan string, 1)
	go func() { done <- told(c, sql) }()
	return done
}

// waiting waits until a session waits for a table.
func waiting(t *testing.T, watch *pgconn.PgConn, pid uint32) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if ask(watch, fmt.Sprintf("select count(*) from svv_transactions where pid = %d and not granted", pid)) == "1" {
			return
		}
	}
	t.Fatalf("session %d does not wait; the locks: %s", pid, ask(watch, "select * from svv_transactions"))
}

// Transactions that change a table wait for one another, and see what those
// before them did.
func TestWaitByTable(t *testing.T) {
	f := start(t)
	a, b, watch := f.connect(t), f.connect(t), f.connect(t)
	for _, sql := range []string{"create table t (a int, n int)", "insert into t values (1, 0)"} {
		if got := told(a, sql); got != "" {
			t.Fatal(got)
		}
	}
	for _, tc := range []struct{ first, then string }{
		{"update t set n = n + 1", "update t set n = n + 1"},
		{"drop table if exists stg; create table stg (a int)", "drop table if exists stg; create table stg (b int); drop table stg"},
		{"delete from t; insert into t values (1, 5)", "update t set n = n + 1"},
		{"lock t", "insert into t values (2, 2)"},
		{"delete from t where a = 2", "begin; update t set n = n + 1; commit"},
		{"create table u (a int)", "create table if not exists u (a int)"},
		{"insert into t values (3, 3)", "lock table t, u"},
		{"alter table u rename to w", "create table w (a int)"},
	} {
		if got := told(a, "begin"); got != "" {
			t.Fatal(got)
		}
		if got := told(a, tc.first); got != "" {
			t.Fatalf("%s: %s", tc.first, got)
		}
		done := background(b, tc.then)
		waiting(t, watch, b.PID())
		if got := told(a, "commit"); got != "" {
			t.Errorf("%s: commit: %s", tc.first, got)
		}
		want := ""
		if strings.HasPrefix(tc.first, "alter") {
			want = "42P07 Relation \"w\" already exists\n"
		}
		if got := <-done; got != want {
			t.Errorf("%s, then %s: got %q; want %q", tc.first, tc.then, got, want)
		}
	}
	if got := ask(watch, "select listagg(a || ':' || n, ',') within group (order by a) from t"); got != "1:7,3:3" {
		t.Errorf("got %s", got)
	}
	if got := ask(watch, "select count(*) from stv_locks"); got != "0" {
		t.Errorf("%s locks are left", got)
	}
	// Those who only insert, and those who read, wait for nobody.
	told(a, "begin")
	told(a, "insert into t values (4, 4)")
	if got := told(b, "insert into t values (5, 5)"); got != "" {
		t.Error(got)
	}
	told(a, "lock t")
	if got := ask(b, "select count(*) from t where a = 5"); got != "1" {
		t.Error(got)
	}
	if got := ask(watch, "select lock_mode, granted from svv_transactions"); !strings.Contains(got, "AccessExclusiveLock") {
		t.Error(got)
	}
	told(a, "rollback")
}

func TestLockErrors(t *testing.T) {
	f := start(t)
	a, b, watch := f.connect(t), f.connect(t), f.connect(t)
	for _, sql := range []string{"create table t (a int)", "create table u (a int)", "insert into t values (1)"} {
		if got := told(a, sql); got != "" {
			t.Fatal(got)
		}
	}
	holds := fmt.Sprintf("It waited: session %d (user awsuser) holds table public.t since ", a.PID())
	told(a, "begin")
	told(a, "update t set a = 2")
	told(b, "set lock_timeout to 1500")
	if got := told(b, "delete from t"); !strings.HasPrefix(got, "55P03 canceling statement due to lock timeout\n"+holds) || !strings.HasSuffix(got, ": update t set a = 2") {
		t.Errorf("got %s", got)
	}
	told(b, "set lock_timeout to 0")
	told(b, "set statement_timeout to 1500")
	if got := told(b, "drop table t"); !strings.HasPrefix(got, "57014 canceling statement due to statement timeout\n"+holds) {
		t.Errorf("got %s", got)
	}
	told(b, "set statement_timeout to 0")
	done := background(b, "truncate t")
	waiting(t, watch, b.PID())
	if err := b.CancelRequest(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := <-done; !strings.HasPrefix(got, "57014 canceling statement due to user request") {
		t.Errorf("got %s", got)
	}

	told(b, "begin")
	told(b, "insert into u values (1)")
	done = background(b, "update t set a = 3")
	waiting(t, watch, b.PID())
	if got := told(a, "delete from u"); !strings.HasPrefix(got, "40P01 deadlock detected\nSession ") || !strings.Contains(got, "ShareRowExclusiveLock on table public.u") {
		t.Errorf("got %s", got)
	}
	if got := <-done; got != "" { // a's transaction is over
		t.Errorf("got %s", got)
	}
	told(a, "rollback")
	told(b, "rollback")

	// Who has read before cannot wait: it is told by whom it was overtaken.
	told(a, "begin")
	told(a, "select * from t")
	if got := told(b, "update t set a = 7"); got != "" {
		t.Fatal(got)
	}
	want := fmt.Sprintf("40001 could not serialize access: table public.t was changed after this transaction began\nSession %d (user awsuser) changed it and committed at ", b.PID())
	if got := told(a, "update t set a = 8"); !strings.HasPrefix(got, want) || !strings.Contains(got, ": update t set a = 7. ") {
		t.Errorf("got %s; want %s…", got, want)
	}
	told(a, "rollback")
	if got := told(a, "lock nosuch"); !strings.HasPrefix(got, `42P01 relation "nosuch" does not exist`) {
		t.Errorf("got %s", got)
	}

	// Who may not read a table may not keep others from it.
	for _, sql := range []string{"create user other password 'Secret12'", "set session authorization other"} {
		if got := told(a, sql); got != "" {
			t.Error(got)
		}
	}
	if got := told(a, "lock t"); got != "42501 permission denied for relation t\n" {
		t.Errorf("got %s", got)
	}
	told(a, "reset session authorization")

	// A client that dies gives its tables back; temporary tables are nobody's.
	dying := f.connect(t)
	told(dying, "begin")
	told(dying, "lock t")
	done = background(b, "insert into t values (9)")
	waiting(t, watch, b.PID())
	dying.Conn().Close()
	if got := <-done; got != "" {
		t.Error(got)
	}
	for _, c := range []*pgconn.PgConn{a, b} {
		if got := told(c, "begin; create temp table mine (a int); create table #other (a int); insert into mine values (1); delete from mine"); got != "" {
			t.Error(got)
		}
	}
}

// Two runs at a time of the example's scripts, with their fixed names of
// staging tables, wait for one another; what they leave is what one leaves.
func TestTwoRunsAtOnce(t *testing.T) {
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not on PATH")
	}
	f := start(t)
	exampleObjects(t, f, tpcds.Options{Seed: 1, Scale: 0.005, Dates: []time.Time{time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC)}})
	run := func(script string) error {
		cmd := exec.Command(psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "dt=2003-01-02", "-v", "s3dataloc=s3://b/",
			"-v", "s3datareadrole=arn:r", "-f", filepath.Join("..", "..", "examples", "refresh", "sql", script+".sql"), f.dsn("secret"))
		cmd.Env = append(os.Environ(), "PGCONNECT_TIMEOUT=10")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %v\n%s", script, err, out)
		}
		return nil
	}
	for _, script := range []string{"initial_load", "customer_address", "item", "store_sales"} {
		if err := run(script); err != nil {
			t.Fatal(err)
		}
	}
	c := f.connect(t)
	want := exampleSums(c)
	var runs sync.WaitGroup
	for range 3 {
		runs.Go(func() {
			for _, script := range []string{"customer_address", "item", "store_sales"} {
				if err := run(script); err != nil {
					t.Error(err)
				}
			}
		})
	}
	runs.Wait()
	if got := exampleSums(c); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
