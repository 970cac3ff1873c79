package turnlog_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"salamander/engine"
	"salamander/store/turnlog"
)

// memory is an index in memory. It outlives crashes: what Apply was given is
// durable, all of it or nothing.
type memory struct {
	engine.Store // methods that these tests do not need

	mu      sync.Mutex
	pos     turnlog.Position
	rows    map[int64]*row
	keys    map[string]int64
	texts   map[string]string
	outbox  []turnlog.Message
	fail    func() error // before Apply; may be nil
	applies int
}

type row struct {
	x       engine.Execution
	turn    int64
	state   []byte
	open    map[int64]engine.Pending
	history []engine.Event
	tokens  map[string]time.Time
	repairs []engine.Repaired
}

var _ turnlog.Index = (*memory)(nil)

func newMemory() *memory {
	return &memory{pos: turnlog.Position{NextKey: 1}, rows: map[int64]*row{}, keys: map[string]int64{}, texts: map[string]string{}}
}

func (m *memory) Position(context.Context) (turnlog.Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pos, nil
}

func (m *memory) Use(_ context.Context, used bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pos.Used = used
	return nil
}

func (m *memory) Has(_ context.Context, arn string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.keys[arn] != 0, nil
}

func (m *memory) Turn(_ context.Context, key int64) (int64, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[key]
	switch {
	case r == nil:
		return 0, false, engine.ErrNotFound
	case r.x.Status == engine.Running:
		return r.turn, true, nil
	case r.state != nil:
		return r.turn, false, nil
	}
	return 0, false, nil
}

func (m *memory) Define(_ context.Context, hash, text string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.texts[hash] = text
	return nil
}

func (m *memory) Apply(ctx context.Context, entries []*turnlog.Entry, applied uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if m.applies++; m.fail != nil {
		if err := m.fail(); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if e.Created != nil {
			if m.rows[e.Key] != nil || m.keys[e.ARN] != 0 {
				return errors.New("created twice: " + e.ARN)
			}
			m.rows[e.Key] = &row{x: *e.Created, open: map[int64]engine.Pending{}}
			m.keys[e.ARN] = e.Key
			m.pos.NextKey = max(m.pos.NextKey, e.Key+1)
		}
		r := m.rows[e.Key]
		if r == nil || r.turn >= e.Turn || r.x.Status != engine.Running {
			return errors.New("a turn that does not follow: " + e.ARN)
		}
		r.turn, r.state = e.Turn, e.State
		r.history = append(r.history, e.History...)
		for _, id := range e.Closed() {
			delete(r.open, id)
		}
		for _, p := range e.Open() {
			r.open[p.ID] = p
		}
		if o := e.Outcome; o != nil {
			r.x.Status, r.x.Stop, r.x.Output, r.x.Error, r.x.Cause = o.Status, o.At, o.Output, o.Error, o.Cause
			clear(r.open)
			for _, other := range m.rows { // what ended 14 days before goes
				if other.x.Status != engine.Running && other.x.Stop.Before(o.At.Add(-14*24*time.Hour)) {
					other.state = nil
				}
			}
		}
		m.outbox = append(m.outbox, e.Messages...)
	}
	m.pos.Applied = applied
	return nil
}

func (m *memory) Execution(_ context.Context, arn string) (engine.Execution, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.rows[m.keys[arn]]; r != nil {
		return r.x, nil
	}
	return engine.Execution{}, engine.ErrNotFound
}

func (m *memory) Executions(_ context.Context, q engine.Query) (all []engine.Execution, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range slices.Backward(slices.Sorted(maps.Keys(m.rows))) {
		x := m.rows[key].x
		of := x.Machine
		if strings.HasSuffix(q.Machine, ":1") {
			of = x.Version
		} else if strings.HasSuffix(q.Machine, ":live") {
			of = x.Alias
		}
		if of == q.Machine && (q.Before == 0 || key < q.Before) && (q.Status == "" || q.Status == x.Status) && len(all) < q.Limit {
			all = append(all, x)
		}
	}
	return all, nil
}

func (m *memory) History(_ context.Context, q engine.HistoryQuery) (all []engine.Event, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[q.Key]
	if r == nil {
		return nil, nil
	}
	for _, ev := range r.history {
		if !q.Reverse && ev.ID > q.After || q.Reverse && (q.After == 0 || ev.ID < q.After) {
			all = append(all, ev)
		}
	}
	if q.Reverse {
		slices.Reverse(all)
	}
	return all[:min(len(all), q.Limit)], nil
}

func (m *memory) Definition(_ context.Context, hash string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, ok := m.texts[hash]
	if !ok {
		return "", engine.ErrNotFound
	}
	return text, nil
}

func (m *memory) Running(_ context.Context, f func(engine.Resumed) error) error {
	m.mu.Lock()
	var all []engine.Resumed
	for _, key := range slices.Sorted(maps.Keys(m.rows)) {
		r := m.rows[key]
		if r.x.Status != engine.Running {
			continue
		}
		resumed := engine.Resumed{Execution: r.x, Turn: r.turn, State: r.state, Pending: slices.Collect(maps.Values(r.open))}
		slices.SortFunc(resumed.Pending, func(a, b engine.Pending) int { return cmp.Compare(a.ID, b.ID) })
		all = append(all, resumed)
	}
	m.mu.Unlock()
	for _, r := range all {
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Ended(_ context.Context, key int64) (engine.Ended, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.rows[key]
	if r == nil || r.x.Status == engine.Running || r.state == nil {
		return engine.Ended{}, engine.ErrNotFound
	}
	return engine.Ended{Turn: r.turn, Events: int64(len(r.history))}, nil
}

func (m *memory) EndedState(_ context.Context, key int64) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.rows[key]; r != nil && r.state != nil && r.x.Status != engine.Running {
		return r.state, nil
	}
	return nil, engine.ErrNotFound
}

func (m *memory) Redrive(_ context.Context, d engine.Redriven) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := d.Turn
	r := m.rows[t.Key]
	if r == nil || r.x.Status == engine.Running || r.turn != t.Follows {
		return engine.ErrStale
	}
	r.x.Status, r.x.Stop, r.x.Output, r.x.Error, r.x.Cause = engine.Running, time.Time{}, nil, nil, nil
	r.x.Redrives, r.x.Redriven, r.turn, r.state = d.Count, d.At, t.Number, t.State
	r.history = append(r.history, t.History...)
	for _, p := range t.Open {
		r.open[p.ID] = p
	}
	if o := t.Outcome; o != nil {
		r.x.Status, r.x.Stop, r.x.Output, r.x.Error, r.x.Cause = o.Status, o.At, o.Output, o.Error, o.Cause
	}
	if d.Token != "" {
		r.tokens = map[string]time.Time{d.Token: d.At}
	}
	if d.Definition != "" {
		m.texts[d.Definition], r.x.Definition = d.Text, d.Definition
	}
	if d.Repaired != nil {
		var one engine.Repaired
		if err := json.Unmarshal(d.Repaired, &one); err != nil {
			return err
		}
		r.repairs = append(r.repairs, one)
	}
	return nil
}

func (m *memory) RedriveToken(_ context.Context, key int64, token string) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rows[key].tokens[token], nil
}

func (m *memory) Repairs(_ context.Context, key int64) ([]engine.Repaired, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rows[key].repairs, nil
}

func (m *memory) OpenMapRuns(context.Context) ([]engine.MapRun, error) { return nil, nil }
