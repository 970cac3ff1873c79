package cloudformation

import (
	"context"
	"slices"

	"salamander/operation"
	"salamander/stack"
)

// find returns the stack of a name or an ID, with the error of the operations
// that ask for it.
func (s *Service) find(ctx context.Context, text string) (*stack.Stack, error) {
	st, err := s.stacks.Find(ctx, scope(ctx), text)
	if err != nil && operation.AsError(err).Code == "ValidationError" {
		return nil, invalid("Stack [%s] does not exist", text)
	}
	return st, err
}

// DescribeStacksInput is the input of [Service.DescribeStacks].
type DescribeStacksInput struct{ StackName, NextToken string }

// An Output is an output of a stack.
type Output struct {
	OutputKey   string
	OutputValue string
	Description string `json:",omitempty"`
	ExportName  string `json:",omitempty"`
}

// A Stack is a stack as it is described.
type Stack struct {
	StackId                     string
	StackName                   string
	ChangeSetId                 string `json:",omitempty"`
	Description                 string `json:",omitempty"`
	Parameters                  []Parameter
	CreationTime                *operation.Time
	DeletionTime                *operation.Time `json:",omitempty"`
	LastUpdatedTime             *operation.Time `json:",omitempty"`
	RollbackConfiguration       RollbackConfiguration
	StackStatus                 string
	StackStatusReason           string `json:",omitempty"`
	DisableRollback             bool
	NotificationARNs            []string
	TimeoutInMinutes            int `json:",omitempty"`
	Capabilities                []string
	Outputs                     []Output
	RoleARN                     string `json:",omitempty"`
	Tags                        []Tag
	EnableTerminationProtection bool
	ParentId                    string `json:",omitempty"`
	RootId                      string `json:",omitempty"`
	DriftInformation            Drift
}

func describe(st *stack.Stack) Stack {
	out := Stack{StackId: st.ID, StackName: st.Name, ChangeSetId: st.ChangeSet, Description: st.Description, Parameters: parameters(st.Parameters),
		CreationTime: stamp(st.Created), LastUpdatedTime: stamp(st.Updated), DeletionTime: stamp(st.Deleted), StackStatus: st.Status, StackStatusReason: st.Reason,
		DisableRollback: st.DisableRollback, NotificationARNs: []string{}, TimeoutInMinutes: int(st.Timeout.Minutes()), Capabilities: st.Capabilities,
		Outputs: []Output{}, RoleARN: st.Role, Tags: tags(st.Tags), EnableTerminationProtection: st.Protected, ParentId: st.Parent, RootId: st.Root, DriftInformation: notChecked()}
	for _, o := range st.Outputs {
		out.Outputs = append(out.Outputs, Output{o.Key, o.Value, o.Description, o.Export})
	}
	return out
}

// DescribeStacksOutput is the output of [Service.DescribeStacks].
type DescribeStacksOutput struct {
	Stacks    []Stack
	NextToken string `json:",omitempty"`
}

// DescribeStacks describes one stack or all.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
func (s *Service) DescribeStacks(ctx context.Context, in *DescribeStacksInput) (*DescribeStacksOutput, error) {
	if in.StackName != "" {
		st, err := s.stacks.Find(ctx, scope(ctx), in.StackName)
		if err != nil {
			return nil, err
		}
		return &DescribeStacksOutput{Stacks: []Stack{describe(st)}}, nil
	}
	found, err := s.stacks.Stacks(ctx, scope(ctx), false)
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, 100, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &DescribeStacksOutput{Stacks: []Stack{}, NextToken: next}
	for _, st := range found {
		out.Stacks = append(out.Stacks, describe(st))
	}
	return out, nil
}

// ListStacksInput is the input of [Service.ListStacks].
type ListStacksInput struct {
	NextToken         string
	StackStatusFilter []string
}

// A StackSummary is a stack in a list.
type StackSummary struct {
	StackId             string
	StackName           string
	TemplateDescription string `json:",omitempty"`
	CreationTime        *operation.Time
	LastUpdatedTime     *operation.Time `json:",omitempty"`
	DeletionTime        *operation.Time `json:",omitempty"`
	StackStatus         string
	StackStatusReason   string `json:",omitempty"`
	ParentId            string `json:",omitempty"`
	RootId              string `json:",omitempty"`
	DriftInformation    Drift
}

// ListStacksOutput is the output of [Service.ListStacks].
type ListStacksOutput struct {
	StackSummaries []StackSummary
	NextToken      string `json:",omitempty"`
}

// ListStacks lists the stacks, deleted ones too.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
func (s *Service) ListStacks(ctx context.Context, in *ListStacksInput) (*ListStacksOutput, error) {
	found, err := s.stacks.Stacks(ctx, scope(ctx), true)
	if err != nil {
		return nil, err
	}
	if len(in.StackStatusFilter) > 0 {
		found = slices.DeleteFunc(found, func(st *stack.Stack) bool { return !slices.Contains(in.StackStatusFilter, st.Status) })
	}
	found, next, err := page(found, 100, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ListStacksOutput{StackSummaries: []StackSummary{}, NextToken: next}
	for _, st := range found {
		out.StackSummaries = append(out.StackSummaries, StackSummary{StackId: st.ID, StackName: st.Name, TemplateDescription: st.Description,
			CreationTime: stamp(st.Created), LastUpdatedTime: stamp(st.Updated), DeletionTime: stamp(st.Deleted), StackStatus: st.Status,
			StackStatusReason: st.Reason, ParentId: st.Parent, RootId: st.Root, DriftInformation: notChecked()})
	}
	return out, nil
}
