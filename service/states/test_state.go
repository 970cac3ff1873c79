package states

import (
	"context"
	"encoding/json"

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
	RetrierRetryCount        *int    `json:"retrierRetryCount"`
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
	AfterItemsPointer   string `json:"afterItemsPointer,omitempty"`
	AfterItemSelector   string `json:"afterItemSelector,omitempty"` // an array of the iterations' inputs
	AfterItemBatcher    string `json:"afterItemBatcher,omitempty"`  // an array of the batches
	Variables           string `json:"variables,omitempty"`         // those given, and what the state assigned
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

// unmocked is AWS's refusal of what says how a mocked state behaves, by itself.
func unmocked(field string) error {
	return invalidTest("TestState does not support %s when a mock is not specified.", field)
}

// check judges what a test gives beside the definition.
func (t *tested) check(in *TestStateInput) error {
	conf := in.StateConfiguration
	if conf == nil {
		conf = &StateConfiguration{}
	}
	if in.Mock == nil {
		switch {
		case conf.MapIterationFailureCount != nil:
			return unmocked("MapIterationFailureCount")
		case conf.MapItemReaderData != nil:
			return unmocked("MapItemReaderData")
		case conf.ErrorCausedByState != "":
			return unmocked("ErrorCausedByState")
		case conf.RetrierRetryCount != nil:
			return unmocked("RetrierRetryCount")
		case in.Context != "":
			return unmocked("Context")
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
	if in.RevealSecrets {
		return notTested("the secrets of HTTP tasks (revealSecrets)")
	}
	if name := conf.ErrorCausedByState; name != "" && findState(t.inner(), name) == nil {
		return invalidTest("State '%s' given as errorCausedByState is not in the tested state.", name)
	}
	if err := t.checkReaderData(conf.MapItemReaderData); err != nil {
		return err
	}
	if in.Context != "" {
		return t.checkContext(in.Context)
	}
	return nil
}

// inner returns the states inside a Map or Parallel state, as one machine.
func (t *tested) inner() map[string]json.RawMessage {
	return map[string]json.RawMessage{"States": text(map[string]any{t.name: t.members})}
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
