//go:build cgo

package duck

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"salamander/tpcds"
	"salamander/warehouse"
	"salamander/warehouse/dialect"
	"salamander/warehouse/load"
	"salamander/warehouse/pgwire"
)

// BenchmarkConvert converts rows of store_sales' extract.
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
	for _, name := range []string{"store_sales", "item", "customer_address"} {
	b.Run(name, func(b *testing.B) {
	day := time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC)
	files, err := tpcds.Files(tpcds.Options{Scale: 1, Seed: 1, Dates: []time.Time{day}})
	if err != nil {
		b.Fatal(err)
	}
	var text bytes.Buffer
	for _, f := range files {
		if f.Table == name && f.Date != "" {
			if err := f.WriteText(&text); err != nil {
				b.Fatal(err)
			}
		}
	}
	s := newSession(e, c, pgwire.Startup{Database: "dev", User: "awsuser"})
	var cols []string
	for _, c := range tpcds.Extract(name) {
		cols = append(cols, c.Name+" "+c.Type)
	}
	all, err := dialect.Parse("create table s_" + name + " (" + join(cols) + ")")
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
	if _, err := c.exec(context.Background(), out.SQL); err != nil {
		b.Fatal(err)
	}
	table := &dialect.Table{Columns: out.Columns}
	from := &dialect.CopyFrom{Table: dialect.Name{Schema: "public", Table: "s_" + name}}
	b.SetBytes(int64(text.Len()))
	b.ReportMetric(float64(bytes.Count(text.Bytes(), []byte("\n"))), "rows")
	for b.Loop() {
		a, err := s.newAppender(from, load.Options{Delimiter: '~', Null: `\N`}, table)
		if err != nil {
			b.Fatal(err)
		}
		a.drop = true
		if err := a.loader.Block(load.Block{File: "f", Line: 1, Data: text.Bytes()}); err != nil {
			b.Fatal(err)
		}
		a.destroy()
	}
	})
	}
}

func join(all []string) string {
	var b bytes.Buffer
	for i, s := range all {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s)
	}
	return b.String()
}
