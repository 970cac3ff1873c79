package asl

import (
	"encoding/json"
	"fmt"
)

// ParseOptions choose how a definition is read. The zero value is a STANDARD
// machine with all of AWS's limits.
type ParseOptions struct {
	// Express validates for an EXPRESS machine, which has no .sync and no
	// .waitForTaskToken tasks and no activities.
	Express bool
	// NoLimits lifts the limits on data and history, 256 KiB and 25,000 events.
	NoLimits bool
}

// A Machine is a definition that was found valid. It is immutable, and
// goroutines may share it.
type Machine struct {
	opt     ParseOptions
	root    *scope
	scopes  []*scope
	timeout int64 // TimeoutSeconds; 0 for none
}

// executionFormat is the number of the form that Execution is stored in.
const executionFormat = 1

// An Execution is the state of an execution between two turns. It is opaque,
// immutable, and survives JSON: its form carries a format number, and older
// forms are read for ever.
type Execution struct{ s executionState }

type executionState struct {
	Format    int         `json:"format"`
	Context   ContextInfo `json:"context"`
	Input     jsonValue   `json:"input"`
	LastEvent int64       `json:"lastEvent"`
	LastID    int64       `json:"lastId"`             // of commands
	Deadline  int64       `json:"deadline,omitempty"` // timer of the machine's TimeoutSeconds
	Strands   []*strand   `json:"strands"`
	LastSlot  int         `json:"lastStrand"`
	Status    Status      `json:"status,omitempty"`
}

// A phase is what a strand waits for.
type phase string

const (
	inTask     phase = "task"
	inWait     phase = "wait"
	inBackoff  phase = "backoff"
	inBranches phase = "branches"
)

// A strand is one line of states that run one after another: the execution
// itself, or a branch of a Parallel state.
type strand struct {
	ID       int         `json:"id"`
	Parent   int         `json:"parent"` // -1 for the execution itself
	Branch   int         `json:"branch,omitempty"`
	Scope    int         `json:"scope"`
	State    string      `json:"state"`
	Phase    phase       `json:"phase"`
	Previous int64       `json:"previous"` // the strand's last event
	Entered  int64       `json:"entered"`  // event of entering the state
	At       int64       `json:"at"`       // when the state was entered, in milliseconds
	Raw      jsonValue   `json:"raw"`      // the state's input before InputPath
	Input    jsonValue   `json:"input"`    // and after
	Retries  []int64     `json:"retries,omitempty"`
	Attempt  int         `json:"attempt,omitempty"`
	Task     int64       `json:"task,omitempty"`       // command of the task
	Started  bool        `json:"started,omitempty"`    // TaskStarted is in the history
	Timer    int64       `json:"timer,omitempty"`      // wait, back-off or time-out
	Beat     int64       `json:"beat,omitempty"`       // heartbeat timer
	BeatFor  int64       `json:"beatFor,omitempty"`    // its nanoseconds
	Token    string      `json:"token,omitempty"`      // of the task
	Open     int         `json:"open,omitempty"`       // branches that run
	Results  []jsonValue `json:"results,omitempty"`    // of the branches
	Child    int64       `json:"childEvent,omitempty"` // last event of the branch that ended last
}

// A jsonValue is a value in stored state.
type jsonValue struct{ v any }

// MarshalJSON writes the execution with its format number.
func (ex *Execution) MarshalJSON() ([]byte, error) {
	s := ex.s
	s.Format = executionFormat
	return json.Marshal(s)
}

// UnmarshalJSON reads a state of this or an older format.
func (ex *Execution) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &ex.s); err != nil {
		return fmt.Errorf("read the state of an execution: %w", err)
	}
	if ex.s.Format != executionFormat {
		return fmt.Errorf("the state of the execution has format %d; this program reads %d", ex.s.Format, executionFormat)
	}
	return nil
}

// clone copies what a turn changes.
func (ex *Execution) clone() *Execution {
	c := &Execution{s: ex.s}
	c.s.Strands = make([]*strand, len(ex.s.Strands))
	for i, s := range ex.s.Strands {
		copied := *s
		copied.Retries = append([]int64(nil), s.Retries...)
		copied.Results = append([]jsonValue(nil), s.Results...)
		c.s.Strands[i] = &copied
	}
	return c
}
