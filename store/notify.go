package store

import (
	"context"
	"encoding/json"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/notify"
)

var notifySchema = []string{`
CREATE TABLE topic (
	arn     TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	doc     BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX topic_account ON topic (account, region, arn);
CREATE TABLE subscription (
	arn      TEXT PRIMARY KEY,
	topic    TEXT NOT NULL REFERENCES topic ON DELETE CASCADE,
	account  TEXT NOT NULL,
	region   TEXT NOT NULL,
	protocol TEXT NOT NULL,
	endpoint TEXT NOT NULL,
	doc      BLOB NOT NULL,
	UNIQUE (topic, protocol, endpoint)
) WITHOUT ROWID;
CREATE INDEX subscription_account ON subscription (account, region, arn);
CREATE TABLE topic_dedup (
	topic TEXT NOT NULL REFERENCES topic ON DELETE CASCADE,
	key   TEXT NOT NULL,
	at    INTEGER NOT NULL,
	id    TEXT NOT NULL,
	seq   INTEGER NOT NULL,
	PRIMARY KEY (topic, key)
) WITHOUT ROWID;
CREATE INDEX topic_dedup_at ON topic_dedup (at);
CREATE TABLE topic_sequence (
	seq INTEGER PRIMARY KEY AUTOINCREMENT
);
CREATE TABLE delivery (
	seq      INTEGER PRIMARY KEY AUTOINCREMENT,
	id       TEXT NOT NULL UNIQUE,
	lane     TEXT,
	due      INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	problem  TEXT NOT NULL,
	doc      BLOB NOT NULL
);
CREATE INDEX delivery_due ON delivery (due, seq);
CREATE INDEX delivery_lane ON delivery (lane, seq) WHERE lane IS NOT NULL;`, `
CREATE TABLE notice (
	key      TEXT PRIMARY KEY,
	at       INTEGER NOT NULL,
	withheld INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX notice_at ON notice (at);`, `
CREATE TABLE told (
	seq      INTEGER PRIMARY KEY AUTOINCREMENT,
	at       INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	problem  TEXT NOT NULL,
	doc      BLOB NOT NULL
);`}

// noticeAge is how long it is known that an alert was told.
const noticeAge = 90 * 24 * time.Hour

// Notify implements [notify.Store].
type Notify struct{ db *DB }

// NewNotify returns the topics in db.
func NewNotify(db *DB) *Notify { return &Notify{db} }

var _ notify.Store = (*Notify)(nil)

func runNotify(conn *sqlite.Conn, sql string, row func(*sqlite.Stmt) error, args ...any) error {
	return sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: row})
}

// document reads the JSON in the first column of the first row into v.
func document(conn *sqlite.Conn, v any, sql string, args ...any) (found bool, err error) {
	err = runNotify(conn, sql, func(stmt *sqlite.Stmt) error {
		found = true
		return json.Unmarshal(columnBytes(stmt, 0), v)
	}, args...)
	return found, err
}

func findTopic(conn *sqlite.Conn, arn string) (t notify.Topic, err error) {
	found, err := document(conn, &t, `SELECT doc FROM topic WHERE arn = ?`, arn)
	if err == nil && !found {
		err = notify.ErrNoTopic
	}
	return t, err
}

// CreateTopic adds a topic.
func (s *Notify) CreateTopic(ctx context.Context, t notify.Topic) (there notify.Topic, err error) {
	doc, err := json.Marshal(t)
	if err != nil {
		return t, err
	}
	err = s.db.Update(ctx, func(tx *Tx) error {
		found, err := findTopic(tx.conn, t.ARN)
		if err == nil {
			there = found
			return notify.ErrExists
		} else if err != notify.ErrNoTopic {
			return err
		}
		there = t
		return runNotify(tx.conn, `INSERT INTO topic (arn, account, region, doc) VALUES (?, ?, ?, ?)`, nil, t.ARN, t.Account(), t.Region(), doc)
	})
	return there, err
}

// Topic returns a topic.
func (s *Notify) Topic(ctx context.Context, arn string) (t notify.Topic, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		t, err = findTopic(conn, arn)
		return err
	})
	return t, err
}

func changeTopic(conn *sqlite.Conn, arn string, change func(*notify.Topic) error) error {
	t, err := findTopic(conn, arn)
	if err != nil {
		return err
	}
	if err := change(&t); err != nil {
		return err
	}
	doc, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return runNotify(conn, `UPDATE topic SET doc = ? WHERE arn = ?`, nil, doc, arn)
}

// ChangeTopic changes a topic.
func (s *Notify) ChangeTopic(ctx context.Context, arn string, change func(*notify.Topic) error) error {
	return s.db.Update(ctx, func(tx *Tx) error { return changeTopic(tx.conn, arn, change) })
}

// DeleteTopic removes a topic and its subscriptions.
func (s *Notify) DeleteTopic(ctx context.Context, arn string) error {
	return s.db.Update(ctx, func(tx *Tx) error { return runNotify(tx.conn, `DELETE FROM topic WHERE arn = ?`, nil, arn) })
}

// Topics returns topics by ARN.
func (s *Notify) Topics(ctx context.Context, account, region, after string, limit int) (list []notify.Topic, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return runNotify(conn, `SELECT doc FROM topic WHERE account = ? AND region = ? AND arn > ? ORDER BY arn LIMIT ?`, func(stmt *sqlite.Stmt) error {
			var t notify.Topic
			err := json.Unmarshal(columnBytes(stmt, 0), &t)
			list = append(list, t)
			return err
		}, account, region, after, limit)
	})
	return list, err
}

func findSubscription(conn *sqlite.Conn, arn string) (sub notify.Subscription, err error) {
	found, err := document(conn, &sub, `SELECT doc FROM subscription WHERE arn = ?`, arn)
	if err == nil && !found {
		err = notify.ErrNoSubscription
	}
	return sub, err
}

// Subscribe adds a subscription with its first deliveries.
func (s *Notify) Subscribe(ctx context.Context, sub notify.Subscription, first ...notify.Delivery) (there notify.Subscription, err error) {
	doc, err := json.Marshal(sub)
	if err != nil {
		return sub, err
	}
	err = s.db.Update(ctx, func(tx *Tx) error {
		t, err := findTopic(tx.conn, sub.Topic)
		if err != nil {
			return err
		}
		there = notify.Subscription{}
		found, err := document(tx.conn, &there, `SELECT doc FROM subscription WHERE topic = ? AND protocol = ? AND endpoint = ?`, sub.Topic, sub.Protocol, sub.Endpoint)
		if err != nil {
			return err
		}
		if found {
			return notify.ErrExists
		}
		there = sub
		err = runNotify(tx.conn, `INSERT INTO subscription (arn, topic, account, region, protocol, endpoint, doc) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			nil, sub.ARN, sub.Topic, t.Account(), t.Region(), sub.Protocol, sub.Endpoint, doc)
		if err != nil {
			return err
		}
		return insertDeliveries(tx.conn, first)
	})
	return there, err
}

// Subscription returns a subscription.
func (s *Notify) Subscription(ctx context.Context, arn string) (sub notify.Subscription, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		sub, err = findSubscription(conn, arn)
		return err
	})
	return sub, err
}

// ChangeSubscription changes a subscription.
func (s *Notify) ChangeSubscription(ctx context.Context, arn string, change func(*notify.Subscription) error) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		sub, err := findSubscription(tx.conn, arn)
		if err != nil {
			return err
		}
		if err := change(&sub); err != nil {
			return err
		}
		doc, err := json.Marshal(sub)
		if err != nil {
			return err
		}
		return runNotify(tx.conn, `UPDATE subscription SET doc = ? WHERE arn = ?`, nil, doc, arn)
	})
}

// Unsubscribe removes a subscription.
func (s *Notify) Unsubscribe(ctx context.Context, arn string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		sub, err := findSubscription(tx.conn, arn)
		if err == notify.ErrNoSubscription {
			return nil
		} else if err != nil {
			return err
		}
		if err := runNotify(tx.conn, `DELETE FROM subscription WHERE arn = ?`, nil, arn); err != nil {
			return err
		}
		return changeTopic(tx.conn, sub.Topic, func(t *notify.Topic) error {
			t.Deleted++
			return nil
		})
	})
}

// Subscriptions returns subscriptions by ARN.
func (s *Notify) Subscriptions(ctx context.Context, q notify.SubscriptionQuery) (list []notify.Subscription, err error) {
	if q.Limit == 0 {
		q.Limit = -1
	}
	where, args := `account = ? AND region = ?`, []any{q.Account, q.Region}
	if q.Topic != "" {
		where, args = `topic = ?`, []any{q.Topic}
	}
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return runNotify(conn, `SELECT doc FROM subscription WHERE `+where+` AND arn > ? ORDER BY arn LIMIT ?`, func(stmt *sqlite.Stmt) error {
			var sub notify.Subscription
			err := json.Unmarshal(columnBytes(stmt, 0), &sub)
			list = append(list, sub)
			return err
		}, append(args, q.After, q.Limit)...)
	})
	return list, err
}

// Publish adds the deliveries of a message.
func (s *Notify) Publish(ctx context.Context, p notify.Publication) (id string, sequence int64, err error) {
	err = s.db.Update(ctx, func(tx *Tx) error {
		id, sequence = p.ID, 0
		if _, err := findTopic(tx.conn, p.Topic); err != nil {
			return err
		}
		if p.DedupKey != "" {
			known, err := dedupTopic(tx.conn, p, &id, &sequence)
			if err != nil || known {
				return err
			}
		}
		list, err := p.Deliveries(sequence)
		if err != nil {
			return err
		}
		return insertDeliveries(tx.conn, list)
	})
	return id, sequence, err
}

// dedupTopic finds the message that p repeats, or keeps p as the first.
func dedupTopic(conn *sqlite.Conn, p notify.Publication, id *string, sequence *int64) (known bool, err error) {
	err = runNotify(conn, `SELECT id, seq FROM topic_dedup WHERE topic = ? AND key = ? AND at > ?`, func(stmt *sqlite.Stmt) error {
		known = true
		*id, *sequence = stmt.ColumnText(0), stmt.ColumnInt64(1)
		return nil
	}, p.Topic, p.DedupKey, p.DedupSince.UnixMilli())
	if err != nil || known {
		return known, err
	}
	if err := runNotify(conn, `INSERT INTO topic_sequence DEFAULT VALUES`, nil); err != nil {
		return false, err
	}
	*sequence = conn.LastInsertRowID()
	if err := runNotify(conn, `DELETE FROM topic_sequence WHERE seq < ?`, nil, *sequence); err != nil {
		return false, err
	}
	if err := runNotify(conn, `DELETE FROM topic_dedup WHERE at < ?`, nil, p.DedupSince.Add(-time.Hour).UnixMilli()); err != nil {
		return false, err
	}
	return false, runNotify(conn, `INSERT OR REPLACE INTO topic_dedup (topic, key, at, id, seq) VALUES (?, ?, ?, ?, ?)`,
		nil, p.Topic, p.DedupKey, p.At.UnixMilli(), *id, *sequence)
}

func insertDeliveries(conn *sqlite.Conn, list []notify.Delivery) error {
	for _, d := range list {
		doc, err := json.Marshal(d)
		if err != nil {
			return err
		}
		err = runNotify(conn, `INSERT INTO delivery (id, lane, due, attempts, problem, doc) VALUES (?, ?, ?, ?, '', ?) ON CONFLICT (id) DO NOTHING`,
			nil, d.ID, orNull(d.Lane), d.Due.UnixMilli(), d.Attempts, doc)
		if err != nil {
			return err
		}
	}
	return nil
}

// Enqueue adds deliveries.
func (s *Notify) Enqueue(ctx context.Context, list []notify.Delivery) error {
	return s.db.Update(ctx, func(tx *Tx) error { return insertDeliveries(tx.conn, list) })
}

// Due returns deliveries that are to be tried.
func (s *Notify) Due(ctx context.Context, now time.Time, limit int) (list []notify.Delivery, next time.Time, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		err := runNotify(conn, `SELECT doc, due, attempts FROM delivery d WHERE due <= ? AND (lane IS NULL
			OR NOT EXISTS (SELECT 1 FROM delivery b WHERE b.lane = d.lane AND b.seq < d.seq)) ORDER BY due, seq LIMIT ?`,
			func(stmt *sqlite.Stmt) error {
				var d notify.Delivery
				err := json.Unmarshal(columnBytes(stmt, 0), &d)
				d.Due, d.Attempts = time.UnixMilli(stmt.ColumnInt64(1)).UTC(), stmt.ColumnInt(2)
				list = append(list, d)
				return err
			}, now.UnixMilli(), limit)
		if err != nil {
			return err
		}
		return runNotify(conn, `SELECT min(due) FROM delivery WHERE due > ?`, func(stmt *sqlite.Stmt) error {
			if !stmt.ColumnIsNull(0) {
				next = time.UnixMilli(stmt.ColumnInt64(0)).UTC()
			}
			return nil
		}, now.UnixMilli())
	})
	return list, next, err
}

// Delay has a delivery tried again later.
func (s *Notify) Delay(ctx context.Context, id string, attempts int, due time.Time, problem string) error {
	return s.db.Update(ctx, func(tx *Tx) error {
		return runNotify(tx.conn, `UPDATE delivery SET attempts = ?, due = ?, problem = ? WHERE id = ?`, nil, attempts, due.UnixMilli(), problem, id)
	})
}

// Notice adds the deliveries of an alert that was not told.
func (s *Notify) Notice(ctx context.Context, n notify.Notice) (told bool, err error) {
	err = s.db.Update(ctx, func(tx *Tx) error {
		told = false
		if known, err := exists(tx.conn, `SELECT 1 FROM notice WHERE key = ?`, n.Once); err != nil || known {
			return err
		}
		at := n.At.UnixMilli()
		if err := runNotify(tx.conn, `DELETE FROM notice WHERE at < ?`, nil, n.At.Add(-noticeAge).UnixMilli()); err != nil {
			return err
		}
		if err := runNotify(tx.conn, `INSERT INTO notice (key, at, withheld) VALUES (?, ?, 0)`, nil, n.Once, at); err != nil {
			return err
		}
		withheld := 0
		if n.Within > 0 {
			recent := false
			err := runNotify(tx.conn, `SELECT at > ?, withheld FROM notice WHERE key = ?`, func(stmt *sqlite.Stmt) error {
				recent, withheld = stmt.ColumnInt(0) != 0, stmt.ColumnInt(1)
				return nil
			}, n.At.Add(-n.Within).UnixMilli(), n.Group)
			if err != nil {
				return err
			}
			if recent {
				return runNotify(tx.conn, `UPDATE notice SET withheld = withheld + 1 WHERE key = ?`, nil, n.Group)
			}
			if err := runNotify(tx.conn, `INSERT OR REPLACE INTO notice (key, at, withheld) VALUES (?, ?, 0)`, nil, n.Group, at); err != nil {
				return err
			}
		}
		told = true
		return insertDeliveries(tx.conn, n.Deliveries(withheld))
	})
	return told, err
}
