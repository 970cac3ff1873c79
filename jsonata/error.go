package jsonata

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"salamander/internal/value"
)

// An Error is a mistake in an expression, or one that it met while it was
// evaluated.
type Error struct {
	Code     string      // as the reference has it, such as T0410
	Position int         // in UTF-16 units, after the token; 0 if unknown
	Token    string      // the operator, function or text at fault
	Value    value.Value // the value at fault, if one is
	Value2   value.Value // the other one, of comparisons
	Index    int         // of an argument, from 1
	Message  string      // without the code
}

// Error gives the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// ErrFunction is the error of an expression whose result is a function or
// holds one: it has no JSON form.
var ErrFunction = errors.New("the result is a function")

// fault makes an error and completes its message when all is known.
type fault struct {
	err  Error
	val  any // internal forms of the values
	val2 any
	hasV bool
	// hasPos and hasToken tell zero from unknown.
	hasPos, hasToken bool
	bare             bool   // the token is shown without quotes
	kind             string // for {{type}}
	exp              any    // for {{exp}}
}

func newFault(code string) *fault { return &fault{err: Error{Code: code}} }

func (f *fault) at(pos int) *fault {
	if pos > 0 {
		f.err.Position, f.hasPos = pos, true
	}
	return f
}

// token names what is at fault; "" is nothing.
func (f *fault) token(t string) *fault {
	if t == "" {
		return f
	}
	f.err.Token, f.hasToken = t, true
	return f
}

func (f *fault) value(v any) *fault {
	f.val, f.hasV = v, true
	return f
}

func (f *fault) values(v, w any) *fault {
	f.val, f.val2, f.hasV = v, w, true
	return f
}

func (f *fault) index(i int) *fault {
	f.err.Index = i
	return f
}

func (f *fault) text(s string) *fault {
	f.err.Message = s
	return f
}

// finish writes the message.
func (f *fault) finish() *Error {
	e := &f.err
	show := func(v any) string {
		if v == undefined || !f.hasV {
			return "undefined"
		}
		return brief(v)
	}
	text := messageOf(e.Code)
	if strings.Contains(text, "{{") {
		text = strings.NewReplacer(
			"{{token}}", quoteToken(e, f),
			"{{value}}", show(f.val),
			"{{value2}}", show(f.val2),
			"{{index}}", strconv.Itoa(e.Index),
			"{{type}}", strconv.Quote(f.kind),
			"{{exp}}", show(f.exp),
			"{{message}}", e.Message,
			"{{name}}", e.Token,
		).Replace(text)
	}
	e.Message = text
	if f.hasV {
		e.Value, e.Value2 = shown(f.val), shown(f.val2)
	}
	return e
}

// shown is the value of a fault for others to see; what has no JSON form is its
// text.
func shown(v any) value.Value {
	if x, ok := v.(float64); ok && (math.IsInf(x, 0) || math.IsNaN(x)) {
		return formatFloat(x)
	}
	out, err := export(v)
	if err != nil {
		return brief(v)
	}
	return out
}

func quoteToken(e *Error, f *fault) string {
	if !f.hasToken {
		return "undefined"
	}
	switch e.Code {
	case "T1005", "T1007":
		return e.Token
	}
	if f.bare {
		return e.Token
	}
	return `"` + e.Token + `"`
}

// maxBrief is how much of a value a message shows.
const maxBrief = 200

// brief is a value as a message shows it.
func brief(v any) string {
	m := &machine{limits: Limits{Depth: 100}.orDefault(), left: 1 << 20}
	s, err := m.tryText(v)
	if err != nil {
		return "a value too large to show"
	}
	if len(s) > maxBrief {
		s = strings.ToValidUTF8(s[:maxBrief], "") + "…"
	}
	return s
}
