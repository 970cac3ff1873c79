package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// A distributed Map whose map run failed goes on with it, as it was then; one
// that failed for what no repeat helps begins a new one.
func TestRedriveDistributedMap(t *testing.T) {
	m, dec := mustStart(t, `{"StartAt":"E","States":{"E":{"Type":"Map","End":true,"ItemSelector":{"n.$":"$$.Execution.RedriveCount"},
		"Retry":[{"ErrorEquals":["Again"],"MaxAttempts":1}],
		"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"D","States":{"D":{"Type":"Pass","End":true}}}}}}`, ParseOptions{})
	first := *dec.Commands[0].Map
	step := func(ev Event) {
		t.Helper()
		text, err := dec.Execution.MarshalJSON() // as it is stored between
		if err != nil {
			t.Fatal(err)
		}
		ex := new(Execution)
		if err := json.Unmarshal(text, ex); err != nil {
			t.Fatal(err)
		}
		if ev.At = began; ev.Kind == 0 {
			dec, err = m.Redrive(ex, ev)
		} else {
			ev.Command = dec.Commands[0].ID
			dec, err = m.Step(ex, ev)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for n, bad := range []string{ToleranceExceeded, ItemReaderFailed, ResultWriterFailed} {
		step(Event{Kind: MapRunFailed, Error: bad, Cause: "c"})
		if dec.Outcome == nil || dec.Outcome.Status != Failed {
			t.Fatalf("%s: got %+v", bad, dec.Outcome)
		}
		step(Event{})
		if got, want := kinds(dec.History), "ExecutionRedriven MapRunRedriven "; got != want {
			t.Errorf("%s: got %s; want %s", bad, got, want)
		}
		first.Redrives = n + 1
		if diff := cmp.Diff(&first, dec.Commands[0].Map); diff != "" {
			t.Errorf("%s: the map run (-want +got):\n%s", bad, diff)
		}
		if got, want := string(dec.History[1].Details), fmt.Sprintf(`{"mapRunArn":%q,"redriveCount":%d}`, first.ARN, n+1); got != want {
			t.Errorf("%s: got %s; want %s", bad, got, want)
		}
	}
	// A retry is no redrive.
	step(Event{Kind: MapRunFailed, Error: "Again", Cause: "c"})
	step(Event{Kind: TimerFired})
	if run := dec.Commands[0].Map; run.ARN == first.ARN || run.Redrives != 0 {
		t.Errorf("retried: got %+v; want a new map run", run)
	}
	last := *dec.Commands[0].Map
	step(Event{Kind: Aborted})
	step(Event{})
	if run := dec.Commands[0].Map; run.ARN != last.ARN || run.Redrives != 1 {
		t.Errorf("stopped: got %+v; want the map run again", run)
	}
	step(Event{Kind: MapRunFailed, Error: "States.DataLimitExceeded", Cause: "c"})
	step(Event{})
	if got, want := kinds(dec.History), "ExecutionRedriven MapStateStarted MapRunStarted "; got != want {
		t.Errorf("too large: got %s; want %s", got, want)
	}
	step(Event{Kind: MapRunSucceeded, Output: json.RawMessage(`[1]`)})
	if dec.Outcome == nil || dec.Outcome.Status != Succeeded {
		t.Errorf("got %+v; want SUCCEEDED", dec.Outcome)
	}
}

// A map run is redriven a thousand times.
func TestRedriveDistributedMapOften(t *testing.T) {
	m, dec := mustStart(t, `{"StartAt":"E","States":{"E":{"Type":"Map","End":true,
		"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"D","States":{"D":{"Type":"Pass","End":true}}}}}}`, ParseOptions{})
	var err error
	for n := 0; ; n++ {
		if dec, err = m.Step(dec.Execution, Event{At: began, Kind: MapRunFailed, Command: dec.Commands[0].ID, Error: ToleranceExceeded}); err == nil {
			dec, err = m.Redrive(dec.Execution, Event{At: began})
		}
		if err != nil {
			t.Fatal(err)
		}
		if dec.Outcome != nil {
			if n != maxMapRedrives || dec.Outcome.Status != Failed || *dec.Outcome.Error != "States.Runtime" {
				t.Errorf("redrive %d: got %+v", n+1, dec.Outcome)
			}
			return
		}
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
