package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/engine"
	"salamander/store"
)

// BenchmarkClosed lists closed executions: of all statuses and of one, from the
// newest and from anywhere, pages of 100.
func BenchmarkClosed(b *testing.B) {
	for b.Loop() {
		n := sized(100_000, 1_000_000)
		r := start(b, b.TempDir(), &inProcess{})
		machine := chainOf(1)
		res, err := r.engine.StartAndWait(b.Context(), engine.StartRequest{Machine: machine, Name: "x", Input: string(payload)})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.store.Executions(b.Context(), engine.Query{Machine: machine.ARN, Limit: 1}); err != nil {
			b.Fatal(err)
		}
		// Copies of the one that ran, one in ten of them failed.
		const copies = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO engine_execution (arn, account, region, name, machine, type, role, definition, seed, status, start, stop, input, output, trace, redrives, origin)
			SELECT arn || i, account, region, name || i, machine, type, role, definition, seed, iif(i % 10, status, 'FAILED'), start + i, stop + i, input, output, trace, redrives, origin
			FROM n, (SELECT * FROM engine_execution LIMIT 1)`
		err = r.db.Update(b.Context(), func(tx *store.Tx) error {
			return sqlitex.Execute(tx.Conn(), copies, &sqlitex.ExecOptions{Args: []any{n}})
		})
		if err != nil {
			b.Fatal(err)
		}
		random := rand.New(rand.NewPCG(1, 2))
		var times []float64
		for i := range 1000 {
			q := engine.Query{Machine: machine.ARN, Limit: 100}
			if i%2 == 0 {
				q.Status = engine.Failed
			}
			if i%4 >= 2 {
				q.Before = res.Execution.Key + 2000 + random.Int64N(int64(n)-2000)
			}
			began := time.Now()
			page, err := r.store.Executions(b.Context(), q)
			times = append(times, float64(time.Since(began))/1e6)
			if err != nil || len(page) != q.Limit {
				b.Fatalf("%+v: got %d, %v", q, len(page), err)
			}
		}
		slices.Sort(times)
		b.ReportMetric(times[len(times)*99/100], "p99-ms")
		b.ReportMetric(times[len(times)/2], "p50-ms")
		r.close()
	}
}
