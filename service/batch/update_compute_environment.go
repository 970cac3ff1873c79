package batch

import (
	"context"
	"encoding/json"

	"salamander/batch"
)

// UpdateComputeEnvironmentInput is the input of
// [Service.UpdateComputeEnvironment]. Absent members stay as they are.
type UpdateComputeEnvironmentInput struct {
	ComputeEnvironment string                  `json:"computeEnvironment"`
	State              string                  `json:"state"`
	ComputeResources   *ComputeResourcesUpdate `json:"computeResources"`
	ServiceRole        string                  `json:"serviceRole"`
	Context            *string                 `json:"context"`
	UpdatePolicy       json.RawMessage         `json:"updatePolicy"`
}

// ComputeResourcesUpdate changes the resources of a compute environment. An
// empty text removes the member, where AWS allows that.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_ComputeResourceUpdate.html
type ComputeResourcesUpdate struct {
	Type               string            `json:"type"`
	AllocationStrategy string            `json:"allocationStrategy"`
	MinvCPUs           *int              `json:"minvCpus"`
	MaxvCPUs           *int              `json:"maxvCpus"`
	DesiredvCPUs       *int              `json:"desiredvCpus"`
	InstanceTypes      []string          `json:"instanceTypes"`
	ImageID            *string           `json:"imageId"`
	Subnets            []string          `json:"subnets"`
	SecurityGroupIDs   []string          `json:"securityGroupIds"`
	EC2KeyPair         *string           `json:"ec2KeyPair"`
	InstanceRole       string            `json:"instanceRole"`
	Tags               map[string]string `json:"tags"`
	PlacementGroup     *string           `json:"placementGroup"`
	BidPercentage      *int              `json:"bidPercentage"`
	LaunchTemplate     json.RawMessage   `json:"launchTemplate"`
	EC2Configuration   json.RawMessage   `json:"ec2Configuration"`
	ScalingPolicy      json.RawMessage   `json:"scalingPolicy"`
	// There are no machine images, so the newest is always in use.
	UpdateToLatestImageVersion bool `json:"updateToLatestImageVersion"`
}

// UpdateComputeEnvironment changes a compute environment. A greater maxvCpus
// starts jobs that wait; a smaller one lets those that run go on.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_UpdateComputeEnvironment.html
func (s *Service) UpdateComputeEnvironment(ctx context.Context, in *UpdateComputeEnvironmentInput) (*ComputeEnvironmentOutput, error) {
	e, err := s.batch.UpdateEnvironment(ctx, scope(ctx), in.ComputeEnvironment, func(e *batch.Environment) error {
		setText(&e.State, in.State)
		setText(&e.ServiceRole, in.ServiceRole)
		set(&e.Context, in.Context)
		setList(&e.UpdatePolicy, in.UpdatePolicy)
		in.ComputeResources.apply(&e.Resources)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ComputeEnvironmentOutput{e.Name, e.ARN()}, nil
}

func (u *ComputeResourcesUpdate) apply(r *batch.ComputeResources) {
	if u == nil {
		return
	}
	setText(&r.Type, u.Type)
	setText(&r.AllocationStrategy, u.AllocationStrategy)
	setText(&r.InstanceRole, u.InstanceRole)
	set(&r.ImageID, u.ImageID)
	set(&r.EC2KeyPair, u.EC2KeyPair)
	set(&r.PlacementGroup, u.PlacementGroup)
	setNumber(&r.MinvCPUs, u.MinvCPUs)
	setNumber(&r.MaxvCPUs, u.MaxvCPUs)
	setNumber(&r.DesiredvCPUs, u.DesiredvCPUs)
	setNumber(&r.BidPercentage, u.BidPercentage)
	setList(&r.InstanceTypes, u.InstanceTypes)
	setList(&r.Subnets, u.Subnets)
	setList(&r.SecurityGroupIDs, u.SecurityGroupIDs)
	setList(&r.LaunchTemplate, u.LaunchTemplate)
	setList(&r.EC2Configuration, u.EC2Configuration)
	setList(&r.ScalingPolicy, u.ScalingPolicy)
	if u.Tags != nil {
		r.Tags = u.Tags
	}
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func setNumber(to **int, from *int) {
	if from != nil {
		*to = from
	}
}

func setText(to *string, from string) {
	if from != "" {
		*to = from
	}
}

func setList[S ~[]T, T any](to *S, from S) {
	if from != nil {
		*to = from
	}
}
