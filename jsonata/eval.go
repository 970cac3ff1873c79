package jsonata

import (
	"math"

	"salamander/internal/value"
)

// A machine is one evaluation.
type machine struct {
	env     *Env
	library map[string]*builtin // nil for the standard one
	root    any                 // $$
	limits  Limits
	depth   int
	steps   int
	left    int // bytes that may still be made
}

func (m *machine) step() {
	if m.steps++; m.steps > m.limits.Steps {
		panic(newFault("U1001").text("Expression evaluation limit: Check for infinite loop"))
	}
}

// work counts n steps at once.
func (m *machine) work(n int) {
	if m.steps += n; m.steps > m.limits.Steps || n < 0 {
		m.step()
	}
}

// picture counts the work that a picture of numbers or dates makes: some of it
// grows with the square of its length.
func (m *machine) picture(text string) {
	m.charge(20 * len(text))
	m.work(len(text) + len(text)/16*(len(text)/16))
}

func (m *machine) nest(n int) {
	if m.depth += n; m.depth > m.limits.Depth {
		panic(newFault("U1001").text("Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive."))
	}
}

// charge counts bytes that are about to be made.
func (m *machine) charge(bytes int) {
	if bytes < 0 || bytes > m.left {
		panic(newFault("U1002").text("The expression makes too much data"))
	}
	m.left -= bytes
}

// grow charges for n items.
func (m *machine) grow(n int) { m.charge(n * 16) }

// A frame is a scope of variables.
type frame struct {
	vars   []binding
	outer  *frame
	shared bool // vars belong to a tuple
}

type binding struct {
	name string
	val  any
}

func (f *frame) bind(name string, v any) {
	if f.shared {
		f.vars = append([]binding(nil), f.vars...)
		f.shared = false
	}
	f.vars = setVar(f.vars, name, v)
}

// ofTuple makes the scope of a tuple's variables.
func (f *frame) ofTuple(t *tuple) *frame {
	return &frame{vars: t.vars, outer: f, shared: true}
}

// lookup finds a variable: the innermost, then those from outside, then the
// functions.
func (m *machine) lookup(name string, known *builtin, f *frame) any {
	for ; f != nil; f = f.outer {
		for i := range f.vars {
			if f.vars[i].name == name {
				return f.vars[i].val
			}
		}
	}
	if name == "$" {
		return m.root
	}
	if v, ok := m.env.Bindings[name]; ok {
		return v
	}
	if m.library != nil {
		known = m.library[name]
	}
	if known != nil {
		return known
	}
	return undefined
}

// eval evaluates a part with the context item input.
func (m *machine) eval(n *node, input any, f *frame) any {
	m.steps++
	if m.steps > m.limits.Steps {
		m.step()
	}
	m.depth++
	if m.depth > m.limits.Depth {
		m.nest(0)
	}
	var v any
	switch n.kind {
	case kNumber, kValue:
		v = n.val
	case kString:
		v = n.text
	case kName:
		v = m.field(input, n.text)
	case kVariable:
		v = m.variable(n, input, f)
	case kPath:
		v = m.path(n, input, f)
	case kBinary:
		v = m.binary(n, input, f)
	case kCall:
		if n.tail {
			v = &thunk{n, input, f}
		} else {
			v = m.call(n, input, f, nil)
		}
	case kCondition:
		if b, _ := truth(m.eval(n.lhs, input, f)); b {
			v = m.eval(n.rhs, input, f)
		} else if n.els != nil {
			v = m.eval(n.els, input, f)
		} else {
			v = undefined
		}
	case kBlock:
		inner := &frame{outer: f}
		v = undefined
		for _, part := range n.list {
			v = m.eval(part, input, inner)
		}
	default:
		v = m.rare(n, input, f)
	}
	for i := range n.predicates {
		v = m.filter(n.predicates[i].expr, v, f)
	}
	if n.group != nil && n.kind != kPath {
		v = m.groupBy(n.group.pairs, n.group.pos, v, f)
	}
	if a, ok := v.(*array); ok && a.seq && !a.tuple {
		v = m.settle(n, a)
	}
	m.depth--
	return v
}

// settle makes of a sequence what it stands for.
func (m *machine) settle(n *node, a *array) any {
	if n.keepArray && !a.keep {
		c := *a
		c.keep = true
		a = &c
	}
	switch {
	case len(a.items) == 0:
		return undefined
	case len(a.items) == 1 && !a.keep:
		return a.items[0]
	}
	return a
}

func (m *machine) rare(n *node, input any, f *frame) any {
	switch n.kind {
	case kWildcard:
		return m.wildcard(input)
	case kDescendant:
		return m.descendants(input)
	case kParent:
		return m.lookup(n.slot.label, nil, f)
	case kRegex:
		return &matcher{re: n.re}
	case kMinus:
		v := m.eval(n.lhs, input, f)
		if v == undefined {
			return v
		}
		x, ok := number(v)
		if !ok {
			panic(newFault("D1002").at(n.pos).token(n.text).value(v))
		}
		return box(-x)
	case kArray:
		return m.constructor(n, input, f)
	case kObject:
		return m.groupBy(n.pairs, n.pos, input, f)
	case kElvis:
		if v := m.eval(n.lhs, input, f); isTrue(v) {
			return v
		}
		return m.eval(n.rhs, input, f)
	case kCoalesce:
		if v := m.eval(n.lhs, input, f); v != undefined {
			return v
		}
		return m.eval(n.rhs, input, f)
	case kBind:
		v := m.eval(n.rhs, input, f)
		f.bind(n.text, v)
		return v
	case kApply:
		return m.apply(n, input, f)
	case kPartial:
		return m.partial(n, input, f)
	case kLambda:
		return &lambda{n, input, f}
	case kTransform:
		return &transformer{n, f}
	case kSort:
		return m.sortBy(n, input, f)
	}
	panic("jsonata: no such node: " + n.kind.String())
}

func isTrue(v any) bool {
	b, _ := truth(v)
	return b
}

func (m *machine) variable(n *node, input any, f *frame) any {
	if n.text == "" {
		if a, ok := input.(*array); ok && a.outer {
			return a.items[0]
		}
		return input
	}
	return m.lookup(n.text, n.fn, f)
}

func (m *machine) constructor(n *node, input any, f *frame) any {
	items := make([]any, 0, len(n.list))
	m.grow(len(n.list))
	for _, part := range n.list {
		v := m.eval(part, input, f)
		if v == undefined {
			continue
		}
		if more, ok := arrayOf(v); ok && part.kind != kArray {
			m.grow(len(more))
			items = append(items, more...)
		} else {
			items = append(items, v)
		}
	}
	return &array{items: items, cons: n.cons}
}

func (m *machine) binary(n *node, input any, f *frame) any {
	a := m.eval(n.lhs, input, f)
	if n.op == opAnd || n.op == opOr {
		if isTrue(a) == (n.op == opOr) {
			return n.op == opOr
		}
		// As in the reference, faults on the right are put down to the operator.
		defer func() { m.locate(n, recover()) }()
		return isTrue(m.eval(n.rhs, input, f))
	}
	b := m.eval(n.rhs, input, f)
	switch n.op {
	case opEq:
		return a != undefined && b != undefined && m.equal(a, b)
	case opNe:
		return a != undefined && b != undefined && !m.equal(a, b)
	case opIn:
		return m.in(a, b)
	}
	defer func() { m.locate(n, recover()) }()
	switch n.op {
	case opAdd, opSub, opMul, opDiv, opMod:
		return arithmetic(n.op, a, b)
	case opConcat:
		return m.concat(a, b)
	case opRange:
		return m.ranging(a, b)
	}
	return compare(n.op, a, b)
}

// locate completes a fault with the operator's place and passes it on.
func (m *machine) locate(n *node, r any) {
	if r == nil {
		return
	}
	if f, ok := r.(*fault); ok {
		f.at(n.pos).token(n.text)
	}
	panic(r)
}

func arithmetic(o op, a, b any) any {
	x, ok := number(a)
	if !ok && a != undefined {
		panic(newFault("T2001").value(a))
	}
	y, ok := number(b)
	if !ok && b != undefined {
		panic(newFault("T2002").value(b))
	}
	if a == undefined || b == undefined {
		return undefined
	}
	switch o {
	case opAdd:
		return box(x + y)
	case opSub:
		return box(x - y)
	case opMul:
		return box(x * y)
	case opDiv:
		return box(x / y)
	}
	return box(math.Mod(x, y))
}

func (m *machine) concat(a, b any) any {
	var x, y string
	if a != undefined {
		x = m.text(a, false)
	}
	if b != undefined {
		y = m.text(b, false)
	}
	m.charge(len(x) + len(y))
	return x + y
}

func (m *machine) in(a, b any) bool {
	if a == undefined || b == undefined {
		return false
	}
	items, ok := arrayOf(b)
	if !ok {
		return m.identical(a, b)
	}
	for _, e := range items {
		if m.identical(a, e) {
			return true
		}
	}
	return false
}

func comparable(v any) bool {
	switch v.(type) {
	case string, float64, value.Number, none:
		return true
	}
	return false
}

func compare(o op, a, b any) any {
	if !comparable(a) || !comparable(b) {
		bad := a
		if comparable(a) && a != undefined {
			bad = b
		}
		panic(newFault("T2010").value(bad))
	}
	if a == undefined || b == undefined {
		return undefined
	}
	if s, ok := a.(string); ok {
		t, ok := b.(string)
		if !ok {
			panic(newFault("T2009").values(a, b))
		}
		switch o {
		case opLt:
			return lessString(s, t)
		case opLe:
			return !lessString(t, s)
		case opGt:
			return lessString(t, s)
		}
		return !lessString(s, t)
	}
	if _, ok := b.(string); ok {
		panic(newFault("T2009").values(a, b))
	}
	x, y := rawNumber(a), rawNumber(b)
	switch o {
	case opLt:
		return x < y
	case opLe:
		return x <= y
	case opGt:
		return x > y
	}
	return x >= y
}

// rawNumber is a number that may be infinite.
func rawNumber(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case value.Number:
		return parseNumber(v)
	}
	return math.NaN()
}

// maxRange is how many numbers a range may have.
const maxRange = 1e7

func (m *machine) ranging(a, b any) any {
	integer := func(v any, code string) float64 {
		if v == undefined {
			return 0
		}
		x := rawNumber(v)
		if x != math.Trunc(x) || math.IsInf(x, 0) || !isNumber(v) {
			panic(newFault(code).value(v))
		}
		return x
	}
	x, y := integer(a, "T2003"), integer(b, "T2004")
	if a == undefined || b == undefined || x > y {
		return undefined
	}
	n := y - x + 1
	if m.limits.Range > 0 && n > float64(m.limits.Range) {
		m.charge(math.MaxInt)
	}
	if n > maxRange {
		panic(newFault("D2014").value(n))
	}
	return &array{items: m.numbers(x, int(n)), seq: true}
}

// numbers makes n numbers from x on.
func (m *machine) numbers(x float64, n int) []any {
	m.charge(24 * n)
	items := make([]any, n)
	for i := range items {
		items[i] = box(x + float64(i))
	}
	return items
}
