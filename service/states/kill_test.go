package states_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"salamander/engine"
	"salamander/store"
)

const (
	workers = 16
	steps   = 25
)

// chain is a machine of tasks, each of which adds one to n.
func chain() string {
	states := map[string]any{}
	for i := range steps {
		state := map[string]any{"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:inc", "Next": fmt.Sprint("S", i+1)}
		if i == steps-1 {
			delete(state, "Next")
			state["End"] = true
		}
		states[fmt.Sprint("S", i)] = state
	}
	b, err := json.Marshal(map[string]any{"StartAt": "S0", "States": states})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// work is a process that runs the executions in dir to their end. Its parent
// kills it now and then.
func work(dir string) error {
	add := func(payload []byte) ([]byte, error) {
		var doc struct{ N int }
		err := json.Unmarshal(payload, &doc)
		return fmt.Appendf(nil, `{"N":%d}`, doc.N+1), err
	}
	return withEngine(dir, add, func(e *engine.Engine, _ store.Engine) error {
		for i := range workers {
			if err := begin(e, chain(), fmt.Sprint("x", i), `{"N":0}`); err != nil {
				return err
			}
		}
		wait(e)
		return nil
	})
}

// Whatever the moment of the kill, every execution ends as an undisturbed one
// does, with a history without gaps.
func TestKill9(t *testing.T) {
	s := workThroughKills(t, "chain", 15)
	var want string
	for i := range workers {
		ex, err := s.Execution(t.Context(), executionARN+fmt.Sprint("x", i))
		if err != nil || ex.Status != engine.Succeeded || *ex.Output != fmt.Sprintf(`{"N":%d}`, steps) {
			t.Fatalf("execution %d: got %+v, %v", i, ex, err)
		}
		events, err := s.History(t.Context(), engine.HistoryQuery{Key: ex.Key, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		history := ""
		for n, ev := range events {
			var doc struct {
				ID   int64
				Type string
			}
			if err := json.Unmarshal(ev.Data, &doc); err != nil || doc.ID != int64(n+1) {
				t.Fatalf("event %d: got %s, %v", n+1, ev.Data, err)
			}
			history += doc.Type + " "
		}
		if want == "" {
			want = history
		}
		if history != want || len(events) != 2+5*steps {
			t.Errorf("execution %d: history %s; want %s", i, history, want)
		}
	}
}

func BenchmarkTaskChain(b *testing.B) {
	for b.Loop() {
		if err := work(b.TempDir()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*workers*steps)/b.Elapsed().Seconds(), "tasks/s")
}
