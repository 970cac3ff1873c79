package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"salamander/asl"
)

// A Repair is what a redrive does otherwise than AWS's. The zero value changes
// nothing.
type Repair struct {
	// Definition is the text of another definition, which the execution keeps;
	// empty is its own. One that is not valid is an [asl.Errors].
	Definition string
	// From is the state that begins anew; empty is where the execution stands.
	From string
	// Input of From, or of the one state at which the execution stands; nil is
	// what From had when it was entered last.
	Input json.RawMessage
	// Outputs are those of states by their names, which then do nothing the
	// next time; see [asl.Repair].
	Outputs map[string]json.RawMessage
	// By is who asks, an ARN. It is only recorded.
	By string
}

func (r *Repair) changes() bool {
	return r.Definition != "" || r.From != "" || r.Input != nil || len(r.Outputs) > 0
}

// A Repaired is the record of a repair, which the event ExecutionRedriven and
// the store keep.
type Repaired struct {
	Count      int       `json:"redriveCount"`
	At         time.Time `json:"redriveDate"`
	By         string    `json:"by,omitempty"`
	From       string    `json:"from,omitempty"`
	Input      bool      `json:"input,omitempty"`      // another input was given; the state's first event has it
	Outputs    []string  `json:"outputs,omitempty"`    // states whose outputs were given; their last events have them
	Definition string    `json:"definition,omitempty"` // hash of the new one
	Replaced   string    `json:"replaced,omitempty"`   // hash of the one before
}

// A Preview tells what a redrive would do.
type Preview struct {
	asl.Plan
	Events   int64         // how many the history has
	Redrives int           // the number that the redrive would have
	Tasks    []asl.Task    // which would run first
	Timers   []time.Time   // which would be set first
	MapRuns  []TakenUp     // which would go on
	Outcome  *Outcome      // if the execution would end at once
	Changed  bool          // the definition is another one
	Retains  time.Duration // how long the execution can be redriven yet
}

// A TakenUp is a map run that a redrive goes on with.
type TakenUp struct {
	State string // of the Map
	ARN   string
	Again int64 // children that would run again or for the first time
	Kept  int64 // children that stay as they are
}

// RedriveWith is [Engine.Redrive] with changes. A repair that does not fit the
// execution is an [*asl.RepairError].
func (e *Engine) RedriveWith(ctx context.Context, arn, token string, r Repair) (time.Time, error) {
	return e.redrive(ctx, arn, token, &r)
}

// PreviewRedrive tells what [Engine.RedriveWith] would do, and does nothing.
// Its errors are the same.
func (e *Engine) PreviewRedrive(ctx context.Context, arn string, r Repair) (Preview, error) {
	if err := e.await(ctx); err != nil {
		return Preview{}, err
	}
	ex, err := e.store.Execution(ctx, arn)
	if err != nil {
		return Preview{}, err
	}
	ended, err := e.redrivable(ctx, ex)
	if err != nil {
		return Preview{}, err
	}
	kept, err := e.store.EndedState(ctx, ex.Key)
	if err != nil {
		return Preview{}, fmt.Errorf("find the state of %s: %w", ex.ARN, err)
	}
	now := e.now()
	p := Preview{Events: ended.Events, Redrives: ex.Redrives + 1, Retains: ex.Stop.Add(redrivable).Sub(now)}
	was := ex.Definition
	m, change, err := e.mend(ctx, &ex, &r)
	if err != nil {
		return p, err
	}
	p.Changed = ex.Definition != was
	s, err := m.load(kept)
	if err != nil {
		return p, fmt.Errorf("read the state of %s: %w", ex.ARN, err)
	}
	if p.Plan, err = m.plan(s, change); err != nil {
		return p, err
	}
	dec, err := m.repair(s, asl.Event{At: now, Seed: seedOf(ex.Seed, ended.Turn+1)}, change)
	if err != nil {
		return p, err
	}
	for _, c := range dec.commands {
		switch c.Kind {
		case asl.RunTask:
			p.Tasks = append(p.Tasks, *c.Task)
		case asl.SetTimer:
			p.Timers = append(p.Timers, c.At)
		case asl.RunMap:
			run, err := e.store.MapRun(ctx, c.Map.ARN)
			if errors.Is(err, ErrNotFound) {
				continue // it begins anew
			}
			if err != nil {
				return p, fmt.Errorf("find the map run %s: %w", c.Map.ARN, err)
			}
			kept := run.Executions.Succeeded + run.Executions.FailuresNotRedrivable
			p.MapRuns = append(p.MapRuns, TakenUp{c.Map.State, run.ARN, run.Executions.Total - kept, kept})
		}
	}
	if dec.outcome != nil {
		p.Outcome = outcomeOf(dec.outcome, now)
	}
	return p, nil
}

// A mender is a machine whose executions can be repaired.
type mender interface {
	machine
	repair(state, asl.Event, asl.Repair) (decision, error)
	plan(state, asl.Repair) (asl.Plan, error)
	place(name string) (asl.Place, error)
}

func (l language) repair(s state, ev asl.Event, r asl.Repair) (decision, error) {
	d, err := l.m.Repair(s.(*asl.Execution), ev, r)
	return decision{d.Execution, d.History, d.Commands, d.Outcome}, err
}

func (l language) plan(s state, r asl.Repair) (asl.Plan, error) {
	return l.m.Plan(s.(*asl.Execution), r)
}

func (l language) place(name string) (asl.Place, error) { return l.m.PlaceOf(name) }

// mend gives the machine that the execution goes on with, which becomes its
// own, and the change.
func (e *Engine) mend(ctx context.Context, ex *Execution, r *Repair) (mender, asl.Repair, error) {
	change := asl.Repair{From: r.From, Input: r.Input, Outputs: r.Outputs}
	old, err := e.machines.get(ctx, ex.Definition, ex.Type)
	if err != nil {
		return nil, change, err
	}
	m, hash := old, DefinitionHash(r.Definition)
	if change.Changed = r.Definition != "" && hash != ex.Definition; change.Changed {
		if m, err = e.machines.parse(hash, r.Definition, ex.Type); err != nil {
			return nil, change, err
		}
		ex.Definition = hash
	}
	now, ok := m.(mender)
	was, wasToo := old.(mender)
	if !ok || !wasToo {
		return nil, change, fmt.Errorf("engine: a machine of type %T cannot be repaired", m)
	}
	if r.From == "" {
		return now, change, nil
	}
	if _, err := now.place(r.From); err != nil {
		return nil, change, err
	}
	last := entry{}
	if place, err := was.place(r.From); err == nil { // an unknown one is new in the other definition
		if last, err = e.lastEntry(ctx, ex.Key, r.From, place); err != nil {
			return nil, change, err
		}
	}
	switch {
	case last.found:
		change.Variables = last.variables()
		if r.Input == nil {
			change.Input = json.RawMessage(last.input)
		}
	case r.Input == nil:
		return nil, change, &asl.RepairError{Msg: fmt.Sprintf("the execution has never entered %q: give it an input", r.From)}
	}
	return now, change, nil
}

// note is the record of a repair that changes something; nil otherwise.
func (r *Repair) note(ex Execution, replaced string) []byte {
	if r == nil || !r.changes() {
		return nil
	}
	n := Repaired{Count: ex.Redrives, At: ex.Redriven, By: r.By, From: r.From, Input: r.Input != nil, Outputs: slices.Sorted(maps.Keys(r.Outputs))}
	if ex.Definition != replaced {
		n.Definition, n.Replaced = ex.Definition, replaced
	}
	b, err := json.Marshal(n)
	if err != nil {
		panic(err) // texts and a time
	}
	return b
}

// An entry is how a state was entered the last time.
type entry struct {
	found  bool
	input  string
	values map[string]string // the variables that its scope had, JSON texts
}

func (n entry) variables() json.RawMessage {
	all := make(map[string]json.RawMessage, len(n.values))
	for name, text := range n.values {
		all[name] = json.RawMessage(text)
	}
	b, err := json.Marshal(all)
	if err != nil {
		panic(err) // values of a history are JSON
	}
	return b
}

// lastEntry finds in the history how a state was entered the last time.
func (e *Engine) lastEntry(ctx context.Context, key int64, name string, place asl.Place) (entry, error) {
	f := folding{place: place, entries: map[string]entry{}, scope: map[string]bool{}}
	for _, n := range place.Scope {
		f.scope[n] = true
	}
	for after := int64(0); ; {
		page, err := e.store.History(ctx, HistoryQuery{Key: key, After: after, Limit: 1000})
		if err != nil || len(page) == 0 {
			return f.entries[name], err
		}
		for _, ev := range page {
			if err := f.take(ev.Data); err != nil {
				return entry{}, fmt.Errorf("read event %d: %w", ev.ID, err)
			}
		}
		after = page[len(page)-1].ID
	}
}

// A folding follows the variables of one scope through a history. Only one
// thread runs in it at a time.
type folding struct {
	place   asl.Place
	scope   map[string]bool
	values  map[string]string // as they are; never changed in place
	entries map[string]entry  // the last of each state
}

func (f *folding) take(event json.RawMessage) error {
	var ev struct {
		Entered *struct{ Name, Input string } `json:"stateEnteredEventDetails"`
		Exited  *struct {
			Name     string
			Assigned map[string]string `json:"assignedVariables"`
		} `json:"stateExitedEventDetails"`
		Own *struct{ Redrive *Repaired } `json:"salamander"`
	}
	if err := json.Unmarshal(event, &ev); err != nil {
		return err
	}
	switch {
	case ev.Entered != nil && f.scope[ev.Entered.Name]:
		f.entries[ev.Entered.Name] = entry{true, ev.Entered.Input, f.values}
	case ev.Entered != nil && ev.Entered.Name == f.place.Fork:
		f.values = nil // its branches begin
	case ev.Exited != nil && f.scope[ev.Exited.Name] && len(ev.Exited.Assigned) > 0:
		next := maps.Clone(f.values)
		if next == nil {
			next = map[string]string{}
		}
		maps.Copy(next, ev.Exited.Assigned)
		f.values = next
	case ev.Own != nil && ev.Own.Redrive != nil && f.scope[ev.Own.Redrive.From]:
		if was := f.entries[ev.Own.Redrive.From]; was.found {
			f.values = was.values
		}
	}
	return nil
}
