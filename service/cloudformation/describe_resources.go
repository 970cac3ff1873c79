package cloudformation

import (
	"context"
	"errors"

	"salamander/operation"
	"salamander/stack"
)

// StackResourcesInput is the input of [Service.DescribeStackResources].
type StackResourcesInput struct{ StackName, LogicalResourceId, PhysicalResourceId string }

// A StackResource is a resource of a stack.
type StackResource struct {
	StackName            string
	StackId              string
	LogicalResourceId    string
	PhysicalResourceId   string `json:",omitempty"`
	ResourceType         string
	Timestamp            *operation.Time
	ResourceStatus       string
	ResourceStatusReason string `json:",omitempty"`
	Description          string `json:",omitempty"`
	DriftInformation     ResourceDrift
}

// StackResourcesOutput is the output of [Service.DescribeStackResources].
type StackResourcesOutput struct{ StackResources []StackResource }

// DescribeStackResources describes the resources of a stack, or of the one
// that has a resource of a physical id.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
func (s *Service) DescribeStackResources(ctx context.Context, in *StackResourcesInput) (*StackResourcesOutput, error) {
	var st *stack.Stack
	var err error
	switch {
	case in.StackName != "" && in.PhysicalResourceId != "":
		return nil, invalid("Both StackName and PhysicalResourceId cannot be specified.")
	case in.StackName != "":
		st, err = s.stacks.Find(ctx, scope(ctx), in.StackName)
	case in.PhysicalResourceId != "":
		st, err = s.stacks.Owner(ctx, scope(ctx), in.PhysicalResourceId)
		if errors.Is(err, stack.ErrNotFound) {
			err = invalid("Stack for %s does not exist", in.PhysicalResourceId)
		}
	default:
		err = invalid("Either StackName or PhysicalResourceId must be specified.")
	}
	if err != nil {
		return nil, err
	}
	resources, err := s.stacks.Resources(ctx, st.ID)
	if err != nil {
		return nil, err
	}
	out := &StackResourcesOutput{StackResources: []StackResource{}}
	for _, r := range resources {
		if in.LogicalResourceId != "" && r.Logical != in.LogicalResourceId {
			continue
		}
		out.StackResources = append(out.StackResources, StackResource{StackName: st.Name, StackId: st.ID, LogicalResourceId: r.Logical, PhysicalResourceId: r.Physical,
			ResourceType: r.Type, Timestamp: stamp(r.Updated), ResourceStatus: r.Status, ResourceStatusReason: r.Reason, DriftInformation: ResourceDrift{"NOT_CHECKED"}})
	}
	return out, nil
}

// StackResourceInput is the input of [Service.DescribeStackResource].
type StackResourceInput struct{ StackName, LogicalResourceId string }

// A StackResourceDetail is a resource with its metadata.
type StackResourceDetail struct {
	StackName            string
	StackId              string
	LogicalResourceId    string
	PhysicalResourceId   string `json:",omitempty"`
	ResourceType         string
	LastUpdatedTimestamp *operation.Time
	ResourceStatus       string
	ResourceStatusReason string `json:",omitempty"`
	Metadata             string `json:",omitempty"`
	DriftInformation     ResourceDrift
}

// StackResourceOutput is the output of [Service.DescribeStackResource].
type StackResourceOutput struct{ StackResourceDetail StackResourceDetail }

// DescribeStackResource describes one resource.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html
func (s *Service) DescribeStackResource(ctx context.Context, in *StackResourceInput) (*StackResourceOutput, error) {
	st, err := s.stacks.Find(ctx, scope(ctx), in.StackName)
	if err != nil {
		if operation.AsError(err).Code == "ValidationError" {
			return nil, invalid("Stack '%s' does not exist", in.StackName)
		}
		return nil, err
	}
	resources, err := s.stacks.Resources(ctx, st.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range resources {
		if r.Logical == in.LogicalResourceId {
			return &StackResourceOutput{StackResourceDetail{StackName: st.Name, StackId: st.ID, LogicalResourceId: r.Logical, PhysicalResourceId: r.Physical,
				ResourceType: r.Type, LastUpdatedTimestamp: stamp(r.Updated), ResourceStatus: r.Status, ResourceStatusReason: r.Reason,
				Metadata: string(r.Metadata), DriftInformation: ResourceDrift{"NOT_CHECKED"}}}, nil
		}
	}
	return nil, invalid("Resource %s does not exist for stack %s", in.LogicalResourceId, in.StackName)
}

// ListStackResourcesInput is the input of [Service.ListStackResources].
type ListStackResourcesInput struct{ StackName, NextToken string }

// A StackResourceSummary is a resource in a list.
type StackResourceSummary struct {
	LogicalResourceId    string
	PhysicalResourceId   string `json:",omitempty"`
	ResourceType         string
	LastUpdatedTimestamp *operation.Time
	ResourceStatus       string
	ResourceStatusReason string `json:",omitempty"`
	DriftInformation     ResourceDrift
}

// ListStackResourcesOutput is the output of [Service.ListStackResources].
type ListStackResourcesOutput struct {
	StackResourceSummaries []StackResourceSummary
	NextToken              string `json:",omitempty"`
}

// ListStackResources lists the resources of a stack.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html
func (s *Service) ListStackResources(ctx context.Context, in *ListStackResourcesInput) (*ListStackResourcesOutput, error) {
	st, err := s.stacks.Find(ctx, scope(ctx), in.StackName)
	if err != nil {
		return nil, err
	}
	resources, err := s.stacks.Resources(ctx, st.ID)
	if err != nil {
		return nil, err
	}
	resources, next, err := page(resources, 100, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ListStackResourcesOutput{StackResourceSummaries: []StackResourceSummary{}, NextToken: next}
	for _, r := range resources {
		out.StackResourceSummaries = append(out.StackResourceSummaries, StackResourceSummary{LogicalResourceId: r.Logical, PhysicalResourceId: r.Physical,
			ResourceType: r.Type, LastUpdatedTimestamp: stamp(r.Updated), ResourceStatus: r.Status, ResourceStatusReason: r.Reason, DriftInformation: ResourceDrift{"NOT_CHECKED"}})
	}
	return out, nil
}
