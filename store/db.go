// Package store is the embedded database behind every domain: SQLite in WAL
// mode with synchronous=FULL, one writer that gathers the updates of all
// callers into group commits, and an outbox for what a change causes
// elsewhere. Each domain declares the interface it needs; one file a domain
// here implements it.
package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// ErrFull means that the disk or the configured size limit has no room for a
// commit. Nothing of the update was stored.
var ErrFull = errors.New("store: no space left for the commit")

// ErrClosed means that the database was closed before the update was taken.
var ErrClosed = errors.New("store: closed")

// Options configures [Open]. The zero value works.
type Options struct {
	Readers  int              // read connections; 4 when 0
	MaxBatch int              // updates in one commit at most; 4096 when 0
	MaxPages int64            // max_page_count of SQLite; unlimited when 0
	OnError  func(err error)  // called for outbox deliveries that fail; may be nil
	Now      func() time.Time // clock of the outbox; time.Now when nil

	// OnCommit is told how many updates a commit held, how long it took and
	// what came of it, on the committer: it must not block. May be nil.
	OnCommit func(updates int, took time.Duration, err error)
}

// A DB is an open data directory. One process owns a directory at a time.
// All methods may be called from many goroutines.
type DB struct {
	opt     Options
	dir     string
	lock    *os.File
	writer  *sqlite.Conn // used by the committer alone
	readers chan *sqlite.Conn
	updates chan *update
	done    chan struct{} // closed when the committer has ended
	closing chan struct{}
	once    sync.Once
	outbox  outbox
	closers []func() error // called before the database closes
}

type update struct {
	f   func(*Tx) error
	tx  *Tx
	err error
	ack chan struct{}
}

// A Tx is one update. It is valid only within the function it was given to.
type Tx struct {
	conn  *sqlite.Conn
	after []func()
	woken bool // emitted something
	now   func() time.Time
}

// Conn returns the connection to run statements on. The statements must not
// begin or end transactions.
func (tx *Tx) Conn() *sqlite.Conn { return tx.conn }

// After has f called once the update is durable, before [DB.Update] returns.
// f runs on the committer and must not block.
func (tx *Tx) After(f func()) { tx.after = append(tx.after, f) }

// Open opens or creates the database in dir, takes the directory's lock and
// migrates the schema. A directory that another process owns is a
// [*LockedError].
func Open(dir string, opt Options) (*DB, error) {
	if opt.Readers == 0 {
		opt.Readers = 4
	}
	if opt.MaxBatch == 0 {
		opt.MaxBatch = 4096
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unwritable(dir, err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	db := &DB{opt: opt, dir: dir, lock: lock,
		readers: make(chan *sqlite.Conn, opt.Readers),
		updates: make(chan *update, opt.MaxBatch),
		done:    make(chan struct{}),
		closing: make(chan struct{}),
	}
	if err := db.open(filepath.Join(dir, "state.db")); err != nil {
		db.closeConns()
		lock.Close()
		return nil, fmt.Errorf("open the store in %s: %w", dir, err)
	}
	db.outbox.init(db)
	go db.commitLoop()
	return db, nil
}

func (db *DB) open(file string) error {
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return err
	}
	db.writer = conn
	// auto_vacuum takes effect in a new database only, before anything else.
	pragmas := []string{"PRAGMA auto_vacuum=INCREMENTAL", "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA busy_timeout=10000"}
	if db.opt.MaxPages > 0 {
		pragmas = append(pragmas, fmt.Sprintf("PRAGMA max_page_count=%d", db.opt.MaxPages))
	}
	for _, pragma := range pragmas {
		if err := sqlitex.ExecuteTransient(conn, pragma, nil); err != nil {
			return err
		}
	}
	if err := migrate(conn); err != nil {
		return err
	}
	for range db.opt.Readers {
		conn, err := sqlite.OpenConn(file, sqlite.OpenReadOnly|sqlite.OpenWAL)
		if err != nil {
			return err
		}
		conn.SetBusyTimeout(10 * time.Second)
		db.readers <- conn
	}
	return nil
}

// Update runs f in a transaction and returns when the transaction is durable.
// Updates of several callers share one commit; an error of f undoes f alone.
// f may be run on another goroutine and must not call Update or View.
// Where the commit fails, every update in it fails with that error.
func (db *DB) Update(ctx context.Context, f func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u := &update{f: f, ack: make(chan struct{})}
	select {
	case <-db.closing:
		return ErrClosed
	default:
	}
	select {
	case db.updates <- u:
	case <-db.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-u.ack:
		return u.err
	case <-db.done:
		select {
		case <-u.ack:
			return u.err
		default:
			return ErrClosed
		}
	}
}

// View runs f on a read connection, in one snapshot. f must not write.
func (db *DB) View(ctx context.Context, f func(*sqlite.Conn) error) (err error) {
	var conn *sqlite.Conn
	select {
	case conn = <-db.readers:
	case <-db.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { db.readers <- conn }()
	conn.SetInterrupt(ctx.Done())
	defer conn.SetInterrupt(nil)
	end := sqlitex.Save(conn)
	defer end(&err)
	return f(conn)
}

// Close waits for the updates under way, ends the outbox and gives the
// directory free.
func (db *DB) Close() error {
	var err error
	db.once.Do(func() {
		db.outbox.stop()
		for _, f := range db.closers {
			err = errors.Join(err, f())
		}
		close(db.closing)
		<-db.done
		err = errors.Join(err, db.closeConns())
		db.lock.Close()
	})
	return err
}

func (db *DB) closeConns() error {
	for range len(db.readers) {
		(<-db.readers).Close()
	}
	if db.writer == nil {
		return nil
	}
	return db.writer.Close()
}

func (db *DB) commitLoop() {
	defer close(db.done)
	batch := make([]*update, 0, db.opt.MaxBatch)
	for {
		batch = batch[:0]
		select {
		case u := <-db.updates:
			batch = append(batch, u)
		case <-db.closing:
			select {
			case u := <-db.updates:
				batch = append(batch, u)
			default:
				return
			}
		}
	gather:
		for len(batch) < cap(batch) {
			select {
			case u := <-db.updates:
				batch = append(batch, u)
			default:
				break gather
			}
		}
		db.commit(batch)
	}
}

// commit carries out the batch in one transaction and answers every update.
func (db *DB) commit(batch []*update) {
	began := time.Now()
	if !db.writer.AutocommitEnabled() { // what failed before could not be undone
		_ = sqlitex.Execute(db.writer, "ROLLBACK", nil)
	}
	err := sqlitex.Execute(db.writer, "BEGIN IMMEDIATE", nil)
	switch {
	case err == nil && len(batch) == 1:
		err = db.applyAlone(batch[0])
	case err == nil:
		for _, u := range batch {
			db.apply(u)
		}
		err = sqlitex.Execute(db.writer, "COMMIT", nil)
		if err != nil {
			// A failed COMMIT may leave the transaction open.
			_ = sqlitex.Execute(db.writer, "ROLLBACK", nil)
		}
	}
	err = sqliteError(err)
	if db.opt.OnCommit != nil {
		db.opt.OnCommit(len(batch), time.Since(began), err)
	}
	woken := false
	for _, u := range batch {
		if u.err == nil {
			u.err = err
		}
		if u.err == nil && u.tx != nil {
			for _, f := range u.tx.after {
				f()
			}
			woken = woken || u.tx.woken
		}
	}
	for _, u := range batch {
		close(u.ack)
	}
	if woken {
		db.outbox.wake()
	}
}

// apply runs one update in a savepoint. Its panic becomes its caller's error.
func (db *DB) apply(u *update) {
	end := sqlitex.Save(db.writer)
	db.call(u)
	end(&u.err)
}

// applyAlone runs the only update of a transaction, which ends with it.
func (db *DB) applyAlone(u *update) error {
	end := "COMMIT"
	if db.call(u); u.err != nil {
		end = "ROLLBACK"
	}
	err := sqlitex.Execute(db.writer, end, nil)
	if err != nil && u.err == nil {
		_ = sqlitex.Execute(db.writer, "ROLLBACK", nil) // a failed COMMIT may leave the transaction open
		return err
	}
	return nil
}

func (db *DB) call(u *update) {
	u.tx = &Tx{conn: db.writer, now: db.opt.Now}
	defer func() {
		if p := recover(); p != nil {
			u.err = fmt.Errorf("store: update panicked: %v", p)
		}
	}()
	u.err = sqliteError(u.f(u.tx))
}

// sqliteError gives errors of a full disk their own name.
func sqliteError(err error) error {
	if err != nil && sqlite.ErrCode(err).ToPrimary() == sqlite.ResultFull {
		return fmt.Errorf("%w: %v", ErrFull, err)
	}
	return err
}
