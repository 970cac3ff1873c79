package batch

import "context"

// TerminateJob ends a job wherever it stands. It answers when the order is
// durable; the job's processes have 30 seconds to end by themselves.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_TerminateJob.html
func (s *Service) TerminateJob(ctx context.Context, in *EndJobInput) (*None, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return &None{}, s.batch.Terminate(ctx, scope(ctx), in.JobID, in.Reason)
}
