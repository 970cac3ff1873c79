package jsonata

import (
	"math"
	"slices"

	"salamander/internal/value"
)

// path evaluates the steps of a path, each on what the one before gave.
func (m *machine) path(n *node, input any, f *frame) any {
	var in []any
	first := 0
	if items, ok := arrayOf(input); ok && n.list[0].kind != kVariable {
		in = items
	} else {
		var v any
		v, first = m.names(n, input, f)
		if first == len(n.list) {
			return v
		}
		if items, ok := flattened(v); ok && first > 0 {
			in = items
		} else {
			in = []any{v}
		}
	}
	var out any = &array{items: in, seq: true}
	if isArray(input) && first == 0 && n.list[0].kind != kVariable {
		out = input
	}
	var tuples *array
	for i := first; i < len(n.list); i++ {
		step := n.list[i]
		if i == 0 && step.cons {
			if !isArray(input) {
				input = &array{items: in, seq: true}
			}
			out = m.eval(step, input, f)
		} else if tuples != nil || step.tuple {
			tuples = m.tupleStep(step, in, tuples, f)
		} else {
			out = m.pathStep(step, in, out, f, i == len(n.list)-1)
		}
		if tuples != nil {
			continue
		}
		items, ok := arrayOf(out)
		if out == undefined || ok && len(items) == 0 {
			break
		}
		if !ok {
			items = []any{out}
		}
		in = items
	}
	if tuples != nil {
		if n.tuple {
			out = tuples
		} else {
			seq := make([]any, len(tuples.items))
			m.grow(len(seq))
			for i, t := range tuples.items {
				seq[i] = t.(*tuple).at
			}
			out = sequence(seq...)
		}
	}
	if n.keepSingleton {
		if a, ok := out.(*array); ok {
			c := *a
			if c.cons && !c.seq {
				c = array{items: []any{a}, seq: true}
			}
			c.keep = true
			out = &c
		}
	}
	if n.group != nil {
		from := out
		if tuples != nil {
			from = tuples
		}
		return m.groupBy(n.group.pairs, n.group.pos, from, f)
	}
	return out
}

// names walks the steps that are names in objects, or a variable at the start,
// which need no sequences: most paths are nothing else. It tells the value reached and the
// first step that is left.
func (m *machine) names(n *node, v any, f *frame) (any, int) {
	if n.keepSingleton || n.group != nil {
		return v, 0
	}
	for i, step := range n.list {
		if step.stages != nil || step.predicates != nil || step.tuple || step.group != nil || step.keepArray {
			return v, i
		}
		switch step.kind {
		case kVariable:
			if i > 0 {
				return v, i
			}
			next := m.variable(step, v, f)
			if a, ok := next.(*array); ok && a.seq {
				return v, i
			}
			if next == undefined {
				return undefined, len(n.list)
			}
			v = next
		case kName:
			o, ok := v.(*value.Object)
			if !ok {
				return v, i
			}
			m.step()
			next, ok := o.Get(step.text)
			if !ok {
				return undefined, len(n.list)
			}
			if a, ok := next.(*array); ok && (a.seq || a.cons) {
				return v, i
			}
			v = next
		default:
			return v, i
		}
	}
	return v, len(n.list)
}

// pathStep evaluates a step on each item and joins the results.
//
// in are the items, whole is the value that has them.
func (m *machine) pathStep(n *node, in []any, whole any, f *frame, last bool) any {
	if n.kind == kSort {
		if !isArray(whole) {
			whole = &array{items: in, seq: true}
		}
		return m.stages(n, m.sortBy(n, whole, f), f)
	}
	var one [1]any
	results := one[:0]
	for _, item := range in {
		var v any
		if n.kind == kName && n.predicates == nil && n.group == nil && !n.keepArray {
			v = m.name(n, item)
		} else {
			v = m.eval(n, item, f)
		}
		for i := range n.stages {
			if n.stages[i].expr != nil {
				v = m.filter(n.stages[i].expr, v, f)
			}
		}
		if v != undefined {
			results = append(results, v)
		}
	}
	if last && len(results) == 1 {
		if a, ok := results[0].(*array); ok && !a.seq {
			return a
		} else if _, ok := results[0].([]any); ok {
			return results[0]
		}
	}
	n2 := 0
	for _, v := range results {
		if items, ok := flattened(v); ok {
			n2 += len(items)
		} else {
			n2++
		}
	}
	m.grow(n2)
	flat := make([]any, 0, n2)
	for _, v := range results {
		if items, ok := flattened(v); ok {
			flat = append(flat, items...)
		} else {
			flat = append(flat, v)
		}
	}
	return &array{items: flat, seq: true}
}

// name is eval of a name, without its detours.
func (m *machine) name(n *node, item any) any {
	if m.steps++; m.steps > m.limits.Steps {
		m.step()
	}
	if o, ok := item.(*value.Object); ok {
		if v, ok := o.Get(n.text); ok {
			if a, ok := v.(*array); ok && a.seq {
				return m.settle(n, a)
			}
			return v
		}
		return undefined
	}
	v := m.field(item, n.text)
	if a, ok := v.(*array); ok && a.seq {
		return m.settle(n, a)
	}
	return v
}

// flattened gives the items of an array unless a constructor protects it.
func flattened(v any) ([]any, bool) {
	switch v := v.(type) {
	case *array:
		return v.items, !v.cons
	case []any:
		return v, true
	}
	return nil, false
}

// field looks a name up in an object, or in all objects of an array.
func (m *machine) field(v any, name string) any {
	switch v := v.(type) {
	case *value.Object:
		if x, ok := v.Get(name); ok {
			return x
		}
	case *array, []any:
		items, _ := arrayOf(v)
		var out []any
		m.nest(1)
		for _, e := range items {
			m.step()
			x := m.field(e, name)
			if x == undefined {
				continue
			}
			if more, ok := arrayOf(x); ok {
				m.grow(len(more))
				out = append(out, more...)
			} else {
				m.grow(1)
				out = append(out, x)
			}
		}
		m.nest(-1)
		return &array{items: out, seq: true}
	}
	return undefined
}

func (m *machine) stages(n *node, v any, f *frame) any {
	for i := range n.stages {
		s := &n.stages[i]
		if s.expr != nil {
			v = m.filter(s.expr, v, f)
			continue
		}
		a, ok := v.(*array)
		if !ok || !a.tuple {
			continue
		}
		c := &array{items: make([]any, len(a.items)), seq: a.seq, tuple: true}
		m.grow(len(c.items))
		for j, t := range a.items {
			c.items[j] = t.(*tuple).with(s.index, box(float64(j)))
		}
		v = c
	}
	return v
}

// tupleStep evaluates a step that carries variables along.
func (m *machine) tupleStep(n *node, in []any, tuples *array, f *frame) *array {
	if n.kind == kSort {
		return m.tupleSort(n, in, tuples, f)
	}
	if tuples == nil {
		tuples = &array{tuple: true, items: make([]any, len(in))}
		for i, item := range in {
			tuples.items[i] = &tuple{at: item}
		}
	}
	out := &array{seq: true, tuple: true}
	for _, e := range tuples.items {
		t := e.(*tuple)
		v := m.eval(n, t.at, f.ofTuple(t))
		if v == undefined {
			continue
		}
		stream, _ := v.(*array)
		items := itemsOf(v)
		m.charge(64 * len(items))
		for i, item := range items {
			m.step()
			next := &tuple{at: t.at, vars: slices.Clip(t.vars)}
			if stream != nil && stream.tuple {
				from := item.(*tuple)
				next.at = from.at
				next.vars = slices.Clone(t.vars)
				for _, b := range from.vars {
					next.vars = setVar(next.vars, b.name, b.val)
				}
			} else {
				next.vars = slices.Clone(t.vars)
				if n.focus != "" {
					next.vars = setVar(next.vars, n.focus, item)
				} else {
					next.at = item
				}
				if n.index != "" {
					next.vars = setVar(next.vars, n.index, box(float64(i)))
				}
				if n.ancestor != nil {
					next.vars = setVar(next.vars, n.ancestor.label, t.at)
				}
			}
			out.items = append(out.items, next)
		}
	}
	if n.stages != nil {
		return asTuples(m.stages(n, out, f))
	}
	return out
}

// asTuples is the stream that stages left; filters give nothing else.
func asTuples(v any) *array {
	if a, ok := v.(*array); ok {
		return a
	}
	if t, ok := v.(*tuple); ok {
		return &array{items: []any{t}, seq: true, tuple: true}
	}
	return &array{seq: true, tuple: true}
}

func (m *machine) tupleSort(n *node, in []any, tuples *array, f *frame) *array {
	var out *array
	if tuples != nil {
		out = asTuples(m.sortBy(n, tuples, f))
		out = &array{items: out.items, seq: true, tuple: true}
	} else {
		sorted := itemsOf(m.sortBy(n, &array{items: in}, f))
		out = &array{seq: true, tuple: true}
		for i, item := range sorted {
			t := &tuple{at: item}
			if n.index != "" {
				t = t.with(n.index, box(float64(i)))
			}
			out.items = append(out.items, t)
		}
	}
	return asTuples(m.stages(n, out, f))
}

// filter keeps the items for which a predicate is true, or at its index.
func (m *machine) filter(p *node, input any, f *frame) any {
	items, isArr := arrayOf(input)
	out := &array{seq: true}
	if !isArr {
		items = []any{input}
	} else if a, ok := input.(*array); ok && a.tuple {
		out.tuple = true
	}
	if p.kind == kNumber {
		i := math.Floor(p.num)
		if i < 0 {
			i += float64(len(items))
		}
		if i >= 0 && i < float64(len(items)) {
			item := items[int(i)]
			if isArray(item) {
				return item
			}
			if item != undefined {
				out.items = []any{item}
			}
		}
		return out
	}
	for i, item := range items {
		context, scope := item, f
		if out.tuple {
			t := item.(*tuple)
			context, scope = t.at, f.ofTuple(t)
		}
		if keep(m.eval(p, context, scope), i, len(items)) {
			m.grow(1)
			out.items = append(out.items, item)
		}
	}
	return out
}

// keep decides whether a predicate's result selects the item at i of n.
func keep(v any, i, n int) bool {
	if b, ok := v.(bool); ok {
		return b
	}
	at := func(x any) bool {
		k := math.Floor(rawNumber(x))
		if k < 0 {
			k += float64(n)
		}
		return k == float64(i)
	}
	if isNumber(v) {
		return at(v)
	}
	if items, ok := arrayOf(v); ok && allNumbers(items) {
		return slices.ContainsFunc(items, at)
	}
	return isTrue(v)
}

func allNumbers(items []any) bool {
	for _, e := range items {
		if !isNumber(e) {
			return false
		}
	}
	return true
}

func (m *machine) wildcard(input any) any {
	if a, ok := input.(*array); ok && a.outer {
		input = a.items[0]
	}
	var out any = &array{seq: true}
	var items []any
	joined := false
	add := func(v any) {
		if isArray(v) {
			joined = true
			items = m.flatten(v, items)
		} else {
			m.grow(1)
			items = append(items, v)
		}
	}
	switch v := input.(type) {
	case *value.Object:
		for _, e := range v.Members() {
			add(e.Value)
		}
	case *array, []any:
		for _, e := range itemsOf(v) {
			add(e)
		}
	default:
		return out
	}
	return &array{items: items, seq: !joined}
}

// flatten appends the items of nested arrays.
func (m *machine) flatten(v any, into []any) []any {
	m.step()
	items, ok := arrayOf(v)
	if !ok {
		m.grow(1)
		return append(into, v)
	}
	m.nest(1)
	for _, e := range items {
		into = m.flatten(e, into)
	}
	m.nest(-1)
	return into
}

func (m *machine) descendants(input any) any {
	if input == undefined {
		return undefined
	}
	items := m.descend(input, nil)
	if len(items) == 1 {
		return items[0]
	}
	return sequence(items...)
}

func (m *machine) descend(v any, into []any) []any {
	m.step()
	if !isArray(v) {
		m.grow(1)
		into = append(into, v)
	}
	m.nest(1)
	switch v := v.(type) {
	case *value.Object:
		for _, e := range v.Members() {
			into = m.descend(e.Value, into)
		}
	case *array, []any:
		for _, e := range itemsOf(v) {
			into = m.descend(e, into)
		}
	}
	m.nest(-1)
	return into
}

// A keyGroup gathers the items of one key.
type keyGroup struct {
	key   string
	pair  int
	items []any
	one   bool // a single item, as it is
	first any
}

// groupBy makes an object: the key expressions group the items, the value expressions
// then see each group.
func (m *machine) groupBy(pairs [][2]*node, pos int, input any, f *frame) any {
	items, isArr := arrayOf(input)
	a, _ := input.(*array)
	tuples := a != nil && a.tuple
	if !isArr {
		items = []any{input}
	} else if len(items) == 0 && !tuples {
		items = []any{undefined}
	}
	var groups []*keyGroup
	var byKey map[string]*keyGroup
	for _, item := range items {
		context, scope := item, f
		if t, ok := item.(*tuple); ok && tuples {
			context, scope = t.at, f.ofTuple(t)
		}
		for i, p := range pairs {
			k := m.eval(p[0], context, scope)
			if k == undefined {
				continue
			}
			key, ok := k.(string)
			if !ok {
				panic(newFault("T1003").at(pos).value(k))
			}
			if byKey == nil {
				byKey = make(map[string]*keyGroup, len(pairs))
			}
			g := byKey[key]
			if g == nil {
				g = &keyGroup{key: key, pair: i, one: true, first: item}
				byKey[key] = g
				groups = append(groups, g)
				m.charge(64 + len(key))
				continue
			}
			if g.pair != i {
				panic(newFault("D1009").at(pos).value(key))
			}
			g.add(m, item)
		}
	}
	out := new(value.Object)
	for _, g := range groups {
		context, scope := g.data(), f
		if tuples {
			t := m.merge(context)
			context, scope = t.at, f.ofTuple(t)
		}
		if v := m.eval(pairs[g.pair][1], context, scope); v != undefined {
			m.charge(32)
			out.Set(g.key, v)
		}
	}
	return out
}

func (g *keyGroup) add(m *machine, item any) {
	if item == undefined {
		return
	}
	if g.one {
		g.one = false
		if g.first == undefined {
			g.first, g.one = item, true
			return
		}
		g.items = append(g.items, itemsOf(g.first)...)
	}
	more := itemsOf(item)
	m.grow(len(more))
	g.items = append(g.items, more...)
}

func (g *keyGroup) data() any {
	if g.one {
		return g.first
	}
	return &array{items: g.items}
}

// merge makes one tuple of many: each variable holds all the values.
func (m *machine) merge(v any) *tuple {
	if t, ok := v.(*tuple); ok {
		return t
	}
	items, _ := arrayOf(v)
	if len(items) == 0 {
		return &tuple{at: undefined}
	}
	first := items[0].(*tuple)
	out := &tuple{at: first.at, vars: slices.Clone(first.vars)}
	for _, e := range items[1:] {
		t := e.(*tuple)
		m.step()
		m.grow(1 + len(t.vars))
		out.at = m.join(out.at, t.at)
		for _, b := range t.vars {
			found := false
			for i := range out.vars {
				if out.vars[i].name == b.name {
					out.vars[i].val, found = m.join(out.vars[i].val, b.val), true
				}
			}
			if !found {
				out.vars = append(out.vars, b)
			}
		}
	}
	return out
}
