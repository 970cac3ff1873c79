package asl

import (
	"fmt"
	"strings"

	"salamander/internal/value"
)

// A call is a call of an intrinsic function.
type call struct {
	source string
	name   string // "States.Format"
	fn     intrinsic
	args   []argument
}

// An argument is a literal, a path or a call.
type argument struct {
	literal value.Value
	expr    expr // nil for a literal
}

func (c *call) text() string { return c.source }

func (c *call) eval(e *env) (value.Value, error) {
	args := make([]value.Value, len(c.args))
	for i, a := range c.args {
		if a.expr == nil {
			args[i] = a.literal
			continue
		}
		v, err := a.expr.eval(e)
		if err != nil {
			if p, ok := a.expr.(*pathExpr); ok {
				return nil, &failure{name: "States.Runtime", final: true, cause: fmt.Sprintf(
					"The function '%s' had the following error: The JsonPath argument for the field '%s' could not be found in the input '%s'", c.source, p.source, inputOf(p, e))}
			}
			return nil, err
		}
		args[i] = v
	}
	v, err := c.fn.apply(e, args)
	if err != nil {
		return nil, &failure{name: "States.IntrinsicFailure", cause: fmt.Sprintf("The function '%s' had the following error: %s", c.source, err)}
	}
	return v, nil
}

// maxNesting is how deep calls may nest; AWS allows ten.
const maxNesting = 10

// parseIntrinsic reads a call of an intrinsic function:
//
//	States.Format('{} of {}', $.a, States.ArrayLength($.b))
//
// Strings are in single quotes; a backslash takes the next character as it is.
//
// https://states-language.net/spec.html#intrinsic-functions
func parseIntrinsic(s string) (expr, error) {
	p := &callParser{text: s}
	x, err := p.call(1)
	if err != nil {
		return nil, err
	}
	if p.space(); p.i < len(s) {
		return nil, fmt.Errorf("unexpected text after the call: %q", s[p.i:])
	}
	return x, nil
}

type callParser struct {
	text string
	i    int
}

func (p *callParser) space() {
	for p.i < len(p.text) && (p.text[p.i] == ' ' || p.text[p.i] == '\t' || p.text[p.i] == '\n' || p.text[p.i] == '\r') {
		p.i++
	}
}

func (p *callParser) call(depth int) (*call, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("calls nest deeper than %d", maxNesting)
	}
	start := p.i
	for p.i < len(p.text) && (p.text[p.i] == '.' || nameRune(rune(p.text[p.i]), false)) {
		p.i++
	}
	name := p.text[start:p.i]
	fn, ok := intrinsics[name]
	if !ok {
		return nil, fmt.Errorf("no intrinsic function %q", name)
	}
	if p.space(); p.i >= len(p.text) || p.text[p.i] != '(' {
		return nil, fmt.Errorf("expected '(' after %s", name)
	}
	p.i++
	c := &call{name: name, fn: fn}
	if p.space(); p.i < len(p.text) && p.text[p.i] == ')' {
		p.i++
	} else {
		for {
			a, err := p.argument(depth)
			if err != nil {
				return nil, err
			}
			c.args = append(c.args, a)
			p.space()
			if p.i >= len(p.text) {
				return nil, fmt.Errorf("expected ')' at the end of %s", name)
			}
			sep := p.text[p.i]
			p.i++
			if sep == ')' {
				break
			}
			if sep != ',' {
				return nil, fmt.Errorf("expected ',' or ')' in %s, not %q", name, sep)
			}
		}
	}
	c.source = p.text[start:p.i]
	for i, a := range c.args {
		if s, ok := a.literal.(string); ok && !(i == 0 && name == "States.Format") {
			c.args[i].literal = unescape(s)
		}
	}
	if n := len(c.args); n < fn.min || fn.max >= 0 && n > fn.max {
		return nil, fmt.Errorf("%s does not take %d arguments", name, n)
	}
	return c, nil
}

func (p *callParser) argument(depth int) (argument, error) {
	p.space()
	if p.i >= len(p.text) {
		return argument{}, fmt.Errorf("expected an argument")
	}
	switch c := p.text[p.i]; {
	case c == '\'':
		s, err := p.string()
		return argument{literal: s}, err
	case c == '$':
		start := p.i
		p.path()
		x, err := parsePath(p.text[start:p.i])
		if err != nil {
			return argument{}, err
		}
		return argument{expr: x}, nil
	case strings.HasPrefix(p.text[p.i:], "States."):
		x, err := p.call(depth + 1)
		if err != nil {
			return argument{}, err
		}
		return argument{expr: x}, nil
	}
	start := p.i
	for p.i < len(p.text) && !strings.ContainsRune(",) \t\r\n", rune(p.text[p.i])) {
		p.i++
	}
	v, err := value.Parse([]byte(p.text[start:p.i]))
	if err != nil {
		return argument{}, fmt.Errorf("not an argument: %q", p.text[start:p.i])
	}
	switch v.(type) {
	case nil, bool, value.Number:
		return argument{literal: v}, nil
	}
	return argument{}, fmt.Errorf("not an argument: %q", p.text[start:p.i])
}

// path passes over a path: to the first comma, blank or closing parenthesis
// outside brackets and quotes.
func (p *callParser) path() {
	depth := 0
	for p.i < len(p.text) {
		switch c := p.text[p.i]; c {
		case '[', '(':
			depth++
		case ']':
			depth--
		case ')':
			if depth == 0 {
				return
			}
			depth--
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return
			}
		case '\'', '"':
			for p.i++; p.i < len(p.text) && p.text[p.i] != c; p.i++ {
				if p.text[p.i] == '\\' {
					p.i++
				}
			}
		}
		p.i++
	}
	p.i = min(p.i, len(p.text))
}

func (p *callParser) string() (string, error) {
	p.i++
	var b strings.Builder
	for p.i < len(p.text) {
		c := p.text[p.i]
		p.i++
		switch {
		case c == '\'':
			return b.String(), nil
		case c != '\\':
			b.WriteByte(c)
		case p.i >= len(p.text):
		default:
			e := p.text[p.i]
			p.i++
			switch e {
			case '\'', '\\':
				b.WriteByte(e)
			case '{', '}': // Format tells them from its placeholders
				b.WriteByte('\\')
				b.WriteByte(e)
			default:
				return "", fmt.Errorf("unrecognized escape \\%c", e)
			}
		}
	}
	return "", fmt.Errorf("a string without its closing quote")
}
