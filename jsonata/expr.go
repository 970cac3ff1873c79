package jsonata

import (
	"maps"
	"slices"
	"time"

	"salamander/internal/value"
)

// An Expr is a compiled expression. It never changes; goroutines share it.
type Expr struct {
	source string
	root   *node
}

// Compile reads an expression. The error is an *[Error] with the position.
func Compile(expr string) (*Expr, error) { return compile(expr, false) }

// CompileStepFunctions is Compile as Step Functions does it: its JSONata is
// version 2.0.6, which has no ?: and ?? operators.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
func CompileStepFunctions(expr string) (*Expr, error) { return compile(expr, true) }

func compile(expr string, old bool) (e *Expr, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(*fault)
			if !ok {
				panic(r)
			}
			e, err = nil, f.finish()
		}
	}()
	p := parser{lex: lexer{src: expr, old: old}}
	p.advance(false)
	n := p.expression(0)
	if p.tok.kind != tokEnd {
		p.fail(p.tok.in(newFault("S0201").at(p.tok.pos)))
	}
	n = new(resolver).resolve(n)
	if n.kind == kParent || len(n.seeking) > 0 {
		p.fail(newFault("S0217").at(n.pos).token(n.kind.String()))
	}
	return &Expr{expr, n}, nil
}

// String returns the expression's text.
func (e *Expr) String() string { return e.source }

// Limits bound an evaluation. A zero field is the default.
type Limits struct {
	Depth int // of nested evaluations; default 5,000
	Steps int // parts evaluated, items visited; default 20 million
	Size  int // bytes made in all, roughly, garbage included; default 2 GiB
	Range int // numbers of one range; more is too much data. 0 is JSONata's 10 million
}

func (l Limits) orDefault() Limits {
	if l.Depth == 0 {
		l.Depth = 5000
	}
	if l.Steps == 0 {
		l.Steps = 20_000_000
	}
	if l.Size == 0 {
		l.Size = 2 << 30
	}
	return l
}

// An Env is what an expression sees. The zero value has a null input, no
// variables and no randomness.
type Env struct {
	// Input is $ and $$. NoInput makes it undefined instead of null.
	Input   value.Value
	NoInput bool
	// Bindings are the variables by name, without $. They hide functions.
	Bindings map[string]value.Value
	// Now is the time that $now and $millis give.
	Now time.Time
	// Random gives uniform random bits to $random, $shuffle and $uuid; where it
	// is nil these fail.
	Random func() uint64
	// Limits bound time and memory.
	Limits Limits
	// QuoteNonFinite makes numbers in the result that are not finite the strings
	// Infinity, -Infinity and NaN, as Step Functions does; else they are D1001.
	QuoteNonFinite bool
	// Library is the functions there are; nil is the whole of JSONata's own.
	Library *Library
}

// A Library is a set of functions. It never changes; goroutines share it.
type Library struct {
	byName map[string]*builtin
}

// Standard returns JSONata's own functions.
func Standard() *Library { return &Library{library} }

// Without returns the library without some functions: a call of one is a call
// of no function.
func (l *Library) Without(names ...string) *Library {
	c := maps.Clone(l.byName)
	for _, n := range names {
		delete(c, n)
	}
	return &Library{c}
}

// Names lists the functions, sorted, without $.
func (l *Library) Names() []string { return slices.Sorted(maps.Keys(l.byName)) }

// Signature gives the signature of a function, such as <s-nn?:s>, or "" if
// there is none of this name.
//
// https://docs.jsonata.org/programming#function-signatures
func (l *Library) Signature(name string) string {
	if f := l.byName[name]; f != nil {
		return f.text
	}
	return ""
}

// Eval evaluates the expression. ok is false when the result is undefined,
// which is not null. The error is an *[Error], or [ErrFunction].
//
// The result may share parts with the input and the bindings: neither is to be
// changed.
func (e *Expr) Eval(env Env) (v value.Value, ok bool, err error) {
	m := &machine{env: &env, limits: env.Limits.orDefault()}
	m.left = m.limits.Size
	if env.Library != nil {
		m.library = env.Library.byName
	}
	defer func() {
		if r := recover(); r != nil {
			f, is := r.(*fault)
			if !is {
				panic(r)
			}
			v, ok, err = nil, false, f.finish()
		}
	}()
	var input any = env.Input
	if env.NoInput {
		input = undefined
	}
	if items, is := input.([]any); is {
		input = &array{items: []any{items}, seq: true, outer: true}
	}
	m.root = input
	result := m.eval(e.root, input, &frame{})
	if result == undefined {
		return nil, false, nil
	}
	v, err = exporter{env.QuoteNonFinite}.value(result, 0)
	return v, err == nil, err
}
