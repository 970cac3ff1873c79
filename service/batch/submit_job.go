package batch

import (
	"context"

	"salamander/batch"
	"salamander/operation"
)

// SubmitJobInput is the input of [Service.SubmitJob].
type SubmitJobInput struct {
	JobName                    string               `json:"jobName"`
	JobQueue                   string               `json:"jobQueue"`
	JobDefinition              string               `json:"jobDefinition"`
	DependsOn                  []batch.Dependency   `json:"dependsOn"`
	Parameters                 map[string]string    `json:"parameters"`
	ContainerOverrides         *batch.Overrides     `json:"containerOverrides"`
	RetryStrategy              *batch.RetryStrategy `json:"retryStrategy"`
	PropagateTags              *bool                `json:"propagateTags"`
	Timeout                    *batch.Timeout       `json:"timeout"`
	Tags                       map[string]string    `json:"tags"`
	ShareIdentifier            string               `json:"shareIdentifier"`
	SchedulingPriorityOverride *int                 `json:"schedulingPriorityOverride"`
}

// SubmitJobOutput is the output of [Service.SubmitJob].
type SubmitJobOutput struct {
	JobARN  string `json:"jobArn"`
	JobName string `json:"jobName"`
	JobID   string `json:"jobId"`
}

// SubmitJob submits a job. It answers when the job is durable. A repeat within
// an invocation is answered with the job that was submitted first.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_SubmitJob.html
func (s *Service) SubmitJob(ctx context.Context, in *SubmitJobInput) (*SubmitJobOutput, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	retry := in.RetryStrategy
	if retry != nil && retry.Attempts == 0 && len(retry.EvaluateOnExit) == 0 {
		retry = nil // {} overrides nothing
	}
	timeout := in.Timeout
	if timeout != nil && timeout.AttemptDurationSeconds == 0 {
		timeout = nil
	}
	job, err := s.batch.Submit(ctx, batch.Submission{
		Scope: scope(ctx), ID: operation.NewID(ctx), MayRepeat: operation.CallerOf(ctx).Invocation.ID != "",
		Name: in.JobName, Queue: in.JobQueue, Definition: in.JobDefinition, Parameters: in.Parameters,
		Overrides: in.ContainerOverrides, DependsOn: in.DependsOn, Retry: retry, Timeout: timeout,
		Tags: in.Tags, PropagateTags: in.PropagateTags, Share: in.ShareIdentifier, Priority: in.SchedulingPriorityOverride,
	})
	if err != nil {
		return nil, err
	}
	return &SubmitJobOutput{job.ARN(), job.Name, job.ID}, nil
}
