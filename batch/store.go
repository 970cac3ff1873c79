package batch

import "context"

// A Store keeps definitions, environments, queues and jobs. Every method that
// changes something returns when the change is durable.
type Store interface {
	// AddDefinition stores d with the next revision of its name. If there is
	// one with d's ID already, it is returned instead.
	AddDefinition(ctx context.Context, d Definition) (Definition, error)
	// PutDefinition replaces a revision.
	PutDefinition(ctx context.Context, d Definition) error
	// Definitions returns what q selects, by name, the newest revision first.
	Definitions(ctx context.Context, scope Scope, q DefinitionQuery) ([]Definition, error)

	// Environments returns the compute environments of all scopes.
	Environments(ctx context.Context) ([]Environment, error)
	PutEnvironment(ctx context.Context, e Environment) error
	DeleteEnvironment(ctx context.Context, scope Scope, name string) error

	// Queues returns the queues of all scopes.
	Queues(ctx context.Context) ([]Queue, error)
	PutQueue(ctx context.Context, q Queue) error
	DeleteQueue(ctx context.Context, scope Scope, name string) error

	// Policies returns the scheduling policies of all scopes.
	Policies(ctx context.Context) ([]Policy, error)
	PutPolicy(ctx context.Context, p Policy) error
	DeletePolicy(ctx context.Context, scope Scope, name string) error

	// AddJob stores a new job and announces its status. If there is a job with
	// its ID already, that one is returned and found is true.
	AddJob(ctx context.Context, j Job) (first Job, found bool, err error)
	// PutJob replaces a job and, in the same commit, announces each of the
	// statuses that it has gone through, in order.
	PutJob(ctx context.Context, j Job, through ...Status) error
	// Jobs returns those of the jobs that exist, in the order of ids.
	Jobs(ctx context.Context, scope Scope, ids []string) ([]Job, error)
	// ListJobs returns what q selects, the newest first.
	ListJobs(ctx context.Context, scope Scope, q JobQuery) ([]Job, error)
	// LiveJobs returns the jobs of all scopes that have not ended, by Seq.
	LiveJobs(ctx context.Context) ([]Job, error)
	// LastSeq returns the greatest Seq of all jobs, 0 when there is none.
	LastSeq(ctx context.Context) (int64, error)
}
