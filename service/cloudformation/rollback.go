package cloudformation

import "context"

// CancelUpdateStackInput is the input of [Service.CancelUpdateStack].
type CancelUpdateStackInput struct{ StackName, ClientRequestToken string }

// CancelUpdateStack gives up an update and rolls it back.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html
func (s *Service) CancelUpdateStack(ctx context.Context, in *CancelUpdateStackInput) (*None, error) {
	return &None{}, s.stacks.Cancel(ctx, scope(ctx), in.StackName)
}

// ContinueUpdateRollbackInput is the input of [Service.ContinueUpdateRollback].
type ContinueUpdateRollbackInput struct {
	StackName          string
	RoleARN            string
	ResourcesToSkip    []string
	ClientRequestToken string
}

// ContinueUpdateRollback takes up a rollback that has failed.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
func (s *Service) ContinueUpdateRollback(ctx context.Context, in *ContinueUpdateRollbackInput) (*None, error) {
	st, err := s.find(ctx, in.StackName)
	if err != nil {
		return nil, err
	}
	if st.Status != "UPDATE_ROLLBACK_FAILED" {
		return nil, invalid("Stack:%s is in %s state and can not continue rollback.", st.ID, st.Status)
	}
	_, err = s.stacks.ContinueRollback(ctx, scope(ctx), in.StackName, in.ResourcesToSkip)
	return &None{}, err
}

// RollbackStackInput is the input of [Service.RollbackStack].
type RollbackStackInput struct{ StackName, RoleARN, ClientRequestToken string }

// RollbackStack rolls back a stack that has failed and was not to be rolled
// back by itself.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
func (s *Service) RollbackStack(ctx context.Context, in *RollbackStackInput) (*StackOutput, error) {
	st, err := s.stacks.ContinueRollback(ctx, scope(ctx), in.StackName, nil)
	if err != nil {
		return nil, err
	}
	return &StackOutput{st.ID}, nil
}

// TerminationProtectionInput is the input of
// [Service.UpdateTerminationProtection].
type TerminationProtectionInput struct {
	EnableTerminationProtection bool
	StackName                   string
}

// UpdateTerminationProtection says whether a stack may be deleted.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateTerminationProtection.html
func (s *Service) UpdateTerminationProtection(ctx context.Context, in *TerminationProtectionInput) (*StackOutput, error) {
	st, err := s.stacks.Protect(ctx, scope(ctx), in.StackName, in.EnableTerminationProtection)
	if err != nil {
		return nil, err
	}
	return &StackOutput{st.ID}, nil
}
