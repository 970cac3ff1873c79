package asl

import (
	"encoding/json"
	"fmt"

	"salamander/internal/value"
)

// A Plan tells what a repair would do, before anything runs.
type Plan struct {
	// Resumes are the states that it goes on with, in order.
	Resumes []Resumption
	// Kept are the branches and iterations whose results stay: "All[0]", and
	// for many iterations of a Map their number: "Each: 998 of 1000".
	Kept []string
	// Then are the states that can follow once those in forks have ended.
	Then []string
}

// A Resumption is a state that a repair goes on with.
type Resumption struct {
	In      string          // the forks around it: "All[0]/Each[3]"; empty at the top
	State   string          // its name
	Type    string          // "Task"
	Input   json.RawMessage // which it has
	Entered bool            // it is entered again; otherwise it does again what it is for
	Given   bool            // its output is given, and it does nothing
	Then    []string        // the states of its scope that can follow
}

// Plan tells what [Machine.Repair] would begin with. Its errors are the same.
func (m *Machine) Plan(ex *Execution, r Repair) (Plan, error) {
	t, err := m.mending(ex, Event{At: ex.Context.StartTime}, r)
	if err != nil {
		return Plan{}, err
	}
	var p Plan
	t.plan(&p, t.x.Root, "")
	if !t.x.Root.Children.IsZero() {
		p.Then = m.ahead(t.state(t.x.Root))
	}
	return p, nil
}

func (t *turn) plan(p *Plan, th *thread, in string) {
	st := t.state(th)
	if th.Children.IsZero() {
		_, given := t.x.Given[th.State]
		p.Resumes = append(p.Resumes, Resumption{In: in, State: th.State, Type: st.kind, Input: json.RawMessage(value.Text(th.Input.v)),
			Entered: th.again(st), Given: given, Then: t.m.ahead(st)})
		return
	}
	if in != "" {
		in += "/"
	}
	in += st.name
	kept := 0
	for i := range th.Results.all() {
		if kept++; st.kind == "Parallel" {
			p.Kept = append(p.Kept, fmt.Sprintf("%s[%d]", in, i))
		}
	}
	if st.kind == "Map" && kept > 0 {
		p.Kept = append(p.Kept, fmt.Sprintf("%s: %d of %d", in, kept, th.Results.n))
	}
	for i, c := range th.Children.all() {
		t.plan(p, c, fmt.Sprintf("%s[%d]", in, i))
	}
}

// again reports whether a thread that is taken up enters its state again: it
// was to, or it is a Fail.
func (th *thread) again(st *state) bool {
	return th.Entered == 0 || th.Purpose == yielded || st.kind == "Fail"
}

// ahead lists the states that can follow one in its scope, but by its
// catchers, those that come first first.
func (m *Machine) ahead(st *state) []string {
	var all []string
	seen := map[string]bool{st.name: true}
	for queue := []*state{st}; len(queue) > 0; queue = queue[1:] {
		for _, name := range queue[0].nexts() {
			if seen[name] {
				continue
			}
			seen[name] = true
			all = append(all, name)
			queue = append(queue, st.scope.states[name])
		}
	}
	return all
}

// nexts are the states that a state leads to when it succeeds.
func (st *state) nexts() []string {
	if st.choice == nil {
		if st.next == "" {
			return nil
		}
		return []string{st.next}
	}
	var all []string
	for _, r := range st.choice.rules {
		all = append(all, r.next)
	}
	if st.choice.fallback != "" {
		all = append(all, st.choice.fallback)
	}
	return all
}

// A Place tells where a state is in the definition.
type Place struct {
	Scope []string // names of all states beside it, its own among them
	Fork  string   // the Parallel or Map that it is within; empty at the top
}

// PlaceOf finds a state by its name. An unknown one is a [*RepairError].
func (m *Machine) PlaceOf(name string) (Place, error) {
	chain, st, err := m.wayTo(name)
	if err != nil || st == nil {
		return Place{}, err
	}
	p := Place{Scope: st.scope.names}
	if n := len(chain); n > 0 {
		p.Fork = chain[n-1].fork.name
	}
	return p, nil
}
