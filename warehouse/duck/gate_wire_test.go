//go:build cgo

package duck_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// bulkTable makes a table of rows that [TestTornReads] replaces.
func bulkTable(t *testing.T, c *pgconn.PgConn, name string, rows int) {
	t.Helper()
	must(t, c, fmt.Sprintf("create table %s as select generate_series as a, cast(1.25 as numeric(7,2)) as b from generate_series(1, %d)", name, rows))
}

func must(t *testing.T, c *pgconn.PgConn, sql string) {
	t.Helper()
	if _, err := c.Exec(context.Background(), sql).ReadAll(); err != nil {
		t.Errorf("%v\n%s", err, sql)
	}
}

// Four writers replace all rows of their tables, in transactions, by INSERT, by
// MERGE and by COPY, and a reader sees whole commits only.
func TestTornReads(t *testing.T) {
	f := start(t)
	const rows = 200_000
	var file []byte
	for i := range rows {
		file = fmt.Appendf(file, "%d|1.25\n", i)
	}
	f.put(t, "b", "rows", string(file))
	c := f.connect(t)
	bulkTable(t, c, "src", rows)
	fill := []string{"insert into t0 select * from src", "insert into t1 select a, max(b) from src group by a",
		"merge into t2 using src on t2.a = src.a + 10000000 when matched then update set b = 0 when not matched then insert values (src.a, src.b)",
		"copy t3 from 's3://b/rows' iam_role default"}
	for i := range fill {
		must(t, c, fmt.Sprintf("create table t%d as select * from src", i))
	}
	var writers sync.WaitGroup
	var commits atomic.Int64
	ctx, stop := context.WithTimeout(context.Background(), 4*time.Second)
	defer stop()
	for i, sql := range fill {
		w := f.connect(t)
		writers.Go(func() {
			for ctx.Err() == nil {
				must(t, w, "begin")
				must(t, w, fmt.Sprintf("delete from t%d", i))
				must(t, w, sql)
				must(t, w, "commit")
				commits.Add(1)
			}
		})
	}
	reads := 0
	for ; ctx.Err() == nil; reads++ {
		for i := range fill {
			if got, want := ask(c, fmt.Sprintf("select count(*), sum(b) from t%d", i)), fmt.Sprintf("%d|%d.00", rows, rows*5/4); got != want {
				t.Fatalf("read %d of t%d: got %s; want %s", reads, i, got, want)
			}
		}
	}
	writers.Wait()
	t.Logf("%d commits, %d reads of %d tables", commits.Load(), reads, len(fill))
}

// While a SELECT runs without an end commits go on, small and bulk ones on the
// table that it reads too, and readers see whole ones only.
func TestCommitsBesideALongStatement(t *testing.T) {
	f := start(t)
	const rows = 150_000
	c, long := f.connect(t), f.connect(t)
	bulkTable(t, c, "src", rows)
	must(t, c, "create table t as select * from src")
	must(t, c, "create table small (a int)")
	ended := make(chan string)
	go func() {
		ended <- ask(long, "select count(*) from t x, t y, t z where x.a + y.a + z.a = 3 and x.b + y.b > z.b")
	}()
	for ask(c, "select count(*) from stv_recents where status = 'Running' and query like '%y.b > z.b%' and query not like '%stv_recents%'") != "1" {
	}
	ctx, stop := context.WithTimeout(context.Background(), 4*time.Second)
	defer stop()
	var others sync.WaitGroup
	reader := f.connect(t)
	others.Go(func() {
		for ctx.Err() == nil {
			if got, want := ask(reader, "select count(*) from t"), fmt.Sprint(rows); got != want {
				t.Errorf("got %s rows; want %s", got, want)
				return
			}
		}
	})
	var longest [2]time.Duration
	var n [2]int
	for i := 0; ctx.Err() == nil; i++ {
		kind := min(i%20, 1)
		if kind == 0 {
			must(t, c, "begin")
			must(t, c, "delete from t")
			must(t, c, "insert into t select * from src")
		} else {
			must(t, c, "begin")
			must(t, c, "insert into small values (1)")
			must(t, c, "drop table if exists stage")
			must(t, c, "create table stage (a int)")
		}
		began := time.Now()
		must(t, c, "commit")
		n[kind]++
		longest[kind] = max(longest[kind], time.Since(began))
	}
	others.Wait()
	select {
	case got := <-ended:
		t.Fatalf("the long statement ended: %s", got)
	default:
	}
	t.Logf("%d bulk commits took at most %v, %d small ones %v", n[0], longest[0], n[1], longest[1])
	if longest[1] > 2*time.Second || longest[0] > 10*time.Second {
		t.Errorf("commits waited: at most %v in bulk, %v else", longest[0], longest[1])
	}
	for {
		if err := long.CancelRequest(context.Background()); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ended:
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}
