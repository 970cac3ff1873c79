package asl

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// What was given as an output and is not used yet makes a state of format 2,
// which an older release refuses; once it is used the state is of format 1.
func TestGivenOutputsHaveAFormat(t *testing.T) {
	m, dec := mustStart(t, `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:batch:a","Next":"B"},"B":{"Type":"Pass","Next":"C"},
		"C":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:batch:c","End":true}}}`, ParseOptions{})
	dec, err := m.Step(dec.Execution, Event{At: began, Kind: TaskFailed, Command: 1, Error: "E"})
	if err != nil {
		t.Fatal(err)
	}
	before, err := dec.Execution.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	failed := dec.Execution
	format := func(want int) {
		t.Helper()
		text, err := dec.Execution.MarshalJSON()
		var head struct{ Format int }
		if err != nil || json.Unmarshal(text, &head) != nil || head.Format != want {
			t.Errorf("got format %d, %v; want %d", head.Format, err, want)
		}
	}
	dec, err = m.Repair(failed, Event{At: began}, Repair{Outputs: map[string]json.RawMessage{"B": json.RawMessage(`1`)}})
	if err != nil {
		t.Fatal(err)
	}
	format(formatGiven)
	dec, err = m.Step(dec.Execution, Event{At: began, Kind: TaskSucceeded, Command: dec.Commands[0].ID, Output: json.RawMessage(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	format(formatNumber)
	if after, err := failed.MarshalJSON(); err != nil || string(after) != string(before) {
		t.Errorf("the repair changed the execution before it:\ngot  %s\nwant %s", after, before)
	}
	if err := new(Execution).UnmarshalJSON([]byte(`{"Format":3}`)); err == nil || !strings.Contains(err.Error(), "format 3") {
		t.Errorf("a newer format: got %v; want an error that names it", err)
	}
}

func TestRepairsThatDoNotFit(t *testing.T) {
	m, dec := mustStart(t, `{"StartAt":"M","States":{"M":{"Type":"Map","Next":"F","ItemProcessor":{"StartAt":"I","States":{"I":{"Type":"Pass","End":true}}}},
		"D":{"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"X","States":{"X":{"Type":"Pass","End":true}}}},
		"F":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"D"}],"Default":"Z"},"Z":{"Type":"Fail","Error":"E"}}}`, ParseOptions{})
	if dec.Outcome == nil {
		t.Fatal("it runs")
	}
	object := json.RawMessage(`{}`)
	for want, r := range map[string]Repair{
		`the definition has no state "Y"`:                                          {From: "Y", Input: object},
		`executions of their own: redrive one of them, or begin from "D"`:          {From: "X", Input: object},
		`the input is no JSON`:                                                     {From: "M", Input: json.RawMessage(`{`)},
		`the variables are no JSON object`:                                         {From: "M", Input: object, Variables: json.RawMessage(`[]`)},
		`the output of "M" is no JSON`:                                             {Outputs: map[string]json.RawMessage{"M": json.RawMessage(`x`)}},
		`state "I" runs once for each item of the Map "M": give the output of "M"`: {Outputs: map[string]json.RawMessage{"I": object}},
		`state "Z" is a Fail, which has no output of its own`:                      {Outputs: map[string]json.RawMessage{"Z": object}},
		`the output of "M" has 300002 bytes; the limit is 262144`:                  {Outputs: map[string]json.RawMessage{"M": json.RawMessage(`"` + strings.Repeat("x", 300_000) + `"`)}},
	} {
		var no *RepairError
		_, err := m.Repair(dec.Execution, Event{At: began}, r)
		if !errors.As(err, &no) || !strings.Contains(no.Msg, want) {
			t.Errorf("%+v: got %v; want %q", r, err, want)
		}
		if _, planned := m.Plan(dec.Execution, r); planned == nil || planned.Error() != err.Error() {
			t.Errorf("%+v: the plan's error is %v; want %v", r, planned, err)
		}
	}
}

// A distributed Map that begins anew makes a new map run, where a redrive
// without changes goes on with the one that failed.
func TestRepairOfADistributedMap(t *testing.T) {
	m, dec := mustStart(t, `{"StartAt":"E","States":{"E":{"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
		"StartAt":"D","States":{"D":{"Type":"Pass","End":true}}}}}}`, ParseOptions{})
	first := dec.Commands[0]
	dec, err := m.Step(dec.Execution, Event{At: began, Kind: MapRunFailed, Command: first.ID, Error: "E", Cause: "c"})
	if err != nil || dec.Outcome == nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		r    Repair
		anew bool
	}{
		{Repair{}, false}, {Repair{From: "E", Input: json.RawMessage(`["b"]`)}, true}, {Repair{Changed: true}, true},
	} {
		again, err := m.Repair(dec.Execution, Event{At: began}, c.r)
		if err != nil || len(again.Commands) != 1 || again.Commands[0].Kind != RunMap {
			t.Fatalf("%+v: got %+v, %v", c.r, again.Commands, err)
		}
		if run := again.Commands[0].Map; (run.ARN != first.Map.ARN) != c.anew {
			t.Errorf("%+v: got the map run %s, first %s; want a new one: %t", c.r, run.ARN, first.Map.ARN, c.anew)
		}
	}
}

// FuzzRepair repairs what has failed at any state, with any input, and runs on.
func FuzzRepair(f *testing.F) {
	for _, d := range definitionsForFuzz {
		for _, from := range []string{"", "A", "W", "T", "M", "I", "C"} {
			f.Add([]byte(d), from, []byte(`{"i":1}`), true)
		}
	}
	f.Fuzz(func(t *testing.T, definition []byte, from string, input []byte, changed bool) {
		m, err := Parse(definition, ParseOptions{})
		if err != nil {
			return
		}
		dec, err := m.Start(Start{At: began, Input: []byte(`[1,{"x":2}]`)})
		if err != nil {
			return
		}
		if dec.Outcome == nil {
			if dec, err = m.Step(dec.Execution, Event{At: began, Kind: Aborted}); err != nil {
				t.Fatal(err)
			}
		}
		r := Repair{Changed: changed, From: from, Input: input, Outputs: map[string]json.RawMessage{m.top.startAt: json.RawMessage(`{}`)}}
		if len(input) > 0 && input[0] == '{' {
			r.Outputs = nil
		}
		if dec, err = m.Repair(dec.Execution, Event{At: began}, r); err != nil {
			return
		}
		last := dec.History[0].ID
		for _, e := range dec.History[1:] {
			if last++; e.ID != last || e.PreviousID >= e.ID {
				t.Fatalf("event %d after %d, previous %d", e.ID, last-1, e.PreviousID)
			}
		}
		text, err := dec.Execution.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := new(Execution).UnmarshalJSON(text); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if dec.Outcome == nil && len(dec.Commands) == 0 {
			t.Fatal("neither a command nor an outcome")
		}
	})
}
