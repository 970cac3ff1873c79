package console

import (
	"context"
	"sync"
	"time"

	"salamander/operation"
)

// An owner is the execution that submitted a job, and the state that did.
type owner struct {
	arn, state string
}

// owners remembers which executions have submitted which jobs, as their
// histories tell. Goroutines share it.
type owners struct {
	mu   sync.Mutex // guards the fields below
	jobs map[string]owner
	seen map[string]bool // executions that had ended when they were read
}

// maxOwned bounds what is remembered; beyond, all is found anew.
const maxOwned = 50_000

func newOwners() *owners { return &owners{jobs: map[string]owner{}, seen: map[string]bool{}} }

func (o *owners) of(job string) (owner, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	found, ok := o.jobs[job]
	return found, ok
}

// known reports whether an execution has nothing to tell any more.
func (o *owners) known(ex Execution) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen[ex.ARN+" "+ex.Stop.String()]
}

func (o *owners) keep(ex Execution, tasks []task) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.jobs) > maxOwned || len(o.seen) > maxOwned {
		o.jobs, o.seen = map[string]owner{}, map[string]bool{}
	}
	for _, t := range tasks {
		if t.Kind == "job" && t.ID != "" {
			o.jobs[t.ID] = owner{ex.ARN, t.State}
		}
	}
	if !ex.Stop.IsZero() {
		o.seen[ex.ARN+" "+ex.Stop.String()] = true
	}
}

// How many executions are looked through for those that submitted jobs.
const (
	ownersOfOne  = 400 // for one job
	ownersOfList = 100 // for a list; what is left is found with the next one
)

// A submitted is a job whose execution is sought.
type submitted struct {
	id string
	at time.Time
}

// findOwners looks for the executions that submitted jobs among those that ran
// then, in the histories of at most so many.
func (c *Console) findOwners(ctx context.Context, jobs []submitted, most int) error {
	if c.opt.Executions == nil {
		return nil
	}
	open := map[string]time.Time{}
	var first, last time.Time
	for _, j := range jobs {
		if _, ok := c.owners.of(j.id); ok {
			continue
		}
		open[j.id] = j.at
		if first.IsZero() || j.at.Before(first) {
			first = j.at
		}
		if j.at.After(last) {
			last = j.at
		}
	}
	if len(open) == 0 {
		return nil
	}
	machines, err := c.allMachines(ctx)
	if err != nil {
		return err
	}
	for _, m := range machines {
		runs, err := c.opt.Executions.Executions(ctx, ExecutionQuery{Machine: m.ARN, Limit: 500})
		if err != nil {
			return err
		}
		for _, ex := range runs {
			// The times of jobs have milliseconds, those of executions more.
			if ex.Start.After(last.Add(time.Millisecond)) || !ex.Stop.IsZero() && ex.Stop.Before(first) || c.owners.known(ex) || !during(ex, open) {
				continue
			}
			if most--; most < 0 {
				return nil
			}
			scan, err := c.tasksOf(ctx, ex.ARN)
			if err != nil {
				if operation.AsError(err).Code == "ExecutionDoesNotExist" {
					continue // expired meanwhile
				}
				return err
			}
			c.owners.keep(ex, scan.tasks)
			for _, t := range scan.tasks {
				delete(open, t.ID)
			}
			if len(open) == 0 {
				return nil
			}
		}
	}
	return nil
}

// during reports whether one of the jobs was submitted while an execution ran.
func during(ex Execution, jobs map[string]time.Time) bool {
	for _, at := range jobs {
		if !ex.Start.After(at.Add(time.Millisecond)) && (ex.Stop.IsZero() || !ex.Stop.Before(at)) {
			return true
		}
	}
	return false
}
