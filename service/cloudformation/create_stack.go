package cloudformation

import (
	"context"
	"time"
)

// CreateStackInput is the input of [Service.CreateStack].
type CreateStackInput struct {
	Wanted
	DisableRollback             bool
	OnFailure                   string
	TimeoutInMinutes            int
	ClientRequestToken          string
	EnableTerminationProtection bool
}

// StackOutput names a stack.
type StackOutput struct{ StackId string }

// CreateStack begins the creation of a stack.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
func (s *Service) CreateStack(ctx context.Context, in *CreateStackInput) (*StackOutput, error) {
	req, err := s.request(ctx, "CreateStack", in.Wanted)
	if err != nil {
		return nil, err
	}
	if in.DisableRollback && in.OnFailure != "" {
		return nil, invalid("Either DisableRollback or OnFailure can be specified, not both.")
	}
	if req.OnFailure = in.OnFailure; in.DisableRollback {
		req.OnFailure = "DO_NOTHING"
	}
	req.Token, req.Protect = in.ClientRequestToken, in.EnableTerminationProtection
	req.Timeout = time.Duration(in.TimeoutInMinutes) * time.Minute
	st, err := s.stacks.Create(ctx, req)
	if err != nil {
		return nil, err
	}
	s.linger(ctx, st.ID, in.ClientRequestToken)
	return &StackOutput{st.ID}, nil
}
