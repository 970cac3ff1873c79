package batch

import (
	"context"
	"strings"

	"salamander/batch"
	"salamander/operation"
)

// CreateJobQueueInput is the input of [Service.CreateJobQueue].
type CreateJobQueueInput struct {
	Name                    string                  `json:"jobQueueName"`
	State                   string                  `json:"state"`
	Priority                int                     `json:"priority"`
	ComputeEnvironmentOrder []batch.EnvironmentRank `json:"computeEnvironmentOrder"`
	JobQueueType            string                  `json:"jobQueueType"`
	SchedulingPolicyARN     string                  `json:"schedulingPolicyArn"`
	Tags                    map[string]string       `json:"tags"`
}

// JobQueueOutput names a job queue.
type JobQueueOutput struct {
	Name string `json:"jobQueueName"`
	ARN  string `json:"jobQueueArn"`
}

// CreateJobQueue makes a job queue, which is valid at once.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_CreateJobQueue.html
func (s *Service) CreateJobQueue(ctx context.Context, in *CreateJobQueueInput) (*JobQueueOutput, error) {
	q := batch.Queue{Scope: scope(ctx), ID: operation.NewID(ctx), Name: in.Name, State: in.State,
		Priority: in.Priority, Order: in.ComputeEnvironmentOrder, Tags: in.Tags}
	switch in.JobQueueType {
	case "", "ECS", "ECS_FARGATE":
	default:
		return nil, operation.NotImplemented(name, "CreateJobQueue", "job queues of type "+in.JobQueueType)
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	if have := s.queueType(q); in.JobQueueType != "" && have != in.JobQueueType {
		return nil, invalid("jobQueueType %s does not fit the compute environments of the queue, whose type is %s.", in.JobQueueType, have)
	}
	if in.SchedulingPolicyARN != "" {
		p, err := s.batch.Policy(q.Scope, in.SchedulingPolicyARN)
		if err != nil {
			return nil, err
		}
		q.Policy = p.Name
	}
	q, err := s.batch.CreateQueue(ctx, q)
	if err != nil {
		return nil, err
	}
	return &JobQueueOutput{q.Name, q.ARN()}, nil
}

// queueType tells ECS_FARGATE from ECS by the environments of q.
func (s *Service) queueType(q batch.Queue) string {
	var refs []string
	for _, o := range q.Order {
		refs = append(refs, o.ComputeEnvironment)
	}
	if len(refs) == 0 {
		return "ECS"
	}
	found := s.batch.Environments(q.Scope, refs)
	for _, e := range found {
		if !strings.HasPrefix(e.Resources.Type, "FARGATE") {
			return "ECS"
		}
	}
	if len(found) == 0 {
		return "ECS"
	}
	return "ECS_FARGATE"
}
