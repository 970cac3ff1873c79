package stack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"salamander/operation"
	"salamander/stack/template"
)

// A Request asks for an operation on a stack.
type Request struct {
	Scope
	Principal string
	ID        string // unique for the request; a repeat has the same
	Name      string // or ID of the stack
	Token     string // ClientRequestToken

	Settings
	SameTemplate bool            // keep the template
	SameValues   map[string]bool // parameters that keep their value

	OnFailure string // ROLLBACK when empty
	Timeout   time.Duration
	Protect   bool
	Retain    []string // of a deletion
	Parent    string
	Root      string
	Nested    bool // the parent asks
	ChangeSet string
}

const noUpdates = "No updates are to be performed."

// validation returns AWS's error for what is wrong with a request.
func validation(format string, args ...any) *operation.Error {
	return operation.Errorf("ValidationError", format, args...)
}

func namePattern() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z][-a-zA-Z0-9]*$`) }

// Create begins the creation of a stack.
func (s *Stacks) Create(ctx context.Context, req Request) (*Stack, error) {
	if !namePattern().MatchString(req.Name) {
		return nil, validation("1 validation error detected: Value '%s' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*", req.Name)
	}
	defer s.lock(req.Scope, req.Name)()
	if old, err := s.opt.Store.Named(ctx, req.Scope, req.Name); err == nil {
		if req.Token != "" && old.Operation != nil && old.Operation.Token == req.Token && old.Operation.Kind == "CREATE" {
			return old, nil
		}
		if old.ID == StackARN(req.Scope, req.Name, uuidOf(req.ID)) {
			return old, nil // made by the call that this one repeats
		}
		return nil, operation.Errorf("AlreadyExistsException", "Stack [%s] already exists", req.Name)
	} else if !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	st := s.newStack(req)
	if err := s.prepare(st, &req); err != nil {
		return nil, err
	}
	if err := s.foresee(ctx, st, &req); err != nil {
		return nil, err
	}
	return st, s.begin(ctx, st, req, "CREATE", true)
}

// foresee refuses the creation of a stack whose resources are known to be
// wrong.
func (s *Stacks) foresee(ctx context.Context, st *Stack, req *Request) error {
	p, err := s.bind(st, &req.Settings, req.Principal)
	if err != nil {
		return templateError(err)
	}
	p.resolver = &resolver{ctx: ctx, s: s, scope: st.Scope, principal: req.Principal, unknown: true, types: p.typeOf}
	return s.judge(p)
}

// newStack returns a stack that is not in the store yet.
func (s *Stacks) newStack(req Request) *Stack {
	return &Stack{Scope: req.Scope, ID: StackARN(req.Scope, req.Name, uuidOf(req.ID)), Name: req.Name, Created: s.opt.Now(),
		Parent: req.Parent, Root: req.Root, Protected: req.Protect, Timeout: req.Timeout, DisableRollback: req.OnFailure == "DO_NOTHING" && req.Parent == ""}
}

// uuidOf returns id if it looks like a UUID, or one made from it.
func uuidOf(id string) string {
	if len(id) == 36 && strings.Count(id, "-") == 4 {
		return id
	}
	return eventIDOf(id)
}

// begin commits that an operation is under way, and starts it.
func (s *Stacks) begin(ctx context.Context, st *Stack, req Request, kind string, isNew bool) error {
	op := &Operation{ID: "op-" + req.ID, Token: req.Token, Kind: kind, Phase: phaseApply, OnFailure: req.OnFailure,
		Retain: req.Retain, ChangeSet: req.ChangeSet, Principal: req.Principal}
	if op.OnFailure == "" {
		op.OnFailure = "ROLLBACK"
	}
	status := map[string]string{"CREATE": CreateInProgress, "UPDATE": UpdateInProgress, "DELETE": DeleteInProgress}[kind]
	if kind == "DELETE" {
		op.Phase = phaseDelete
	} else {
		target := req.Settings
		op.Target = &target
	}
	if kind == "CREATE" {
		// What is described while it is made is what was asked for.
		st.Settings = req.Settings
		if st.Timeout > 0 {
			op.Deadline = s.opt.Now().Add(st.Timeout)
		}
	}
	resources, err := s.opt.Store.Resources(ctx, st.ID)
	if err != nil {
		return err
	}
	var changed []*Resource
	for _, res := range resources { // left by an operation that was not rolled back
		if res.Step == nil {
			continue
		}
		if res.Step.Action == actionReplace && res.Step.Former != nil && !res.Step.Undone {
			res.Garbage = append(res.Garbage, *res.Step.Former)
		}
		res.Step = nil
		changed = append(changed, res)
	}
	st.Operation, st.Stuck = op, nil
	e := s.setStack(st, status, "User Initiated")
	if req.Nested || req.Parent != "" {
		e.Reason = ""
		st.Reason = ""
	}
	err = s.opt.Store.Commit(ctx, Commit{Stack: st, New: isNew, Resources: changed, Events: []Event{e}})
	if errors.Is(err, ErrExists) {
		return operation.Errorf("AlreadyExistsException", "Stack [%s] already exists", st.Name)
	} else if err != nil {
		return err
	}
	return s.start(ctx, st.clone(), false)
}

// clone returns a copy, so that the caller's and the run's do not meet.
func (st *Stack) clone() *Stack {
	c := *st
	return &c
}

// Find returns a stack by its name or ID: a deleted one by its ID alone.
func (s *Stacks) Find(ctx context.Context, scope Scope, name string) (*Stack, error) {
	var st *Stack
	var err error
	if strings.HasPrefix(name, "arn:") {
		if st, err = s.opt.Store.Stack(ctx, name); err == nil && st.Scope != scope {
			err = ErrNotFound
		}
	} else {
		st, err = s.opt.Store.Named(ctx, scope, name)
	}
	if errors.Is(err, ErrNotFound) {
		return nil, validation("Stack with id %s does not exist", name)
	}
	return st, err
}

// Update begins the update of a stack.
func (s *Stacks) Update(ctx context.Context, req Request) (*Stack, error) {
	st, err := s.Find(ctx, req.Scope, req.Name)
	if err != nil {
		return nil, updateMissing(req.Name, err)
	}
	defer s.lock(req.Scope, st.Name)()
	if st, err = s.Find(ctx, req.Scope, st.ID); err != nil {
		return nil, err
	}
	if !st.Live() {
		return nil, validation("Stack [%s] does not exist", st.Name)
	}
	if err := s.checkUpdatable(st); err != nil {
		return nil, err
	}
	if err := s.prepare(st, &req); err != nil {
		return nil, err
	}
	changes, same, err := s.changes(ctx, st, &req.Settings, req.Principal)
	if err != nil {
		return nil, err
	}
	if len(changes) == 0 && same && st.Status != UpdateFailed {
		return nil, validation(noUpdates)
	}
	return st, s.begin(ctx, st, req, "UPDATE", false)
}

func updateMissing(name string, err error) error {
	if codeOf(err) == "ValidationError" {
		return validation("Stack [%s] does not exist", name)
	}
	return err
}

func (s *Stacks) checkUpdatable(st *Stack) error {
	switch st.Status {
	case CreateComplete, UpdateComplete, UpdateRollbackComplete, UpdateFailed:
		if !st.Busy() {
			return nil
		}
	}
	return validation("Stack:%s is in %s state and can not be updated.", st.ID, st.Status)
}

// Delete begins the deletion of a stack. A stack that is not there is deleted
// already, and nil comes back.
func (s *Stacks) Delete(ctx context.Context, req Request) (*Stack, error) {
	st, err := s.Find(ctx, req.Scope, req.Name)
	if codeOf(err) == "ValidationError" {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer s.lock(req.Scope, st.Name)()
	if st, err = s.Find(ctx, req.Scope, st.ID); err != nil || !st.Live() {
		return nil, err
	}
	switch {
	case st.Busy() && st.Status == DeleteInProgress:
		return st, nil
	case st.Busy() && (st.Status != CreateInProgress || st.Protected || st.Parent != ""):
		return nil, validation("Stack [%s] cannot be deleted while in status %s", st.Name, st.Status)
	case st.Protected && !req.Nested:
		return nil, validation("Stack [%s] cannot be deleted while TerminationProtection is enabled", st.Name)
	case st.Parent != "" && !req.Nested:
		if parent, err := s.opt.Store.Stack(ctx, st.Parent); err == nil && parent.Live() {
			return nil, validation("Stack [%s] is nested in %s: delete that one", st.Name, parent.Name)
		}
	case len(req.Retain) > 0 && st.Status != DeleteFailed:
		return nil, validation("Invalid operation on stack [%s]. Resources can be retained only when the stack is in the DELETE_FAILED state.", st.ID)
	}
	if st.Busy() {
		return st, s.abandon(ctx, st)
	}
	if err := s.checkExports(ctx, st, nil); err != nil {
		return st, s.refuseDeletion(ctx, st, err)
	}
	return st, s.begin(ctx, st, req, "DELETE", false)
}

// abandon gives up the creation of a stack: what was made is deleted.
func (s *Stacks) abandon(ctx context.Context, st *Stack) error {
	s.mu.Lock()
	r := s.runs[st.ID]
	s.mu.Unlock()
	refused := validation("Stack [%s] cannot be deleted while in status %s", st.Name, st.Status)
	if r == nil {
		return refused
	}
	r.mu.Lock()
	op := r.stack.Operation
	if op == nil || op.Phase != phaseApply || op.Kind != "CREATE" {
		r.mu.Unlock()
		return refused // it has come to its end just now
	}
	op.Cancelled, op.OnFailure = true, "DELETE"
	err := s.opt.Store.Commit(ctx, Commit{Stack: r.stack, Events: []Event{s.setStack(r.stack, DeleteInProgress, "User Initiated")}})
	r.mu.Unlock()
	r.cancel()
	return err
}

// refuseDeletion records that a stack cannot be deleted. The call itself has
// succeeded, as on AWS, and the stack stays what it was.
func (s *Stacks) refuseDeletion(ctx context.Context, st *Stack, why error) error {
	return s.opt.Store.Commit(ctx, Commit{Stack: st, Events: []Event{s.setStack(st, st.Status, "Delete canceled. "+why.Error())}})
}

// prepare completes and judges a request: its template, the values of its
// parameters, its capabilities and the types of its resources.
func (s *Stacks) prepare(st *Stack, req *Request) error {
	if req.SameTemplate {
		req.Settings.Template = st.Settings.Template
	}
	if req.Settings.Template == "" {
		return validation("Either Template URL or Template Body must be specified.")
	}
	t, err := template.Parse([]byte(req.Settings.Template))
	if err != nil {
		return templateError(err)
	}
	if err := s.values(t, st, req); err != nil {
		return err
	}
	req.Settings.Description = t.Description
	p, err := s.bindTo(t, st, &req.Settings, req.Principal)
	if err != nil {
		return templateError(err)
	}
	if err := checkCapabilities(t, req.Capabilities, req.ChangeSet != ""); err != nil {
		return err
	}
	return s.supported(p, req.Unsupported)
}

// templateError gives a mistake of a template AWS's code.
func templateError(err error) error {
	var e *operation.Error
	if errors.As(err, &e) {
		return err
	}
	return validation("%s", err.Error())
}

// values completes the parameters of a request, and marks the secret ones.
func (s *Stacks) values(t *template.Template, st *Stack, req *Request) error {
	had := map[string]string{}
	for _, p := range st.Settings.Parameters {
		had[p.Key] = p.Value
	}
	var all []Parameter
	for _, p := range req.Settings.Parameters {
		if req.SameValues[p.Key] {
			v, ok := had[p.Key]
			if !ok {
				if t.Parameter(p.Key) == nil {
					return validation("Parameters: [%s] do not exist in the template", p.Key)
				}
				return validation("Invalid input for parameter key %s. Cannot specify usePreviousValue as true for a parameter key not in the previous template", p.Key)
			}
			p.Value = v
		}
		if d := t.Parameter(p.Key); d != nil {
			p.NoEcho = d.NoEcho
		}
		all = append(all, p)
	}
	for _, d := range t.Parameters { // defaults are values too, and described
		if d.Default != nil && !slices.ContainsFunc(all, func(p Parameter) bool { return p.Key == d.Name }) {
			all = append(all, Parameter{Key: d.Name, Value: *d.Default, NoEcho: d.NoEcho})
		}
	}
	req.Settings.Parameters = all
	return nil
}

// supported refuses resources of types that there are not, all of them by
// name, before anything is made.
func (s *Stacks) supported(p *plan, lenient bool) error {
	var problems []string
	for _, r := range p.bound.Resources() {
		k, ok := s.kinds.lookup(r.Type)
		switch {
		case !ok && lenient:
		case !ok:
			problems = append(problems, fmt.Sprintf("resource %s (line %d): Salamander does not implement the resource type %s", r.ID, r.Node.At.Line, r.Type))
		default:
			if need := k.lacking(s.opt.Registry); need != "" {
				problems = append(problems, fmt.Sprintf("resource %s (line %d): the resource type %s needs %s, which Salamander does not implement", r.ID, r.Node.At.Line, r.Type, need))
			}
		}
	}
	if problems == nil {
		return nil
	}
	return validation("Template format error: Unrecognized resource types: %s", strings.Join(problems, "; "))
}

// Template returns the text of a template in S3.
func (s *Stacks) Template(ctx context.Context, caller operation.Caller, address string) (string, error) {
	bucket, key, err := locate(address)
	if err != nil {
		return "", err
	}
	b, err := s.object(ctx, caller, bucket, key, "")
	if err != nil {
		e := operation.AsError(err)
		return "", validation("S3 error: %s", e.Message)
	}
	return string(b), nil
}

// locate returns the bucket and the key that an address of S3 names, in any
// of its forms.
func locate(address string) (bucket, key string, err error) {
	bad := validation("TemplateURL must be a supported URL: got %q", address)
	u, err := url.Parse(address)
	if err != nil {
		return "", "", bad
	}
	path := strings.TrimPrefix(u.Path, "/")
	switch host := u.Hostname(); {
	case u.Scheme == "s3":
		bucket, key = host, path
	case u.Scheme != "https" && u.Scheme != "http":
		return "", "", bad
	case strings.Contains(host, ".s3.") || strings.Contains(host, ".s3-"):
		bucket, key = host[:strings.Index(host, ".s3")], path
	default: // s3.amazonaws.com, s3.us-east-1.amazonaws.com, our own endpoint
		bucket, key, _ = strings.Cut(path, "/")
	}
	if bucket == "" || key == "" {
		return "", "", bad
	}
	return bucket, key, nil
}
