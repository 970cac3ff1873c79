package store

import (
	"context"
	"encoding/json"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/queue"
)

var queueSchema = []string{`
CREATE TABLE queue (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	name    TEXT NOT NULL,
	doc     BLOB NOT NULL,
	UNIQUE (account, region, name)
);
CREATE TABLE queue_message (
	seq       INTEGER PRIMARY KEY AUTOINCREMENT,
	queue     INTEGER NOT NULL REFERENCES queue ON DELETE CASCADE,
	id        TEXT NOT NULL,
	grp       TEXT NOT NULL,
	sent      INTEGER NOT NULL,
	visible   INTEGER NOT NULL,
	first     INTEGER NOT NULL,
	receives  INTEGER NOT NULL,
	receipt   TEXT NOT NULL,
	doc       BLOB NOT NULL
);
CREATE INDEX queue_message_visible ON queue_message (queue, visible, seq);
CREATE INDEX queue_message_group ON queue_message (queue, grp, seq);
CREATE INDEX queue_message_id ON queue_message (queue, id);
CREATE TABLE queue_dedup (
	queue INTEGER NOT NULL REFERENCES queue ON DELETE CASCADE,
	key   TEXT NOT NULL,
	at    INTEGER NOT NULL,
	id    TEXT NOT NULL,
	seq   INTEGER NOT NULL,
	PRIMARY KEY (queue, key)
) WITHOUT ROWID;
CREATE INDEX queue_dedup_at ON queue_dedup (at);`}

// Queues implements [queue.Store].
type Queues struct{ db *DB }

// NewQueues returns the queues in db.
func NewQueues(db *DB) *Queues { return &Queues{db} }

var _ queue.Store = (*Queues)(nil)

func runQueue(conn *sqlite.Conn, sql string, row func(*sqlite.Stmt) error, args ...any) error {
	return sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: row})
}

func findQueue(conn *sqlite.Conn, key queue.Key) (id int64, q queue.Queue, err error) {
	err = runQueue(conn, `SELECT id, doc FROM queue WHERE account = ? AND region = ? AND name = ?`, func(stmt *sqlite.Stmt) error {
		id = stmt.ColumnInt64(0)
		return json.Unmarshal(columnBytes(stmt, 1), &q)
	}, key.Account, key.Region, key.Name)
	if err == nil && id == 0 {
		err = queue.ErrNotFound
	}
	return id, q, err
}

// Create adds a queue.
func (s *Queues) Create(ctx context.Context, q queue.Queue) (there queue.Queue, err error) {
	doc, err := json.Marshal(q)
	if err != nil {
		return q, err
	}
	err = s.db.Update(ctx, func(tx *Tx) error {
		there = q
		if _, found, err := findQueue(tx.conn, q.Key); err == nil {
			there = found
			return queue.ErrExists
		} else if err != queue.ErrNotFound {
			return err
		}
		return runQueue(tx.conn, `INSERT INTO queue (account, region, name, doc) VALUES (?, ?, ?, ?)`, nil, q.Account, q.Region, q.Name, doc)
	})
	return there, err
}

// Queue returns a queue.
func (s *Queues) Queue(ctx context.Context, key queue.Key) (q queue.Queue, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		_, q, err = findQueue(conn, key)
		return err
	})
	return q, err
}

// Change changes a queue.
func (s *Queues) Change(ctx context.Context, key queue.Key, change func(*queue.Queue) error) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		id, q, err := findQueue(tx.conn, key)
		if err != nil {
			return err
		}
		if err := change(&q); err != nil {
			return err
		}
		doc, err := json.Marshal(q)
		if err != nil {
			return err
		}
		return runQueue(tx.conn, `UPDATE queue SET doc = ? WHERE id = ?`, nil, doc, id)
	})
}

// Delete removes a queue with its messages.
func (s *Queues) Delete(ctx context.Context, key queue.Key) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		id, _, err := findQueue(tx.conn, key)
		if err != nil {
			return err
		}
		return runQueue(tx.conn, `DELETE FROM queue WHERE id = ?`, nil, id)
	})
}

// Queues returns queues by name.
func (s *Queues) Queues(ctx context.Context, q queue.Query) (list []queue.Queue, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return runQueue(conn, `SELECT doc FROM queue WHERE account = ? AND region = ? AND name > ? AND substr(name, 1, length(?)) = ? ORDER BY name LIMIT ?`,
			func(stmt *sqlite.Stmt) error {
				var found queue.Queue
				err := json.Unmarshal(columnBytes(stmt, 0), &found)
				list = append(list, found)
				return err
			}, q.Account, q.Region, q.After, q.Prefix, q.Prefix, q.Limit)
	})
	return list, err
}

// Counts counts the messages of a queue.
func (s *Queues) Counts(ctx context.Context, key queue.Key, now, oldest time.Time) (c queue.Counts, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		id, _, err := findQueue(conn, key)
		if err != nil {
			return err
		}
		return runQueue(conn, `SELECT ifnull(sum(visible <= ?1), 0), ifnull(sum(visible > ?1 AND receipt <> ''), 0), ifnull(sum(visible > ?1 AND receipt = ''), 0)
			FROM queue_message WHERE queue = ?2 AND sent >= ?3`,
			func(stmt *sqlite.Stmt) error {
				c = queue.Counts{Visible: stmt.ColumnInt64(0), InFlight: stmt.ColumnInt64(1), Delayed: stmt.ColumnInt64(2)}
				return nil
			}, now.UnixMilli(), id, oldest.UnixMilli())
	})
	return c, err
}

// Send adds messages to a queue.
func (s *Queues) Send(ctx context.Context, key queue.Key, messages []queue.Message, dedupSince time.Time) (sent []queue.Message, err error) {
	err = s.db.Update(ctx, func(tx *Tx) error {
		sent = make([]queue.Message, len(messages))
		id, _, err := findQueue(tx.conn, key)
		if err != nil {
			return err
		}
		for i, m := range messages {
			if sent[i], err = sendMessage(tx.conn, id, m, dedupSince); err != nil {
				return err
			}
		}
		return nil
	})
	return sent, err
}

func sendMessage(conn *sqlite.Conn, id int64, m queue.Message, dedupSince time.Time) (queue.Message, error) {
	if m.DedupKey != "" {
		found := false
		err := runQueue(conn, `SELECT id, seq FROM queue_dedup WHERE queue = ? AND key = ? AND at > ?`, func(stmt *sqlite.Stmt) error {
			found = true
			m.ID, m.Sequence = stmt.ColumnText(0), stmt.ColumnInt64(1)
			return nil
		}, id, m.DedupKey, dedupSince.UnixMilli())
		if err != nil || found {
			return m, err
		}
	}
	there := false // sent by the call that this one repeats
	err := runQueue(conn, `SELECT seq FROM queue_message WHERE queue = ? AND id = ?`, func(stmt *sqlite.Stmt) error {
		there = true
		m.Sequence = stmt.ColumnInt64(0)
		return nil
	}, id, m.ID)
	if err != nil || there {
		return m, err
	}
	doc, err := json.Marshal(m)
	if err != nil {
		return m, err
	}
	err = runQueue(conn, `INSERT INTO queue_message (queue, id, grp, sent, visible, first, receives, receipt, doc) VALUES (?, ?, ?, ?, ?, 0, 0, '', ?)`,
		nil, id, m.ID, m.Group, m.Sent.UnixMilli(), m.Visible.UnixMilli(), doc)
	if err != nil {
		return m, err
	}
	m.Sequence = conn.LastInsertRowID()
	if m.DedupKey != "" {
		err = runQueue(conn, `INSERT OR REPLACE INTO queue_dedup (queue, key, at, id, seq) VALUES (?, ?, ?, ?, ?)`,
			nil, id, m.DedupKey, m.Sent.UnixMilli(), m.ID, m.Sequence)
	}
	return m, err
}

// Receive takes visible messages from a queue.
func (s *Queues) Receive(ctx context.Context, key queue.Key, t queue.Take) (taken queue.Taken, err error) {
	anything := false
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		id, _, err := findQueue(conn, key)
		if err != nil {
			return err
		}
		anything, err = exists(conn, `SELECT 1 FROM queue_message WHERE queue = ? AND visible <= ? AND sent >= ? LIMIT 1`, id, t.Now.UnixMilli(), t.Oldest.UnixMilli())
		if err != nil {
			return err
		}
		return runQueue(conn, `SELECT min(visible) FROM queue_message WHERE queue = ? AND visible > ?`, func(stmt *sqlite.Stmt) error {
			if !stmt.ColumnIsNull(0) {
				taken.Next = time.UnixMilli(stmt.ColumnInt64(0))
			}
			return nil
		}, id, t.Now.UnixMilli())
	})
	if err != nil || !anything {
		return taken, err
	}
	next := taken.Next
	err = s.db.Update(ctx, func(tx *Tx) (err error) {
		taken, err = takeMessages(tx.conn, key, t)
		return err
	})
	taken.Next = next
	return taken, err
}

const visibleMessages = `SELECT m.seq, m.id, m.grp, m.sent, m.first, m.receives, m.doc FROM queue_message m
	WHERE m.queue = ?1 AND m.visible <= ?2 AND m.sent >= ?3 `

func takeMessages(conn *sqlite.Conn, key queue.Key, t queue.Take) (taken queue.Taken, err error) {
	id, _, err := findQueue(conn, key)
	if err != nil {
		return taken, err
	}
	dead := int64(0)
	if t.Dead != nil {
		if dead, _, err = findQueue(conn, *t.Dead); err != nil && err != queue.ErrNotFound {
			return taken, err
		}
	}
	sql := visibleMessages + `ORDER BY m.visible, m.seq LIMIT ?4`
	if t.Fifo {
		sql = visibleMessages + `AND NOT EXISTS (SELECT 1 FROM queue_message b WHERE b.queue = ?1 AND b.grp = m.grp AND b.visible > ?2
			AND (b.seq < m.seq OR b.receipt <> '')) ORDER BY m.seq LIMIT ?4`
	}
	for len(taken.Messages) < t.Max {
		found, err := visible(conn, sql, id, t.Now.UnixMilli(), t.Oldest.UnixMilli(), t.Max-len(taken.Messages))
		if err != nil || len(found) == 0 {
			return taken, err
		}
		for _, m := range found {
			if dead != 0 && m.Receives >= t.MaxReceive {
				taken.Moved = true
				err = moveMessage(conn, m, dead, key.ARN(), t.Now)
			} else {
				err = holdMessage(conn, &m, t)
				taken.Messages = append(taken.Messages, m)
			}
			if err != nil {
				return taken, err
			}
		}
		if !taken.Moved || t.Until.Equal(t.Now) {
			return taken, nil // what was found is all there was; the rest is for the next call
		}
	}
	return taken, nil
}

func visible(conn *sqlite.Conn, sql string, args ...any) (found []queue.Message, err error) {
	err = runQueue(conn, sql, func(stmt *sqlite.Stmt) error {
		var m queue.Message
		err := json.Unmarshal(columnBytes(stmt, 6), &m)
		m.Sequence, m.ID, m.Group = stmt.ColumnInt64(0), stmt.ColumnText(1), stmt.ColumnText(2)
		m.Sent, m.Receives = time.UnixMilli(stmt.ColumnInt64(3)).UTC(), stmt.ColumnInt(5)
		if first := stmt.ColumnInt64(4); first != 0 {
			m.First = time.UnixMilli(first).UTC()
		}
		found = append(found, m)
		return err
	}, args...)
	return found, err
}

func holdMessage(conn *sqlite.Conn, m *queue.Message, t queue.Take) error {
	m.Receives++
	m.Receipt, m.Visible = t.Receipt(), t.Until
	if m.First.IsZero() {
		m.First = t.Now.UTC()
	}
	return runQueue(conn, `UPDATE queue_message SET receives = ?, receipt = ?, visible = ?, first = ? WHERE seq = ?`,
		nil, m.Receives, m.Receipt, m.Visible.UnixMilli(), m.First.UnixMilli(), m.Sequence)
}

// moveMessage gives a message to a dead-letter queue. It keeps its id and the
// time it was sent, which its expiry counts from.
func moveMessage(conn *sqlite.Conn, m queue.Message, dead int64, source string, now time.Time) error {
	m.DeadSource = source
	doc, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := runQueue(conn, `DELETE FROM queue_message WHERE seq = ?`, nil, m.Sequence); err != nil {
		return err
	}
	return runQueue(conn, `INSERT INTO queue_message (queue, id, grp, sent, visible, first, receives, receipt, doc) VALUES (?, ?, ?, ?, ?, 0, 0, '', ?)`,
		nil, dead, m.ID, m.Group, m.Sent.UnixMilli(), now.UnixMilli(), doc)
}

// findReceipt returns the message that a receipt handle names.
func findReceipt(conn *sqlite.Conn, key queue.Key, id, receipt string) (seq, visible int64, found queue.Found, err error) {
	qid, _, err := findQueue(conn, key)
	if err != nil {
		return 0, 0, queue.Gone, err
	}
	err = runQueue(conn, `SELECT seq, visible, receipt FROM queue_message WHERE queue = ? AND id = ?`, func(stmt *sqlite.Stmt) error {
		seq, visible, found = stmt.ColumnInt64(0), stmt.ColumnInt64(1), queue.Stale
		if stmt.ColumnText(2) == receipt {
			found = queue.Current
		}
		return nil
	}, qid, id)
	return seq, visible, found, err
}

// DeleteMessage removes a received message.
func (s *Queues) DeleteMessage(ctx context.Context, key queue.Key, id, receipt string, now time.Time, fifo bool) (found queue.Found, err error) {
	err = s.db.Update(ctx, func(tx *Tx) error {
		var seq, visible int64
		seq, visible, found, err = findReceipt(tx.conn, key, id, receipt)
		if err == nil && fifo && found == queue.Current && visible <= now.UnixMilli() {
			found = queue.Stale
		}
		if err != nil || found != queue.Current {
			return err
		}
		return runQueue(tx.conn, `DELETE FROM queue_message WHERE seq = ?`, nil, seq)
	})
	return found, err
}

// Hide changes until when a received message is hidden.
func (s *Queues) Hide(ctx context.Context, key queue.Key, id, receipt string, now, until time.Time) (found queue.Found, err error) {
	err = s.db.Update(ctx, func(tx *Tx) error {
		var seq, visible int64
		seq, visible, found, err = findReceipt(tx.conn, key, id, receipt)
		if err == nil && found == queue.Current && visible <= now.UnixMilli() {
			found = queue.Stale
		}
		if err != nil || found != queue.Current {
			return err
		}
		return runQueue(tx.conn, `UPDATE queue_message SET visible = ? WHERE seq = ?`, nil, until.UnixMilli(), seq)
	})
	return found, err
}

// Purge removes the messages of a queue.
func (s *Queues) Purge(ctx context.Context, key queue.Key) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		id, _, err := findQueue(tx.conn, key)
		if err != nil {
			return err
		}
		return runQueue(tx.conn, `DELETE FROM queue_message WHERE queue = ?`, nil, id)
	})
}

// Expire removes what no queue keeps any longer.
func (s *Queues) Expire(ctx context.Context, now time.Time) error {
	oldest := map[int64]int64{}
	err := s.db.View(ctx, func(conn *sqlite.Conn) error {
		return runQueue(conn, `SELECT id, doc FROM queue`, func(stmt *sqlite.Stmt) error {
			var q queue.Queue
			err := json.Unmarshal(columnBytes(stmt, 1), &q)
			oldest[stmt.ColumnInt64(0)] = now.Add(-time.Duration(q.Number("MessageRetentionPeriod")) * time.Second).UnixMilli()
			return err
		})
	})
	if err != nil || len(oldest) == 0 {
		return err
	}
	return s.db.Update(ctx, func(tx *Tx) error {
		for id, sent := range oldest {
			if err := runQueue(tx.conn, `DELETE FROM queue_message WHERE queue = ? AND sent < ?`, nil, id, sent); err != nil {
				return err
			}
		}
		return runQueue(tx.conn, `DELETE FROM queue_dedup WHERE at < ?`, nil, now.Add(-time.Hour).UnixMilli())
	})
}
