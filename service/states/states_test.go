package states_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"salamander/engine"
	"salamander/engine/integration"
	"salamander/operation"
	"salamander/service/states"
	"salamander/store"
)

// A server is the operations over a real store and engine.
type server struct {
	t   *testing.T
	reg *operation.Registry
	e   *engine.Engine
	db  *store.DB

	logs *journal
}

func serve(t *testing.T, dir string) *server {
	t.Helper()
	return serveWith(t, dir, engine.Options{})
}

// serveWith is serve with options of the engine.
func serveWith(t *testing.T, dir string, opt engine.Options) *server {
	t.Helper()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	reg := &operation.Registry{}
	log := slog.New(slog.DiscardHandler)
	runner := integration.New(integration.Options{Registry: reg, Log: log, Poll: 20 * time.Millisecond})
	kept := &journal{}
	opt.Store, opt.Runner, opt.Recorder, opt.Log = store.NewEngine(db), runner, kept, log
	e := engine.New(opt)
	service := states.New(e, store.NewEngine(db), logGroups{})
	states.Register(reg, service)
	states.RegisterOwn(reg, service)
	if err := e.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	db.Subscribe("states.journal", func(ctx context.Context, m store.Message) error { return e.Record(ctx, m.Payload) })
	db.Deliver()
	s := &server{t, reg, e, db, kept}
	t.Cleanup(s.stop)
	return s
}

func (s *server) stop() {
	s.e.Close()
	s.db.Close()
}

// call calls an operation and decodes its answer; code is of the error that
// must come.
func (s *server) call(name, input, code string) map[string]any {
	s.t.Helper()
	caller := operation.Caller{Account: "111111111111", Region: "us-east-1", Principal: "arn:aws:iam::111111111111:user/u"}
	resp, err := s.reg.Call(s.t.Context(), "states", name, &operation.Request{Caller: caller, Input: json.RawMessage(input)})
	if err != nil {
		e := operation.AsError(err)
		if e.Code != code {
			s.t.Fatalf("%s %s: got %v (%v); want %q", name, input, e, e.Cause, code)
		}
		return map[string]any{"message": e.Message}
	}
	if code != "" {
		s.t.Fatalf("%s %s: got %s; want %s", name, input, resp.Output, code)
	}
	var out map[string]any
	if err := json.Unmarshal(resp.Output, &out); err != nil {
		s.t.Fatal(err)
	}
	return out
}

const (
	machineARN   = "arn:aws:states:us-east-1:111111111111:stateMachine:m"
	executionARN = "arn:aws:states:us-east-1:111111111111:execution:m:"
)

func (s *server) create(name, definition string) {
	s.t.Helper()
	s.call("CreateStateMachine", fmt.Sprintf(`{"name":%q,"definition":%q,"roleArn":"arn:aws:iam::111111111111:role/r"}`, name, definition), "")
}

// ended waits for the end of an execution and describes it.
func (s *server) ended(name string) map[string]any {
	s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		out := s.call("DescribeExecution", fmt.Sprintf(`{"executionArn":%q}`, executionARN+name), "")
		if out["status"] != "RUNNING" {
			return out
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("execution %s does not end", name)
		}
	}
}

const pass = `{"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"b":1},"Next":"B"},"B":{"Type":"Pass","End":true}}}`

func TestMachines(t *testing.T) {
	s := serve(t, t.TempDir())
	s.create("m", pass)
	s.create("m", pass) // the same again
	got := s.call("CreateStateMachine", `{"name":"m","definition":"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Succeed\"}}}","roleArn":"arn:aws:iam::1:role/r"}`, "StateMachineAlreadyExists")
	if want := "State Machine Already Exists: '" + machineARN + "'"; got["message"] != want {
		t.Errorf("got %s; want %s", got["message"], want)
	}
	s.call("CreateStateMachine", `{"name":"a b","definition":"{}","roleArn":"arn:aws:iam::1:role/r"}`, "InvalidName")
	s.call("CreateStateMachine", `{"name":"bad","definition":"{}","roleArn":"arn:aws:iam::1:role/r"}`, "InvalidDefinition")
	s.call("CreateStateMachine", `{"name":"logged","definition":"{}","roleArn":"arn:aws:iam::1:role/r","loggingConfiguration":{"level":"ALL"}}`, "InvalidLoggingConfiguration")
	many := make([]engine.Tag, 51)
	for i := range many {
		many[i].Key = fmt.Sprint("k", i)
	}
	tags, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	s.call("CreateStateMachine", fmt.Sprintf(`{"name":"tagged","definition":%q,"roleArn":"arn:aws:iam::1:role/r","tags":%s}`, pass, tags), "TooManyTags")
	s.call("CreateActivity", fmt.Sprintf(`{"name":"tagged","tags":%s}`, tags), "TooManyTags")
	s.call("DescribeStateMachine", `{"stateMachineArn":"nonsense"}`, "InvalidArn")
	s.call("DescribeStateMachine", `{"stateMachineArn":"`+machineARN+`x"}`, "StateMachineDoesNotExist")
	first := s.call("UpdateStateMachine", `{"stateMachineArn":"`+machineARN+`","roleArn":"arn:aws:iam::1:role/other"}`, "")
	again := s.call("UpdateStateMachine", `{"stateMachineArn":"`+machineARN+`","roleArn":"arn:aws:iam::1:role/other"}`, "")
	if first["revisionId"] == nil || first["revisionId"] != again["revisionId"] {
		t.Errorf("revisions: got %v, %v", first, again)
	}
	s.call("UpdateStateMachine", `{"stateMachineArn":"`+machineARN+`"}`, "MissingRequiredParameter")
	for _, name := range []string{"n1", "n2"} {
		s.create(name, pass)
	}
	page := s.call("ListStateMachines", `{"maxResults":2}`, "")
	rest := s.call("ListStateMachines", fmt.Sprintf(`{"maxResults":2,"nextToken":%q}`, page["nextToken"]), "")
	if len(page["stateMachines"].([]any)) != 2 || len(rest["stateMachines"].([]any)) != 1 || rest["nextToken"] != nil {
		t.Errorf("pages: got %v, %v", page, rest)
	}
	s.call("ListStateMachines", `{"nextToken":"x"}`, "InvalidToken")
	s.call("TagResource", `{"resourceArn":"`+machineARN+`","tags":[{"key":"k","value":"1"},{"key":"k","value":"2"}]}`, "")
	if tags := fmt.Sprint(s.call("ListTagsForResource", `{"resourceArn":"`+machineARN+`"}`, "")); tags != "map[tags:[map[key:k value:2]]]" {
		t.Errorf("tags: got %s", tags)
	}
	s.call("DeleteStateMachine", `{"stateMachineArn":"`+machineARN+`"}`, "")
	s.call("DescribeStateMachine", `{"stateMachineArn":"`+machineARN+`"}`, "StateMachineDoesNotExist")
	s.call("RedriveExecution", `{"executionArn":"`+machineARN+`"}`, "InvalidArn")
}

func TestExecutions(t *testing.T) {
	s := serve(t, t.TempDir())
	s.create("m", pass)
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"x","input":"{\"a\": 1}"}`, "")
	out := s.ended("x")
	if out["status"] != "SUCCEEDED" || out["output"] != `{"b":1}` || out["input"] != `{"a": 1}` || out["redriveStatus"] != "NOT_REDRIVABLE" {
		t.Errorf("got %v", out)
	}
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"x","input":"{\"a\": 1}"}`, "ExecutionAlreadyExists")
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","input":"{"}`, "InvalidExecutionInput")
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`none"}`, "StateMachineDoesNotExist")
	s.call("StartSyncExecution", `{"stateMachineArn":"`+machineARN+`"}`, "StateMachineTypeNotSupported")
	s.call("DescribeExecution", `{"executionArn":"`+executionARN+`none"}`, "ExecutionDoesNotExist")
	history := s.call("GetExecutionHistory", `{"executionArn":"`+executionARN+`x","maxResults":4}`, "")
	rest := s.call("GetExecutionHistory", fmt.Sprintf(`{"executionArn":"%sx","maxResults":4,"nextToken":%q}`, executionARN, history["nextToken"]), "")
	var types []any
	for _, ev := range append(history["events"].([]any), rest["events"].([]any)...) {
		types = append(types, ev.(map[string]any)["type"])
	}
	if got, want := fmt.Sprint(types), "[ExecutionStarted PassStateEntered PassStateExited PassStateEntered PassStateExited ExecutionSucceeded]"; got != want {
		t.Errorf("history: got %s; want %s", got, want)
	}
	s.call("GetExecutionHistory", fmt.Sprintf(`{"executionArn":"%sx","reverseOrder":true,"nextToken":%q}`, executionARN, history["nextToken"]), "InvalidToken")
	bare := s.call("GetExecutionHistory", `{"executionArn":"`+executionARN+`x","includeExecutionData":false,"reverseOrder":true,"maxResults":1}`, "")
	if got := fmt.Sprint(bare["events"].([]any)[0].(map[string]any)["executionSucceededEventDetails"]); got != "map[]" {
		t.Errorf("without data: got %s", got)
	}
}

const waits = `{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"B"},"B":{"Type":"Pass","End":true}}}`

func TestAnExecutionGoesOnInTheNextProcess(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	s.create("m", waits)
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"x"}`, "")
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"stopped"}`, "")
	s.call("StopExecution", `{"executionArn":"`+executionARN+`stopped","error":"E","cause":"C"}`, "")
	if out := s.ended("stopped"); out["status"] != "ABORTED" || out["error"] != "E" || out["cause"] != "C" {
		t.Errorf("stopped: got %v", out)
	}
	list := s.call("ListExecutions", `{"stateMachineArn":"`+machineARN+`","statusFilter":"RUNNING"}`, "")
	if got := list["executions"].([]any); len(got) != 1 {
		t.Errorf("running: got %v", got)
	}
	s.call("UpdateStateMachine", fmt.Sprintf(`{"stateMachineArn":%q,"definition":%q}`, machineARN, pass), "")
	s.stop()
	s = serve(t, dir)
	if out := s.ended("x"); out["status"] != "SUCCEEDED" {
		t.Errorf("got %v", out)
	}
	described := s.call("DescribeStateMachineForExecution", `{"executionArn":"`+executionARN+`x"}`, "")
	if described["definition"] != waits {
		t.Errorf("definition of the execution: got %v", described["definition"])
	}
}

func TestChildrenAreWaitedFor(t *testing.T) {
	s := serve(t, t.TempDir())
	s.create("child", pass)
	s.create("m", `{"StartAt":"C","States":{"C":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2",
		"Parameters":{"StateMachineArn":"arn:aws:states:us-east-1:111111111111:stateMachine:child","Input":{"i":1}},"OutputPath":"$.Output","End":true}}}`)
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"x"}`, "")
	if out := s.ended("x"); out["status"] != "SUCCEEDED" || out["output"] != `{"b":1}` {
		t.Errorf("got %v", out)
	}
}

func TestExpress(t *testing.T) {
	s := serve(t, t.TempDir())
	s.call("CreateStateMachine", fmt.Sprintf(`{"name":"m","type":"EXPRESS","definition":%q,"roleArn":"arn:aws:iam::1:role/r"}`, pass), "")
	if out := s.call("StartSyncExecution", `{"stateMachineArn":"`+machineARN+`","name":"x"}`, ""); out["status"] != "SUCCEEDED" || out["output"] != `{"b":1}` {
		t.Errorf("got %v", out)
	}
	s.call("ListExecutions", `{"stateMachineArn":"`+machineARN+`"}`, "StateMachineTypeNotSupported")
}

// logGroups are those that end with "there".
type logGroups struct{}

func (logGroups) Exists(_ context.Context, _, _, group string) (bool, error) {
	return strings.HasSuffix(group, "there"), nil
}
