package states_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"salamander/engine"
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

const mapItems = 400

// workMapped is a process that runs a map run to its end. Its parent kills it
// now and then.
func workMapped(dir string) error {
	same := func(payload []byte) ([]byte, error) { return payload, nil }
	return withEngine(dir, same, func(e *engine.Engine, _ store.Engine) error {
		var items []int
		for i := range mapItems {
			items = append(items, i)
		}
		input, err := json.Marshal(items)
		if err != nil {
			return err
		}
		err = begin(e, mapped(`,"MaxConcurrency":20`, `{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:111111111111:function:f","End":true}`), "x", string(input))
		wait(e)
		return err
	})
}

// Whatever the moment of the kill, every item has one child, and the results
// are in order.
func TestKill9MapRun(t *testing.T) {
	s := workThroughKills(t, "map", 8)
	ex, err := s.Execution(t.Context(), executionARN+"x")
	if err != nil || ex.Status != engine.Succeeded || *ex.Output != ex.Input {
		t.Fatalf("got %+v, %v", ex, err)
	}
	runs, err := s.MapRuns(t.Context(), ex.ARN, 0, 10)
	if err != nil || len(runs) != 1 || runs[0].Items.Succeeded != mapItems || runs[0].Items.Total != mapItems || runs[0].Status != engine.Succeeded {
		t.Fatalf("map runs: got %+v, %v", runs, err)
	}
	names := map[string]bool{}
	for child, err := range s.AllChildren(t.Context(), runs[0].ARN, 0) {
		if i := int64(len(names)); err != nil || child.Number != i || child.Status != engine.Succeeded || *child.Output != fmt.Sprint(i) {
			t.Fatalf("child %d: got %+v, %v", i, child, err)
		}
		names[child.Name] = true
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

// A map run whose children failed is redriven with its execution, and tells so.
func TestMapRunRedriveOperations(t *testing.T) {
	for _, kind := range []string{"STANDARD", "EXPRESS"} {
		s := serve(t, t.TempDir())
		s.create("m", strings.Replace(mapped(``, `{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":2,"Next":"F"}],"Default":"S"},"S":{"Type":"Succeed"},"F":{"Type":"Fail"}`), "STANDARD", kind, 1))
		execution := s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"x","input":"[1,2]"}`, "")["executionArn"].(string)
		if out := s.ended("x"); out["status"] != "FAILED" || out["redriveStatus"] != "REDRIVABLE" {
			t.Fatalf("%s: got %v", kind, out)
		}
		run := s.call("ListMapRuns", `{"executionArn":"`+execution+`"}`, "")["mapRuns"].([]any)[0].(map[string]any)["mapRunArn"].(string)
		if out := s.call("DescribeMapRun", `{"mapRunArn":"`+run+`"}`, ""); out["redriveCount"] != 0.0 || out["redriveDate"] != nil || out["itemCounts"].(map[string]any)["pendingRedrive"] != nil {
			t.Errorf("%s: not redriven: got %v", kind, out)
		}
		list := s.call("ListExecutions", `{"mapRunArn":"`+run+`","statusFilter":"FAILED"}`, "")["executions"].([]any)
		if len(list) != 1 {
			t.Fatalf("%s: failed children: got %v", kind, list)
		}
		child := list[0].(map[string]any)["executionArn"].(string)
		if out := s.call("DescribeExecution", `{"executionArn":"`+child+`"}`, ""); out["redriveStatus"] != "REDRIVABLE_BY_MAP_RUN" {
			t.Errorf("%s: child: got %v", kind, out)
		}
		if got, want := s.own("PreviewRedrive", `{"executionArn":"`+execution+`"}`, "")["mapRuns"], []any{map[string]any{"state": "M", "mapRunArn": run, "again": 1.0, "kept": 1.0}}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: preview: got %v; want %v", kind, got, want)
		}
		s.call("RedriveExecution", `{"executionArn":"`+execution+`"}`, "")
		if out := s.ended("x"); out["status"] != "FAILED" || out["redriveCount"] != 1.0 {
			t.Errorf("%s: redriven: got %v", kind, out)
		}
		out := s.call("DescribeMapRun", `{"mapRunArn":"`+run+`"}`, "")
		counts := out["itemCounts"].(map[string]any)
		if out["redriveCount"] != 1.0 || out["redriveDate"] == nil || counts["failed"] != 1.0 || counts["pendingRedrive"] != 0.0 || counts["failuresNotRedrivable"] != 0.0 {
			t.Errorf("%s: redriven: got %v", kind, out)
		}
		want := 1.0
		if kind == "EXPRESS" {
			want = 0
		}
		if out := s.call("DescribeExecution", `{"executionArn":"`+child+`"}`, ""); out["redriveCount"] != want || out["status"] != "FAILED" {
			t.Errorf("%s: child: got %v", kind, out)
		}
	}
}

// Children that have to wait for their redrive, as the map run's concurrency
// wants it, are PENDING_REDRIVE.
func TestPendingRedrive(t *testing.T) {
	s := serve(t, t.TempDir())
	s.create("m", mapped(`,"MaxConcurrency":3,"ToleratedFailureCount":5`, `{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":1,"Next":"W"}],"Default":"F"},
		"W":{"Type":"Wait","Seconds":3600,"End":true},"F":{"Type":"Fail"}`))
	execution := s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"x","input":"[1,2,3]"}`, "")["executionArn"].(string)
	var run string
	counts := func(status string, n float64) map[string]any {
		t.Helper()
		var out map[string]any
		for start := time.Now(); time.Since(start) < 10*time.Second; time.Sleep(time.Millisecond) {
			if list := s.call("ListMapRuns", `{"executionArn":"`+execution+`"}`, "")["mapRuns"].([]any); len(list) == 1 {
				run = list[0].(map[string]any)["mapRunArn"].(string)
				if out = s.call("DescribeMapRun", `{"mapRunArn":"`+run+`"}`, "")["executionCounts"].(map[string]any); out[status] == n {
					return out
				}
			}
		}
		t.Fatalf("%v children %s: got %v", n, status, out)
		return nil
	}
	counts("failed", 2)
	counts("running", 1)
	s.call("UpdateMapRun", `{"mapRunArn":"`+run+`","maxConcurrency":1}`, "")
	s.call("StopExecution", `{"executionArn":"`+execution+`"}`, "")
	counts("aborted", 1)
	s.call("RedriveExecution", `{"executionArn":"`+execution+`"}`, "")
	if out := counts("pendingRedrive", 2); out["running"].(float64)+out["pending"].(float64) > 1 {
		t.Errorf("got %v", out)
	}
	counts("running", 1)
	listed := func(status string) (all []map[string]any) {
		for _, x := range s.call("ListExecutions", `{"mapRunArn":"`+run+`"`+status+`}`, "")["executions"].([]any) {
			all = append(all, x.(map[string]any))
		}
		return all
	}
	waiting := listed(`,"statusFilter":"PENDING_REDRIVE"`)
	if len(waiting) != 2 || waiting[0]["status"] != "PENDING_REDRIVE" {
		t.Fatalf("waiting: got %v", waiting)
	}
	if out := s.call("DescribeExecution", `{"executionArn":"`+waiting[0]["executionArn"].(string)+`"}`, ""); out["status"] != "PENDING_REDRIVE" || out["redriveStatus"] != "NOT_REDRIVABLE" ||
		out["redriveStatusReason"] != "Execution is PENDING_REDRIVE and cannot be redriven" {
		t.Errorf("waiting: got %v", out)
	}
	if out := listed(`,"statusFilter":"FAILED"`); len(out) != 0 {
		t.Errorf("failed: got %v", out)
	}
	all := map[any]int{}
	for start := time.Now(); all["RUNNING"] != 1 && time.Since(start) < 10*time.Second; time.Sleep(time.Millisecond) { // one is counted while it is being stored
		clear(all)
		for _, x := range listed(``) {
			all[x["status"]]++
		}
	}
	if all["PENDING_REDRIVE"] != 2 || all["RUNNING"] != 1 {
		t.Errorf("all: got %v", all)
	}
	s.call("StopExecution", `{"executionArn":"`+execution+`"}`, "")
	if out := counts("failed", 2); out["aborted"] != 1.0 || out["pendingRedrive"] != 0.0 {
		t.Errorf("stopped: got %v", out)
	}
}
