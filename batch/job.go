package batch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"salamander/internal/arn"
)

// A Job is one submitted job, as it is stored. Times are milliseconds since
// 1970, 0 when the job has not come so far.
type Job struct {
	Scope
	ID                 string              `json:"id"`
	Seq                int64               `json:"seq"` // order of submission
	Name               string              `json:"name"`
	Queue              string              `json:"queue"`      // name
	Definition         string              `json:"definition"` // ARN with revision
	Status             Status              `json:"status"`
	StatusReason       string              `json:"statusReason,omitempty"`
	CreatedAt          int64               `json:"createdAt"`
	StartedAt          int64               `json:"startedAt,omitempty"`
	StoppedAt          int64               `json:"stoppedAt,omitempty"`
	Parameters         map[string]string   `json:"parameters,omitempty"`
	Container          ContainerProperties `json:"container"` // with the overrides and parameters
	DependsOn          []Dependency        `json:"dependsOn,omitempty"`
	Retry              *RetryStrategy      `json:"retry,omitempty"`
	Timeout            *Timeout            `json:"timeout,omitempty"`
	Tags               map[string]string   `json:"tags,omitempty"`
	Share              string              `json:"share,omitempty"`              // identifier, in queues of fair shares
	SchedulingPriority int                 `json:"schedulingPriority,omitempty"` // among the jobs of the share
	PropagateTags      *bool               `json:"propagateTags,omitempty"`
	Platforms          []string            `json:"platforms,omitempty"`
	Attempts           []AttemptDetail     `json:"attempts,omitempty"` // those that ended
	Current            *Attempt            `json:"current,omitempty"`  // the one being started or running
	Last               *ContainerState     `json:"last,omitempty"`     // of the newest attempt
	IsCancelled        bool                `json:"isCancelled,omitempty"`
	IsTerminated       bool                `json:"isTerminated,omitempty"`
	EndReason          string              `json:"endReason,omitempty"` // of a termination asked for
}

// A Dependency is a job that must succeed first.
type Dependency struct {
	JobID string `json:"jobId,omitempty"`
	Type  string `json:"type,omitempty"`
}

// An AttemptDetail is an attempt that ended.
type AttemptDetail struct {
	Container    ContainerState `json:"container"`
	StartedAt    int64          `json:"startedAt,omitempty"`
	StoppedAt    int64          `json:"stoppedAt,omitempty"`
	StatusReason string         `json:"statusReason,omitempty"`
}

// A ContainerState tells where an attempt ran and how it ended.
type ContainerState struct {
	ContainerInstanceArn string `json:"containerInstanceArn,omitempty"`
	TaskArn              string `json:"taskArn,omitempty"`
	ExitCode             *int   `json:"exitCode,omitempty"`
	Reason               string `json:"reason,omitempty"`
	LogStreamName        string `json:"logStreamName,omitempty"`
}

// An Attempt is one run of a job's container, as it is stored before it
// starts. It is started at most once.
type Attempt struct {
	ID          string `json:"id"`          // 32 hex digits, the id of its ECS task
	Number      int    `json:"number"`      // from 1
	Environment string `json:"environment"` // name of the compute environment
	Cluster     string `json:"cluster"`     // name of its ECS cluster
	InstanceID  string `json:"instanceId"`
	Instance    string `json:"instance"` // id of the container instance
	LogGroup    string `json:"logGroup"`
	LogStream   string `json:"logStream"`
	StartedAt   int64  `json:"startedAt,omitempty"`
	// Mark is what the executor needs to find the attempt's processes again
	// after the engine died; empty until they run.
	Mark string `json:"mark,omitempty"`
}

// ARN returns the job's ARN.
func (j Job) ARN() string { return arn.New("batch", j.Region, j.Account, "job/"+j.ID) }

// QueueARN returns the ARN of the job's queue.
func (j Job) QueueARN() string { return arn.New("batch", j.Region, j.Account, "job-queue/"+j.Queue) }

// state returns what attempts and jobs show of a.
func (j Job) state(a *Attempt) ContainerState {
	return ContainerState{
		ContainerInstanceArn: arn.New("ecs", j.Region, j.Account, "container-instance/"+a.Cluster+"/"+a.Instance),
		TaskArn:              arn.New("ecs", j.Region, j.Account, "task/"+a.Cluster+"/"+a.ID),
		LogStreamName:        a.LogStream,
	}
}

// A JobQuery selects jobs of one queue.
type JobQuery struct {
	Queue      string // name; empty for all queues
	Status     Status // empty for all
	Name       string // may end with *; empty for all
	Before     int64  // only jobs whose Seq is smaller; 0 for all
	Definition string // ARN with revision; empty for all
	// DefinitionPrefix selects by the ARN's beginning; empty for all.
	DefinitionPrefix string
	CreatedAfter     int64 // milliseconds; 0 for all
	CreatedBefore    int64
	Limit            int // jobs at most; 0 for all
}

// Jobs returns those of the jobs with the given ids or ARNs that exist.
func (b *Batch) Jobs(ctx context.Context, scope Scope, refs []string) ([]Job, error) {
	ids := make([]string, 0, len(refs))
	for _, ref := range refs {
		if id, err := resourceName(scope, "job", ref); err == nil {
			ids = append(ids, id)
		}
	}
	jobs, err := b.opt.Store.Jobs(ctx, scope, ids)
	if err != nil {
		return nil, err
	}
	b.explain(jobs)
	return jobs, nil
}

// ListJobs returns the jobs in scope that q selects, the newest first.
func (b *Batch) ListJobs(ctx context.Context, scope Scope, q JobQuery) ([]Job, error) {
	jobs, err := b.opt.Store.ListJobs(ctx, scope, q)
	if err != nil {
		return nil, err
	}
	b.explain(jobs)
	return jobs, nil
}

// explain gives waiting jobs the reason that they wait for now.
func (b *Batch) explain(jobs []Job) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range jobs {
		if j := b.jobs[jobs[i].ID]; j != nil && !j.owned {
			if why := b.why(j); why != "" {
				jobs[i].StatusReason = why
			}
		}
	}
}

// why tells what j waits for. mu is held.
func (b *Batch) why(j *liveJob) string {
	if n := len(j.after); n > 0 {
		return fmt.Sprintf("Waits for %d of the jobs it depends on: %s.", n,
			strings.Join(slices.Sorted(maps.Keys(j.after)), ", "))
	}
	q := b.queues[j.key]
	if q == nil || len(q.waiting) == 0 {
		return ""
	}
	head := q.waiting[0]
	if head == j {
		return j.why
	}
	return fmt.Sprintf("Waits behind job %s, the first of %d in job queue %q. %s", head.id, len(q.waiting), q.Name, head.why)
}

// matchesName is the rule of ListJobs's filter JOB_NAME: case does not matter,
// and the pattern may end with *.
func matchesName(pattern, name string) bool {
	return glob(strings.ToLower(pattern), strings.ToLower(name))
}

// Matches reports whether q selects j, but for Limit.
func (q JobQuery) Matches(j Job) bool {
	return (q.Queue == "" || q.Queue == j.Queue) &&
		(q.Status == "" || q.Status == j.Status) &&
		matchesName(q.Name, j.Name) &&
		(q.Before == 0 || j.Seq < q.Before) &&
		(q.Definition == "" || q.Definition == j.Definition) &&
		strings.HasPrefix(j.Definition, q.DefinitionPrefix) &&
		(q.CreatedAfter == 0 || j.CreatedAt > q.CreatedAfter) &&
		(q.CreatedBefore == 0 || j.CreatedAt < q.CreatedBefore)
}
