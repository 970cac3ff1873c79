package psql

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/sqltext"
)

// describe asks the server what columns a query has, without running it. It
// reports false for an error, which the receiver got.
func (c *conn) describe(sql string, r receiver) ([]column, bool, error) {
	c.fe.Send(&pgproto3.Parse{Query: sql})
	c.fe.Send(&pgproto3.Describe{ObjectType: 'S'})
	c.fe.Send(&pgproto3.Sync{})
	if err := c.fe.Flush(); err != nil {
		return nil, false, err
	}
	var columns []column
	ok := true
	for {
		msg, err := c.fe.Receive()
		if err != nil {
			return nil, false, err
		}
		switch m := msg.(type) {
		case *pgproto3.RowDescription:
			columns = columnsOf(m)
		case *pgproto3.ErrorResponse:
			e := *m
			ok = false
			r.result(&result{err: &e})
		case *pgproto3.NoticeResponse:
			e := pgproto3.ErrorResponse(*m)
			r.notice(&e)
		case *pgproto3.ParameterStatus:
			c.params[m.Name] = m.Value
		case *pgproto3.ReadyForQuery:
			c.tx = m.TxStatus
			return columns, ok, nil
		}
	}
}

func columnsOf(m *pgproto3.RowDescription) []column {
	columns := []column{}
	for _, f := range m.Fields {
		columns = append(columns, column{string(f.Name), f.DataTypeOID, f.TypeModifier})
	}
	return columns
}

// describeQuery shows the columns of a query, for \gdesc.
func (s *shell) describeQuery(query string) bool {
	r := s.receiver(query)
	r.result = func(res *result) {
		s.serverError(res.err, query)
		s.resultVariables(res)
	}
	columns, ok, err := s.conn.describe(query, r)
	switch {
	case err != nil:
		s.lost(err)
		return false
	case !ok:
		return false
	case len(columns) == 0:
		s.resultVariables(&result{})
		fmt.Fprintln(s.out, "The command has no result, or the result has no columns.")
		return true
	}
	var b strings.Builder
	b.WriteString("SELECT name AS \"Column\", pg_catalog.format_type(tp, tpm) AS \"Type\"\nFROM (VALUES ")
	for i, c := range columns {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "(%s,'%d'::pg_catalog.oid,%d)", strings.TrimPrefix(sqltext.Quote(c.name), " "), c.oid, c.modifier)
	}
	b.WriteString(") s(name, tp, tpm)")
	ok, _ = s.run(b.String())
	return ok
}

// sendBound sends a query with the values of \bind for its parameters.
func (c *conn) sendBound(sql string, values []string) {
	b := &pgproto3.Bind{}
	for _, v := range values {
		b.Parameters = append(b.Parameters, []byte(v))
	}
	c.fe.Send(&pgproto3.Parse{Query: sql})
	c.fe.Send(b)
	c.fe.Send(&pgproto3.Describe{ObjectType: 'P'})
	c.fe.Send(&pgproto3.Execute{})
	c.fe.Send(&pgproto3.Sync{})
}

func (sc *script) cmdGdesc(string) cmdStatus {
	sc.sh.gdesc = true
	return cmdSend
}

// cmdBind takes the values for the parameters of the next query. It is a
// command of psql 16.
func (sc *script) cmdBind(string) cmdStatus {
	values := []string{}
	for {
		v, ok := sc.arg(false)
		if !ok {
			break
		}
		values = append(values, v)
	}
	sc.sh.bind = values
	return cmdSkip
}
