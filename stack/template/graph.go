package template

import "slices"

// cycles returns the groups of names that need each other, or themselves, each
// in the order of names.
func cycles(names []string, needs func(string) []string) [][]string {
	t := &tarjan{index: map[string]int{}, low: map[string]int{}, on: map[string]bool{}, needs: needs}
	place := make(map[string]int, len(names))
	for i, name := range names {
		place[name] = i
	}
	t.known = place
	for _, name := range names {
		if _, seen := t.index[name]; !seen {
			t.visit(name)
		}
	}
	for _, group := range t.found {
		slices.SortFunc(group, func(a, b string) int { return place[a] - place[b] })
	}
	slices.SortFunc(t.found, func(a, b []string) int { return place[a[0]] - place[b[0]] })
	return t.found
}

// tarjan finds strongly connected components.
type tarjan struct {
	index, low, known map[string]int
	on                map[string]bool
	stack             []string
	needs             func(string) []string
	found             [][]string
}

func (t *tarjan) visit(name string) {
	t.index[name] = len(t.index)
	t.low[name] = t.index[name]
	t.stack = append(t.stack, name)
	t.on[name] = true
	self := false
	for _, next := range t.needs(name) {
		if _, ok := t.known[next]; !ok {
			continue
		}
		self = self || next == name
		if _, seen := t.index[next]; !seen {
			t.visit(next)
			t.low[name] = min(t.low[name], t.low[next])
		} else if t.on[next] {
			t.low[name] = min(t.low[name], t.index[next])
		}
	}
	if t.low[name] != t.index[name] {
		return
	}
	i := len(t.stack) - 1
	for t.stack[i] != name {
		i--
	}
	group := slices.Clone(t.stack[i:])
	t.stack = t.stack[:i]
	for _, member := range group {
		t.on[member] = false
	}
	if len(group) > 1 || self {
		t.found = append(t.found, group)
	}
}

// Order returns the resources that take part, each after those that it needs,
// and otherwise in the order of the text.
func (b *Bound) Order() []*Resource {
	graph := b.Dependencies()
	byID := map[string]*Resource{}
	var order []*Resource
	for _, r := range b.Resources() {
		byID[r.ID] = r
	}
	done := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		if done[id] {
			return
		}
		done[id] = true
		for _, need := range graph[id] {
			visit(need)
		}
		order = append(order, byID[id])
	}
	for _, r := range b.Resources() {
		visit(r.ID)
	}
	return order
}
