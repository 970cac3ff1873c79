package jsonata

import "strconv"

// A resolver turns what was parsed into what is evaluated: binary dots become
// paths, predicates become stages of their step, and each parent operator finds
// the step that it names.
type resolver struct {
	parents []*node // all %, so that slots can share labels
	labels  int
	depth   int
}

func (r *resolver) fail(f *fault) { panic(f) }

func (r *resolver) list(in []*node, into *node) []*node {
	out := make([]*node, len(in))
	for i, e := range in {
		out[i] = r.part(e, into)
	}
	return out
}

// part resolves a part of into, which takes over its search for parents.
func (r *resolver) part(n, into *node) *node {
	if n == nil {
		return nil
	}
	p := r.resolve(n)
	adopt(into, p)
	return p
}

func (r *resolver) pairs(in [][2]*node, into *node) [][2]*node {
	out := make([][2]*node, len(in))
	for i, p := range in {
		out[i] = [2]*node{r.part(p[0], into), r.part(p[1], into)}
	}
	return out
}

// adopt hands the slots that part seeks to the node around it.
func adopt(into, part *node) {
	if len(part.seeking) > 0 || part.kind == kParent {
		into.seeking = append(into.seeking, slotsOf(part)...)
	}
}

func slotsOf(n *node) []*slot {
	slots := append([]*slot(nil), n.seeking...)
	if n.kind == kParent {
		slots = append(slots, n.slot)
	}
	return slots
}

// resolve never changes what was parsed, and keeps a mark of [].
func (r *resolver) resolve(n *node) *node {
	if r.depth++; r.depth > 2*maxNesting {
		r.fail(newFault("U1001").at(n.pos).text("The expression is nested too deeply"))
	}
	out := r.one(n)
	if n.keepArray && out != n {
		out.keepArray = true
	}
	r.depth--
	return out
}

func (r *resolver) one(n *node) *node {
	switch n.kind {
	case kName:
		return r.name(n)
	case kString, kNumber, kValue, kVariable, kRegex, kWildcard, kDescendant, kPlaceholder:
		c := *n
		if n.kind == kVariable {
			c.fn = library[n.text]
		}
		return &c
	case kParent:
		p := &node{kind: kParent, text: n.text, slot: &slot{label: parentLabel(r.labels), level: 1}}
		r.labels++
		r.parents = append(r.parents, p)
		return p
	case kBinary:
		return r.binary(n)
	case kOperator:
		switch n.text {
		case "and", "or", "in":
			return r.name(n)
		}
		r.fail(newFault("S0201").at(n.pos).token(n.text))
	case kEnd:
		r.fail(newFault("S0207").at(n.pos).token("(end)"))
	case kMinus:
		e := r.resolve(n.lhs)
		if e.kind == kNumber {
			e.num = -e.num
			e.val = e.num
			return e
		}
		out := &node{kind: kMinus, pos: n.pos, text: n.text, lhs: e}
		adopt(out, e)
		return out
	}
	return r.compound(n)
}

func (r *resolver) name(n *node) *node {
	step := *n
	step.kind = kName
	return &node{kind: kPath, pos: n.pos, list: []*node{&step}, keepSingleton: n.keepArray}
}

func (r *resolver) compound(n *node) *node {
	out := &node{kind: n.kind, pos: n.pos, text: n.text, sig: n.sig}
	switch n.kind {
	case kArray:
		out.list = r.list(n.list, out)
	case kObject:
		out.pairs = r.pairs(n.pairs, out)
	case kCall, kPartial:
		out.list = r.list(n.list, out)
		out.lhs = r.resolve(n.lhs)
	case kLambda:
		out.list = n.list
		out.rhs = tailCalls(r.resolve(n.rhs))
	case kCondition:
		out.lhs, out.rhs, out.els = r.part(n.lhs, out), r.part(n.rhs, out), r.part(n.els, out)
	case kElvis, kCoalesce:
		out.lhs, out.rhs = r.part(n.lhs, out), r.part(n.rhs, out)
	case kTransform:
		out.lhs, out.rhs = r.resolve(n.lhs), r.resolve(n.rhs)
		if n.els != nil {
			out.els = r.resolve(n.els)
		}
	case kBlock:
		out.list = r.list(n.list, out)
		for _, part := range out.list {
			if part.cons || part.kind == kPath && part.list[0].cons {
				out.cons = true
			}
		}
	default:
		r.fail(newFault("S0206").at(n.pos).token(n.text))
	}
	return out
}

func (r *resolver) binary(n *node) *node {
	switch n.text {
	case ".":
		return r.dot(n)
	case "[":
		return r.predicate(n)
	case "{":
		out := r.resolve(n.lhs)
		if out.group != nil {
			r.fail(newFault("S0210").at(n.pos))
		}
		into := new(node) // the reference gives groups no parents
		out.group = &group{r.pairs(n.pairs, into), n.pos}
		return out
	case "^":
		out := r.resolve(n.lhs)
		if out.kind != kPath {
			out = &node{kind: kPath, list: []*node{out}}
		}
		sort := &node{kind: kSort, pos: n.pos, text: "^"}
		for _, t := range n.terms {
			sort.terms = append(sort.terms, term{t.descending, r.part(t.expr, sort)})
		}
		out.list = append(out.list, sort)
		r.ancestry(out)
		return out
	case ":=":
		out := &node{kind: kBind, pos: n.pos, text: n.lhs.text}
		out.rhs = r.part(n.rhs, out)
		return out
	case "@":
		return r.focus(n)
	case "#":
		return r.position(n)
	case "~>":
		out := &node{kind: kApply, pos: n.pos, text: n.text, lhs: r.resolve(n.lhs), rhs: r.resolve(n.rhs)}
		out.keepArray = out.lhs.keepArray || out.rhs.keepArray
		return out
	}
	out := &node{kind: kBinary, pos: n.pos, text: n.text, op: opOf(n.text)}
	if out.op == opNone {
		r.fail(newFault("S0204").at(n.pos).token(n.text))
	}
	out.lhs, out.rhs = r.part(n.lhs, out), r.part(n.rhs, out)
	return out
}

func (r *resolver) dot(n *node) *node {
	left := r.resolve(n.lhs)
	out := left
	if left.kind != kPath {
		out = &node{kind: kPath, list: []*node{left}}
		if left.kind == kParent {
			out.seeking = []*slot{left.slot}
		}
	}
	right := r.resolve(n.rhs)
	if right.kind == kPath {
		out.list = append(out.list, right.list...)
	} else {
		right.stages, right.predicates = append(right.stages, right.predicates...), nil
		out.list = append(out.list, right)
	}
	for _, step := range out.list {
		switch step.kind {
		case kNumber, kValue:
			r.fail(newFault("S0213").at(step.pos).value(step.val))
		case kString:
			step.kind = kName
		}
		if step.keepArray {
			out.keepSingleton = true
		}
	}
	if first := out.list[0]; first.kind == kArray {
		first.cons = true
	}
	if last := out.list[len(out.list)-1]; last.kind == kArray {
		last.cons = true
	}
	r.ancestry(out)
	return out
}

func (r *resolver) predicate(n *node) *node {
	out := r.resolve(n.lhs)
	step := out
	if out.kind == kPath {
		step = out.list[len(out.list)-1]
	}
	if step.group != nil {
		r.fail(newFault("S0209").at(n.pos))
	}
	p := r.resolve(n.rhs)
	if len(p.seeking) > 0 {
		for _, s := range p.seeking {
			if s.level == 1 {
				r.seek(step, s)
			} else {
				s.level--
			}
		}
		adopt(step, p)
	}
	if out.kind == kPath {
		step.stages = append(step.stages, stage{expr: p})
	} else {
		step.predicates = append(step.predicates, stage{expr: p})
	}
	return out
}

func (r *resolver) focus(n *node) *node {
	out := r.resolve(n.lhs)
	step := out
	if out.kind == kPath {
		step = out.list[len(out.list)-1]
	}
	if step.stages != nil || step.predicates != nil {
		r.fail(newFault("S0215").at(n.pos))
	}
	if step.kind == kSort {
		r.fail(newFault("S0216").at(n.pos))
	}
	if n.keepArray {
		step.keepArray = true
	}
	step.focus, step.tuple = n.rhs.text, true
	return out
}

func (r *resolver) position(n *node) *node {
	out := r.resolve(n.lhs)
	step := out
	if out.kind == kPath {
		step = out.list[len(out.list)-1]
	} else {
		out = &node{kind: kPath, list: []*node{step}}
		step.stages, step.predicates = append(step.stages, step.predicates...), nil
	}
	if step.stages == nil {
		step.index = n.rhs.text
	} else {
		step.stages = append(step.stages, stage{index: n.rhs.text})
	}
	step.tuple = true
	return out
}

// tailCalls marks the calls in tail position of a function's body.
func tailCalls(n *node) *node {
	switch n.kind {
	case kCall:
		if n.predicates == nil && n.group == nil {
			n.tail = true
		}
	case kCondition:
		n.rhs = tailCalls(n.rhs)
		if n.els != nil {
			n.els = tailCalls(n.els)
		}
	case kBlock:
		if len(n.list) > 0 {
			n.list[len(n.list)-1] = tailCalls(n.list[len(n.list)-1])
		}
	}
	return n
}

func parentLabel(i int) string { return "!" + strconv.Itoa(i) }

// seek looks in n for the step that a slot names, and marks it.
func (r *resolver) seek(n *node, s *slot) {
	switch n.kind {
	case kName, kWildcard:
		s.level--
		if s.level == 0 {
			if n.ancestor == nil {
				n.ancestor = s
			} else {
				s.label = n.ancestor.label
				n.ancestor = s
			}
			n.tuple = true
		}
	case kParent:
		s.level++
	case kBlock:
		if len(n.list) > 0 {
			n.tuple = true
			r.seek(n.list[len(n.list)-1], s)
		}
	case kPath:
		n.tuple = true
		i := len(n.list) - 1
		r.seek(n.list[i], s)
		for i--; s.level > 0 && i >= 0; i-- {
			r.seek(n.list[i], s)
		}
	default:
		r.fail(newFault("S0217").at(n.pos).token(n.kind.String()))
	}
}

// ancestry finds the steps of a path for the parents that its last step seeks.
func (r *resolver) ancestry(path *node) {
	for _, s := range slotsOf(path.list[len(path.list)-1]) {
		i := len(path.list) - 2
		for s.level > 0 {
			if i < 0 {
				path.seeking = append(path.seeking, s)
				break
			}
			step := path.list[i]
			i--
			// Several steps that bind the focus are one.
			for i >= 0 && step.focus != "" && path.list[i].focus != "" {
				step = path.list[i]
				i--
			}
			r.seek(step, s)
		}
	}
}
