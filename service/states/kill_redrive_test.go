package states_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"salamander/engine"
	"salamander/operation"
	"salamander/store"
)

// branches is a machine of two branches of tasks, each of which fails until
// the execution was redriven as often as its number says.
func branches() string {
	branch := func(name string) map[string]any {
		states := map[string]any{}
		for i := range 4 {
			state := map[string]any{"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "Next": fmt.Sprint(name, i+1),
				"Parameters": map[string]any{"n": i, "redrives.$": "$$.Execution.RedriveCount"}}
			if i == 3 {
				delete(state, "Next")
				state["End"] = true
			}
			states[fmt.Sprint(name, i)] = state
		}
		return map[string]any{"StartAt": name + "0", "States": states}
	}
	b, err := json.Marshal(map[string]any{"StartAt": "P", "States": map[string]any{
		"P": map[string]any{"Type": "Parallel", "End": true, "Branches": []any{branch("a"), branch("b")}}}})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// workRedriven is a process that runs executions and redrives them until they
// succeed. Its parent kills it now and then.
func workRedriven(dir string) error {
	fail := func(payload []byte) ([]byte, error) {
		var doc struct{ N, Redrives int }
		if err := json.Unmarshal(payload, &doc); err != nil {
			return nil, err
		}
		if doc.Redrives < doc.N {
			return nil, operation.Errorf("TooManyRequestsException", "busy")
		}
		return fmt.Append(nil, doc.N), nil
	}
	return withEngine(dir, fail, func(e *engine.Engine, s store.Engine) error {
		for i := range workers {
			if err := begin(e, branches(), fmt.Sprint("x", i), ""); err != nil {
				return err
			}
		}
		return redriveAll(e, s)
	})
}

// redriveAll redrives the executions until all have succeeded.
func redriveAll(e *engine.Engine, s store.Engine) error {
	ctx := context.Background()
	for left := workers; left > 0; time.Sleep(time.Millisecond) {
		left = 0
		for i := range workers {
			ex, err := s.Execution(ctx, executionARN+fmt.Sprint("x", i))
			if err != nil {
				return err
			}
			if ex.Status == engine.Succeeded {
				continue
			}
			left++
			if ex.Status == engine.Failed {
				if _, err := e.Redrive(ctx, ex.ARN, ""); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Whatever the moment of the kill, executions that are redriven go on where
// they were: what has succeeded is not done again, and no redrive is lost or
// told twice.
func TestKill9Redrive(t *testing.T) {
	s := workThroughKills(t, "redrive", 12)
	for i := range workers {
		ex, err := s.Execution(t.Context(), executionARN+fmt.Sprint("x", i))
		if err != nil || ex.Status != engine.Succeeded || *ex.Output != "[3,3]" || ex.Redrives != 3 {
			t.Fatalf("execution %d: got %+v, %v", i, ex, err)
		}
		events, err := s.History(t.Context(), engine.HistoryQuery{Key: ex.Key, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		redrives, exited := 0, map[string]int{}
		for n, ev := range events {
			var doc struct {
				ID      int64
				Type    string
				Exited  struct{ Name string }      `json:"stateExitedEventDetails"`
				Redrive struct{ RedriveCount int } `json:"executionRedrivenEventDetails"`
			}
			if err := json.Unmarshal(ev.Data, &doc); err != nil || doc.ID != int64(n+1) {
				t.Fatalf("event %d: got %s, %v", n+1, ev.Data, err)
			}
			switch doc.Type {
			case "TaskStateExited":
				exited[doc.Exited.Name]++
			case "ExecutionRedriven":
				if redrives++; doc.Redrive.RedriveCount != redrives {
					t.Errorf("redrive %d: got %s", redrives, ev.Data)
				}
			}
		}
		for name, n := range exited {
			if n != 1 {
				t.Errorf("execution %d: state %s was left %d times", i, name, n)
			}
		}
		if redrives != 3 || len(exited) != 8 {
			t.Errorf("execution %d: %d redrives, states %v", i, redrives, exited)
		}
	}
}
