package states

import (
	"context"
	"encoding/json"
	"errors"

	"salamander/engine"
	"salamander/operation"
)

// SendTaskSuccessInput is the input of [Service.SendTaskSuccess].
type SendTaskSuccessInput struct {
	TaskToken string `json:"taskToken"`
	Output    string `json:"output"`
}

// SendTaskOutput is the output of the operations on task tokens.
type SendTaskOutput struct{}

// SendTaskSuccess ends the task of a token with its output.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
func (s *Service) SendTaskSuccess(ctx context.Context, in *SendTaskSuccessInput) (*SendTaskOutput, error) {
	if !json.Valid([]byte(in.Output)) {
		if err := s.engine.FindTask(ctx, in.TaskToken); err != nil {
			return sent(err)
		}
		return nil, operation.Errorf("InvalidOutput", "Invalid Output: 'The output is not valid JSON'")
	}
	return sent(s.engine.TaskSuccess(ctx, in.TaskToken, json.RawMessage(in.Output)))
}

// SendTaskFailureInput is the input of [Service.SendTaskFailure].
type SendTaskFailureInput struct {
	TaskToken string  `json:"taskToken"`
	Error     *string `json:"error"`
	Cause     *string `json:"cause"`
}

// SendTaskFailure ends the task of a token with an error.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html
func (s *Service) SendTaskFailure(ctx context.Context, in *SendTaskFailureInput) (*SendTaskOutput, error) {
	return sent(s.engine.TaskFailure(ctx, in.TaskToken, in.Error, in.Cause))
}

// SendTaskHeartbeatInput is the input of [Service.SendTaskHeartbeat].
type SendTaskHeartbeatInput struct {
	TaskToken string `json:"taskToken"`
}

// SendTaskHeartbeat tells that the task of a token is alive.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskHeartbeat.html
func (s *Service) SendTaskHeartbeat(ctx context.Context, in *SendTaskHeartbeatInput) (*SendTaskOutput, error) {
	return sent(s.engine.TaskHeartbeat(ctx, in.TaskToken))
}

// sent answers an operation on a token. A token of a task that ended is not
// told from one that never was: both are InvalidToken, as AWS is recorded to
// answer the latter. For the former its reference has TaskTimedOut.
func sent(err error) (*SendTaskOutput, error) {
	if errors.Is(err, engine.ErrNoTask) {
		return nil, operation.Errorf("InvalidToken", "Invalid Token: 'Invalid token'")
	}
	if err != nil {
		return nil, atEngine(err)
	}
	return &SendTaskOutput{}, nil
}
