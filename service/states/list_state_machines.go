package states

import (
	"context"

	"salamander/operation"
)

// ListStateMachinesInput is the input of [Service.ListStateMachines].
type ListStateMachinesInput struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

// A StateMachineListItem is one machine of a list.
type StateMachineListItem struct {
	StateMachineArn string         `json:"stateMachineArn"`
	Name            string         `json:"name"`
	Type            string         `json:"type"`
	CreationDate    operation.Time `json:"creationDate"`
}

// ListStateMachinesOutput is the output of [Service.ListStateMachines].
type ListStateMachinesOutput struct {
	StateMachines []StateMachineListItem `json:"stateMachines"`
	NextToken     string                 `json:"nextToken,omitempty"`
}

// ListStateMachines lists the state machines of the account and region by
// name.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachines.html
func (s *Service) ListStateMachines(ctx context.Context, in *ListStateMachinesInput) (*ListStateMachinesOutput, error) {
	token, err := readToken(in.NextToken, "machines")
	if err != nil {
		return nil, err
	}
	c, size := operation.CallerOf(ctx), pageSize(in.MaxResults)
	all, err := s.store.Machines(ctx, c.Account, c.Region, token.After, size+1)
	if err != nil {
		return nil, err
	}
	out := &ListStateMachinesOutput{StateMachines: []StateMachineListItem{}}
	if len(all) > size {
		all = all[:size]
		token.After = all[size-1].Name
		out.NextToken = token.text()
	}
	for _, m := range all {
		out.StateMachines = append(out.StateMachines, StateMachineListItem{m.ARN, m.Name, m.Type, operation.Time{Time: m.Created}})
	}
	return out, nil
}
