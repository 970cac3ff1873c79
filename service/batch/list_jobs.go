package batch

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"salamander/batch"
	"salamander/internal/arn"
	"salamander/internal/pagetoken"
	"salamander/operation"
)

// ListJobsInput is the input of [Service.ListJobs].
type ListJobsInput struct {
	JobQueue   string   `json:"jobQueue"`
	JobStatus  string   `json:"jobStatus"` // RUNNING when there are no filters either
	MaxResults int      `json:"maxResults"`
	NextToken  string   `json:"nextToken"`
	Filters    []Filter `json:"filters"`
}

// A Filter selects jobs of any status.
type Filter struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// ListJobsOutput is the output of [Service.ListJobs].
type ListJobsOutput struct {
	Jobs      []JobSummary `json:"jobSummaryList"`
	NextToken string       `json:"nextToken,omitempty"`
}

// A JobSummary is a job as it is listed.
type JobSummary struct {
	JobARN        string            `json:"jobArn"`
	JobID         string            `json:"jobId"`
	JobName       string            `json:"jobName"`
	CreatedAt     int64             `json:"createdAt"`
	Status        batch.Status      `json:"status"`
	StatusReason  string            `json:"statusReason,omitempty"`
	StartedAt     int64             `json:"startedAt,omitempty"`
	StoppedAt     int64             `json:"stoppedAt,omitempty"`
	Container     *ContainerSummary `json:"container,omitempty"`
	JobDefinition string            `json:"jobDefinition"`
}

// A ContainerSummary tells how the newest attempt of a job ended.
type ContainerSummary struct {
	ExitCode *int   `json:"exitCode,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// A listToken says where a list goes on, and what it lists: the token of one
// list is none of another.
type listToken struct {
	Before int64    `json:"before"`
	Of     []string `json:"of"`
}

// ListJobs lists the jobs of a queue, the newest first.
//
// https://docs.aws.amazon.com/batch/latest/APIReference/API_ListJobs.html
func (s *Service) ListJobs(ctx context.Context, in *ListJobsInput) (*ListJobsOutput, error) {
	q, err := s.jobQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	of := []string{q.Queue, in.JobStatus}
	limit := 1000
	for _, f := range in.Filters {
		of = append(append(of, f.Name), f.Values...)
		limit = 100
	}
	if in.MaxResults < 0 {
		return nil, invalid("maxResults must be at least 1.")
	}
	if in.MaxResults > 0 {
		limit = min(limit, in.MaxResults)
	}
	token := listToken{Of: of}
	if err := readToken(in.NextToken, &token); err != nil {
		return nil, err
	}
	if !slices.Equal(token.Of, of) {
		return nil, invalid("Invalid nextToken.")
	}
	q.Before, q.Limit = token.Before, limit+1
	jobs, err := s.batch.ListJobs(ctx, scope(ctx), q)
	if err != nil {
		return nil, err
	}
	out := &ListJobsOutput{Jobs: []JobSummary{}}
	if len(jobs) > limit {
		jobs = jobs[:limit]
		out.NextToken = pagetoken.Encode(listToken{jobs[limit-1].Seq, of})
	}
	for _, j := range jobs {
		out.Jobs = append(out.Jobs, summarize(j))
	}
	return out, nil
}

func summarize(j batch.Job) JobSummary {
	sum := JobSummary{JobARN: j.ARN(), JobID: j.ID, JobName: j.Name, CreatedAt: j.CreatedAt, Status: j.Status,
		StatusReason: j.StatusReason, StartedAt: j.StartedAt, StoppedAt: j.StoppedAt, JobDefinition: j.Definition}
	if j.Last != nil && (j.Last.ExitCode != nil || j.Last.Reason != "") {
		sum.Container = &ContainerSummary{j.Last.ExitCode, j.Last.Reason}
	}
	return sum
}

// jobQuery returns what in asks for, but for the page.
func (s *Service) jobQuery(ctx context.Context, in *ListJobsInput) (batch.JobQuery, error) {
	var q batch.JobQuery
	if in.JobQueue == "" {
		return q, invalid("A jobQueue must be specified.")
	}
	queue, err := s.batch.Queue(scope(ctx), in.JobQueue)
	if err != nil {
		return q, err
	}
	q.Queue = queue.Name
	if in.JobStatus != "" && !slices.Contains(batch.Statuses(), batch.Status(in.JobStatus)) {
		return q, invalid("jobStatus %q must be one of %v.", in.JobStatus, batch.Statuses())
	}
	switch len(in.Filters) {
	case 0:
		q.Status = batch.Running
		if in.JobStatus != "" {
			q.Status = batch.Status(in.JobStatus)
		}
		return q, nil
	case 1:
		return q, applyFilter(ctx, &q, in.Filters[0])
	}
	return q, invalid("Only one filter can be used at a time.")
}

func applyFilter(ctx context.Context, q *batch.JobQuery, f Filter) error {
	if len(f.Values) != 1 || f.Values[0] == "" {
		return invalid("The filter %s must have one value.", f.Name)
	}
	v := f.Values[0]
	switch f.Name {
	case "JOB_NAME":
		q.Name = v
	case "JOB_DEFINITION":
		if strings.HasPrefix(v, "arn:") {
			q.Definition = v
			break
		}
		prefix, open := strings.CutSuffix(v, "*")
		if !open {
			prefix += ":"
		}
		c := scope(ctx)
		q.DefinitionPrefix = arn.New(name, c.Region, c.Account, "job-definition/"+prefix)
	case "BEFORE_CREATED_AT", "AFTER_CREATED_AT":
		at, err := strconv.ParseInt(v, 10, 64)
		if err != nil || at < 1 {
			return invalid("The filter %s has the value %q; need milliseconds since 1970.", f.Name, v)
		}
		if f.Name == "BEFORE_CREATED_AT" {
			q.CreatedBefore = at
		} else {
			q.CreatedAfter = at
		}
	case "SHARE_IDENTIFIER":
		return operation.NotImplemented(name, "ListJobs", "the filter "+f.Name)
	default:
		return invalid("The filter %q must be one of JOB_NAME, JOB_DEFINITION, BEFORE_CREATED_AT, AFTER_CREATED_AT, SHARE_IDENTIFIER.", f.Name)
	}
	return nil
}
