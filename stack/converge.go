package stack

import (
	"errors"
	"strings"
)

// converge brings one resource to the target. It reports whether it is there.
func (r *run) converge(plan *plan, logical string) bool {
	res := r.resource(logical)
	if res != nil && res.Step != nil && res.Step.Done {
		return true // before the process was killed
	}
	want, err := plan.version(logical)
	if err != nil {
		return r.unevaluated(plan, logical, res, err)
	}
	k, supported := r.s.kinds.lookup(want.Type)
	if !supported {
		want.ByUnprovided, k = true, unprovided()
	}
	if err := k.check(want.Properties); err != nil {
		return r.unevaluated(plan, logical, res, err)
	}
	if err := k.checkTypes(want.Properties); err != nil {
		return r.unevaluated(plan, logical, res, err)
	}
	if k.tagged {
		want.Properties = withTags(want.Properties, r.stack.Operation.Target.Tags)
	}
	switch {
	case res == nil:
		res = &Resource{Stack: r.stack.ID, Logical: logical, Version: want, Step: &Step{Action: actionCreate, Token: r.token(logical, "create")}}
		return r.create(k, res, want, plan, false)
	case res.Step != nil: // begun before the process was killed
		switch res.Step.Action {
		case actionUpdate:
			return r.update(k, res, want, plan, true)
		default:
			return r.create(k, res, want, plan, true)
		}
	}
	return r.change(k, res, want, plan)
}

func (r *run) resource(logical string) *Resource {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.resources[logical]
}

func (r *run) add(res *Resource) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resources[res.Logical] = res
}

// withTags adds the stack's tags to a resource's.
func withTags(props map[string]any, tags []Tag) map[string]any {
	own := tagsOf(props)
	if len(tags) == 0 {
		return props
	}
	all := map[string]any{}
	for _, t := range tags {
		all[t.Key] = t.Value
	}
	for k, v := range own {
		all[k] = v
	}
	out := copyOf(props)
	out["Tags"] = tagList(all)
	if _, isMap := props["Tags"].(map[string]any); isMap {
		out["Tags"] = all
	}
	return out
}

// unevaluated records that a resource's properties could not be told.
func (r *run) unevaluated(plan *plan, logical string, res *Resource, err error) bool {
	if r.ended() {
		return false
	}
	status := CreateFailed
	if res == nil {
		res = &Resource{Stack: r.stack.ID, Logical: logical, Version: Version{Type: plan.typeOf(logical)}, Step: &Step{Action: actionCreate}}
	} else if res.Step == nil {
		former := res.Version
		res.Step = &Step{Action: actionNone, Former: &former}
		status = UpdateFailed
	}
	return r.fail(res, status, err)
}

// fail records the failure of a step.
func (r *run) fail(res *Resource, status string, err error) bool {
	if r.ended() {
		return false // the step goes on with the next start
	}
	why := r.redact(reason(err))
	if errors.Is(err, errCancelled) {
		why = "Resource creation cancelled"
		if status == UpdateFailed {
			why = "Resource update cancelled"
		}
	}
	r.add(res)
	res.Step.Failed = true
	if err := r.saveOne(res, r.set(res, status, why)); err != nil {
		r.s.opt.Log.Error("stack", "stack", r.stack.ID, "resource", res.Logical, "err", err)
	}
	return false
}

// begin commits that a step is begun.
func (r *run) begin(res *Resource, status, why string, properties map[string]any) error {
	r.add(res)
	e := r.set(res, status, why)
	e.Properties = properties
	return r.saveOne(res, e)
}

// create makes a resource, or another in the place of one.
func (r *run) create(k *kind, res *Resource, want Version, plan *plan, repeat bool) bool {
	verb, failed, complete := CreateInProgress, CreateFailed, CreateComplete
	replacing := res.Step.Action == actionReplace
	if replacing {
		verb, failed, complete = UpdateInProgress, UpdateFailed, UpdateComplete
	}
	masked := plan.masked(res.Logical)
	if !repeat {
		why := ""
		if replacing {
			why = "Requested update requires the creation of a new physical resource; hence creating one."
		} else {
			res.Version = want
		}
		if err := r.begin(res, verb, why, masked); err != nil {
			return r.fail(res, failed, err)
		}
	}
	c := r.call(res, want, res.Step.Token, repeat)
	if replacing {
		c.private = copyOf(res.Step.Former.Private) // a revision of the same name
	}
	err := k.create(c)
	if r.ended() {
		return false
	}
	want.Physical, want.Attributes, want.Private = c.physical, c.attrs, c.private
	res.Version = want
	if err != nil {
		return r.fail(res, failed, err)
	}
	return r.complete(res, complete, r.eventWith(res, verb, "Resource creation Initiated", masked))
}

func (r *run) eventWith(res *Resource, status, why string, properties map[string]any) Event {
	e := r.event(res, status, why)
	e.Properties = properties
	return e
}

// complete commits that a step is done.
func (r *run) complete(res *Resource, status string, before ...Event) bool {
	res.Step.Done = true
	err := r.saveOne(res, append(before, r.set(res, status, ""))...)
	if err != nil {
		return r.fail(res, strings.Replace(status, "COMPLETE", "FAILED", 1), err)
	}
	return true
}

// change updates or replaces a resource, or leaves it as it is.
func (r *run) change(k *kind, res *Resource, want Version, plan *plan) bool {
	former := res.Version
	want.Physical, want.Attributes, want.Private = former.Physical, former.Attributes, former.Private
	changed := changedProperties(former.Properties, want.Properties)
	if former.Type != want.Type {
		return r.unevaluated(plan, res.Logical, res, sayf("Update of resource type is not permitted. The new template modifies resource type of the following resources: [%s]", res.Logical))
	}
	if len(changed) == 0 && !k.always {
		res.Version = want
		res.Step = &Step{Action: actionNone, Done: true, Former: &former}
		return r.saveOne(res) == nil
	}
	res.Step = &Step{Former: &former}
	if recreating := k.replaces(changed); len(recreating) > 0 {
		res.Step.Action, res.Step.Token = actionReplace, r.token(res.Logical, "replace")
		if name := k.named; name != "" && scalarText(want.Properties[name]) != "" && equal(want.Properties[name], former.Properties[name]) {
			return r.fail(res, UpdateFailed, sayf("CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename %s and update the stack again.", scalarText(want.Properties[name])))
		}
		return r.create(k, res, want, plan, false)
	}
	res.Step.Action, res.Step.Token = actionUpdate, r.token(res.Logical, "update")
	return r.update(k, res, want, plan, false)
}

// update changes a resource in its place.
func (r *run) update(k *kind, res *Resource, want Version, plan *plan, repeat bool) bool {
	if !repeat {
		if err := r.begin(res, UpdateInProgress, "", plan.masked(res.Logical)); err != nil {
			return r.fail(res, UpdateFailed, err)
		}
	}
	former := res.Step.Former
	want.Physical, want.Attributes, want.Private = former.Physical, former.Attributes, former.Private
	c := r.call(res, want, res.Step.Token, repeat)
	c.old = former.Properties
	err := k.update(c)
	if err != nil {
		return r.fail(res, UpdateFailed, err)
	}
	r.settle(res, want, c)
	return r.complete(res, UpdateComplete)
}

// settle takes over what an update came to. A custom resource may answer
// another physical id: then the former one is to be deleted.
func (r *run) settle(res *Resource, want Version, c *call) {
	want.Physical, want.Attributes, want.Private = c.physical, c.attrs, c.private
	if former := res.Step.Former; former.Physical != c.physical {
		res.Step.Action = actionReplace
	}
	res.Version = want
}

// unprovided is the kind of unsupported types that a caller has allowed:
// nothing is made.
func unprovided() *kind {
	return &kind{opaque: true,
		create: func(c *call) error { c.physical = c.generate(naming{}); return nil },
		update: func(*call) error { return nil },
	}
}
