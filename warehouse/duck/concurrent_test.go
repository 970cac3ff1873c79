//go:build cgo

package duck_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/tpcds"
)

// substituted returns one of the example's scripts as psql sends it.
func substituted(t *testing.T, script, dt string) []string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "..", "examples", "refresh", "sql", script+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for line := range strings.Lines(string(src)) {
		if !strings.HasPrefix(line, `\`) {
			text.WriteString(line)
		}
	}
	all := strings.NewReplacer(":'dt'", "'"+dt+"'", ":'credentials'", "'aws_iam_role=r'",
		":'s3loc'", "'s3://b/"+script+"/loaddate="+dt+"/'").Replace(text.String())
	var parts []string
	for part := range strings.SplitSeq(all, ";\n") {
		if strings.TrimSpace(part) != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// The two branches of the example run at once, again and again, without a
// conflict, beside one who replaces a table in a transaction and one who reads
// all the time: the reader sees whole commits only.
func TestBranchesRunAtOnce(t *testing.T) {
	f := start(t)
	const days = 3
	opt := tpcds.Options{Seed: 1, Scale: 0.01}
	for d := range days {
		opt.Dates = append(opt.Dates, time.Date(2003, 1, 2+d, 0, 0, 0, 0, time.UTC))
	}
	files, err := tpcds.Files(opt)
	if err != nil {
		t.Fatal(err)
	}
	loader := f.connect(t)
	for _, file := range files {
		if file.Table == "customer_address" || file.Table == "item" {
			var b bytes.Buffer
			if err := file.WriteText(&b); err != nil {
				t.Fatal(err)
			}
			f.put(t, "b", file.Key, b.String())
		}
	}
	for _, name := range []string{"customer_address", "item"} {
		table, _ := tpcds.Lookup(name)
		var columns []string
		for _, c := range table.Columns {
			columns = append(columns, c.Name+" "+c.Type)
		}
		for _, sql := range []string{
			fmt.Sprintf("create table public.%s (%s)", name, strings.Join(columns, ", ")),
			fmt.Sprintf("copy public.%s from 's3://b/tpcds/%s/part' iam_role default delimiter '~' gzip ignoreheader 1", name, name),
		} {
			if got := ask(loader, sql); got != "CREATE TABLE" && got != "COPY" {
				t.Fatal(got)
			}
		}
	}
	const rows = 60000
	if got := ask(loader, fmt.Sprintf("create table public.n as select generate_series as a, md5(cast(generate_series as varchar)) as b, cast(1.25 as numeric(7,2)) as c from generate_series(1, %d)", rows)); !strings.HasPrefix(got, "CREATE") && !strings.HasPrefix(got, "SELECT") {
		t.Fatal(got)
	}
	if got := ask(loader, "create table public.m as select * from n"); !strings.HasPrefix(got, "CREATE") && !strings.HasPrefix(got, "SELECT") {
		t.Fatal(got)
	}

	run := func(c *pgconn.PgConn, statements ...string) {
		for _, sql := range statements {
			if _, err := c.Exec(context.Background(), sql).ReadAll(); err != nil {
				t.Errorf("%v\n%s", err, sql)
				return
			}
		}
	}
	var writers sync.WaitGroup
	for _, script := range []string{"customer_address", "item"} {
		c := f.connect(t)
		writers.Go(func() {
			for _, day := range opt.Dates {
				for range 3 {
					run(c, substituted(t, script, day.Format(time.DateOnly))...)
				}
			}
		})
	}
	replacer := f.connect(t)
	writers.Go(func() {
		for range 15 {
			run(replacer, "begin", "delete from m", "insert into m select * from n", "commit")
		}
	})
	done := make(chan struct{})
	go func() {
		writers.Wait()
		close(done)
	}()
	reader := f.connect(t)
	reads, want := 0, fmt.Sprintf("%d|75000.00", rows)
	for {
		if got := ask(reader, "select count(*), sum(c) from m"); got != want {
			t.Errorf("read %d: got %s; want %s", reads, got, want)
		}
		reads++
		select {
		case <-done:
			t.Logf("%d reads", reads)
			// A script that ran once more for each day changes nothing.
			return
		default:
		}
	}
}

// A bulk commit that waits for a statement can be cancelled, by
// statement_timeout too, and leaves nothing behind.
func TestCommitCanBeCancelled(t *testing.T) {
	f := start(t)
	c, long := f.connect(t), f.connect(t)
	bulkTable(t, c, "src", 130_000)
	must(t, c, "create table t as select * from src where a < 0")
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	ended := make(chan string)
	go func() {
		ended <- ask(long, "select count(*) from generate_series(1, 100000) a, generate_series(1, 10000000) b where a + b = 3")
	}()
	const want = "57014 canceling statement due to statement timeout"
	got, committed := "", 0
	for got != want && ctx.Err() == nil { // until the other one has begun
		ask(c, "set statement_timeout to 0")
		must(t, c, "begin")
		must(t, c, "insert into t select * from src")
		ask(c, "set statement_timeout to 50")
		if got = ask(c, "commit"); got == "COMMIT" {
			committed++
		}
	}
	if got != want {
		t.Errorf("commit: got %s; want %s", got, want)
	}
	ask(c, "set statement_timeout to 0")
	if got := ask(c, "select count(*) from t"); got != strconv.Itoa(committed*130_000) {
		t.Errorf("rows: got %s; want those of %d commits", got, committed)
	}
	for {
		if err := long.CancelRequest(context.Background()); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ended:
		case <-time.After(20 * time.Millisecond):
			continue
		}
		break
	}
	if got := ask(c, "insert into t values (3, 1)"); got != "INSERT 0 1" {
		t.Errorf("insert after it: got %s", got)
	}
}
