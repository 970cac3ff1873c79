//go:build cgo

package warehouse_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// BenchmarkCommit measures commits while one SELECT runs without an end: four
// writers, each replacing a staging table and inserting into its own, one of
// them of 130,000 rows into the table that the SELECT reads. The value is the
// 99th percentile of COMMIT, the baseline the same without the SELECT.
func BenchmarkCommit(b *testing.B) {
	f := start(b, nil)
	c := f.connect(b)
	exec := func(c *pgconn.PgConn, sql string) {
		if _, err := c.Exec(context.Background(), sql).ReadAll(); err != nil {
			b.Errorf("%v\n%s", err, sql)
		}
	}
	exec(c, "create table src as select generate_series as a from generate_series(1, 130000)")
	for i := range 4 {
		exec(c, fmt.Sprintf("create table t%d as select * from src", i))
	}
	measure := func() time.Duration {
		ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
		defer stop()
		var mu sync.Mutex
		var all []time.Duration
		var writers sync.WaitGroup
		for i := range 4 {
			w := f.connect(b)
			insert := fmt.Sprintf("insert into t%d select * from src limit 2000", i)
			if i == 0 {
				insert = "insert into t0 select * from src"
			}
			writers.Go(func() {
				for ctx.Err() == nil && !b.Failed() {
					for sql := range strings.SplitSeq(fmt.Sprintf("begin;drop table if exists s%d;create table s%[1]d (a int);delete from t%[1]d;%s", i, insert), ";") {
						exec(w, sql)
					}
					began := time.Now()
					exec(w, "commit")
					mu.Lock()
					all = append(all, time.Since(began))
					mu.Unlock()
				}
			})
		}
		writers.Wait()
		slices.Sort(all)
		return all[len(all)*99/100]
	}
	for b.Loop() {
		alone := measure()
		long, err := pgconn.Connect(context.Background(), f.dsn())
		if err != nil {
			b.Fatal(err)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			long.Exec(context.Background(), "select count(*) from t0 x, t0 y, t0 z where x.a + y.a + z.a = 3").ReadAll()
		}()
		time.Sleep(200 * time.Millisecond)
		beside := measure()
		select {
		case <-ended:
			b.Error("the SELECT ended")
		default:
		}
		for running := true; running; {
			if err := long.CancelRequest(context.Background()); err != nil {
				b.Fatal(err)
			}
			select {
			case <-ended:
				running = false
			case <-time.After(50 * time.Millisecond):
			}
		}
		long.Close(context.Background())
		b.ReportMetric(float64(beside.Microseconds())/1000, "ms")
		b.ReportMetric(float64(alone.Microseconds())/1000, "baseline-ms")
		b.ReportMetric(float64(beside)/float64(alone), "ratio")
	}
}
