package batch

import (
	"context"

	"salamander/batch"
	"salamander/operation"
)

// RegisterJobDefinitionInput is the input of [Service.RegisterJobDefinition].
type RegisterJobDefinitionInput struct {
	Name                 string                    `json:"jobDefinitionName"`
	Type                 string                    `json:"type"`
	Parameters           map[string]string         `json:"parameters"`
	SchedulingPriority   *int                      `json:"schedulingPriority"` // counts in queues with a scheduling policy only
	ContainerProperties  batch.ContainerProperties `json:"containerProperties"`
	RetryStrategy        *batch.RetryStrategy      `json:"retryStrategy"`
	PropagateTags        *bool                     `json:"propagateTags"` // to the task of the job, which shows no tags
	Timeout              *batch.Timeout            `json:"timeout"`
	Tags                 map[string]string         `json:"tags"`
	PlatformCapabilities []string                  `json:"platformCapabilities"`
}

// RegisterJobDefinitionOutput is the output of [Service.RegisterJobDefinition].
type RegisterJobDefinitionOutput struct {
	Name     string `json:"jobDefinitionName"`
	ARN      string `json:"jobDefinitionArn"`
	Revision int    `json:"revision"`
}

// RegisterJobDefinition stores the next revision of a job definition.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_RegisterJobDefinition.html
func (s *Service) RegisterJobDefinition(ctx context.Context, in *RegisterJobDefinitionInput) (*RegisterJobDefinitionOutput, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	for _, p := range in.PlatformCapabilities {
		if p != "EC2" && p != "FARGATE" {
			return nil, invalid("platformCapabilities: %q must be EC2 or FARGATE.", p)
		}
	}
	d, err := s.batch.RegisterDefinition(ctx, batch.Definition{
		Scope: scope(ctx), ID: operation.NewID(ctx), Name: in.Name, Type: in.Type, Parameters: in.Parameters,
		Container: in.ContainerProperties, Retry: in.RetryStrategy, Timeout: in.Timeout, SchedulingPriority: in.SchedulingPriority,
		PropagateTags: in.PropagateTags, Platforms: in.PlatformCapabilities, Tags: in.Tags,
	})
	if err != nil {
		return nil, err
	}
	return &RegisterJobDefinitionOutput{d.Name, d.ARN(), d.Revision}, nil
}
