package asl

import (
	"encoding/json"
	"fmt"

	"salamander/internal/value"
)

// Items computes the inputs of the children of a map run. It is pure, and not
// safe for many goroutines.
type Items struct {
	m         *Machine
	run       *MapRun
	st        *state
	input     value.Value
	effective value.Value
	context   *value.Object
	vars      *variables
	batch     value.Value // BatchInput; nil without
	pending   []value.Value
	size      int // of the pending items' text
	number    int64
}

// Items returns what computes the inputs of the children of a map run that
// this machine asked for.
func (m *Machine) Items(run *MapRun) (*Items, error) {
	if run.Scope < 0 || run.Scope >= len(m.scopes) {
		return nil, fmt.Errorf("map run of the unknown scope %d", run.Scope)
	}
	p := &Items{m: m, run: run, st: m.mapOf(run.Scope)}
	if p.st == nil {
		return nil, fmt.Errorf("map run of scope %d, which no distributed Map has", run.Scope)
	}
	read := func(b json.RawMessage) (v value.Value, err error) {
		if len(b) > 0 {
			v, err = value.Parse(b)
		}
		return v, err
	}
	var err error
	if p.input, err = read(run.Input); err != nil {
		return nil, fmt.Errorf("input of a map run: %w", err)
	}
	p.effective = p.input
	if len(run.Effective) > 0 {
		if p.effective, err = read(run.Effective); err != nil {
			return nil, fmt.Errorf("effective input of a map run: %w", err)
		}
	}
	context, err := read(run.Context)
	if err != nil {
		return nil, fmt.Errorf("context of a map run: %w", err)
	}
	if p.context, _ = context.(*value.Object); p.context == nil {
		p.context = new(value.Object)
	}
	vars, err := read(run.Variables)
	if err != nil {
		return nil, fmt.Errorf("variables of a map run: %w", err)
	}
	p.vars = new(variables)
	p.vars.own, _ = vars.(*value.Object)
	if run.Batch != nil {
		if p.batch, err = read(run.Batch.Input); err != nil {
			return nil, fmt.Errorf("batch input of a map run: %w", err)
		}
	}
	return p, nil
}

// Own returns the items of the state's own data, from 0 to the last; none
// where the map run has a reader.
func (p *Items) Own() ([]MapItem, error) {
	if p.run.Reader != nil {
		return nil, nil
	}
	v, err := value.Parse(p.run.Items)
	if err != nil {
		return nil, fmt.Errorf("items of a map run: %w", err)
	}
	return itemsOf(v, StateData), nil
}

// itemsOf gives the elements of an array or the members of an object.
func itemsOf(v value.Value, source string) []MapItem {
	var all []MapItem
	switch v := v.(type) {
	case value.Array:
		for i, e := range v {
			all = append(all, MapItem{Index: int64(i), Value: e, Source: source})
		}
	case *value.Object:
		for i, m := range v.Members() {
			all = append(all, MapItem{Index: int64(i), Key: &m.Key, Value: m.Value, Source: source})
		}
	}
	return all
}

// env gives what the ItemSelector sees of an item.
func (p *Items) env(it *MapItem) *env {
	random := &random{counter: uint64(it.Index) << 20} // each item has randomness of its own
	copy(random.seed[:], p.run.Seed)
	context := p.context.With("Map", it.context())
	return &env{limits: queryLimits, input: p.effective, context: func() value.Value { return context }, vars: p.vars, random: random, raw: p.input, now: p.run.At}
}

// A ChildInput is what one child is given.
type ChildInput struct {
	Number int64  // of the child in the map run, from 0
	Text   string // JSON
	Count  int64  // how many items it is
}

// Add takes the next item. It returns the inputs of children that are complete
// with it: one for each item where there are no batches.
func (p *Items) Add(it MapItem) ([]ChildInput, *MapFailure) {
	v := it.input()
	if p.st.parameters != nil {
		selected, bad := p.st.parameters.eval(p.env(&it))
		if bad != nil {
			return nil, p.failed(bad)
		}
		v = selected
	}
	if p.run.Batch == nil {
		return p.child(value.Text(v), 1)
	}
	text := value.Text(v)
	var full []ChildInput
	if len(p.pending) > 0 && int64(p.length(len(text))) > p.limit() {
		var bad *MapFailure
		if full, bad = p.Flush(); bad != nil {
			return nil, bad
		}
	}
	p.pending, p.size = append(p.pending, v), p.size+len(text)+1
	if most := p.run.Batch.MaxItems; most > 0 && int64(len(p.pending)) >= most {
		last, bad := p.Flush()
		return append(full, last...), bad
	}
	return full, nil
}

// Flush returns the input of the last batch, if there is one.
func (p *Items) Flush() ([]ChildInput, *MapFailure) {
	if len(p.pending) == 0 {
		return nil, nil
	}
	count := int64(len(p.pending))
	o := new(value.Object)
	if p.batch != nil {
		o.Set("BatchInput", p.batch)
	}
	o.Set("Items", p.pending)
	p.pending, p.size = nil, 0
	return p.child(value.Text(o), count)
}

// length is that of the batch's text with one more item of n bytes.
func (p *Items) length(n int) int {
	total := p.size + n + len(`{"Items":[]}`)
	if p.batch != nil {
		total += len(`"BatchInput":,`) + len(value.Text(p.batch))
	}
	return total
}

// limit is the size of a batch at most, in bytes.
func (p *Items) limit() int64 {
	most := int64(maxData)
	if p.m.opt.NoLimits {
		most = 1 << 40
	}
	if n := p.run.Batch.MaxBytes; n > 0 {
		most = min(most, n)
	}
	return most
}

func (p *Items) child(text string, count int64) ([]ChildInput, *MapFailure) {
	limit := int64(maxData)
	if p.run.Batch != nil && p.run.Batch.MaxBytes > 0 {
		limit = min(limit, p.run.Batch.MaxBytes)
	}
	if int64(len(text)) > limit && !p.m.opt.NoLimits {
		return nil, &MapFailure{ItemReaderFailed, fmt.Sprintf("The input of child workflow execution %d has %d bytes; the limit is %d.", p.number, len(text), limit)}
	}
	p.number++
	return []ChildInput{{Number: p.number - 1, Text: text, Count: count}}, nil
}

// failed gives a failure of the ItemSelector the words of its state.
func (p *Items) failed(f *failure) *MapFailure {
	return &MapFailure{f.name, fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). %s", p.run.State, p.run.Entered, f.cause)}
}
