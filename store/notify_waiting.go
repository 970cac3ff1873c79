package store

import (
	"context"
	"encoding/json"
	"time"

	"zombiezen.com/go/sqlite"

	"salamander/notify"
)

// A WaitingDelivery is a message on its way.
type WaitingDelivery struct {
	notify.Delivery
	Problem string // of the last attempt; empty before the first
}

// Waiting returns the deliveries that have not arrived, the newest first.
func (s *Notify) Waiting(ctx context.Context, limit int) (list []WaitingDelivery, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return runNotify(conn, `SELECT doc, due, attempts, problem FROM delivery ORDER BY seq DESC LIMIT ?`, func(stmt *sqlite.Stmt) error {
			var d WaitingDelivery
			err := json.Unmarshal(columnBytes(stmt, 0), &d.Delivery)
			d.Due, d.Attempts, d.Problem = time.UnixMilli(stmt.ColumnInt64(1)).UTC(), stmt.ColumnInt(2), stmt.ColumnText(3)
			list = append(list, d)
			return err
		}, limit)
	})
	return list, err
}
