package states

import "context"

// DeleteStateMachineInput is the input of [Service.DeleteStateMachine].
type DeleteStateMachineInput struct {
	StateMachineArn string `json:"stateMachineArn"`
}

// DeleteStateMachineOutput is the output of [Service.DeleteStateMachine].
type DeleteStateMachineOutput struct{}

// DeleteStateMachine removes a state machine. Executions that run go on with
// the definition they have. A machine that is not there is no error.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
func (s *Service) DeleteStateMachine(ctx context.Context, in *DeleteStateMachineInput) (*DeleteStateMachineOutput, error) {
	a, err := parseARN(in.StateMachineArn, "stateMachine")
	if err != nil || !own(ctx, a) {
		return &DeleteStateMachineOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return &DeleteStateMachineOutput{}, s.store.DeleteMachine(ctx, in.StateMachineArn)
}
