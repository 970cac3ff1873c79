package engine

import (
	"context"
	"iter"
	"time"
)

// A MapRun is the run of a Map state in DISTRIBUTED mode.
type MapRun struct {
	ARN        string
	Key        int64  // the store's own; rises with every map run
	Execution  string // ARN of the execution whose state it is
	Machine    string // ARN of the children's machine: …:stateMachine:NAME/LABEL
	Definition string // hash of the children's definition
	Account    string
	Region     string
	Status     string // Running, Succeeded, Failed or Aborted
	Start      time.Time
	Stop       time.Time // zero while running
	Redrives   int       // how often it was redriven
	Redriven   time.Time // when it last was; zero if it never was

	MaxConcurrency             int64 // 0 is as many as the engine takes
	ToleratedFailureCount      int64
	ToleratedFailurePercentage float64

	Items      MapCounts
	Executions MapCounts
	Error      string // of a failed one
	Cause      string
}

// MapCounts count the items, or the child executions, of a map run.
type MapCounts struct {
	Pending, Running, Succeeded, Failed, TimedOut, Aborted, Total, ResultsWritten int64
	// FailuresNotRedrivable are of those that ended without success the ones
	// that a redrive left alone; PendingRedrive wait for a redrive.
	FailuresNotRedrivable, PendingRedrive int64
}

// move counts n from one status to another.
func (c *MapCounts) move(from, to string, n int64) {
	if at := c.of(from); at != nil {
		*at -= n
	}
	if at := c.of(to); at != nil {
		*at += n
	}
}

func (c *MapCounts) of(status string) *int64 {
	switch status {
	case pending:
		return &c.Pending
	case PendingRedrive:
		return &c.PendingRedrive
	case Running:
		return &c.Running
	case Succeeded:
		return &c.Succeeded
	case Failed:
		return &c.Failed
	case TimedOut:
		return &c.TimedOut
	case Aborted:
		return &c.Aborted
	}
	return nil
}

// pending is the status of items that no child was started for yet.
const pending = "PENDING"

// Ended returns how many have ended.
func (c *MapCounts) Ended() int64 { return c.Succeeded + c.Failed + c.TimedOut + c.Aborted }

// A MapRunStore keeps map runs and their children. It is a part of [Store].
type MapRunStore interface {
	// PutMapRun inserts a map run, or replaces what is kept of it.
	PutMapRun(ctx context.Context, r MapRun) error
	// MapRun returns a map run, or ErrNotFound.
	MapRun(ctx context.Context, arn string) (MapRun, error)
	// MapRuns lists the map runs of an execution, the newest first: those with
	// keys below the given one, or all where it is 0.
	MapRuns(ctx context.Context, execution string, before int64, limit int) ([]MapRun, error)
	// OpenMapRuns lists the map runs that are running.
	OpenMapRuns(ctx context.Context) ([]MapRun, error)
	// CreateEnded stores children of one map run that began and succeeded in
	// one turn each, all of them or none. They come in the order of their
	// numbers, and none of them is there yet. It returns the key of the first;
	// those of the others follow one by one.
	CreateEnded(ctx context.Context, definition string, children []Birth) (int64, error)
	// Rerun replaces how an express child of a map run ran, by its key, which
	// ended without success and was run again.
	Rerun(ctx context.Context, key int64, start time.Time, o Outcome) error
	// AllChildren gives the children of a map run by their numbers, from the
	// given one. It holds few of them in memory at a time. An error is the
	// last that it gives.
	AllChildren(ctx context.Context, run string, from int64) iter.Seq2[Execution, error]
}

// A Birth is an execution that is to be stored, with its first turn.
type Birth struct {
	Execution Execution
	First     Turn
}
