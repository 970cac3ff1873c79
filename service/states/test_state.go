package states

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"salamander/operation"
)

// TestStateInput is the input of [Service.TestState].
type TestStateInput struct {
	Definition         string              `json:"definition"`
	RoleArn            string              `json:"roleArn"`
	Input              *string             `json:"input"`
	InspectionLevel    string              `json:"inspectionLevel"` // INFO, DEBUG or TRACE
	RevealSecrets      bool                `json:"revealSecrets"`
	Variables          string              `json:"variables"`
	StateName          string              `json:"stateName"`
	Mock               *Mock               `json:"mock"`
	Context            string              `json:"context"`
	StateConfiguration *StateConfiguration `json:"stateConfiguration"`
}

// A Mock is the answer that a tested state takes for its task's.
type Mock struct {
	Result              *string    `json:"result"`
	ErrorOutput         *MockError `json:"errorOutput"`
	FieldValidationMode string     `json:"fieldValidationMode"` // STRICT, PRESENT or NONE
}

// A MockError is a mocked failure.
type MockError struct {
	Error *string `json:"error"`
	Cause *string `json:"cause"`
}

// A StateConfiguration tells what a tested state has been through.
type StateConfiguration struct {
	RetrierRetryCount        int     `json:"retrierRetryCount"`
	ErrorCausedByState       string  `json:"errorCausedByState"`
	MapIterationFailureCount *int    `json:"mapIterationFailureCount"`
	MapItemReaderData        *string `json:"mapItemReaderData"`
}

// TestStateOutput is the output of [Service.TestState].
type TestStateOutput struct {
	Output         *string         `json:"output,omitempty"`
	Error          *string         `json:"error,omitempty"`
	Cause          *string         `json:"cause,omitempty"`
	InspectionData *InspectionData `json:"inspectionData,omitempty"`
	NextState      string          `json:"nextState,omitempty"`
	Status         string          `json:"status"` // SUCCEEDED, FAILED, RETRIABLE or CAUGHT_ERROR
}

// InspectionData tells the data between the steps of a state. Each is JSON
// text; empty where the state has no such step, or did not come to it.
type InspectionData struct {
	Input               string `json:"input,omitempty"`
	AfterArguments      string `json:"afterArguments,omitempty"`
	AfterInputPath      string `json:"afterInputPath,omitempty"`
	AfterParameters     string `json:"afterParameters,omitempty"`
	Result              string `json:"result,omitempty"`
	AfterResultSelector string `json:"afterResultSelector,omitempty"`
	AfterResultPath     string `json:"afterResultPath,omitempty"`
	AfterItemsPath      string `json:"afterItemsPath,omitempty"`
	Variables           string `json:"variables,omitempty"` // those given, and what the state assigned
	MaxConcurrency      *int64 `json:"maxConcurrency,omitempty"`

	ToleratedFailureCount      *int64        `json:"toleratedFailureCount,omitempty"`
	ToleratedFailurePercentage *float64      `json:"toleratedFailurePercentage,omitempty"`
	ErrorDetails               *ErrorDetails `json:"errorDetails,omitempty"`
}

// ErrorDetails tell which catcher or retrier took an error.
type ErrorDetails struct {
	CatchIndex                  *int   `json:"catchIndex,omitempty"`
	RetryIndex                  *int   `json:"retryIndex,omitempty"`
	RetryBackoffIntervalSeconds *int64 `json:"retryBackoffIntervalSeconds,omitempty"`
}

// TestState runs one state by itself, with its task or a mock of it.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
func (s *Service) TestState(ctx context.Context, in *TestStateInput) (*TestStateOutput, error) {
	t, err := readTested(in)
	if err != nil {
		return nil, err
	}
	if err := t.check(in); err != nil {
		return nil, err
	}
	t.caller = operation.CallerOf(ctx)
	if err := t.run(ctx, s); err != nil {
		return nil, err
	}
	out := t.answer()
	if in.InspectionLevel == "DEBUG" || in.InspectionLevel == "TRACE" {
		out.InspectionData = t.inspect()
	}
	return out, nil
}

func invalidTest(format string, args ...any) error {
	return operation.Errorf("ValidationException", format, args...)
}

// check judges what a test gives beside the definition.
func (t *tested) check(in *TestStateInput) error {
	mock, conf := in.Mock, in.StateConfiguration
	if mock == nil {
		switch {
		case conf != nil && conf.MapIterationFailureCount != nil:
			return invalidTest("TestState does not support MapIterationFailureCount when a mock is not specified.")
		case t.kind == "Map" || t.kind == "Parallel":
			return operation.Errorf("InvalidDefinition", "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]")
		case t.kind == "Task" && in.RoleArn == "":
			return invalidTest("RoleArn must be specified when testing a Task state")
		}
	} else if err := t.checkMock(in); err != nil {
		return err
	}
	if in.Input != nil && *in.Input != "" && !json.Valid([]byte(*in.Input)) {
		return operation.Errorf("InvalidExecutionInput", "Invalid State Machine Execution Input: '%s'", *in.Input)
	}
	switch {
	case in.Context != "":
		return t.checkContext(in.Context)
	case in.RevealSecrets:
		return notTested("the secrets of HTTP tasks (revealSecrets)")
	case conf != nil && conf.MapItemReaderData != nil && t.members["ItemReader"] == nil:
		return invalidTest("MapItemReaderData can only be specified for a Map state with an ItemReader.")
	case conf != nil && conf.MapItemReaderData != nil && !json.Valid([]byte(*conf.MapItemReaderData)):
		return invalidTest("MapItemReaderData must be valid JSON.")
	}
	return nil
}

func notTested(what string) error {
	return operation.NotImplemented("states", "TestState", what+" cannot be tested yet")
}

func (t *tested) checkMock(in *TestStateInput) error {
	mock := in.Mock
	switch {
	case mock.Result != nil && mock.ErrorOutput != nil:
		return invalidTest("A test mock should have only one of the following fields: [result, errorOutput].")
	case mock.Result == nil && mock.ErrorOutput == nil:
		return invalidTest("A test mock should have one of the following fields: [result, errorOutput].")
	case in.RevealSecrets:
		return invalidTest("TestState does not support RevealSecrets when a mock is specified.")
	case t.kind != "Task" && t.kind != "Map" && t.kind != "Parallel":
		return invalidTest("State type '%s' is not supported when a mock is specified", t.kind)
	case mock.Result == nil:
		return nil
	}
	var v any
	if json.Unmarshal([]byte(*mock.Result), &v) != nil {
		return invalidTest("Mocked result must be valid JSON")
	}
	list, isList := v.([]any)
	_, isObject := v.(map[string]any)
	_, writes := t.members["ResultWriter"]
	switch {
	case t.kind == "Map" && writes && !isObject:
		return invalidTest("Mocked result must be a JSON object.")
	case t.kind != "Task" && !writes && !isList:
		return invalidTest("Mocked result must be an array.")
	case t.kind == "Parallel" && len(list) != t.branches():
		return invalidTest("Mocked result must contain the same number of items as number of Parallel branches.")
	case t.kind == "Task" && mock.FieldValidationMode != "NONE":
		return t.checkResult(v, mock.FieldValidationMode != "PRESENT")
	}
	return nil
}

// branches returns how many branches a Parallel state has.
func (t *tested) branches() int {
	var all []json.RawMessage
	if json.Unmarshal(t.members["Branches"], &all) != nil {
		return 0
	}
	return len(all)
}

// answer tells how the state ended.
func (t *tested) answer() *TestStateOutput {
	out := &TestStateOutput{Status: t.status, Output: t.output, Error: t.errorName, Cause: t.cause}
	if t.exit != "" {
		out.NextState = t.exits[t.exit].next
	}
	return out
}

// stage runs a Pass state of the given members: one step of the tested
// state's data. It returns "" where the step fails.
func (t *tested) stage(input string, members map[string]json.RawMessage) string {
	pass := map[string]json.RawMessage{"Type": json.RawMessage(`"Pass"`), "End": json.RawMessage(`true`)}
	for name, v := range members {
		if v != nil {
			pass[name] = v
		}
	}
	one := tested{name: t.name, kind: "Pass", members: pass, input: input, context: t.context, variables: t.variables, now: t.now, caller: t.caller}
	if one.run(context.Background(), nil) != nil || one.output == nil {
		return ""
	}
	return *one.output
}

// afterInputPath returns what the InputPath selects: the input as it was given
// where it selects all.
func (t *tested) afterInputPath() string {
	path := t.members["InputPath"]
	if path == nil || string(path) == `"$"` {
		return t.input
	}
	return t.stage(t.input, map[string]json.RawMessage{"InputPath": path})
}

// itemsPath judges what the ItemsPath of a Map state selects: the cause of its
// failure, or "".
func (t *tested) itemsPath() string {
	path := t.members["ItemsPath"]
	if path == nil {
		path = json.RawMessage(`"$"`)
	}
	items := t.stage(t.afterInputPath(), map[string]json.RawMessage{"InputPath": path})
	var list []json.RawMessage
	var text string
	if items == "" || json.Unmarshal([]byte(items), &list) == nil && list != nil || json.Unmarshal(path, &text) != nil {
		return ""
	}
	if strings.HasPrefix(text, "$$") {
		text = text[1:]
	}
	return "Reference path \"" + text + "\" must point to array."
}

// inspect tells the data between the steps of the state.
func (t *tested) inspect() *InspectionData {
	d := &InspectionData{Input: t.input}
	if len(t.assigned) > 0 {
		d.Variables = string(text(t.assigned))
	}
	if t.details != (ErrorDetails{}) {
		d.ErrorDetails = &t.details
	}
	if t.kind == "Map" {
		if t.noItems {
			d.AfterInputPath = t.afterInputPath()
			return d
		}
		d.MaxConcurrency = new(int64)
		t.literal("MaxConcurrency", d.MaxConcurrency)
		d.ToleratedFailureCount, d.ToleratedFailurePercentage = t.tolerated()
	}
	if t.jsonata {
		if t.kind == "Task" {
			d.AfterArguments, d.Result = t.parameters, t.result
		}
		return d
	}
	type steps = map[string]json.RawMessage
	_, fixed := t.members["Result"]
	if t.kind != "Parallel" && !fixed {
		d.AfterInputPath = t.afterInputPath()
	}
	switch {
	case t.kind == "Pass" && fixed:
		d.Result = string(t.members["Result"])
		d.AfterResultSelector = d.Result
	case t.kind == "Pass":
		d.AfterParameters = t.stage(t.input, steps{"InputPath": t.members["InputPath"], "Parameters": t.members["Parameters"]})
		d.AfterResultSelector = d.AfterParameters
	case t.kind == "Task":
		d.AfterParameters = t.parameters
		d.Result = t.result
		fallthrough
	case t.kind == "Parallel", t.kind == "Map":
		if path := t.members["ItemsPath"]; path != nil {
			d.AfterItemsPath = t.stage(d.AfterInputPath, steps{"InputPath": path})
		}
		if t.result == "" {
			return d
		}
		if d.AfterResultSelector = t.result; t.members["ResultSelector"] != nil {
			d.AfterResultSelector = t.stage(t.result, steps{"Parameters": t.members["ResultSelector"]})
		}
	default:
		return d
	}
	switch path := string(t.members["ResultPath"]); {
	case path == "" || path == `"$"`:
		d.AfterResultPath = d.AfterResultSelector
	case d.AfterResultSelector != "":
		d.AfterResultPath = t.stage(t.input, steps{"Result": json.RawMessage(d.AfterResultSelector), "ResultPath": t.members["ResultPath"]})
	}
	return d
}

// String names the state in errors.
func (t *tested) String() string { return fmt.Sprintf("state %q", t.name) }
