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

// A process of this test's program is a worker where these are set.
const (
	killDir  = "SALAMANDER_TEST_KILL_DIR"
	killWork = "SALAMANDER_TEST_KILL_WORK"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		works := map[string]func(dir string) error{"chain": work, "redrive": workRedriven, "map": workMapped, "large map": workLargeMap, "redriven map": workRedrivenMap}
		if err := works[os.Getenv(killWork)](dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// withEngine has do use an engine over the store in dir, whose functions all
// do what invoke does.
func withEngine(dir string, invoke func(payload []byte) ([]byte, error), do func(e *engine.Engine, s store.Engine) error) error {
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	reg := &operation.Registry{}
	reg.Handle(operation.Spec{Service: "lambda", Name: "Invoke"}, func(_ context.Context, req *operation.Request) (*operation.Response, error) {
		var in struct{ Payload []byte }
		if err := json.Unmarshal(req.Input, &in); err != nil {
			return nil, err
		}
		time.Sleep(3 * time.Millisecond)
		payload, err := invoke(in.Payload)
		if err != nil {
			return nil, err
		}
		out, err := json.Marshal(map[string]any{"StatusCode": 200, "Payload": payload})
		return &operation.Response{Output: out}, err
	})
	s, log := store.NewEngine(db), slog.New(slog.NewTextHandler(io.Discard, nil))
	e := engine.New(engine.Options{Store: s, Runner: integration.New(integration.Options{Registry: reg, Log: log}), Log: log})
	defer e.Close()
	if err := e.Recover(context.Background()); err != nil {
		return err
	}
	return do(e, s)
}

// machineOf is a standard machine.
func machineOf(definition string) engine.StateMachine {
	return engine.StateMachine{ARN: machineARN, Account: "111111111111", Region: "us-east-1", Name: "m", Type: engine.Standard,
		Definition: definition, Role: "arn:aws:iam::111111111111:role/r"}
}

// begin starts an execution, unless an earlier worker has.
func begin(e *engine.Engine, definition, name, input string) error {
	_, err := e.Start(context.Background(), engine.StartRequest{Machine: machineOf(definition), Name: name, Input: input})
	if errors.Is(err, engine.ErrExists) {
		return nil
	}
	return err
}

// wait waits until no execution runs.
func wait(e *engine.Engine) {
	for e.Open() > 0 {
		time.Sleep(time.Millisecond)
	}
}

// workThroughKills runs workers one after the other, the first of which it
// kills at any moment, until one has done its work, and returns what they have
// left.
func workThroughKills(t *testing.T, work string, most int) store.Engine {
	t.Helper()
	return workThroughKillsIn(t, t.TempDir(), work, most, 60*time.Millisecond)
}

// workThroughKillsIn is workThroughKills in a directory, with kills that come
// within a time.
func workThroughKillsIn(t *testing.T, dir, work string, most int, within time.Duration) store.Engine {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for run := 0; ; run++ {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), killDir+"="+dir, killWork+"="+work)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if run < most {
			time.AfterFunc(5*time.Millisecond+time.Duration(random.Int64N(int64(within))), func() { _ = cmd.Process.Kill() })
		}
		if err := cmd.Wait(); err == nil {
			t.Logf("%d kills", run)
			break
		} else if run >= most {
			t.Fatalf("run %d: %v", run, err)
		}
	}
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return store.NewEngine(db)
}
