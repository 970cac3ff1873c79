package batch

import "context"

// DeleteJobQueueInput is the input of [Service.DeleteJobQueue].
type DeleteJobQueueInput struct {
	JobQueue string `json:"jobQueue"`
}

// DeleteJobQueue deletes a disabled job queue and terminates its jobs.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_DeleteJobQueue.html
func (s *Service) DeleteJobQueue(ctx context.Context, in *DeleteJobQueueInput) (*None, error) {
	return &None{}, s.batch.DeleteQueue(ctx, scope(ctx), in.JobQueue)
}
