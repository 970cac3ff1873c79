package batch

import (
	"context"

	"salamander/batch"
	"salamander/operation"
)

// CreateComputeEnvironmentInput is the input of [Service.CreateComputeEnvironment].
type CreateComputeEnvironmentInput struct {
	Name             string                 `json:"computeEnvironmentName"`
	Type             string                 `json:"type"`
	State            string                 `json:"state"`
	ComputeResources batch.ComputeResources `json:"computeResources"`
	ServiceRole      string                 `json:"serviceRole"`
	Tags             map[string]string      `json:"tags"`
	Context          string                 `json:"context"`
}

// ComputeEnvironmentOutput names a compute environment.
type ComputeEnvironmentOutput struct {
	Name string `json:"computeEnvironmentName"`
	ARN  string `json:"computeEnvironmentArn"`
}

// CreateComputeEnvironment makes a compute environment, which is valid at once.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_CreateComputeEnvironment.html
func (s *Service) CreateComputeEnvironment(ctx context.Context, in *CreateComputeEnvironmentInput) (*ComputeEnvironmentOutput, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	e, err := s.batch.CreateEnvironment(ctx, batch.Environment{
		Scope: scope(ctx), ID: operation.NewID(ctx), Name: in.Name, Type: in.Type, State: in.State,
		Resources: in.ComputeResources, ServiceRole: in.ServiceRole, Tags: in.Tags, Context: in.Context,
	})
	if err != nil {
		return nil, err
	}
	return &ComputeEnvironmentOutput{e.Name, e.ARN()}, nil
}
