package pgwire

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/warehouse/sqlstate"
)

// A CopyReader reads what a client sends after COPY FROM STDIN.
//
// https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-COPY
type CopyReader struct {
	ctx  context.Context
	cn   *conn
	rest []byte // of the last message
	err  error
	stop func() bool // see [after]
}

// CopyIn asks the client for the data of a COPY of n columns, in text or, with
// binary, in binary form. The reader must be closed before anything else is
// read or written. When ctx ends, Read returns its cause.
func (w *Writer) CopyIn(ctx context.Context, n int, binary bool) *CopyReader {
	msg := &pgproto3.CopyInResponse{ColumnFormatCodes: make([]uint16, n)}
	if binary {
		msg.OverallFormat = 1
		for i := range msg.ColumnFormatCodes {
			msg.ColumnFormatCodes[i] = 1
		}
	}
	w.send(msg)
	r := &CopyReader{ctx: ctx, cn: w.cn, err: w.Flush()}
	r.stop = after(ctx, func() { r.cn.readBy(time.Unix(1, 0)) })
	return r
}

// Read returns data as it comes, at the end io.EOF. It returns an
// [*sqlstate.Error] when the client gives the COPY up.
func (r *CopyReader) Read(b []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.rest, r.err = r.next()
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *CopyReader) next() ([]byte, error) {
	for {
		msg, err := r.cn.back.Receive()
		if err != nil {
			if cause := Cause(r.ctx); cause != nil && errors.Is(err, os.ErrDeadlineExceeded) {
				return nil, cause
			}
			return nil, &sqlstate.Error{Code: sqlstate.ConnectionFailure, Message: "unexpected EOF on client connection with an open transaction"}
		}
		switch msg := msg.(type) {
		case *pgproto3.CopyData:
			return msg.Data, nil
		case *pgproto3.CopyDone:
			return nil, io.EOF
		case *pgproto3.CopyFail:
			return nil, sqlstate.Errorf(sqlstate.QueryCanceled, "COPY from stdin failed: %s", msg.Message)
		case *pgproto3.Flush, *pgproto3.Sync:
		default:
			r.cn.end(&sqlstate.Error{Code: sqlstate.ProtocolViolation, Message: "terminating connection because protocol synchronization was lost"})
			return nil, sqlstate.Errorf(sqlstate.ProtocolViolation, "unexpected message %T during COPY from stdin", msg)
		}
	}
}

// Close ends the reading. What the client still sends is dropped.
func (r *CopyReader) Close() {
	r.stop()
	r.cn.readBy(time.Time{})
}

// after calls do when ctx ends. The function that it returns ends that; do has
// returned when it returns. It reports whether do was not called.
func after(ctx context.Context, do func()) (stop func() bool) {
	done := make(chan struct{})
	stopped := context.AfterFunc(ctx, func() {
		defer close(done)
		do()
	})
	return func() bool {
		if stopped() {
			return true
		}
		<-done
		return false
	}
}

// CopyOut begins the data of a COPY TO STDOUT of n columns.
func (w *Writer) CopyOut(n int, binary bool) {
	msg := &pgproto3.CopyOutResponse{ColumnFormatCodes: make([]uint16, n)}
	if binary {
		msg.OverallFormat = 1
		for i := range msg.ColumnFormatCodes {
			msg.ColumnFormatCodes[i] = 1
		}
	}
	w.send(msg)
}

// CopyData sends a row of a COPY TO STDOUT: what put appends. It returns the
// first failure to send.
func (w *Writer) CopyData(put func(dst []byte) []byte) error {
	at := len(w.buf)
	w.buf = append(w.buf, 'd', 0, 0, 0, 0)
	w.buf = put(w.buf)
	w.row = at
	return w.EndRow()
}

// CopyDone ends the data of a COPY TO STDOUT.
func (w *Writer) CopyDone() { w.send(&pgproto3.CopyDone{}) }

// Watch bounds the time that the client may take to read what it is sent, as
// soon as ctx has ended: one that does not read must not hold up the end of
// its statement for good. The caller calls the function that it returns.
func (w *Writer) Watch(ctx context.Context) (release func()) {
	if w.cn == nil {
		return func() {}
	}
	stop := after(ctx, func() { w.cn.writeBy(time.Now().Add(writeGrace)) })
	return func() {
		if !stop() {
			w.cn.writeBy(time.Time{})
		}
	}
}
