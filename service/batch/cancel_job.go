package batch

import "context"

// EndJobInput is the input of [Service.CancelJob] and [Service.TerminateJob].
type EndJobInput struct {
	JobID  string `json:"jobId"`
	Reason string `json:"reason"`
}

func (in *EndJobInput) check() error {
	switch {
	case in.JobID == "":
		return invalid("jobId must be specified.")
	case in.Reason == "":
		return invalid("reason must be specified.")
	case len(in.Reason) > 1024:
		return invalid("reason can be at most 1024 characters long.")
	}
	return nil
}

// CancelJob ends a job that has not been started. One that starts or runs goes
// on, and the answer is the same.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_CancelJob.html
func (s *Service) CancelJob(ctx context.Context, in *EndJobInput) (*None, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	return &None{}, s.batch.Cancel(ctx, scope(ctx), in.JobID, in.Reason)
}
