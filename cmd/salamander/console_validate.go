package main

import (
	"context"
	"errors"
	"strings"
	"unicode/utf16"

	"salamander/asl"
	web "salamander/console"
	"salamander/engine"
)

// consoleValidator is the console's editor of definitions: what `salamander
// validate` finds, as it is typed.
type consoleValidator struct{}

// maxFindings bounds what is told of one definition.
const maxFindings = 200

// Validate tells the mistakes of a definition, and behind them its warnings.
func (consoleValidator) Validate(_ context.Context, definition, machineType string) ([]web.Finding, error) {
	_, err := asl.Parse([]byte(definition), asl.ParseOptions{Express: machineType == engine.Express})
	var mistakes asl.Errors
	if err != nil && !errors.As(err, &mistakes) {
		return nil, err
	}
	lines := strings.Split(definition, "\n")
	var found []web.Finding
	tell := func(severity string, all asl.Errors) {
		for _, e := range all[:min(len(all), maxFindings)] {
			found = append(found, web.Finding{Severity: severity, Code: e.Code, Message: e.Msg, Hint: e.Hint, Location: e.Location, Pointer: e.Path,
				Line: e.Line, Column: codeUnits(lines, e.Line, e.Column)})
		}
	}
	tell("ERROR", mistakes)
	tell("WARNING", asl.Warnings([]byte(definition)))
	return found, nil
}

// codeUnits turns a column in bytes into one in UTF-16 code units, both from 1.
func codeUnits(lines []string, line, column int) int {
	if line < 1 || line > len(lines) || column < 1 {
		return column
	}
	before := lines[line-1]
	before = before[:min(column-1, len(before))]
	return len(utf16.Encode([]rune(before))) + 1
}
