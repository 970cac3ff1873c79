package states

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"salamander/engine"
	"salamander/operation"
)

// StartExecutionInput is the input of [Service.StartExecution].
type StartExecutionInput struct {
	StateMachineArn string  `json:"stateMachineArn"`
	Name            string  `json:"name"`
	Input           *string `json:"input"`
	TraceHeader     string  `json:"traceHeader"`
}

// StartExecutionOutput is the output of [Service.StartExecution].
type StartExecutionOutput struct {
	ExecutionArn string         `json:"executionArn"`
	StartDate    operation.Time `json:"startDate"`
}

// StartExecution starts an execution, or returns the running one that has the
// same name and input.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
func (s *Service) StartExecution(ctx context.Context, in *StartExecutionInput) (*StartExecutionOutput, error) {
	req, err := s.startRequest(ctx, in)
	if err != nil {
		return nil, err
	}
	ex, err := s.engine.Start(ctx, req)
	if errors.Is(err, engine.ErrExists) {
		return nil, operation.Errorf("ExecutionAlreadyExists", "Execution Already Exists: '%s'", ex.ARN)
	}
	if err != nil {
		return nil, atEngine(err)
	}
	return &StartExecutionOutput{ex.ARN, operation.Time{Time: ex.Start}}, nil
}

// maxInput is the limit on an execution's input, in bytes of UTF-8.
const maxInput = 262144

func (s *Service) startRequest(ctx context.Context, in *StartExecutionInput) (engine.StartRequest, error) {
	req, err := s.qualified(ctx, in.StateMachineArn)
	if err != nil {
		return engine.StartRequest{}, err
	}
	m := req.Machine
	req.Name, req.Input, req.Trace = in.Name, "{}", in.TraceHeader
	if in.Name == "" {
		req.Name = operation.NewID(ctx)
	} else if err := checkName(in.Name); err != nil {
		return engine.StartRequest{}, err
	}
	if m.Type == engine.Express {
		req.ID = operation.NewID(ctx)
	}
	if in.Input != nil && *in.Input != "" {
		req.Input = *in.Input
	}
	if len(req.Input) > maxInput && !s.engine.NoLimits() {
		return engine.StartRequest{}, operation.Errorf("ValidationException",
			"1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to %d", maxInput)
	}
	var any json.RawMessage
	if err := json.Unmarshal([]byte(req.Input), &any); err != nil {
		return engine.StartRequest{}, operation.Errorf("InvalidExecutionInput", "Invalid State Machine Execution Input: '%s'", err)
	}
	if inv := operation.CallerOf(ctx).Invocation; inv.ID != "" {
		req.Origin = fmt.Sprintf("%s/%d", inv.ID, inv.Call)
	}
	return req, nil
}

// qualified finds what an execution of the ARN runs: the state machine as it
// is, a version of it, or the version that an alias leads to.
func (s *Service) qualified(ctx context.Context, text string) (req engine.StartRequest, err error) {
	version := text
	_, kind := unqualified(text)
	if kind == anAlias {
		a, err := s.alias(ctx, text)
		if err != nil {
			if operation.AsError(err).Code == "ResourceNotFound" {
				err = machineMissing(text)
			}
			return req, err
		}
		req.Alias, version = a.ARN, pick(a)
	}
	m, v, err := s.machineOrVersion(ctx, version)
	if err != nil {
		return req, err
	}
	if req.Machine = m; v != nil {
		req.Version = v.ARN
	}
	return req, nil
}
