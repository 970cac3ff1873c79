package states

import (
	"context"

	"salamander/operation"
)

// StopExecutionInput is the input of [Service.StopExecution].
type StopExecutionInput struct {
	ExecutionArn string  `json:"executionArn"`
	Error        *string `json:"error"`
	Cause        *string `json:"cause"`
}

// StopExecutionOutput is the output of [Service.StopExecution].
type StopExecutionOutput struct {
	StopDate operation.Time `json:"stopDate"`
}

// StopExecution aborts an execution. One that has ended stays as it is.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html
func (s *Service) StopExecution(ctx context.Context, in *StopExecutionInput) (*StopExecutionOutput, error) {
	if _, err := s.execution(ctx, in.ExecutionArn); err != nil {
		return nil, err
	}
	at, err := s.engine.Stop(ctx, in.ExecutionArn, in.Error, in.Cause)
	if err != nil {
		return nil, atEngine(err)
	}
	return &StopExecutionOutput{operation.Time{Time: at}}, nil
}
