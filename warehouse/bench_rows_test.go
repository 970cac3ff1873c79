//go:build cgo

package warehouse_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// wideRows makes n rows with the columns of store_sales, the same on both
// servers.
func wideRows(n string) string {
	cols := []string{"i as ss_sold_date_sk"}
	for _, name := range strings.Fields("sold_time_sk item_sk customer_sk cdemo_sk hdemo_sk addr_sk store_sk promo_sk ticket_number quantity") {
		cols = append(cols, "cast(cast(i as bigint) * 7919 % 1000003 as integer) as ss_"+name)
	}
	for _, name := range strings.Fields("wholesale_cost list_price sales_price ext_discount_amt ext_sales_price ext_wholesale_cost ext_list_price ext_tax coupon_amt net_paid net_paid_inc_tax net_profit") {
		cols = append(cols, "cast(cast(cast(i as bigint) * 31 % 1999999 - 999999 as numeric(10,0)) * 0.01 as numeric(7,2)) as ss_"+name)
	}
	return "create table wide as select " + strings.Join(cols, ", ") + " from (select cast(generate_series as integer) as i from generate_series(1, " + n + ")) g"
}

// BenchmarkRowsOut compares 1,000,000 rows of store_sales's columns, sent to
// the same psql, with PostgreSQL. The ratio is of the rates.
func BenchmarkRowsOut(b *testing.B) {
	pg := startPostgres(b)
	f := start(b, nil)
	for _, dsn := range []string{f.dsn(), pg.dsn()} {
		psql(b, dsn, "-c", wideRows("1000000"))
	}
	dir := b.TempDir()
	out := func(dsn, name string) time.Duration {
		return psql(b, dsn, "-A", "-t", "-o", filepath.Join(dir, name), "-c", "select * from wide")
	}
	var ours, theirs []time.Duration
	for b.Loop() {
		for range 3 {
			ours = append(ours, out(f.dsn(), "ours"))
			theirs = append(theirs, out(pg.dsn(), "theirs"))
		}
	}
	b.ReportMetric(float64(median(ours).Microseconds())/1000, "ms")
	b.ReportMetric(float64(median(theirs).Microseconds())/1000, "baseline-ms")
	b.ReportMetric(float64(median(theirs))/float64(median(ours)), "ratio")
	same(b, dir)
}

// same checks that both sides sent the same rows.
func same(b *testing.B, dir string) {
	b.Helper()
	var sides [2][]string
	for i, name := range []string{"ours", "theirs"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			b.Fatal(err)
		}
		sides[i] = strings.Split(string(text), "\n")
		slices.Sort(sides[i])
	}
	if !slices.Equal(sides[0], sides[1]) {
		b.Errorf("we sent %d lines, PostgreSQL %d, and they differ", len(sides[0]), len(sides[1]))
	}
}
