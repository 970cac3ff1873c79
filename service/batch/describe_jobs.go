package batch

import (
	"cmp"
	"context"

	"salamander/batch"
)

// DescribeJobsInput is the input of [Service.DescribeJobs].
type DescribeJobsInput struct {
	Jobs []string `json:"jobs"`
}

// DescribeJobsOutput is the output of [Service.DescribeJobs].
type DescribeJobsOutput struct {
	Jobs []JobDetail `json:"jobs"`
}

// A JobDetail is a job as it is described. Times are milliseconds since 1970,
// and absent when the job has not come so far.
type JobDetail struct {
	JobARN               string             `json:"jobArn"`
	JobName              string             `json:"jobName"`
	JobID                string             `json:"jobId"`
	JobQueue             string             `json:"jobQueue"`
	Status               batch.Status       `json:"status"`
	Attempts             []AttemptDetail    `json:"attempts"`
	ShareIdentifier      string             `json:"shareIdentifier,omitempty"`
	SchedulingPriority   *int               `json:"schedulingPriority,omitempty"`
	StatusReason         string             `json:"statusReason,omitempty"`
	CreatedAt            int64              `json:"createdAt"`
	RetryStrategy        *RetryStrategy     `json:"retryStrategy"`
	StartedAt            int64              `json:"startedAt,omitempty"`
	StoppedAt            int64              `json:"stoppedAt,omitempty"`
	DependsOn            []batch.Dependency `json:"dependsOn"`
	JobDefinition        string             `json:"jobDefinition"`
	Parameters           map[string]string  `json:"parameters"`
	Container            JobContainer       `json:"container"`
	Timeout              *batch.Timeout     `json:"timeout,omitempty"`
	Tags                 map[string]string  `json:"tags"`
	PropagateTags        bool               `json:"propagateTags"`
	PlatformCapabilities []string           `json:"platformCapabilities"`
	EKSAttempts          []struct{}         `json:"eksAttempts"`
	IsCancelled          bool               `json:"isCancelled"`
	IsTerminated         bool               `json:"isTerminated"`
}

// A JobContainer is the container of a job: as it was asked for, and how its
// newest attempt stands.
type JobContainer struct {
	Container
	batch.ContainerState
	NetworkInterfaces []struct{} `json:"networkInterfaces"`
}

// An AttemptDetail is an attempt that ended.
type AttemptDetail struct {
	Container    AttemptContainer `json:"container"`
	StartedAt    int64            `json:"startedAt,omitempty"`
	StoppedAt    int64            `json:"stoppedAt,omitempty"`
	StatusReason string           `json:"statusReason,omitempty"`
}

// An AttemptContainer tells how the container of an attempt ended.
type AttemptContainer struct {
	batch.ContainerState
	NetworkInterfaces []struct{} `json:"networkInterfaces"`
}

// DescribeJobs describes those of the jobs that are there.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_DescribeJobs.html
func (s *Service) DescribeJobs(ctx context.Context, in *DescribeJobsInput) (*DescribeJobsOutput, error) {
	if err := few("jobs", in.Jobs); err != nil {
		return nil, err
	}
	jobs, err := s.batch.Jobs(ctx, scope(ctx), in.Jobs)
	if err != nil {
		return nil, err
	}
	out := &DescribeJobsOutput{Jobs: []JobDetail{}}
	for _, j := range jobs {
		out.Jobs = append(out.Jobs, describeJob(j))
	}
	return out, nil
}

func describeJob(j batch.Job) JobDetail {
	none := []struct{}{}
	d := JobDetail{
		JobARN: j.ARN(), JobName: j.Name, JobID: j.ID, JobQueue: j.QueueARN(), Status: j.Status, Attempts: []AttemptDetail{},
		StatusReason: j.StatusReason, CreatedAt: j.CreatedAt, StartedAt: j.StartedAt, StoppedAt: j.StoppedAt,
		RetryStrategy: describeRetry(cmp.Or(j.Retry, &batch.RetryStrategy{Attempts: 1})), DependsOn: list(j.DependsOn),
		JobDefinition: j.Definition, Parameters: table(j.Parameters),
		Container: JobContainer{Container: describeContainer(j.Container), NetworkInterfaces: none},
		Timeout:   j.Timeout, Tags: table(j.Tags), PropagateTags: j.PropagateTags != nil && *j.PropagateTags,
		PlatformCapabilities: list(j.Platforms), EKSAttempts: none, IsCancelled: j.IsCancelled, IsTerminated: j.IsTerminated,
	}
	if j.Share != "" {
		d.ShareIdentifier, d.SchedulingPriority = j.Share, &j.SchedulingPriority
	}
	if j.Last != nil {
		d.Container.ContainerState = *j.Last
	}
	for _, a := range j.Attempts {
		d.Attempts = append(d.Attempts, AttemptDetail{AttemptContainer{a.Container, none}, a.StartedAt, a.StoppedAt, a.StatusReason})
	}
	return d
}
