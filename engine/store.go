package engine

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// ErrNotFound means that the store has no such machine, execution, activity
// or definition.
var ErrNotFound = errors.New("engine: not found")

// ErrExists means that an execution of that ARN is there already.
var ErrExists = errors.New("engine: execution exists")

// ErrStale means that a turn does not follow the one that the store has: two
// writers for one execution, which is a bug.
var ErrStale = errors.New("engine: turn out of order")

// The statuses of an execution.
const (
	Running        = "RUNNING"
	Succeeded      = "SUCCEEDED"
	Failed         = "FAILED"
	TimedOut       = "TIMED_OUT"
	Aborted        = "ABORTED"
	PendingRedrive = "PENDING_REDRIVE"
)

// The types of a state machine.
const (
	Standard = "STANDARD"
	Express  = "EXPRESS"
)

// A StateMachine is a stored state machine in its current revision.
type StateMachine struct {
	ARN        string
	Account    string
	Region     string
	Name       string
	Type       string // Standard or Express
	Definition string // the text as it was given
	Role       string
	Revision   string // a UUID; empty means "INITIAL"
	Logging    json.RawMessage
	Tracing    json.RawMessage
	Encryption json.RawMessage
	Tags       []Tag
	Created    time.Time
	Updated    time.Time
	Published  int64 // number of the last version that was ever published
}

// A Version is a published revision of a state machine, which never changes.
type Version struct {
	ARN         string
	Number      int64
	Description string
	Machine     StateMachine // as it was published
	Created     time.Time
}

// An Alias points to one or two versions of a state machine.
type Alias struct {
	ARN         string
	Machine     string // ARN of the state machine
	Name        string
	Description string
	Routes      []Route
	Created     time.Time
	Updated     time.Time
}

// A Route is a version that an alias points to, and the share of executions
// that go there, in per cent.
type Route struct {
	Version string
	Weight  int
}

// A Tag is a key and a value put to a resource by its user.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// An Activity is a stored activity: a queue of tasks that workers poll.
type Activity struct {
	ARN     string
	Account string
	Region  string
	Name    string
	Tags    []Tag
	Created time.Time
}

// An Execution is one run of a state machine.
type Execution struct {
	Key        int64 // the store's own key; rises with every execution
	ARN        string
	Account    string
	Region     string
	Name       string
	Machine    string // ARN of the state machine, without version or alias
	Version    string // ARN of the version it was started by; may be empty
	Alias      string // ARN of the alias it was started by; may be empty
	Type       string
	Role       string
	Definition string // the hash that [DefinitionHash] gives
	Seed       [32]byte
	Status     string
	Start      time.Time // in milliseconds
	Stop       time.Time // zero while running
	Input      string    // the text as it was given
	Output     *string
	Error      *string
	Cause      *string
	Trace      string
	Redrives   int
	Redriven   time.Time // when it was last redriven; zero if it never was
	Origin     string    // the invocation and call that started it; may be empty
	Journal    *Journal  // where its log records go; nil means nowhere
	MapRun     string    // ARN of the map run whose child it is; may be empty
	Number     int64     // of the child in its map run, from 0
	Items      int64     // how many items the child was given
}

// An Outcome is how an execution ended.
type Outcome struct {
	Status string
	At     time.Time
	Output *string
	Error  *string
	Cause  *string
}

// An Event is one event of a history, in the form in which
// GetExecutionHistory answers it.
type Event struct {
	ID   int64
	Data json.RawMessage
}

// A Pending command is one that was committed and has not ended.
type Pending struct {
	ID        int64
	At        time.Time // of a timer; zero for tasks
	Token     string    // task token, where the task has one
	Activity  string    // ARN of the activity, for tasks of workers
	Data      []byte    // the command as the machine gave it
	Started   bool      // the machine knows that the task started
	Submitted []byte    // what the service answered to the submission; nil before
}

// A Cancelled task is one that nobody waits for any more. Its commit puts it
// into the outbox, from where [Engine.Cancel] takes it.
type Cancelled struct {
	ID   string // of the task
	Data []byte
}

// A Turn is what one commit changes in an execution. All of it is stored, or
// nothing.
type Turn struct {
	Key     int64  // of the execution
	ARN     string // of the execution
	Number  int64  // how many events the machine was fed, the start included
	Follows int64  // Number of the turn before; 0 for the first
	State   []byte // of the machine after the turn; nil after a success
	History []Event
	Open    []Pending // commands that are new, or whose progress changed
	Closed  []int64   // commands that ended
	Cancel  []Cancelled
	Journal []byte   // log records, for the outbox; [Engine.Record] takes them
	Outcome *Outcome // nil while the execution runs
}

// A Resumed execution is one that was running when the store was closed.
type Resumed struct {
	Execution Execution
	Turn      int64 // number of the last turn
	State     []byte
	Pending   []Pending // by ID
}

// A Query selects executions, the newest first.
type Query struct {
	Machine string // ARN of the machine, version or alias; needed, or
	MapRun  string // ARN of the map run
	Status  string // empty means all
	Redrive string // "REDRIVEN" or "NOT_REDRIVEN"; empty means all
	Before  int64  // only keys below; 0 means from the newest
	Limit   int
}

// A HistoryQuery selects events of an execution's history.
type HistoryQuery struct {
	Key     int64 // of the execution
	Reverse bool
	After   int64 // only ids above, or below when Reverse; 0 means from the start, or the end
	Limit   int
}

// A Store keeps machines, executions and histories. Each method is atomic,
// durable when it returns, and safe for many goroutines. store/storetest
// checks an implementation.
type Store interface {
	RedriveStore
	MapRunStore

	// PutMachine inserts or replaces a state machine.
	PutMachine(ctx context.Context, m StateMachine) error
	// Machine returns a state machine, or ErrNotFound.
	Machine(ctx context.Context, arn string) (StateMachine, error)
	// DeleteMachine removes a state machine with its versions and aliases. Its
	// executions stay.
	DeleteMachine(ctx context.Context, arn string) error
	// Machines lists the state machines of an account and region by name,
	// those whose names come after the given one.
	Machines(ctx context.Context, account, region, after string, limit int) ([]StateMachine, error)

	// Publish stores a state machine and a new version of it.
	Publish(ctx context.Context, m StateMachine, v Version) error
	// Version returns a version, or ErrNotFound.
	Version(ctx context.Context, arn string) (Version, error)
	// Versions lists the versions of a state machine, the newest first: those
	// with numbers below the given one, or all where it is 0.
	Versions(ctx context.Context, machine string, below int64, limit int) ([]Version, error)
	// DeleteVersion removes a version.
	DeleteVersion(ctx context.Context, arn string) error

	// PutAlias inserts or replaces an alias.
	PutAlias(ctx context.Context, a Alias) error
	// Alias returns an alias, or ErrNotFound.
	Alias(ctx context.Context, arn string) (Alias, error)
	// Aliases lists the aliases of a state machine by name, those whose names
	// come after the given one.
	Aliases(ctx context.Context, machine, after string, limit int) ([]Alias, error)
	// DeleteAlias removes an alias.
	DeleteAlias(ctx context.Context, arn string) error

	// PutActivity inserts or replaces an activity.
	PutActivity(ctx context.Context, a Activity) error
	// Activity returns an activity, or ErrNotFound.
	Activity(ctx context.Context, arn string) (Activity, error)
	// DeleteActivity removes an activity.
	DeleteActivity(ctx context.Context, arn string) error
	// Activities lists the activities of an account and region by name.
	Activities(ctx context.Context, account, region, after string, limit int) ([]Activity, error)

	// Create stores a new execution with its definition and first turn, and
	// returns its key. When the ARN is taken it stores nothing and returns
	// ErrExists.
	Create(ctx context.Context, ex Execution, definition string, first Turn) (int64, error)
	// Commit stores a turn. A turn that is stored already is no error, so
	// that a commit whose answer was lost may be repeated.
	Commit(ctx context.Context, t Turn) error
	// Execution returns an execution, or ErrNotFound.
	Execution(ctx context.Context, arn string) (Execution, error)
	// Executions lists executions, the newest first.
	Executions(ctx context.Context, q Query) ([]Execution, error)
	// History returns events in order.
	History(ctx context.Context, q HistoryQuery) ([]Event, error)
	// Definition returns the text of a hash, or ErrNotFound.
	Definition(ctx context.Context, hash string) (string, error)
	// Running calls f with every execution that has not ended.
	Running(ctx context.Context, f func(Resumed) error) error
}
