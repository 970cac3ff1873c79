package proxy

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"salamander/warehouse/pgwire"
)

// raw passes all bytes, both ways, as they are.
func (s *session) raw(ctx context.Context, c *pgwire.Client) error {
	c.Send(&pgproto3.ReadyForQuery{TxStatus: s.up.TxStatus})
	client, err := c.Conn()
	if err != nil {
		return nil
	}
	up := s.up.Conn
	up.SetDeadline(time.Time{})
	stop := context.AfterFunc(ctx, func() { up.Close() })
	defer stop()
	left := make(chan struct{}) // the client went first
	ended := make(chan error, 1)
	go func() { // it ends with the server behind, which ends with the client
		_, err := io.Copy(client, up)
		select {
		case <-left:
		default:
			client.SetReadDeadline(time.Unix(1, 0))
		}
		ended <- err
	}()
	_, err = io.Copy(up, client)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		client.SetReadDeadline(time.Time{})
		<-ended
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return s.lost()
	}
	close(left)
	up.Close()
	<-ended
	return nil
}
