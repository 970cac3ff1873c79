package asl

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"salamander/internal/value"
	"salamander/jsonata"
)

// queryError is the name of the error of an expression of JSONata.
const queryError = "States.QueryEvaluationError"

// A query is an expression of JSONata in a field.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
type query struct {
	source string // without its delimiters
	expr   *jsonata.Expr
	place  where
	state  int // how many parts of the place are the state's
	names  []string
	states bool // it refers to $states
	whole  bool // … and may look at the context object
}

// isQuery reports whether a string is an expression of JSONata. Blanks before
// or behind the delimiters make it plain text.
func isQuery(s string) bool {
	return len(s) >= 4 && strings.HasPrefix(s, "{%") && strings.HasSuffix(s, "%}")
}

// queryLimits bound one evaluation: the depth and the range are AWS's, which
// bounds time and memory besides; liftedLimits hold where AWS's are lifted.
var (
	queryLimits  = jsonata.Limits{Depth: 100, Steps: 5_000_000, Size: 256 << 20, Range: 873_782}
	liftedLimits = jsonata.Limits{Steps: 20_000_000, Size: 1 << 30}
)

// noFunctions is a library without functions.
var noFunctions = jsonata.StepFunctions().Without(jsonata.StepFunctions().Names()...)

// compile reads the expression of a field, and reports what AWS refuses in it;
// source is with its delimiters.
func (b *builder) compile(source string, at where) *query {
	q := &query{source: strings.TrimSpace(source[2 : len(source)-2]), place: at, state: b.depth}
	var err error
	if q.expr, err = jsonata.CompileStepFunctions(q.source); err != nil {
		var bad *jsonata.Error
		if !errors.As(err, &bad) {
			b.add(at, codeQuerySyntax, "%s", err)
			return q
		}
		b.add(at, codeQuerySyntax, "%s", bad.Message).Hint = bad.Code + " at character " + strconv.Itoa(bad.Position)
		return q
	}
	refs := q.expr.References("states")
	if refs.Root {
		b.add(at, codeQueryUse, "Reference to '$$' is not supported.")
	}
	for _, name := range refs.Context {
		b.add(at, codeQueryUse, "Reference to '%s' at the top level is not supported.", name).Hint = "the state's input is $states.input"
	}
	for _, name := range refs.Members {
		if !b.hasMember(name, at) {
			e := b.add(at, codeQueryUse, "Field '$states.%s' does not exist.", name)
			b.guess(e, name, slices.DeleteFunc([]string{"input", "context", "result", "errorOutput"}, func(n string) bool { return !b.hasMember(n, at) }))
		}
	}
	for _, name := range q.expr.Variables(noFunctions) { // a variable hides the function of its name
		if name == "states" {
			q.states = true
			continue
		}
		q.names = append(q.names, name)
	}
	n := strings.Count(q.source, "$states")
	for _, member := range []string{".input", ".result", ".errorOutput"} {
		n -= strings.Count(q.source, "$states"+member)
	}
	q.whole = n > 0
	return q
}

// delimited reports a text that has one delimiter of an expression only.
func (b *builder) delimited(s string, at where) {
	if strings.HasPrefix(s, "{%") != strings.HasSuffix(s, "%}") {
		b.add(at, codeQuerySyntax, "A JSONata expression begins with '{%%' and ends with '%%}'")
	}
}

// hasMember reports whether $states has a member in the field that is at a
// place.
//
// https://states-language.net/spec.html#reserved-variable-states
func (b *builder) hasMember(name string, at where) bool {
	parts := at.parts(b.depth)
	field := func(i int) bool { return len(parts) > i && (parts[i].name == "Output" || parts[i].name == "Assign") }
	switch name {
	case "input", "context":
		return true
	case "result":
		return field(0) && (b.kind == "Task" || b.kind == "Parallel" || b.kind == "Map")
	case "errorOutput":
		return parts[0].name == "Catch" && field(2)
	}
	return false
}

// eval gives the value of the expression; it fails where there is none.
func (q *query) eval(e *env) (value.Value, *failure) {
	bound := make(map[string]value.Value, len(q.names)+1)
	for _, name := range q.names {
		if v, ok := e.vars.get(name); ok {
			bound[name] = v
		}
	}
	if q.states {
		bound["states"] = e.states(q.whole)
	}
	v, ok, err := q.expr.Eval(jsonata.Env{NoInput: true, Bindings: bound, Now: e.now, Random: e.random.uint64, Limits: e.limits, QuoteNonFinite: true, Library: jsonata.StepFunctions()})
	var bad *jsonata.Error
	switch {
	case errors.Is(err, jsonata.ErrFunction):
		return nil, q.failed("returned an unexpected result type. Expected a JSON value, but was 'function'.")
	case errors.As(err, &bad) && (bad.Code == "U1001" || bad.Code == "U1002"): // limits, which AWS tells without a code
		text := bad.Message
		switch {
		case bad.Code == "U1002":
			text = "Expression evaluation memory limit exceeded: Check for excessive memory usage"
		case strings.HasPrefix(text, "Expression evaluation"):
			text = "Expression evaluation timeout: Check for infinite loop"
		}
		return nil, q.failed("threw an error during evaluation: " + text)
	case errors.As(err, &bad):
		return nil, q.failed("threw an error during evaluation. " + bad.Code + ": " + bad.Message)
	case err != nil:
		return nil, q.failed("threw an error during evaluation: " + err.Error())
	case !ok:
		return nil, q.failed("returned nothing (undefined).")
	}
	return v, nil
}

// at gives the place in the state, as AWS writes it: "Arguments/FunctionName".
func (q *query) at() string { return q.place.within(q.state) }

// failed words a failure of the expression as AWS does.
func (q *query) failed(how string) *failure {
	at := q.at()
	return &failure{name: queryError, location: at, evaluated: true,
		cause: "The JSONata expression '" + q.source + "' specified for the field '" + at + "' " + how}
}

// mistyped words a result of another type than the field wants.
func (q *query) mistyped(want string, v value.Value) *failure {
	return q.failed("returned an unexpected result type. Expected '" + want + "', but was '" + typeOf(v) + "' for value: " + value.Text(v))
}

// unfit is the failure of a field whose value was evaluated but does not do.
func unfit(at, cause string) *failure {
	return &failure{name: queryError, location: at, evaluated: true, cause: cause}
}

// typeOf names the type of a value as JSONata does.
func typeOf(v value.Value) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case value.Number:
		return "number"
	case string:
		return "string"
	case value.Array:
		return "array"
	}
	return "object"
}

// states gives $states as the phase of the state has it.
func (e *env) states(whole bool) *value.Object {
	o := value.NewObject(member("input", e.raw))
	if whole {
		o.Set("context", e.context())
	}
	if e.result != nil {
		o.Set("result", e.result.v)
	}
	if e.errorOutput != nil {
		o.Set("errorOutput", e.errorOutput)
	}
	return o
}
