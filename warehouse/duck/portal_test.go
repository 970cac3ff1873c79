//go:build cgo

package duck_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A portal of a statement without rows runs once; one with rows gives none
// when it is run again.
func TestPortalRunsOnce(t *testing.T) {
	c := start(t).conn(t)
	execAll(t, c, "create table t (a integer)")
	h, err := c.Hijack()
	if err != nil {
		t.Fatal(err)
	}
	defer h.Conn.Close()
	ask := func(sql string) string {
		t.Helper()
		h.Frontend.Send(&pgproto3.Parse{Query: sql})
		h.Frontend.Send(&pgproto3.Bind{DestinationPortal: "p"})
		h.Frontend.Send(&pgproto3.Execute{Portal: "p"})
		h.Frontend.Send(&pgproto3.Execute{Portal: "p"})
		h.Frontend.Send(&pgproto3.Sync{})
		if err := h.Frontend.Flush(); err != nil {
			t.Fatal(err)
		}
		said := ""
		for {
			msg, err := h.Frontend.Receive()
			if err != nil {
				t.Fatal(err)
			}
			switch msg := msg.(type) {
			case *pgproto3.CommandComplete:
				said += string(msg.CommandTag) + "; "
			case *pgproto3.ErrorResponse:
				said += msg.Code + " " + msg.Message + "; "
			case *pgproto3.ReadyForQuery:
				return said
			}
		}
	}
	for _, tc := range []struct{ sql, want string }{
		{"insert into t values (1)", "INSERT 0 1; 55000 portal \"p\" cannot be run; "},
		{"select a from t", "SELECT 0; SELECT 0; "}, // the insert was rolled back
		{"select 1", "SELECT 1; SELECT 0; "},
		{"set query_group to x", "SET; 55000 portal \"p\" cannot be run; "},
	} {
		if got := ask(tc.sql); got != tc.want {
			t.Errorf("%s: got %q; want %q", tc.sql, got, tc.want)
		}
	}
}
