//go:build cgo

package duck_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// endless takes longer than any test.
const endless = "select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b, generate_series(1, 100000) c where a + b + c = 7"

// active waits until a session runs a statement.
func active(t *testing.T, watch *pgconn.PgConn, pid uint32) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if said(watch, fmt.Sprintf("select state from pg_stat_activity where pid = %d", pid)) == "active" {
			return
		}
	}
	t.Fatalf("session %d runs nothing: %s", pid, said(watch, "select pid, state, query from pg_stat_activity"))
}

// Statements and sessions are ended by those who may.
func TestCancelAndTerminate(t *testing.T) {
	f := start(t)
	admin := f.conn(t)
	execAll(t, admin, "create user ann password 'Secret123'", "create user bob password 'Secret123'")
	run := func(c *pgconn.PgConn) chan string {
		done := make(chan string, 1)
		go func() { done <- said(c, endless) }()
		active(t, admin, c.PID())
		return done
	}
	ann, own, bob := f.as(t, "ann"), f.as(t, "ann"), f.as(t, "bob")
	canceled := "57014 canceling statement due to user request"
	for _, tc := range []struct {
		by        *pgconn.PgConn
		sql, want string // with the number of ann's session
		ended     string
	}{
		{admin, "select pg_cancel_backend(%d)", "t", canceled},
		{own, "select pg_cancel_backend(%d)", "t", canceled},
		{own, "cancel %d 'too slow'", "CANCEL", canceled + " / too slow"},
		{admin, "select pg_cancel_backend(pid) from pg_stat_activity where usename = 'ann' and state = 'active' and pid = %d", "t", canceled},
	} {
		done := run(ann)
		if got := said(bob, fmt.Sprintf("select pg_cancel_backend(%d)", ann.PID())); !strings.HasPrefix(got, "42501") {
			t.Errorf("by another user: got %s; want 42501", got)
		}
		if got := said(bob, "select count(*) from pg_stat_activity where usename = 'ann'"); got != "0" {
			t.Errorf("another user sees %s sessions", got)
		}
		if got := said(tc.by, fmt.Sprintf(tc.sql, ann.PID())); got != tc.want {
			t.Errorf("%s: got %s; want %s", tc.sql, got, tc.want)
		}
		if got := <-done; got != tc.ended {
			t.Errorf("%s: the statement ended with %s; want %s", tc.sql, got, tc.ended)
		}
	}
	done := run(ann)
	if got := said(admin, fmt.Sprintf("select pg_terminate_backend(%d)", ann.PID())); got != "t" {
		t.Errorf("terminate: got %s", got)
	}
	if got := <-done; !strings.HasPrefix(got, "57P01 terminating connection due to administrator command") {
		t.Errorf("terminated: got %s", got)
	}
	if got := said(admin, "select pg_terminate_backend(99999)"); got != "f" {
		t.Errorf("nobody: got %s; want f", got)
	}
	if got := said(admin, "cancel 99999"); !strings.HasPrefix(got, "22023") {
		t.Errorf("nobody: got %s; want 22023", got)
	}
	if got := said(admin, "create view v as select pg_cancel_backend(1)"); !strings.HasPrefix(got, "0A000") {
		t.Errorf("in a view: got %s; want 0A000", got)
	}
	if got := said(admin, "select rs_signal(1, true, 1)"); !strings.HasPrefix(got, "42501") {
		t.Errorf("rs_signal: got %s; want 42501", got)
	}
	idle := f.conn(t)
	if got := said(admin, fmt.Sprintf("select pg_terminate_backend(%d)", idle.PID())); got != "t" {
		t.Errorf("an idle one: got %s", got)
	}
	if _, err := idle.Exec(context.Background(), "select 1").ReadAll(); err == nil {
		t.Error("a session that was ended answers")
	}
}

// A session that does nothing for too long is ended.
func TestIdleSessions(t *testing.T) {
	f := start(t)
	for _, tc := range []struct{ set, want string }{
		{"set idle_session_timeout to 50", "57P05 terminating connection due to idle-session timeout"},
		{"set idle_in_transaction_session_timeout to 50; begin", "25P03 terminating connection due to idle-in-transaction timeout"},
	} {
		c := f.conn(t)
		execAll(t, c, tc.set)
		h, err := c.Hijack()
		if err != nil {
			t.Fatal(err)
		}
		h.Conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		msg, err := h.Frontend.Receive()
		e, ok := msg.(*pgproto3.ErrorResponse)
		if err != nil || !ok || e.Code+" "+e.Message != tc.want || e.Severity != "FATAL" {
			t.Errorf("%s: got %v, %v; want %s", tc.set, msg, err, tc.want)
		}
		h.Conn.Close()
	}
}

// A client that asks for much and stops reading holds nobody up, and is ended
// when its statement is.
func TestClientThatDoesNotRead(t *testing.T) {
	f := start(t)
	admin := f.conn(t)
	execAll(t, admin, "create table big as select a as id, repeat('x', 200) as text from generate_series(1, 300000) a")
	c := f.conn(t)
	h, err := c.Hijack()
	if err != nil {
		t.Fatal(err)
	}
	defer h.Conn.Close()
	h.Conn.(*net.TCPConn).SetReadBuffer(4096)
	h.Frontend.Send(&pgproto3.Query{String: "select * from big"})
	if err := h.Frontend.Flush(); err != nil {
		t.Fatal(err)
	}
	active(t, admin, h.PID)
	for i := range 20 {
		if got := said(admin, fmt.Sprintf("insert into big values (%d, 'y')", -i)); got != "INSERT 0 1" {
			t.Fatalf("another session: got %s", got)
		}
	}
	if got := said(admin, fmt.Sprintf("select pg_terminate_backend(%d)", h.PID)); got != "t" {
		t.Fatalf("terminate: got %s", got)
	}
	for deadline := time.Now().Add(20 * time.Second); said(admin, fmt.Sprintf("select count(*) from pg_stat_activity where pid = %d", h.PID)) != "0"; {
		if time.Now().After(deadline) {
			t.Fatal("the session did not end")
		}
	}
}

// A statement may have 16 MB.
func TestLargeStatement(t *testing.T) {
	c := start(t).conn(t)
	text := strings.Repeat("x", 60000)
	if got := said(c, "select length('"+text+"') /* "+strings.Repeat("x", 16<<20)+" */"); got != "60000" {
		t.Errorf("got %s; want 60000", got)
	}
}
