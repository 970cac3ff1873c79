package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"salamander/asl"
	"salamander/internal/value"
	"salamander/jsonpath"
)

// path evaluates a JSONPath into the input, the context object or a variable.
func (e *evaluation) path() (value.Value, error) {
	rest, ok := strings.CutPrefix(e.expression, "$")
	if !ok {
		return nil, mistaken(exitInvalid, "a JSONPath begins with $; JSONata has the form {% … %}, or --language jsonata", e.expression, 0)
	}
	root := e.input
	name, steps := rootOf(rest)
	switch {
	case name == "$" && e.context == nil:
		return nil, exitf(exitUsage, "$$ is the context object: give it by --context FILE")
	case name == "$":
		root = e.context
	case name != "":
		if root, ok = e.variables.Get(name); !ok {
			return nil, notFound("no variable %q%s", name, e.known())
		}
	}
	p, err := jsonpath.Parse("$" + steps)
	var bad *jsonpath.SyntaxError
	if errors.As(err, &bad) {
		return nil, mistaken(exitInvalid, bad.Msg, e.expression, bad.Offset+len(name))
	} else if err != nil {
		return nil, exitf(exitInvalid, "%w", err)
	}
	v, err := p.Get(root)
	if err != nil {
		return nil, notFound("%s", err)
	}
	return v, nil
}

// known tells how to give variables, or which there are.
func (e *evaluation) known() string {
	if e.files.variables == "" {
		return ": give variables by --variables FILE"
	}
	var names []string
	for _, m := range e.variables.Members() {
		names = append(names, "$"+m.Key)
	}
	slices.Sort(names)
	return ": there are " + strings.Join(names, ", ")
}

// intrinsic evaluates an intrinsic function in a machine that assigns the
// variables and then calls it.
func (e *evaluation) intrinsic() (value.Value, error) {
	const name = "Eval"
	if e.context == nil && strings.Contains(e.expression, "$$") {
		return nil, exitf(exitUsage, "$$ is the context object: give it by --context FILE")
	}
	object := value.NewObject
	m := func(key string, v value.Value) value.Member { return value.Member{Key: key, Value: v} }
	assign := new(value.Object)
	for _, v := range e.variables.Members() {
		assign.Set(v.Key+".$", "$.variables['"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v.Key)+"']")
	}
	first := object(m("Type", "Pass"), m("OutputPath", "$.input"), m("Next", name))
	if assign.Len() > 0 {
		first.Set("Assign", assign)
	}
	call := object(m("Type", "Pass"), m("Parameters", object(m("v.$", e.expression))), m("End", true))
	machine, err := asl.Parse(value.Append(nil, object(m("StartAt", "Variables"), m("States", object(m("Variables", first), m(name, call))))), asl.ParseOptions{NoLimits: true})
	var mistakes asl.Errors
	if errors.As(err, &mistakes) {
		one := mistakes[0]
		text := fmt.Sprintf("%q: %s", e.expression, one.Msg)
		if one.Hint != "" {
			text += " (" + one.Hint + ")"
		}
		return nil, exitf(exitInvalid, "%s", text)
	} else if err != nil {
		return nil, err
	}
	start := asl.Start{At: time.Now(), Seed: seed(), Input: value.Append(nil, object(m("variables", e.variables), m("input", e.input)))}
	if e.context != nil {
		start.Context.Given = value.Append(nil, e.context)
	}
	dec, err := machine.Start(start)
	if err != nil {
		return nil, err
	}
	if dec.Outcome == nil {
		return nil, errors.New("a Pass state did not end")
	}
	if err := outcomeError(dec.Outcome); err != nil {
		return nil, exitf(exitFailed, "%s", withoutState(strings.TrimPrefix(err.Error(), "the execution failed: ")))
	}
	out, err := value.Parse(dec.Outcome.Output)
	if err != nil {
		return nil, err
	}
	return member(out, "v"), nil
}

// withoutState drops what a cause says about the state, which is none of the
// user's.
func withoutState(text string) string {
	before, rest, ok := strings.Cut(text, "An error occurred while executing the state 'Eval' (entered at the event id #")
	if !ok {
		return text
	}
	_, rest, _ = strings.Cut(rest, "). ")
	return before + rest
}
