package batch

import (
	"cmp"
	"context"
	"slices"

	"salamander/internal/arn"
)

// A Queue is a job queue.
type Queue struct {
	Scope
	ID       string            `json:"id"` // of the call that made it
	Name     string            `json:"name"`
	State    string            `json:"state"`            // Enabled or Disabled
	Priority int               `json:"priority"`         // the greater goes first
	Order    []EnvironmentRank `json:"order"`            // ascending
	Policy   string            `json:"policy,omitempty"` // name of the scheduling policy; first in, first out when empty
	Tags     map[string]string `json:"tags,omitempty"`
}

// An EnvironmentRank places a compute environment in a queue.
type EnvironmentRank struct {
	Order              int    `json:"order"`
	ComputeEnvironment string `json:"computeEnvironment"` // name
}

// ARN returns the queue's ARN.
func (q Queue) ARN() string { return arn.New("batch", q.Region, q.Account, "job-queue/"+q.Name) }

// queue is a Queue and its jobs that wait for capacity, oldest first but for
// the next one of fair shares.
// Batch.mu guards it.
type queue struct {
	Queue
	waiting []*liveJob
	shares  map[string]*share // by identifier; nil without a policy
}

// CreateQueue stores q, whose Order names environments or gives their ARNs,
// and whose Policy, if it has one, is there. A
// repeat with the same ID is answered with the first result.
func (b *Batch) CreateQueue(ctx context.Context, q Queue) (Queue, error) {
	if q.State == "" {
		q.State = Enabled
	}
	if err := checkName("jobQueueName", q.Name); err != nil {
		return Queue{}, err
	}
	b.admin.Lock()
	defer b.admin.Unlock()
	if have, ok := b.queue(q.Scope, q.Name); ok {
		if have.ID == q.ID {
			return have, nil
		}
		return Queue{}, clientError("Object already exists")
	}
	if err := b.checkQueue(&q); err != nil {
		return Queue{}, err
	}
	return q, b.putQueue(ctx, q)
}

// checkQueue holds q to the rules, and makes its order one of names.
func (b *Batch) checkQueue(q *Queue) error {
	if q.State != Enabled && q.State != Disabled {
		return clientError("state %q must be ENABLED or DISABLED.", q.State)
	}
	if q.Priority < 0 || q.Priority > 1000 {
		return clientError("priority must be between 0 and 1000.")
	}
	if q.Policy != "" {
		p, err := b.Policy(q.Scope, arn.New("batch", q.Region, q.Account, "scheduling-policy/"+q.Policy))
		if err != nil {
			return err
		}
		q.Policy = p.Name
	}
	if len(q.Order) == 0 || len(q.Order) > 3 {
		return clientError("computeEnvironmentOrder must have 1 to 3 compute environments.")
	}
	q.Order = slices.Clone(q.Order)
	slices.SortStableFunc(q.Order, func(a, b EnvironmentRank) int { return cmp.Compare(a.Order, b.Order) })
	for i, o := range q.Order {
		e, err := b.findEnvironment(q.Scope, o.ComputeEnvironment)
		if err != nil {
			return err
		}
		q.Order[i].ComputeEnvironment = e.Name
		if i > 0 && q.Order[i-1].Order == o.Order {
			return clientError("computeEnvironmentOrder has the order %d twice.", o.Order)
		}
	}
	return nil
}

// putQueue commits q and puts it to use. admin is held.
func (b *Batch) putQueue(ctx context.Context, q Queue) error {
	if err := b.opt.Store.PutQueue(ctx, q); err != nil {
		return err
	}
	b.mu.Lock()
	k := key{q.Scope, q.Name}
	if have := b.queues[k]; have != nil {
		have.Queue = q
	} else {
		b.queues[k] = &queue{Queue: q}
	}
	b.mu.Unlock()
	b.schedule()
	return nil
}

func (b *Batch) queue(scope Scope, name string) (Queue, bool) {
	b.loaded()
	b.mu.Lock()
	defer b.mu.Unlock()
	if q := b.queues[key{scope, name}]; q != nil {
		return q.Queue, true
	}
	return Queue{}, false
}

// Queue returns the queue with the given name or ARN.
func (b *Batch) Queue(scope Scope, ref string) (Queue, error) {
	if name, err := resourceName(scope, "job-queue", ref); err == nil {
		if q, ok := b.queue(scope, name); ok {
			return q, nil
		}
	}
	return Queue{}, clientError("JobQueue %s not found.", ref)
}

// Queues returns the queues with the given names or ARNs that exist, or all,
// by name.
func (b *Batch) Queues(scope Scope, refs []string) []Queue {
	b.loaded()
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []Queue
	for k, q := range b.queues {
		if k.Scope == scope && (len(refs) == 0 || named(scope, "job-queue", refs, k.name)) {
			found = append(found, q.Queue)
		}
	}
	slices.SortFunc(found, func(a, b Queue) int { return cmp.Compare(a.Name, b.Name) })
	return found
}

// UpdateQueue changes the queue named by ref with change, which may refuse.
func (b *Batch) UpdateQueue(ctx context.Context, scope Scope, ref string, change func(*Queue) error) (Queue, error) {
	b.admin.Lock()
	defer b.admin.Unlock()
	q, err := b.Queue(scope, ref)
	if err != nil {
		return Queue{}, clientError("%s does not exist", ref)
	}
	if err := change(&q); err != nil {
		return Queue{}, err
	}
	if err := b.checkQueue(&q); err != nil {
		return Queue{}, err
	}
	return q, b.putQueue(ctx, q)
}

// DeleteQueue deletes a disabled queue and terminates its jobs. One that is
// not there is deleted already.
func (b *Batch) DeleteQueue(ctx context.Context, scope Scope, ref string) error {
	b.admin.Lock()
	defer b.admin.Unlock()
	q, err := b.Queue(scope, ref)
	if err != nil {
		return nil // as AWS answers
	}
	if q.State != Disabled {
		return clientError("Cannot delete, resource must be in DISABLED state")
	}
	b.mu.Lock()
	var ids []string
	for id, j := range b.jobs {
		if j.key == (key{scope, q.Name}) {
			ids = append(ids, id)
		}
	}
	b.mu.Unlock()
	for _, id := range ids {
		if err := b.Terminate(ctx, scope, id, "Job queue deleted"); err != nil {
			return err
		}
	}
	if err := b.opt.Store.DeleteQueue(ctx, scope, q.Name); err != nil {
		return err
	}
	b.mu.Lock()
	delete(b.queues, key{scope, q.Name})
	b.mu.Unlock()
	return nil
}
