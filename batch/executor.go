package batch

import (
	"context"
	"time"
)

// An Executor runs attempts: as processes, or in containers.
type Executor interface {
	// Start runs the command of r and returns once it was exec'd. What it
	// prints goes to out line by line; the executor closes out when all of it
	// was written. An [*ImageError] says that the image cannot be had; any
	// other error that the command cannot be run.
	Start(ctx context.Context, r Run, out LineWriter) (Process, error)
	// Reap ends whatever an earlier engine left of r, which may have nothing
	// left, and returns when it is gone. r has no Env.
	Reap(ctx context.Context, r Run) error
}

// A Run is what an executor needs to know of an attempt.
type Run struct {
	Scope
	JobID     string
	JobName   string
	Attempt   Attempt
	Container ContainerProperties
	Env       []string // NAME=value, complete but for what the executor adds

	// Timeout is how long the attempt may run, and Grace how long it has after
	// SIGTERM then. Batch ends it itself; a process that outlives the engine has
	// to be ended by what it outlives with. 0 is without limit.
	Timeout, Grace time.Duration
}

// An Adopter is an [Executor] whose processes may outlive the engine. Those are
// [Survivor]s.
type Adopter interface {
	Executor
	// Adopt takes up an attempt that an earlier engine started, even one that
	// has ended meanwhile, and gives all that it ever printed to out, from the
	// beginning. It returns nil when there is none, or when its fate is not
	// known: then it is not running, or is reaped by Reap, which follows, and is
	// never started after Adopt has returned; out has what it printed until
	// then.
	Adopt(ctx context.Context, r Run, out LineWriter) (Process, error)
	// Sweep removes what is kept of attempts that are not live, by their ids.
	Sweep(ctx context.Context, live map[string]bool) error
}

// A Survivor is a [Process] that may outlive the engine.
type Survivor interface {
	Process
	// StartedAt returns when the command was started.
	StartedAt() time.Time
	// Leave lets the attempt run on without the engine. Wait returns.
	Leave()
	// Abandon kills all processes of the attempt and keeps nothing of it.
	Abandon()
	// Forget says that the attempt's end is durable: what was kept for the next
	// engine may go.
	Forget()
}

// A Process is a running attempt.
type Process interface {
	// Mark is stored with the attempt and given back to Reap.
	Mark() string
	// Wait returns when the attempt and all its processes are gone and their
	// output was written. It is called once.
	Wait() Exit
	// Terminate asks all processes of the attempt to end (SIGTERM).
	Terminate()
	// Kill ends all processes of the attempt (SIGKILL).
	Kill()
}

// An Exit tells how an attempt's command ended.
type Exit struct {
	Code   int    // 128 and the signal's number if a signal ended it
	Reason string // container reason; empty for a plain exit

	At       time.Time // zero is now
	TimedOut bool      // it was ended because Run.Timeout had passed
	Lost     bool      // nobody knows how it ended; nothing of it runs
	Left     bool      // it runs on: [Survivor.Leave] was called
}

// An ImageError says that the image of an attempt cannot be had.
type ImageError struct{ Reason string } // "CannotPullContainerError: ..."

// Error gives the reason.
func (e *ImageError) Error() string { return e.Reason }

// Logs opens the log streams that jobs print to.
type Logs interface {
	// Open returns a writer to a stream, making group and stream when the
	// first line comes. It must not wait for a commit.
	Open(scope Scope, group, stream string) LineWriter
	// Resume returns a writer to a stream that an earlier engine wrote to. It is
	// given all lines again, with the same times, from the first, and leaves out
	// those that are there.
	Resume(ctx context.Context, scope Scope, group, stream string) (LineWriter, error)
}

// A LineWriter takes what a job prints. Line may be called from many
// goroutines, Close once at the end.
type LineWriter interface {
	Line(at time.Time, text string)
	Close() error
}

// Credentials gives jobs the environment variables by which the AWS SDKs find
// their credentials.
type Credentials interface {
	// JobEnvironment returns variables as NAME=value for a job with the given
	// role, an ARN or a role's name; empty when it has none.
	JobEnvironment(ctx context.Context, scope Scope, role, jobID string) ([]string, error)
}

// noLines drops what a job prints.
type noLines struct{}

func (noLines) Line(time.Time, string) {}
func (noLines) Close() error           { return nil }
