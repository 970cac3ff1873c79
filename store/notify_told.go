package store

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"salamander/notify"
)

// What is remembered of alerts.
const (
	keptTold     = 1000     // deliveries
	keptToldBody = 16 << 10 // bytes of the text of each
)

// A ToldDelivery is an alert that has arrived, or was given up.
type ToldDelivery struct {
	notify.Delivery
	notify.Ending
}

// Done removes a delivery; of an alert's it remembers what became of it.
func (s *Notify) Done(ctx context.Context, id string, e notify.Ending) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		var d notify.Delivery
		found, err := document(tx.conn, &d, `SELECT doc FROM delivery WHERE id = ?`, id)
		if err != nil || !found {
			return err
		}
		if d.Rule != "" {
			if err := remember(tx.conn, d, e); err != nil {
				return err
			}
		}
		return runNotify(tx.conn, `DELETE FROM delivery WHERE id = ?`, nil, id)
	})
}

func remember(conn *sqlite.Conn, d notify.Delivery, e notify.Ending) error {
	d.Headers, d.Attributes = nil, nil
	if len(d.Body) > keptToldBody {
		d.Body = strings.ToValidUTF8(d.Body[:keptToldBody], "") + "…"
	}
	doc, err := json.Marshal(d)
	if err != nil {
		return err
	}
	err = runNotify(conn, `INSERT INTO told (at, attempts, problem, doc) VALUES (?, ?, ?, ?)`, nil, e.At.UnixMilli(), e.Attempts, e.Problem, doc)
	if err != nil {
		return err
	}
	return runNotify(conn, `DELETE FROM told WHERE seq <= ?`, nil, conn.LastInsertRowID()-keptTold)
}

// Told returns the alerts that have arrived or were given up, the newest first:
// the last thousand are remembered.
func (s *Notify) Told(ctx context.Context, limit int) (list []ToldDelivery, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return runNotify(conn, `SELECT doc, at, attempts, problem FROM told ORDER BY seq DESC LIMIT ?`, func(stmt *sqlite.Stmt) error {
			var d ToldDelivery
			err := json.Unmarshal(columnBytes(stmt, 0), &d.Delivery)
			d.Ending = notify.Ending{At: time.UnixMilli(stmt.ColumnInt64(1)).UTC(), Attempts: stmt.ColumnInt(2), Problem: stmt.ColumnText(3)}
			list = append(list, d)
			return err
		}, limit)
	})
	return list, err
}
