package states

import (
	"context"
	"encoding/json"
	"strings"

	"salamander/engine"
)

// GetExecutionHistoryInput is the input of [Service.GetExecutionHistory].
type GetExecutionHistoryInput struct {
	ExecutionArn         string `json:"executionArn"`
	MaxResults           int    `json:"maxResults"`
	ReverseOrder         bool   `json:"reverseOrder"`
	NextToken            string `json:"nextToken"`
	IncludeExecutionData *bool  `json:"includeExecutionData"` // true unless it is told
}

// GetExecutionHistoryOutput is the output of [Service.GetExecutionHistory].
type GetExecutionHistoryOutput struct {
	Events    []json.RawMessage `json:"events"`
	NextToken string            `json:"nextToken,omitempty"`
}

// GetExecutionHistory returns events of an execution, in order or in reverse.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
func (s *Service) GetExecutionHistory(ctx context.Context, in *GetExecutionHistoryInput) (*GetExecutionHistoryOutput, error) {
	ex, err := s.execution(ctx, in.ExecutionArn)
	if err != nil {
		return nil, err
	}
	of := ex.ARN
	if in.ReverseOrder {
		of += " reverse"
	}
	token, err := readToken(in.NextToken, of)
	if err != nil {
		return nil, err
	}
	size := pageSize(in.MaxResults)
	all, err := s.store.History(ctx, engine.HistoryQuery{Key: ex.Key, Reverse: in.ReverseOrder, After: token.ID, Limit: size + 1})
	if err != nil {
		return nil, err
	}
	out := &GetExecutionHistoryOutput{Events: []json.RawMessage{}}
	if len(all) > size {
		all = all[:size]
		token.ID = all[size-1].ID
		out.NextToken = token.text()
	}
	bare := in.IncludeExecutionData != nil && !*in.IncludeExecutionData
	for _, ev := range all {
		if bare {
			if ev.Data, err = withoutData(ev.Data); err != nil {
				return nil, err
			}
		}
		out.Events = append(out.Events, ev.Data)
	}
	return out, nil
}

// withoutData takes inputs, outputs and parameters out of an event.
func withoutData(event json.RawMessage) (json.RawMessage, error) {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(event, &doc); err != nil {
		return nil, err
	}
	for name, v := range doc {
		if !strings.HasSuffix(name, "EventDetails") {
			continue
		}
		var details map[string]json.RawMessage
		if err := json.Unmarshal(v, &details); err != nil {
			return nil, err
		}
		for _, data := range []string{"input", "output", "parameters", "inputDetails", "outputDetails", "assignedVariables", "assignedVariablesDetails"} {
			delete(details, data)
		}
		b, err := json.Marshal(details)
		if err != nil {
			return nil, err
		}
		doc[name] = b
	}
	return json.Marshal(doc)
}
