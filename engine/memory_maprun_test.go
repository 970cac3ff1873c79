package engine

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"
)

func (m *memory) PutMapRun(_ context.Context, r MapRun) error {
	return m.commit(func() error {
		if m.mapRuns == nil {
			m.mapRuns = map[string]MapRun{}
		}
		if old, ok := m.mapRuns[r.ARN]; ok {
			r.Key = old.Key
		} else {
			r.Key = int64(len(m.mapRuns) + 1)
		}
		m.mapRuns[r.ARN] = r
		return nil
	})
}

func (m *memory) MapRun(_ context.Context, arn string) (MapRun, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, ok := m.mapRuns[arn]; ok {
		return r, nil
	}
	return MapRun{}, ErrNotFound
}

func (m *memory) MapRuns(_ context.Context, execution string, before int64, limit int) (all []MapRun, _ error) {
	return m.selectRuns(func(r MapRun) bool { return r.Execution == execution && (before == 0 || r.Key < before) }), nil
}

func (m *memory) OpenMapRuns(context.Context) ([]MapRun, error) {
	return m.selectRuns(func(r MapRun) bool { return r.Status == Running }), nil
}

func (m *memory) selectRuns(which func(MapRun) bool) (all []MapRun) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.mapRuns {
		if which(r) {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b MapRun) int { return cmp.Compare(b.Key, a.Key) })
	return all
}

func (m *memory) CreateEnded(_ context.Context, definition string, children []Birth) (first int64, _ error) {
	return first, m.commit(func() error {
		first = int64(len(m.runs) + 1)
		for i, b := range children {
			if m.runs[b.Execution.ARN] != nil || b.First.Outcome == nil || b.First.Outcome.Status != Succeeded || i > 0 && b.Execution.Number <= children[i-1].Execution.Number {
				return fmt.Errorf("child %d: %+v", i, b)
			}
		}
		for i, b := range children {
			b.Execution.Key = first + int64(i)
			m.texts[b.Execution.Definition] = definition
			m.runs[b.Execution.ARN] = &kept{ex: b.Execution, pending: map[int64]Pending{}}
			m.runs[b.Execution.ARN].take(b.First)
		}
		return nil
	})
}

func (m *memory) AllChildren(ctx context.Context, run string, from int64) iter.Seq2[Execution, error] {
	all, _ := m.Children(ctx, run, from, 1<<30)
	return func(yield func(Execution, error) bool) {
		for _, x := range all {
			if !yield(x, nil) {
				return
			}
		}
	}
}

func (m *memory) Rerun(_ context.Context, key int64, start time.Time, o Outcome) error {
	return m.commit(func() error {
		for _, k := range m.runs {
			if k.ex.Key == key {
				k.ex.Start = start
				k.take(Turn{Number: 1, Outcome: &o})
				return nil
			}
		}
		return ErrNotFound
	})
}

func (m *memory) Children(_ context.Context, run string, from int64, limit int) (all []Execution, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.runs {
		if k.ex.MapRun == run && k.ex.Number >= from {
			all = append(all, k.ex)
		}
	}
	slices.SortFunc(all, func(a, b Execution) int { return cmp.Compare(a.Number, b.Number) })
	return all[:min(limit, len(all))], nil
}
