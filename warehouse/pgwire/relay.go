package pgwire

import (
	"context"
	"net"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A Relay is a [Session] that answers all messages of its client itself, those
// of transactions and cursors included: one that hands them to another server.
// After the login nothing but Params, Relay and Close is called.
type Relay interface {
	// Relay serves the client until it leaves, which is no error. It begins
	// with ReadyForQuery. An error is sent to the client as FATAL.
	Relay(ctx context.Context, c *Client) error
}

// A Client is one that has logged in, for a [Relay]. Its methods are not called
// concurrently, but for those of Conn.
type Client struct{ c *conn }

// PID is the process number that the client was told.
func (c *Client) PID() uint32 { return c.c.pid }

// Conn is the connection: what was gathered is sent first. It is only to be
// read from where Receive is not called.
func (c *Client) Conn() (net.Conn, error) { return c.c.net, c.c.w.Flush() }

// Receive returns the client's next message, which is good until the next
// call. It returns an error when the client has left, or ctx of Serve ended.
func (c *Client) Receive() (pgproto3.FrontendMessage, error) { return c.c.back.Receive() }

// Send gathers a message for the client.
func (c *Client) Send(msg pgproto3.BackendMessage) { c.c.w.send(msg) }

// SendRaw gathers bytes that are whole messages.
func (c *Client) SendRaw(b []byte) {
	w := &c.c.w
	if w.err != nil {
		return
	}
	if w.buf = append(w.buf, b...); len(w.buf) >= flushAt {
		w.Flush()
	}
}

// Fail gathers err as an ErrorResponse; At is a place in text.
func (c *Client) Fail(err error, text string) {
	c.c.w.text = text
	c.c.w.Fail(err)
}

// Flush sends what was gathered and returns the first failure to send.
func (c *Client) Flush() error { return c.c.w.Flush() }

// OnCancel has cancel called, on another goroutine, when the client asks for
// the end of its statement. nil calls nothing.
func (c *Client) OnCancel(cancel func()) {
	c.c.mu.Lock()
	defer c.c.mu.Unlock()
	c.c.cancel = nil
	if cancel != nil {
		c.c.cancel = func(error) { cancel() }
	}
}
