//go:build cgo

package duck_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

func (f *fixture) pgx(t *testing.T) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(context.Background(), f.dsn("secret"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

// pgx prepares, sends and reads values in binary.
func TestExtendedProtocolWithPgx(t *testing.T) {
	ctx := context.Background()
	c := start(t).pgx(t)
	for _, sql := range []string{
		"create table sale (id integer, big bigint, small smallint, price numeric(7,2), share double precision, part real, name varchar(20), sold date, sold_at timestamp, open boolean)",
	} {
		if _, err := c.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	day := time.Date(1998, 2, 28, 0, 0, 0, 0, time.UTC)
	at := time.Date(2026, 11, 23, 1, 2, 3, 456789000, time.UTC)
	price := pgtype.Numeric{}
	if err := price.Scan("-12345.60"); err != nil {
		t.Fatal(err)
	}
	tag, err := c.Exec(ctx, "insert into sale values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", 7, int64(1)<<40, 3, price, 0.25, float32(0.5), `it's \ here`, day, at, true)
	if err != nil {
		t.Fatal(err)
	}
	if tag.String() != "INSERT 0 1" {
		t.Errorf("tag: got %q", tag)
	}
	if _, err := c.Exec(ctx, "insert into sale (id, name) values ($1, $2)", 8, nil); err != nil {
		t.Fatal(err)
	}
	var (
		id, small   int
		big         int64
		got         pgtype.Numeric
		share       float64
		part        float32
		name        string
		sold, when  time.Time
		open        bool
		quarter     int
		upper, long string
	)
	row := c.QueryRow(ctx, "select id, big, small, price, share, part, name, sold, sold_at, open, id / $2, upper($3), name || 'x' from sale where id = $1 and sold < $4", 7, 2, "abc", at)
	if err := row.Scan(&id, &big, &small, &got, &share, &part, &name, &sold, &when, &open, &quarter, &upper, &long); err != nil {
		t.Fatal(err)
	}
	text, err := got.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{7, int64(1) << 40, 3, "-12345.60", 0.25, float32(0.5), `it's \ here`, day, at, true, 3, "ABC", `it's \ herex`},
		[]any{id, big, small, string(text), share, part, name, sold, when, open, quarter, upper, long}); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
	var missing *string
	if err := c.QueryRow(ctx, "select name from sale where id = $1", 8).Scan(&missing); err != nil || missing != nil {
		t.Errorf("null: got %v, %v", missing, err)
	}
}

// A portal gives as many rows as asked for, and goes on.
func TestPortalsWithRowLimits(t *testing.T) {
	ctx := context.Background()
	c := start(t).pgx(t)
	if _, err := c.Exec(ctx, "create table n as select i from (values (1),(2),(3),(4),(5)) v(i)"); err != nil {
		t.Fatal(err)
	}
	tx, err := c.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	front := c.PgConn().Frontend()
	got := drive(t, c.PgConn(), func() {
		front.SendParse(parse("", "select i from n order by i"))
		front.SendBind(bind("p"))
		front.SendExecute(execute("p", 2))
		front.SendExecute(execute("p", 2))
		front.SendExecute(execute("p", 2))
		front.SendExecute(execute("p", 2))
	})
	want := []string{"ParseComplete", "BindComplete", "row 1", "row 2", "suspended", "row 3", "row 4", "suspended", "row 5", "SELECT 1", "SELECT 0", "ready T"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

// A series of messages is one transaction, and one that fails leaves nothing.
func TestSeriesIsOneTransaction(t *testing.T) {
	ctx := context.Background()
	c := start(t).pgx(t)
	if _, err := c.Exec(ctx, "create table n (i integer)"); err != nil {
		t.Fatal(err)
	}
	var b pgx.Batch
	b.Queue("insert into n values ($1)", 1)
	b.Queue("insert into n values ($1)", 2)
	b.Queue("select 1 / $1", 0)
	if err := c.SendBatch(ctx, &b).Close(); err == nil {
		t.Error("a division by zero in a batch succeeded")
	}
	var n int
	if err := c.QueryRow(ctx, "select count(*) from n").Scan(&n); err != nil || n != 0 {
		t.Errorf("after a failed batch: got %d rows, %v; want none", n, err)
	}
}

func TestExtendedErrors(t *testing.T) {
	ctx := context.Background()
	c := start(t).connect(t)
	for _, tc := range []struct {
		sql    string
		values []string
		code   string
		at     int32
	}{
		{"select 1; select 2", nil, "42601", 0},
		{"select nope from (select 1 as a) t where a = $1", []string{"1"}, "42703", 8},
		{"select $1 from nowhere", []string{"1"}, "42P01", 16},
		{"select $0", nil, "42P02", 8},
		{"select cast($1 as integer)", []string{"x"}, "22P02", 0},
	} {
		values := make([][]byte, len(tc.values))
		for i, v := range tc.values {
			values[i] = []byte(v)
		}
		err := c.ExecParams(ctx, tc.sql, values, nil, nil, nil).Read().Err
		var e *pgconn.PgError
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v; want an error of the server", tc.sql, err)
			continue
		}
		if e.Code != tc.code || tc.at != 0 && e.Position != tc.at {
			t.Errorf("%s: got %s at %d (%s); want %s at %d", tc.sql, e.Code, e.Position, e.Message, tc.code, tc.at)
		}
	}
}

// A null cast to a length stays null.
func TestCastOfNullToALength(t *testing.T) {
	var got []*string
	c := start(t).pgx(t)
	rows, err := c.Query(context.Background(), "select cast(n as varchar(2)) from (select null as n union all select 'abc') t order by 1")
	if err != nil {
		t.Fatal(err)
	}
	got, err = pgx.CollectRows(rows, pgx.RowTo[*string])
	if err != nil || len(got) != 2 || got[0] == nil || *got[0] != "ab" || got[1] != nil {
		t.Errorf("got %v, %v; want ab and null", got, err)
	}
}

func TestCurrentSchemas(t *testing.T) {
	c := start(t).connect(t)
	for _, tc := range [][2]string{
		{"select current_schemas(false)", "{public}"},
		{"select (pg_catalog.current_schemas(true))[1]", "pg_catalog"},
		{"create schema s; set search_path to s, public; select current_schemas(false)", "CREATE SCHEMA; SET; {s,public}"},
	} {
		if got := ask(c, tc[0]); got != tc[1] {
			t.Errorf("%s: got %s; want %s", tc[0], got, tc[1])
		}
	}
}
