package asl

import "slices"

// A Language is a query language of states.
type Language string

// The query languages.
const (
	JSONPath Language = "JSONPath"
	JSONata  Language = "JSONata"
)

// A Form tells what a field's value is.
type Form string

// The forms of fields. In states of JSONata those of [Field.Query] may also be,
// or hold, a string of an expression: "{% … %}".
const (
	Text      Form = "string"
	Integer   Form = "integer"
	Number    Form = "number"
	Boolean   Form = "boolean"
	Any       Form = "any JSON"
	Template  Form = "payload template" // members whose names end in .$ are expressions
	Path      Form = "path"
	Reference Form = "reference path"
	Call      Form = "path or intrinsic function"
	Instant   Form = "timestamp"
	Rules     Form = "array of rules"
	Nested    Form = "states"
	Settings  Form = "object"
)

// A Field is one field of a type of state.
type Field struct {
	Name     string
	Form     Form
	Only     Language // the language whose states alone have it; "" for both
	Required bool
	Query    bool // in states of JSONata, expressions are evaluated in it
}

// StateFields are the fields of one type of state.
type StateFields struct {
	Type   string // "" is for what all types have
	Fields []Field
}

// Fields lists every field of every type of state, as [Parse] reads them; the
// first entry is what all types have.
//
// https://states-language.net/spec.html#common-state-fields
func Fields() []StateFields { return slices.Clone(stateFields) }

var (
	transition = []Field{{Name: "Next", Form: Text}, {Name: "End", Form: Boolean}}
	filters    = []Field{{Name: "InputPath", Form: Path, Only: JSONPath}, {Name: "OutputPath", Form: Path, Only: JSONPath}}
	output     = []Field{{Name: "Output", Form: Any, Only: JSONata, Query: true}}
	assigning  = []Field{{Name: "Assign", Form: Template, Query: true}}
	results    = []Field{{Name: "ResultPath", Form: Reference, Only: JSONPath}, {Name: "ResultSelector", Form: Template, Only: JSONPath}}
	parameters = []Field{{Name: "Parameters", Form: Template, Only: JSONPath}}
	arguments  = []Field{{Name: "Arguments", Form: Any, Only: JSONata, Query: true}}
	handling   = []Field{{Name: "Retry", Form: Rules}, {Name: "Catch", Form: Rules}}
)

var stateFields = []StateFields{
	{"", []Field{{Name: "Type", Form: Text, Required: true}, {Name: "Comment", Form: Text}, {Name: "QueryLanguage", Form: Text}}},
	{"Pass", slices.Concat(transition, filters, parameters, []Field{{Name: "ResultPath", Form: Reference, Only: JSONPath}, {Name: "Result", Form: Any, Only: JSONPath}}, output, assigning)},
	{"Task", slices.Concat(transition, filters, parameters, results, arguments, output, assigning, handling, []Field{
		{Name: "Resource", Form: Text, Required: true},
		{Name: "TimeoutSeconds", Form: Integer, Query: true}, {Name: "TimeoutSecondsPath", Form: Path, Only: JSONPath},
		{Name: "HeartbeatSeconds", Form: Integer, Query: true}, {Name: "HeartbeatSecondsPath", Form: Path, Only: JSONPath},
		{Name: "Credentials", Form: Template, Query: true},
	})},
	{"Choice", slices.Concat(filters, output, assigning, []Field{{Name: "Choices", Form: Rules, Required: true}, {Name: "Default", Form: Text}})},
	{"Wait", slices.Concat(transition, filters, output, assigning, []Field{
		{Name: "Seconds", Form: Integer, Query: true}, {Name: "SecondsPath", Form: Path, Only: JSONPath},
		{Name: "Timestamp", Form: Instant, Query: true}, {Name: "TimestampPath", Form: Path, Only: JSONPath},
	})},
	{"Succeed", slices.Concat(filters, output)},
	{"Fail", []Field{
		{Name: "Error", Form: Text, Query: true}, {Name: "ErrorPath", Form: Call, Only: JSONPath},
		{Name: "Cause", Form: Text, Query: true}, {Name: "CausePath", Form: Call, Only: JSONPath},
	}},
	{"Parallel", slices.Concat(transition, filters, parameters, results, arguments, output, assigning, handling, []Field{{Name: "Branches", Form: Nested, Required: true}})},
	{"Map", slices.Concat(transition, filters, parameters, results, output, assigning, handling, []Field{
		{Name: "ItemProcessor", Form: Nested}, {Name: "Iterator", Form: Nested},
		{Name: "ItemsPath", Form: Path, Only: JSONPath}, {Name: "Items", Form: Any, Only: JSONata, Query: true},
		{Name: "ItemSelector", Form: Template, Query: true},
		{Name: "MaxConcurrency", Form: Integer, Query: true}, {Name: "MaxConcurrencyPath", Form: Path, Only: JSONPath},
		{Name: "ItemReader", Form: Settings}, {Name: "ItemBatcher", Form: Settings}, {Name: "ResultWriter", Form: Settings}, {Name: "Label", Form: Text},
		{Name: "ToleratedFailureCount", Form: Integer, Query: true}, {Name: "ToleratedFailureCountPath", Form: Path, Only: JSONPath},
		{Name: "ToleratedFailurePercentage", Form: Number, Query: true}, {Name: "ToleratedFailurePercentagePath", Form: Path, Only: JSONPath},
	})},
}

// ruleFields are those of the elements of Retry, Catch and Choices. A Choice
// Rule of JSONPath has a comparison besides.
var (
	retryFields = []Field{
		{Name: "ErrorEquals", Form: Any, Required: true}, {Name: "IntervalSeconds", Form: Integer}, {Name: "MaxAttempts", Form: Integer},
		{Name: "BackoffRate", Form: Any}, {Name: "MaxDelaySeconds", Form: Integer}, {Name: "JitterStrategy", Form: Text}, {Name: "Comment", Form: Text},
	}
	catchFields = slices.Concat([]Field{
		{Name: "ErrorEquals", Form: Any, Required: true}, {Name: "Next", Form: Text, Required: true},
		{Name: "ResultPath", Form: Reference, Only: JSONPath}, {Name: "Comment", Form: Text},
	}, output, assigning)
	choiceFieldsOf = slices.Concat([]Field{
		{Name: "Next", Form: Text, Required: true}, {Name: "Condition", Form: Boolean, Only: JSONata, Required: true, Query: true}, {Name: "Comment", Form: Text},
	}, output, assigning)
)

// RuleFields lists the fields of the elements of Retry, Catch and Choices, by
// the name of the array. A rule of Choices in a state of JSONPath has a
// comparison besides, one of [Operators].
func RuleFields() []StateFields {
	return []StateFields{{"Retry", retryFields}, {"Catch", catchFields}, {"Choices", choiceFieldsOf}}
}

// Operators lists the comparisons of Choice Rules in states of JSONPath, sorted.
func Operators() []string {
	all := []string{"And", "IsPresent", "Not", "Or"}
	for name := range operators {
		all = append(all, name)
		if hasPathForm(name) {
			all = append(all, name+"Path")
		}
	}
	slices.Sort(all)
	return all
}

// fieldsOf gives the fields of a type of state, with those of all types.
func fieldsOf(kind string) ([]Field, bool) {
	for _, s := range stateFields[1:] {
		if s.Type == kind {
			return slices.Concat(s.Fields, stateFields[0].Fields), true
		}
	}
	return nil, false
}

// hasField reports whether a list has a field of this name.
func hasField(list []Field, name string) bool {
	return slices.ContainsFunc(list, func(f Field) bool { return f.Name == name })
}
