package jsonata

import (
	"maps"
	"slices"
)

// Variables lists the variables that the expression takes from outside, sorted,
// without $: those that are neither bound in it, nor functions of the library.
// $ and $$ are not among them.
func (e *Expr) Variables(l *Library) []string {
	if l == nil {
		l = Standard()
	}
	f := finder{library: l.byName, free: map[string]bool{}}
	f.walk(e.root, map[string]bool{})
	return slices.Sorted(maps.Keys(f.free))
}

type finder struct {
	library map[string]*builtin
	free    map[string]bool
}

// walk looks through n; bound are the names bound around it, to which it may
// add.
func (f *finder) walk(n *node, bound map[string]bool) {
	if n == nil {
		return
	}
	switch n.kind {
	case kVariable:
		if n.text != "" && n.text != "$" && !bound[n.text] && f.library[n.text] == nil {
			f.free[n.text] = true
		}
	case kBlock, kPath:
		bound = maps.Clone(bound)
	case kLambda:
		bound = maps.Clone(bound)
		for _, p := range n.list {
			bound[p.text] = true
		}
		f.walk(n.rhs, bound)
		return
	case kBind:
		f.walk(n.rhs, bound)
		bound[n.text] = true
		return
	}
	f.walk(n.lhs, bound)
	f.walk(n.rhs, bound)
	f.walk(n.els, bound)
	for _, e := range n.list {
		f.walk(e, bound)
	}
	f.pairs(n.pairs, bound)
	for _, t := range n.terms {
		f.walk(t.expr, bound)
	}
	if n.focus != "" {
		bound[n.focus] = true
	}
	if n.index != "" {
		bound[n.index] = true
	}
	f.stages(n.predicates, bound)
	f.stages(n.stages, bound)
	if n.group != nil {
		f.pairs(n.group.pairs, bound)
	}
}

func (f *finder) pairs(pairs [][2]*node, bound map[string]bool) {
	for _, p := range pairs {
		f.walk(p[0], bound)
		f.walk(p[1], bound)
	}
}

func (f *finder) stages(stages []stage, bound map[string]bool) {
	for _, s := range stages {
		if s.expr != nil {
			f.walk(s.expr, bound)
		} else {
			bound[s.index] = true
		}
	}
}
