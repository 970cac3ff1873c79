package engine

import (
	"context"
	"encoding/json"
)

// repair notes what a redrive changes.
func (m *memory) repair(k *kept, r Redriven) {
	if r.Definition != "" {
		m.texts[r.Definition], k.ex.Definition = r.Text, r.Definition
	}
	if r.Repaired != nil {
		var one Repaired
		if err := json.Unmarshal(r.Repaired, &one); err != nil {
			panic(err)
		}
		k.repairs = append(k.repairs, one)
	}
}

func (m *memory) Repairs(_ context.Context, key int64) ([]Repaired, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.runs {
		if k.ex.Key == key {
			return k.repairs, nil
		}
	}
	return nil, nil
}

func (m *memory) History(_ context.Context, q HistoryQuery) (page []Event, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range m.runs {
		for _, ev := range k.history {
			if k.ex.Key == q.Key && ev.ID > q.After && len(page) < q.Limit {
				page = append(page, ev)
			}
		}
	}
	return page, nil
}
