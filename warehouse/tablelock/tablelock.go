// Package tablelock lets transactions wait for one another by table: who
// defines a table or changes its rows holds it until the transaction ends, and
// the next one waits, in order, until then.
package tablelock

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Mode is what a transaction does to a table.
type Mode uint8

// The modes. Reading takes none: it sees what was committed when it began.
const (
	Insert    Mode = iota + 1 // adds rows, beside others who do
	Write                     // changes or removes rows, alone
	Exclusive                 // defines the table, or was told to LOCK it, alone
)

// String is the mode's name in the words of stv_locks and pg_locks.
func (m Mode) String() string {
	switch m {
	case Insert:
		return "RowExclusiveLock"
	case Write:
		return "ShareRowExclusiveLock"
	}
	return "AccessExclusiveLock"
}

// conflicts reports whether two transactions cannot hold a table in these modes
// at a time.
func conflicts(a, b Mode) bool { return a != Insert || b != Insert }

// A Wish is a table that a transaction needs.
type Wish struct {
	Table string // "schema.name"
	Mode  Mode
}

// A Tx is one transaction. Only its own goroutine asks for locks.
type Tx struct {
	PID   uint32    // of the session
	XID   int64     // of the transaction, as the system's tables tell it
	User  string    //
	Begin time.Time // of the transaction

	held    map[string]*hold // by table; guarded by the manager's mutex
	waiting *request
}

// A hold is a table that a transaction has.
type hold struct {
	mode      Mode
	since     time.Time
	statement string
}

// A request is a transaction that waits.
type request struct {
	tx        *Tx
	table     string
	mode      Mode
	since     time.Time
	statement string
	granted   chan struct{} // closed when it has the table
}

// A Manager knows who holds and who waits. Its zero value is ready, goroutines
// share it.
type Manager struct {
	mu     sync.Mutex // guards all below, and what is said so
	tables map[string]*state
	last   map[string]Info // who changed a table last, bounded
}

type state struct {
	holders []*Tx
	queue   []*request
}

// An Info tells who holds a table or waits for it.
type Info struct {
	Table     string
	Mode      Mode
	PID       uint32
	XID       int64
	User      string
	Statement string
	Begin     time.Time // of the transaction
	Since     time.Time // that it holds, or waits
	Granted   bool
	Ended     time.Time // of the transaction; zero while it runs
}

// String tells it to others who are stopped by it.
func (i Info) String() string {
	return fmt.Sprintf("session %d (user %s) holds table %s since %s: %s", i.PID, i.User, i.Table, i.Since.UTC().Format("2006-01-02 15:04:05.000"), Line(i.Statement))
}

// Line is the beginning of a statement on one line.
func Line(statement string) string {
	text := strings.Join(strings.Fields(statement), " ")
	if r := []rune(text); len(r) > 100 {
		text = string(r[:100]) + "…"
	}
	return text
}

// A Deadlock is returned for a request that would wait for itself.
type Deadlock struct {
	Chain []Info // each waits for the next one, the last for the first
}

// Error tells who waits for whom.
func (d *Deadlock) Error() string { return "deadlock detected" }

// Detail tells who waits for whom, a line each.
func (d *Deadlock) Detail() string {
	var lines []string
	for i, w := range d.Chain {
		lines = append(lines, fmt.Sprintf("Session %d waits for %s on table %s; blocked by session %d: %s", w.PID, w.Mode, w.Table, d.Chain[(i+1)%len(d.Chain)].PID, Line(w.Statement)))
	}
	return strings.Join(lines, "\n")
}

// Lock takes tables for tx, one after the other in the order of their names,
// and waits for those who have them. It returns whether it waited. blocked,
// where not nil, hears of it once when a wait has lasted for patience.
//
// It returns a [*Deadlock] at once where waiting could not end, and ctx's
// cause when ctx ends. What was taken is kept until Release.
func (m *Manager) Lock(ctx context.Context, tx *Tx, wishes []Wish, statement string, patience time.Duration, blocked func(Info)) (waited bool, err error) {
	wishes = slices.Clone(wishes)
	slices.SortStableFunc(wishes, func(a, b Wish) int { return strings.Compare(a.Table, b.Table) })
	for _, w := range wishes {
		r, err := m.ask(tx, w, statement)
		if err != nil {
			return waited, err
		} else if r == nil {
			continue
		}
		waited = true
		if err := m.wait(ctx, r, patience, blocked); err != nil {
			return waited, err
		}
	}
	return waited, nil
}

// ask takes a table, or queues for it.
func (m *Manager) ask(tx *Tx, w Wish, statement string) (*request, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tables == nil {
		m.tables = map[string]*state{}
	}
	s := m.tables[w.Table]
	if s == nil {
		s = &state{}
		m.tables[w.Table] = s
	}
	if h := tx.held[w.Table]; h != nil && h.mode >= w.Mode {
		return nil, nil
	}
	r := &request{tx: tx, table: w.Table, mode: w.Mode, since: time.Now(), statement: statement, granted: make(chan struct{})}
	if m.free(s, r, s.queue) {
		m.grant(s, r)
		return nil, nil
	}
	tx.waiting = r
	if tx.held[w.Table] != nil { // who has it already comes before those who wait
		s.queue = slices.Insert(s.queue, 0, r)
	} else {
		s.queue = append(s.queue, r)
	}
	if chain := m.cycle(r); chain != nil {
		m.leave(r)
		return nil, &Deadlock{Chain: chain}
	}
	return r, nil
}

// free reports whether r can have its table beside its holders and those who
// wait before it.
func (m *Manager) free(s *state, r *request, before []*request) bool {
	for _, h := range s.holders {
		if h != r.tx && conflicts(h.held[r.table].mode, r.mode) {
			return false
		}
	}
	if r.tx.held[r.table] != nil {
		return true
	}
	for _, q := range before {
		if q != r && conflicts(q.mode, r.mode) {
			return false
		}
	}
	return true
}

func (m *Manager) grant(s *state, r *request) {
	if r.tx.held == nil {
		r.tx.held = map[string]*hold{}
	}
	if r.tx.held[r.table] == nil {
		s.holders = append(s.holders, r.tx)
	}
	r.tx.held[r.table] = &hold{mode: r.mode, since: time.Now(), statement: r.statement}
	r.tx.waiting = nil
}

// blockers are the transactions that r waits for.
func (m *Manager) blockers(r *request) []*Tx {
	s := m.tables[r.table]
	var all []*Tx
	for _, h := range s.holders {
		if h != r.tx && conflicts(h.held[r.table].mode, r.mode) {
			all = append(all, h)
		}
	}
	if r.tx.held[r.table] != nil {
		return all
	}
	for _, q := range s.queue {
		if q == r {
			break
		}
		if conflicts(q.mode, r.mode) {
			all = append(all, q.tx)
		}
	}
	return all
}

// cycle returns who waits for whom where r would wait for itself, or nil.
func (m *Manager) cycle(r *request) []Info {
	seen := map[*Tx]bool{}
	var walk func(*request) []Info
	walk = func(q *request) []Info {
		for _, b := range m.blockers(q) {
			if b == r.tx {
				return []Info{q.info()}
			}
			if seen[b] || b.waiting == nil {
				continue
			}
			seen[b] = true
			if rest := walk(b.waiting); rest != nil {
				return append([]Info{q.info()}, rest...)
			}
		}
		return nil
	}
	return walk(r)
}

func (r *request) info() Info {
	return Info{Table: r.table, Mode: r.mode, PID: r.tx.PID, XID: r.tx.XID, User: r.tx.User, Statement: r.statement, Begin: r.tx.Begin, Since: r.since}
}

func (t *Tx) info(table string) Info {
	h := t.held[table]
	return Info{Table: table, Mode: h.mode, PID: t.PID, XID: t.XID, User: t.User, Statement: h.statement, Begin: t.Begin, Since: h.since, Granted: true}
}

// wait waits until r has its table.
func (m *Manager) wait(ctx context.Context, r *request, patience time.Duration, blocked func(Info)) error {
	var impatient <-chan time.Time
	if blocked != nil {
		t := time.NewTimer(patience)
		defer t.Stop()
		impatient = t.C
	}
	for {
		select {
		case <-r.granted:
			return nil
		case <-impatient:
			if b, ok := m.Blocker(r.tx); ok {
				blocked(b)
			}
		case <-ctx.Done():
			m.mu.Lock()
			defer m.mu.Unlock()
			select {
			case <-r.granted: // just now; Release gives it back
			default:
				m.leave(r)
			}
			return context.Cause(ctx)
		}
	}
}

// Blocker tells one of those that a transaction waits for, if it does.
func (m *Manager) Blocker(tx *Tx) (Info, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if tx.waiting == nil {
		return Info{}, false
	}
	for _, b := range m.blockers(tx.waiting) {
		if b.held[tx.waiting.table] != nil {
			return b.info(tx.waiting.table), true
		}
	}
	return Info{}, false
}

// leave takes a request out of its queue. m.mu is held.
func (m *Manager) leave(r *request) {
	r.tx.waiting = nil
	s := m.tables[r.table]
	s.queue = slices.DeleteFunc(s.queue, func(q *request) bool { return q == r })
	m.next(r.table, s)
}

// next gives a table to those who wait and can have it. m.mu is held.
func (m *Manager) next(table string, s *state) {
	for i := 0; i < len(s.queue); {
		r := s.queue[i]
		if !m.free(s, r, s.queue[:i]) {
			i++
			continue
		}
		s.queue = slices.Delete(s.queue, i, i+1)
		m.grant(s, r)
		close(r.granted)
	}
	if len(s.holders) == 0 && len(s.queue) == 0 {
		delete(m.tables, table)
	}
}

// maxLast is of how many tables the last change is remembered.
const maxLast = 1000

// Release gives all tables of a transaction back. committed tells that it
// changed them.
func (m *Manager) Release(tx *Tx, committed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for table := range tx.held {
		if committed {
			if m.last == nil || len(m.last) >= maxLast {
				m.last = map[string]Info{}
			}
			info := tx.info(table)
			info.Ended = time.Now()
			m.last[table] = info
		}
		s := m.tables[table]
		s.holders = slices.DeleteFunc(s.holders, func(t *Tx) bool { return t == tx })
		delete(tx.held, table)
		m.next(table, s)
	}
}

// Last tells who changed a table last, if it is remembered.
func (m *Manager) Last(table string) (Info, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	info, ok := m.last[table]
	return info, ok
}

// List tells all who hold or wait, by table, holders first.
func (m *Manager) List() []Info {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Info
	for table, s := range m.tables {
		for _, h := range s.holders {
			all = append(all, h.info(table))
		}
		for _, q := range s.queue {
			all = append(all, q.info())
		}
	}
	slices.SortStableFunc(all, func(a, b Info) int { return strings.Compare(a.Table, b.Table) })
	return all
}
