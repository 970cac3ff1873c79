package batch

import "context"

// DeleteComputeEnvironmentInput is the input of [Service.DeleteComputeEnvironment].
type DeleteComputeEnvironmentInput struct {
	ComputeEnvironment string `json:"computeEnvironment"`
}

// DeleteComputeEnvironment deletes a compute environment that is disabled and
// in no job queue.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_DeleteComputeEnvironment.html
func (s *Service) DeleteComputeEnvironment(ctx context.Context, in *DeleteComputeEnvironmentInput) (*None, error) {
	return &None{}, s.batch.DeleteEnvironment(ctx, scope(ctx), in.ComputeEnvironment)
}
