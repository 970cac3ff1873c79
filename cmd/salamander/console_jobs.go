package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"salamander/batch"
	web "salamander/console"
)

// consoleJobs lets the console read jobs.
type consoleJobs struct{ *app }

func (c consoleJobs) scope() batch.Scope {
	return batch.Scope{Account: defaultAccount, Region: c.config.Region}
}

// Jobs lists jobs, the newest first.
func (c consoleJobs) Jobs(ctx context.Context, q web.JobQuery) ([]web.Job, error) {
	list, err := c.batch.ListJobs(ctx, c.scope(), batch.JobQuery{Queue: q.Queue, Status: batch.Status(q.Status), Before: q.Before, Limit: q.Limit})
	all := make([]web.Job, len(list))
	for i, j := range list {
		all[i] = web.Job{ID: j.ID, ARN: j.ARN(), Name: j.Name, Queue: j.Queue, Status: string(j.Status), Reason: reasonOf(j),
			Created: j.CreatedAt, Started: j.StartedAt, Stopped: j.StoppedAt, Attempts: len(j.Attempts), Seq: j.Seq}
		if j.Current != nil {
			all[i].Attempts++
		}
	}
	return all, err
}

// reasonOf is why a job is in its state: of a failure with the exit code and
// the reason of the last attempt.
func reasonOf(j batch.Job) string {
	if j.Status != batch.Failed || len(j.Attempts) == 0 {
		return j.StatusReason
	}
	last := j.Attempts[len(j.Attempts)-1].Container
	var parts []string
	if last.ExitCode != nil {
		parts = append(parts, fmt.Sprintf("exit code %d", *last.ExitCode))
	}
	for _, s := range []string{last.Reason, j.StatusReason} {
		if s != "" && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}

// Logs returns where the attempts of a job print.
func (c consoleJobs) Logs(ctx context.Context, id string) ([]web.LogPlace, error) {
	jobs, err := c.batch.Jobs(ctx, c.scope(), []string{id})
	if err != nil || len(jobs) == 0 {
		return nil, err
	}
	j := jobs[0]
	var places []web.LogPlace
	group := "/aws/batch/job"
	if l := j.Container.LogConfiguration; l != nil && l.Options["awslogs-group"] != "" {
		group = l.Options["awslogs-group"]
	}
	for i, a := range j.Attempts {
		if a.Container.LogStreamName != "" {
			places = append(places, web.LogPlace{Attempt: i + 1, Group: group, Stream: a.Container.LogStreamName})
		}
	}
	if a := j.Current; a != nil && a.LogStream != "" {
		places = append(places, web.LogPlace{Attempt: a.Number, Group: a.LogGroup, Stream: a.LogStream})
	}
	return places, nil
}
