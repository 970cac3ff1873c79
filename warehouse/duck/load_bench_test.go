//go:build cgo

package duck

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"salamander/tpcds"
	"salamander/warehouse"
	"salamander/warehouse/dialect"
	"salamander/warehouse/load"
	"salamander/warehouse/pgwire"
)

// BenchmarkConvert converts the rows of a day's extracts into DuckDB's vectors.
func BenchmarkConvert(b *testing.B) {
	e, err := openEngine(warehouse.ChildConfig{Dir: b.TempDir(), Database: "dev", User: "awsuser"}, nil, slog.New(slog.DiscardHandler), false)
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	c, err := e.connect()
	if err != nil {
		b.Fatal(err)
	}
	defer c.disconnect()
	s := newSession(e, c, pgwire.Startup{Database: "dev", User: "awsuser"})
	files, err := tpcds.Files(tpcds.Options{Scale: 1, Dates: []time.Time{time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC)}})
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		if f.Date == "" {
			continue
		}
		b.Run(f.Table, func(b *testing.B) {
			var text bytes.Buffer
			if err := f.WriteText(&text); err != nil {
				b.Fatal(err)
			}
			from, table := staging(b, s, f.Table)
			b.SetBytes(int64(text.Len()))
			for b.Loop() {
				a, err := s.newAppender(from, load.Options{Delimiter: '~', Null: `\N`}, table)
				if err != nil {
					b.Fatal(err)
				}
				a.drop = true
				if err := a.loader.Block(load.Block{File: f.Key, Line: 1, Data: text.Bytes()}); err != nil {
					b.Fatal(err)
				}
				a.destroy()
			}
		})
	}
}

// staging makes the table of an extract.
func staging(b *testing.B, s *session, name string) (*dialect.CopyFrom, *dialect.Table) {
	b.Helper()
	var columns []string
	for _, c := range tpcds.Extract(name) {
		columns = append(columns, c.Name+" "+c.Type)
	}
	all, err := dialect.Parse("create table stg_" + name + " (" + strings.Join(columns, ", ") + ")")
	if err == nil {
		err = all[0].Classify()
	}
	if err != nil {
		b.Fatal(err)
	}
	out, err := all[0].Rewrite(s.env())
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.c.exec(context.Background(), out.SQL); err != nil {
		b.Fatal(err)
	}
	return &dialect.CopyFrom{Table: out.Table}, &dialect.Table{Columns: out.Columns}
}
