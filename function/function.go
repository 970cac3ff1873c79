// Package function keeps Lambda functions and runs them: each in processes of
// its own ("environments") that fetch invocations from a Runtime API on
// loopback, as on AWS. Runtimes are those of Python and Node.js, by our own
// bootstraps, and provided ones, whose package brings a program of its own.
//
// A process is not a sandbox: functions run with the rights of Salamander.
package function

import (
	"context"
	"errors"
	"time"
)

// Errors that callers branch on.
var (
	ErrNotFound = errors.New("no such function")
	ErrExists   = errors.New("function exists")
	ErrChanged  = errors.New("the function's revision is another")
	ErrClosed   = errors.New("functions are closed")
)

// A RuntimeError says why a runtime cannot run here.
type RuntimeError struct {
	Runtime string
	Reason  string
}

// Error names the runtime and the reason.
func (e *RuntimeError) Error() string { return "runtime " + e.Runtime + ": " + e.Reason }

// A PackageError says what is wrong with a deployment package.
type PackageError struct{ Reason string }

// Error gives the reason.
func (e *PackageError) Error() string { return e.Reason }

// A Key names a function.
type Key struct{ Account, Region, Name string }

// A Function is a function as it is stored.
type Function struct {
	Key
	Runtime     string
	Handler     string
	Role        string // ARN
	Description string
	Timeout     int // seconds
	MemorySize  int // MB; told to the function, not enforced
	Environment map[string]string
	Tags        map[string]string
	Machine     string // architecture it was made for, "x86_64" or "arm64"; it runs on this machine's

	CodeSHA256 string // of the zip archive, hexadecimal: names the package
	CodeSize   int64  // of the zip archive, bytes
	Revision   string // changes with every update
	Creation   string // identifier of the creating call
	Modified   time.Time

	Version string // its number; empty for what can be changed
	Source  string // of a version: the function's description when it was published
}

// ARN returns the function's name among all resources.
func (f Function) ARN() string {
	return "arn:aws:lambda:" + f.Region + ":" + f.Account + ":function:" + f.Name
}

// LogGroup returns the log group that the function writes to.
func (f Function) LogGroup() string { return "/aws/lambda/" + f.Name }

// An Event is an accepted asynchronous invocation.
type Event struct {
	Key
	Qualifier string // a version or alias; empty for what can be changed
	ID        string // of the invocation
	Payload   []byte
	Attempts  int // made so far
	Due       time.Time
	Accepted  time.Time
}

// A Store keeps functions and asynchronous invocations. Its methods return
// when the change is durable, and may be called from many goroutines.
type Store interface {
	// Create adds a function, or returns ErrExists.
	Create(ctx context.Context, f Function) error
	// Get returns a function, or ErrNotFound.
	Get(ctx context.Context, key Key) (Function, error)
	// Update changes a function and returns it. An error of change leaves it
	// as it was.
	Update(ctx context.Context, key Key, change func(*Function) error) (Function, error)
	// Delete removes a function with its versions, aliases, policies and
	// events, or returns ErrNotFound.
	Delete(ctx context.Context, key Key) error
	// List returns functions by name, those behind after, at most limit.
	List(ctx context.Context, account, region, after string, limit int) ([]Function, error)
	// Packages returns the CodeSHA256 of all functions and versions.
	Packages(ctx context.Context) (map[string]bool, error)

	// Publish adds the version that make returns for the function, its last
	// version (nil when none) and the next number. A version that make
	// returns with another number is there already, and returned.
	Publish(ctx context.Context, key Key, make func(latest Function, last *Function, number int) (Function, error)) (Function, error)
	// Version returns a published version, or ErrNotFound.
	Version(ctx context.Context, key Key, version string) (Function, error)
	// Versions returns published versions by number, those behind after, at
	// most limit.
	Versions(ctx context.Context, key Key, after, limit int) ([]Function, error)
	// DeleteVersion removes a version and its policy, or returns ErrNotFound,
	// or ErrReferenced where an alias points to it.
	DeleteVersion(ctx context.Context, key Key, version string) error

	// PutAlias makes an alias what make returns for the one that is there,
	// nil when none. It returns ErrNotFound where the function or a version
	// is not there.
	PutAlias(ctx context.Context, key Key, alias string, make func(old *Alias) (Alias, error)) (Alias, error)
	// Alias returns an alias, or ErrNoAlias.
	Alias(ctx context.Context, key Key, alias string) (Alias, error)
	// Aliases returns aliases by name, those behind after, at most limit:
	// those that point to version, or all when it is empty.
	Aliases(ctx context.Context, key Key, version, after string, limit int) ([]Alias, error)
	// DeleteAlias removes an alias and its policy, or returns ErrNoAlias.
	DeleteAlias(ctx context.Context, key Key, alias string) error

	// Policy returns a policy, empty where there is none.
	Policy(ctx context.Context, key Key, qualifier string) (Policy, error)
	// UpdatePolicy changes a policy. An error of change leaves it as it was,
	// and a policy without statements is removed. It returns ErrNotFound
	// where the function is not there.
	UpdatePolicy(ctx context.Context, key Key, qualifier string, change func(*Policy) error) error

	// PutEvent adds an event, or replaces the one with its ID.
	PutEvent(ctx context.Context, e Event) error
	// Events returns the events, those due first at the front.
	Events(ctx context.Context, limit int) ([]Event, error)
	// DeleteEvent removes an event.
	DeleteEvent(ctx context.Context, id string) error
}
