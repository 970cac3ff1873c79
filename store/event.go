package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"salamander/event"
)

// Events is the store of the event domain in a [DB].
type Events struct{ db *DB }

var _ event.Store = Events{}

// NewEvents returns the events' part of db.
func NewEvents(db *DB) Events { return Events{db} }

// Records returns the documents of a kind.
func (s Events) Records(ctx context.Context, kind string) (docs []json.RawMessage, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return each(conn, func(stmt *sqlite.Stmt) error {
			docs = append(docs, columnBytes(stmt, 0))
			return nil
		}, `SELECT doc FROM event_record WHERE kind = ? ORDER BY key`, kind)
	})
	return docs, err
}

// Commit carries out a change.
func (s Events) Commit(ctx context.Context, c event.Change) error {
	puts := make([][]byte, len(c.Put))
	for i, r := range c.Put {
		doc, err := json.Marshal(r.Doc)
		if err != nil {
			return fmt.Errorf("encode the %s %q: %w", r.Kind, r.Key, err)
		}
		puts[i] = doc
	}
	deliveries := make([][]byte, 0, len(c.Accept)+len(c.Update))
	for _, list := range [][]event.Delivery{c.Accept, c.Update} {
		for _, d := range list {
			doc, err := json.Marshal(d)
			if err != nil {
				return fmt.Errorf("encode the delivery %s: %w", d.ID, err)
			}
			deliveries = append(deliveries, doc)
		}
	}
	return s.db.Update(ctx, func(tx *Tx) error {
		for i, r := range c.Put {
			if err := run(tx.conn, `INSERT OR REPLACE INTO event_record VALUES (?, ?, ?)`, r.Kind, r.Key, puts[i]); err != nil {
				return err
			}
		}
		for _, r := range c.Delete {
			if err := run(tx.conn, `DELETE FROM event_record WHERE kind = ? AND key = ?`, r.Kind, r.Key); err != nil {
				return err
			}
		}
		if err := putDeliveries(tx.conn, c, deliveries); err != nil {
			return err
		}
		return putOutcomes(tx.conn, c)
	})
}

func putDeliveries(conn *sqlite.Conn, c event.Change, docs [][]byte) error {
	for i, d := range c.Accept {
		err := run(conn, `INSERT OR IGNORE INTO event_delivery VALUES (?, ?, ?, ?,
			(SELECT coalesce(max(seq), 0) + 1 FROM event_delivery WHERE owner = ?), ?)`,
			d.ID, d.Owner, d.Held, d.Due.UnixMilli(), d.Owner, docs[i])
		if err != nil {
			return err
		}
	}
	for i, d := range c.Update {
		err := run(conn, `UPDATE event_delivery SET held = ?, due = ?, doc = ? WHERE id = ?`,
			d.Held, d.Due.UnixMilli(), docs[len(c.Accept)+i], d.ID)
		if err != nil {
			return err
		}
	}
	for _, id := range c.Done {
		if err := run(conn, `DELETE FROM event_delivery WHERE id = ?`, id); err != nil {
			return err
		}
		if err := run(conn, `DELETE FROM replay WHERE invocation = ?`, id); err != nil {
			return err
		}
	}
	return nil
}

func putOutcomes(conn *sqlite.Conn, c event.Change) error {
	for _, r := range c.Started {
		if err := run(conn, `INSERT OR REPLACE INTO event_running VALUES (?, ?)`, r.Ref, r.Owner); err != nil {
			return err
		}
	}
	for _, ref := range c.Ended {
		if err := run(conn, `DELETE FROM event_running WHERE ref = ?`, ref); err != nil {
			return err
		}
	}
	for _, x := range c.Success {
		err := run(conn, `INSERT OR REPLACE INTO event_success VALUES (?, ?, ?, ?)`, x.Machine, x.Input, x.Execution, x.At.UnixMilli())
		if err != nil {
			return err
		}
	}
	if c.Took == nil {
		return nil
	}
	return run(conn, `INSERT INTO event_taken VALUES (?, ?) ON CONFLICT (topic) DO UPDATE SET id = max(id, excluded.id)`, c.Took.Topic, c.Took.ID)
}

func scanDelivery(list *[]event.Delivery) func(*sqlite.Stmt) error {
	return func(stmt *sqlite.Stmt) error {
		var d event.Delivery
		if err := json.Unmarshal(columnBytes(stmt, 0), &d); err != nil {
			return fmt.Errorf("stored delivery: %w", err)
		}
		*list = append(*list, d)
		return nil
	}
}

// Due returns deliveries by their time.
func (s Events) Due(ctx context.Context, now time.Time, limit int) (due []event.Delivery, next time.Time, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		err := each(conn, scanDelivery(&due), `SELECT doc FROM event_delivery WHERE held = 0 AND due <= ? ORDER BY due, seq LIMIT ?`, now.UnixMilli(), limit)
		if err != nil {
			return err
		}
		return each(conn, func(stmt *sqlite.Stmt) error {
			next = time.UnixMilli(stmt.ColumnInt64(0)).UTC()
			return nil
		}, `SELECT due FROM event_delivery WHERE held = 0 AND due > ? ORDER BY due LIMIT 1`, now.UnixMilli())
	})
	return due, next, err
}

// Pending returns what an owner has under way.
func (s Events) Pending(ctx context.Context, owner string) (open, held []event.Delivery, running []string, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		for list, flag := range map[*[]event.Delivery]int{&open: 0, &held: 1} {
			err := each(conn, scanDelivery(list), `SELECT doc FROM event_delivery WHERE owner = ? AND held = ? ORDER BY seq`, owner, flag)
			if err != nil {
				return err
			}
		}
		return each(conn, func(stmt *sqlite.Stmt) error {
			running = append(running, stmt.ColumnText(0))
			return nil
		}, `SELECT ref FROM event_running WHERE owner = ?`, owner)
	})
	return open, held, running, err
}

// Running returns all that runs.
func (s Events) Running(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	err := s.db.View(ctx, func(conn *sqlite.Conn) error {
		return each(conn, func(stmt *sqlite.Stmt) error {
			all[stmt.ColumnText(0)] = stmt.ColumnText(1)
			return nil
		}, `SELECT ref, owner FROM event_running`)
	})
	return all, err
}

// Inbox returns messages of the outbox that are not taken yet.
func (s Events) Inbox(ctx context.Context, topic string, after int64, limit int) (all []event.Message, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return each(conn, func(stmt *sqlite.Stmt) error {
			all = append(all, event.Message{ID: stmt.ColumnInt64(0), Topic: topic, Key: stmt.ColumnText(1),
				Payload: columnBytes(stmt, 2), At: time.UnixMilli(stmt.ColumnInt64(3)).UTC()})
			return nil
		}, `SELECT id, key, payload, at FROM outbox
			WHERE topic = ? AND id > max(?, coalesce((SELECT id FROM event_taken WHERE topic = ?), 0)) ORDER BY id LIMIT ?`,
			topic, after, topic, limit)
	})
	return all, err
}

// Succeeded returns the executions that succeeded with the inputs.
func (s Events) Succeeded(ctx context.Context, machine string, inputs []string) (map[string]string, error) {
	found := map[string]string{}
	err := s.db.View(ctx, func(conn *sqlite.Conn) error {
		for _, in := range inputs {
			err := each(conn, func(stmt *sqlite.Stmt) error {
				found[in] = stmt.ColumnText(0)
				return nil
			}, `SELECT execution FROM event_success WHERE machine = ? AND input = ?`, machine, in)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}
