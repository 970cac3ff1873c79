//go:build cgo

package duck_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

func parse(name, sql string) *pgproto3.Parse { return &pgproto3.Parse{Name: name, Query: sql} }

func bind(portal string) *pgproto3.Bind { return &pgproto3.Bind{DestinationPortal: portal} }

func execute(portal string, rows uint32) *pgproto3.Execute {
	return &pgproto3.Execute{Portal: portal, MaxRows: rows}
}

// drive sends messages and a Sync, and returns the answers in words.
func drive(t *testing.T, c *pgconn.PgConn, send func()) []string {
	t.Helper()
	send()
	front := c.Frontend()
	front.SendSync(&pgproto3.Sync{})
	if err := front.Flush(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var all []string
	for {
		msg, err := c.ReceiveMessage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		switch m := msg.(type) {
		case *pgproto3.ParseComplete:
			all = append(all, "ParseComplete")
		case *pgproto3.BindComplete:
			all = append(all, "BindComplete")
		case *pgproto3.DataRow:
			all = append(all, "row "+string(m.Values[0]))
		case *pgproto3.PortalSuspended:
			all = append(all, "suspended")
		case *pgproto3.CommandComplete:
			all = append(all, string(m.CommandTag))
		case *pgproto3.ErrorResponse:
			all = append(all, "error "+m.Code)
		case *pgproto3.ReadyForQuery:
			return append(all, "ready "+string(m.TxStatus))
		}
	}
}

// code is the SQLSTATE of an error, or its text.
func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return err.Error()
}
