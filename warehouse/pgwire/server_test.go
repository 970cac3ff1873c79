package pgwire

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// Nothing that a client sends before it has logged in makes the server panic
// or opens a session.
func FuzzStartup(f *testing.F) {
	f.Add([]byte{0, 0, 0, 8, 4, 210, 22, 47})
	f.Add([]byte("\x00\x00\x00\x17\x00\x03\x00\x00user\x00awsuser\x00\x00"))
	f.Add([]byte{0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 1, 2, 3, 4})
	v, err := NewVerifier("secret")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		client, server := net.Pipe()
		s := &Server{Users: map[string]Verifier{"awsuser": v}, Open: func(context.Context, Startup) (Session, error) {
			t.Error("a session was opened")
			return nil, errors.New("no")
		}}
		go func() {
			client.SetDeadline(time.Now().Add(2 * time.Second))
			go io.Copy(io.Discard, client)
			client.Write(data)
			client.Close()
		}()
		s.Serve(context.Background(), server)
	})
}

func TestPositionCountsCharacters(t *testing.T) {
	for _, tc := range []struct {
		text     string
		at, want int
	}{{"select é x", 11, 10}, {"x", 1, 1}, {"x", 2, 2}, {"x", 9, 0}, {"x", 0, 0}} {
		if got := position(tc.text, tc.at); got != tc.want {
			t.Errorf("position(%q, %d): got %d; want %d", tc.text, tc.at, got, tc.want)
		}
	}
}
