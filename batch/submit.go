package batch

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// A Submission is what SubmitJob is given.
type Submission struct {
	Scope
	ID            string // of the new job
	MayRepeat     bool   // ID may be that of a job submitted before, which is then the answer
	Name          string
	Queue         string // name or ARN
	Definition    string // name, name:revision or ARN
	Parameters    map[string]string
	Overrides     *Overrides
	DependsOn     []Dependency
	Retry         *RetryStrategy // in place of the definition's
	Timeout       *Timeout       // in place of the definition's
	Tags          map[string]string
	Share         string // identifier, for queues of fair shares
	Priority      *int   // in place of the definition's scheduling priority
	PropagateTags *bool
}

// Submit stores a new job and has it scheduled. It returns when the job is
// durable. An error that the caller can mend is an [operation.Error].
func (b *Batch) Submit(ctx context.Context, s Submission) (Job, error) {
	if s.MayRepeat {
		first, err := b.opt.Store.Jobs(ctx, s.Scope, []string{s.ID})
		if err != nil {
			return Job{}, err
		}
		if len(first) > 0 {
			return first[0], nil
		}
	}
	doc, err := b.newJob(ctx, s)
	if err != nil {
		return Job{}, err
	}
	if err := b.checkDependencies(ctx, s); err != nil {
		return Job{}, err
	}
	b.mu.Lock()
	b.seq++
	doc.Seq = b.seq
	b.mu.Unlock()
	first, found, err := b.opt.Store.AddJob(ctx, doc)
	if err != nil || found {
		return first, err
	}
	b.admit(ctx, doc)
	return doc, nil
}

// newJob makes the job that s asks for, and refuses what is wrong with it.
func (b *Batch) newJob(ctx context.Context, s Submission) (Job, error) {
	if err := checkName("jobName", s.Name); err != nil {
		return Job{}, err
	}
	q, err := b.Queue(s.Scope, s.Queue)
	if err != nil {
		return Job{}, err
	}
	if q.State != Enabled {
		return Job{}, clientError("JobQueue %s is in DISABLED state: it takes no new jobs.", s.Queue)
	}
	if err := checkShare(q, s.Share, s.Priority); err != nil {
		return Job{}, err
	}
	def, err := b.Definition(ctx, s.Scope, s.Definition)
	if err != nil {
		return Job{}, err
	}
	if err := s.Retry.check(); err != nil {
		return Job{}, err
	}
	if err := s.Timeout.check(); err != nil {
		return Job{}, err
	}
	job := Job{
		Scope: s.Scope, ID: s.ID, Name: s.Name, Queue: q.Name, Definition: def.ARN(),
		Status: Submitted, CreatedAt: b.millis(),
		Parameters: mergeParameters(def.Parameters, s.Parameters),
		Container:  def.Container.with(s.Overrides),
		DependsOn:  s.DependsOn,
		Retry:      def.Retry, Timeout: def.Timeout, Platforms: def.Platforms,
		Tags: maps.Clone(s.Tags), PropagateTags: def.PropagateTags, Share: s.Share,
	}
	if p := cmp.Or(s.Priority, def.SchedulingPriority); p != nil {
		job.SchedulingPriority = *p
	}
	if s.Retry != nil {
		job.Retry = s.Retry
	}
	if s.Timeout != nil {
		job.Timeout = s.Timeout
	}
	if s.PropagateTags != nil {
		job.PropagateTags = s.PropagateTags
	}
	job.Container.Command = substitute(job.Container.Command, job.Parameters)
	if _, err := job.Container.resources(); err != nil {
		return Job{}, err
	}
	return job, job.Container.check()
}

func (b *Batch) checkDependencies(ctx context.Context, s Submission) error {
	if len(s.DependsOn) == 0 {
		return nil
	}
	if len(s.DependsOn) > 20 {
		return clientError("A job can depend upon a maximum of 20 jobs.")
	}
	var ids []string
	for _, d := range s.DependsOn {
		if d.Type != "" {
			return clientError("Salamander does not implement dependencies of type %s, which are for array jobs.", d.Type)
		}
		if d.JobID == "" {
			return clientError("dependsOn: jobId must be specified.")
		}
		if !slices.Contains(ids, d.JobID) {
			ids = append(ids, d.JobID)
		}
	}
	found, err := b.opt.Store.Jobs(ctx, s.Scope, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(found, func(j Job) bool { return j.ID == id }) {
			return clientError("dependsOn: job %s does not exist.", id)
		}
	}
	return nil
}
