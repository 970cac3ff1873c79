package jsonata

import "slices"

// References are what an expression takes from its surroundings, each once, in
// the order of the expression.
type References struct {
	// Context are the names, and $, * and **, that look into the context item of
	// the whole expression: those that stand behind no step of a path, and not
	// in a predicate or a clause of one.
	Context []string
	// Root tells that $$ is used, at any place.
	Root bool
	// Members are the names that directly follow the variable asked for:
	// input in $states.input.a.
	Members []string
}

// References looks for what the expression takes from the context item, the
// root, and the members of one variable.
func (e *Expr) References(variable string) References {
	r := referrer{variable: variable}
	r.walk(e.root, true)
	return r.found
}

type referrer struct {
	variable string
	found    References
}

func (r *referrer) context(name string) {
	if !slices.Contains(r.found.Context, name) {
		r.found.Context = append(r.found.Context, name)
	}
}

// walk looks through n. top tells that its context item is that of the whole
// expression. A function's body has that of the place where it is defined.
func (r *referrer) walk(n *node, top bool) {
	if n == nil {
		return
	}
	switch n.kind {
	case kName:
		if top {
			r.context(n.text)
		}
	case kWildcard:
		if top {
			r.context("*")
		}
	case kDescendant:
		if top {
			r.context("**")
		}
	case kVariable:
		switch {
		case n.text == "$":
			r.found.Root = true
		case n.text == "" && top:
			r.context("$")
		}
	case kPath:
		r.path(n, top)
		return
	case kTransform:
		for _, part := range []*node{n.lhs, n.rhs, n.els} {
			r.walk(part, false)
		}
		return
	case kSort:
		r.walk(n.lhs, top)
		r.rest(n)
		return
	case kLambda:
		r.walk(n.rhs, top)
		return
	}
	r.walk(n.lhs, top)
	r.walk(n.rhs, top)
	r.walk(n.els, top)
	for _, e := range n.list {
		r.walk(e, top)
	}
	for _, p := range n.pairs {
		r.walk(p[0], top)
		r.walk(p[1], top)
	}
	r.rest(n)
}

// path looks through the steps: all but the first see what came before.
func (r *referrer) path(n *node, top bool) {
	for i, step := range n.list {
		if i == 1 && step.kind == kName {
			if v := n.list[0]; v.kind == kVariable && v.text == r.variable && !slices.Contains(r.found.Members, step.text) {
				r.found.Members = append(r.found.Members, step.text)
			}
		}
		r.walk(step, top && i == 0)
	}
	r.rest(n)
}

// rest looks through what follows a step: it sees the step's items.
func (r *referrer) rest(n *node) {
	for _, t := range n.terms {
		r.walk(t.expr, false)
	}
	for _, list := range [][]stage{n.predicates, n.stages} {
		for _, s := range list {
			r.walk(s.expr, false)
		}
	}
	if n.group != nil {
		for _, p := range n.group.pairs {
			r.walk(p[0], false)
			r.walk(p[1], false)
		}
	}
}
