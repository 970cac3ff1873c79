package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/operation"
)

// steps builds a history: one event a second.
func steps(events ...historyEvent) []historyEvent {
	for i := range events {
		events[i].ID = int64(i + 1)
		events[i].At = operation.Time{Time: time.Unix(int64(i), 0)}
	}
	return events
}

func entered(previous int64, kind, name string) historyEvent {
	return historyEvent{Previous: previous, Type: kind + "StateEntered", Entered: &stateDetails{name}}
}

func exited(previous int64, kind, name string) historyEvent {
	return historyEvent{Previous: previous, Type: kind + "StateExited", Exited: &stateDetails{name}}
}

func TestTreeShowsBranchesAndRepeats(t *testing.T) {
	history := steps(
		historyEvent{Type: "ExecutionStarted"},                     // 1
		entered(1, "Wait", "Wait"),                                 // 2
		exited(2, "Wait", "Wait"),                                  // 3
		entered(3, "Wait", "Wait"),                                 // 4
		exited(4, "Wait", "Wait"),                                  // 5
		entered(5, "Parallel", "Both"),                             // 6
		historyEvent{Previous: 6, Type: "ParallelStateStarted"},    // 7
		entered(7, "Pass", "A"),                                    // 8
		entered(7, "Pass", "B"),                                    // 9
		exited(9, "Pass", "B"),                                     // 10
		exited(8, "Pass", "A"),                                     // 11
		historyEvent{Previous: 11, Type: "ParallelStateSucceeded"}, // 12
		exited(12, "Parallel", "Both"),                             // 13
		entered(13, "Task", "Last"),                                // 14
	)
	var said []string
	tree := newStateTree(func(_ time.Time, text string) { said = append(said, text) })
	tree.add(history[:9])
	tree.add(history) // the pages of a poll overlap
	var got bytes.Buffer
	lines := tree.draw(&got, time.Unix(15, 0), 40)
	want := `  ✓ Wait ×2                       2.00 s
  ✓ Both                          7.00 s
    branch 1
      ✓ A                         3.00 s
    branch 2
      ✓ B                         1.00 s
  ▸ Last                          2.00 s
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
	if lines != 7 {
		t.Errorf("lines: got %d; want 7", lines)
	}
	wantSaid := []string{"Wait Wait (1.00 s)", "Wait Wait (1.00 s)", "Pass B (1.00 s)", "Pass A (3.00 s)", "Parallel Both (7.00 s)"}
	if diff := cmp.Diff(wantSaid, said); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// The iterations of a Map state are one branch; its time is that in which one
// of them ran.
func TestTreeGathersIterations(t *testing.T) {
	began := func(previous int64) historyEvent {
		return historyEvent{Previous: previous, Type: "MapIterationStarted", Iterated: &stateDetails{"Each"}}
	}
	history := steps(
		historyEvent{Type: "ExecutionStarted"},             // 1
		entered(1, "Map", "Each"),                          // 2
		historyEvent{Previous: 2, Type: "MapStateStarted"}, // 3
		began(3),                   // 4
		entered(4, "Task", "Work"), // 5
		began(3),                   // 6
		entered(6, "Task", "Work"), // 7
		exited(7, "Task", "Work"),  // 8
		historyEvent{Previous: 8, Type: "MapIterationSucceeded"},  // 9
		exited(5, "Task", "Work"),                                 // 10
		historyEvent{Previous: 10, Type: "MapIterationSucceeded"}, // 11
		began(3),                    // 12
		entered(12, "Task", "Work"), // 13
		historyEvent{Previous: 13, Type: "MapIterationFailed"}, // 14
		historyEvent{Previous: 14, Type: "MapStateFailed"},     // 15
		exited(15, "Map", "Each"),                              // 16
		entered(16, "Pass", "Caught"),                          // 17
	)
	var said []string
	tree := newStateTree(func(_ time.Time, text string) { said = append(said, text) })
	tree.add(history)
	var got bytes.Buffer
	tree.draw(&got, time.Unix(20, 0), 40)
	want := `  ✓ Each                          14.0 s
      ✗ Work ×3                   8.00 s
  ▸ Caught                        4.00 s
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
	wantSaid := []string{"Task Work (1.00 s)", "Task Work (5.00 s)", "Map Each (14.0 s)"}
	if diff := cmp.Diff(wantSaid, said); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
