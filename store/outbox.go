package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

var outboxSchema = []string{`
CREATE TABLE outbox (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	topic   TEXT NOT NULL,
	key     TEXT NOT NULL,
	payload BLOB NOT NULL,
	at      INTEGER NOT NULL
);`}

// A Message is one entry of the outbox: what a committed change causes
// elsewhere. It is delivered at least once, and in order within its topic.
type Message struct {
	ID      int64 // rises with every message; the same when delivered again
	Topic   string
	Key     string
	Payload []byte
	At      time.Time
}

// Emit adds a message to the outbox, in the same commit as the change that
// causes it.
func (tx *Tx) Emit(topic, key string, payload []byte) error {
	tx.woken = true
	return sqlitex.Execute(tx.conn, `INSERT INTO outbox (topic, key, payload, at) VALUES (?, ?, ?, ?)`,
		&sqlitex.ExecOptions{Args: []any{topic, key, payload, tx.now().UnixMilli()}})
}

// Subscribe has f called with every message of topic, one at a time, those
// left from an earlier process first. A message is removed once every
// subscriber of its topic has returned nil; f that fails is called again
// after a pause, so f must bear repeats. Messages of topics without a
// subscriber are dropped once [DB.Deliver] was called. Subscribe must come
// before Deliver.
func (db *DB) Subscribe(topic string, f func(context.Context, Message) error) {
	db.outbox.mu.Lock()
	defer db.outbox.mu.Unlock()
	db.outbox.subs[topic] = append(db.outbox.subs[topic], f)
}

// Deliver starts the delivery of the outbox. It ends with [DB.Close].
func (db *DB) Deliver() { db.outbox.start() }

type outbox struct {
	db     *DB
	signal chan struct{}
	ctx    context.Context
	cancel context.CancelFunc
	ended  sync.WaitGroup

	mu   sync.Mutex // guards subs
	subs map[string][]func(context.Context, Message) error
}

func (o *outbox) init(db *DB) {
	o.db = db
	o.signal = make(chan struct{}, 1)
	o.subs = map[string][]func(context.Context, Message) error{}
	o.ctx, o.cancel = context.WithCancel(context.Background())
}

func (o *outbox) wake() {
	select {
	case o.signal <- struct{}{}:
	default:
	}
}

func (o *outbox) stop() {
	o.cancel()
	o.ended.Wait()
}

func (o *outbox) start() {
	o.ended.Add(1)
	go func() {
		defer o.ended.Done()
		for {
			pause := time.Duration(0)
			if err := o.drain(); err != nil && o.ctx.Err() == nil {
				if o.db.opt.OnError != nil {
					o.db.opt.OnError(fmt.Errorf("outbox: %w", err))
				}
				pause = 200 * time.Millisecond
			}
			if pause > 0 {
				select {
				case <-time.After(pause):
					continue
				case <-o.ctx.Done():
					return
				}
			}
			select {
			case <-o.signal:
			case <-o.ctx.Done():
				return
			}
		}
	}()
}

// drain delivers what is there. A topic whose subscriber fails is left alone
// for this round; the others go on.
func (o *outbox) drain() error {
	var failed error
	held := map[string]bool{}
	after := int64(0)
	for {
		batch, err := o.read(after)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			return failed
		}
		var delivered []int64
		for _, m := range batch {
			after = m.ID
			if held[m.Topic] {
				continue
			}
			if err := o.deliver(m); err != nil {
				held[m.Topic] = true
				failed = fmt.Errorf("message %d of %s: %w", m.ID, m.Topic, err)
				continue
			}
			delivered = append(delivered, m.ID)
		}
		if err := o.remove(delivered); err != nil {
			return err
		}
	}
}

func (o *outbox) read(after int64) ([]Message, error) {
	var batch []Message
	err := o.db.View(o.ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT id, topic, key, payload, at FROM outbox WHERE id > ? ORDER BY id LIMIT 256`,
			&sqlitex.ExecOptions{Args: []any{after}, ResultFunc: func(stmt *sqlite.Stmt) error {
				payload := make([]byte, stmt.ColumnLen(3))
				stmt.ColumnBytes(3, payload)
				batch = append(batch, Message{ID: stmt.ColumnInt64(0), Topic: stmt.ColumnText(1),
					Key: stmt.ColumnText(2), Payload: payload, At: time.UnixMilli(stmt.ColumnInt64(4)).UTC()})
				return nil
			}})
	})
	return batch, err
}

func (o *outbox) deliver(m Message) error {
	o.mu.Lock()
	subs := o.subs[m.Topic]
	o.mu.Unlock()
	for _, f := range subs {
		if err := f(o.ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (o *outbox) remove(ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	return o.db.Update(o.ctx, func(tx *Tx) error {
		for _, id := range ids {
			if err := sqlitex.Execute(tx.conn, `DELETE FROM outbox WHERE id = ?`, &sqlitex.ExecOptions{Args: []any{id}}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Undelivered returns how many messages the outbox holds.
func (db *DB) Undelivered(ctx context.Context) (n int64, err error) {
	err = db.View(ctx, func(conn *sqlite.Conn) error {
		n, err = sqlitex.ResultInt64(conn.Prep(`SELECT COUNT(*) FROM outbox`))
		return err
	})
	return n, err
}
