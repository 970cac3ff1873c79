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

const killDir = "SALAMANDER_TEST_KILL_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		do := work
		if os.Getenv(killRedrive) != "" {
			do = workRedriven
		}
		if os.Getenv(killMap) != "" {
			do = workMapped
		}
		if err := do(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

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
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	reg := &operation.Registry{}
	reg.Handle(operation.Spec{Service: "lambda", Name: "Invoke"}, func(ctx context.Context, req *operation.Request) (*operation.Response, error) {
		var in struct{ Payload []byte }
		var doc struct{ N int }
		if err := errors.Join(json.Unmarshal(req.Input, &in), json.Unmarshal(in.Payload, &doc)); err != nil {
			return nil, err
		}
		time.Sleep(3 * time.Millisecond)
		out, err := json.Marshal(map[string]any{"StatusCode": 200, "Payload": fmt.Appendf(nil, `{"N":%d}`, doc.N+1)})
		return &operation.Response{Output: out}, err
	})
	s := store.NewEngine(db)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	e := engine.New(engine.Options{Store: s, Runner: integration.New(integration.Options{Registry: reg, Log: log}), Log: log})
	defer e.Close()
	if err := e.Recover(context.Background()); err != nil {
		return err
	}
	m := engine.StateMachine{ARN: machineARN, Account: "111111111111", Region: "us-east-1", Name: "m", Type: engine.Standard, Definition: chain(), Role: "arn:aws:iam::111111111111:role/r"}
	for i := range workers {
		_, err := e.Start(context.Background(), engine.StartRequest{Machine: m, Name: fmt.Sprint("x", i), Input: `{"N":0}`})
		if err != nil && !errors.Is(err, engine.ErrExists) {
			return err
		}
	}
	for e.Open() > 0 {
		time.Sleep(time.Millisecond)
	}
	return nil
}

// Whatever the moment of the kill, every execution ends as an undisturbed one
// does, with a history without gaps.
func TestKill9(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	kills := 0
	for run := 0; ; run++ {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), killDir+"="+dir)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		var after <-chan time.Time
		if run < 15 {
			after = time.After(time.Duration(5+random.IntN(60)) * time.Millisecond)
		}
		select {
		case err = <-done:
		case <-after:
			kills++
			if err := cmd.Process.Kill(); err != nil {
				t.Log(err)
			}
			<-done
			continue
		}
		if err != nil {
			t.Fatalf("run %d: %v", run, err)
		}
		break
	}
	t.Logf("%d kills", kills)
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := store.NewEngine(db)
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
