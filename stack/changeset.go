package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"salamander/internal/arn"
	"salamander/operation"
	"salamander/stack/template"
)

// checkCapabilities refuses a template whose capabilities were not
// acknowledged. A change set shows what a transform makes.
func checkCapabilities(t *template.Template, given []string, changeSet bool) error {
	needed, _ := t.Capabilities()
	var missing []string
	for _, n := range needed {
		ok := slices.Contains(given, n) || n == template.CapabilityIAM && slices.Contains(given, template.CapabilityNamedIAM) ||
			n == template.CapabilityAutoExpand && changeSet
		if !ok {
			missing = append(missing, n)
		}
	}
	if missing == nil {
		return nil
	}
	return operation.Errorf("InsufficientCapabilitiesException", "Requires capabilities : [%s]", strings.Join(missing, ", "))
}

// The statuses of change sets.
const (
	changeSetFailed    = "FAILED"
	changeSetAvailable = "AVAILABLE"
	changeSetUnusable  = "UNAVAILABLE"
	changeSetObsolete  = "OBSOLETE"
)

const noChanges = "The submitted information didn't contain changes. Submit different information to create a change set."

// CreateChangeSet plans a change: the creation of a stack (kind CREATE), which
// is then in review, or the update of one. A change set that comes to nothing
// is there all the same, as FAILED.
func (s *Stacks) CreateChangeSet(ctx context.Context, req Request, name, description, kind string) (*ChangeSet, error) {
	if !namePattern().MatchString(name) {
		return nil, validation("1 validation error detected: Value '%s' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", name)
	}
	if kind == "CREATE" && !namePattern().MatchString(req.Name) {
		return nil, validation("1 validation error detected: Value '%s' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", req.Name)
	}
	st, err := s.Find(ctx, req.Scope, req.Name)
	isNew := codeOf(err) == "ValidationError"
	switch {
	case err != nil && !isNew:
		return nil, err
	case isNew && kind != "CREATE":
		return nil, validation("Stack [%s] does not exist", req.Name)
	case isNew:
		st = s.newStack(req)
	case kind == "CREATE" && st.Status != ReviewInProgress:
		return nil, validation("Stack [%s] already exists and cannot be created again with the changeSet [%s].", st.Name, name)
	case kind != "CREATE":
		if err := s.checkUpdatable(st); err != nil {
			return nil, err
		}
	}
	defer s.lock(req.Scope, st.Name)()
	set := &ChangeSet{ID: arn.New("cloudformation", st.Region, st.Account, "changeSet/"+name+"/"+uuidOf(req.ID+"/change")), Name: name,
		Stack: st.ID, StackName: st.Name, Kind: kind, Description: description, Created: s.opt.Now(), OnFailure: req.OnFailure,
		Status: CreateComplete, ExecutionStatus: changeSetAvailable}
	if others, err := s.opt.Store.ChangeSets(ctx, st.ID); err != nil {
		return nil, err
	} else if slices.ContainsFunc(others, func(o *ChangeSet) bool { return o.Name == name }) {
		return nil, operation.Errorf("AlreadyExistsException", "ChangeSet %s already exists", name)
	}
	req.ChangeSet = set.ID
	if err := s.prepare(st, &req); err != nil {
		return nil, err
	}
	changes, same, err := s.changes(ctx, st, &req.Settings, req.Principal)
	if err != nil {
		return nil, err
	}
	set.Target, set.Changes = req.Settings, changes
	if len(changes) == 0 && same && kind != "CREATE" {
		set.Status, set.Reason, set.ExecutionStatus = changeSetFailed, noChanges, changeSetUnusable
	}
	c := Commit{ChangeSets: []*ChangeSet{set}}
	if isNew {
		c.Stack, c.New = st, true
		c.Events = []Event{s.setStack(st, ReviewInProgress, "User Initiated")}
	}
	err = s.opt.Store.Commit(ctx, c)
	if errors.Is(err, ErrExists) {
		return nil, operation.Errorf("AlreadyExistsException", "Stack [%s] already exists", st.Name)
	}
	return set, err
}

// FindChangeSet returns a change set by its ID, or by its name and its stack's
// name or ID.
func (s *Stacks) FindChangeSet(ctx context.Context, scope Scope, name, stack string) (*ChangeSet, error) {
	missing := func(id string) error {
		return &operation.Error{Code: "ChangeSetNotFound", Status: 404, Message: fmt.Sprintf("ChangeSet [%s] does not exist", id)}
	}
	if strings.HasPrefix(name, "arn:") {
		set, err := s.opt.Store.ChangeSet(ctx, name)
		if errors.Is(err, ErrNotFound) {
			return nil, missing(name)
		}
		return set, err
	}
	if stack == "" {
		return nil, validation("StackName must be specified if ChangeSetName is not specified as an ARN.")
	}
	st, err := s.Find(ctx, scope, stack)
	if err != nil {
		if codeOf(err) == "ValidationError" {
			return nil, validation("Stack [%s] does not exist", stack)
		}
		return nil, err
	}
	sets, err := s.opt.Store.ChangeSets(ctx, st.ID)
	if err != nil {
		return nil, err
	}
	for _, set := range sets {
		if set.Name == name {
			return set, nil
		}
	}
	return nil, missing(name)
}

// ExecuteChangeSet begins the change that a change set has planned. The
// others of its stack are of no use then.
func (s *Stacks) ExecuteChangeSet(ctx context.Context, req Request, set *ChangeSet) error {
	defer s.lock(req.Scope, set.StackName)()
	set, err := s.opt.Store.ChangeSet(ctx, set.ID)
	if err != nil {
		return err
	}
	if set.ExecutionStatus != changeSetAvailable {
		return operation.Errorf("InvalidChangeSetStatus", "ChangeSet [%s] cannot be executed in its current status of [%s]", set.ID, set.Status)
	}
	st, err := s.Find(ctx, req.Scope, set.Stack)
	if err != nil {
		return err
	}
	kind := "UPDATE"
	if st.Status == ReviewInProgress {
		kind = "CREATE"
	} else if err := s.checkUpdatable(st); err != nil {
		return err
	}
	others, err := s.opt.Store.ChangeSets(ctx, st.ID)
	if err != nil {
		return err
	}
	c := Commit{}
	for _, o := range others {
		if o.ID != set.ID && o.ExecutionStatus == changeSetAvailable {
			o.ExecutionStatus = changeSetObsolete
			c.ChangeSets = append(c.ChangeSets, o)
		}
	}
	set.ExecutionStatus = "EXECUTE_COMPLETE"
	c.ChangeSets = append(c.ChangeSets, set)
	req.Settings, req.Parent, req.Root, req.ChangeSet = set.Target, st.Parent, st.Root, set.ID
	if req.OnFailure == "" {
		req.OnFailure = set.OnFailure
	}
	st.ChangeSet = set.ID
	st.DisableRollback = req.OnFailure == "DO_NOTHING"
	if err := s.begin(ctx, st, req, kind, false); err != nil {
		return err
	}
	return s.opt.Store.Commit(ctx, c)
}

// DeleteChangeSet deletes a change set. The stack stays.
func (s *Stacks) DeleteChangeSet(ctx context.Context, set *ChangeSet) error {
	return s.opt.Store.Commit(ctx, Commit{RemovedChangeSets: []string{set.ID}})
}

// ChangeSets returns the change sets of a stack, the oldest first.
func (s *Stacks) ChangeSets(ctx context.Context, st *Stack) ([]*ChangeSet, error) {
	return s.opt.Store.ChangeSets(ctx, st.ID)
}

// Cancel gives up the update of a stack and rolls it back.
func (s *Stacks) Cancel(ctx context.Context, scope Scope, name string) error {
	st, err := s.Find(ctx, scope, name)
	if err != nil {
		return updateMissing(name, err)
	}
	s.mu.Lock()
	r := s.runs[st.ID]
	s.mu.Unlock()
	if r == nil || st.Status != UpdateInProgress {
		return validation("CancelUpdateStack cannot be called from current stack status")
	}
	r.mu.Lock()
	op := r.stack.Operation
	if op == nil || op.Phase != phaseApply || op.Kind != "UPDATE" {
		r.mu.Unlock()
		return validation("CancelUpdateStack cannot be called from current stack status")
	}
	op.Cancelled = true
	err = s.opt.Store.Commit(ctx, Commit{Stack: r.stack})
	r.mu.Unlock()
	r.cancel()
	return err
}

// ContinueRollback takes up the rollback of an update that has failed, or that
// was not to be rolled back. skip are resources to leave as they are.
func (s *Stacks) ContinueRollback(ctx context.Context, scope Scope, name string, skip []string) (*Stack, error) {
	st, err := s.Find(ctx, scope, name)
	if err != nil {
		return nil, updateMissing(name, err)
	}
	defer s.lock(scope, st.Name)()
	if st, err = s.Find(ctx, scope, st.ID); err != nil {
		return nil, err
	}
	switch {
	case st.Stuck == nil || st.Busy():
		return nil, validation("Stack:%s is in %s state and can not be rolled back.", st.ID, st.Status)
	case st.Status == CreateFailed:
		st.Stuck.Phase = phaseDelete
	default:
		st.Stuck.Phase = phaseRollback
	}
	st.Operation, st.Stuck = st.Stuck, nil
	st.Operation.Skip, st.Operation.OnFailure = skip, "ROLLBACK"
	st.Operation.Tries++ // its calls are others
	status := UpdateRollbackInProgress
	if st.Operation.Kind == "CREATE" {
		status = RollbackInProgress
	}
	if err := s.opt.Store.Commit(ctx, Commit{Stack: st, Events: []Event{s.setStack(st, status, "User Initiated")}}); err != nil {
		return nil, err
	}
	return st, s.start(ctx, st.clone(), false)
}

// Protect sets the protection of a stack against deletion.
func (s *Stacks) Protect(ctx context.Context, scope Scope, name string, on bool) (*Stack, error) {
	st, err := s.Find(ctx, scope, name)
	if err != nil {
		return nil, updateMissing(name, err)
	}
	defer s.lock(scope, st.Name)()
	if st, err = s.Find(ctx, scope, st.ID); err != nil {
		return nil, err
	}
	if st.Busy() {
		return nil, validation("Stack [%s] is in %s state: its protection cannot change now", st.Name, st.Status)
	}
	st.Protected = on
	return st, s.opt.Store.Commit(ctx, Commit{Stack: st})
}

// Plan tells what a request would do, and changes nothing.
func (s *Stacks) Plan(ctx context.Context, req Request) ([]Change, error) {
	st, err := s.Find(ctx, req.Scope, req.Name)
	if codeOf(err) == "ValidationError" {
		st = s.newStack(req)
	} else if err != nil {
		return nil, err
	}
	if err := s.prepare(st, &req); err != nil {
		return nil, err
	}
	changes, _, err := s.changes(ctx, st, &req.Settings, req.Principal)
	return changes, err
}

// Stacks returns the stacks of a scope, the newest first.
func (s *Stacks) Stacks(ctx context.Context, scope Scope, deleted bool) ([]*Stack, error) {
	return s.opt.Store.Stacks(ctx, scope, deleted)
}

// Resources returns the resources of a stack by logical id.
func (s *Stacks) Resources(ctx context.Context, id string) ([]*Resource, error) {
	return s.opt.Store.Resources(ctx, id)
}

// Owner returns the stack that has a resource with the physical id.
func (s *Stacks) Owner(ctx context.Context, scope Scope, physical string) (*Stack, error) {
	id, err := s.opt.Store.Owner(ctx, scope, physical)
	if err != nil {
		return nil, err
	}
	return s.opt.Store.Stack(ctx, id)
}

// Events returns events of a stack, the newest first.
func (s *Stacks) Events(ctx context.Context, id string, before int64, limit int) ([]Event, error) {
	return s.opt.Store.Events(ctx, id, before, limit)
}

// Exports returns the exports of a scope, by name.
func (s *Stacks) Exports(ctx context.Context, scope Scope) ([]Export, error) {
	all, err := s.exports(ctx, scope)
	if err != nil {
		return nil, err
	}
	var out []Export
	for _, name := range sortedKeys(all) {
		out = append(out, all[name])
	}
	return out, nil
}
