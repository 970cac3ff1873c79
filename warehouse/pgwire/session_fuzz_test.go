package pgwire

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/warehouse/sqlstate"
)

// A toy is a session of which nothing is asked but to follow the protocol.
type toy struct{ status byte }

func (s *toy) Query(ctx context.Context, text string, w *Writer) {
	switch text {
	case "copy in":
		r := w.CopyIn(ctx, 1, false)
		defer r.Close()
		if n, err := io.Copy(io.Discard, r); err != nil {
			w.Fail(err)
		} else {
			w.Complete("COPY " + string(rune('0'+n%10)))
		}
	case "copy out":
		w.CopyOut(1, false)
		w.CopyData(func(b []byte) []byte { return append(b, "1\n"...) })
		w.CopyDone()
		w.Complete("COPY 1")
	case "":
		w.Empty()
	default:
		w.Fail(sqlstate.Errorf(sqlstate.SyntaxError, "syntax error"))
	}
}

func (s *toy) Parse(_ context.Context, text string, _ []uint32) (Prepared, error) {
	if text == "bad" {
		return nil, sqlstate.Errorf(sqlstate.SyntaxError, "syntax error")
	}
	return toyPrepared{}, nil
}
func (s *toy) Fail()                      { s.status = 'E' }
func (s *toy) Sync(context.Context) error { s.status = 'I'; return nil }
func (s *toy) Status() byte               { return s.status }
func (s *toy) Params() [][2]string        { return nil }
func (s *toy) Close()                     {}

type toyPrepared struct{}

func (toyPrepared) Params() []uint32                       { return []uint32{25} }
func (toyPrepared) Columns() []Column                      { return []Column{{Name: "a", OID: 25, Size: -1, Mod: -1}} }
func (toyPrepared) Bind([][]byte, []int16) (Portal, error) { return toyPortal{}, nil }
func (toyPrepared) Close()                                 {}

type toyPortal struct{}

func (toyPortal) Execute(_ context.Context, _ uint32, w *Writer) error {
	w.BeginRow(1)
	w.Null()
	if err := w.EndRow(); err != nil {
		return err
	}
	w.Complete("SELECT 1")
	return nil
}
func (toyPortal) Close() {}

// message is one of the client's, in bytes.
func message(kind byte, body string) string {
	b := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))
	return string(b) + body
}

// Whatever a client sends after it logged in, the server answers with whole
// messages and ends: with ReadyForQuery for the last thing asked, an error, or
// the connection's end.
func FuzzSession(f *testing.F) {
	f.Add([]byte(message('Q', "copy in\x00") + message('d', "1\n") + message('c', "") + message('X', "")))
	f.Add([]byte(message('Q', "copy in\x00") + message('f', "no\x00") + message('Q', "copy out\x00")))
	f.Add([]byte(message('Q', "copy in\x00") + message('Q', "\x00")))
	f.Add([]byte(message('P', "s\x00select\x00\x00\x00") + message('B', "p\x00s\x00\x00\x00\x00\x01\x00\x00\x00\x01a\x00\x00") + message('D', "Pp\x00") + message('E', "p\x00\x00\x00\x00\x01") + message('S', "")))
	f.Add([]byte(message('P', "\x00bad\x00\x00\x00") + message('E', "\x00\x00\x00\x00\x00") + message('S', "")))
	f.Add([]byte(message('C', "Sx\x00") + message('H', "") + message('F', "\x00\x00\x00\x01") + "\xff\xff\xff\xff\xff"))
	v, err := NewVerifier("secret")
	if err != nil {
		f.Fatal(err)
	}
	start, err := (&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersionNumber, Parameters: map[string]string{"user": "u"}}).Encode(nil)
	if err != nil {
		f.Fatal(err)
	}
	start = append(start, message('p', "secret\x00")...)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		client, server := net.Pipe()
		s := &Server{Users: map[string]Verifier{"u": v}, Password: true, Open: func(context.Context, Startup) (Session, error) { return &toy{status: 'I'}, nil },
			Lookup: func(string) (Verifier, bool) { return v, true }}
		var answer bytes.Buffer
		read := make(chan struct{})
		go func() {
			defer close(read)
			io.Copy(&answer, client)
		}()
		go func() {
			client.SetDeadline(time.Now().Add(5 * time.Second))
			client.Write(start)
			client.Write(data)
			client.Write([]byte(message('X', "")))
			client.Close() // a message may have promised more than came
		}()
		s.Serve(context.Background(), localPipe{server})
		<-read
		whole(t, answer.Bytes())
	})
}

// localPipe is a connection from this machine.
type localPipe struct{ net.Conn }

func (localPipe) RemoteAddr() net.Addr { return &net.UnixAddr{Name: "client", Net: "unix"} }

// whole checks that an answer is messages that a client can read.
func whole(t *testing.T, answer []byte) {
	t.Helper()
	front := pgproto3.NewFrontend(bytes.NewReader(answer), io.Discard)
	for {
		msg, err := front.Receive()
		if err != nil {
			if err != io.ErrUnexpectedEOF && err != io.EOF {
				t.Errorf("the answer %q: %v", answer, err)
			}
			return
		}
		if e, ok := msg.(*pgproto3.ErrorResponse); ok && (len(e.Code) != 5 || e.Message == "" || e.Severity == "") {
			t.Errorf("an error without its parts: %+v", e)
		}
		if e, ok := msg.(*pgproto3.ErrorResponse); ok && e.Code == sqlstate.InternalError {
			t.Errorf("an internal error: %s", e.Message)
		}
	}
}
