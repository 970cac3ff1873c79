package psql

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// A conn is a session with a server, in the simple query protocol.
type conn struct {
	nc      net.Conn
	fe      *pgproto3.Frontend
	tx      byte // 'I', 'T' or 'E'
	params  map[string]string
	pid     uint32
	key     []byte
	tls     *tls.Config
	target  target
	user    string
	db      string
	options map[string]string
}

func newConn(h *pgconn.HijackedConn, t target, p map[string]string) *conn {
	c := &conn{nc: h.Conn, fe: h.Frontend, tx: h.TxStatus, params: h.ParameterStatuses, pid: h.PID, key: h.SecretKey,
		target: t, user: p["user"], db: p["dbname"], options: p}
	c.tls = h.TLSConfig
	return c
}

func (c *conn) close() {
	c.fe.Send(&pgproto3.Terminate{})
	_ = c.nc.SetWriteDeadline(time.Now().Add(time.Second))
	_ = c.fe.Flush()
	_ = c.nc.Close()
}

// A result is one answer of the server to a part of a query.
type result struct {
	table   table
	hasRows bool // a row description came
	empty   bool // the query had no statement
	tag     string
	err     *pgproto3.ErrorResponse
	copyOut bool // the tag follows data that went to the copy writer
}

// A receiver takes what a query brings.
type receiver struct {
	result  func(*result)
	notice  func(*pgproto3.ErrorResponse)
	notify  func(*pgproto3.NotificationResponse)
	copyOut func([]byte) // data of COPY TO STDOUT
	copyIn  func(binary bool) (io.Reader, error)
	bind    []string // values for parameters; nil: the simple protocol
}

// query sends sql and hands what comes back to r, until the server is ready
// again. An error means that the connection is lost.
func (c *conn) query(sql string, r receiver) error {
	if r.bind != nil {
		c.sendBound(sql, r.bind)
	} else {
		c.fe.Send(&pgproto3.Query{String: sql})
	}
	if err := c.fe.Flush(); err != nil {
		return err
	}
	var cur *result
	begin := func() *result {
		if cur == nil {
			cur = &result{}
		}
		return cur
	}
	finish := func() {
		if cur != nil {
			r.result(cur)
			cur = nil
		}
	}
	for {
		msg, err := c.fe.Receive()
		if err != nil {
			return err
		}
		switch m := msg.(type) {
		case *pgproto3.RowDescription:
			cur = &result{hasRows: true, table: table{columns: columnsOf(m)}}
		case *pgproto3.DataRow:
			cur = begin()
			if len(m.Values) != len(cur.table.columns) {
				return errors.New("unexpected field count in \"D\" message")
			}
			cur.table.rows = append(cur.table.rows, readRow(m.Values))
		case *pgproto3.CommandComplete:
			begin().tag = string(m.CommandTag)
			finish()
		case *pgproto3.EmptyQueryResponse:
			begin().empty = true
			finish()
		case *pgproto3.ErrorResponse:
			e := *m
			cur = &result{err: &e}
			finish()
		case *pgproto3.NoticeResponse:
			e := pgproto3.ErrorResponse(*m)
			r.notice(&e)
		case *pgproto3.NotificationResponse:
			n := *m
			r.notify(&n)
		case *pgproto3.ParameterStatus:
			c.params[m.Name] = m.Value
		case *pgproto3.CopyOutResponse:
			cur = &result{copyOut: true}
		case *pgproto3.CopyData:
			r.copyOut(m.Data)
		case *pgproto3.CopyInResponse:
			if err := c.copyIn(r, m.OverallFormat == 1); err != nil {
				return err
			}
		case *pgproto3.ReadyForQuery:
			c.tx = m.TxStatus
			return nil
		}
	}
}

// copyIn sends the data of COPY FROM STDIN.
func (c *conn) copyIn(r receiver, binary bool) error {
	src, err := r.copyIn(binary)
	if err == nil {
		buf := make([]byte, 64<<10)
		for {
			n, rerr := src.Read(buf)
			if n > 0 {
				c.fe.Send(&pgproto3.CopyData{Data: buf[:n]})
				if err := c.fe.Flush(); err != nil {
					return err
				}
			}
			if rerr == io.EOF {
				c.fe.Send(&pgproto3.CopyDone{})
				return c.fe.Flush()
			}
			if rerr != nil {
				err = rerr
				break
			}
		}
	}
	c.fe.Send(&pgproto3.CopyFail{Message: err.Error()})
	return c.fe.Flush()
}

// readRow copies a row out of the connection's buffer.
func readRow(values [][]byte) []cell {
	n := 0
	for _, v := range values {
		n += len(v)
	}
	all := make([]byte, 0, n)
	for _, v := range values {
		all = append(all, v...)
	}
	text := string(all)
	row := make([]cell, len(values))
	for i, v := range values {
		row[i] = cell{text: text[:len(v)], null: v == nil}
		text = text[len(v):]
	}
	return row
}

// cancelWhen asks the server to cancel the running query when ctx ends. The
// function it returns stops that, and waits for a request under way. sent is called when the server can be
// asked.
func (c *conn) cancelWhen(ctx context.Context, sent func()) (stop func()) {
	var wg sync.WaitGroup
	wg.Add(1)
	undo := context.AfterFunc(ctx, func() {
		defer wg.Done()
		_ = c.sendCancel(sent) // without it the query runs to its end
	})
	return func() {
		if undo() {
			return
		}
		wg.Wait()
	}
}

func (c *conn) sendCancel(sent func()) error {
	addr := c.nc.RemoteAddr()
	nc, err := net.DialTimeout(addr.Network(), addr.String(), 5*time.Second)
	if err != nil {
		return err
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(5 * time.Second))
	var b []byte
	b = binary.BigEndian.AppendUint32(b, uint32(12+len(c.key)))
	b = binary.BigEndian.AppendUint32(b, 80877102) // the code of CancelRequest
	b = binary.BigEndian.AppendUint32(b, c.pid)
	b = append(b, c.key...)
	sent()
	if _, err := nc.Write(b); err != nil {
		return err
	}
	_, _ = nc.Read(make([]byte, 1)) // the server closes when it has seen it
	return nil
}
