package asl

import "errors"

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
	opt ParseOptions
}

// An Execution is the state of an execution between two turns. It is opaque,
// immutable, and survives JSON: its form carries a format number, and older
// forms are read for ever.
type Execution struct{}

// Parse reads and validates a definition. The error is an [Errors] with every
// mistake.
func Parse(definition []byte, opt ParseOptions) (*Machine, error) {
	return nil, errors.New("not implemented")
}

// Start begins an execution and runs it until it waits for something outside.
func (m *Machine) Start(s Start) (Decision, error) { return Decision{}, errors.New("not implemented") }

// Step applies ev to ex and runs the execution until it waits again. It
// changes neither. ev.At is the only clock it sees.
//
// It returns [ErrNotAwaited] or [ErrEnded], with an unchanged execution, for an
// event that has come too late. Any other error is a bug in the caller.
func (m *Machine) Step(ex *Execution, ev Event) (Decision, error) {
	return Decision{}, errors.New("not implemented")
}

// MarshalJSON writes the state with its format number.
func (ex *Execution) MarshalJSON() ([]byte, error) { return nil, errors.New("not implemented") }

// UnmarshalJSON reads a state of this or an older format.
func (ex *Execution) UnmarshalJSON(b []byte) error { return errors.New("not implemented") }
