package batch

import "context"

// DeregisterJobDefinitionInput is the input of [Service.DeregisterJobDefinition].
type DeregisterJobDefinitionInput struct {
	JobDefinition string `json:"jobDefinition"`
}

// DeregisterJobDefinition makes a revision inactive: it takes no new jobs.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_DeregisterJobDefinition.html
func (s *Service) DeregisterJobDefinition(ctx context.Context, in *DeregisterJobDefinitionInput) (*None, error) {
	return &None{}, s.batch.DeregisterDefinition(ctx, scope(ctx), in.JobDefinition)
}
