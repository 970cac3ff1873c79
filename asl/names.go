package asl

import (
	"maps"
	"slices"

	"salamander/jsonata"
)

// MachineFields lists the fields of a state machine itself.
//
// https://states-language.net/spec.html#toplevelfields
func MachineFields() []Field {
	return []Field{
		{Name: "Comment", Form: Text}, {Name: "QueryLanguage", Form: Text}, {Name: "StartAt", Form: Text, Required: true},
		{Name: "States", Form: Nested, Required: true}, {Name: "TimeoutSeconds", Form: Integer}, {Name: "Version", Form: Text},
	}
}

// ProcessorFields lists the fields of ItemProcessor; a branch of a Parallel
// state has them but for ProcessorConfig.
func ProcessorFields() []StateFields {
	return []StateFields{
		{"ItemProcessor", []Field{{Name: "Comment", Form: Text}, {Name: "StartAt", Form: Text, Required: true}, {Name: "States", Form: Nested, Required: true}, {Name: "ProcessorConfig", Form: Settings}}},
		{"ItemProcessor/ProcessorConfig", []Field{{Name: "Mode", Form: Text}, {Name: "ExecutionType", Form: Text}}},
	}
}

// QueryLimits are those of one evaluation of an expression of JSONata in a
// state.
func QueryLimits() jsonata.Limits { return queryLimits }

// FieldNotes tells of fields that are not whole what is missing, by the name of
// the table and of the field: "ItemReader/ReaderConfig.InputType". A field
// without a note is read and does all it says.
func FieldNotes() map[string]string {
	return map[string]string{
		"Task.Resource":    "tasks of services and operations that PARITY.md does not list fail by name",
		"Task.Credentials": "the task calls as the role; its policies are not enforced",
	}
}

// An IntrinsicFunction is one that expressions of JSONPath states can call.
type IntrinsicFunction struct {
	Name string // "States.Format"
	// Min and Max are how many arguments it takes; Max -1 is any number.
	Min, Max int
	Note     string // what differs from AWS, if anything does
}

// IntrinsicFunctions lists the intrinsic functions, sorted.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
func IntrinsicFunctions() []IntrinsicFunction {
	var list []IntrinsicFunction
	for _, name := range slices.Sorted(maps.Keys(intrinsics)) {
		f := intrinsics[name]
		one := IntrinsicFunction{Name: name, Min: f.min, Max: f.max}
		if name == "States.MathRandom" {
			one.Note = "a seed gives other numbers than on AWS"
		}
		list = append(list, one)
	}
	return list
}

// An ErrorName is one of the language's own names of errors.
type ErrorName struct {
	Name    string
	Meaning string
	// Reported is false for names that Retry and Catch may have, but that no
	// state reports here.
	Reported bool
	// Final errors always end the execution: no Retry and no Catch takes them.
	Final bool
}

// ErrorNames lists the names of errors that begin with States., sorted.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
func ErrorNames() []ErrorName {
	return []ErrorName{
		{Name: "States.ALL", Meaning: "any error but the final ones; in Retry and Catch"},
		{Name: "States.BranchFailed", Meaning: "a branch of a Parallel state failed; the branch's own error is what is reported"},
		{Name: "States.DataLimitExceeded", Meaning: "a payload of more than 256 KiB; States.ALL takes that of a task, as recorded from AWS, against its documentation", Reported: true},
		{Name: "States.ExceedToleratedFailureThreshold", Meaning: "more children of a distributed Map failed than are tolerated", Reported: true},
		{Name: "States.HeartbeatTimeout", Meaning: "no heartbeat of a task within HeartbeatSeconds; States.Timeout is what is reported, and both names take it"},
		{Name: "States.Http.Socket", Meaning: "an HTTP task timed out; HTTP tasks are refused"},
		{Name: "States.IntrinsicFailure", Meaning: "an intrinsic function failed", Reported: true},
		{Name: "States.ItemReaderFailed", Meaning: "the items of a distributed Map cannot be read", Reported: true},
		{Name: "States.NoChoiceMatched", Meaning: "no rule of a Choice state matched, and it has no Default", Reported: true},
		{Name: "States.ParameterPathFailure", Meaning: "a path of Parameters names nothing; States.Runtime is what is reported"},
		{Name: "States.Permissions", Meaning: "the role may not run the task; policies are not enforced"},
		{Name: "States.QueryEvaluationError", Meaning: "an expression of JSONata failed, or has a result of the wrong type", Reported: true},
		{Name: "States.ResultPathMatchFailure", Meaning: "ResultPath does not fit the input", Reported: true},
		{Name: "States.ResultWriterFailed", Meaning: "the results of a distributed Map cannot be written", Reported: true},
		{Name: "States.Runtime", Meaning: "the definition does not fit the data: a path that names nothing, a value of the wrong type", Reported: true, Final: true},
		{Name: "States.TaskFailed", Meaning: "any error of a task but States.Timeout; in Retry and Catch, and where a task tells no error", Reported: true},
		{Name: "States.Timeout", Meaning: "a task, or the execution, took longer than TimeoutSeconds", Reported: true},
	}
}
