package stack

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// A run carries out the operation of one stack.
type run struct {
	s      *Stacks
	repeat bool // the operation was begun by an earlier process
	done   chan struct{}

	mu        sync.Mutex // guards the fields below; the driver alone changes stack and redact, while no step runs
	stack     *Stack
	resources map[string]*Resource // a resource itself belongs to the step that works on it
	why       string               // a failure of the stack itself, in this phase
	giveUp    chan struct{}        // closed when waits are to end
	given     bool                 // giveUp is closed
	redact    func(string) string  // hides secrets in reasons
}

func newRun(s *Stacks, st *Stack, resources []*Resource, repeat bool) *run {
	r := &run{s: s, stack: st, repeat: repeat, done: make(chan struct{}), giveUp: make(chan struct{}), resources: map[string]*Resource{}}
	for _, res := range resources {
		r.resources[res.Logical] = res
	}
	r.redact = func(text string) string { return text }
	return r
}

// cancel ends what waits in this phase.
func (r *run) cancel() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.given {
		r.given = true
		close(r.giveUp)
	}
}

// drive goes through the phases until no operation is under way.
func (r *run) drive() error {
	for r.stack.Operation != nil {
		var err error
		switch phase := r.stack.Operation.Phase; phase {
		case phaseApply:
			err = r.apply()
		case phaseCleanup, phaseRollbackCleanup:
			err = r.cleanup()
		case phaseRollback:
			err = r.rollback()
		case phaseDelete:
			err = r.delete()
		default:
			err = fmt.Errorf("unknown phase %q", phase)
		}
		if err != nil {
			return err
		}
		r.mu.Lock()
		r.giveUp, r.given = make(chan struct{}), false // the next phase may wait again
		r.mu.Unlock()
	}
	return nil
}

// save commits the stack, resources and events.
func (r *run) save(resources []*Resource, events ...Event) error {
	return r.s.opt.Store.Commit(r.s.ctx, Commit{Stack: r.stack, Resources: resources, Events: events})
}

// saveOne commits a change of one resource. The stack stays as it is.
func (r *run) saveOne(res *Resource, events ...Event) error {
	return r.s.opt.Store.Commit(r.s.ctx, Commit{Resources: []*Resource{res}, Events: events})
}

// event makes an event of a resource.
func (r *run) event(res *Resource, status, why string) Event {
	return Event{ID: res.Logical + "-" + status + "-" + eventID(), Stack: r.stack.ID, StackName: r.stack.Name,
		Logical: res.Logical, Physical: res.Physical, Type: res.Type, Status: status, Reason: why,
		At: r.s.opt.Now(), Token: r.stack.Operation.Token}
}

// set gives a resource a status.
func (r *run) set(res *Resource, status, why string) Event {
	res.Status, res.Reason, res.Updated = status, why, r.s.opt.Now()
	return r.event(res, status, why)
}

// setStack gives the stack a status.
func (s *Stacks) setStack(st *Stack, status, why string) Event {
	now := s.opt.Now()
	st.Status, st.Reason = status, why
	switch status {
	case UpdateInProgress, UpdateRollbackInProgress:
		st.Updated = now
	case DeleteComplete, DeleteInProgress:
		st.Deleted = now
	}
	e := Event{ID: eventID(), Stack: st.ID, StackName: st.Name, Logical: st.Name, Physical: st.ID, Type: StackType,
		Status: status, Reason: why, At: now}
	if st.Operation != nil {
		e.Token = st.Operation.Token
	}
	return e
}

// call makes what a resource type works on.
func (r *run) call(res *Resource, v Version, token string, repeat bool) *call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &call{ctx: r.s.ctx, s: r.s, stack: r.stack, principal: r.principal(), logical: res.Logical, kind: v.Type, token: token, repeat: repeat,
		cancelled: r.giveUp, props: v.Properties, physical: v.Physical, attrs: copyOf(v.Attributes), private: copyOf(v.Private),
		tags: r.stack.Tags}
}

func (r *run) principal() string {
	if role := r.stack.Role; role != "" {
		return role
	}
	return r.stack.Operation.Principal
}

func copyOf[V any](m map[string]V) map[string]V {
	out := make(map[string]V, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// token names the calls of a step of the operation under way.
func (r *run) token(logical, step string) string {
	return "stack/" + r.stack.Operation.ID + "/" + logical + "/" + step
}

// ended reports whether the process is ending: then nothing is a failure.
func (r *run) ended() bool { return r.s.ctx.Err() != nil }

// failedText says which resources failed, as AWS does.
func failedText(verb string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return fmt.Sprintf("The following resource(s) failed to %s: [%s]. ", verb, strings.Join(names, ", "))
}

// apply brings the stack towards its target.
func (r *run) apply() error {
	op := r.stack.Operation
	plan, err := r.s.bind(r.stack, op.Target, op.Principal)
	if err != nil {
		return r.applied(nil, nil, err)
	}
	r.redact = plan.bound.Redact
	resolve := r.resolver()
	plan.resolver = resolve
	timer := r.deadline()
	defer timer()
	failed := r.earlierFailure()
	if !failed && !r.userCancelled() {
		bad := walk(plan.waits(), r.s.opt.Parallel, true, func(logical string) bool {
			ok := !r.userCancelled() && r.converge(plan, logical)
			if !ok {
				r.cancel()
			}
			return ok
		})
		failed = len(bad) > 0
	}
	if r.s.ctx.Err() != nil {
		return r.s.ctx.Err()
	}
	if failed || r.userCancelled() {
		return r.applied(nil, nil, errFailed)
	}
	outputs, err := plan.outputs()
	if err == nil {
		err = r.s.checkExports(r.s.ctx, r.stack, outputs)
	}
	return r.applied(outputs, resolve.imported(), err)
}

// userCancelled reports whether the user has cancelled the update.
func (r *run) userCancelled() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stack.Operation.Cancelled
}

// errFailed says that the resources tell what failed.
var errFailed = errors.New("a resource failed")

// deadline gives up the operation when its time is over.
func (r *run) deadline() (stop func()) {
	op := r.stack.Operation
	if op.Deadline.IsZero() {
		return func() {}
	}
	t := time.AfterFunc(op.Deadline.Sub(r.s.opt.Now()), func() {
		r.mu.Lock()
		r.why = "Stack creation time exceeded the specified timeout. "
		r.mu.Unlock()
		r.cancel()
	})
	return func() { t.Stop() }
}

// earlierFailure reports whether a resource has failed in this operation
// already, before the process was killed.
func (r *run) earlierFailure() bool {
	for _, res := range r.resources {
		if res.Step != nil && res.Step.Failed {
			return true
		}
	}
	return false
}

// applied ends the phase of applying.
func (r *run) applied(outputs []Output, imports []string, err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	op := r.stack.Operation
	if err == nil && op.Cancelled {
		err = errFailed
	}
	if err != nil {
		return r.applyFailed(err)
	}
	r.stack.Settings = *op.Target
	r.stack.Outputs, r.stack.Imports = outputs, imports
	if op.ChangeSet != "" {
		r.stack.ChangeSet = op.ChangeSet
	}
	if op.Kind == "CREATE" {
		return r.finish(CreateComplete, "")
	}
	op.Phase = phaseCleanup
	changed := r.collect(func(res *Resource) bool {
		step := res.Step
		if step == nil { // the target does not have it
			res.Step = &Step{Action: actionRemove, Token: r.token(res.Logical, "remove")}
			return true
		}
		if step.Action == actionReplace {
			res.Garbage = append(res.Garbage, *step.Former)
			return true
		}
		return false
	})
	return r.save(changed, r.s.setStack(r.stack, UpdateCompleteCleanupInProgress, ""))
}

// collect returns the resources that change changes.
func (r *run) collect(change func(*Resource) bool) []*Resource {
	var out []*Resource
	for _, name := range sortedKeys(r.resources) {
		if change(r.resources[name]) {
			out = append(out, r.resources[name])
		}
	}
	return out
}

// applyFailed decides what follows a failure. r.mu is held.
func (r *run) applyFailed(err error) error {
	op := r.stack.Operation
	why := r.why
	if !errors.Is(err, errFailed) {
		why = r.redact(strings.TrimSuffix(err.Error(), ".")) + ". "
	} else {
		var creating, updating []string
		for _, res := range r.resources {
			if res.Step != nil && res.Step.Failed {
				if res.Status == UpdateFailed {
					updating = append(updating, res.Logical)
				} else {
					creating = append(creating, res.Logical)
				}
			}
		}
		why += failedText("create", creating) + failedText("update", updating)
	}
	if op.Cancelled {
		why = "User Initiated"
	}
	r.why = ""
	status := RollbackInProgress
	if op.Kind == "UPDATE" {
		status = UpdateRollbackInProgress
	}
	if op.OnFailure == "DO_NOTHING" && !op.Cancelled {
		status = CreateFailed
		if op.Kind == "UPDATE" {
			status = UpdateFailed
		}
		r.stack.Stuck = op
		r.stack.Operation = nil
		e := r.s.setStack(r.stack, status, strings.TrimSpace(why))
		return r.save(nil, e)
	}
	op.Phase = phaseRollback
	if op.Kind == "CREATE" && !op.Cancelled {
		why += "Rollback requested by user."
	}
	if op.Kind == "CREATE" && op.OnFailure == "DELETE" {
		op.Phase, status = phaseDelete, DeleteInProgress
		if r.stack.Status == status {
			return r.save(nil) // the user has asked for it
		}
	}
	return r.save(nil, r.s.setStack(r.stack, status, strings.TrimSpace(why)))
}

// finish ends the operation. r.mu is held.
func (r *run) finish(status, why string) error {
	gone := []string{}
	kept := r.collect(func(res *Resource) bool {
		changed := res.Step != nil
		res.Step = nil
		if res.Status == DeleteComplete || res.Status == DeleteSkipped {
			gone = append(gone, res.Logical)
			return false
		}
		return changed
	})
	for _, name := range gone {
		delete(r.resources, name)
	}
	e := r.s.setStack(r.stack, status, why)
	r.stack.Operation, r.stack.Stuck = nil, nil
	return r.s.opt.Store.Commit(r.s.ctx, Commit{Stack: r.stack, Resources: kept, Removed: gone, Events: []Event{e}})
}
