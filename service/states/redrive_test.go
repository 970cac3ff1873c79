package states_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"

	"salamander/operation"
)

// worker answers lambda:Invoke; it fails until it is well.
func worker(reg *operation.Registry) (well *atomic.Bool, calls *atomic.Int64) {
	well, calls = &atomic.Bool{}, &atomic.Int64{}
	reg.Handle(operation.Spec{Service: "lambda", Name: "Invoke"}, func(context.Context, *operation.Request) (*operation.Response, error) {
		calls.Add(1)
		if !well.Load() {
			return nil, operation.Errorf("TooManyRequestsException", "busy")
		}
		out, err := json.Marshal(map[string]any{"StatusCode": 200, "Payload": []byte(`{"ok":1}`)})
		return &operation.Response{Output: out}, err
	})
	return well, calls
}

const forked = `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
	{"StartAt":"A","States":{"A":{"Type":"Pass","Result":1,"End":true}}},
	{"StartAt":"B","States":{"B":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:111111111111:function:f","End":true}}}]}}}`

func TestRedriveExecution(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	worker(s.reg)
	s.create("m", forked)
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"x"}`, "")
	if out := s.ended("x"); out["status"] != "FAILED" || out["redriveStatus"] != "REDRIVABLE" || out["redriveStatusReason"] != nil || out["redriveDate"] != nil {
		t.Errorf("failed: got %v", out)
	}
	s.stop()
	s = serve(t, dir) // what ended keeps its state through a restart
	well, calls := worker(s.reg)
	well.Store(true)
	const redrive = `{"executionArn":"` + executionARN + `x","clientToken":"t"}`
	first := s.call("RedriveExecution", redrive, "")
	out := s.ended("x")
	if out["status"] != "SUCCEEDED" || out["output"] != `[1,{"ok":1}]` || out["redriveCount"] != 1.0 || out["redriveDate"] != first["redriveDate"] ||
		out["error"] != nil || out["redriveStatusReason"] != "Execution is SUCCEEDED and cannot be redriven" {
		t.Errorf("redriven: got %v, %v", out, first)
	}
	if n := calls.Load(); n != 1 {
		t.Errorf("calls: got %d; want 1", n)
	}
	if again := s.call("RedriveExecution", redrive, ""); again["redriveDate"] != first["redriveDate"] {
		t.Errorf("the same token: got %v; want %v", again, first)
	}
	no := s.call("RedriveExecution", `{"executionArn":"`+executionARN+`x"}`, "ExecutionNotRedrivable")
	if no["message"] != "Execution is SUCCEEDED and cannot be redriven" {
		t.Errorf("got %v", no)
	}
	s.call("RedriveExecution", `{"executionArn":"`+executionARN+`none"}`, "ExecutionDoesNotExist")
	s.call("RedriveExecution", `{"executionArn":"arn:aws:states:us-east-1:111111111111:express:m:x:y"}`, "InvalidArn")
	for filter, want := range map[string]int{"REDRIVEN": 1, "NOT_REDRIVEN": 0} {
		list := s.call("ListExecutions", `{"stateMachineArn":"`+machineARN+`","redriveFilter":"`+filter+`"}`, "")["executions"].([]any)
		if len(list) != want {
			t.Errorf("%s: got %v; want %d", filter, list, want)
		}
	}
	events := s.call("GetExecutionHistory", `{"executionArn":"`+executionARN+`x"}`, "")["events"].([]any)
	kinds := ""
	for i, ev := range events {
		doc := ev.(map[string]any)
		if doc["id"] != float64(i+1) {
			t.Errorf("event %d: got id %v", i+1, doc["id"])
		}
		if doc["type"] == "ExecutionRedriven" || kinds != "" {
			kinds += fmt.Sprint(doc["type"], " ")
		}
		if doc["type"] == "ExecutionRedriven" && fmt.Sprint(doc["executionRedrivenEventDetails"]) != "map[redriveCount:1]" {
			t.Errorf("got %v", doc)
		}
	}
	if want := "ExecutionRedriven LambdaFunctionScheduled LambdaFunctionStarted LambdaFunctionSucceeded TaskStateExited ParallelStateSucceeded ParallelStateExited ExecutionSucceeded "; kinds != want {
		t.Errorf("history after the redrive:\ngot  %s\nwant %s", kinds, want)
	}
}

// Log records tell of the redrive.
func TestRedriveIsLogged(t *testing.T) {
	s := serve(t, t.TempDir())
	well, _ := worker(s.reg)
	s.call("CreateStateMachine", fmt.Sprintf(`{"name":"m","definition":%q,"roleArn":"arn:aws:iam::111111111111:role/r",
		"loggingConfiguration":{"level":"ALL","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:us-east-1:111111111111:log-group:there:*"}}]}}`,
		`{"StartAt":"B","States":{"B":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:111111111111:function:f","End":true}}}`), "")
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"x"}`, "")
	s.ended("x")
	well.Store(true)
	s.call("RedriveExecution", `{"executionArn":"`+executionARN+`x"}`, "")
	s.ended("x")
	types, messages := s.logs.types(t, executionARN+"x", 12)
	got := ""
	for i, kind := range types {
		got += fmt.Sprint(kind, messages[i]["redrive_count"], " ")
	}
	const want = "ExecutionStarted0 TaskStateEntered0 LambdaFunctionScheduled0 LambdaFunctionStarted0 LambdaFunctionFailed0 ExecutionFailed0 " +
		"ExecutionRedriven1 LambdaFunctionScheduled1 LambdaFunctionStarted1 LambdaFunctionSucceeded1 TaskStateExited1 ExecutionSucceeded1 "
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
