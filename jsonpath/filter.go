package jsonpath

import (
	"strings"

	"salamander/internal/value"
)

// A predicate is a compiled filter.
type predicate func(e *evaluator, v value.Value) bool

// An operand gives a value, and whether there is one.
type operand func(e *evaluator, v value.Value) (value.Value, bool)

// group reads '(' or-expression ')'.
func (p *parser) group() predicate {
	if p.depth++; p.depth > maxDepth {
		p.fail("a filter nested deeper than %d", maxDepth)
	}
	p.i++
	f := p.or()
	p.space()
	if !p.accept(")") {
		p.fail("expected ')'")
	}
	p.depth--
	return f
}

func (p *parser) or() predicate {
	f := p.and()
	for p.space(); p.accept("||"); p.space() {
		a, b := f, p.and()
		f = func(e *evaluator, v value.Value) bool { return a(e, v) || b(e, v) }
	}
	return f
}

func (p *parser) and() predicate {
	f := p.unary()
	for p.space(); p.accept("&&"); p.space() {
		a, b := f, p.unary()
		f = func(e *evaluator, v value.Value) bool { return a(e, v) && b(e, v) }
	}
	return f
}

func (p *parser) unary() predicate {
	p.space()
	switch {
	case p.peek() == '!' && !strings.HasPrefix(p.text[p.i:], "!="):
		p.i++
		if p.depth++; p.depth > maxDepth {
			p.fail("a filter nested deeper than %d", maxDepth)
		}
		f := p.unary()
		p.depth--
		return func(e *evaluator, v value.Value) bool { return !f(e, v) }
	case p.peek() == '(':
		return p.group()
	}
	return p.comparison()
}

func (p *parser) comparison() predicate {
	left, path := p.operand()
	p.space()
	if p.accept("=~") {
		re := p.pattern()
		return func(e *evaluator, v value.Value) bool {
			l, _ := left(e, v)
			return re.matches(e, l)
		}
	}
	for _, r := range relations {
		word := r.name[0] >= 'a'
		if n := len(r.name); !word && !p.accept(r.name) {
			continue
		} else if word && (len(p.text)-p.i < n || !strings.EqualFold(p.text[p.i:p.i+n], r.name)) {
			continue
		} else if word {
			p.i += n
			if c := p.peek(); c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
				p.fail("unknown operator")
			}
		}
		right, _ := p.operand()
		return func(e *evaluator, v value.Value) bool {
			l, ok1 := left(e, v)
			r1, ok2 := right(e, v)
			return r.test(l, r1, [2]bool{ok1, ok2})
		}
	}
	if !path {
		p.fail("expected an operator")
	}
	return func(e *evaluator, v value.Value) bool {
		_, ok := left(e, v)
		return ok
	}
}

// operand reads a path or a literal, and tells which.
func (p *parser) operand() (o operand, path bool) {
	p.space()
	switch c := p.peek(); {
	case c == '@' || c == '$':
		p.i++
		steps, fn := p.steps(true)
		sub := &Path{steps: steps, fn: fn}
		return func(e *evaluator, v value.Value) (value.Value, bool) {
			if c == '$' {
				v = e.root
			}
			return sub.in(e, v)
		}, true
	case c == '\'' || c == '"':
		s := p.quoted()
		return func(*evaluator, value.Value) (value.Value, bool) { return s, true }, false
	case c == '[' || c == '{':
		v := p.json()
		return func(*evaluator, value.Value) (value.Value, bool) { return v, true }, false
	}
	start := p.i
	for p.i < len(p.text) && strings.IndexByte(" \t\r\n)=!<>&|,]", p.text[p.i]) < 0 {
		p.i++
	}
	v, err := value.Parse([]byte(p.text[start:p.i]))
	if err != nil {
		p.i = start
		p.fail("expected a path or a literal")
	}
	return func(*evaluator, value.Value) (value.Value, bool) { return v, true }, false
}

// in evaluates a path within a filter; it shares the limits.
func (p *Path) in(e *evaluator, v value.Value) (value.Value, bool) {
	if e.visits++; e.visits > maxVisits {
		return nil, false
	}
	got, err := p.get(e, v)
	return got, err == nil
}

// json reads an array or object literal; strings may be in single quotes.
func (p *parser) json() value.Value {
	start, depth := p.i, 0
	var text []byte
	for p.i < len(p.text) {
		switch c := p.text[p.i]; c {
		case '\'', '"':
			text = value.AppendString(text, p.quoted())
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		text = append(text, p.text[p.i])
		p.i++
		if depth == 0 {
			break
		}
	}
	v, err := value.Parse(text)
	if err != nil {
		p.i = start
		p.fail("expected a JSON literal")
	}
	return v
}
