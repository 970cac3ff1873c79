package asl

import (
	"fmt"
	"slices"
	"strings"

	"salamander/internal/value"
)

// maxStored is how much the variables that a state sees may hold, in bytes of
// their texts; what one Assign sets is bounded by maxData.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
const maxStored = 10 << 20

// A variables is a chain of scopes of variables. It is immutable: set makes a
// new one.
type variables struct {
	own   *value.Object
	outer *variables // of the enclosing Parallel or Map, read only
}

func (v *variables) get(name string) (value.Value, bool) {
	for ; v != nil; v = v.outer {
		if v.own != nil {
			if got, ok := v.own.Get(name); ok {
				return got, true
			}
		}
	}
	return nil, false
}

// vars gives what the thread sees of variables.
func (th *thread) vars() *variables {
	if th == nil {
		return nil
	}
	v := &variables{outer: th.parent.vars()}
	if th.Variable != nil {
		v.own, _ = th.Variable.v.(*value.Object)
	}
	return v
}

// set gives the thread variables and tells them in the details of the event
// that ends its state, sorted by name. Those of outer scopes stay as they are.
func (t *turn) set(th *thread, assigned *value.Object, d *details) *failure {
	own := new(value.Object)
	if th.Variable != nil {
		own = th.Variable.v.(*value.Object)
	}
	members := slices.SortedFunc(slices.Values(assigned.Members()), func(a, b value.Member) int { return strings.Compare(a.Key, b.Key) })
	now, stored := 0, th.Stored
	d.key("assignedVariables")
	*d = append(*d, '{')
	for i, m := range members {
		if i > 0 {
			*d = append(*d, ',')
		}
		text := value.Text(m.Value)
		if old, ok := own.Get(m.Key); ok {
			stored -= len(value.Text(old))
		}
		now, stored = now+len(text), stored+len(text)
		*d = append(value.AppendString(*d, m.Key), ':')
		*d = value.AppendString(*d, text)
		own = own.With(m.Key, m.Value)
	}
	*d = append(*d, `},"assignedVariablesDetails":{"truncated":false}`...)
	all := stored
	for outer := th.parent; outer != nil; outer = outer.parent {
		all += outer.Stored
	}
	if !t.m.opt.NoLimits && (now > maxData || all > maxStored) {
		return &failure{name: "States.DataLimitExceeded", final: true, bare: true,
			cause: fmt.Sprintf("The state/task '%s' assigned variables with a size exceeding the maximum number of bytes service limit.", th.State)}
	}
	th.Variable, th.Stored = &held{own}, stored
	return nil
}
