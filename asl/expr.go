package asl

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"salamander/internal/value"
	"salamander/jsonata"
	"salamander/jsonpath"
)

// An env is what expressions see.
type env struct {
	input   value.Value        // $
	context func() value.Value // $$
	vars    *variables         // $name
	random  *random
	// What expressions of JSONata see besides.
	raw         value.Value   // the state's input
	result      *held         // of a Task, Parallel or Map
	errorOutput *value.Object // in a Catch
	now         time.Time
	limits      jsonata.Limits
}

// A failure is an error of the language: a name and its cause.
type failure struct {
	name  string
	cause string
	// noName and noCause tell an absent member from an empty one.
	noName, noCause bool
	// final failures are not for Retry and Catch: AWS fails the execution.
	final bool
	// bare causes do not name the state.
	bare bool
	// heartbeat tells a missing heartbeat from a time-out.
	heartbeat bool
	// evaluated failures are JSONata's: they have an event of their own, which
	// tells the location of the field.
	evaluated bool
	location  string
}

func (f *failure) Error() string { return f.name + ": " + f.cause }

func runtime(format string, args ...any) *failure {
	return &failure{name: "States.Runtime", cause: fmt.Sprintf(format, args...), final: true}
}

// An expr is a compiled expression of a field: a path or a call.
type expr interface {
	eval(e *env) (value.Value, error)
	text() string
}

// A pathExpr is a path into the input, the context object or a variable.
type pathExpr struct {
	source string
	root   byte   // 'i' input, 'c' context, 'v' variable
	name   string // of the variable
	path   *jsonpath.Path
}

func (p *pathExpr) text() string { return p.source }

// nullInput is the cause of any path but $ into a null input.
const nullInput = "Unable to apply Path transformation to null or empty input."

// errNull stands for nullInput until a field words the failure.
var errNull = errors.New("path into a null input")

// errNoVariable tells that a variable has no value.
type errNoVariable struct{ name string }

func (e errNoVariable) Error() string { return fmt.Sprintf("no variable %q", e.name) }

// eval returns the value, or the plain error of the path; the field that asked
// words the failure.
func (p *pathExpr) eval(e *env) (value.Value, error) {
	var root value.Value
	switch p.root {
	case 'i':
		root = e.input
	case 'c':
		root = e.context()
	case 'v':
		var ok bool
		if root, ok = e.vars.get(p.name); !ok {
			return nil, errNoVariable{p.name}
		}
	}
	if p.path.Root() {
		return root, nil
	}
	if root == nil && p.root == 'i' {
		return nil, errNull
	}
	return p.path.Get(root)
}

// parsePath reads a path of the States Language: $…, $$… or $name….
func parsePath(s string) (*pathExpr, error) {
	if !strings.HasPrefix(s, "$") {
		return nil, errors.New("a path begins with $")
	}
	p := &pathExpr{source: s, root: 'i'}
	rest := s[1:]
	switch {
	case strings.HasPrefix(rest, "$"):
		p.root, rest = 'c', rest[1:]
	case rest != "" && rest[0] != '.' && rest[0] != '[':
		end := len(rest)
		for i, r := range rest {
			if !nameRune(r, i == 0) {
				end = i
				break
			}
		}
		if end == 0 {
			return nil, errors.New("expected a variable's name after $")
		}
		p.root, p.name, rest = 'v', rest[:end], rest[end:]
	}
	path, err := jsonpath.Parse("$" + rest)
	if err != nil {
		return nil, err
	}
	p.path = path
	return p, nil
}

func nameRune(r rune, first bool) bool {
	return r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || !first && r >= '0' && r <= '9' || r >= utf8.RuneSelf && r != utf8.RuneError
}

// parseExpr reads a path or a call of an intrinsic function.
func parseExpr(s string) (expr, error) {
	if strings.HasPrefix(s, "States.") {
		return parseIntrinsic(s)
	}
	return parsePath(s)
}

// at evaluates a field that holds a bare path, such as InputPath.
func (p *pathExpr) at(e *env) (value.Value, *failure) {
	v, err := p.eval(e)
	if err == nil {
		return v, nil
	}
	return nil, p.invalid(err)
}

// invalid words an error of a path as AWS does for fields that hold one.
func (p *pathExpr) invalid(err error) *failure {
	var f *failure
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, errNull):
		return runtime("%s", nullInput)
	}
	return runtime("Invalid path '%s' : %s", p.source, err)
}

// inField words an error of an expression in a payload template, or in
// ErrorPath and CausePath.
func inField(x expr, field string, e *env, err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	if errors.Is(err, errNull) {
		return runtime("%s", nullInput)
	}
	return runtime("The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'", x.text(), field, inputOf(x, e))
}

// inputOf gives the text in which a path was looked for.
func inputOf(x expr, e *env) string {
	if p, ok := x.(*pathExpr); ok {
		switch p.root {
		case 'c':
			return value.Text(e.context())
		case 'v':
			if v, ok := e.vars.get(p.name); ok {
				return value.Text(v)
			}
		}
	}
	return value.Text(e.input)
}
