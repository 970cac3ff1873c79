// Package states is the AWS operations of Step Functions, over the engine.
package states

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"salamander/engine"
	"salamander/internal/arn"
	"salamander/operation"
)

// A Service carries out the operations. It is safe for many goroutines.
type Service struct {
	engine *engine.Engine
	store  engine.Store
	groups LogGroups
	now    func() time.Time

	mu sync.Mutex // held while a machine or an activity is changed
}

// New returns the operations over an engine and its store. groups knows the
// log groups that executions can log to.
func New(e *engine.Engine, store engine.Store, groups LogGroups) *Service {
	return &Service{engine: e, store: store, groups: groups, now: time.Now}
}

// Register registers the operations of Step Functions, those that are not
// implemented too, by name.
func Register(r *operation.Registry, s *Service) {
	read := func(name string) operation.Spec { return operation.Spec{Service: "states", Name: name} }
	write := func(name string) operation.Spec { return operation.Spec{Service: "states", Name: name, Mutates: true} }
	partial := func(name, note string) operation.Spec {
		return operation.Spec{Service: "states", Name: name, Mutates: true, Status: operation.Partial, Note: note}
	}
	const endedToken = "the token of a task that has ended gives InvalidToken, not TaskTimedOut"
	operation.Register(r, partial("CreateStateMachine", "no tracing or customer keys"), s.CreateStateMachine)
	operation.Register(r, partial("UpdateStateMachine", "no tracing or customer keys"), s.UpdateStateMachine)
	operation.Register(r, read("DescribeStateMachine"), s.DescribeStateMachine)
	operation.Register(r, read("DescribeStateMachineForExecution"), s.DescribeStateMachineForExecution)
	operation.Register(r, write("DeleteStateMachine"), s.DeleteStateMachine)
	operation.Register(r, read("ListStateMachines"), s.ListStateMachines)
	operation.Register(r, read("ValidateStateMachineDefinition"), s.ValidateStateMachineDefinition)
	operation.Register(r, operation.Spec{Service: "states", Name: "TestState", Status: operation.Partial, Note: "HTTP tasks and tasks that wait only with a mock; mocked results of some services need fieldValidationMode NONE"}, s.TestState)
	operation.Register(r, write("StartExecution"), s.StartExecution)
	operation.Register(r, write("StartSyncExecution"), s.StartSyncExecution)
	operation.Register(r, write("StopExecution"), s.StopExecution)
	operation.Register(r, write("RedriveExecution"), s.RedriveExecution)
	operation.Register(r, read("DescribeExecution"), s.DescribeExecution)
	operation.Register(r, read("ListExecutions"), s.ListExecutions)
	operation.Register(r, read("GetExecutionHistory"), s.GetExecutionHistory)
	operation.Register(r, partial("SendTaskSuccess", endedToken), s.SendTaskSuccess)
	operation.Register(r, partial("SendTaskFailure", endedToken), s.SendTaskFailure)
	operation.Register(r, partial("SendTaskHeartbeat", endedToken), s.SendTaskHeartbeat)
	operation.Register(r, write("CreateActivity"), s.CreateActivity)
	operation.Register(r, read("DescribeActivity"), s.DescribeActivity)
	operation.Register(r, write("DeleteActivity"), s.DeleteActivity)
	operation.Register(r, read("ListActivities"), s.ListActivities)
	operation.Register(r, write("GetActivityTask"), s.GetActivityTask)
	operation.Register(r, write("TagResource"), s.TagResource)
	operation.Register(r, write("UntagResource"), s.UntagResource)
	operation.Register(r, read("ListTagsForResource"), s.ListTagsForResource)
	operation.Register(r, write("PublishStateMachineVersion"), s.PublishStateMachineVersion)
	operation.Register(r, write("DeleteStateMachineVersion"), s.DeleteStateMachineVersion)
	operation.Register(r, read("ListStateMachineVersions"), s.ListStateMachineVersions)
	operation.Register(r, write("CreateStateMachineAlias"), s.CreateStateMachineAlias)
	operation.Register(r, write("UpdateStateMachineAlias"), s.UpdateStateMachineAlias)
	operation.Register(r, write("DeleteStateMachineAlias"), s.DeleteStateMachineAlias)
	operation.Register(r, read("DescribeStateMachineAlias"), s.DescribeStateMachineAlias)
	operation.Register(r, read("ListStateMachineAliases"), s.ListStateMachineAliases)
	operation.Register(r, read("DescribeMapRun"), s.DescribeMapRun)
	operation.Register(r, read("ListMapRuns"), s.ListMapRuns)
	operation.Register(r, write("UpdateMapRun"), s.UpdateMapRun)
}

// parseARN judges an ARN as AWS does before it looks for the resource. kinds
// are the resource types that the operation takes.
func parseARN(text string, kinds ...string) (arn.ARN, error) {
	if !strings.HasPrefix(text, "arn:") {
		return arn.ARN{}, invalidARN("Invalid ARN prefix: " + text)
	}
	a, err := arn.Parse(text)
	if err != nil {
		return arn.ARN{}, invalidARN("Invalid ARN: " + text)
	}
	if a.Service != "states" {
		return arn.ARN{}, invalidARN("Invalid ARN: Service not 'states': " + text)
	}
	kind, _, _ := strings.Cut(a.Resource, ":")
	for _, k := range kinds {
		if kind == k {
			return a, nil
		}
	}
	return arn.ARN{}, invalidARN("Resource type not valid in this context: " + kind)
}

func invalidARN(why string) error { return operation.Errorf("InvalidArn", "Invalid Arn: '%s'", why) }

// own reports whether the caller may see the resource: account and region are
// part of every key.
func own(ctx context.Context, a arn.ARN) bool {
	c := operation.CallerOf(ctx)
	return a.Account == c.Account && a.Region == c.Region
}

// nameChars are characters that no name of machine, activity or execution has.
const nameChars = " <>{}[]?*\"#%\\^|~`$&,;:/"

// checkName judges a name, of 80 characters at most.
func checkName(name string) error {
	bad := name == "" || len([]rune(name)) > 80 || strings.ContainsAny(name, nameChars)
	for _, r := range name {
		bad = bad || r < 0x20 || r >= 0x7f && r <= 0x9f || r == 0xfffe || r == 0xffff
	}
	if bad {
		return operation.Errorf("InvalidName", "Invalid Name: '%s'", name)
	}
	return nil
}

func machineMissing(arn string) error {
	return operation.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
}

func executionMissing(arn string) error {
	return operation.Errorf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
}

// machine finds a state machine of the caller by its ARN.
func (s *Service) machine(ctx context.Context, text string) (engine.StateMachine, error) {
	a, err := parseARN(text, "stateMachine")
	if err != nil {
		return engine.StateMachine{}, err
	}
	if !own(ctx, a) {
		return engine.StateMachine{}, machineMissing(text)
	}
	m, err := s.store.Machine(ctx, text)
	if errors.Is(err, engine.ErrNotFound) {
		err = machineMissing(text)
	}
	return m, err
}

// machineOrVersion finds a state machine of the caller, or a version of one,
// by its ARN. v is nil where the ARN names no version.
func (s *Service) machineOrVersion(ctx context.Context, text string) (m engine.StateMachine, v *engine.Version, err error) {
	if _, kind := unqualified(text); kind != aVersion {
		m, err = s.machine(ctx, text)
		return m, nil, err
	}
	found, err := s.version(ctx, text)
	if err != nil {
		return m, nil, err
	}
	return found.Machine, &found, nil
}

// execution finds an execution of the caller by its ARN.
func (s *Service) execution(ctx context.Context, text string) (engine.Execution, error) {
	a, err := parseARN(text, "execution") // an express one is none of these operations'
	if err != nil {
		return engine.Execution{}, err
	}
	if !own(ctx, a) {
		return engine.Execution{}, executionMissing(text)
	}
	ex, err := s.store.Execution(ctx, text)
	if errors.Is(err, engine.ErrNotFound) {
		err = executionMissing(text)
	}
	return ex, err
}

func notForThisType() error {
	return operation.Errorf("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
}

// atEngine gives an error of the engine its form for the caller.
func atEngine(err error) error {
	if errors.Is(err, engine.ErrClosed) {
		return &operation.Error{Code: "ServiceUnavailable", Message: "The server is shutting down; the call can be repeated.",
			Status: http.StatusServiceUnavailable, Cause: err}
	}
	return err
}

func (s *Service) time() time.Time { return s.now().UTC().Round(0).Truncate(time.Millisecond) }
