package engine

import (
	"encoding/json"
	"errors"
	"fmt"

	"salamander/asl"
	"salamander/internal/value"
)

// conclude gathers the results of a map run whose children have ended, stores
// its end, and returns what the Map state is told.
func (r *mapRun) conclude() (asl.Event, error) {
	r.mu.Lock()
	rec, bad := r.rec, r.failure
	r.mu.Unlock()
	if bad != nil { // those that were not taken up before it failed
		if err := r.e.abortChildren(r.ctx, rec.ARN); err != nil {
			return asl.Event{}, err
		}
	}
	output, counted, err := r.gather(bad)
	var failed *asl.MapFailure
	switch {
	case errors.As(err, &failed):
		if bad == nil {
			bad = failed
		}
	case err != nil:
		return asl.Event{}, fmt.Errorf("gather the results: %w", err)
	}
	if rec.Status == Running {
		if err := r.persist(r.settle(counted, bad, failed == nil)); err != nil {
			return asl.Event{}, err
		}
	}
	if bad != nil {
		return asl.Event{Kind: asl.MapRunFailed, Error: bad.Name, Cause: bad.Cause}, nil
	}
	return asl.Event{Kind: asl.MapRunSucceeded, Output: output}, nil
}

// settle makes the end of the map run its record, which nothing changes any
// more, and returns it.
func (r *mapRun) settle(counted [2]MapCounts, bad *asl.MapFailure, written bool) MapRun {
	r.mu.Lock()
	defer r.mu.Unlock()
	rec := &r.rec
	rec.Items.settle(counted[0])
	rec.Executions.settle(counted[1])
	rec.Status, rec.Stop = Succeeded, r.e.now()
	if rec.Stop.Before(r.latest) { // the clock was set back: nothing is behind the end
		rec.Stop = r.latest
	}
	if bad != nil {
		rec.Status, rec.Error, rec.Cause = Failed, bad.Name, bad.Cause
	}
	if written && (bad == nil || r.spec.Writer != nil) {
		rec.Items.ResultsWritten, rec.Executions.ResultsWritten = rec.Items.Ended(), rec.Executions.Ended()
	}
	return *rec
}

// settle takes over how many have ended, and in which way.
func (c *MapCounts) settle(ended MapCounts) {
	c.PendingRedrive = 0
	c.Running, c.Succeeded, c.Failed, c.TimedOut, c.Aborted = 0, ended.Succeeded, ended.Failed, ended.TimedOut, ended.Aborted
	c.Total = max(c.Total, c.Pending+c.Ended())
}

// checkWriter finds out early that the results cannot be exported.
func (r *mapRun) checkWriter() *asl.MapFailure {
	to, ok, err := exportTo(r.spec)
	if err != nil || !ok {
		return writerFailure(err)
	}
	_, err = r.objects.List(r.ctx, json.RawMessage(value.Text(value.NewObject(
		value.Member{Key: "Bucket", Value: to.Bucket}, value.Member{Key: "MaxKeys", Value: value.Int(1)}))))
	return writerFailure(err)
}

// gather reads the children's results in their order and makes the Map
// state's result of them, or exports them. It counts the children again. The
// error is an [*asl.MapFailure] where they cannot be exported.
func (r *mapRun) gather(failure *asl.MapFailure) (output json.RawMessage, counted [2]MapCounts, err error) {
	results, err := NewResults(r.ctx, r.spec, r.objects)
	if err != nil {
		return nil, counted, err
	}
	if !r.e.opt.NoLimits {
		results.Enough = asl.MaxData
	}
	for child, err := range r.e.store.AllChildren(r.ctx, r.spec.ARN, 0) {
		if err != nil {
			return nil, counted, err
		}
		*counted[0].of(child.Status) += child.Items
		*counted[1].of(child.Status)++
		if failure != nil && !results.export {
			continue // nobody sees them
		}
		if err := results.Add(child); err != nil {
			return nil, counted, err
		}
	}
	r.mu.Lock()
	queue := r.queue
	r.mu.Unlock()
	for _, in := range queue {
		if in.again != nil {
			continue // it has a result
		}
		if err := results.AddPending(asl.ChildName(r.tag, in.Number), r.machine.ARN, r.childARN(in.Number), in.Text); err != nil {
			return nil, counted, err
		}
	}
	output, err = results.Output()
	return output, counted, err
}
