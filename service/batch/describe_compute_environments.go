package batch

import (
	"context"
	"encoding/json"

	"salamander/batch"
	"salamander/internal/arn"
)

// DescribeComputeEnvironmentsInput is the input of [Service.DescribeComputeEnvironments].
type DescribeComputeEnvironmentsInput struct {
	ComputeEnvironments []string `json:"computeEnvironments"`
	MaxResults          int      `json:"maxResults"`
	NextToken           string   `json:"nextToken"`
}

// DescribeComputeEnvironmentsOutput is the output of [Service.DescribeComputeEnvironments].
type DescribeComputeEnvironmentsOutput struct {
	ComputeEnvironments []ComputeEnvironment `json:"computeEnvironments"`
	NextToken           string               `json:"nextToken,omitempty"`
}

// A ComputeEnvironment is a compute environment as it is described.
type ComputeEnvironment struct {
	Name                       string            `json:"computeEnvironmentName"`
	ARN                        string            `json:"computeEnvironmentArn"`
	ECSClusterARN              string            `json:"ecsClusterArn"`
	Tags                       map[string]string `json:"tags"`
	Type                       string            `json:"type"`
	State                      string            `json:"state"`
	Status                     string            `json:"status"`
	StatusReason               string            `json:"statusReason"`
	ComputeResources           computeResources  `json:"computeResources"`
	ServiceRole                string            `json:"serviceRole,omitempty"`
	UpdatePolicy               json.RawMessage   `json:"updatePolicy,omitempty"`
	ContainerOrchestrationType string            `json:"containerOrchestrationType"`
	UUID                       string            `json:"uuid"`
	Context                    string            `json:"context,omitempty"`
}

// computeResources writes the lists and tags that AWS writes though they are empty.
type computeResources struct {
	batch.ComputeResources
	Subnets []string          `json:"subnets"`
	Tags    map[string]string `json:"tags"`
}

// DescribeComputeEnvironments describes compute environments, by name.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_DescribeComputeEnvironments.html
func (s *Service) DescribeComputeEnvironments(ctx context.Context, in *DescribeComputeEnvironmentsInput) (*DescribeComputeEnvironmentsOutput, error) {
	if err := few("computeEnvironments", in.ComputeEnvironments); err != nil {
		return nil, err
	}
	all := s.batch.Environments(scope(ctx), in.ComputeEnvironments)
	part, next, err := page(all, in.MaxResults, in.NextToken, func(e batch.Environment) string { return e.Name })
	if err != nil {
		return nil, err
	}
	out := &DescribeComputeEnvironmentsOutput{ComputeEnvironments: []ComputeEnvironment{}, NextToken: next}
	for _, e := range part {
		out.ComputeEnvironments = append(out.ComputeEnvironments, ComputeEnvironment{
			Name: e.Name, ARN: e.ARN(), ECSClusterARN: arn.New("ecs", e.Region, e.Account, "cluster/"+e.Cluster()),
			Tags: table(e.Tags), Type: e.Type, State: e.State, Status: "VALID", StatusReason: "ComputeEnvironment Healthy",
			ComputeResources: computeResources{e.Resources, list(e.Resources.Subnets), table(e.Resources.Tags)},
			ServiceRole:      e.ServiceRole, UpdatePolicy: e.UpdatePolicy, ContainerOrchestrationType: "ECS", UUID: e.ID, Context: e.Context,
		})
	}
	return out, nil
}
