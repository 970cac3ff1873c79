package states_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"salamander/operation"
)

// own calls an operation that AWS does not have, and decodes its answer or
// gives the message of an error with the code.
func (s *server) own(name, input, code string) map[string]any {
	s.t.Helper()
	caller := operation.Caller{Account: "111111111111", Region: "us-east-1", Principal: "arn:aws:iam::111111111111:user/u"}
	resp, err := s.reg.Call(s.t.Context(), "salamander", name, &operation.Request{Caller: caller, Input: json.RawMessage(input)})
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

func TestRedriveWithChanges(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir)
	well, _ := worker(s.reg)
	well.Store(true)
	s.create("m", `{"StartAt":"A","States":{
		"A":{"Type":"Pass","Assign":{"v":7},"Result":{"a":1},"Next":"B"},
		"B":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:111111111111:function:f","Next":"C"},
		"C":{"Type":"Pass","Parameters":{"v.$":"$v","gone.$":"$.gone"},"End":true}}}`)
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"x"}`, "")
	if out := s.ended("x"); out["status"] != "FAILED" || out["salamander"] != nil {
		t.Fatalf("got %v", out)
	}
	const arn = `{"executionArn":"` + executionARN + `x"`
	for input, want := range map[string][2]string{
		arn + `,"from":"a"}`:                               {"ValidationException", `the definition has no state "a" (did you mean "A"?)`},
		arn + `,"outputs":{"A":"1"}}`:                      {"ValidationException", `state "A" assigns variables`},
		arn + `,"outputs":{"B":"{"}}`:                      {"ValidationException", `the output of "B" is no JSON`},
		arn + `,"definition":"{}"}`:                        {"InvalidDefinition", "Invalid State Machine Definition"},
		arn + `,"clientToken":"t","other":1}`:              {"NotImplementedException", "other"},
		`{"executionArn":"` + executionARN + `y"}`:         {"ExecutionDoesNotExist", "Execution Does Not Exist"},
		`{"executionArn":"` + machineARN + `","from":"A"}`: {"InvalidArn", "Resource type not valid"},
	} {
		for _, name := range []string{"RedriveExecution", "PreviewRedrive"} {
			if got := s.own(name, input, want[0]); !strings.Contains(fmt.Sprint(got["message"]), want[1]) {
				t.Errorf("%s %s: got %v; want %q", name, input, got, want[1])
			}
		}
	}
	input := arn + `,"from":"B","outputs":{"B":"{\"gone\":1}"}}`
	p := s.own("PreviewRedrive", input, "")
	resumes := p["resumes"].([]any)[0].(map[string]any)
	if p["redriveCount"] != 1.0 || resumes["state"] != "B" || resumes["given"] != true || resumes["input"] != `{"a":1}` || fmt.Sprint(resumes["then"]) != "[C]" ||
		p["ends"].(map[string]any)["output"] != `{"v":7,"gone":1}` {
		t.Errorf("preview: got %v", p)
	}
	if out := s.ended("x"); out["status"] != "FAILED" || out["redriveCount"] != 0.0 {
		t.Errorf("after the preview: got %v", out)
	}
	done := s.own("RedriveExecution", input, "")
	out := s.ended("x")
	if out["status"] != "SUCCEEDED" || out["output"] != `{"v":7,"gone":1}` || out["redriveDate"] != done["redriveDate"] {
		t.Errorf("redriven: got %v, %v", out, done)
	}
	s.stop()
	s = serve(t, dir) // the record stays
	own, err := json.Marshal(s.ended("x")["salamander"])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"from":"B"`, `"outputs":["B"]`, `"redriveCount":1`, `"by":"arn:aws:iam::111111111111:user/u"`} {
		if !strings.Contains(string(own), want) {
			t.Errorf("DescribeExecution: got %s; want %s", own, want)
		}
	}
	events := s.call("GetExecutionHistory", arn+`}`, "")["events"].([]any)
	for _, ev := range events {
		doc := ev.(map[string]any)
		if doc["type"] == "ExecutionRedriven" {
			if fmt.Sprint(doc["executionRedrivenEventDetails"]) != "map[redriveCount:1]" || doc["salamander"].(map[string]any)["redrive"].(map[string]any)["from"] != "B" {
				t.Errorf("history: got %v", doc)
			}
			return
		}
	}
	t.Errorf("history without ExecutionRedriven: %v", events)
}

// With another definition, that of the execution is told from then on.
func TestRedriveWithAnotherDefinition(t *testing.T) {
	s := serve(t, t.TempDir())
	worker(s.reg)
	s.create("m", forked)
	s.call("StartExecution", `{"stateMachineArn":"`+machineARN+`","name":"x"}`, "")
	s.ended("x")
	other := strings.Replace(forked, `{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:111111111111:function:f","End":true}`, `{"Type":"Pass","Result":2,"End":true}`, 1)
	s.own("RedriveExecution", fmt.Sprintf(`{"executionArn":"%sx","definition":%q}`, executionARN, other), "")
	if out := s.ended("x"); out["status"] != "SUCCEEDED" || out["output"] != "[1,2]" {
		t.Errorf("got %v", out)
	}
	if out := s.call("DescribeStateMachineForExecution", `{"executionArn":"`+executionARN+`x"}`, ""); out["definition"] != other {
		t.Errorf("got the definition %v", out["definition"])
	}
	if out := s.call("DescribeStateMachine", `{"stateMachineArn":"`+machineARN+`"}`, ""); out["definition"] != forked {
		t.Errorf("the machine has changed: %v", out["definition"])
	}
}
