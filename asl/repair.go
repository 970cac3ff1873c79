package asl

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"salamander/internal/value"
)

// A Repair is what a redrive does otherwise than AWS's. The zero value changes
// nothing.
type Repair struct {
	// Changed tells that the machine is not the one that the execution ran on.
	// States at which it stands then begin anew, and are found by their names;
	// what has succeeded in a Parallel or an inline Map is kept while it is the
	// same fork there.
	Changed bool
	// From is the state that begins anew, of the machine itself or of a branch
	// of the Parallel at which the execution stands; empty is where it stands.
	From string
	// Input of From, or where From is empty of the one state at which the
	// execution stands, which then begins anew. Needed with From.
	Input json.RawMessage
	// Variables are those of From's scope, an object; nil leaves them.
	Variables json.RawMessage
	// Outputs are those of states by their names: the next time that such a
	// state is entered, or gone on with, it does nothing and has this output,
	// in place of what OutputPath or Output would have made.
	Outputs map[string]json.RawMessage
	// Note is a JSON object that the event ExecutionRedriven tells beside
	// AWS's details; nil for none.
	Note json.RawMessage
}

// A RepairError tells why a repair does not fit an execution.
type RepairError struct{ Msg string }

// Error gives the reason.
func (e *RepairError) Error() string { return e.Msg }

func unfitting(format string, args ...any) error { return &RepairError{fmt.Sprintf(format, args...)} }

// Repair is [Machine.Redrive] with changes. A repair that does not fit is a
// [*RepairError].
func (m *Machine) Repair(ex *Execution, ev Event, r Repair) (Decision, error) {
	t, err := m.mending(ex, ev, r)
	if err != nil {
		return Decision{Execution: ex}, err
	}
	x := t.x
	return t.play(func() {
		d := details{}
		d.number("redriveCount", int64(x.Context.RedriveCount))
		id := t.emit("ExecutionRedriven", x.LastEvent, d)
		t.dec.History[len(t.dec.History)-1].Own = r.Note
		if m.timeout > 0 {
			x.Timer = t.timer(t.at.Add(time.Duration(m.timeout) * time.Second))
		}
		t.resume(x.Root, id)
	})
}

// mending begins the turn of a repair, with the threads as they are to go on.
func (m *Machine) mending(ex *Execution, ev Event, r Repair) (*turn, error) {
	if !ex.Ended || ex.Root == nil || !m.opt.NoLimits && ex.LastEvent >= MaxRedriveEvents {
		return nil, ErrNotRedrivable
	}
	x := &Execution{ex.form}
	t := m.turn(x, ev.At, ev.Seed)
	x.Root = t.deep(x.Root)
	x.Ended = false
	x.Context.RedriveCount++
	x.Context.RedriveTime = t.at
	t.restore(x.Root)
	chain, from, err := m.wayTo(r.From)
	if err != nil {
		return nil, err
	}
	if r.Changed {
		if err := t.rescope(x.Root, m.top, from); err != nil {
			return nil, err
		}
	}
	th, err := t.target(chain, from, r.Input != nil)
	if err == nil && th != nil {
		err = th.anew(r)
	}
	if err == nil {
		err = t.give(r.Outputs)
	}
	return t, err
}

// restore makes the threads what they were when the execution ended: forks
// that failed have their children back.
func (t *turn) restore(th *thread) {
	if k := th.Kept; k != nil {
		k = t.deep(k)
		th.Children, th.Results, th.Items, th.Open, th.Next, th.Limit, th.Kept = k.Children, k.Results, k.Items, k.Open, k.Next, k.Limit, nil
		for _, c := range th.Children.all() {
			t.link(c, th)
		}
	}
	for _, c := range th.Children.all() {
		t.restore(c)
	}
}

// A step is one of the scopes on the way to a state: the fork of the scope
// before it, and which of its branches.
type step struct {
	fork   *state
	branch int
	scope  *scope
}

// wayTo finds a state by its name, and the scopes that it is in. Both are nil
// for no name.
func (m *Machine) wayTo(name string) (chain []step, st *state, err error) {
	if name == "" {
		return nil, nil, nil
	}
	var all []string
	for _, s := range m.scopes {
		all = append(all, s.names...)
		if st == nil {
			st = s.states[name]
		}
	}
	if st == nil {
		hint := ""
		if near := nearest(name, all); near != "" {
			hint = fmt.Sprintf(" (did you mean %q?)", near)
		}
		return nil, nil, unfitting("the definition has no state %q%s", name, hint)
	}
	for s := st.scope; s != m.top; {
		up := m.above(s)
		chain = append(chain, up)
		s = up.fork.scope
	}
	slices.Reverse(chain)
	return chain, st, nil
}

// above gives the fork that a scope is of.
func (m *Machine) above(s *scope) step {
	for _, outer := range m.scopes {
		for _, st := range outer.states {
			if i := slices.Index(st.branches, s); i >= 0 {
				return step{st, i, s}
			}
			if st.mapping != nil && st.mapping.processor == s {
				return step{st, -1, s}
			}
		}
	}
	panic("asl: a scope without a fork")
}

// rescope finds the threads' states in a changed definition. That of the
// thread in the scope of from may be gone.
func (t *turn) rescope(th *thread, s *scope, from *state) error {
	th.Scope = s.id
	if from != nil && from.scope == s {
		return nil
	}
	st := s.states[th.State]
	if st == nil {
		return unfitting("the new definition has no state %q, at which the execution stands: give another one to begin from", th.State)
	}
	var into func(i int) *scope
	switch {
	case th.Children.IsZero() && th.Results.IsZero():
	case st.kind == "Parallel" && len(st.branches) == th.Children.n && th.Items == nil:
		into = func(i int) *scope { return st.branches[i] }
	case st.kind == "Map" && !st.mapping.distributed && th.Items != nil:
		into = func(int) *scope { return st.mapping.processor }
	}
	if into == nil {
		th.begin(th.State, th.Input.v)
		return nil
	}
	for i, c := range th.Children.all() {
		if err := t.rescope(c, into(i), from); err != nil {
			return err
		}
	}
	return nil
}

// begin makes the thread enter a state anew.
func (th *thread) begin(name string, input value.Value) {
	th.State, th.Input, th.text, th.Raw = name, held{input}, "", ""
	th.Entered, th.Open, th.Next, th.Limit, th.Kept, th.Mapped, th.Purpose = 0, 0, 0, 0, nil, nil, ""
	th.disband()
}

// anew begins the repair's state, or the thread's own one.
func (th *thread) anew(r Repair) error {
	input, err := value.Parse(r.Input)
	if err != nil {
		return unfitting("the input is no JSON: %v", err)
	}
	name := r.From
	if name == "" {
		name = th.State
	}
	th.begin(name, input)
	if r.Variables == nil {
		return nil
	}
	v, err := value.Parse(r.Variables)
	own, is := v.(*value.Object)
	if err != nil || !is {
		return unfitting("the variables are no JSON object")
	}
	th.Variable, th.Stored = nil, 0
	if own.Len() > 0 {
		th.Variable = &held{own}
	}
	for _, m := range own.Members() {
		th.Stored += len(value.Text(m.Value))
	}
	return nil
}

// target finds the thread that begins anew, or makes that of a branch that has
// succeeded. nil is none.
func (t *turn) target(chain []step, from *state, input bool) (*thread, error) {
	root := t.x.Root
	if from == nil {
		if !input {
			return nil, nil
		}
		var leaves []*thread
		root.leaves(func(th *thread) { leaves = append(leaves, th) })
		if len(leaves) != 1 {
			return nil, unfitting("the execution stands at %d states: name the one that the input is for", len(leaves))
		}
		return leaves[0], nil
	}
	th := root
	for _, up := range chain {
		if up.branch < 0 {
			if up.fork.mapping.distributed {
				return nil, unfitting("state %q is of the children of the Map %q, which are executions of their own: redrive one of them, or begin from %q", from.name, up.fork.name, up.fork.name)
			}
			return nil, unfitting("state %q runs once for each item of the Map %q: begin from %q", from.name, up.fork.name, up.fork.name)
		}
		if th.State != up.fork.name || th.Results.IsZero() {
			return nil, unfitting("state %q is of a branch of %q, at which the execution does not stand: begin from %q", from.name, up.fork.name, up.fork.name)
		}
		c := th.Children.at(up.branch)
		if c == nil { // it has succeeded
			c = &thread{Scope: up.scope.id, Index: up.branch, EnteredAt: t.at}
			th.Children.set(t.by, up.branch, c)
			th.Results.set(t.by, up.branch, nil)
			th.Open++
			t.link(c, th)
		}
		th = c
	}
	return th, nil
}

// leaves gives the threads that stand at a state, not at its children.
func (th *thread) leaves(f func(*thread)) {
	if th.Children.IsZero() {
		f(th)
	}
	for _, c := range th.Children.all() {
		c.leaves(f)
	}
}

// give notes the outputs that states are given.
func (t *turn) give(outputs map[string]json.RawMessage) error {
	t.x.Given, t.x.Format = maps.Clone(t.x.Given), formatNumber
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		chain, st, err := t.m.wayTo(name)
		if err != nil {
			return err
		}
		v, err := value.Parse(outputs[name])
		if err != nil {
			return unfitting("the output of %q is no JSON: %v", name, err)
		}
		for _, up := range chain {
			if up.branch < 0 {
				return unfitting("state %q runs once for each item of the Map %q: give the output of %q", name, up.fork.name, up.fork.name)
			}
		}
		switch {
		case st.kind == "Choice", st.kind == "Fail":
			return unfitting("state %q is a %s, which has no output of its own", name, st.kind)
		case st.assign != nil:
			return unfitting("state %q assigns variables, which an output does not tell: begin from the state behind it", name)
		case len(value.Text(v)) > maxData && !t.m.opt.NoLimits:
			return unfitting("the output of %q has %d bytes; the limit is %d", name, len(value.Text(v)), maxData)
		}
		if t.x.Given == nil {
			t.x.Given = map[string]held{}
		}
		t.x.Given[name] = held{v}
		t.spare(t.x.Root, st)
	}
	for name := range t.x.Given { // those of an earlier repair
		if _, _, err := t.m.wayTo(name); err != nil {
			delete(t.x.Given, name)
		}
	}
	t.x.settleGiven()
	return nil
}

// spare takes the children from a fork whose output is given.
func (t *turn) spare(th *thread, st *state) {
	if th.State == st.name && th.Scope == st.scope.id {
		th.disband()
		return
	}
	for _, c := range th.Children.all() {
		t.spare(c, st)
	}
}

// given takes the output that a thread's state is given, if it is.
func (t *turn) given(th *thread) (value.Value, bool) {
	out, ok := t.x.Given[th.State]
	if ok {
		t.x.Given = maps.Clone(t.x.Given)
		delete(t.x.Given, th.State)
		t.x.settleGiven()
	}
	return out.v, ok
}

// settleGiven gives the execution the format that it needs.
func (x *Execution) settleGiven() {
	x.Format = formatNumber
	if len(x.Given) > 0 {
		x.Format = formatGiven
	} else {
		x.Given = nil
	}
}
