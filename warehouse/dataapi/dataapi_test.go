//go:build cgo

package dataapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"salamander/warehouse"
	"salamander/warehouse/duck"
)

const childEnv = "SALAMANDER_TEST_WAREHOUSE"

// TestMain lets the test's own binary be the warehouse's child.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		if err := warehouse.RunChild(context.Background(), duck.Open, slog.New(slog.NewTextHandler(os.Stderr, nil))); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var owner = Owner{"000000000000", "us-east-1"}

// A world is a warehouse and statements, and what ended.
type world struct {
	*Statements
	t      *testing.T
	target Target
	ended  chan Statement
	n      int
}

func start(t *testing.T) *world {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	sup, err := warehouse.Start(warehouse.Options{Dir: t.TempDir(), Listener: ln, Password: "secret", Objects: warehouse.DirObjects(t.TempDir()),
		Command: []string{os.Args[0]}, Env: []string{childEnv + "=1"}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ended: make(chan Statement, 100),
		target: Target{Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port, User: "awsuser", Password: "secret", Database: "dev"}}
	w.Statements = New(Options{Ended: func(st Statement) { w.ended <- st }})
	t.Cleanup(func() {
		w.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := sup.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) submit(req Request) Statement {
	w.t.Helper()
	w.n++
	req.Owner, req.Target = owner, w.target
	if req.ID == "" {
		req.ID = fmt.Sprintf("s%d", w.n)
	}
	st, err := w.Submit(req)
	if err != nil {
		w.t.Fatalf("submit %q: %v", req.SQLs, err)
	}
	return st
}

func (w *world) run(req Request) Statement {
	w.t.Helper()
	st := w.submit(req)
	select {
	case got := <-w.ended:
		if got.ID != st.ID {
			w.t.Fatalf("got the end of %s; want %s", got.ID, st.ID)
		}
		return got
	case <-time.After(time.Minute):
		w.t.Fatalf("%q does not end", req.SQLs)
	}
	return st
}

func one(sql string) Request { return Request{SQLs: []string{sql}} }

func TestStatements(t *testing.T) {
	w := start(t)
	if st := w.run(one("create table t (id int not null, name varchar(20), price numeric(8,2), sold date)")); st.Status != Finished || st.Result != nil {
		t.Fatalf("create: got %+v", st.State)
	}
	insert := one("insert into t values (:id, :name, :price, :sold)")
	insert.Params = []Parameter{{"id", "7"}, {"name", "it's :id"}, {"price", "1.50"}, {"sold", "2026-02-03"}}
	if st := w.run(insert); st.Status != Finished || st.Rows != 1 || st.Size != 0 || st.PID == 0 || st.Duration <= 0 {
		t.Fatalf("insert: got %+v", st)
	}
	sel := one("select id, name, price, sold, null::int as nothing, id::bigint x, ':id' from t where id = :id -- :other")
	sel.Params = []Parameter{{"id", "7"}}
	st := w.run(sel)
	if st.Status != Finished || st.Rows != 1 {
		t.Fatalf("select: got %+v", st.State)
	}
	row := st.Result.Rows[0]
	if got := fmt.Sprintf("%s", row); got != "[7 it's :id 1.50 2026-02-03  7 :id]" || row[4] != nil {
		t.Errorf("got %s", got)
	}
	var types []string
	for _, c := range st.Result.Columns {
		p, scale := c.Precision()
		types = append(types, fmt.Sprintf("%s:%s(%d,%d)", c.Name, c.Type(), p, scale))
	}
	if got, want := strings.Join(types[:4], " "), "id:int4(10,0) name:varchar(2147483647,0) price:numeric(8,2) sold:date(13,0)"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	if st := w.run(one("select * from t where false")); st.Result == nil || st.Rows != 0 {
		t.Errorf("no rows: got %+v", st.State)
	}
	st = w.run(one("select * from nowhere"))
	if st.Status != Failed || !strings.HasPrefix(st.Error, `ERROR: relation "nowhere" does not exist`) || st.Rows != -1 {
		t.Errorf("got %+v", st.State)
	}
	if st := w.run(one("select 1; select 2")); st.Status != Failed {
		t.Errorf("two statements: got %+v", st.State)
	}
}

func TestABatchIsOneTransaction(t *testing.T) {
	w := start(t)
	st := w.run(Request{Batch: true, SQLs: []string{"create table b (x int)", "insert into b values (1), (2)", "select x from b order by x"}})
	if st.Status != Finished || len(st.Subs) != 3 || st.Subs[1].Rows != 2 || st.Subs[2].Rows != 2 {
		t.Fatalf("got %+v", st)
	}
	part, err := w.Result(owner, st.ID+":3")
	if err != nil || fmt.Sprintf("%s", part.Result.Rows) != "[[1] [2]]" {
		t.Errorf("got %+v, %v", part.State, err)
	}
	if _, err := w.Result(owner, st.ID+":2"); !errors.Is(err, ErrNoResult) {
		t.Errorf("got %v; want ErrNoResult", err)
	}
	for _, id := range []string{"nobody", st.ID + ":4", st.ID + ":0", st.ID + ":x"} {
		if _, err := w.Get(owner, id); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: got %v; want ErrNotFound", id, err)
		}
	}
	st = w.run(Request{Batch: true, SQLs: []string{"insert into b values (3)", "insert into c values (3)", "select 1"}})
	if st.Status != Failed || !strings.HasPrefix(st.Error, `Query #2 failed with ERROR: `) {
		t.Errorf("got %+v", st.State)
	}
	if got := st.Subs[0].Status + st.Subs[1].Status + st.Subs[2].Status; got != Finished+Failed+Aborted {
		t.Errorf("parts: got %s", got)
	}
	if st := w.run(one("select count(*) from b")); fmt.Sprintf("%s", st.Result.Rows) != "[[2]]" {
		t.Errorf("after a failed batch: got %s", st.Result.Rows)
	}
}

func TestCancel(t *testing.T) {
	w := start(t)
	slow := "select count(*) from (select 1 x union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8) a" +
		strings.Repeat(", (select 1 x union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8) %s", 11)
	slow = fmt.Sprintf(slow, "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l") + " where sqrt(a.x * b.x * c.x * d.x * e.x * f.x * g.x * h.x * i.x * j.x * k.x * l.x) < -1"
	st := w.submit(one(slow))
	for st.Status != Started && !st.Ended() {
		var err error
		if st, err = w.Get(owner, st.ID); err != nil {
			t.Fatal(err)
		}
	}
	if st.Ended() {
		t.Skipf("the statement ended too early: %+v", st.State)
	}
	got, err := w.Cancel(t.Context(), owner, st.ID)
	if err != nil || got.Status != Aborted {
		t.Fatalf("got %+v, %v", got.State, err)
	}
	if _, err := w.Cancel(t.Context(), owner, st.ID); !errors.Is(err, ErrEnded) {
		t.Errorf("got %v; want ErrEnded", err)
	}
	if _, err := w.Cancel(t.Context(), Owner{"1", "r"}, st.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v; want ErrNotFound", err)
	}
}

func TestTokensAndLists(t *testing.T) {
	w := start(t)
	req := one("select 1")
	req.Token = "t"
	first := w.run(req)
	if again := w.submit(req); again.ID != first.ID {
		t.Errorf("got %s; want %s", again.ID, first.ID)
	}
	other := one("select 2")
	other.Token, other.ID, other.Owner, other.Target = "t", "x", owner, w.target
	if _, err := w.Submit(other); !errors.Is(err, ErrOtherInput) {
		t.Errorf("got %v; want ErrOtherInput", err)
	}
	second := w.run(one("select 3"))
	all := w.List(owner, func(Statement) bool { return true })
	if len(all) != 2 || all[0].ID != second.ID {
		t.Errorf("got %v", all)
	}
	if got := w.List(Owner{"1", "r"}, func(Statement) bool { return true }); len(got) != 0 {
		t.Errorf("another account: got %v", got)
	}
}

func TestAnUnreachableDatabase(t *testing.T) {
	w := start(t)
	w.target.Password = "wrong"
	if st := w.run(one("select 1")); st.Status != Failed || !strings.HasPrefix(st.Error, "FATAL: password authentication failed") {
		t.Errorf("got %+v", st.State)
	}
	var refused *ConnectionError
	if _, err := Query(t.Context(), w.target, "select 1"); !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}
