package states

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"salamander/asl"
	"salamander/engine"
	"salamander/operation"
)

// ownService holds what Salamander does and AWS does not; no SDK asks it.
const ownService = "salamander"

// RegisterOwn registers the redrives that AWS does not have, under the service
// "salamander": RedriveExecution and PreviewRedrive.
func RegisterOwn(r *operation.Registry, s *Service) {
	operation.Register(r, operation.Spec{Service: ownService, Name: "RedriveExecution", Mutates: true}, s.RedriveWith)
	operation.Register(r, operation.Spec{Service: ownService, Name: "PreviewRedrive"}, s.PreviewRedrive)
}

// A RedriveWithInput is the input of [Service.RedriveWith] and of
// [Service.PreviewRedrive]. Without its changes it asks for AWS's redrive.
type RedriveWithInput struct {
	ExecutionArn string            `json:"executionArn"`
	ClientToken  string            `json:"clientToken"` // as RedriveExecution has it
	From         string            `json:"from"`        // the state that begins anew
	Definition   string            `json:"definition"`  // another definition
	Input        *string           `json:"input"`       // of the state that begins anew; JSON
	Outputs      map[string]string `json:"outputs"`     // of states by their names, JSON; they do nothing then
}

// RedriveWith takes up an execution that ended without success as
// RedriveExecution does, but from another state, with another definition or
// input, or with outputs that are given. The history's ExecutionRedriven
// event, and DescribeExecution, tell so in a member "salamander".
func (s *Service) RedriveWith(ctx context.Context, in *RedriveWithInput) (*RedriveExecutionOutput, error) {
	r, err := s.repair(ctx, in)
	if err != nil {
		return nil, err
	}
	at, err := s.engine.RedriveWith(ctx, in.ExecutionArn, in.ClientToken, r)
	if err != nil {
		return nil, redriveError(in.ExecutionArn, err)
	}
	return &RedriveExecutionOutput{operation.Time{Time: at}}, nil
}

// PreviewRedriveOutput tells what a redrive would do.
type PreviewRedriveOutput struct {
	RedriveCount int             `json:"redriveCount"` // which the redrive would have
	RedriveUntil operation.Time  `json:"redriveUntil"` // until when the execution can be redriven
	Events       int64           `json:"events"`       // of the history
	Changed      bool            `json:"definitionChanged"`
	Resumes      []ResumedState  `json:"resumes"` // what it goes on with
	Kept         []string        `json:"kept"`    // branches and iterations whose results stay
	Then         []string        `json:"then"`    // states that can follow the forks
	Tasks        []PreviewedTask `json:"tasks"`   // which would run first
	Timers       []string        `json:"timers"`  // which would be set first, RFC 3339
	MapRuns      []TakenUpMapRun `json:"mapRuns"` // which would go on
	Ends         *PreviewedEnd   `json:"ends,omitempty"`
}

// A ResumedState is a state that a redrive goes on with.
type ResumedState struct {
	In      string   `json:"in,omitempty"` // the forks around it: "All[0]"
	State   string   `json:"state"`
	Type    string   `json:"type"`
	Input   string   `json:"input"`
	Entered bool     `json:"entered"` // it is entered again
	Given   bool     `json:"given"`   // its output is given
	Then    []string `json:"then"`    // states that can follow
}

// A TakenUpMapRun is one that a redrive goes on with.
type TakenUpMapRun struct {
	State string `json:"state"`
	ARN   string `json:"mapRunArn"`
	Again int64  `json:"again"` // children that would run again or for the first time
	Kept  int64  `json:"kept"`  // children that stay as they are
}

// A PreviewedTask is one that would run.
type PreviewedTask struct {
	State      string `json:"state"`
	Resource   string `json:"resource"`
	Parameters string `json:"parameters"`
}

// A PreviewedEnd is how an execution would end at once.
type PreviewedEnd struct {
	Status string  `json:"status"`
	Output *string `json:"output,omitempty"`
	Error  *string `json:"error,omitempty"`
	Cause  *string `json:"cause,omitempty"`
}

// PreviewRedrive tells what [Service.RedriveWith] would do, and changes
// nothing.
func (s *Service) PreviewRedrive(ctx context.Context, in *RedriveWithInput) (*PreviewRedriveOutput, error) {
	r, err := s.repair(ctx, in)
	if err != nil {
		return nil, err
	}
	p, err := s.engine.PreviewRedrive(ctx, in.ExecutionArn, r)
	if err != nil {
		return nil, redriveError(in.ExecutionArn, err)
	}
	out := &PreviewRedriveOutput{RedriveCount: p.Redrives, RedriveUntil: operation.Time{Time: s.time().Add(p.Retains)}, Events: p.Events, Changed: p.Changed,
		Resumes: []ResumedState{}, Kept: list(p.Kept), Then: list(p.Then), Tasks: []PreviewedTask{}, Timers: []string{}, MapRuns: []TakenUpMapRun{}}
	for _, one := range p.Resumes {
		out.Resumes = append(out.Resumes, ResumedState{In: one.In, State: one.State, Type: one.Type, Input: string(one.Input),
			Entered: one.Entered, Given: one.Given, Then: list(one.Then)})
	}
	for _, t := range p.Tasks {
		out.Tasks = append(out.Tasks, PreviewedTask{t.State, t.Integration.Resource, string(t.Parameters)})
	}
	for _, at := range p.Timers {
		out.Timers = append(out.Timers, at.Format(time.RFC3339Nano))
	}
	for _, m := range p.MapRuns {
		out.MapRuns = append(out.MapRuns, TakenUpMapRun(m))
	}
	if o := p.Outcome; o != nil {
		out.Ends = &PreviewedEnd{o.Status, o.Output, o.Error, o.Cause}
	}
	return out, nil
}

// list makes no names an empty list.
func list(names []string) []string { return append([]string{}, names...) }

// repair reads the changes of a redrive of the caller's execution.
func (s *Service) repair(ctx context.Context, in *RedriveWithInput) (engine.Repair, error) {
	if _, err := s.execution(ctx, in.ExecutionArn); err != nil {
		return engine.Repair{}, err
	}
	r := engine.Repair{Definition: in.Definition, From: in.From, By: operation.CallerOf(ctx).Principal}
	if in.Input != nil {
		r.Input = json.RawMessage(*in.Input)
	}
	for name, text := range in.Outputs {
		if r.Outputs == nil {
			r.Outputs = map[string]json.RawMessage{}
		}
		r.Outputs[name] = json.RawMessage(text)
	}
	return r, nil
}

// redriveError gives an error of a redrive its form for the caller.
func redriveError(arn string, err error) error {
	var no *engine.NotRedrivableError
	var unfit *asl.RepairError
	var mistakes asl.Errors
	switch {
	case errors.As(err, &no):
		return operation.Errorf("ExecutionNotRedrivable", "%s", no.Reason)
	case errors.As(err, &unfit):
		return operation.Errorf("ValidationException", "%s", unfit.Msg)
	case errors.As(err, &mistakes):
		return operation.Errorf("InvalidDefinition", "%s", mistakes.AWSMessage())
	case errors.Is(err, engine.ErrNotFound):
		return executionMissing(arn)
	}
	return atEngine(err)
}

// OwnDetails is what DescribeExecution tells beside AWS's members, where there
// is something to tell.
type OwnDetails struct {
	Redrives []engine.Repaired `json:"redrives"` // those that changed something
}

// ownDetails tells what redrives changed in an execution; nil where none did.
func (s *Service) ownDetails(ctx context.Context, ex engine.Execution) (*OwnDetails, error) {
	if ex.Redrives == 0 {
		return nil, nil
	}
	all, err := s.store.Repairs(ctx, ex.Key)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &OwnDetails{all}, nil
}
