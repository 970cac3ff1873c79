package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode/utf16"

	"salamander/asl"
	web "salamander/console"
	"salamander/internal/value"
	"salamander/jsonata"
	"salamander/jsonpath"
)

// consoleEvaluator is the console's expression pad: what `salamander eval`
// does, on the data of a step.
type consoleEvaluator struct{}

// Evaluate evaluates an expression as a state would.
func (consoleEvaluator) Evaluate(ctx context.Context, in web.Evaluation) (json.RawMessage, error) {
	var e evaluation
	e.expression = in.Expression
	e.files.variables = "the step" // so that an unknown one is told with those there are
	var err error
	if e.input, err = parsed(in.Input, "input"); err != nil {
		return nil, err
	}
	if e.context, err = parsed(in.Context, "context"); err != nil {
		return nil, err
	}
	variables, err := parsed(in.Variables, "variables")
	if err != nil {
		return nil, err
	}
	e.variables = new(value.Object)
	if o, ok := variables.(*value.Object); ok {
		e.variables = o
	}
	var out value.Value
	switch in.Language {
	case "JSONata":
		out, err = e.query(ctx, in)
	case "JSONPath":
		out, err = e.pathOrFunction()
	default:
		return nil, &web.EvaluationError{Code: "Invalid", Message: "language: need JSONata or JSONPath"}
	}
	if err != nil {
		return nil, err
	}
	return value.Append(nil, out), nil
}

// parsed reads a part of the data; null where it is missing.
func parsed(text json.RawMessage, name string) (value.Value, error) {
	if len(text) == 0 {
		text = json.RawMessage("null")
	}
	v, err := value.Parse(text)
	if err != nil {
		return nil, &web.EvaluationError{Code: "Invalid", Message: name + ": no JSON: " + err.Error()}
	}
	return v, nil
}

// query evaluates JSONata with what a state sees: $states and the variables.
func (e *evaluation) query(_ context.Context, in web.Evaluation) (value.Value, error) {
	source, shift := e.expression, 0
	if trimmed := strings.TrimSpace(source); strings.HasPrefix(trimmed, "{%") && strings.HasSuffix(trimmed, "%}") && len(trimmed) >= 4 {
		shift = strings.Index(source, "{%") + 2
		source = trimmed[2 : len(trimmed)-2]
	}
	fail := func(err error) error {
		var bad *jsonata.Error
		if !errors.As(err, &bad) {
			return &web.EvaluationError{Code: "Error", Message: err.Error()}
		}
		out := &web.EvaluationError{Code: bad.Code, Message: bad.Message}
		if bad.Position > 0 {
			at := len(utf16.Encode([]rune(e.expression[:shift]))) + bad.Position - 1
			out.Position = &at
		}
		return out
	}
	compiled, err := jsonata.CompileStepFunctions(source)
	if err != nil {
		return nil, fail(err)
	}
	states := value.NewObject(value.Member{Key: "input", Value: e.input}, value.Member{Key: "context", Value: e.context})
	for name, text := range map[string]json.RawMessage{"result": in.Result, "errorOutput": in.ErrorOutput} {
		if len(text) == 0 {
			continue
		}
		v, err := parsed(text, name)
		if err != nil {
			return nil, err
		}
		states.Set(name, v)
	}
	bound := map[string]value.Value{}
	for _, m := range e.variables.Members() {
		bound[m.Key] = m.Value
	}
	bound["states"] = states
	result, ok, err := compiled.Eval(jsonata.Env{NoInput: true, Bindings: bound, Limits: asl.QueryLimits(), QuoteNonFinite: true,
		Now: time.Now(), Random: randomBits, Library: jsonata.StepFunctions()})
	switch {
	case err != nil:
		return nil, fail(err)
	case !ok:
		return nil, &web.EvaluationError{Code: "undefined", Message: "the expression returned nothing (undefined); the input of the state is $states.input"}
	}
	return result, nil
}

// pathOrFunction evaluates a JSONPath or an intrinsic function.
func (e *evaluation) pathOrFunction() (value.Value, error) {
	e.expression = strings.TrimSpace(e.expression)
	var out value.Value
	var err error
	if strings.HasPrefix(e.expression, "States.") {
		out, err = e.intrinsic()
	} else {
		out, err = e.path()
	}
	if err == nil {
		return out, nil
	}
	message, _, _ := strings.Cut(err.Error(), "\n") // what follows points at the place
	bad := &web.EvaluationError{Code: "States.Runtime", Message: message}
	if rest, ok := strings.CutPrefix(e.expression, "$"); ok {
		name, steps := rootOf(rest)
		var syntax *jsonpath.SyntaxError
		if _, err := jsonpath.Parse("$" + steps); errors.As(err, &syntax) {
			at := len(utf16.Encode([]rune(e.expression[:min(syntax.Offset+len(name), len(e.expression))])))
			bad.Code, bad.Position = "Invalid", &at
		}
	}
	return nil, bad
}
