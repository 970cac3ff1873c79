package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/engine"
)

// A chunk of history holds no more than this, so that a page reads little
// that it does not need.
const (
	chunkEvents = 128
	chunkBytes  = 64 << 10
)

// appendHistory stores events behind those that are there, in chunks.
func appendHistory(conn *sqlite.Conn, execution int64, events []engine.Event) error {
	for len(events) > 0 {
		n, size := 0, 1
		for n < len(events) && n < chunkEvents && (n == 0 || size+len(events[n].Data) < chunkBytes) {
			size += len(events[n].Data) + 1
			n++
		}
		chunk := make([]byte, 0, size)
		for i, ev := range events[:n] {
			chunk = append(chunk, "[,"[min(i, 1)])
			chunk = append(chunk, ev.Data...)
		}
		chunk = append(chunk, ']')
		err := sqlitex.Execute(conn, `INSERT INTO engine_history (execution, last, events) VALUES (?, ?, ?)`,
			&sqlitex.ExecOptions{Args: []any{execution, events[n-1].ID, chunk}})
		if err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

// errEnough ends a query whose page is full.
var errEnough = errors.New("enough")

// History returns events of an execution, in order or in reverse.
func (s Engine) History(ctx context.Context, q engine.HistoryQuery) ([]engine.Event, error) {
	sql, after := `SELECT last, events FROM engine_history WHERE execution = ? AND last > ? ORDER BY last`, q.After
	if q.Reverse {
		// The chunk that holds the event before q.After is the first whose
		// last event is not below it.
		sql = `SELECT last, events FROM engine_history WHERE execution = ?1 AND last <=
			coalesce((SELECT min(last) FROM engine_history WHERE execution = ?1 AND last >= ?2), 9223372036854775807) ORDER BY last DESC`
		if after = q.After - 1; q.After == 0 {
			after = 1<<63 - 1
		}
	}
	var page []engine.Event
	take := func(stmt *sqlite.Stmt) error {
		chunk, err := readChunk(stmt)
		if err != nil {
			return err
		}
		if q.Reverse {
			slices.Reverse(chunk)
		}
		for _, ev := range chunk {
			if !q.Reverse && ev.ID <= after || q.Reverse && ev.ID > after {
				continue
			}
			if len(page) == q.Limit {
				return errEnough
			}
			page = append(page, ev)
		}
		return nil
	}
	err := s.db.View(ctx, func(conn *sqlite.Conn) error {
		err := sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: []any{q.Key, after}, ResultFunc: take})
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	})
	if err == nil && len(page) == 0 {
		return s.lotHistory(ctx, q)
	}
	return page, err
}

func readChunk(stmt *sqlite.Stmt) ([]engine.Event, error) {
	var raw []json.RawMessage
	text, err := unsqueeze(columnBytes(stmt, 1))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	first := stmt.ColumnInt64(0) - int64(len(raw)) + 1
	chunk := make([]engine.Event, len(raw))
	for i, data := range raw {
		chunk[i] = engine.Event{ID: first + int64(i), Data: data}
	}
	return chunk, nil
}
