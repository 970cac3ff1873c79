package states_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salamander/operation"
)

func TestTestState(t *testing.T) {
	s := serve(t, t.TempDir())
	const (
		task  = `{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","InputPath":"$.in","Parameters":{"FunctionName":"f","Payload.$":"$.p"},"ResultSelector":{"r.$":"$.Payload"},"ResultPath":"$.out","Retry":[{"ErrorEquals":["Other"]},{"ErrorEquals":["Mine"],"IntervalSeconds":3,"MaxAttempts":2}],"Catch":[{"ErrorEquals":["No"],"Next":"N"},{"ErrorEquals":["States.ALL"],"ResultPath":"$.error","Next":"C"}],"Next":"Self"}`
		given = `{"in":{"p":1}}`
	)
	mock := func(text string) string { return `,"mock":{` + text + `}` }
	failing := func(name string) string { return mock(`"errorOutput":{"error":"` + name + `","cause":"why"}`) }
	for name, test := range map[string]struct{ definition, input, more, want string }{
		"pass": {`{"Type":"Pass","Result":[1],"Next":"B"}`, `{}`, ``, `{"output":"[1]","nextState":"B","status":"SUCCEEDED"}`},
		"choice": {`{"Type":"Choice","Choices":[{"Variable":"$.a","NumericEquals":1,"Next":"One"}],"Default":"Other"}`, `{"a":1}`, `,"inspectionLevel":"DEBUG"`,
			`{"output":"{\"a\":1}","nextState":"One","status":"SUCCEEDED","inspectionData":{"input":"{\"a\":1}","afterInputPath":"{\"a\":1}"}}`},
		"fail":      {`{"Type":"Fail","Error":"E","Cause":"why"}`, `{}`, ``, `{"error":"E","cause":"why","status":"FAILED"}`},
		"wait":      {`{"Type":"Wait","Seconds":86400,"End":true}`, `{"a":1}`, ``, `{"output":"{\"a\":1}","status":"SUCCEEDED"}`},
		"bad path":  {`{"Type":"Pass","InputPath":"$.x","End":true}`, `{}`, ``, `{"error":"States.Runtime","cause":"Invalid path '$.x' : No results for path: $['x']","status":"FAILED"}`},
		"variables": {`{"Type":"Pass","InputPath":"$v.a","End":true}`, `{}`, `,"variables":"{\"v\":{\"a\":7}}"`, `{"output":"7","status":"SUCCEEDED"}`},
		"assigned": {`{"Type":"Pass","Assign":{"w.$":"$v"},"End":true}`, `{}`, `,"variables":"{\"v\":1}","inspectionLevel":"DEBUG"`,
			`{"output":"{}","status":"SUCCEEDED","inspectionData":{"input":"{}","variables":"{\"v\":1,\"w\":1}","afterInputPath":"{}","afterParameters":"{}","afterResultSelector":"{}","afterResultPath":"{}"}}`},
		"context": {`{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:1:function:f","ResultSelector":{"x.$":"$$.Execution.Id"},"End":true}`, `{}`,
			mock(`"result":"1"`) + `,"context":"{\"Execution\":{\"Id\":\"x\"}}"`, `{"output":"{\"x\":\"x\"}","status":"SUCCEEDED"}`},
		"in a machine": {`{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"X","States":{"X":{"Type":"Pass","Result":2,"Next":"Y"},"Y":{"Type":"Succeed"}}}]}}}`, `{}`,
			`,"stateName":"X"`, `{"output":"2","nextState":"Y","status":"SUCCEEDED"}`},
		"task": {task, given, mock(`"result":"{\"Payload\":5}"`) + `,"inspectionLevel":"TRACE"`,
			`{"output":"{\"in\":{\"p\":1},\"out\":{\"r\":5}}","nextState":"Self","status":"SUCCEEDED","inspectionData":{"input":"{\"in\":{\"p\":1}}","afterInputPath":"{\"p\":1}",
				"afterParameters":"{\"FunctionName\":\"f\",\"Payload\":1}","result":"{\"Payload\":5}","afterResultSelector":"{\"r\":5}","afterResultPath":"{\"in\":{\"p\":1},\"out\":{\"r\":5}}"}}`},
		"retry": {task, given, failing("Mine") + `,"inspectionLevel":"DEBUG","stateConfiguration":{"retrierRetryCount":1}`,
			`{"error":"Mine","cause":"why","status":"RETRIABLE","inspectionData":{"input":"{\"in\":{\"p\":1}}","afterInputPath":"{\"p\":1}","afterParameters":"{\"FunctionName\":\"f\",\"Payload\":1}",
				"errorDetails":{"retryIndex":1,"retryBackoffIntervalSeconds":6}}}`},
		"a child's output": {`{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2","OutputPath":"$.Output.a","End":true}`, `{}`,
			mock(`"result":"{\"Output\":{\"a\":1}}","fieldValidationMode":"PRESENT"`), `{"output":"1","status":"SUCCEEDED"}`},
		"retries used up": {task, given, failing("Mine") + `,"stateConfiguration":{"retrierRetryCount":2}`,
			`{"error":"Mine","cause":"why","output":"{\"in\":{\"p\":1},\"error\":{\"Error\":\"Mine\",\"Cause\":\"why\"}}","nextState":"C","status":"CAUGHT_ERROR"}`},
		"parallel": {`{"Type":"Parallel","End":true,"Branches":[{"StartAt":"X","States":{"X":{"Type":"Succeed"}}}]}`, `{}`, mock(`"result":"[ 1 ]"`), `{"output":"[ 1 ]","status":"SUCCEEDED"}`},
		"no items": {`{"Type":"Map","ItemsPath":"$$","ItemProcessor":{"StartAt":"X","States":{"X":{"Type":"Succeed"}}},"End":true}`, `[ 1 ]`, mock(`"result":"[3]"`) + `,"inspectionLevel":"DEBUG"`,
			`{"error":"States.Runtime","cause":"Reference path \"$\" must point to array.","status":"FAILED","inspectionData":{"input":"[ 1 ]","afterInputPath":"[ 1 ]"}}`},
		"inline map": {`{"Type":"Map","ItemsPath":"$.a","MaxConcurrency":2,"ItemProcessor":{"StartAt":"X","States":{"X":{"Type":"Succeed"}}},"Next":"Y"}`, `{"a":[1]}`,
			mock(`"result":"[3]"`) + `,"inspectionLevel":"DEBUG"`, `{"output":"[3]","nextState":"Y","status":"SUCCEEDED","inspectionData":{"input":"{\"a\":[1]}","afterInputPath":"{\"a\":[1]}",
				"afterItemsPath":"[1]","maxConcurrency":2,"afterResultSelector":"[3]","afterResultPath":"[3]"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			got := s.call("TestState", fmt.Sprintf(`{"definition":%q,"input":%q%s}`, test.definition, test.input, test.more), "")
			var want map[string]any
			if err := json.Unmarshal([]byte(test.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A task without a mock is run.
func TestTestStateRunsTasks(t *testing.T) {
	s := serve(t, t.TempDir())
	s.create("m", pass)
	definition := `{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sfn:describeStateMachine","Parameters":{"StateMachineArn":"` + machineARN + `"},"OutputPath":"$.Name","End":true}`
	got := s.call("TestState", fmt.Sprintf(`{"definition":%q,"roleArn":"arn:aws:iam::111111111111:role/r"}`, definition), "")
	if got["output"] != `"m"` || got["status"] != "SUCCEEDED" {
		t.Errorf("got %v", got)
	}
}

func TestTestStateRefuses(t *testing.T) {
	s := serve(t, t.TempDir())
	const task = `{"Type":"Task","Resource":"arn:aws:states:::states:startExecution","End":true}`
	const mapped = `{"Type":"Map","ItemProcessor":{"StartAt":"X","States":{"X":{"Type":"Succeed"}}},"End":true}`
	for _, test := range []struct{ definition, more, code, message string }{
		{`nonsense`, ``, "InvalidDefinition", ""},
		{`{"Type":"Pass"}`, ``, "InvalidDefinition", ""},
		{`{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`, ``, "InvalidDefinition", ""},
		{`{"Type":"Succeed"}`, `,"stateName":"A"`, "InvalidDefinition", ""},
		{`{"StartAt":"A","States":{"A":{"Type":"Succeed"},"B":{"Type":"Pass"}}}`, `,"stateName":"A"`, "InvalidDefinition", ""},
		{`{"Type":"Succeed"}`, `,"context":"{}"`, "ValidationException", "TestState does not support Context when a mock is not specified."},
		{task, `,"stateConfiguration":{"retrierRetryCount":1}`, "ValidationException", "TestState does not support RetrierRetryCount when a mock is not specified."},
		{`{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`, `,"stateName":"B"`, "ValidationException", "State not found in definition"},
		{task, ``, "ValidationException", "RoleArn must be specified when testing a Task state"},
		{mapped, ``, "InvalidDefinition", "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"},
		{mapped, `,"mock":{"result":"{}"}`, "ValidationException", "Mocked result must be an array."},
		{task, `,"mock":{"result":"{"}`, "ValidationException", "Mocked result must be valid JSON"},
		{task, `,"mock":{"result":"{}"}`, "ValidationException", "Mock result schema validation error: Required field 'ExecutionArn' is missing"},
		{task, `,"mock":{"result":"{\"StartDate\":1}","fieldValidationMode":"PRESENT"}`, "ValidationException", "Mock result schema validation error: Field 'StartDate' must be a string"},
		{task, `,"mock":{"result":"{}","errorOutput":{}}`, "ValidationException", "A test mock should have only one of the following fields: [result, errorOutput]."},
		{`{"Type":"Succeed"}`, `,"mock":{"result":"{}"}`, "ValidationException", "State type 'Succeed' is not supported when a mock is specified"},
		{task, `,"mock":{"errorOutput":{}},"context":"{\"Execution\":{\"Id\":1}}"`, "ValidationException", "Invalid Context object provided: Execution.Id must be a string"},
		{mapped, `,"mock":{"result":"[]"},"stateConfiguration":{"mapItemReaderData":"[]"}`, "ValidationException", "MapItemReaderData can only be specified for a Map state with an ItemReader."},
		{`{"Type":"Succeed"}`, `,"variables":"[]"`, "ValidationException", "Variables must be a JSON object."},
		{`{"Type":"Task","Resource":"arn:aws:states:::batch:submitJob.sync","Parameters":{},"End":true}`, `,"roleArn":"arn:aws:iam::1:role/r"`, "ValidationException", ""},
		{`{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Parameters":{},"End":true}`, `,"mock":{"result":"{\"MessageId\":1}"}`, "ValidationException", "Mock result schema validation error: Field 'MessageId' must be a string"},
		{`{"Type":"Task","Resource":"arn:aws:states:::dynamodb:putItem","Parameters":{},"End":true}`, `,"mock":{"result":"{\"ConsumedCapacity\":{\"CapacityUnits\":\"1.5\"}}"}`, "ValidationException", "Mock result schema validation error: Field 'CapacityUnits' must be a number"},
		{`{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync","Parameters":{},"End":true}`, `,"mock":{"result":"{\"Status\":\"DONE\"}","fieldValidationMode":"PRESENT"}`, "ValidationException", "Mock result schema validation error: Field 'Status' is not an expected value"},
		{`{"Type":"Task","Resource":"arn:aws:states:::dynamodb:getItem","Parameters":{},"End":true}`, `,"mock":{"result":"{\"Item\":{\"k\":{\"S\":1}}}"}`, "ValidationException", "Mock result schema validation error: Field 'S' must be a string"},
		{`{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:gamelift:listFleets","Parameters":{},"End":true}`, `,"mock":{"result":"{\"FleetIds\":1}"}`, "NotImplementedException", ""},
	} {
		got := s.call("TestState", fmt.Sprintf(`{"definition":%q%s}`, test.definition, test.more), test.code)
		if test.message != "" && got["message"] != test.message {
			t.Errorf("%s %s: got %s; want %s", test.definition, test.more, got["message"], test.message)
		}
	}
}

// A task ends at its TimeoutSeconds.
func TestTestStateTimesOut(t *testing.T) {
	s := serve(t, t.TempDir())
	s.reg.Handle(operation.Spec{Service: "lambda", Name: "Invoke"}, func(ctx context.Context, _ *operation.Request) (*operation.Response, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	definition := `{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:111111111111:function:f","TimeoutSeconds":1,"Catch":[{"ErrorEquals":["States.Timeout"],"Next":"C"}],"End":true}`
	got := s.call("TestState", fmt.Sprintf(`{"definition":%q,"roleArn":"arn:aws:iam::111111111111:role/r"}`, definition), "")
	if got["status"] != "CAUGHT_ERROR" || got["error"] != "States.Timeout" || got["nextState"] != "C" {
		t.Errorf("got %v", got)
	}
}
