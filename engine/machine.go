package engine

import (
	"encoding/json"

	"salamander/asl"
)

// A machine is what the engine asks of a parsed definition: package asl's
// machine, or a test's. It is pure, and goroutines share it.
type machine interface {
	start(asl.Start) (decision, error)
	step(state, asl.Event) (decision, error)
	redrive(state, asl.Event) (decision, error)
	load([]byte) (state, error)
}

// A state is an execution's state between two turns, immutable and opaque.
type state json.Marshaler

// A decision is what one step of a machine came to.
type decision struct {
	state    state
	history  []asl.HistoryEvent
	commands []asl.Command
	outcome  *asl.Outcome
}

// A language is the machine of package asl.
type language struct{ m *asl.Machine }

func (l language) start(s asl.Start) (decision, error) {
	d, err := l.m.Start(s)
	return decision{d.Execution, d.History, d.Commands, d.Outcome}, err
}

func (l language) step(s state, ev asl.Event) (decision, error) {
	d, err := l.m.Step(s.(*asl.Execution), ev)
	return decision{d.Execution, d.History, d.Commands, d.Outcome}, err
}

func (l language) redrive(s state, ev asl.Event) (decision, error) {
	d, err := l.m.Redrive(s.(*asl.Execution), ev)
	return decision{d.Execution, d.History, d.Commands, d.Outcome}, err
}

func (language) load(b []byte) (state, error) {
	ex := new(asl.Execution)
	return ex, json.Unmarshal(b, ex)
}

func parseLanguage(text []byte, opt asl.ParseOptions) (machine, error) {
	m, err := asl.Parse(text, opt)
	return language{m}, err
}
