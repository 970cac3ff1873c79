package states

import (
	"context"
	"errors"

	"salamander/engine"
	"salamander/operation"
)

// RedriveExecutionInput is the input of [Service.RedriveExecution].
type RedriveExecutionInput struct {
	ExecutionArn string `json:"executionArn"`
	ClientToken  string `json:"clientToken"` // of 1 to 64 characters; a repeat within 15 minutes is answered as the first
}

// RedriveExecutionOutput is the output of [Service.RedriveExecution].
type RedriveExecutionOutput struct {
	RedriveDate operation.Time `json:"redriveDate"`
}

// RedriveExecution takes up an execution that ended without success where it
// was: under its ARN, with its definition, its history going on.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html
func (s *Service) RedriveExecution(ctx context.Context, in *RedriveExecutionInput) (*RedriveExecutionOutput, error) {
	if _, err := s.execution(ctx, in.ExecutionArn); err != nil {
		return nil, err
	}
	at, err := s.engine.Redrive(ctx, in.ExecutionArn, in.ClientToken)
	if err != nil {
		return nil, redriveError(in.ExecutionArn, err)
	}
	return &RedriveExecutionOutput{operation.Time{Time: at}}, nil
}

// redriveStatus tells whether an execution can be redriven, and why not.
func (s *Service) redriveStatus(ctx context.Context, ex engine.Execution) (status, reason string, err error) {
	var no *engine.NotRedrivableError
	switch err := s.engine.Redrivable(ctx, ex); {
	case err == nil && ex.MapRun != "":
		return "REDRIVABLE_BY_MAP_RUN", "", nil
	case err == nil:
		return "REDRIVABLE", "", nil
	case errors.As(err, &no):
		return "NOT_REDRIVABLE", no.Reason, nil
	default:
		return "", "", err
	}
}
