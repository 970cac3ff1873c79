package batch

import (
	"context"

	"salamander/batch"
	"salamander/internal/arn"
)

// DescribeJobQueuesInput is the input of [Service.DescribeJobQueues].
type DescribeJobQueuesInput struct {
	JobQueues  []string `json:"jobQueues"`
	MaxResults int      `json:"maxResults"`
	NextToken  string   `json:"nextToken"`
}

// DescribeJobQueuesOutput is the output of [Service.DescribeJobQueues].
type DescribeJobQueuesOutput struct {
	JobQueues []JobQueue `json:"jobQueues"`
	NextToken string     `json:"nextToken,omitempty"`
}

// A JobQueue is a job queue as it is described. Its compute environments are
// given by ARN.
type JobQueue struct {
	Name                     string                  `json:"jobQueueName"`
	ARN                      string                  `json:"jobQueueArn"`
	State                    string                  `json:"state"`
	Status                   string                  `json:"status"`
	StatusReason             string                  `json:"statusReason"`
	SchedulingPolicyARN      string                  `json:"schedulingPolicyArn,omitempty"`
	Priority                 int                     `json:"priority"`
	ComputeEnvironmentOrder  []batch.EnvironmentRank `json:"computeEnvironmentOrder"`
	ServiceEnvironmentOrder  []struct{}              `json:"serviceEnvironmentOrder"`
	JobQueueType             string                  `json:"jobQueueType"`
	Tags                     map[string]string       `json:"tags"`
	JobStateTimeLimitActions []struct{}              `json:"jobStateTimeLimitActions"`
}

// DescribeJobQueues describes job queues, by name.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_DescribeJobQueues.html
func (s *Service) DescribeJobQueues(ctx context.Context, in *DescribeJobQueuesInput) (*DescribeJobQueuesOutput, error) {
	if err := few("jobQueues", in.JobQueues); err != nil {
		return nil, err
	}
	all := s.batch.Queues(scope(ctx), in.JobQueues)
	part, next, err := page(all, in.MaxResults, in.NextToken, func(q batch.Queue) string { return q.Name })
	if err != nil {
		return nil, err
	}
	out := &DescribeJobQueuesOutput{JobQueues: []JobQueue{}, NextToken: next}
	for _, q := range part {
		d := JobQueue{Name: q.Name, ARN: q.ARN(), State: q.State, Status: "VALID", StatusReason: "JobQueue Healthy",
			Priority: q.Priority, ServiceEnvironmentOrder: []struct{}{}, JobQueueType: s.queueType(q), Tags: table(q.Tags),
			JobStateTimeLimitActions: []struct{}{}}
		if q.Policy != "" {
			d.SchedulingPolicyARN = batch.Policy{Scope: q.Scope, Name: q.Policy}.ARN()
		}
		for _, o := range q.Order {
			o.ComputeEnvironment = arn.New(name, q.Region, q.Account, "compute-environment/"+o.ComputeEnvironment)
			d.ComputeEnvironmentOrder = append(d.ComputeEnvironmentOrder, o)
		}
		out.JobQueues = append(out.JobQueues, d)
	}
	return out, nil
}
