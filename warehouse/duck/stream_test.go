//go:build cgo

package duck_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// memoryOf is what a process has in memory, in bytes.
func memoryOf(t *testing.T, pid int) int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("cannot tell the memory of a process here: ", err)
	}
	for line := range strings.Lines(string(b)) {
		var kb int64
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kb); n == 1 {
			return kb << 10
		}
	}
	t.Fatal("no VmRSS")
	return 0
}

const endlessRows = "select generate_series as a, generate_series + 1 as b, 'some text of more than twelve bytes' as c from generate_series(1, 1000000000000)"

// A client that asks for an endless result and reads for
// a while, takes no memory of the warehouse, holds nobody up, and can be
// cancelled.
func TestEndlessResult(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	must(t, c, "create table t (a int)")
	before := memoryOf(t, f.PID())
	reading := f.connect(t)
	rows := 0
	r := reading.Exec(context.Background(), endlessRows)
	if r.NextResult() {
		for rr := r.ResultReader(); rows < 3_000_000 && rr.NextRow(); rows++ {
		}
	}
	if rows != 3_000_000 {
		t.Errorf("got %d rows", rows)
	}
	if grown := memoryOf(t, f.PID()) - before; grown > 200<<20 {
		t.Errorf("the warehouse grew by %d MB", grown>>20)
	}
	for range 20 {
		must(t, c, "begin")
		must(t, c, "insert into t values (1)")
		must(t, c, "commit")
	}
	if err := reading.CancelRequest(context.Background()); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- r.Close() }()
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(err.Error(), "57014") {
			t.Errorf("cancelled: got %v; want 57014", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it is not cancelled")
	}
	if got := ask(reading, "select count(*) from t"); got != "20" {
		t.Errorf("after it: got %s", got)
	}
}

// An error amid the rows ends them, in the place of the last one.
func TestErrorAmidRows(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	if got, want := ask(c, "select 10 / (a - 500000) from (select generate_series as a from generate_series(1, 1000000)) x"), "22012 division by zero"; !strings.HasPrefix(got, want) {
		t.Errorf("got %.200s; want %s", got, want)
	}
	if got := ask(c, "select 1"); got != "1" {
		t.Errorf("after it: got %s", got)
	}
	for range 40 { // it is always the first error that is told
		if got := ask(c, "select 10 / (a - 50000) from (select generate_series as a from generate_series(1, 1000000)) x"); !strings.HasPrefix(got, "22012") {
			t.Errorf("got %.200s", got)
		}
	}
	must(t, c, "begin")
	ask(c, "select 10 / (a - 500000) from (select generate_series as a from generate_series(1, 1000000)) x")
	if got := ask(c, "select 1"); !strings.HasPrefix(got, "25P02") {
		t.Errorf("in a transaction: got %s; want 25P02", got)
	}
	must(t, c, "rollback")
	f.put(t, "b", "x", "")
	if got := ask(c, "unload ('select 10 / (a - 500000) from (select generate_series as a from generate_series(1, 1000000)) x') to 's3://b/u' iam_role default"); !strings.HasPrefix(got, "22012") {
		t.Errorf("unload: got %s; want 22012", got)
	}
	if got := ask(c, "copy (select 10 / (a - 500000) from (select generate_series as a from generate_series(1, 1000000)) x) to stdout"); !strings.HasPrefix(got, "22012") {
		t.Errorf("copy: got %.200s; want 22012", got)
	}
}

// Cursors go on over other statements of their transaction, those that write
// too, and are as the table was when they were declared.
func TestCursorsBesideStatements(t *testing.T) {
	f := start(t)
	c := f.connect(t)
	must(t, c, "create table t as select generate_series as a from generate_series(1, 300000)")
	must(t, c, "begin")
	must(t, c, "declare one cursor for select a from t order by a")
	must(t, c, "declare two cursor for select a + 1000000 from t order by a desc")
	if got := ask(c, "fetch 2 from one"); got != "1 2" && got != "1\n2" && !strings.HasPrefix(got, "1") {
		t.Errorf("one: got %s", got)
	}
	must(t, c, "delete from t where a > 10")
	if got := ask(c, "fetch 1 from two"); got != "1300000" {
		t.Errorf("two: got %s", got)
	}
	if got := ask(c, "fetch 1 from one"); got != "3" {
		t.Errorf("one, after a DELETE: got %s", got)
	}
	r, err := c.Exec(context.Background(), "fetch all from one").ReadAll()
	if err != nil || len(r[0].Rows) != 299_997 {
		t.Fatalf("the rest of one: got %d rows, %v; want 299997", len(r[0].Rows), err)
	}
	must(t, c, "commit")
	must(t, c, "begin")
	must(t, c, "declare all_of cursor for "+endlessRows)
	if got := ask(c, "fetch 1 from all_of"); !strings.HasPrefix(got, "1|2|some") {
		t.Errorf("got %s", got)
	}
	must(t, c, "commit") // it does not read to the end
	if got := ask(c, "select count(*) from t"); got != "10" {
		t.Errorf("got %s", got)
	}
}
