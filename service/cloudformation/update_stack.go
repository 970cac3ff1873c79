package cloudformation

import "context"

// UpdateStackInput is the input of [Service.UpdateStack].
type UpdateStackInput struct {
	Wanted
	UsePreviousTemplate bool
	DisableRollback     bool
	ClientRequestToken  string
}

// UpdateStack begins the update of a stack.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html
func (s *Service) UpdateStack(ctx context.Context, in *UpdateStackInput) (*StackOutput, error) {
	req, err := s.request(ctx, "UpdateStack", in.Wanted)
	if err != nil {
		return nil, err
	}
	req.SameTemplate, req.Token = in.UsePreviousTemplate, in.ClientRequestToken
	if in.DisableRollback {
		req.OnFailure = "DO_NOTHING"
	}
	if in.Tags == nil { // they stay where the request says nothing
		if st, err := s.stacks.Find(ctx, scope(ctx), in.StackName); err == nil {
			req.Settings.Tags = st.Tags
		}
	}
	st, err := s.stacks.Update(ctx, req)
	if err != nil {
		return nil, err
	}
	s.linger(ctx, st.ID, in.ClientRequestToken)
	return &StackOutput{st.ID}, nil
}
