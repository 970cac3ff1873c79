package batch

import (
	"context"
	"errors"
	"maps"
	"strings"

	"salamander/internal/arn"
	"salamander/operation"
)

// maxTags is AWS's limit of tags a resource.
const maxTags = 50

// Tags returns the tags of the job, job definition, job queue, scheduling
// policy or compute environment with the given ARN.
func (b *Batch) Tags(ctx context.Context, scope Scope, ref string) (map[string]string, error) {
	var tags map[string]string
	err := b.retag(ctx, scope, ref, func(have map[string]string) (map[string]string, bool) {
		tags = maps.Clone(have)
		return nil, false
	})
	return tags, err
}

// Tag adds tags to the resource with the given ARN; those that it has keep
// their place and take the new value.
func (b *Batch) Tag(ctx context.Context, scope Scope, ref string, tags map[string]string) error {
	var refused error
	err := b.retag(ctx, scope, ref, func(have map[string]string) (map[string]string, bool) {
		merged := mergeParameters(have, tags)
		if len(merged) > maxTags {
			refused = clientError("A resource can have at most %d tags.", maxTags)
		}
		return merged, refused == nil
	})
	if err == nil {
		err = refused
	}
	return err
}

// Untag removes the tags with the given keys; those it does not have are no
// mistake.
func (b *Batch) Untag(ctx context.Context, scope Scope, ref string, keys []string) error {
	return b.retag(ctx, scope, ref, func(have map[string]string) (map[string]string, bool) {
		left := maps.Clone(have)
		for _, k := range keys {
			delete(left, k)
		}
		return left, len(left) < len(have)
	})
}

// retag commits what change makes of a resource's tags, unless it reports
// false.
func (b *Batch) retag(ctx context.Context, scope Scope, ref string, change func(map[string]string) (map[string]string, bool)) error {
	missing := clientError("Resource %s does not exist.", ref)
	a, err := arn.Parse(ref)
	if err != nil || a.Service != "batch" || a.Account != scope.Account || a.Region != scope.Region {
		return missing
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	switch kind {
	case "job":
		return b.retagJob(ctx, scope, name, missing, change)
	case "job-definition":
		b.admin.Lock()
		defer b.admin.Unlock()
		name, revision, err := splitDefinition(scope, ref)
		if err != nil || revision == 0 {
			return missing
		}
		found, err := b.opt.Store.Definitions(ctx, scope, DefinitionQuery{Name: name, Revision: revision})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return missing
		}
		d := found[0]
		tags, ok := change(d.Tags)
		if !ok {
			return nil
		}
		d.Tags = tags
		return b.opt.Store.PutDefinition(ctx, d)
	case "job-queue":
		b.admin.Lock()
		defer b.admin.Unlock()
		q, ok := b.queue(scope, name)
		if !ok {
			return missing
		}
		if q.Tags, ok = change(q.Tags); !ok {
			return nil
		}
		return b.putQueue(ctx, q)
	case "scheduling-policy":
		b.admin.Lock()
		defer b.admin.Unlock()
		p, ok := b.policy(scope, name)
		if !ok {
			return missing
		}
		if p.Tags, ok = change(p.Tags); !ok {
			return nil
		}
		return b.putPolicy(ctx, p)
	case "compute-environment":
		b.admin.Lock()
		defer b.admin.Unlock()
		e, ok := b.environment(scope, name)
		if !ok {
			return missing
		}
		if e.Tags, ok = change(e.Tags); !ok {
			return nil
		}
		return b.putEnvironment(ctx, e)
	}
	return missing
}

func (b *Batch) retagJob(ctx context.Context, scope Scope, id string, missing error, change func(map[string]string) (map[string]string, bool)) error {
	apply := func(doc *Job) ([]Status, bool) {
		tags, ok := change(doc.Tags)
		if ok {
			doc.Tags = tags
		}
		return nil, ok
	}
	j, err := b.find(ctx, scope, id)
	if j != nil {
		return b.change(ctx, j, apply)
	}
	if known := (*operation.Error)(nil); errors.As(err, &known) {
		return missing
	} else if err != nil {
		return err
	}
	b.admin.Lock() // an ended job has no owner to keep two changes apart
	defer b.admin.Unlock()
	jobs, err := b.opt.Store.Jobs(ctx, scope, []string{id})
	if err != nil {
		return err
	}
	if len(jobs) == 0 {
		return missing
	}
	if _, ok := apply(&jobs[0]); !ok {
		return nil
	}
	return b.opt.Store.PutJob(ctx, jobs[0])
}
