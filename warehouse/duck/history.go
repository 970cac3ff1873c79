//go:build cgo

package duck

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"salamander/warehouse/dialect"
	"salamander/warehouse/sqlstate"
)

// maxHistory is how many statements that ended are remembered.
const maxHistory = 1000

// maxQueryText is how much of a statement's text the system's tables show, in
// bytes.
const maxQueryText = 4000

// A query is a statement that runs or ran, as the system's tables show it.
type query struct {
	id, xid    int64
	pid        uint32
	user, db   string
	userID     int64
	label      string // query_group
	kind       string // query_type of sys_query_history
	text       string
	start, end time.Time // end is zero while it runs
	status     string    // of sys_query_history: running, success, failed, canceled
	message    string
	rows       int64
}

// A history remembers the statements of all sessions.
type history struct {
	mu      sync.Mutex // guards the fields below
	last    int64      // the highest id
	running map[int64]*query
	ended   []query // a ring
	next    int     // the place that the ring overwrites

	moved transfers // the loads and unloads; it has a lock of its own
}

// begin notes that a statement begins.
func (h *history) begin(q query) *query {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running == nil {
		h.running = map[int64]*query{}
	}
	h.last++
	q.id, q.status = h.last, "running"
	if q.xid == 0 {
		q.xid = q.id
	}
	h.running[q.id] = &q
	return &q
}

// end notes how a statement ended.
func (h *history) end(q *query, rows int64, err error, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running[q.id] == nil {
		return
	}
	delete(h.running, q.id)
	q.end, q.rows, q.status = at, rows, "success"
	if err != nil {
		q.status, q.message = "failed", err.Error()
		var e *sqlstate.Error
		if errors.As(err, &e) && e.Code == sqlstate.QueryCanceled {
			q.status = "canceled"
		}
	}
	if len(h.ended) < maxHistory {
		h.ended = append(h.ended, *q)
		return
	}
	h.ended[h.next] = *q
	h.next = (h.next + 1) % maxHistory
}

// all returns the statements by their ids.
func (h *history) all() []query {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := slices.Clone(h.ended)
	for _, q := range h.running {
		all = append(all, *q)
	}
	slices.SortFunc(all, func(a, b query) int { return cmp.Compare(a.id, b.id) })
	return all
}

// recordSep and fieldSep part what a variable of DuckDB's hands to a view.
const (
	recordSep = "\x1e"
	fieldSep  = "\x1f"
)

// field makes a text a part of a record.
func fieldText(s string) string {
	return strings.NewReplacer(recordSep, " ", fieldSep, " ", "\x00", " ").Replace(s)
}

const timeForm = "2006-01-02 15:04:05.999999"

// record is a query as the views of system_views.go read it.
func (q *query) record() string {
	end := ""
	if !q.end.IsZero() {
		end = q.end.UTC().Format(timeForm)
	}
	fields := []string{fmt.Sprint(q.id), fmt.Sprint(q.xid), fmt.Sprint(q.pid), q.user, q.db, q.label, q.kind, q.start.UTC().Format(timeForm), end, q.status, q.message, fmt.Sprint(q.rows), q.text, fmt.Sprint(q.userID)}
	for i, f := range fields {
		fields[i] = fieldText(f)
	}
	return strings.Join(fields, fieldSep)
}

// note notes that the session begins a statement.
func (s *session) note(st *dialect.Statement) *query {
	q := query{pid: s.start.PID, user: s.userName(), userID: s.user, db: s.start.Database, label: cmp.Or(s.settings["query_group"], "default"),
		kind: st.QueryType(), text: strings.Clone(clipTo(st.Shown(), maxQueryText)), start: time.Now()}
	if s.block {
		q.xid = s.xid
	}
	s.query = s.e.history.begin(q)
	s.xid = s.query.xid
	return s.query
}

// ended notes how a statement ended.
func (s *session) ended(q *query, rows int64, err error) {
	s.e.history.end(q, rows, err, time.Now())
	if err == nil && q.kind != "UTILITY" {
		s.last.Query = q.id
	}
}
