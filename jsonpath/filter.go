package jsonpath

import (
	"regexp"
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

// relations are the operators, longest first where one begins another.
var relations = []struct {
	name string
	test func(a, b value.Value) bool
}{
	{"===", func(a, b value.Value) bool { return javaType(a) == javaType(b) && equal(a, b) }},
	{"!==", func(a, b value.Value) bool { return javaType(a) != javaType(b) || !equal(a, b) }},
	{"==", equal},
	{"!=", func(a, b value.Value) bool { return !equal(a, b) }},
	{"<=", func(a, b value.Value) bool { c, ok := order(a, b); return ok && c <= 0 }},
	{">=", func(a, b value.Value) bool { c, ok := order(a, b); return ok && c >= 0 }},
	{"<", func(a, b value.Value) bool { c, ok := order(a, b); return ok && c < 0 }},
	{">", func(a, b value.Value) bool { c, ok := order(a, b); return ok && c > 0 }},
	{"nin", func(a, b value.Value) bool { return !in(a, b) }},
	{"in", in},
	{"contains", contains},
	{"subsetof", subset},
	{"anyof", anyOf},
	{"noneof", func(a, b value.Value) bool { return !anyOf(a, b) }},
	{"all", func(a, b value.Value) bool { return subset(b, a) }},
	{"size", func(a, b value.Value) bool { n, ok := size(a); return ok && equal(n, b) }},
	{"empty", func(a, b value.Value) bool {
		n, ok := size(a)
		want, is := b.(bool)
		return ok && is && (n == value.Number("0")) == want
	}},
}

func (p *parser) comparison() predicate {
	left, path := p.operand()
	p.space()
	if p.accept("=~") {
		re := p.regexp()
		return func(e *evaluator, v value.Value) bool {
			l, ok := left(e, v)
			s, is := l.(string)
			return ok && is && re.MatchString(s)
		}
	}
	for _, r := range relations {
		if word := r.name[0] >= 'a'; !p.accept(r.name) {
			continue
		} else if c := p.peek(); word && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			p.fail("unknown operator")
		}
		right, _ := p.operand()
		test, negative := r.test, r.name[0] == '!' || r.name[0] == 'n'
		return func(e *evaluator, v value.Value) bool {
			l, ok1 := left(e, v)
			r, ok2 := right(e, v)
			if !ok1 || !ok2 {
				return negative && ok1 != ok2
			}
			return test(l, r)
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

// in evaluates a path within a filter; it shares the limit on visits.
func (p *Path) in(e *evaluator, v value.Value) (value.Value, bool) {
	var got value.Value
	if p.Definite() {
		one, err := p.one(v)
		if err != nil {
			return nil, false
		}
		got = one
	} else {
		found := value.Array{}
		e.all(v, p.steps, &found)
		got = found
	}
	if p.fn == "" {
		return got, true
	}
	return call(p.fn, got)
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

func (p *parser) regexp() *regexp.Regexp {
	p.space()
	if !p.accept("/") {
		p.fail("expected '/' before a regular expression")
	}
	var b strings.Builder
	for p.i < len(p.text) && p.text[p.i] != '/' {
		if p.text[p.i] == '\\' && p.i+1 < len(p.text) {
			if p.text[p.i+1] != '/' {
				b.WriteByte('\\')
			}
			p.i++
		}
		b.WriteByte(p.text[p.i])
		p.i++
	}
	if !p.accept("/") {
		p.fail("a regular expression without its closing '/'")
	}
	flags := ""
	for c := p.peek(); c == 'i' || c == 's' || c == 'm'; c = p.peek() {
		flags += string(rune(c))
		p.i++
	}
	text := "^(?:" + b.String() + ")$" // Java's matches() takes the whole string
	if flags != "" {
		text = "(?" + flags + ")" + text
	}
	re, err := regexp.Compile(text)
	if err != nil {
		p.fail("regular expression: %v", err)
	}
	return re
}

// equal is ==: a number equals a string of its text.
func equal(a, b value.Value) bool {
	if n, ok := b.(value.Number); ok {
		if s, ok := a.(string); ok {
			return s == string(n)
		}
	}
	if n, ok := a.(value.Number); ok {
		if s, ok := b.(string); ok {
			return s == string(n)
		}
	}
	return value.Equal(a, b)
}

func order(a, b value.Value) (int, bool) {
	switch a := a.(type) {
	case value.Number:
		if b, ok := b.(value.Number); ok {
			return a.Compare(b), true
		}
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b), true
		}
	}
	return 0, false
}

func in(a, b value.Value) bool {
	list, ok := b.(value.Array)
	if !ok {
		return false
	}
	for _, v := range list {
		if equal(a, v) {
			return true
		}
	}
	return false
}

func contains(a, b value.Value) bool {
	if s, ok := a.(string); ok {
		part, ok := b.(string)
		return ok && strings.Contains(s, part)
	}
	return in(b, a)
}

func subset(a, b value.Value) bool {
	list, ok := a.(value.Array)
	if !ok {
		return false
	}
	for _, v := range list {
		if !in(v, b) {
			return false
		}
	}
	return true
}

func anyOf(a, b value.Value) bool {
	list, _ := a.(value.Array)
	for _, v := range list {
		if in(v, b) {
			return true
		}
	}
	return false
}

func size(v value.Value) (value.Number, bool) {
	switch v := v.(type) {
	case string:
		return value.Int(int64(len([]rune(v)))), true
	case value.Array:
		return value.Int(int64(len(v))), true
	case *value.Object:
		return value.Int(int64(v.Len())), true
	}
	return "", false
}
