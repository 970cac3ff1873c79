package states

import (
	"context"

	"salamander/engine"
	"salamander/operation"
)

// ListExecutionsInput is the input of [Service.ListExecutions].
type ListExecutionsInput struct {
	StateMachineArn string `json:"stateMachineArn"`
	StatusFilter    string `json:"statusFilter"`
	MaxResults      int    `json:"maxResults"`
	NextToken       string `json:"nextToken"`
	MapRunArn       string `json:"mapRunArn"`
	RedriveFilter   string `json:"redriveFilter"`
}

// An ExecutionListItem is one execution of a list.
type ExecutionListItem struct {
	ExecutionArn           string         `json:"executionArn"`
	StateMachineArn        string         `json:"stateMachineArn"`
	Name                   string         `json:"name"`
	Status                 string         `json:"status"`
	StartDate              operation.Time `json:"startDate"`
	StopDate               operation.Time `json:"stopDate,omitzero"`
	StateMachineVersionArn string         `json:"stateMachineVersionArn,omitempty"`
	StateMachineAliasArn   string         `json:"stateMachineAliasArn,omitempty"`
	MapRunArn              string         `json:"mapRunArn,omitempty"`
	ItemCount              int64          `json:"itemCount,omitempty"`
	RedriveCount           int            `json:"redriveCount"`
	RedriveDate            operation.Time `json:"redriveDate,omitzero"`
}

// ListExecutionsOutput is the output of [Service.ListExecutions].
type ListExecutionsOutput struct {
	Executions []ExecutionListItem `json:"executions"`
	NextToken  string              `json:"nextToken,omitempty"`
}

// ListExecutions lists the executions of a state machine, or the children of a
// map run, the newest first.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
func (s *Service) ListExecutions(ctx context.Context, in *ListExecutionsInput) (*ListExecutionsOutput, error) {
	if err := s.listable(ctx, in); err != nil {
		return nil, err
	}
	token, err := readToken(in.NextToken, in.StateMachineArn+in.MapRunArn+" "+in.StatusFilter+" "+in.RedriveFilter)
	if err != nil {
		return nil, err
	}
	size := pageSize(in.MaxResults)
	list := s.store.Executions
	if in.MapRunArn != "" {
		list = s.children
	}
	all, err := list(ctx, engine.Query{Machine: in.StateMachineArn, MapRun: in.MapRunArn, Status: in.StatusFilter, Redrive: in.RedriveFilter, Before: token.ID, Limit: size + 1})
	if err != nil {
		return nil, err
	}
	out := &ListExecutionsOutput{Executions: []ExecutionListItem{}}
	if len(all) > size {
		all = all[:size]
		token.ID = all[size-1].Key
		out.NextToken = token.text()
	}
	for _, ex := range all {
		out.Executions = append(out.Executions, ExecutionListItem{ExecutionArn: ex.ARN, StateMachineArn: ex.Machine, Name: ex.Name, Status: ex.Status,
			StartDate: operation.Time{Time: ex.Start}, StopDate: operation.Time{Time: ex.Stop}, StateMachineVersionArn: ex.Version,
			StateMachineAliasArn: ex.Alias, RedriveCount: ex.Redrives, RedriveDate: operation.Time{Time: ex.Redriven}, MapRunArn: ex.MapRun, ItemCount: ex.Items})
	}
	return out, nil
}

// listable checks that what is asked for has a list of executions.
func (s *Service) listable(ctx context.Context, in *ListExecutionsInput) error {
	if in.MapRunArn != "" {
		if in.StateMachineArn != "" {
			return operation.Errorf("ValidationException", "Only one of stateMachineArn and mapRunArn can be specified")
		}
		_, err := s.mapRun(ctx, in.MapRunArn)
		return err
	}
	listed, err := s.qualified(ctx, in.StateMachineArn)
	if err == nil && listed.Machine.Type == engine.Express {
		err = notForThisType()
	}
	return err
}
