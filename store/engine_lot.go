package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/engine"
)

// lotSchema holds children of map runs that began and succeeded in one turn,
// many in a row: what they have in common once, and all of it compressed. A
// map run of a million items so takes some thousand rows.
const lotSchema = `
CREATE TABLE engine_lot (
	id        INTEGER PRIMARY KEY,
	tag       TEXT NOT NULL,    -- what the names of a map run's children begin with
	first     INTEGER NOT NULL, -- numbers of the children
	last      INTEGER NOT NULL,
	first_key INTEGER NOT NULL, -- their keys follow one by one
	last_key  INTEGER NOT NULL,
	stop      INTEGER NOT NULL, -- of the last one, in milliseconds since 1970
	body      BLOB NOT NULL,
	histories BLOB NOT NULL
);
CREATE INDEX engine_lot_tag  ON engine_lot (tag, last, first);
CREATE INDEX engine_lot_key  ON engine_lot (last_key, first_key);
CREATE INDEX engine_lot_stop ON engine_lot (stop);
`

// lotFormat is the number of the bodies' form.
const lotFormat = 1

// maxLotBytes bounds what a lot unpacks to, against damage.
const maxLotBytes = 1 << 30

var errLot = errors.New("a lot of children is damaged")

var packer = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
})

var unpacker = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxLotBytes))
})

// CreateEnded stores children of a map run that began and succeeded in one turn
// each. Where they have no keys yet they get the next ones.
func (s Engine) CreateEnded(ctx context.Context, definition string, children []engine.Birth) (first int64, err error) {
	body, histories, err := packLot(children)
	if err != nil {
		return 0, err
	}
	x, last := &children[0].Execution, &children[len(children)-1].Execution
	tag, _, ok := engine.ChildPlace(x.ARN)
	if !ok {
		return 0, fmt.Errorf("%q is not the ARN of a child", x.ARN)
	}
	stop := int64(0)
	for _, b := range children {
		stop = max(stop, b.First.Outcome.At.UnixMilli())
	}
	err = s.db.Update(ctx, func(tx *Tx) error {
		conn := tx.Conn()
		if first = x.Key; first == 0 {
			n, err := lastKey(conn)
			if err != nil {
				return err
			}
			first = n + 1
		}
		end := first + int64(len(children)) - 1
		for _, st := range []struct {
			sql  string
			args []any
		}{
			{`INSERT OR IGNORE INTO engine_definition (hash, text) VALUES (?, ?)`, []any{x.Definition, definition}},
			{`INSERT INTO engine_lot (tag, first, last, first_key, last_key, stop, body, histories) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
				[]any{tag, x.Number, last.Number, first, end, stop, body, histories}},
			{`INSERT INTO sqlite_sequence (name, seq) SELECT 'engine_execution', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'engine_execution')`, nil},
			{`UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'engine_execution' AND seq < ?1`, []any{end}},
		} {
			if err := sqlitex.Execute(conn, st.sql, &sqlitex.ExecOptions{Args: st.args}); err != nil {
				return err
			}
		}
		return nil
	})
	return first, err
}

// lastKey is the highest key that was ever given.
func lastKey(conn *sqlite.Conn) (n int64, err error) {
	err = sqlitex.Execute(conn, `SELECT seq FROM sqlite_sequence WHERE name = 'engine_execution'`, &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error { n = stmt.ColumnInt64(0); return nil }})
	return n, err
}

// packLot writes children: all but their histories, and these. The keys are
// those of the row.
func packLot(children []engine.Birth) (body, histories []byte, err error) {
	enc, err := packer()
	if err != nil {
		return nil, nil, err
	}
	x := &children[0].Execution
	b := []byte{lotFormat}
	b = binary.AppendUvarint(b, uint64(len(children)))
	for _, s := range lotTexts(x) {
		b = appendText(b, *s)
	}
	prefix := x.ARN[:len(x.ARN)-lotSuffix(x)]
	b = appendText(b, prefix)
	h := []byte{lotFormat}
	number, at := int64(0), int64(0)
	for i := range children {
		c, t := &children[i].Execution, &children[i].First
		start, stop := c.Start.UnixMilli(), t.Outcome.At.UnixMilli()
		b = binary.AppendVarint(b, c.Number-number)
		b = binary.AppendVarint(b, start-at)
		b = binary.AppendVarint(b, stop-start)
		b = binary.AppendVarint(b, c.Items)
		number, at = c.Number, start
		own, ok := strings.CutPrefix(c.ARN, prefix)
		if !ok {
			return nil, nil, fmt.Errorf("%s is not of the machine of %s", c.ARN, x.ARN)
		}
		b = appendText(b, own)
		b = appendText(b, c.Name)
		b = appendText(b, c.Input)
		output := ""
		if t.Outcome.Output != nil {
			output = *t.Outcome.Output
		}
		if output == c.Input && output != "" {
			output = ""
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
		b = appendText(b, output)
		h = binary.AppendUvarint(h, uint64(len(t.History)))
		for n, ev := range t.History {
			if ev.ID != int64(n+1) {
				return nil, nil, fmt.Errorf("event %d of %s is the %d. of its first turn", ev.ID, c.ARN, n+1)
			}
			h = binary.AppendUvarint(h, uint64(len(ev.Data)))
			h = append(h, ev.Data...)
		}
	}
	return enc.EncodeAll(b, nil), enc.EncodeAll(h, nil), nil
}

// lotSuffix is the length of what of a child's ARN is its own: all behind the
// machine's name.
func lotSuffix(x *engine.Execution) int {
	if i := strings.LastIndex(x.ARN, x.Name); i >= 0 {
		return len(x.ARN) - i
	}
	return len(x.ARN)
}

// lotTexts are what the children of a lot have in common.
func lotTexts(x *engine.Execution) []*string {
	return []*string{&x.Account, &x.Region, &x.Machine, &x.Type, &x.Role, &x.Definition, &x.Trace, &x.MapRun}
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// A lotReader reads what packLot wrote. Damage is told by failed.
type lotReader struct {
	b      []byte
	failed bool
}

func openLot(packed []byte) (*lotReader, error) {
	dec, err := unpacker()
	if err != nil {
		return nil, err
	}
	b, err := dec.DecodeAll(packed, nil)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errLot, err)
	case len(b) == 0 || b[0] != lotFormat:
		return nil, fmt.Errorf("%w: of a form that this release does not read (it reads %d)", errLot, lotFormat)
	}
	return &lotReader{b: b[1:]}, nil
}

func (r *lotReader) uint() uint64 {
	n, used := binary.Uvarint(r.b)
	if used <= 0 {
		r.failed, r.b = true, nil
		return 0
	}
	r.b = r.b[used:]
	return n
}

func (r *lotReader) int() int64 {
	n, used := binary.Varint(r.b)
	if used <= 0 {
		r.failed, r.b = true, nil
		return 0
	}
	r.b = r.b[used:]
	return n
}

func (r *lotReader) bytes() []byte {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.failed, r.b = true, nil
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

// unpackLot reads the children of a lot, in the order of their numbers.
func unpackLot(packed []byte, firstKey int64) ([]engine.Execution, error) {
	r, err := openLot(packed)
	if err != nil {
		return nil, err
	}
	n := r.uint()
	if n == 0 || n > uint64(len(r.b)) {
		return nil, errLot
	}
	common := engine.Execution{Status: engine.Succeeded}
	for _, s := range lotTexts(&common) {
		*s = string(r.bytes())
	}
	prefix := string(r.bytes())
	all := make([]engine.Execution, n)
	number, at := int64(0), int64(0)
	for i := range all {
		x := &all[i]
		*x = common
		x.Key = firstKey + int64(i)
		number += r.int()
		at += r.int()
		x.Number, x.Start = number, time.UnixMilli(at).UTC()
		x.Stop = time.UnixMilli(at + r.int()).UTC()
		x.Items = r.int()
		x.ARN = prefix + string(r.bytes())
		x.Name = string(r.bytes())
		x.Input = string(r.bytes())
		same := r.uint() == 1
		output := string(r.bytes())
		if same {
			output = x.Input
		}
		x.Output = &output
		if r.failed {
			return nil, errLot
		}
	}
	return all, nil
}

// unpackHistory reads the events of the child at an index of a lot.
func unpackHistory(packed []byte, index int64) ([]engine.Event, error) {
	r, err := openLot(packed)
	if err != nil {
		return nil, err
	}
	for i := int64(0); ; i++ {
		n := r.uint()
		if r.failed || n > uint64(len(r.b)) {
			return nil, errLot
		}
		events := make([]engine.Event, n)
		for j := range events {
			events[j] = engine.Event{ID: int64(j + 1), Data: r.bytes()}
		}
		if r.failed {
			return nil, errLot
		}
		if i == index {
			return events, nil
		}
	}
}

// A lotPlace is where a lot is.
type lotPlace struct{ id, first, last, firstKey, lastKey int64 }

const lotColumns = `SELECT id, first, last, first_key, last_key FROM engine_lot`

func (s Engine) lots(ctx context.Context, where string, args ...any) (all []lotPlace, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, lotColumns+where, &sqlitex.ExecOptions{Args: args, ResultFunc: func(stmt *sqlite.Stmt) error {
			all = append(all, lotPlace{stmt.ColumnInt64(0), stmt.ColumnInt64(1), stmt.ColumnInt64(2), stmt.ColumnInt64(3), stmt.ColumnInt64(4)})
			return nil
		}})
	})
	return all, err
}

// lotBlob reads a column of a lot, and the key of its first child; nil where it
// was deleted meanwhile.
func (s Engine) lotBlob(ctx context.Context, id int64, column string) (b []byte, firstKey int64, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, `SELECT first_key, `+column+` FROM engine_lot WHERE id = ?`, &sqlitex.ExecOptions{Args: []any{id},
			ResultFunc: func(stmt *sqlite.Stmt) error { firstKey, b = stmt.ColumnInt64(0), columnBytes(stmt, 1); return nil }})
	})
	return b, firstKey, err
}

func (s Engine) readLot(ctx context.Context, l lotPlace) ([]engine.Execution, error) {
	b, firstKey, err := s.lotBlob(ctx, l.id, "body")
	if err != nil || b == nil {
		return nil, err
	}
	all, err := unpackLot(b, firstKey)
	if err != nil {
		return nil, fmt.Errorf("children %d to %d: %w", l.first, l.last, err)
	}
	return all, nil
}

// lotChild finds a child in a lot by its ARN.
func (s Engine) lotChild(ctx context.Context, arn string) (x engine.Execution, ok bool, err error) {
	tag, number, ok := engine.ChildPlace(arn)
	if !ok {
		return x, false, nil
	}
	found, err := s.lots(ctx, ` WHERE tag = ? AND last >= ? AND first <= ?`, tag, number, number)
	for _, l := range found {
		all, err := s.readLot(ctx, l)
		if err != nil {
			return x, false, err
		}
		i, has := slices.BinarySearchFunc(all, number, func(x engine.Execution, n int64) int { return cmp.Compare(x.Number, n) })
		if has && all[i].ARN == arn {
			return all[i], true, nil
		}
	}
	return x, false, err
}

// lotPlaces lists the lots of a map run that have a number from the given one
// on, by their first numbers.
func (s Engine) lotPlaces(ctx context.Context, run string, from int64) (all []lotPlace, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error { // the index has all of it
		return sqlitex.Execute(conn, `SELECT id, first, last FROM engine_lot WHERE tag = ? AND last >= ?`, &sqlitex.ExecOptions{Args: []any{engine.ChildTag(run), from},
			ResultFunc: func(stmt *sqlite.Stmt) error {
				all = append(all, lotPlace{id: stmt.ColumnInt64(0), first: stmt.ColumnInt64(1), last: stmt.ColumnInt64(2)})
				return nil
			}})
	})
	slices.SortFunc(all, func(a, b lotPlace) int { return cmp.Compare(a.first, b.first) })
	return all, err
}

// rowPage is how many children that have rows are read at once.
const rowPage = 128

// AllChildren gives the children of a map run by their numbers.
func (s Engine) AllChildren(ctx context.Context, run string, from int64) iter.Seq2[engine.Execution, error] {
	return func(yield func(engine.Execution, error) bool) {
		m := childMerge{s: s, ctx: ctx, run: run, begin: from, from: from}
		var err error
		m.lots, err = s.lotPlaces(ctx, run, from)
		for err == nil {
			var x engine.Execution
			var ok bool
			if x, ok, err = m.next(); err == nil && (!ok || !yield(x, nil)) {
				return
			}
		}
		yield(engine.Execution{}, err)
	}
}

// A childMerge brings the children that have rows and those in lots into one
// order.
type childMerge struct {
	s       Engine
	ctx     context.Context
	run     string
	begin   int64
	from    int64 // of the next page of rows
	rows    []engine.Execution
	rowsEnd bool
	lots    []lotPlace         // that were not read yet
	packed  []engine.Execution // of those that were
}

func (m *childMerge) next() (x engine.Execution, ok bool, err error) {
	if len(m.rows) == 0 && !m.rowsEnd {
		m.rows, err = m.s.executions(m.ctx, ` WHERE map_run = ? AND map_number >= ? ORDER BY map_number LIMIT ?`, m.run, m.from, rowPage)
		if err != nil {
			return x, false, err
		}
		if m.rowsEnd = len(m.rows) < rowPage; len(m.rows) > 0 {
			m.from = m.rows[len(m.rows)-1].Number + 1
		}
	}
	for len(m.lots) > 0 && (len(m.rows) == 0 || m.lots[0].first <= m.rows[0].Number) && (len(m.packed) == 0 || m.lots[0].first <= m.packed[0].Number) {
		children, err := m.s.readLot(m.ctx, m.lots[0])
		if err != nil {
			return x, false, err
		}
		for len(children) > 0 && children[0].Number < m.begin {
			children = children[1:]
		}
		m.packed, m.lots = append(slices.Clip(m.packed), children...), m.lots[1:]
		byNumber(m.packed)
	}
	from := &m.rows
	if len(m.rows) == 0 || len(m.packed) > 0 && m.packed[0].Number < m.rows[0].Number {
		from = &m.packed
	}
	if len(*from) == 0 {
		return x, false, nil
	}
	x, *from = (*from)[0], (*from)[1:]
	return x, true, nil
}

func byNumber(all []engine.Execution) {
	slices.SortStableFunc(all, func(a, b engine.Execution) int { return cmp.Compare(a.Number, b.Number) })
}

// lotExecutions lists what of a query is in lots, the newest first, as many as
// it asks for at most.
func (s Engine) lotExecutions(ctx context.Context, q engine.Query) ([]engine.Execution, error) {
	if q.MapRun == "" || q.Status != "" && q.Status != engine.Succeeded || q.Redrive == "REDRIVEN" {
		return nil, nil
	}
	found, err := s.lots(ctx, ` WHERE tag = ?`, engine.ChildTag(q.MapRun))
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b lotPlace) int { return cmp.Compare(b.lastKey, a.lastKey) })
	var all []engine.Execution
	for _, l := range found {
		if len(all) == q.Limit {
			break
		}
		if q.Before != 0 && l.firstKey >= q.Before {
			continue
		}
		children, err := s.readLot(ctx, l)
		if err != nil {
			return nil, err
		}
		for _, x := range slices.Backward(children) {
			if (q.Before == 0 || x.Key < q.Before) && len(all) < q.Limit {
				all = append(all, x)
			}
		}
	}
	return all, nil
}

// lotHistory returns the events of an execution in a lot; none where it is in
// none.
func (s Engine) lotHistory(ctx context.Context, q engine.HistoryQuery) ([]engine.Event, error) {
	found, err := s.lots(ctx, ` WHERE last_key >= ? ORDER BY last_key LIMIT 1`, q.Key)
	if err != nil || len(found) == 0 || found[0].firstKey > q.Key {
		return nil, err
	}
	b, _, err := s.lotBlob(ctx, found[0].id, "histories")
	if err != nil || b == nil {
		return nil, err
	}
	events, err := unpackHistory(b, q.Key-found[0].firstKey)
	if err != nil {
		return nil, fmt.Errorf("history of execution %d: %w", q.Key, err)
	}
	if q.Reverse {
		slices.Reverse(events)
	}
	events = slices.DeleteFunc(events, func(ev engine.Event) bool {
		return q.After != 0 && (!q.Reverse && ev.ID <= q.After || q.Reverse && ev.ID >= q.After)
	})
	return events[:min(q.Limit, len(events))], nil
}

// expireLots deletes lots whose children all ended before, some at a time.
func (s Engine) expireLots(ctx context.Context, before time.Time) (n int, err error) {
	err = s.db.Update(ctx, func(tx *Tx) error {
		n = 0
		return sqlitex.Execute(tx.Conn(), `DELETE FROM engine_lot WHERE id IN (SELECT id FROM engine_lot WHERE stop < ? ORDER BY stop LIMIT 32) RETURNING last_key - first_key + 1`,
			&sqlitex.ExecOptions{Args: []any{before.UnixMilli()}, ResultFunc: func(stmt *sqlite.Stmt) error { n += stmt.ColumnInt(0); return nil }})
	})
	return n, err
}

// lots checks that the children in lots are readable, with their histories.
func (r *Report) lots(conn *sqlite.Conn) error {
	return sqlitex.Execute(conn, `SELECT first_key, last_key, body, histories, first, last FROM engine_lot`, &sqlitex.ExecOptions{ResultFunc: func(stmt *sqlite.Stmt) error {
		key, n := stmt.ColumnInt64(0), stmt.ColumnInt64(1)-stmt.ColumnInt64(0)+1
		all, err := unpackLot(columnBytes(stmt, 2), key)
		if err == nil && (int64(len(all)) != n || all[0].Number != stmt.ColumnInt64(4) || all[n-1].Number != stmt.ColumnInt64(5)) {
			err = errLot
		}
		if err == nil {
			_, err = unpackHistory(columnBytes(stmt, 3), n-1)
		}
		if err != nil {
			r.problem("executions %d to %d, children of a map run: %v", key, key+n-1, err)
		}
		r.Executions += int(n)
		return nil
	}})
}
