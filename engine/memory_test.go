package engine

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// memory is a store in memory that can be told to fail. What it holds is
// copied through JSON, as a store on disk would.
type memory struct {
	Store // methods that these tests do not need
	mu    sync.Mutex
	runs  map[string]*kept
	texts map[string]string
	// mapRuns are by ARN.
	mapRuns map[string]MapRun
	fail    func(commit int) error // before the commit; nil does not fail
	after   func(commit int)       // after the commit
	early   func()                 // before the commit, without the lock; may be nil
	late    func(commit int)       // after it, likewise
	n       int
}

type kept struct {
	ex      Execution
	turn    int64
	state   []byte
	pending map[int64]Pending
	history []Event
	cancel  []Cancelled
	journal []byte // of the last turn that had one
	tokens  map[string]time.Time
	repairs []Repaired
}

func newMemory() *memory { return &memory{runs: map[string]*kept{}, texts: map[string]string{}} }

func (m *memory) commit(f func() error) error {
	if m.early != nil {
		m.early()
	}
	if m.late != nil {
		defer func() { m.late(m.n) }()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n++
	if m.fail != nil {
		if err := m.fail(m.n); err != nil {
			return err
		}
	}
	if err := f(); err != nil {
		return err
	}
	if m.after != nil {
		m.after(m.n)
	}
	return nil
}

func (m *memory) Create(_ context.Context, ex Execution, definition string, first Turn) (int64, error) {
	key := int64(0)
	return key, m.commit(func() error {
		if m.runs[ex.ARN] != nil {
			return ErrExists
		}
		key = int64(len(m.runs) + 1)
		ex.Key = key
		m.texts[ex.Definition] = definition
		m.runs[ex.ARN] = &kept{ex: ex, pending: map[int64]Pending{}}
		m.runs[ex.ARN].take(first)
		return nil
	})
}

func (m *memory) Commit(_ context.Context, t Turn) error {
	return m.commit(func() error {
		k := m.runs[t.ARN]
		if k.turn == t.Number {
			return nil
		}
		if k.turn != t.Follows {
			return ErrStale
		}
		k.take(t)
		return nil
	})
}

func (k *kept) take(t Turn) {
	k.turn, k.state = t.Number, t.State
	k.history = append(k.history, t.History...)
	k.cancel = append(k.cancel, t.Cancel...)
	if t.Journal != nil {
		k.journal = t.Journal
	}
	for _, id := range t.Closed {
		delete(k.pending, id)
	}
	for _, p := range t.Open {
		k.pending[p.ID] = p
	}
	if o := t.Outcome; o != nil {
		k.ex.Status, k.ex.Stop, k.ex.Output, k.ex.Error, k.ex.Cause = o.Status, o.At, o.Output, o.Error, o.Cause
		clear(k.pending)
	}
}

func (m *memory) Ended(_ context.Context, key int64) (Ended, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.runs {
		if k.ex.Key == key && k.ex.Status != Running && k.state != nil {
			return Ended{Turn: k.turn, Events: int64(len(k.history))}, nil
		}
	}
	return Ended{}, ErrNotFound
}

func (m *memory) EndedState(_ context.Context, key int64) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.runs {
		if k.ex.Key == key && k.ex.Status != Running {
			return k.state, nil
		}
	}
	return nil, ErrNotFound
}

func (m *memory) Redrive(_ context.Context, r Redriven) error {
	return m.commit(func() error {
		k := m.runs[r.Turn.ARN]
		if k.turn != r.Turn.Follows || k.ex.Status == Running {
			return ErrStale
		}
		k.ex.Status, k.ex.Stop, k.ex.Redrives, k.ex.Redriven = Running, time.Time{}, r.Count, r.At
		if r.Token != "" {
			k.tokens = map[string]time.Time{r.Token: r.At}
		}
		m.repair(k, r)
		k.take(r.Turn)
		return nil
	})
}

func (m *memory) RedriveToken(_ context.Context, key int64, token string) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.runs {
		if k.ex.Key == key {
			return k.tokens[token], nil
		}
	}
	return time.Time{}, nil
}

func (m *memory) Execution(_ context.Context, arn string) (Execution, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if k := m.runs[arn]; k != nil {
		return k.ex, nil
	}
	return Execution{}, ErrNotFound
}

func (m *memory) Definition(_ context.Context, hash string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.texts[hash], nil
}

func (m *memory) Running(_ context.Context, f func(Resumed) error) error {
	for _, r := range m.running() {
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) running() (all []Resumed) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.runs {
		if k.ex.Status != Running {
			continue
		}
		r := Resumed{Execution: k.ex, Turn: k.turn, State: slices.Clone(k.state)}
		for _, p := range k.pending {
			r.Pending = append(r.Pending, p)
		}
		all = append(all, r)
	}
	return all
}

// history returns types and details of an execution's events, without their
// times.
func (m *memory) history(arn string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for _, ev := range m.runs[arn].history {
		var doc map[string]json.RawMessage
		if err := json.Unmarshal(ev.Data, &doc); err != nil {
			panic(err)
		}
		delete(doc, "timestamp")
		b, err := json.Marshal(doc)
		if err != nil {
			panic(err)
		}
		all = append(all, string(b))
	}
	return all
}

func (m *memory) status(arn string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.runs[arn].ex.Status
}
