package console

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"salamander/operation"
)

// submitters are executions that have each submitted a job, which their last
// event tells. It counts the histories that are read.
type submitters struct {
	longHistory
	read map[string]int
}

const ownersMachine = "arn:aws:states:us-east-1:000000000000:stateMachine:m"

func jobNumber(n int) string { return fmt.Sprintf("6f2d7c7e-0000-4000-8000-%012d", n) }

func (s *submitters) Executions(_ context.Context, q ExecutionQuery) ([]Execution, error) {
	return s.runs[:min(len(s.runs), q.Limit)], nil
}

func (s *submitters) History(_ context.Context, arn string, after int64, _ int) ([]json.RawMessage, error) {
	s.read[arn]++
	var n int
	fmt.Sscanf(lastPart(arn), "run-%d", &n)
	all := []json.RawMessage{
		json.RawMessage(`{"id":1,"previousEventId":0,"type":"TaskStateEntered","stateEnteredEventDetails":{"name":"Load"}}`),
		json.RawMessage(`{"id":2,"previousEventId":1,"type":"LambdaFunctionSucceeded","lambdaFunctionSucceededEventDetails":{"output":"{\"jobId\":\"` + jobNumber(n) + `\"}"}}`),
	}
	return all[min(after, 2):], nil
}

func openOwners(t *testing.T, runs int) (*submitters, *desk, time.Time) {
	t.Helper()
	began := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	s := &submitters{read: map[string]int{}}
	for i := range runs { // the newest first
		n := runs - 1 - i
		at := began.Add(time.Duration(n) * time.Minute)
		s.runs = append(s.runs, Execution{ARN: fmt.Sprintf("arn:aws:states:us-east-1:000000000000:execution:m:run-%d", n), Machine: ownersMachine, Status: "SUCCEEDED",
			Start: at.Add(300 * time.Microsecond), Stop: at.Add(30 * time.Second), Key: int64(n + 1)})
	}
	d := open(t, func(o *Options) {
		o.Executions = s
		operation.Register(o.Registry, operation.Spec{Service: "states", Name: "ListStateMachines"}, func(context.Context, *struct{ MaxResults int }) (*struct {
			Machines []machineItem `json:"stateMachines"`
		}, error) {
			return &struct {
				Machines []machineItem `json:"stateMachines"`
			}{[]machineItem{{ARN: ownersMachine, Name: "m"}}}, nil
		})
	})
	return s, d, began
}

// Jobs are told with the execution that submitted them; a history that has
// ended is read once.
func TestOwnersOfJobs(t *testing.T) {
	s, d, began := openOwners(t, 20)
	jobs := []Job{{ID: jobNumber(7), Created: began.Add(7 * time.Minute).UnixMilli()}, {ID: "by hand", Created: began.Add(7*time.Minute + time.Second).UnixMilli()}}
	for range 3 {
		jobs[0].Execution = ""
		if err := d.addOwners(t.Context(), jobs); err != nil {
			t.Fatal(err)
		}
		if want := s.runs[12].ARN; jobs[0].Execution != want || jobs[1].Execution != "" {
			t.Fatalf("got %+v; want %s and none", jobs, want)
		}
	}
	if len(s.read) != 1 || s.read[s.runs[12].ARN] != 1 {
		t.Errorf("read: got %v; want the one history once", s.read)
	}
	if by, _ := d.owners.of(jobNumber(7)); by.state != "Load" {
		t.Errorf("state: got %q; want Load", by.state)
	}
}

// A list reads a bounded number of histories, and goes on with the next one.
func TestOwnersAreSoughtInParts(t *testing.T) {
	s, d, began := openOwners(t, 3*ownersOfList/2)
	var jobs []Job
	for n := range s.runs {
		jobs = append(jobs, Job{ID: jobNumber(n), Created: began.Add(time.Duration(n)*time.Minute + time.Second).UnixMilli()})
	}
	for _, want := range []int{ownersOfList, len(s.runs), len(s.runs)} {
		if err := d.addOwners(t.Context(), jobs); err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, j := range jobs {
			if j.Execution != "" {
				got++
			}
		}
		if got != want || len(s.read) != want {
			t.Errorf("got %d owners of %d histories; want %d", got, len(s.read), want)
		}
	}
}
