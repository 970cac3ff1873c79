package template

import (
	"fmt"
	"slices"
	"strings"

	"salamander/internal/value"
)

// A rule checks combinations of parameters.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
type rule struct {
	name       string
	condition  *Node // nil: always
	assertions []assertion
}

type assertion struct {
	assert      *Node
	description string
}

func (b *builder) rules() {
	for _, m := range b.section("Rules") {
		if m.Value.Kind != Map {
			b.add(m.Value, "Template format error: Any Rules member must be an object.")
			continue
		}
		r := &rule{name: m.Key, condition: m.Value.Get("RuleCondition")}
		if r.condition != nil {
			b.assertable(r.condition)
		}
		assertions := m.Value.Get("Assertions")
		if assertions == nil || assertions.Kind != List || len(assertions.Items) == 0 {
			b.add(m.Value, "Template format error: Rule %s must have a list of Assertions", m.Key)
			continue
		}
		for _, item := range assertions.Items {
			a := assertion{item.Get("Assert"), b.text(item, "AssertDescription")}
			if a.assert == nil {
				b.add(item, "Template format error: every assertion of rule %s must have an Assert", m.Key)
				continue
			}
			b.assertable(a.assert)
			r.assertions = append(r.assertions, a)
		}
		b.t.rules = append(b.t.rules, r)
	}
}

// assertable refuses, by name, what a rule cannot call here.
func (b *builder) assertable(n *Node) {
	if n.Kind != Map || len(n.Members) != 1 {
		b.add(n, "Template format error: Rules can only be boolean functions of parameters")
		return
	}
	arg := n.Members[0].Value
	switch name := n.Members[0].Key; name {
	case "Fn::And", "Fn::Or", "Fn::Not":
		low, high := 2, 10
		if name == "Fn::Not" {
			low, high = 1, 1
		}
		if arg.Kind != List || len(arg.Items) < low || len(arg.Items) > high {
			b.add(n, "Template error: wrong number of parameters of %s", name)
			return
		}
		for _, item := range arg.Items {
			b.assertable(item)
		}
	case "Fn::Equals", "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn":
		if arg.list(2) == nil {
			b.add(n, "Template error: every %s object requires a list of 2 parameters.", name)
			return
		}
		for _, item := range arg.Items {
			b.ruleOperand(item)
		}
	default:
		b.add(n, "the function %s in Rules is not implemented", name)
	}
}

func (b *builder) ruleOperand(n *Node) {
	name, arg, ok := n.call()
	switch {
	case ok && name == "Ref":
		if arg.Kind != String || b.t.Parameter(arg.Text) == nil && !isPseudo(arg.Text) {
			b.add(n, "Template format error: Unresolved dependencies [%s]. Cannot reference resources in the Rules block of the template", arg.Text)
		}
	case ok:
		b.add(n, "the function %s in Rules is not implemented", name)
	case n.Kind == List:
		for _, item := range n.Items {
			b.ruleOperand(item)
		}
	}
}

func (b *Bound) checkRules() error {
	e := &evaluator{b: b}
	for _, r := range b.t.rules {
		if r.condition != nil {
			if on, err := e.asserts(r.condition); err != nil || !on {
				if err != nil {
					return err
				}
				continue
			}
		}
		var failed []string
		var first *Node
		for _, a := range r.assertions {
			ok, err := e.asserts(a.assert)
			if err != nil {
				return err
			}
			if !ok {
				failed = append(failed, a.description)
				if first == nil {
					first = a.assert
				}
			}
		}
		if failed != nil {
			return errorAt(first, "Template validation error: %s", fmt.Sprintf("Rule %s failed: %s", r.name, strings.Join(failed, "; ")))
		}
	}
	return nil
}

func (e *evaluator) asserts(n *Node) (bool, error) {
	arg := n.Members[0].Value
	switch name := n.Members[0].Key; name {
	case "Fn::Not", "Fn::And", "Fn::Or":
		return connect(name, arg, e.asserts)
	default:
		x, err := e.eval(arg.Items[0])
		if err != nil {
			return false, err
		}
		y, err := e.eval(arg.Items[1])
		if err != nil {
			return false, err
		}
		if name == "Fn::Equals" {
			return same(x, y), nil
		}
		return members(name, asList(x), asList(y)), nil
	}
}

func asList(v value.Value) value.Array {
	if items, ok := v.(value.Array); ok {
		return items
	}
	return value.Array{v}
}

// members decides Fn::Contains (y is in x), Fn::EachMemberEquals (each of x is
// y) and Fn::EachMemberIn (each of x is in y).
func members(name string, x, y value.Array) bool {
	in := func(v value.Value, all value.Array) bool {
		return slices.ContainsFunc(all, func(w value.Value) bool { return same(v, w) })
	}
	switch name {
	case "Fn::Contains":
		return len(y) == 1 && in(y[0], x)
	case "Fn::EachMemberEquals":
		return !slices.ContainsFunc(x, func(v value.Value) bool { return len(y) != 1 || !same(v, y[0]) })
	}
	return !slices.ContainsFunc(x, func(v value.Value) bool { return !in(v, y) })
}
