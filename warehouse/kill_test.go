//go:build cgo

package warehouse_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"salamander/warehouse"
)

// A killWriter commits numbered transactions and knows which were
// acknowledged.
type killWriter struct {
	name     string
	sql      string // of transaction %d
	next     int    // the number of the next transaction
	acked    int    // how many were acknowledged
	unsure   []int  // those whose commit was not answered
	failures int
}

// run commits until ctx ends, over every new connection.
func (w *killWriter) run(ctx context.Context, dsn string) {
	for ctx.Err() == nil {
		c, err := pgconn.Connect(ctx, dsn)
		if err != nil {
			w.failures++
			continue
		}
		for ctx.Err() == nil {
			n := w.next
			w.next++
			if _, err = c.Exec(context.Background(), fmt.Sprintf(w.sql, n)).ReadAll(); err != nil {
				w.unsure = append(w.unsure, n)
				break
			}
			w.acked++
		}
		c.Close(context.Background())
	}
}

// check compares what is there with what was acknowledged.
func (w *killWriter) check(t *testing.T, c *pgconn.PgConn, rows int) {
	t.Helper()
	r, err := c.Exec(context.Background(), "select n, count(*) from "+w.name+" group by n order by n").ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	there := map[int]bool{}
	for _, row := range r[0].Rows {
		n, _ := strconv.Atoi(string(row[0]))
		if there[n] = true; string(row[1]) != strconv.Itoa(rows) {
			t.Errorf("%s %d: %s rows; want %d or none", w.name, n, row[1], rows)
		}
	}
	for n := range w.next {
		if !there[n] && !slices.Contains(w.unsure, n) {
			t.Errorf("%s %d was acknowledged and is lost", w.name, n)
		}
	}
}

// The warehouse is killed again and again, at random moments, under writers of
// few and of many rows and of a file, and while it writes its log into its
// file. No row of an acknowledged commit is lost and none of another half
// there; and it serves again within a second. SALAMANDER_KILLS sets how many
// kills.
func TestKillsLoseNothing(t *testing.T) {
	kills := 20
	if text := os.Getenv("SALAMANDER_KILLS"); text != "" {
		kills, _ = strconv.Atoi(text)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	f := start(t, nil)
	const many, loaded = 130_000, 20_000
	file := f.file(t, "rows")
	for range loaded {
		fmt.Fprintln(file, "1|a text of more than twelve bytes")
	}
	file.Close()
	setup := f.connect(t)
	for _, sql := range []string{
		"create table src as select generate_series as a from generate_series(1, " + strconv.Itoa(many) + ")",
		"create table few (n int, a int)", "create table much (n int, a int)", "create table file (n int, a int, b varchar(60))",
		"create table stage (a int, b varchar(60))",
	} {
		if _, err := setup.Exec(context.Background(), sql).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	writers := []*killWriter{
		{name: "few", sql: "insert into few select %d, a from src limit 10"},
		{name: "much", sql: "insert into much select %d, a from src"},
		{name: "file", sql: "begin; delete from stage; copy stage from 's3://b/rows' iam_role default; insert into file select %d, a, b from stage; commit"},
	}
	rows := []int{10, many, loaded}
	var slowest time.Duration
	for kill := range kills {
		ctx, stop := context.WithCancel(context.Background())
		var work sync.WaitGroup
		for _, w := range writers {
			work.Go(func() { w.run(ctx, f.dsn()) })
		}
		time.Sleep(time.Duration(20+random.IntN(300)) * time.Millisecond)
		if err := syscall.Kill(f.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed := time.Now()
		stop()
		c := f.connect(t)
		back := time.Since(killed)
		slowest = max(slowest, back)
		work.Wait()
		for i, w := range writers {
			w.check(t, c, rows[i])
		}
		c.Close(context.Background())
		if t.Failed() {
			t.Fatalf("after kill %d", kill)
		}
	}
	for _, w := range writers {
		t.Logf("%s: %d commits acknowledged, %d without an answer", w.name, w.acked, len(w.unsure))
		if w.acked == 0 || len(w.unsure) == 0 {
			t.Errorf("%s: %d commits acknowledged, %d cut off; want some of both", w.name, w.acked, len(w.unsure))
		}
	}
	t.Logf("after %d kills a connection was there within %v", kills, slowest)
	if slowest > 3*time.Second { // a second on an idle machine
		t.Errorf("a connection took %v", slowest)
	}
}

// While it starts again, those who cannot wait are told 57P03, and the address
// is never closed.
func TestConnectingWhileItStarts(t *testing.T) {
	f := start(t, func(o *warehouse.Options) { o.StartupWait = time.Nanosecond })
	var refused, reset atomic.Int64
	served := func() bool {
		c, err := pgconn.Connect(context.Background(), f.dsn())
		var e *pgconn.PgError
		switch {
		case err == nil:
			c.Close(context.Background())
			return true
		case errors.As(err, &e) && e.Code == "57P03" && e.Message == "the database system is starting up":
			refused.Add(1)
		case isRefused(err):
			t.Errorf("the address is closed: %v", err)
		default:
			reset.Add(1) // handed to the child that died
		}
		return false
	}
	for range 3 {
		for deadline := time.Now().Add(20 * time.Second); !served(); {
			if time.Now().After(deadline) {
				t.Fatal("it does not serve")
			}
		}
		if err := syscall.Kill(f.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	if refused.Load() == 0 {
		t.Error("nobody was told that it starts")
	}
	t.Logf("%d told that it starts, %d lost with the process", refused.Load(), reset.Load())
}

func isRefused(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && errors.Is(op.Err, syscall.ECONNREFUSED)
}
