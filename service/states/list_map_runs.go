package states

import (
	"context"

	"salamander/operation"
)

// ListMapRunsInput is the input of [Service.ListMapRuns].
type ListMapRunsInput struct {
	ExecutionArn string `json:"executionArn"`
	MaxResults   int    `json:"maxResults"`
	NextToken    string `json:"nextToken"`
}

// A MapRunListItem is one map run of a list.
type MapRunListItem struct {
	ExecutionArn    string         `json:"executionArn"`
	MapRunArn       string         `json:"mapRunArn"`
	StateMachineArn string         `json:"stateMachineArn"`
	StartDate       operation.Time `json:"startDate"`
	StopDate        operation.Time `json:"stopDate,omitzero"`
}

// ListMapRunsOutput is the output of [Service.ListMapRuns].
type ListMapRunsOutput struct {
	MapRuns   []MapRunListItem `json:"mapRuns"`
	NextToken string           `json:"nextToken,omitempty"`
}

// ListMapRuns lists the map runs that an execution has started, the newest
// first.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListMapRuns.html
func (s *Service) ListMapRuns(ctx context.Context, in *ListMapRunsInput) (*ListMapRunsOutput, error) {
	ex, err := s.execution(ctx, in.ExecutionArn)
	if err != nil {
		return nil, err
	}
	token, err := readToken(in.NextToken, "map runs "+in.ExecutionArn)
	if err != nil {
		return nil, err
	}
	size := pageSize(in.MaxResults)
	all, err := s.engine.MapRuns(ctx, ex.ARN, token.ID, size+1)
	if err != nil {
		return nil, atEngine(err)
	}
	out := &ListMapRunsOutput{MapRuns: []MapRunListItem{}}
	if len(all) > size {
		all = all[:size]
		token.ID = all[size-1].Key
		out.NextToken = token.text()
	}
	for _, r := range all {
		out.MapRuns = append(out.MapRuns, MapRunListItem{ExecutionArn: r.Execution, MapRunArn: r.ARN, StateMachineArn: r.Machine,
			StartDate: operation.Time{Time: r.Start}, StopDate: operation.Time{Time: r.Stop}})
	}
	return out, nil
}
