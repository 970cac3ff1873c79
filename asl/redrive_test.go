package asl

import (
	"encoding/json"
	"errors"
	"testing"
)

// kinds gives the types of events.
func kinds(events []HistoryEvent) (all string) {
	for _, e := range events {
		all += e.Type + " "
	}
	return all
}

func mustStart(t *testing.T, definition string, opt ParseOptions) (*Machine, Decision) {
	t.Helper()
	m, err := Parse([]byte(definition), opt)
	if err != nil {
		t.Fatal(err)
	}
	dec, err := m.Start(Start{At: began, Input: json.RawMessage(`["a"]`)})
	if err != nil {
		t.Fatal(err)
	}
	return m, dec
}

// A distributed Map whose map run failed begins a new one.
func TestRedriveDistributedMap(t *testing.T) {
	m, dec := mustStart(t, `{"StartAt":"E","States":{"E":{"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
		"StartAt":"D","States":{"D":{"Type":"Pass","End":true}}}}}}`, ParseOptions{})
	first := dec.Commands[0]
	dec, err := m.Step(dec.Execution, Event{At: began, Kind: MapRunFailed, Command: first.ID, Error: "E", Cause: "c"})
	if err != nil || dec.Outcome == nil {
		t.Fatal(err)
	}
	dec, err = m.Redrive(dec.Execution, Event{At: began})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := kinds(dec.History), "ExecutionRedriven MapStateStarted MapRunStarted "; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	if len(dec.Commands) != 1 || dec.Commands[0].Kind != RunMap || dec.Commands[0].Map.ARN == first.Map.ARN {
		t.Errorf("got %+v; want a new map run", dec.Commands)
	}
	dec, err = m.Step(dec.Execution, Event{At: began, Kind: MapRunSucceeded, Command: dec.Commands[0].ID, Output: json.RawMessage(`[1]`)})
	if err != nil || dec.Outcome == nil || dec.Outcome.Status != Succeeded {
		t.Errorf("got %+v, %v; want SUCCEEDED", dec.Outcome, err)
	}
}

// A Parallel whose result was too large begins anew, with the branches that
// succeeded.
func TestRedriveTooLarge(t *testing.T) {
	m, dec := mustStart(t, `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
		{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"x.$":"States.ArrayRange(1,1000,1)"},"Next":"B"},"B":{"Type":"Pass","Parameters":{"a.$":"$.x","b.$":"$.x","c.$":"$.x","d.$":"$.x","e.$":"$.x","f.$":"$.x","g.$":"$.x","h.$":"$.x","i.$":"$.x","j.$":"$.x"},"Next":"C"},
			"C":{"Type":"Pass","Parameters":{"a.$":"$","b.$":"$","c.$":"$","d.$":"$"},"End":true}}},
		{"StartAt":"D","States":{"D":{"Type":"Pass","Parameters":{"x.$":"States.ArrayRange(1,1000,1)"},"Next":"E"},"E":{"Type":"Pass","Parameters":{"a.$":"$.x","b.$":"$.x","c.$":"$.x","d.$":"$.x","e.$":"$.x","f.$":"$.x","g.$":"$.x","h.$":"$.x","i.$":"$.x","j.$":"$.x"},"Next":"F"},
			"F":{"Type":"Pass","Parameters":{"a.$":"$","b.$":"$","c.$":"$","d.$":"$"},"End":true}}}]}}}`, ParseOptions{})
	if dec.Outcome == nil || dec.Outcome.Error == nil || *dec.Outcome.Error != "States.DataLimitExceeded" {
		t.Fatalf("got %+v; want States.DataLimitExceeded", dec.Outcome)
	}
	again, err := m.Redrive(dec.Execution, Event{At: began})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(again.History); n < 15 || again.History[1].Type != "ParallelStateStarted" {
		t.Errorf("got %d events: %s; want both branches again", n, kinds(again.History))
	}
}

func TestRedriveWithoutRoom(t *testing.T) {
	m, dec := mustStart(t, `{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"B"}],"Default":"A"},"B":{"Type":"Succeed"}}}`, ParseOptions{})
	if dec.Outcome == nil {
		t.Fatal("a circle without an end goes on")
	}
	if _, err := m.Redrive(dec.Execution, Event{At: began}); !errors.Is(err, ErrNotRedrivable) {
		t.Errorf("a full history: got %v; want ErrNotRedrivable", err)
	}
}
