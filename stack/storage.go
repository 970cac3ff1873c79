package stack

import "context"

// A Store keeps stacks, their resources and events, change sets and the
// signals of custom resources. Goroutines share it.
type Store interface {
	// Stack returns a stack by its ID, also a deleted one, or [ErrNotFound].
	Stack(ctx context.Context, id string) (*Stack, error)
	// Named returns the live stack of that name, or [ErrNotFound].
	Named(ctx context.Context, scope Scope, name string) (*Stack, error)
	// Stacks returns all stacks of a scope, the newest first; deleted ones
	// only where asked for.
	Stacks(ctx context.Context, scope Scope, deleted bool) ([]*Stack, error)
	// Busy returns the stacks of all scopes that have an operation under way.
	Busy(ctx context.Context) ([]*Stack, error)
	// Resources returns the resources of a stack, by logical id.
	Resources(ctx context.Context, stack string) ([]*Resource, error)
	// Owner returns the ID of the live stack that has a resource with the
	// physical id, or [ErrNotFound].
	Owner(ctx context.Context, scope Scope, physical string) (string, error)
	// Events returns events of a stack, the newest first, whose number is
	// below before, or any when before is 0.
	Events(ctx context.Context, stack string, before int64, limit int) ([]Event, error)
	// ChangeSet returns a change set by its ID, or [ErrNotFound].
	ChangeSet(ctx context.Context, id string) (*ChangeSet, error)
	// ChangeSets returns the change sets of a stack, the oldest first.
	ChangeSets(ctx context.Context, stack string) ([]*ChangeSet, error)
	// Commit stores a change in one transaction and returns when it is
	// durable. A new stack whose name is in use is [ErrExists].
	Commit(ctx context.Context, c Commit) error
	// OpenSignal makes a token that signals are taken for.
	OpenSignal(ctx context.Context, token string) error
	// Signal adds a signal; it returns [ErrNotFound] for an unknown token.
	Signal(ctx context.Context, token string, body []byte) error
	// Signals returns the signals of a token, in their order.
	Signals(ctx context.Context, token string) ([][]byte, error)
	// CloseSignal forgets a token and its signals.
	CloseSignal(ctx context.Context, token string) error
}

// A Commit is a change of a stack.
type Commit struct {
	Stack             *Stack
	New               bool // the stack is not in the store yet
	Resources         []*Resource
	Removed           []string // logical ids of resources
	Events            []Event
	ChangeSets        []*ChangeSet
	RemovedChangeSets []string
}
