package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"salamander/asl"
	"salamander/engine"
	"salamander/engine/dataset"
	"salamander/internal/arn"
)

// runMap runs the children of a map run and queues its end. Children share the
// mocks. In virtual time they run side by side, as many as MaxConcurrency;
// in real time one after the other.
func (r *localRun) runMap(ctx context.Context, c asl.Command) error {
	m := &localMap{r: r, run: c.Map, ended: r.clock.now()}
	output, err := m.results(ctx)
	ev := asl.Event{At: m.ended, Command: c.ID, Kind: asl.MapRunSucceeded, Output: output}
	var bad *asl.MapFailure
	switch {
	case errors.As(err, &bad):
		ev.Kind, ev.Error, ev.Cause = asl.MapRunFailed, bad.Name, bad.Cause
	case err != nil:
		return fmt.Errorf("map run of the state %q: %w", c.Map.State, err)
	}
	r.queue(ev)
	return nil
}

// localMapChildren is how many children of a map run run side by side at most.
const localMapChildren = 1000

// A localMap is a map run of a local run.
type localMap struct {
	r      *localRun
	run    *asl.MapRun
	child  *asl.Machine
	free   []time.Time // when each place for a child is free again, in virtual time
	ended  time.Time   // the end of the last child so far
	failed int64       // items
	total  int64       // items
}

// results runs the children and gathers what they came to.
func (m *localMap) results(ctx context.Context) ([]byte, error) {
	items, err := m.r.machine.Items(m.run)
	if err != nil {
		return nil, err
	}
	if m.child, err = asl.Parse([]byte(m.r.machine.Child(m.run.Scope)), asl.ParseOptions{Express: m.run.Express}); err != nil {
		return nil, err
	}
	results, err := engine.NewResults(ctx, m.run, m.r.objects)
	if err != nil {
		return nil, err
	}
	next, done, err := m.source(ctx, items)
	if err != nil {
		return nil, err
	}
	defer done()
	for end := false; !end; {
		it, err := next()
		if end = errors.Is(err, io.EOF); err != nil && !end {
			return nil, err
		}
		var children []asl.ChildInput
		var bad *asl.MapFailure
		if end {
			children, bad = items.Flush()
		} else {
			children, bad = items.Add(it)
		}
		if bad != nil {
			return nil, bad
		}
		for _, in := range children {
			if err := m.runChild(ctx, in, results); err != nil {
				return nil, err
			}
		}
	}
	if m.run.Exceeded(m.failed, m.total) {
		return nil, asl.TooManyFailed()
	}
	return results.Output()
}

// source opens the items.
func (m *localMap) source(ctx context.Context, items *asl.Items) (next func() (asl.MapItem, error), done func(), err error) {
	if m.run.Reader != nil {
		d, err := dataset.Open(ctx, m.run.Reader, m.r.objects)
		if err != nil {
			return nil, nil, err
		}
		return d.Next, d.Close, nil
	}
	all, err := items.Own()
	return func() (it asl.MapItem, err error) {
		if len(all) == 0 {
			return it, io.EOF
		}
		it, all = all[0], all[1:]
		return it, nil
	}, func() {}, err
}

// runChild runs one child to its end.
func (m *localMap) runChild(ctx context.Context, in asl.ChildInput, results *engine.Results) error {
	clock := m.r.clock
	place := 0
	if virtual, ok := clock.(*virtualClock); ok {
		most := localMapChildren
		if n := m.run.MaxConcurrency; n > 0 && n < int64(most) {
			most = int(n)
		}
		at := virtual.at
		if len(m.free) < most {
			m.free = append(m.free, at)
			place = len(m.free) - 1
		} else {
			earliest := slices.MinFunc(m.free, time.Time.Compare)
			place, at = slices.Index(m.free, earliest), earliest
		}
		clock = &virtualClock{at: at}
	}
	at, machine, _, err := asl.ParseMapRunARN(m.run.ARN)
	if err != nil {
		return err
	}
	name := m.run.ChildName(in.Number)
	info := asl.ContextInfo{ExecutionArn: arn.New("states", at.Region, at.Account, "execution:"+machine+":"+name), ExecutionName: name,
		RoleArn: arn.New("iam", "", at.Account, "role/local"), StartTime: clock.now(),
		StateMachineArn: arn.New("states", at.Region, at.Account, "stateMachine:"+machine), StateMachineName: machine}
	child := &localRun{machine: m.child, mocks: m.r.mocks, clock: clock, objects: m.r.objects, booked: func([]asl.HistoryEvent) {}, waiting: m.r.waiting}
	began := clock.now()
	out, err := child.run(ctx, asl.Start{Input: []byte(in.Text), Context: info})
	if err != nil {
		return err
	}
	if now := clock.now(); now.After(m.ended) {
		m.ended = now
	}
	if len(m.free) > 0 {
		m.free[place] = clock.now()
	}
	m.total += in.Count
	if out.Status != asl.Succeeded {
		if m.failed += in.Count; m.run.Exceeded(m.failed, 0) {
			return asl.TooManyFailed()
		}
	}
	ex := engine.Execution{ARN: info.ExecutionArn, Name: name, Machine: info.StateMachineArn, Status: string(out.Status), Start: began, Stop: clock.now(),
		Input: in.Text, Error: out.Error, Cause: out.Cause, Number: in.Number, Items: in.Count}
	if out.Status == asl.Succeeded {
		text := string(out.Output)
		ex.Output = &text
	}
	return results.Add(ex)
}
