package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/logs"
)

var logsSchema = []string{`
CREATE TABLE log_groups (
	id        INTEGER PRIMARY KEY,
	account   TEXT NOT NULL,
	region    TEXT NOT NULL,
	name      TEXT NOT NULL,
	created   INTEGER NOT NULL,
	retention INTEGER NOT NULL,
	bytes     INTEGER NOT NULL,
	tags      TEXT NOT NULL,
	UNIQUE (account, region, name)
);
CREATE TABLE log_streams (
	id          INTEGER PRIMARY KEY,
	group_id    INTEGER NOT NULL REFERENCES log_groups ON DELETE CASCADE,
	name        TEXT NOT NULL,
	created     INTEGER NOT NULL,
	first_event INTEGER,
	last_event  INTEGER,
	ingested    INTEGER,
	UNIQUE (group_id, name)
);
CREATE TABLE log_events (
	seq       INTEGER PRIMARY KEY AUTOINCREMENT,
	group_id  INTEGER NOT NULL REFERENCES log_groups ON DELETE CASCADE,
	stream_id INTEGER NOT NULL REFERENCES log_streams ON DELETE CASCADE,
	at        INTEGER NOT NULL,
	ingested  INTEGER NOT NULL,
	message   TEXT NOT NULL
);
CREATE INDEX log_events_by_stream ON log_events (stream_id, at, seq);
CREATE INDEX log_events_by_group ON log_events (group_id, at, seq);`}

// Logs implements logs.Store.
type Logs struct{ db *DB }

// NewLogs returns the log groups in db.
func NewLogs(db *DB) *Logs { return &Logs{db} }

// runLogs executes sql on conn and calls row, which may be nil, with each row.
func runLogs(conn *sqlite.Conn, sql string, row func(*sqlite.Stmt) error, args ...any) error {
	return sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: row})
}

// CreateGroup adds a group.
func (l *Logs) CreateGroup(ctx context.Context, g logs.Group) error {
	return l.db.Update(ctx, func(tx *Tx) error {
		_, err := insertGroup(tx.conn, g)
		return err
	})
}

func insertGroup(conn *sqlite.Conn, g logs.Group) (int64, error) {
	tags, err := json.Marshal(g.Tags)
	if err != nil {
		return 0, err
	}
	err = runLogs(conn, `INSERT INTO log_groups (account, region, name, created, retention, bytes, tags)
		VALUES (?, ?, ?, ?, ?, 0, ?) ON CONFLICT DO NOTHING`, nil,
		g.Account, g.Region, g.Group, g.Created.UnixMilli(), g.Retention, string(tags))
	if err == nil && conn.Changes() == 0 {
		err = logs.ErrGroupExists
	}
	return conn.LastInsertRowID(), err
}

// DeleteGroup removes a group with all in it.
func (l *Logs) DeleteGroup(ctx context.Context, g logs.GroupID) error {
	return l.db.Update(ctx, func(tx *Tx) error {
		err := runLogs(tx.conn, `DELETE FROM log_groups WHERE account = ? AND region = ? AND name = ?`, nil, g.Account, g.Region, g.Group)
		if err == nil && tx.conn.Changes() == 0 {
			err = logs.ErrNoGroup
		}
		return err
	})
}

// Group returns a group.
func (l *Logs) Group(ctx context.Context, g logs.GroupID) (group logs.Group, err error) {
	err = l.db.View(ctx, func(conn *sqlite.Conn) error {
		_, group, err = findGroup(conn, g)
		return err
	})
	return group, err
}

const groupColumns = `id, account, region, name, created, retention, bytes, tags`

func findGroup(conn *sqlite.Conn, g logs.GroupID) (id int64, group logs.Group, err error) {
	err = runLogs(conn, `SELECT `+groupColumns+` FROM log_groups WHERE account = ? AND region = ? AND name = ?`,
		func(stmt *sqlite.Stmt) error {
			id = stmt.ColumnInt64(0)
			group, err = scanGroup(stmt)
			return err
		}, g.Account, g.Region, g.Group)
	if err == nil && id == 0 {
		err = logs.ErrNoGroup
	}
	return id, group, err
}

func scanGroup(stmt *sqlite.Stmt) (logs.Group, error) {
	g := logs.Group{
		GroupID:   logs.GroupID{Account: stmt.ColumnText(1), Region: stmt.ColumnText(2), Group: stmt.ColumnText(3)},
		Created:   time.UnixMilli(stmt.ColumnInt64(4)).UTC(),
		Retention: stmt.ColumnInt(5),
		Bytes:     stmt.ColumnInt64(6),
	}
	return g, json.Unmarshal([]byte(stmt.ColumnText(7)), &g.Tags)
}

// UpdateGroup changes the retention and the tags of a group.
func (l *Logs) UpdateGroup(ctx context.Context, g logs.GroupID, change func(*logs.Group)) error {
	return l.db.Update(ctx, func(tx *Tx) error {
		id, group, err := findGroup(tx.conn, g)
		if err != nil {
			return err
		}
		change(&group)
		tags, err := json.Marshal(group.Tags)
		if err != nil {
			return err
		}
		return runLogs(tx.conn, `UPDATE log_groups SET retention = ?, tags = ? WHERE id = ?`, nil, group.Retention, string(tags), id)
	})
}

// Groups returns groups by name.
func (l *Logs) Groups(ctx context.Context, q logs.GroupQuery) (groups []logs.Group, err error) {
	err = l.db.View(ctx, func(conn *sqlite.Conn) error {
		return runLogs(conn, `SELECT `+groupColumns+` FROM log_groups
			WHERE account = ? AND region = ? AND name > ? AND substr(name, 1, length(?)) = ? AND instr(lower(name), lower(?)) > 0
			ORDER BY name LIMIT ?`,
			func(stmt *sqlite.Stmt) error {
				g, err := scanGroup(stmt)
				groups = append(groups, g)
				return err
			}, q.Account, q.Region, q.After, q.Prefix, q.Prefix, q.Contains, q.Limit)
	})
	return groups, err
}

// CreateStream adds a stream to a group.
func (l *Logs) CreateStream(ctx context.Context, g logs.GroupID, stream string, at time.Time) error {
	return l.db.Update(ctx, func(tx *Tx) error {
		id, _, err := findGroup(tx.conn, g)
		if err != nil {
			return err
		}
		_, err = insertStream(tx.conn, id, stream, at)
		return err
	})
}

func insertStream(conn *sqlite.Conn, group int64, stream string, at time.Time) (int64, error) {
	err := runLogs(conn, `INSERT INTO log_streams (group_id, name, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		nil, group, stream, at.UnixMilli())
	if err == nil && conn.Changes() == 0 {
		err = logs.ErrStreamExists
	}
	return conn.LastInsertRowID(), err
}

// DeleteStream removes a stream with its events.
func (l *Logs) DeleteStream(ctx context.Context, g logs.GroupID, stream string) error {
	return l.db.Update(ctx, func(tx *Tx) error {
		_, id, _, err := findStream(tx.conn, g, stream)
		if err != nil {
			return err
		}
		return runLogs(tx.conn, `DELETE FROM log_streams WHERE id = ?`, nil, id)
	})
}

const streamColumns = `id, name, created, first_event, last_event, ingested`

func findStream(conn *sqlite.Conn, g logs.GroupID, stream string) (group, id int64, s logs.Stream, err error) {
	group, _, err = findGroup(conn, g)
	if err != nil {
		return 0, 0, s, err
	}
	err = runLogs(conn, `SELECT `+streamColumns+` FROM log_streams WHERE group_id = ? AND name = ?`,
		func(stmt *sqlite.Stmt) error {
			id, s = stmt.ColumnInt64(0), scanStream(stmt)
			return nil
		}, group, stream)
	if err == nil && id == 0 {
		err = logs.ErrNoStream
	}
	return group, id, s, err
}

func scanStream(stmt *sqlite.Stmt) logs.Stream {
	at := func(col int) time.Time {
		if stmt.ColumnIsNull(col) {
			return time.Time{}
		}
		return time.UnixMilli(stmt.ColumnInt64(col)).UTC()
	}
	return logs.Stream{Name: stmt.ColumnText(1), Created: at(2), FirstEvent: at(3), LastEvent: at(4), Ingested: at(5)}
}

// Stream returns a stream.
func (l *Logs) Stream(ctx context.Context, g logs.GroupID, stream string) (s logs.Stream, err error) {
	err = l.db.View(ctx, func(conn *sqlite.Conn) error {
		_, _, s, err = findStream(conn, g, stream)
		return err
	})
	return s, err
}

// Streams returns streams of a group.
func (l *Logs) Streams(ctx context.Context, q logs.StreamQuery) (streams []logs.Stream, err error) {
	order := `name`
	if q.ByTime {
		order = `ifnull(last_event, 0)`
	}
	if q.Descending {
		order += ` DESC`
	}
	err = l.db.View(ctx, func(conn *sqlite.Conn) error {
		group, _, err := findGroup(conn, q.Group)
		if err != nil {
			return err
		}
		return runLogs(conn, `SELECT `+streamColumns+` FROM log_streams WHERE group_id = ? AND substr(name, 1, length(?)) = ?
			ORDER BY `+order+`, name LIMIT ? OFFSET ?`,
			func(stmt *sqlite.Stmt) error {
				streams = append(streams, scanStream(stmt))
				return nil
			}, group, q.Prefix, q.Prefix, q.Limit, q.Skip)
	})
	return streams, err
}

// Append adds events to a stream in one commit.
func (l *Logs) Append(ctx context.Context, g logs.GroupID, stream string, events []logs.Event, create bool) error {
	if len(events) == 0 && !create {
		_, err := l.Stream(ctx, g, stream)
		return err
	}
	return l.db.Update(ctx, func(tx *Tx) error {
		group, id, _, err := findStream(tx.conn, g, stream)
		if create && err == logs.ErrNoGroup {
			group, err = insertGroup(tx.conn, logs.Group{GroupID: g, Created: tx.now()})
			if err == nil {
				err = logs.ErrNoStream
			}
		}
		if create && err == logs.ErrNoStream {
			if group == 0 {
				if group, _, err = findGroup(tx.conn, g); err != nil {
					return err
				}
			}
			id, err = insertStream(tx.conn, group, stream, tx.now())
		}
		if err != nil {
			return err
		}
		return insertEvents(tx.conn, group, id, events)
	})
}

func insertEvents(conn *sqlite.Conn, group, stream int64, events []logs.Event) error {
	bytes := 0
	for _, e := range events {
		bytes += len(e.Message) + 26 // what AWS counts for an event's frame
		at, ingested := e.Time.UnixMilli(), e.Ingested.UnixMilli()
		err := runLogs(conn, `INSERT INTO log_events (group_id, stream_id, at, ingested, message) VALUES (?, ?, ?, ?, ?)`,
			nil, group, stream, at, ingested, e.Message)
		if err != nil {
			return err
		}
		err = runLogs(conn, `UPDATE log_streams SET first_event = min(ifnull(first_event, ?1), ?1),
			last_event = max(ifnull(last_event, ?1), ?1), ingested = ?2 WHERE id = ?3`, nil, at, ingested, stream)
		if err != nil {
			return err
		}
	}
	return runLogs(conn, `UPDATE log_groups SET bytes = bytes + ? WHERE id = ?`, nil, bytes, group)
}

// Events returns events of a group.
func (l *Logs) Events(ctx context.Context, q logs.EventQuery) (events []logs.Event, err error) {
	err = l.db.View(ctx, func(conn *sqlite.Conn) error {
		where, args, err := eventCondition(conn, q)
		if err != nil {
			return err
		}
		order := `at, seq`
		if q.Backward {
			order = `at DESC, seq DESC`
		}
		return runLogs(conn, `SELECT seq, at, ingested, message, (SELECT name FROM log_streams s WHERE s.id = stream_id)
			FROM log_events WHERE `+where+` ORDER BY `+order+` LIMIT ?`,
			func(stmt *sqlite.Stmt) error {
				events = append(events, logs.Event{Seq: stmt.ColumnInt64(0), Time: time.UnixMilli(stmt.ColumnInt64(1)).UTC(),
					Ingested: time.UnixMilli(stmt.ColumnInt64(2)).UTC(), Message: stmt.ColumnText(3), Stream: stmt.ColumnText(4)})
				return nil
			}, append(args, q.Limit)...)
	})
	return events, err
}

func eventCondition(conn *sqlite.Conn, q logs.EventQuery) (where string, args []any, err error) {
	var conds []string
	add := func(cond string, values ...any) {
		conds = append(conds, cond)
		args = append(args, values...)
	}
	group, _, err := findGroup(conn, q.Group)
	if err != nil {
		return "", nil, err
	}
	if len(q.Streams) == 0 {
		add(`group_id = ?`, group)
	} else {
		marks := make([]string, len(q.Streams))
		for i, name := range q.Streams {
			_, id, _, err := findStream(conn, q.Group, name)
			if err != nil {
				return "", nil, err
			}
			marks[i] = fmt.Sprint(id)
		}
		add(`stream_id IN (` + strings.Join(marks, `, `) + `)`)
	}
	if q.Prefix != "" {
		add(`stream_id IN (SELECT id FROM log_streams WHERE group_id = ? AND substr(name, 1, length(?)) = ?)`, group, q.Prefix, q.Prefix)
	}
	if !q.From.IsZero() {
		add(`at >= ?`, q.From.UnixMilli())
	}
	if !q.To.IsZero() {
		add(`at < ?`, q.To.UnixMilli())
	}
	if p := q.After; p != nil {
		add(`(at, seq) > (?, ?)`, p.Millis, p.Seq)
	}
	if p := q.Before; p != nil {
		add(`(at, seq) < (?, ?)`, p.Millis, p.Seq)
	}
	return strings.Join(conds, ` AND `), args, nil
}

// Expire removes events that the retention of their group has ended, a group
// a commit.
func (l *Logs) Expire(ctx context.Context, now time.Time) error {
	limits := map[int64]int64{}
	err := l.db.View(ctx, func(conn *sqlite.Conn) error {
		return runLogs(conn, `SELECT id, retention FROM log_groups WHERE retention > 0`, func(stmt *sqlite.Stmt) error {
			limits[stmt.ColumnInt64(0)] = now.AddDate(0, 0, -stmt.ColumnInt(1)).UnixMilli()
			return nil
		})
	})
	if err != nil {
		return err
	}
	for id, limit := range limits {
		err := l.db.Update(ctx, func(tx *Tx) error {
			bytes := int64(0)
			err := runLogs(tx.conn, `SELECT ifnull(sum(length(CAST(message AS BLOB)) + 26), 0) FROM log_events WHERE group_id = ? AND at < ?`,
				func(stmt *sqlite.Stmt) error { bytes = stmt.ColumnInt64(0); return nil }, id, limit)
			if err != nil || bytes == 0 {
				return err
			}
			if err := runLogs(tx.conn, `DELETE FROM log_events WHERE group_id = ? AND at < ?`, nil, id, limit); err != nil {
				return err
			}
			return runLogs(tx.conn, `UPDATE log_groups SET bytes = bytes - ? WHERE id = ?`, nil, bytes, id)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
