package stack

import (
	"slices"
	"strconv"
	"strings"
)

// rollback brings back what the operation has changed. What it has made is
// deleted in the next phase.
func (r *run) rollback() error {
	op := r.stack.Operation
	if op.Kind == "CREATE" {
		op.Phase = phaseDelete
		return nil
	}
	waits := map[string][]string{}
	for name, res := range r.resources {
		if step := res.Step; step != nil && step.Former != nil && !step.Undone {
			waits[name] = step.Former.Depends
		}
	}
	bad := walk(waits, r.s.opt.Parallel, false, r.undo)
	if r.s.ctx.Err() != nil {
		return r.s.ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(bad) > 0 {
		r.stack.Stuck, r.stack.Operation = op, nil
		return r.save(nil, r.s.setStack(r.stack, UpdateRollbackFailed, strings.TrimSpace(failedText("update", bad))))
	}
	op.Phase = phaseRollbackCleanup
	changed := r.collect(func(res *Resource) bool {
		if res.Step != nil && res.Step.Action == actionCreate {
			res.Step = &Step{Action: actionRemove, Token: r.token(res.Logical, "unmake")}
			return true
		}
		return false
	})
	return r.save(changed, r.s.setStack(r.stack, UpdateRollbackCompleteCleanupInProgress, ""))
}

// undo brings one resource back.
func (r *run) undo(logical string) bool {
	res := r.resource(logical)
	step := res.Step
	if step.Action == actionNone || slices.Contains(r.stack.Operation.Skip, logical) {
		if step.Failed {
			return r.undone(res, UpdateComplete)
		}
		return r.undone(res, "")
	}
	if step.Action == actionReplace {
		// Before the cleanup the former resource is still there.
		if made := res.Version; made.Physical != "" && made.Physical != step.Former.Physical {
			res.Garbage = append(res.Garbage, made)
		}
		return r.undone(res, UpdateComplete)
	}
	if r.saveOne(res, r.set(res, UpdateInProgress, "")) != nil {
		return false
	}
	k, ok := r.s.kinds.lookup(res.Type)
	if !ok {
		k = unprovided()
	}
	c := r.call(res, *step.Former, r.token(logical, "undo/"+strconv.Itoa(r.stack.Operation.Tries)), r.repeat)
	c.undo, c.old = true, res.Properties
	if step.Failed || equal(c.old, c.props) { // nobody knows how far it came
		c.old = r.attempted(res)
	}
	if err := k.update(c); err != nil {
		if r.ended() {
			return false
		}
		if err := r.saveOne(res, r.set(res, UpdateFailed, r.redact(reason(err)))); err != nil {
			r.s.opt.Log.Error("stack", "stack", r.stack.ID, "resource", logical, "err", err)
		}
		return false
	}
	if c.physical != step.Former.Physical { // a custom resource with another id
		res.Garbage = append(res.Garbage, res.Version)
		step.Former.Physical = c.physical
	}
	step.Former.Attributes, step.Former.Private = c.attrs, c.private
	return r.undone(res, UpdateComplete)
}

// attempted returns the properties that a failed update may have brought.
func (r *run) attempted(res *Resource) map[string]any {
	plan, err := r.s.bind(r.stack, r.stack.Operation.Target, r.stack.Operation.Principal)
	if err != nil {
		return map[string]any{}
	}
	plan.resolver = r.resolver()
	want, err := plan.version(res.Logical)
	if err != nil {
		return map[string]any{}
	}
	return want.Properties
}

// undone commits that a resource is as it was.
func (r *run) undone(res *Resource, status string) bool {
	res.Version = *res.Step.Former
	res.Step.Undone = true
	var events []Event
	if status != "" {
		events = append(events, r.set(res, status, ""))
	}
	return r.saveOne(res, events...) == nil
}

// cleanup deletes what is not needed any more. What cannot be deleted stays
// behind, with an event that says so: the update is complete all the same, as
// on AWS.
func (r *run) cleanup() error {
	waits := map[string][]string{}
	for name, res := range r.resources {
		if len(res.Garbage) > 0 || res.Step != nil && res.Step.Action == actionRemove {
			waits[name] = nil
			for _, g := range res.Garbage {
				waits[name] = append(waits[name], g.Depends...)
			}
			waits[name] = append(waits[name], res.Depends...)
		}
	}
	walk(reversed(waits), r.s.opt.Parallel, false, r.clean)
	if r.s.ctx.Err() != nil {
		return r.s.ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	status := UpdateComplete
	if r.stack.Operation.Phase == phaseRollbackCleanup {
		status = UpdateRollbackComplete
	}
	for _, res := range r.resources {
		if res.Step != nil && res.Step.Action == actionRemove && res.Status == DeleteFailed {
			res.Status = DeleteComplete // no part of the stack any more
		}
	}
	return r.finish(status, "")
}

// clean deletes what a resource was, and itself if it is to go.
func (r *run) clean(logical string) bool {
	res := r.resource(logical)
	for len(res.Garbage) > 0 {
		old := &Resource{Stack: r.stack.ID, Logical: logical, Version: res.Garbage[0]}
		policy := old.OnReplace
		if r.stack.Operation.Phase == phaseRollbackCleanup {
			policy = ""
		}
		if !r.removeVersion(old, policy, r.token(logical, "clean/"+old.Physical)) && r.s.ctx.Err() != nil {
			return false
		}
		res.Garbage = res.Garbage[1:]
		if r.saveOne(res) != nil {
			return false
		}
	}
	if res.Step == nil || res.Step.Action != actionRemove || res.Status == DeleteComplete || res.Status == DeleteSkipped {
		return true
	}
	policy := res.OnDelete
	if policy == "RetainExceptOnCreate" && r.stack.Operation.Phase == phaseRollbackCleanup {
		policy = ""
	}
	ok := r.removeVersion(res, policy, res.Step.Token)
	if r.s.ctx.Err() != nil {
		return false
	}
	return r.saveOne(res) == nil && ok
}

// removeVersion deletes a resource, unless its policy is to keep it, and tells
// so in events. res is saved with them where it is a resource of the stack.
func (r *run) removeVersion(res *Resource, policy, token string) bool {
	own := r.resource(res.Logical) == res
	tell := func(e Event) bool {
		c := Commit{Events: []Event{e}}
		if own {
			c.Resources = []*Resource{res}
		}
		return r.s.opt.Store.Commit(r.s.ctx, c) == nil
	}
	change := func(status, why string) bool { return tell(r.set(res, status, r.redact(why))) }
	k, ok := r.s.kinds.lookup(res.Type)
	if !ok || res.ByUnprovided {
		k = unprovided()
	}
	switch {
	case policy == "Retain" || policy == "RetainExceptOnCreate":
		return change(DeleteSkipped, "")
	case policy == "Snapshot":
		return change(DeleteFailed, "Salamander does not implement the DeletionPolicy Snapshot: set it to Delete or Retain") && false
	case res.Physical == "":
		return change(DeleteComplete, "") // it was never made
	}
	if res.Status != DeleteInProgress && !change(DeleteInProgress, "") {
		return false
	}
	if k.remove != nil {
		c := r.call(res, res.Version, token, true)
		if err := k.remove(c); err != nil {
			if !r.ended() {
				change(DeleteFailed, reason(err))
			}
			return false
		}
	}
	return change(DeleteComplete, "")
}

// delete deletes all resources: of a stack that is to go, or of one whose
// creation has failed.
func (r *run) delete() error {
	op := r.stack.Operation
	rolling := op.Kind == "CREATE"
	waits := map[string][]string{}
	for name, res := range r.resources {
		if res.Status != DeleteComplete && res.Status != DeleteSkipped {
			waits[name] = res.Depends
		}
	}
	bad := walk(reversed(waits), r.s.opt.Parallel, false, func(logical string) bool {
		res := r.resource(logical)
		for i := range res.Garbage { // of an update that failed
			r.removeVersion(&Resource{Stack: r.stack.ID, Logical: logical, Version: res.Garbage[i]}, res.Garbage[i].OnReplace, r.token(logical, "garbage/"+res.Garbage[i].Physical))
		}
		policy := res.OnDelete
		if slices.Contains(op.Retain, logical) {
			policy = "Retain"
		}
		if rolling && policy == "RetainExceptOnCreate" {
			policy = ""
		}
		return r.removeVersion(res, policy, r.token(logical, "delete/"+strconv.Itoa(op.Tries)))
	})
	if r.s.ctx.Err() != nil {
		return r.s.ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(bad) > 0 {
		status := DeleteFailed
		if rolling && op.OnFailure != "DELETE" {
			status = RollbackFailed
		}
		e := r.s.setStack(r.stack, status, strings.TrimSpace(failedText("delete", bad)))
		r.stack.Operation = nil
		return r.save(nil, e)
	}
	if rolling && op.OnFailure != "DELETE" {
		r.stack.Outputs = nil
		return r.finish(RollbackComplete, "")
	}
	r.stack.Outputs, r.stack.Imports = nil, nil
	return r.finish(DeleteComplete, "")
}
