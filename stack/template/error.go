package template

import (
	"fmt"
	"strings"
)

// An Error is a mistake in a template or in the values of its parameters. Msg
// is what CloudFormation answers, word for word where its text is known.
type Error struct {
	Msg  string
	Hint string // what would help, ours; may be empty
	Path string // "/Resources/Queue/Type"; may be empty
	At   Position
}

// Error gives the message, the place and the hint.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Msg)
	if e.At.Line > 0 && !strings.Contains(e.Msg, "(line ") {
		fmt.Fprintf(&b, " (line %d, column %d", e.At.Line, e.At.Column)
		if e.Path != "" && !strings.Contains(e.Msg, e.Path) {
			fmt.Fprintf(&b, ": %s", e.Path)
		}
		b.WriteString(")")
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, ": %s", e.Hint)
	}
	return b.String()
}

// Errors are the mistakes of a template, the one CloudFormation would answer
// first. errors.As finds the first as an *[Error].
type Errors []*Error

// Error gives one line for each mistake.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the mistakes.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}

// errorAt makes an error that stands where n does.
func errorAt(n *Node, format string, args ...any) *Error {
	e := &Error{Msg: fmt.Sprintf(format, args...)}
	if n != nil {
		e.At, e.Path = n.At, n.Path()
	}
	return e
}

func (e *Error) hint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// maxErrors is how many mistakes a check collects.
const maxErrors = 50

// errorList collects mistakes.
type errorList struct{ all Errors }

func (l *errorList) add(n *Node, format string, args ...any) *Error {
	e := errorAt(n, format, args...)
	l.push(e)
	return e
}

func (l *errorList) push(e *Error) {
	if len(l.all) < maxErrors {
		l.all = append(l.all, e)
	}
}

func (l *errorList) err() error {
	if len(l.all) == 0 {
		return nil
	}
	return l.all
}
