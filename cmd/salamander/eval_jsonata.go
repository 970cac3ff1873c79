package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"salamander/asl"
	"salamander/internal/value"
	"salamander/jsonata"
)

// jsonata evaluates an expression of JSONata. In its delimiters it sees what it
// would in a state: $states and the variables. Without them the input is $ too.
func (e *evaluation) jsonata() (value.Value, error) {
	source, asInState := e.expression, false
	if strings.HasPrefix(source, "{%") && strings.HasSuffix(source, "%}") && len(source) >= 4 {
		source, asInState = strings.TrimSpace(source[2:len(source)-2]), true
	}
	compiled, err := jsonata.CompileStepFunctions(source)
	if err != nil {
		return nil, jsonataError(exitInvalid, source, err)
	}
	states := value.NewObject(value.Member{Key: "input", Value: e.input})
	if e.context != nil {
		states.Set("context", e.context)
	}
	bound := map[string]value.Value{}
	for _, m := range e.variables.Members() {
		bound[m.Key] = m.Value
	}
	bound["states"] = states
	limits := jsonata.Limits{Size: 512 << 20}
	if asInState {
		limits = asl.QueryLimits()
	}
	result, ok, err := compiled.Eval(jsonata.Env{
		Input: e.input, NoInput: asInState, Bindings: bound, Limits: limits, QuoteNonFinite: asInState,
		Now: time.Now(), Random: randomBits, Library: jsonata.StepFunctions(),
	})
	switch {
	case err != nil:
		return nil, jsonataError(exitFailed, source, err)
	case !ok && asInState && !strings.Contains(source, "$states"):
		return nil, notFound("the expression returned nothing (undefined); in a state the input is $states.input")
	case !ok:
		return nil, notFound("the expression returned nothing (undefined)")
	}
	return result, nil
}

func randomBits() (bits uint64) {
	s := seed()
	for _, b := range s[:8] {
		bits = bits<<8 | uint64(b)
	}
	return bits
}

// jsonataError tells the code, the position and the message of an error, with
// the place in the expression.
func jsonataError(status int, source string, err error) error {
	var bad *jsonata.Error
	if !errors.As(err, &bad) {
		return exitf(status, "%w", err)
	}
	if bad.Position == 0 {
		return exitf(status, "%s", printable(bad.Error()))
	}
	text := fmt.Sprintf("%s at position %d: %s", bad.Code, bad.Position, bad.Message)
	return mistaken(status, text, source, byteOf(source, bad.Position-1))
}

// byteOf gives the offset in bytes of one in UTF-16 units.
func byteOf(s string, units int) int {
	for i, r := range s {
		if units <= 0 {
			return i
		}
		if units--; r >= 0x10000 {
			units--
		}
	}
	return len(s)
}
