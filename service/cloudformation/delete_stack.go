package cloudformation

import (
	"context"

	"salamander/operation"
	"salamander/stack"
)

// DeleteStackInput is the input of [Service.DeleteStack].
type DeleteStackInput struct {
	StackName          string
	RetainResources    []string
	RoleARN            string
	ClientRequestToken string
	DeletionMode       string
}

// DeleteStack begins the deletion of a stack. One that is not there is
// deleted already.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
func (s *Service) DeleteStack(ctx context.Context, in *DeleteStackInput) (*None, error) {
	if in.DeletionMode != "" && in.DeletionMode != "STANDARD" {
		return nil, operation.NotImplemented(name, "DeleteStack", "the deletion mode "+in.DeletionMode)
	}
	st, err := s.stacks.Delete(ctx, stack.Request{Scope: scope(ctx), Principal: operation.CallerOf(ctx).Principal,
		ID: operation.NewID(ctx), Name: in.StackName, Retain: in.RetainResources, Token: in.ClientRequestToken})
	if err != nil {
		return nil, err
	}
	if st != nil {
		s.linger(ctx, st.ID, in.ClientRequestToken)
	}
	return &None{}, nil
}
