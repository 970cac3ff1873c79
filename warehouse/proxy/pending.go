package proxy

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/warehouse/dialect"
	"salamander/warehouse/sqlstate"
)

// The kinds of messages that the server behind answers.
const (
	parse    = 'P'
	bind     = 'B'
	describe = 'D'
	execute  = 'E'
	closing  = 'C'
	sync_    = 'S'
	query    = 'Q'
)

// An entry is a message that the server behind has yet to answer.
type entry struct {
	kind    byte
	text    string           // the user's, that positions refer to
	mapping *dialect.Mapping // from what was sent to text; nil where that is text
	sql     string           // what was sent
	refused error            // the answer to the user, in place of the error that the message must give

	hidden    bool // nothing is passed on
	quiet     bool // ReadyForQuery is not passed on
	failed    error
	rows      [][][]byte // of a hidden one, unless row takes them
	row       func([][]byte)
	described func([]pgproto3.FieldDescription) // takes the columns of a hidden one; may be nil
	copyIn    chan struct{}                     // closed when the server behind waits for a COPY's data; nil where nobody asks
	done      chan struct{}                     // closed when it is answered, or will never be
}

// add notes a message that is about to be sent. While the server behind passes
// all over up to Sync, it is done at once.
func (r *relay) add(e *entry) *entry {
	e.done = make(chan struct{})
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken || r.skipping && e.kind != sync_ {
		e.failed = errSkipped
		close(e.done)
		return e
	}
	r.pending = append(r.pending, e)
	return e
}

var errSkipped = errors.New("passed over after an error")

// busy reports whether there is something that is not answered.
func (r *relay) busy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.pending) > 0
}

// head returns what the server behind answers now, or nil.
func (r *relay) head() *entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pending) == 0 {
		return nil
	}
	return r.pending[0]
}

// pop ends the head.
func (r *relay) pop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.pending[0].done)
	r.pending = r.pending[1:]
}

// skip ends all up to Sync: the server behind passes them over.
func (r *relay) skip() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pending) > 0 && r.pending[0].kind == query {
		return // it ends with ReadyForQuery
	}
	r.skipping = true
	var why error = errSkipped // or the failure of the relay's own question, which has several messages
	if len(r.pending) > 0 && r.pending[0].hidden {
		why = r.pending[0].failed
	}
	for len(r.pending) > 0 && r.pending[0].kind != sync_ {
		if r.pending[0].failed == nil {
			r.pending[0].failed = why
		}
		close(r.pending[0].done)
		r.pending = r.pending[1:]
	}
}

// breakOff ends all: the server behind is gone.
func (r *relay) breakOff() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken = true
	for _, e := range r.pending {
		e.failed = errors.New("the connection was lost")
		close(e.done)
	}
	r.pending = nil
}

// A reading takes the server's messages and hands them on.
type reading struct {
	in  *bufio.Reader
	buf []byte
}

// next returns a whole message: its type and all its bytes, good until the
// next call.
func (r *reading) next() (byte, []byte, error) {
	head, err := r.in.Peek(5)
	if err != nil {
		return 0, nil, err
	}
	size := int(binary.BigEndian.Uint32(head[1:])) + 1
	if size < 5 {
		return 0, nil, errors.New("a message of the server behind is broken")
	}
	if cap(r.buf) < size {
		r.buf = make([]byte, size+size/2)
	} else if cap(r.buf) > 1<<20 && size < 1<<16 {
		r.buf = make([]byte, 1<<16)
	}
	r.buf = r.buf[:size]
	_, err = io.ReadFull(r.in, r.buf)
	return r.buf[0], r.buf, err
}

// read hands what the server behind says to the client, until it is gone.
func (r *relay) read() error {
	in := reading{in: bufio.NewReaderSize(r.s.up.Conn, 64<<10)}
	for {
		kind, msg, err := in.next()
		if err != nil {
			return err
		}
		if err := r.take(kind, msg); err != nil {
			return err
		}
		if in.in.Buffered() == 0 {
			r.out.Lock()
			err := r.c.Flush()
			r.out.Unlock()
			if err != nil {
				return errLeft
			}
		}
	}
}

var errLeft = errors.New("the client left")

// pass sends a message to the client as it is.
func (r *relay) pass(msg []byte) {
	r.out.Lock()
	defer r.out.Unlock()
	r.c.SendRaw(msg)
}

// take handles one message of the server behind.
func (r *relay) take(kind byte, msg []byte) error {
	e := r.head()
	hidden := e != nil && e.hidden
	switch kind {
	case 'N', 'A', 'S': // notices, notifications and parameters belong to nothing
		if kind != 'S' || !strings.HasPrefix(string(msg[5:]), "standard_conforming_strings\x00") {
			r.pass(msg)
		}
		return nil
	case 'E':
		return r.failure(e, msg)
	case 'Z':
		return r.ready(e, msg)
	case 'G':
		if e != nil && e.copyIn != nil {
			close(e.copyIn)
			e.copyIn = nil
			if hidden {
				return nil
			}
		}
	case 'D':
		if hidden {
			row, err := rowOf(msg)
			if e.row != nil && err == nil {
				e.row(row)
			} else {
				e.rows = append(e.rows, row)
			}
			return err
		}
	case 'T':
		if hidden && e.described != nil {
			var d pgproto3.RowDescription
			if err := d.Decode(msg[5:]); err != nil {
				return err
			}
			e.described(d.Fields)
		}
	}
	if !hidden {
		r.pass(msg)
	}
	if e != nil && ends(e.kind, kind) {
		r.pop()
	}
	return nil
}

// ends reports whether a message of the server behind ends its answer to one
// of a kind.
func ends(kind, msg byte) bool {
	switch kind {
	case parse:
		return msg == '1'
	case bind:
		return msg == '2'
	case closing:
		return msg == '3'
	case describe:
		return msg == 'T' || msg == 'n'
	case execute:
		return msg == 'C' || msg == 's' || msg == 'I'
	}
	return false
}

// ready takes ReadyForQuery, which ends Query and Sync.
func (r *relay) ready(e *entry, msg []byte) error {
	r.mu.Lock()
	r.status = msg[5]
	r.skipping = false
	r.mu.Unlock()
	if e == nil || e.kind != query && e.kind != sync_ {
		return errors.New("the server behind is ready out of turn")
	}
	if !e.hidden && !e.quiet {
		r.pass(msg)
	}
	r.pop()
	return nil
}

// failure takes an error: it is the client's, told of the client's text.
func (r *relay) failure(e *entry, msg []byte) error {
	var res pgproto3.ErrorResponse
	if err := res.Decode(msg[5:]); err != nil {
		return err
	}
	if e == nil { // the connection ends: terminated, shut down
		r.pass(msg)
		return nil
	}
	translate(&res, e)
	e.failed = &sqlstate.Error{Code: res.Code, Message: res.Message, Detail: res.Detail, Hint: res.Hint}
	if !e.hidden {
		r.out.Lock()
		if e.refused != nil && r.statusNow() != 'E' {
			r.c.Fail(e.refused, e.text)
		} else if e.refused != nil {
			r.c.Fail(errFailed, e.text)
		} else {
			r.c.Send(&res)
		}
		r.out.Unlock()
	}
	r.skip()
	return nil
}

var errFailed = sqlstate.Errorf(sqlstate.FailedTransaction, "current transaction is aborted, commands ignored until end of transaction block")

// translate gives an error the position in the client's text, and Redshift's
// words where a constraint of ours was violated.
func translate(res *pgproto3.ErrorResponse, e *entry) {
	if e.hidden {
		res.Position = 0
	} else if res.Position > 0 && e.mapping != nil {
		at, n := len(e.sql), int(res.Position)-1
		for i := range e.sql {
			if n == 0 {
				at = i
				break
			}
			n--
		}
		source := min(e.mapping.Source(at), len(e.text))
		res.Position = int32(utf8.RuneCountInString(e.text[:source]) + 1)
	}
	if res.Code != sqlstate.CheckViolation {
		return
	}
	typ, blank, ours := dialect.PostgresConstraint(res.ConstraintName)
	switch {
	case !ours:
	case blank:
		res.Code, res.Message = sqlstate.FeatureNotSupported, "storing a VARCHAR that ends with blanks is not supported by the PostgreSQL warehouse"
		res.Hint = "Redshift ignores them when it compares. Use rtrim, in COPY TRIMBLANKS."
	default:
		res.Code, res.Message = sqlstate.StringTooLong, "value too long for type "+typ
	}
}

// rowOf returns the values of a DataRow; nil is null.
func rowOf(msg []byte) ([][]byte, error) {
	var row pgproto3.DataRow
	if err := row.Decode(msg[5:]); err != nil {
		return nil, err
	}
	values := make([][]byte, len(row.Values))
	for i, v := range row.Values {
		if v != nil {
			values[i] = append([]byte{}, v...)
		}
	}
	return values, nil
}

// A stream holds what both sides of a relay share.
type stream struct {
	mu       sync.Mutex // guards the fields below
	pending  []*entry   // what the server behind has yet to answer, in order
	skipping bool       // it passes over all up to Sync
	broken   bool       // it is gone
	status   byte       // of the transaction, as it was told last

	out sync.Mutex // guards the client's buffer
}

func (s *stream) statusNow() byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}
