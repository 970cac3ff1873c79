package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A jobDetail is what the demo reads of DescribeJobs.
type jobDetail struct {
	JobID        string `json:"jobId"`
	JobName      string `json:"jobName"`
	Status       string `json:"status"`
	StatusReason string `json:"statusReason"`
	Container    struct {
		ExitCode      *int   `json:"exitCode"`
		Reason        string `json:"reason"`
		LogStreamName string `json:"logStreamName"`
	} `json:"container"`
}

// jobLogGroup is where Batch writes the output of jobs.
const jobLogGroup = "/aws/batch/job"

func (a *app) job(ctx context.Context, id string) (*jobDetail, error) {
	out, err := call[struct {
		Jobs []jobDetail `json:"jobs"`
	}](ctx, a, "", "batch", "DescribeJobs", document{"jobs": []string{id}})
	if err != nil {
		return nil, err
	}
	if len(out.Jobs) == 0 {
		return nil, fmt.Errorf("job %s is not known", id)
	}
	return &out.Jobs[0], nil
}

// waitJob returns the job when it has ended. each is called with the output
// of the job so far, whenever there is more.
func (a *app) waitJob(ctx context.Context, id string, each func(lines []string)) (*jobDetail, error) {
	seen := 0
	for {
		job, err := a.job(ctx, id)
		if err != nil {
			return nil, err
		}
		ended := job.Status == "SUCCEEDED" || job.Status == "FAILED"
		if each != nil && job.Container.LogStreamName != "" {
			if lines := a.jobLog(ctx, job); len(lines) > seen {
				seen = len(lines)
				each(lines)
			}
		}
		if ended {
			return job, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// jobLog returns the output of a job's last attempt, as far as it is there.
func (a *app) jobLog(ctx context.Context, job *jobDetail) []string {
	out, err := call[struct {
		Events []struct {
			Message string `json:"message"`
		} `json:"events"`
	}](ctx, a, "", "logs", "GetLogEvents", document{
		"logGroupName": jobLogGroup, "logStreamName": job.Container.LogStreamName, "startFromHead": true})
	if err != nil {
		return nil // the stream begins with the first line
	}
	lines := make([]string, len(out.Events))
	for i, ev := range out.Events {
		lines[i] = ev.Message
	}
	return lines
}

// failure tells why a job failed: its reason and the end of its output.
func (a *app) failure(ctx context.Context, job *jobDetail) string {
	var b strings.Builder
	fmt.Fprintf(&b, "job %s (%s) %s", job.JobName, job.JobID, job.Status)
	if job.StatusReason != "" {
		fmt.Fprintf(&b, ": %s", job.StatusReason)
	}
	if job.Container.Reason != "" {
		fmt.Fprintf(&b, " (%s)", job.Container.Reason)
	}
	if job.Container.ExitCode != nil {
		fmt.Fprintf(&b, ", exit code %d", *job.Container.ExitCode)
	}
	lines := a.jobLog(ctx, job)
	for _, line := range lines[max(0, len(lines)-10):] {
		fmt.Fprintf(&b, "\n    | %s", line)
	}
	return b.String()
}

// failedJobs returns the failed jobs of a queue that were made since the
// given time, newest first.
func (a *app) failedJobs(ctx context.Context, queue string, since time.Time) ([]*jobDetail, error) {
	out, err := call[struct {
		Jobs []struct {
			JobID     string `json:"jobId"`
			CreatedAt int64  `json:"createdAt"` // milliseconds
		} `json:"jobSummaryList"`
	}](ctx, a, "", "batch", "ListJobs", document{"jobQueue": queue, "jobStatus": "FAILED"})
	if err != nil {
		return nil, err
	}
	var failed []*jobDetail
	for _, j := range out.Jobs {
		if j.CreatedAt < since.UnixMilli() {
			continue
		}
		job, err := a.job(ctx, j.JobID)
		if err != nil {
			return nil, err
		}
		failed = append(failed, job)
	}
	return failed, nil
}
