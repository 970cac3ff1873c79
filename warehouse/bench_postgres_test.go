//go:build cgo

package warehouse_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A rivalry runs the same statements through the warehouse and, in
// PostgreSQL's words, through psql on PostgreSQL.
type rivalry struct {
	b            *testing.B
	f            *fixture
	pg           *pgServer
	c            *pgconn.PgConn
	ours, theirs []time.Duration
}

func newRivalry(b *testing.B) *rivalry {
	r := &rivalry{b: b, pg: startPostgres(b), f: start(b, nil)}
	r.c = r.f.connect(b)
	return r
}

// own runs statements on the warehouse.
func (r *rivalry) own(sql []string) time.Duration {
	r.b.Helper()
	began := time.Now()
	for _, s := range sql {
		if _, err := r.c.Exec(context.Background(), s).ReadAll(); err != nil {
			r.b.Fatalf("%v\n%s", err, s)
		}
	}
	return time.Since(began)
}

// theirsOf runs statements of the example by one psql.
func (r *rivalry) theirsOf(sql []string) time.Duration {
	r.b.Helper()
	args := []string{"-c", "set client_min_messages to warning"}
	for _, s := range sql {
		args = append(args, "-c", r.postgres(s))
	}
	return psql(r.b, r.pg.dsn(), args...)
}

// postgres puts a statement of the example into PostgreSQL's words: COPY from
// S3 is \copy from gzip, as its users do it.
func (r *rivalry) postgres(sql string) string {
	m := copyFrom.FindStringSubmatch(sql)
	if m == nil {
		return attributes.ReplaceAllString(sql, "")
	}
	path := filepath.Join(r.f.objects, "b") + "/" + m[2]
	glob, skip := path+"*", ""
	if strings.HasSuffix(m[2], "manifest") || strings.HasPrefix(m[2], oneKey) {
		glob, skip = strings.TrimSuffix(path, "manifest")+"*.gz", " | tail -n +2"
		if strings.HasPrefix(m[2], oneKey) {
			glob = path
		}
	}
	return fmt.Sprintf(`\copy %s from program 'for f in %s; do gzip -dc $f%s; done' with (delimiter '~', null '')`, m[1], glob, skip)
}

func (r *rivalry) report() {
	ours, theirs := median(r.ours), median(r.theirs)
	r.b.ReportMetric(float64(ours.Microseconds())/1000, "ms")
	r.b.ReportMetric(float64(theirs.Microseconds())/1000, "baseline-ms")
	r.b.ReportMetric(float64(theirs)/float64(ours), "ratio")
}

// same checks that both sides have the same rows in a table.
func (r *rivalry) same(table, number string) {
	r.b.Helper()
	sql := fmt.Sprintf("select count(*), sum(%s) from public.%s", number, table)
	var got [2]string
	for i, dsn := range []string{r.f.dsn(), r.pg.dsn()} {
		c, err := pgconn.Connect(context.Background(), dsn)
		if err != nil {
			r.b.Fatal(err)
		}
		res, err := c.Exec(context.Background(), sql).ReadAll()
		if err != nil {
			r.b.Fatal(err)
		}
		got[i] = fmt.Sprintf("%s", res[0].Rows)
		c.Close(context.Background())
	}
	if got[0] != got[1] {
		r.b.Errorf("%s: we have %s, PostgreSQL %s", table, got[0], got[1])
	}
}

// BenchmarkLoadPostgres compares the load of store_sales from one gzip file
// with psql's \copy into PostgreSQL: the table made, filled and committed. The
// ratio is how many times faster we are.
func BenchmarkLoadPostgres(b *testing.B) {
	r := newRivalry(b)
	generate(b, r.f, benchOptions(b))
	one(b, r.f)
	load := loadSales(b)
	for b.Loop() {
		for range 3 {
			r.ours = append(r.ours, r.own(load))
			r.theirs = append(r.theirs, r.theirsOf(load))
		}
	}
	r.report()
	r.same("store_sales", "ss_net_profit")
}

// BenchmarkRefreshPostgres compares the SQL of a one-day refresh with
// PostgreSQL, whose tables have the primary keys that they declare. The ratio
// is how many times faster we are.
func BenchmarkRefreshPostgres(b *testing.B) {
	r := newRivalry(b)
	generate(b, r.f, benchOptions(b))
	vars := map[string]string{"s3dataloc": "s3://b/", "s3datareadrole": "arn:r"}
	load := statements(b, "initial_load", vars)
	r.own(load)
	r.theirsOf(load)
	psql(b, r.pg.dsn(), "-c", "vacuum analyze")
	for b.Loop() {
		for _, day := range benchDays()[:3] {
			vars["dt"] = day.Format(time.DateOnly)
			var sql []string
			for _, script := range []string{"customer_address", "item", "store_sales"} {
				sql = append(sql, statements(b, script, vars)...)
			}
			r.ours = append(r.ours, r.own(sql))
			r.theirs = append(r.theirs, r.theirsOf(sql))
		}
	}
	r.report()
	r.same("store_sales", "ss_net_profit")
	r.same("item", "i_current_price")
}
