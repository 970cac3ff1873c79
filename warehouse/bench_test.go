//go:build cgo

package warehouse_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/klauspost/compress/gzip"

	"salamander/tpcds"
)

// benchDays are the days that the benchmark refreshes.
func benchDays() []time.Time {
	var days []time.Time
	for d := range 5 {
		days = append(days, time.Date(2003, 1, 2+d, 0, 0, 0, 0, time.UTC))
	}
	return days
}

func benchScale(b *testing.B) float64 {
	text := os.Getenv("BENCH_SCALE")
	if text == "" {
		return tpcds.DefaultScale
	}
	scale, err := strconv.ParseFloat(text, 64)
	if err != nil {
		b.Fatalf("BENCH_SCALE: need a number: %v", err)
	}
	return scale
}

func benchOptions(b *testing.B) tpcds.Options {
	return tpcds.Options{Seed: 1, Scale: benchScale(b), Dates: benchDays()}
}

// generate writes the example's data into the buckets of f.
func generate(tb testing.TB, f *fixture, opt tpcds.Options) {
	tb.Helper()
	files, err := tpcds.Files(opt)
	if err != nil {
		tb.Fatal(err)
	}
	work := make(chan tpcds.File)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for file := range work {
				w := f.file(tb, file.Key)
				if err := file.Write(w); err != nil {
					tb.Error(err)
				}
				w.Close()
			}
		})
	}
	for _, file := range files {
		work <- file
	}
	close(work)
	workers.Wait()
	for _, table := range tpcds.Tables() {
		m, err := tpcds.Manifest(opt, table.Name, "s3://b/")
		if err != nil {
			tb.Fatal(err)
		}
		w := f.file(tb, tpcds.ManifestKey(table.Name))
		w.Write(m)
		w.Close()
	}
}

// A contest runs the same scripts through the warehouse and by raw DuckDB,
// in turn, and keeps the times.
type contest struct {
	b          *testing.B
	f          *fixture
	c          *pgconn.PgConn
	raw        *rawDuck
	ours, base []time.Duration
	each       map[string][2][]time.Duration // by statement, of both sides
}

func newContest(b *testing.B) *contest {
	c := &contest{b: b, f: start(b, nil), raw: openRaw(b), each: map[string][2][]time.Duration{}}
	generate(b, c.f, benchOptions(b))
	c.c = c.f.connect(b)
	return c
}

// run runs statements on both sides, one after the other, and returns the
// times of all. odd tells who begins, name is theirs.
func (c *contest) run(name string, sql []string, odd bool) (ours, base time.Duration) {
	c.b.Helper()
	sides := [...]func(){
		func() {
			ours = c.side(0, name, sql, func(sql string) error {
				_, err := c.c.Exec(context.Background(), sql).ReadAll()
				return err
			})
		},
		func() {
			var raw []string
			for _, s := range sql {
				raw = append(raw, stripped(c.f.objects, s))
			}
			base = c.side(1, name, raw, c.raw.exec)
		},
	}
	if odd {
		slices.Reverse(sides[:])
	}
	for _, side := range sides {
		side()
	}
	return ours, base
}

func (c *contest) side(i int, name string, sql []string, exec func(string) error) time.Duration {
	c.b.Helper()
	var sum time.Duration
	for k, s := range sql {
		began := time.Now()
		if err := exec(s); err != nil {
			c.b.Fatalf("%v\n%s", err, s)
		}
		took := time.Since(began)
		sum += took
		key := fmt.Sprintf("%s %d", name, k)
		e := c.each[key]
		e[i] = append(e[i], took)
		c.each[key] = e
	}
	return sum
}

func (c *contest) report() {
	ours, base := median(c.ours), median(c.base)
	c.b.ReportMetric(float64(ours.Microseconds())/1000, "ms")
	c.b.ReportMetric(float64(base.Microseconds())/1000, "baseline-ms")
	c.b.ReportMetric(float64(ours)/float64(base), "ratio")
	if os.Getenv("BENCH_TRACE") == "" {
		return
	}
	var names []string
	for n := range c.each {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Printf("%-20s %12v %12v\n", n, median(c.each[n][0]), median(c.each[n][1]))
	}
}

func median(all []time.Duration) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// BenchmarkRefresh compares the SQL of a one-day refresh, from the first
// script's first statement to the last one's commit, with raw DuckDB on the
// same data: the same statements, stripped by hand. BENCH_SCALE is the scale
// of the data, BENCH_TRACE prints the medians of each statement.
func BenchmarkRefresh(b *testing.B) {
	c := newContest(b)
	vars := map[string]string{"s3dataloc": "s3://b/", "s3datareadrole": "arn:r"}
	c.run("load", statements(b, "initial_load", vars), false)
	clear(c.each)
	rounds := 0
	for b.Loop() {
		for _, day := range benchDays() {
			for range 2 { // the second one replaces what the first one wrote
				vars["dt"] = day.Format(time.DateOnly)
				var ours, base time.Duration
				for _, script := range []string{"customer_address", "item", "store_sales"} {
					o, r := c.run(script, statements(b, script, vars), rounds%2 == 1)
					ours, base = ours+o, base+r
				}
				c.ours, c.base = append(c.ours, ours), append(c.base, base)
				rounds++
			}
		}
	}
	c.report()
	for _, table := range []string{"store_sales", "item", "customer_address"} {
		c.same(table)
	}
}

// same checks that both sides have the same rows in a table.
func (c *contest) same(table string) {
	c.b.Helper()
	t, ok := tpcds.Lookup(table)
	if !ok {
		c.b.Fatalf("no table %q", table)
	}
	var names []string
	for _, col := range t.Columns {
		names = append(names, "nullif("+col.Name+"::varchar, '')") // DuckDB's reader has no empty texts
	}
	ours := sumOf(c.b, c.c, table, names)
	sum := fmt.Sprintf("select cast(count(*) as varchar) || ' ' || cast(sum(('0x' || left(md5(%s), 12))::bigint) as varchar) from public.%s", joined(names), table)
	base, err := c.raw.value(sum)
	if err != nil {
		c.b.Fatal(err)
	}
	if ours != base {
		c.b.Errorf("%s: we have %s, raw DuckDB %s", table, ours, base)
	}
}

func joined(names []string) string {
	var parts []string
	for _, n := range names {
		parts = append(parts, "coalesce("+n+",'~')")
	}
	return strings.Join(parts, "||'|'||")
}

func sumOf(tb testing.TB, c *pgconn.PgConn, table string, names []string) string {
	tb.Helper()
	sql := fmt.Sprintf("select cast(count(*) as varchar) || ' ' || cast(sum(strtol(left(md5(%s), 12), 16)) as varchar) from public.%s", joined(names), table)
	r, err := c.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	return string(r[0].Rows[0][0])
}

// oneKey is the object that holds all rows of store_sales.
const oneKey = "one/store_sales.gz"

// one packs the parts of store_sales into one object.
func one(tb testing.TB, f *fixture) {
	tb.Helper()
	parts, err := filepath.Glob(filepath.Join(f.objects, "b", "tpcds", "store_sales", "*.gz"))
	if err != nil || len(parts) == 0 {
		tb.Fatalf("got no parts of store_sales: %v", err)
	}
	slices.Sort(parts)
	out := f.file(tb, oneKey)
	defer out.Close()
	z := gzip.NewWriter(out)
	for i, part := range parts {
		in, err := os.Open(part)
		if err != nil {
			tb.Fatal(err)
		}
		r, err := gzip.NewReader(in)
		if err != nil {
			tb.Fatal(err)
		}
		rows := bufio.NewReader(r)
		if i > 0 {
			if _, err := rows.ReadSlice('\n'); err != nil { // each part has a header
				tb.Fatal(err)
			}
		}
		if _, err := io.Copy(z, rows); err != nil {
			tb.Fatal(err)
		}
		in.Close()
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
}

// loadSales are the statements that make and fill store_sales, in a
// transaction.
func loadSales(tb testing.TB) []string {
	tb.Helper()
	load := []string{"begin transaction"}
	for _, s := range statements(tb, "initial_load", map[string]string{"s3dataloc": "s3://b/", "s3datareadrole": "arn:r"}) {
		if strings.Contains(s, "public.store_sales") && !strings.HasPrefix(s, "select") {
			if strings.HasPrefix(s, "copy") {
				s = strings.Replace(strings.Replace(s, "tpcds/store_sales/manifest", oneKey, 1), " manifest ", " ", 1)
			}
			load = append(load, s)
		}
	}
	return append(load, "end transaction")
}

// BenchmarkLoad compares the load of store_sales from one gzip file with
// DuckDB's own reader: the table made, filled and committed.
func BenchmarkLoad(b *testing.B) {
	c := newContest(b)
	one(b, c.f)
	load := loadSales(b)
	for b.Loop() {
		for i := range 5 {
			ours, base := c.run("load", load, i%2 == 1)
			c.ours, c.base = append(c.ours, ours), append(c.base, base)
		}
	}
	c.report()
	c.same("store_sales")
}
