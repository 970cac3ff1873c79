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
	"slices"
	"strings"
	"testing"
	"time"

	"salamander/engine"
	"salamander/engine/integration"
	"salamander/operation"
	"salamander/store"
)

// mapped is a machine of a distributed Map whose child is the given state.
func mapped(fields, state string) string {
	return `{"StartAt":"M","States":{"M":{"Type":"Map","End":true` + fields + `,"ItemProcessor":{
		"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"A","States":{"A":` + state + `}}}}}`
}

func TestMapRunOperations(t *testing.T) {
	s := serve(t, t.TempDir())
	definition, err := json.Marshal(mapped(`,"Label":"L","MaxConcurrency":1`, `{"Type":"Wait","Seconds":3600,"End":true}`))
	if err != nil {
		t.Fatal(err)
	}
	s.call("CreateStateMachine", `{"name":"m","roleArn":"arn:aws:iam::111111111111:role/r","definition":`+string(definition)+`}`, "")
	execution := s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"x","input":"[1,2]"}`, "")["executionArn"].(string)
	var run string
	for start := time.Now(); run == ""; time.Sleep(time.Millisecond) {
		list := s.call("ListMapRuns", `{"executionArn":"`+execution+`"}`, "")["mapRuns"].([]any)
		if len(list) == 1 {
			item := list[0].(map[string]any)
			run = item["mapRunArn"].(string)
			if item["stateMachineArn"] != machineARN+"/L" || item["executionArn"] != execution {
				t.Errorf("list: got %v", item)
			}
		} else if time.Since(start) > 10*time.Second {
			t.Fatal("no map run")
		}
	}
	await := func(status string, n float64) map[string]any {
		t.Helper()
		var out map[string]any
		for start := time.Now(); time.Since(start) < 10*time.Second; time.Sleep(time.Millisecond) {
			out = s.call("DescribeMapRun", `{"mapRunArn":"`+run+`"}`, "")
			if out["executionCounts"].(map[string]any)[status] == n && (status == "running" || out["status"] != "RUNNING") {
				return out
			}
		}
		t.Fatalf("%v children %s: got %v", n, status, out)
		return nil
	}
	await("running", 1)
	s.call("UpdateMapRun", `{"mapRunArn":"`+run+`","maxConcurrency":5,"toleratedFailurePercentage":50}`, "")
	if out := await("running", 2); out["maxConcurrency"] != 5.0 || out["toleratedFailurePercentage"] != 50.0 || out["status"] != "RUNNING" {
		t.Errorf("updated: got %v", out)
	}
	var children []any
	for start := time.Now(); len(children) != 2; time.Sleep(time.Millisecond) { // one is counted while it is being stored
		children = s.call("ListExecutions", `{"mapRunArn":"`+run+`","statusFilter":"RUNNING"}`, "")["executions"].([]any)
		if time.Since(start) > 10*time.Second {
			t.Fatalf("children: got %v", children)
		}
	}
	child := children[0].(map[string]any)
	if child["mapRunArn"] != run || child["itemCount"] != 1.0 || child["stateMachineArn"] != machineARN+"/L" {
		t.Errorf("child: got %v", child)
	}
	arn := child["executionArn"].(string)
	if out := s.call("DescribeExecution", `{"executionArn":"`+arn+`"}`, ""); out["mapRunArn"] != run {
		t.Errorf("described: got %v", out)
	}
	if out := s.call("DescribeStateMachineForExecution", `{"executionArn":"`+arn+`"}`, ""); out["mapRunArn"] != run || out["label"] != "L" ||
		out["definition"] != `{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":3600,"End":true}}}` {
		t.Errorf("its machine: got %v", out)
	}
	s.call("StopExecution", `{"executionArn":"`+execution+`"}`, "")
	if out := await("aborted", 2); out["status"] != "ABORTED" || out["stopDate"] == nil {
		t.Errorf("aborted: got %v", out)
	}
	s.call("UpdateMapRun", `{"mapRunArn":"`+run+`","maxConcurrency":5}`, "ValidationException")
	s.call("UpdateMapRun", `{"mapRunArn":"`+run+`"}`, "ValidationException")
	s.call("DescribeMapRun", `{"mapRunArn":"`+run+`x"}`, "ResourceNotFound")
	s.call("DescribeMapRun", `{"mapRunArn":"`+execution+`"}`, "InvalidArn")
	s.call("ListMapRuns", `{"executionArn":"`+execution+`x"}`, "ExecutionDoesNotExist")
	s.call("ListExecutions", `{"mapRunArn":"`+run+`","stateMachineArn":"`+machineARN+`"}`, "ValidationException")
	s.call("RedriveExecution", `{"executionArn":"`+arn+`"}`, "ExecutionNotRedrivable")
}

const killMap = "SALAMANDER_TEST_KILL_MAP"

const mapItems = 400

// workMapped is a process that runs a map run to its end. Its parent kills it
// now and then.
func workMapped(dir string) error {
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
		out, err := json.Marshal(map[string]any{"StatusCode": 200, "Payload": in.Payload})
		return &operation.Response{Output: out}, err
	})
	s, log := store.NewEngine(db), slog.New(slog.NewTextHandler(io.Discard, nil))
	e := engine.New(engine.Options{Store: s, Runner: integration.New(integration.Options{Registry: reg, Log: log}), Log: log})
	defer e.Close()
	if err := e.Recover(context.Background()); err != nil {
		return err
	}
	var items []int
	for i := range mapItems {
		items = append(items, i)
	}
	input, err := json.Marshal(items)
	if err != nil {
		return err
	}
	m := engine.StateMachine{ARN: machineARN, Account: "111111111111", Region: "us-east-1", Name: "m", Type: engine.Standard, Role: "arn:aws:iam::111111111111:role/r",
		Definition: mapped(`,"MaxConcurrency":20`, `{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:111111111111:function:f","End":true}`)}
	_, err = e.Start(context.Background(), engine.StartRequest{Machine: m, Name: "x", Input: string(input)})
	if err != nil && !errors.Is(err, engine.ErrExists) {
		return err
	}
	for e.Open() > 0 {
		time.Sleep(time.Millisecond)
	}
	return nil
}

// Whatever the moment of the kill, every item has one child, and the results
// are in order.
func TestKill9MapRun(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	for run := 0; ; run++ {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), killDir+"="+dir, killMap+"=1")
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if run < 8 {
			time.AfterFunc(time.Duration(10+random.IntN(60))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
		if err := cmd.Wait(); err == nil {
			break
		} else if run >= 8 {
			t.Fatalf("run %d: %v", run, err)
		}
	}
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := store.NewEngine(db)
	ex, err := s.Execution(t.Context(), executionARN+"x")
	if err != nil || ex.Status != engine.Succeeded || *ex.Output != ex.Input {
		t.Fatalf("got %+v, %v", ex, err)
	}
	runs, err := s.MapRuns(t.Context(), ex.ARN, 0, 10)
	if err != nil || len(runs) != 1 || runs[0].Items.Succeeded != mapItems || runs[0].Items.Total != mapItems || runs[0].Status != engine.Succeeded {
		t.Fatalf("map runs: got %+v, %v", runs, err)
	}
	children, err := s.Children(t.Context(), runs[0].ARN, 0, 2*mapItems)
	if err != nil || len(children) != mapItems {
		t.Fatalf("got %d children, %v", len(children), err)
	}
	names := map[string]bool{}
	for i, child := range children {
		names[child.Name] = true
		if child.Number != int64(i) || child.Status != engine.Succeeded || *child.Output != fmt.Sprint(i) {
			t.Errorf("child %d: got %+v", i, child)
		}
	}
	events, err := s.History(t.Context(), engine.HistoryQuery{Key: ex.Key, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, ev := range events {
		var doc struct{ Type string }
		if err := json.Unmarshal(ev.Data, &doc); err != nil {
			t.Fatal(err)
		}
		types = append(types, doc.Type)
	}
	want := strings.Fields("ExecutionStarted MapStateEntered MapStateStarted MapRunStarted MapRunSucceeded MapStateSucceeded MapStateExited ExecutionSucceeded")
	if !slices.Equal(types, want) || len(names) != mapItems {
		t.Errorf("history: got %v; want %v", types, want)
	}
}

// Of express executions those of map runs are kept, and described.
func TestExpressChildren(t *testing.T) {
	s := serve(t, t.TempDir())
	s.create("m", strings.Replace(mapped(``, `{"Type":"Pass","End":true}`), "STANDARD", "EXPRESS", 1))
	execution := s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"x","input":"[1]"}`, "")["executionArn"].(string)
	if out := s.ended("x"); out["output"] != "[1]" {
		t.Fatalf("got %v", out)
	}
	run := s.call("ListMapRuns", `{"executionArn":"`+execution+`"}`, "")["mapRuns"].([]any)[0].(map[string]any)["mapRunArn"].(string)
	child := s.call("ListExecutions", `{"mapRunArn":"`+run+`"}`, "")["executions"].([]any)[0].(map[string]any)["executionArn"].(string)
	if out := s.call("DescribeExecution", `{"executionArn":"`+child+`"}`, ""); out["status"] != "SUCCEEDED" || out["mapRunArn"] != run || out["output"] != "1" {
		t.Errorf("child: got %v", out)
	}
	s.call("DescribeExecution", `{"executionArn":"`+child+`x"}`, "InvalidArn")
}
