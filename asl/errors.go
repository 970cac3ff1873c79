package asl

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// An Error locates a mistake in a machine definition.
type Error struct {
	Path string // RFC 6901 pointer to the value: "/States/Pay/Next"; "" is the whole
	// Location is the place as AWS writes it: "/States/Fork/Branches[0]". It is
	// empty where AWS tells none.
	Location string
	Line     int    // from 1; 0 when unknown
	Column   int    // from 1, in bytes; 0 when unknown
	Code     string // AWS's diagnostic code: "SCHEMA_VALIDATION_FAILED"
	Msg      string // AWS's text where it is known
	Hint     string // what would fix it; may be empty
}

// Error gives the place, the message and the hint in one line.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "%d:%d: ", e.Line, e.Column)
	}
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	msg, _, _ := strings.Cut(e.Msg, "\n") // the rest repeats the place
	b.WriteString(msg)
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return b.String()
}

// Errors are all the mistakes of one definition, in its order. [Parse] returns
// them as its error.
type Errors []*Error

// Error gives each mistake on a line of its own.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// AWSMessage gives the text of the InvalidDefinition error of
// CreateStateMachine and UpdateStateMachine.
func (e Errors) AWSMessage() string {
	texts := make([]string, len(e))
	for i, one := range e {
		texts[i] = one.Code + ": " + one.Msg
		if one.Code != codeJSON {
			texts[i] += " at " + cmp.Or(one.Location, "null")
		}
	}
	return "Invalid State Machine Definition: '" + strings.Join(texts, ", ") + "'"
}

// The codes of AWS's diagnostics.
const (
	codeSchema = "SCHEMA_VALIDATION_FAILED"
	codeJSON   = "INVALID_JSON_DESCRIPTION"
	codeTarget = "MISSING_TRANSITION_TARGET"
	codeNoEnd  = "MISSING_END_STATE"

	codeQuerySyntax = "INVALID_JSONATA_EXPRESSION"
	codeQueryUse    = "UNSUPPORTED_JSONATA_EXPRESSION"
)

// ErrNotAwaited is returned by [Machine.Step] for an answer to a command that
// the execution does not wait for: it was cancelled, timed out or answered
// before. The execution is unchanged and the event may be dropped.
var ErrNotAwaited = errors.New("the execution does not wait for this command")

// ErrEnded is returned by [Machine.Step] for an execution that has ended.
var ErrEnded = errors.New("the execution has ended")
