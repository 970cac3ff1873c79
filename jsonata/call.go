package jsonata

import (
	"salamander/internal/regex"
)

// A builtin is a function of the library.
type builtin struct {
	name  string
	text  string // of the signature
	sig   *signature
	arity int
	run   func(c *call) any
}

// A call is the arguments of a builtin, with what it sees.
type call struct {
	m     *machine
	args  []any
	input any
	frame *frame
}

func (c *call) arg(i int) any {
	if i < len(c.args) {
		return c.args[i]
	}
	return undefined
}

// missing tells that an argument is undefined.
func (c *call) missing(i int) bool { return c.arg(i) == undefined }

// A lambda is a function defined in the expression, with its surroundings.
type lambda struct {
	n     *node
	input any
	frame *frame
}

// A thunk is a call in tail position that is still to be made.
type thunk struct {
	n     *node
	input any
	frame *frame
}

// A partially applied function waits for the arguments that are holes.
type partial struct {
	fn   any
	args []any
}

// hole stands for an argument to come.
type hole struct{}

// A composed function is g after f.
type composed struct{ f, g any }

// A transformer is the function that a transform expression makes.
type transformer struct {
	n     *node
	frame *frame
}

// A matcher is the function that a regular expression is: a string in, a match
// out.
type matcher struct{ re *regex.Regexp }

// A following is the next function of a match.
type following struct {
	re   *regex.Regexp
	text string
	at   int
}

func isFunction(v any) bool {
	switch v.(type) {
	case *builtin, *lambda, *partial, *composed, *transformer, *matcher, *following:
		return true
	}
	return false
}

// arityOf is how many arguments a function can use.
func arityOf(v any) int {
	switch fn := v.(type) {
	case *builtin:
		return fn.arity
	case *lambda:
		return len(fn.n.list)
	case *partial:
		n := 0
		for _, a := range fn.args {
			if _, ok := a.(hole); ok {
				n++
			}
		}
		return n
	}
	return 1
}

// call evaluates a call. first, when not nil, is what ~> hands over.
func (m *machine) call(n *node, input any, f *frame, first *any) any {
	fn := m.eval(n.lhs, input, f)
	name := m.callName(n, fn, f, "T1005")
	args := make([]any, 0, len(n.list)+1)
	if first != nil {
		args = append(args, *first)
	}
	for _, a := range n.list {
		args = append(args, m.eval(a, input, f))
	}
	return m.invoke(fn, args, input, f, n.pos, name)
}

// callName is what faults name the function of a call. A field that is not there
// but has the name of a function fails with a code of its own.
func (m *machine) callName(n *node, fn any, f *frame, code string) string {
	switch n.lhs.kind {
	case kVariable, kCall, kPartial:
		return n.lhs.text
	case kPath:
		name := n.lhs.list[0].text
		if fn == undefined && m.lookup(name, library[name], f) != undefined {
			panic(newFault(code).at(n.pos).token(name))
		}
		return name
	}
	return ""
}

// invoke calls a function and makes the tail calls that come of it. A fault
// gets the place of the call, and its name unless it has one.
func (m *machine) invoke(fn any, args []any, input any, f *frame, pos int, name string) any {
	defer func() {
		if r := recover(); r != nil {
			if flt, ok := r.(*fault); ok {
				flt.at(pos) // the outermost call's place, as in the reference
				if !flt.hasToken {
					flt.token(name)
				}
			}
			panic(r)
		}
	}()
	for {
		v := m.once(fn, args, input, f)
		t, ok := v.(*thunk)
		if !ok {
			return v
		}
		fn = m.eval(t.n.lhs, t.input, t.frame)
		pos, name = t.n.lhs.pos, m.callName(t.n, fn, t.frame, "T1005")
		args = make([]any, len(t.n.list))
		for i, a := range t.n.list {
			args[i] = m.eval(a, t.input, t.frame)
		}
		input, f = t.input, t.frame
	}
}

// once calls a function; a tail call comes back as a thunk.
func (m *machine) once(fn any, args []any, input any, f *frame) any {
	switch fn := fn.(type) {
	case *lambda:
		if fn.n.sig != nil {
			args = fn.n.sig.validate(args, input)
		}
		scope := &frame{outer: fn.frame, vars: make([]binding, len(fn.n.list))}
		for i, p := range fn.n.list {
			var v any = undefined
			if i < len(args) {
				v = args[i]
			}
			scope.vars[i] = binding{p.text, v}
		}
		return m.eval(fn.n.rhs, fn.input, scope)
	case *builtin:
		if fn.sig != nil {
			args = fn.sig.validate(args, input)
		}
		return fn.run(&call{m, args, input, f})
	case *partial:
		full := make([]any, 0, len(fn.args))
		for _, a := range fn.args {
			if _, ok := a.(hole); ok {
				a = undefined
				if len(args) > 0 {
					a, args = args[0], args[1:]
				}
			}
			full = append(full, a)
		}
		m.nest(1)
		v := m.once(fn.fn, full, input, f)
		m.nest(-1)
		return v
	case *composed:
		m.nest(1)
		v := m.apply1(fn.g, m.apply1(fn.f, first(args), input, f), input, f)
		m.nest(-1)
		return v
	case *transformer:
		return m.transform(fn, first(args))
	case *matcher:
		return m.matchAt(fn.re, first(args), 0)
	case *following:
		return m.matchAt(fn.re, fn.text, fn.at)
	}
	panic(newFault("T1006"))
}

func first(args []any) any {
	if len(args) == 0 {
		return undefined
	}
	return args[0]
}

// apply1 calls a function with one argument.
func (m *machine) apply1(fn, arg, input any, f *frame) any {
	return m.full(fn, []any{arg}, input, f)
}

// full calls a function and makes its tail calls; faults keep their places.
func (m *machine) full(fn any, args []any, input any, f *frame) any {
	v := m.once(fn, args, input, f)
	if t, ok := v.(*thunk); ok {
		return m.call(&node{kind: kCall, pos: t.n.pos, lhs: t.n.lhs, list: t.n.list}, t.input, t.frame, nil)
	}
	return v
}

// with calls a function of a higher-order builtin with as many of the
// arguments as it takes.
func (c *call) with(fn any, args ...any) any {
	n := arityOf(fn)
	if n < 1 {
		n = 1
	}
	if b, ok := fn.(*builtin); ok && b.sig != nil {
		n = min(n, len(b.sig.params))
	}
	args = args[:min(n, len(args))]
	c.m.step()
	return c.m.full(fn, append([]any(nil), args...), undefined, c.frame)
}

// apply evaluates lhs ~> rhs.
func (m *machine) apply(n *node, input any, f *frame) any {
	v := m.eval(n.lhs, input, f)
	if n.rhs.kind == kCall { // whose predicates are not looked at, as in the reference
		return m.call(n.rhs, input, f, &v)
	}
	fn := m.eval(n.rhs, input, f)
	if !isFunction(fn) {
		panic(newFault("T2006").at(n.pos).value(fn))
	}
	if isFunction(v) {
		return &composed{v, fn}
	}
	if n.rhs.kind == kVariable {
		return m.invoke(fn, []any{v}, undefined, f, n.rhs.pos, n.rhs.text)
	}
	return m.full(fn, []any{v}, undefined, f)
}

// partial evaluates f(?, 1).
func (m *machine) partial(n *node, input any, f *frame) any {
	args := make([]any, len(n.list))
	for i, a := range n.list {
		if a.kind == kPlaceholder {
			args[i] = hole{}
		} else {
			args[i] = m.eval(a, input, f)
		}
	}
	fn := m.eval(n.lhs, input, f)
	name := m.callName(n, fn, f, "T1007")
	if !isFunction(fn) {
		panic(newFault("T1008").at(n.pos).token(name))
	}
	return &partial{fn, args}
}
