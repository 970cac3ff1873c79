package batch

import (
	"context"

	"salamander/batch"
)

// UpdateJobQueueInput is the input of [Service.UpdateJobQueue]. Absent members
// stay as they are.
type UpdateJobQueueInput struct {
	JobQueue                string                  `json:"jobQueue"`
	State                   string                  `json:"state"`
	Priority                *int                    `json:"priority"`
	ComputeEnvironmentOrder []batch.EnvironmentRank `json:"computeEnvironmentOrder"`
	SchedulingPolicyARN     string                  `json:"schedulingPolicyArn"` // in place of the one it has; it cannot be removed
}

// UpdateJobQueue changes a job queue. A disabled one takes no new jobs, and
// works off those it has.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_UpdateJobQueue.html
func (s *Service) UpdateJobQueue(ctx context.Context, in *UpdateJobQueueInput) (*JobQueueOutput, error) {
	q, err := s.batch.UpdateQueue(ctx, scope(ctx), in.JobQueue, func(q *batch.Queue) error {
		setText(&q.State, in.State)
		set(&q.Priority, in.Priority)
		if len(in.ComputeEnvironmentOrder) > 0 {
			q.Order = in.ComputeEnvironmentOrder
		}
		if in.SchedulingPolicyARN == "" {
			return nil
		}
		if q.Policy == "" {
			return invalid("A scheduling policy cannot be added to job queue %s, which was created without one.", q.Name)
		}
		p, err := s.batch.Policy(q.Scope, in.SchedulingPolicyARN)
		if err != nil {
			return err
		}
		q.Policy = p.Name
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &JobQueueOutput{q.Name, q.ARN()}, nil
}
