package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/asl"
)

// The example's machine enters 34 states when each job runs at the first poll
// and has succeeded at the second, and waits three times one after another.
func TestRunRefreshGolden(t *testing.T) {
	status, stdout, stderr := runCommand(t, "run", "../../examples/refresh/statemachine.asl.json", "--virtual-time",
		"--mock", "testdata/refresh.mocks.json", "--input", "@../../examples/refresh/input.json", "-o", "json")
	if status != exitOK || stderr != "" {
		t.Fatalf("got status %d, %s; want 0", status, stderr)
	}
	var got struct {
		Status              string
		StartDate, StopDate time.Time
		Output              json.RawMessage
		Events              []historyEvent
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	visits := map[string]int{}
	entries, waits := 0, 0
	for _, ev := range got.Events {
		if ev.Entered == nil {
			continue
		}
		entries++
		visits[ev.Entered.Name]++
		if ev.Type == "WaitStateEntered" {
			waits++
		}
	}
	if entries != 34 || waits != 4 {
		t.Errorf("got %d entries, %d waits; want 34, 4", entries, waits)
	}
	want := map[string]int{"Parallel": 1, "FinalState": 1}
	for _, names := range [][]string{
		{"DBConnectionInit", "SubmitDBConnectionCheckJob", "DBConnectionCheckWait30Seconds", "GetFinalDBConnectionCheckJobStatus"},
		{"CustomerAddressDimInit", "SubmitCustomerAddressDimJob", "Wait30Seconds", "GetFinalCustomerAddressDimJobStatus"},
		{"ItemDimInit", "SubmitItemDimJob", "Wait30SecondsItemDim", "GetFinalSamtoolsItemDimJobStatus"},
		{"SalesFACTInit", "SubmitStoreSalesFACTJob", "StoreSalesFACTWait30Seconds", "GetFinalStoreSalesFACTJobStatus"},
	} {
		for _, name := range names {
			want[name] = 1
		}
	}
	for _, x := range []string{"DBConnectionCheck", "CustomerAddressDim", "SamtoolsItemDim", "StoreSalesFACT"} {
		want["Get"+x+"JobStatus"] = 2
		want["Check"+x+"JobStatus"] = 2
	}
	if diff := cmp.Diff(want, visits); diff != "" {
		t.Errorf("visits (-want +got):\n%s", diff)
	}
	if took := got.StopDate.Sub(got.StartDate); took != 90*time.Second {
		t.Errorf("took %s of the machine's time; want 1m30s", took)
	}
	var output map[string]any
	if err := json.Unmarshal(got.Output, &output); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"wait_seconds": 30.0, "stepId": "SalesFACT", "jobId": "4", "status": "SUCCEEDED"}, output); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// The same file is a mistake in no definition: its placeholders are filled.
func TestValidateExamples(t *testing.T) {
	status, stdout, stderr := runCommand(t, "validate", "../../examples/refresh/statemachine.asl.json", "../../examples/refresh/statemachine-sync.asl.json")
	want := "../../examples/refresh/statemachine.asl.json: valid, 29 states\n../../examples/refresh/statemachine-sync.asl.json: valid, 5 states\n"
	if status != exitOK || stdout != want || stderr != "" {
		t.Errorf("got status %d, %q, %q; want 0, %q", status, stdout, stderr, want)
	}
}

const monthMachine = `{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 2592000, "Next": "P"},
	"P": {"Type": "Pass", "Parameters": {"began.$": "$$.Execution.StartTime", "now.$": "$$.State.EnteredTime"}, "End": true}}}`

// localMachine is a run of a definition that has no tasks.
func localMachine(t *testing.T, c clock, definition string) (*localRun, *stateTree) {
	t.Helper()
	m, err := asl.Parse([]byte(definition), asl.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	tree := newStateTree(nil)
	return &localRun{machine: m, clock: c, booked: func(events []asl.HistoryEvent) { tree.add(treeEvents(events)) }}, tree
}

func TestVirtualTimeMovesTheContextObject(t *testing.T) {
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r, tree := localMachine(t, &virtualClock{at: began}, monthMachine)
	out, err := r.run(t.Context(), asl.Start{Context: asl.ContextInfo{StartTime: began}})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"began":"2026-01-02T03:04:05Z","now":"2026-02-01T03:04:05Z"}`; strings.ReplaceAll(string(out.Output), ".000Z", "Z") != want {
		t.Errorf("got %s; want %s", out.Output, want)
	}
	var drawn bytes.Buffer
	tree.draw(&drawn, began, 40)
	if want := "  ✓ W                        2592000.0 s\n  ✓ P                             0.00 s\n"; drawn.String() != want {
		t.Errorf("got tree\n%s; want\n%s", drawn.String(), want)
	}
}

// Without virtual time a wait takes its time, and the tree is drawn meanwhile.
func TestWallClockWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := localMachine(t, wallClock{}, strings.Replace(monthMachine, "2592000", "90", 1))
		ticks := 0
		r.waiting = func() error { ticks++; return nil }
		began := time.Now()
		if _, err := r.run(t.Context(), asl.Start{}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 90*time.Second || ticks != 900 {
			t.Errorf("took %s, %d ticks; want 1m30s, 900", took, ticks)
		}
	})
}

func TestRunIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := localMachine(t, wallClock{}, strings.Replace(monthMachine, "2592000", "90", 1))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := r.run(ctx, asl.Start{}); err != context.DeadlineExceeded {
			t.Errorf("got %v; want %v", err, context.DeadlineExceeded)
		}
	})
}

func TestParseMocksRefuses(t *testing.T) {
	for in, want := range map[string]string{
		`[]`:                                 `need an object of results by state name`,
		`{"A": 1}`:                           `state "A": need a list of results`,
		`{"A": []}`:                          `state "A": need at least one result`,
		`{"A": {}}`:                          `state "A": need at least one result`,
		`{"A": [{}]}`:                        `state "A": result 0: need Return or Throw`,
		`{"A": [1]}`:                         `state "A": result 0: need an object with Return or Throw`,
		`{"A": {"Retrun": 1}}`:               `state "A": got member "Retrun"; need Return or Throw, or numbers such as "0" and "1-2"`,
		`{"A": [{"Return": 1, "x": 1}]}`:     `state "A": result 0: unknown member "x"; need Return or Throw`,
		`{"A": [{"Return":1,"Throw":{}}]}`:   `state "A": result 0: need one of Return and Throw, not both`,
		`{"A": [{"Throw": {"Cause": "c"}}]}`: `state "A": result 0: need an Error for Throw`,
		`{"A": [{"Throw": {"Error": 1}}]}`:   `state "A": result 0: got 1 for the Error of Throw; need a string`,
		`{"A": [{"Throw": {"e": ""}}]}`:      `state "A": result 0: unknown member "e" of Throw; need Error and Cause`,
		`{"A": {"1": {"Return": 1}}}`:        `state "A": results are numbered from 0 without gaps: got 1; want 0`,
		`{"A": {"0-2": {"Return": 1}, "2": {"Return": 1}}}`:                                 `state "A": results are numbered from 0 without gaps: got 2; want 3`,
		`{"A": [{"Return": 1}], "A": []}`:                                                   `key "A" is there twice`,
		`{"A": [{"Return": 1, "DelaySeconds": -1}]}`:                                        `state "A": result 0: got -1 for DelaySeconds; need a number of seconds`,
		`{"StateMachines": {}}`:                                                             `need the objects StateMachines and MockedResponses`,
		`{"StateMachines": {}, "MockedResponses": {}}`:                                      `no test cases of a machine "m": choose one by --test-case MACHINE#CASE (machines: )`,
		`{"StateMachines": {"m": {}}, "MockedResponses": {}}`:                               `no test cases of a machine "m": choose one by --test-case MACHINE#CASE (machines: "m")`,
		`{"StateMachines": {"m": {"TestCases": {"c": {"S": "r"}}}}, "MockedResponses": {}}`: `test case "c", state "S": no mocked response "\"r\""`,
	} {
		_, err := parseMocks([]byte(in), "m", "")
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v; want %s", in, err, want)
		}
	}
}

func FuzzParseMocks(f *testing.F) {
	f.Add([]byte(`{"A": [{"Return": 1}, {"Throw": {"Error": "E", "Cause": "c"}, "DelaySeconds": 1}], "B": {"0-2": {"Return": null}, "3": {"Return": 1}}}`))
	f.Add([]byte(`{"StateMachines": {"m": {"TestCases": {"c": {"S": "r"}}}}, "MockedResponses": {"r": {"0-2147483647": {"Return": 1}}}}`))
	f.Add([]byte(`{"StateMachines": 1, "A": "B"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		all, err := parseMocks(text, "m", "")
		if err != nil {
			return
		}
		for name, m := range all {
			for range 3 {
				if r := m.next(); (r.output == nil) == (r.err == "") {
					t.Errorf("state %q: got both or neither of a value and an error", name)
				}
			}
		}
	})
}
