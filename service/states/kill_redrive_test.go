package states_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"salamander/engine"
	"salamander/engine/integration"
	"salamander/operation"
	"salamander/store"
)

const killRedrive = "SALAMANDER_TEST_KILL_REDRIVE"

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
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	reg := &operation.Registry{}
	reg.Handle(operation.Spec{Service: "lambda", Name: "Invoke"}, func(_ context.Context, req *operation.Request) (*operation.Response, error) {
		var in struct{ Payload []byte }
		var doc struct{ N, Redrives int }
		if err := errors.Join(json.Unmarshal(req.Input, &in), json.Unmarshal(in.Payload, &doc)); err != nil {
			return nil, err
		}
		time.Sleep(2 * time.Millisecond)
		if doc.Redrives < doc.N {
			return nil, operation.Errorf("TooManyRequestsException", "busy")
		}
		out, err := json.Marshal(map[string]any{"StatusCode": 200, "Payload": fmt.Appendf(nil, "%d", doc.N)})
		return &operation.Response{Output: out}, err
	})
	s, log := store.NewEngine(db), slog.New(slog.NewTextHandler(io.Discard, nil))
	e := engine.New(engine.Options{Store: s, Runner: integration.New(integration.Options{Registry: reg, Log: log}), Log: log})
	defer e.Close()
	ctx := context.Background()
	if err := e.Recover(ctx); err != nil {
		return err
	}
	m := engine.StateMachine{ARN: machineARN, Account: "111111111111", Region: "us-east-1", Name: "m", Type: engine.Standard, Definition: branches(), Role: "arn:aws:iam::111111111111:role/r"}
	for i := range workers {
		_, err := e.Start(ctx, engine.StartRequest{Machine: m, Name: fmt.Sprint("x", i)})
		if err != nil && !errors.Is(err, engine.ErrExists) {
			return err
		}
	}
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
				var no *engine.NotRedrivableError
				if _, err := e.Redrive(ctx, ex.ARN, ""); err != nil && !errors.As(err, &no) {
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
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	for run := range 100 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), killDir+"="+dir, killRedrive+"=1")
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if run < 12 {
			time.AfterFunc(time.Duration(5+random.IntN(60))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
		err := cmd.Wait()
		if err == nil {
			break
		}
		if run >= 12 {
			t.Fatalf("run %d: %v", run, err)
		}
	}
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := store.NewEngine(db)
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
