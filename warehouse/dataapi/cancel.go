package dataapi

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	cancelLife  = 5 * time.Second // a database that hears no cancel request is left then
	cancelAgain = 100 * time.Millisecond
)

// A canceller asks the database to end the query of a context that ended. It
// asks again until the query ends, since a request that comes before its
// query does nothing.
type canceller struct {
	conn *pgconn.PgConn
	stop context.CancelFunc
	done chan struct{}
}

// HandleCancel begins to ask.
func (c *canceller) HandleCancel(context.Context) {
	ctx, stop := context.WithTimeout(context.Background(), cancelLife)
	c.stop, c.done = stop, make(chan struct{})
	c.conn.Conn().SetDeadline(time.Now().Add(cancelLife))
	go func() {
		defer close(c.done)
		tick := time.NewTicker(cancelAgain)
		defer tick.Stop()
		for ctx.Err() == nil {
			_ = c.conn.CancelRequest(ctx) // the deadline ends it otherwise
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}()
}

// HandleUnwatchAfterCancel ends the asking.
func (c *canceller) HandleUnwatchAfterCancel() {
	c.stop()
	<-c.done
	c.conn.Conn().SetDeadline(time.Time{})
}
