package pgwire

import (
	"encoding/binary"
	"errors"
	"net"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/warehouse/sqlstate"
)

// flushAt is the size of the buffer, in bytes, that is sent without being asked.
const flushAt = 64 << 10

// A Column describes one column of a result.
type Column struct {
	Name   string
	OID    uint32 // type, as in pg_type
	Size   int16  // bytes, or -1 where it varies
	Mod    int32  // type modifier, -1 for none
	Format int16  // 0 text, 1 binary
}

// A Writer sends a session's answers. It gathers them; the server flushes
// when a query is done. The first failure to send is kept and all later
// answers are dropped.
type Writer struct {
	conn net.Conn
	cn   *conn // whose connection it is
	buf  []byte
	text string // the query that positions refer to
	row  int    // where in buf the row being written begins
	err  error

	described bool    // Columns were told before: the extended protocol
	formats   []int16 // of the columns
}

// Format returns the format that the client wants of column i: 0 text, 1
// binary.
func (w *Writer) Format(i int) int16 { return FormatOf(w.formats, i) }

type encoder interface {
	Encode(dst []byte) ([]byte, error)
}

func (w *Writer) send(msg encoder) {
	if w.err != nil {
		return
	}
	buf, err := msg.Encode(w.buf)
	if err != nil {
		w.err = err
		return
	}
	w.buf = buf
	if len(w.buf) >= flushAt {
		w.Flush()
	}
}

// Flush sends what was gathered and returns the first failure.
func (w *Writer) Flush() error {
	if w.err == nil && len(w.buf) > 0 {
		_, w.err = w.conn.Write(w.buf)
	}
	w.buf = w.buf[:0]
	return w.err
}

// Err returns the first failure to send.
func (w *Writer) Err() error { return w.err }

// Columns begins a result with rows.
func (w *Writer) Columns(cols []Column) {
	if !w.described {
		w.describe(cols)
	}
}

func (w *Writer) describe(cols []Column) {
	fields := make([]pgproto3.FieldDescription, len(cols))
	for i, c := range cols {
		fields[i] = pgproto3.FieldDescription{
			Name: []byte(c.Name), DataTypeOID: c.OID, DataTypeSize: c.Size, TypeModifier: c.Mod, Format: c.Format,
		}
	}
	w.send(&pgproto3.RowDescription{Fields: fields})
}

// BeginRow begins a row of n values, to be followed by n calls of Value or
// Null and one of EndRow.
func (w *Writer) BeginRow(n int) {
	w.row = len(w.buf)
	w.buf = append(w.buf, 'D', 0, 0, 0, 0)
	w.buf = binary.BigEndian.AppendUint16(w.buf, uint16(n))
}

// Null writes a null value.
func (w *Writer) Null() { w.buf = append(w.buf, 0xff, 0xff, 0xff, 0xff) }

// Value writes a value: what put appends.
func (w *Writer) Value(put func(dst []byte) []byte) {
	at := len(w.buf)
	w.buf = append(w.buf, 0, 0, 0, 0)
	w.buf = put(w.buf)
	binary.BigEndian.PutUint32(w.buf[at:], uint32(len(w.buf)-at-4))
}

// EndRow ends a row. It returns the first failure to send, so that nobody goes
// on making rows for a client that has left.
func (w *Writer) EndRow() error {
	binary.BigEndian.PutUint32(w.buf[w.row+1:], uint32(len(w.buf)-w.row-1))
	if len(w.buf) >= flushAt {
		return w.Flush()
	}
	return w.err
}

// Complete ends a statement with its command tag: "INSERT 0 2".
func (w *Writer) Complete(tag string) {
	w.send(&pgproto3.CommandComplete{CommandTag: []byte(tag)})
}

// Suspended ends an answer of which the client wants no more rows for now.
func (w *Writer) Suspended() { w.send(&pgproto3.PortalSuspended{}) }

// Empty answers a query text without a statement.
func (w *Writer) Empty() { w.send(&pgproto3.EmptyQueryResponse{}) }

// Notice sends a notice.
func (w *Writer) Notice(n sqlstate.Notice) {
	w.send(&pgproto3.NoticeResponse{Severity: n.Severity, SeverityUnlocalized: n.Severity, Code: n.Code, Message: n.Message})
}

// Status tells the client the value of a parameter that it follows.
func (w *Writer) Status(name, value string) {
	w.send(&pgproto3.ParameterStatus{Name: name, Value: value})
}

// Fail sends err. Anything but a [*sqlstate.Error] leaves as an internal error.
func (w *Writer) Fail(err error) {
	var e *sqlstate.Error
	if !errors.As(err, &e) {
		e = &sqlstate.Error{Code: sqlstate.InternalError, Message: err.Error()}
	}
	msg := pgproto3.ErrorResponse{
		Severity: e.Severity, Code: e.Code, Message: e.Message, Detail: e.Detail, Hint: e.Hint, Where: e.Where,
		Position: int32(position(w.text, e.At)),
	}
	if msg.Severity == "" {
		msg.Severity = "ERROR"
	}
	if msg.Code == "" {
		msg.Code = sqlstate.InternalError
	}
	msg.SeverityUnlocalized = msg.Severity
	w.send(&msg)
}

// position turns a byte offset from 1 into the protocol's character offset
// from 1; 0 is unknown.
func position(text string, at int) int {
	if at <= 0 || at > len(text)+1 {
		return 0
	}
	return utf8.RuneCountInString(text[:at-1]) + 1
}
