package template

import (
	"slices"
	"strings"

	"salamander/internal/value"
)

// conditions reads the section and checks its functions and its cycles.
func (b *builder) conditions() {
	b.t.conditions = map[string]*Node{}
	members := b.section("Conditions")
	for _, m := range members {
		if !alphanumeric(m.Key) {
			b.add(m.Value, "Template format error: Conditions name '%s' is non alphanumeric.", m.Key)
		}
		b.t.conditions[m.Key] = m.Value
		b.t.order = append(b.t.order, m.Key)
	}
	needs := map[string][]string{}
	for _, m := range members {
		b.boolean(m.Value, 0, func(name string, at *Node) {
			if _, ok := b.t.conditions[name]; !ok {
				b.add(at, "Template format error: Unresolved condition dependency %s in the Conditions block of the template", name)
			}
			needs[m.Key] = append(needs[m.Key], name)
		})
	}
	for _, cycle := range cycles(b.t.order, func(name string) []string { return needs[name] }) {
		b.add(b.t.conditions[cycle[0]], "Template format error: Circular dependencies between conditions: [%s]", strings.Join(cycle, ", "))
	}
}

const booleans = "Template format error: Conditions can only be boolean operations on parameters and other conditions"

// boolean checks an expression of conditions and tells the conditions it names.
func (b *builder) boolean(n *Node, depth int, named func(string, *Node)) {
	if n.Kind != Map || len(n.Members) != 1 {
		b.add(n, booleans)
		return
	}
	arg := n.Members[0].Value
	switch name := n.Members[0].Key; name {
	case "Condition":
		if arg.Kind != String {
			b.add(n, "Template format error: Every Condition member must be a string.")
			return
		}
		named(arg.Text, n)
	case "Fn::Equals":
		if arg.list(2) == nil {
			b.add(n, "Template error: every Fn::Equals object requires a list of 2 string parameters.")
			return
		}
		b.operand(arg)
	case "Fn::Not":
		if arg.list(1) == nil {
			b.add(n, "Template error: every Fn::Not object requires a list of 1 boolean parameter.")
			return
		}
		b.boolean(arg.Items[0], depth+1, named)
	case "Fn::And", "Fn::Or":
		if arg.Kind != List || len(arg.Items) < 2 || len(arg.Items) > 10 {
			b.add(n, "Template error: every %s object requires a list of at least 2 and at most 10 boolean parameters.", name)
			return
		}
		for _, item := range arg.Items {
			b.boolean(item, depth+1, named)
		}
	default:
		b.add(n, booleans).hint("not %s", name)
	}
}

// operand refuses what a condition cannot depend on.
func (b *builder) operand(n *Node) {
	switch name, arg, ok := n.call(); {
	case ok && name == "Ref":
		if arg.Kind == String && b.t.Parameter(arg.Text) == nil && !isPseudo(arg.Text) {
			b.add(n, "Template format error: Unresolved dependencies [%s]. Cannot reference resources in the Conditions block of the template", arg.Text)
		}
	case ok && slices.Contains([]string{"Fn::GetAtt", "Fn::ImportValue", "Fn::GetAZs", "Fn::If"}, name):
		b.add(n, "Template error: Cannot use %s in Conditions.", name)
	default:
		for _, item := range n.Items {
			b.operand(item)
		}
		for _, m := range n.Members {
			b.operand(m.Value)
		}
	}
}

// decide evaluates an expression of conditions.
func (e *evaluator) decide(n *Node) (bool, error) {
	if n.Kind != Map || len(n.Members) != 1 {
		return false, errorAt(n, booleans)
	}
	arg := n.Members[0].Value
	switch name := n.Members[0].Key; name {
	case "Condition":
		return e.b.condition(arg.Text)
	case "Fn::Not", "Fn::And", "Fn::Or":
		return connect(name, arg, e.decide)
	case "Fn::Equals":
		x, err := e.eval(arg.Items[0])
		if err != nil {
			return false, err
		}
		y, err := e.eval(arg.Items[1])
		if err != nil {
			return false, err
		}
		return same(x, y), nil
	}
	return false, errorAt(n, booleans)
}

// connect decides a connective over the items of arg, as far as they matter.
func connect(name string, arg *Node, decide func(*Node) (bool, error)) (bool, error) {
	if name == "Fn::Not" {
		v, err := decide(arg.Items[0])
		return !v, err
	}
	stop := name == "Fn::Or"
	for _, item := range arg.Items {
		if v, err := decide(item); err != nil || v == stop {
			return v, err
		}
	}
	return !stop, nil
}

// same compares scalars by their texts.
func same(x, y value.Value) bool {
	s, ok := text(x)
	if t, ok2 := text(y); ok && ok2 {
		return s == t
	}
	_, none := x.(noValue)
	_, none2 := y.(noValue)
	if none || none2 {
		return none == none2
	}
	return value.Equal(x, y)
}

const ifForm = "Template error: Fn::If requires a list argument with three elements"

// branch returns the branch of an Fn::If that is taken.
func (b *Bound) branch(n, arg *Node) (*Node, error) {
	args := arg.list(3)
	if args == nil {
		return nil, errorAt(n, ifForm)
	}
	if args[0].Kind != String {
		return nil, errorAt(n, ifForm).hint("the first is the name of a condition")
	}
	v, err := b.condition(args[0].Text)
	if err != nil {
		return nil, err
	}
	if v {
		return args[1], nil
	}
	return args[2], nil
}
