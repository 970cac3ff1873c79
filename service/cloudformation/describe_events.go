package cloudformation

import (
	"context"
	"encoding/json"

	"salamander/internal/pagetoken"
	"salamander/operation"
)

// StackEventsInput is the input of [Service.DescribeStackEvents].
type StackEventsInput struct{ StackName, NextToken string }

// A StackEvent is an event of a stack.
type StackEvent struct {
	StackId              string
	EventId              string
	StackName            string
	LogicalResourceId    string
	PhysicalResourceId   string
	ResourceType         string
	Timestamp            *operation.Time
	ResourceStatus       string
	ResourceStatusReason string `json:",omitempty"`
	ResourceProperties   string `json:",omitempty"`
	ClientRequestToken   string `json:",omitempty"`
}

// StackEventsOutput is the output of [Service.DescribeStackEvents].
type StackEventsOutput struct {
	StackEvents []StackEvent
	NextToken   string `json:",omitempty"`
}

// DescribeStackEvents tells what happened to a stack, the newest first.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
func (s *Service) DescribeStackEvents(ctx context.Context, in *StackEventsInput) (*StackEventsOutput, error) {
	st, err := s.find(ctx, in.StackName)
	if err != nil {
		return nil, err
	}
	before := int64(0)
	if in.NextToken != "" && pagetoken.Decode(in.NextToken, &before) != nil {
		return nil, invalid("Invalid NextToken")
	}
	const size = 100
	found, err := s.stacks.Events(ctx, st.ID, before, size)
	if err != nil {
		return nil, err
	}
	out := &StackEventsOutput{StackEvents: []StackEvent{}}
	for _, e := range found {
		event := StackEvent{StackId: e.Stack, EventId: e.ID, StackName: e.StackName, LogicalResourceId: e.Logical, PhysicalResourceId: e.Physical,
			ResourceType: e.Type, Timestamp: stamp(e.At), ResourceStatus: e.Status, ResourceStatusReason: e.Reason, ClientRequestToken: e.Token}
		if e.Properties != nil {
			text, err := json.Marshal(e.Properties)
			if err != nil {
				return nil, err
			}
			event.ResourceProperties = string(text)
		}
		out.StackEvents = append(out.StackEvents, event)
	}
	if len(found) == size {
		out.NextToken = pagetoken.Encode(found[size-1].Seq)
	}
	return out, nil
}
