//go:build cgo

package duck

import (
	"context"
	"log/slog"
	"testing"

	db "github.com/duckdb/duckdb-go-bindings"

	"salamander/warehouse"
)

// BenchmarkCasts casts a million texts with our casts, which Go makes, and with
// DuckDB's own; strtol is a function of ours.
func BenchmarkCasts(b *testing.B) {
	e, err := openEngine(warehouse.ChildConfig{Dir: b.TempDir(), Database: "dev", User: "awsuser"}, nil, slog.New(slog.DiscardHandler), false)
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	ours, err := e.connect()
	if err != nil {
		b.Fatal(err)
	}
	defer ours.disconnect()
	d, err := openDatabase("", nil)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close(&d)
	native := &conn{}
	if db.Connect(d, &native.c) != db.StateSuccess {
		b.Fatal("connect")
	}
	defer native.disconnect()
	for _, c := range []*conn{ours, native} {
		if _, err := c.exec(context.Background(), `CREATE TEMP TABLE texts AS SELECT CAST(range * 7919 AS VARCHAR) AS i, left(md5(CAST(range AS VARCHAR)), 12) AS h,
			CAST(DATE '1990-01-01' + CAST(range % 20000 AS INTEGER) AS VARCHAR) AS d, CAST(TIMESTAMP '1990-01-01 01:02:03' + to_seconds(range) AS VARCHAR) AS t FROM range(1000000)`); err != nil {
			b.Fatal(err)
		}
	}
	run := func(name string, c *conn, sql string) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := c.exec(context.Background(), sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for _, cast := range [...][2]string{{"bigint", "SELECT sum(CAST(i AS BIGINT)) FROM texts"}, {"date", "SELECT max(CAST(d AS DATE)) FROM texts"}, {"timestamp", "SELECT max(CAST(t AS TIMESTAMP)) FROM texts"}} {
		run(cast[0]+"/ours", ours, cast[1])
		run(cast[0]+"/native", native, cast[1])
	}
	run("strtol", ours, "SELECT max(rs.strtol(h, 16)) FROM texts")
}
