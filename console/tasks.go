package console

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// An event is what the console reads of an event of a history.
type event struct {
	ID       int64   `json:"id"`
	Previous int64   `json:"previousEventId"`
	Type     string  `json:"type"`
	Time     float64 `json:"timestamp"`

	Entered *stateDetails `json:"stateEnteredEventDetails"`
	Exited  *stateDetails `json:"stateExitedEventDetails"`

	TaskScheduled *taskDetails     `json:"taskScheduledEventDetails"`
	TaskSubmitted *taskDetails     `json:"taskSubmittedEventDetails"`
	TaskSucceeded *taskDetails     `json:"taskSucceededEventDetails"`
	TaskFailed    *taskDetails     `json:"taskFailedEventDetails"`
	FuncScheduled *functionDetails `json:"lambdaFunctionScheduledEventDetails"`
	FuncSucceeded *functionDetails `json:"lambdaFunctionSucceededEventDetails"`
	MapRunStarted *mapRunDetails   `json:"mapRunStartedEventDetails"`
}

type stateDetails struct {
	Name string `json:"name"`
}

type taskDetails struct {
	ResourceType string `json:"resourceType"`
	Resource     string `json:"resource"`
	Parameters   string `json:"parameters"`
	Output       string `json:"output"`
}

type functionDetails struct {
	Resource string `json:"resource"`
	Output   string `json:"output"`
}

type mapRunDetails struct {
	Arn string `json:"mapRunArn"`
}

func readEvent(raw json.RawMessage) (event, error) {
	var ev event
	if err := json.Unmarshal(raw, &ev); err != nil {
		return ev, fmt.Errorf("read an event: %w", err)
	}
	return ev, nil
}

func (e event) entered() bool { return strings.HasSuffix(e.Type, "StateEntered") }
func (e event) exited() bool  { return strings.HasSuffix(e.Type, "StateExited") }

// StateName is the state that an event enters or leaves.
func (e event) StateName() string {
	switch {
	case e.Entered != nil:
		return e.Entered.Name
	case e.Exited != nil:
		return e.Exited.Name
	}
	return ""
}

// A task is something that a step ran: a job, a function, another execution, a
// statement.
type task struct {
	Event     int64  `json:"event"` // id of its first event
	State     string `json:"state"`
	Kind      string `json:"kind"` // "job", "function", "execution", "statement" or "service"
	ID        string `json:"id"`
	Name      string `json:"name,omitempty"` // of a job
	Resource  string `json:"resource,omitempty"`
	LogGroup  string `json:"logGroup,omitempty"`
	LogStream string `json:"logStream,omitempty"`
	Status    string `json:"status,omitempty"`
	Why       string `json:"why,omitempty"`
}

// A taskScan is how far the history of an execution was read for its tasks.
// Histories only grow.
type taskScan struct {
	last    int64
	states  map[int64]string // by event, the state it belongs to
	tasks   []task
	open    map[int64]int // by the last event of the branch, the place in tasks
	mapRuns []string
}

// maxTaskEvents bounds the events that are read for one answer.
const maxTaskEvents = 200_000

// tasksOf finds what the steps of an execution ran.
func (c *Console) tasksOf(ctx context.Context, arn string) (taskScan, error) {
	scan, _ := c.tasks.get(arn)
	own := false
	for scan.last < maxTaskEvents {
		events, err := c.opt.Executions.History(ctx, arn, scan.last, historyPage)
		if err != nil {
			return scan, err
		}
		if len(events) == 0 {
			break
		}
		if !own {
			scan, own = scan.clone(), true // another request may read it
		}
		for _, raw := range events {
			ev, err := readEvent(raw)
			if err != nil {
				return scan, err
			}
			scan.take(ev)
		}
		if len(events) < historyPage {
			break
		}
	}
	if own {
		c.tasks.put(arn, scan)
	}
	return scan, nil
}

func (s taskScan) clone() taskScan {
	out := taskScan{last: s.last, states: map[int64]string{}, tasks: append([]task(nil), s.tasks...), open: map[int64]int{}, mapRuns: append([]string(nil), s.mapRuns...)}
	for k, v := range s.states {
		out.states[k] = v
	}
	for k, v := range s.open {
		out.open[k] = v
	}
	return out
}

func (s *taskScan) take(ev event) {
	s.last = ev.ID
	state := s.states[ev.Previous]
	if name := ev.StateName(); name != "" {
		state = name
	}
	s.states[ev.ID] = state
	at, running := s.open[ev.Previous]
	if running {
		delete(s.open, ev.Previous)
		s.open[ev.ID] = at
	}
	switch {
	case ev.TaskScheduled != nil:
		s.open[ev.ID] = len(s.tasks)
		s.tasks = append(s.tasks, scheduled(ev, state))
	case ev.FuncScheduled != nil:
		s.open[ev.ID] = len(s.tasks)
		s.tasks = append(s.tasks, functionTask(ev.ID, state, ev.FuncScheduled.Resource))
	case ev.TaskSubmitted != nil && running:
		s.tasks[at].submitted(ev.TaskSubmitted.Output)
	case ev.TaskSucceeded != nil && running:
		s.tasks[at].submitted(ev.TaskSucceeded.Output)
		s.found(ev.ID, state, s.tasks[at].Kind, ev.TaskSucceeded.Output)
	case ev.FuncSucceeded != nil:
		s.found(ev.ID, state, "function", ev.FuncSucceeded.Output)
	case ev.MapRunStarted != nil:
		s.mapRuns = append(s.mapRuns, ev.MapRunStarted.Arn)
	}
	if ev.exited() {
		delete(s.open, ev.ID)
	}
}

// scheduled is a task of a service integration.
func scheduled(ev event, state string) task {
	d := ev.TaskScheduled
	t := task{Event: ev.ID, State: state, Kind: "service", Resource: d.ResourceType + ":" + d.Resource}
	var in struct{ FunctionName string }
	switch d.ResourceType {
	case "lambda":
		_ = json.Unmarshal([]byte(d.Parameters), &in) // without a name it stays a service
		if in.FunctionName != "" {
			return functionTask(ev.ID, state, in.FunctionName)
		}
	case "batch":
		t.Kind = "job"
	case "states":
		t.Kind = "execution"
	case "redshift-data", "aws-sdk:redshiftdata":
		t.Kind = "statement"
	}
	return t
}

// functionTask is a call of a function, of which its group alone is known.
func functionTask(event int64, state, function string) task {
	name := function
	if strings.HasPrefix(name, "arn:") {
		if parts := strings.Split(name, ":"); len(parts) > 6 {
			name = parts[6]
		}
	} else {
		name, _, _ = strings.Cut(name, ":")
	}
	return task{Event: event, State: state, Kind: "function", ID: name, Resource: function, LogGroup: "/aws/lambda/" + name}
}

// submitted takes the identifier of what a task started.
func (t *task) submitted(output string) {
	if t.ID != "" {
		return
	}
	var out struct{ JobID, ExecutionArn, ID string }
	if json.Unmarshal([]byte(output), &out) != nil {
		return
	}
	switch t.Kind {
	case "job":
		t.ID = out.JobID
	case "execution":
		t.ID = out.ExecutionArn
	case "statement":
		t.ID = out.ID
	}
}

var jobID = regexp.MustCompile(`"[jJ]ob_?[iI][dD]"\s*:\s*"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"`)

// found adds a job that a function has submitted, as its output tells.
func (s *taskScan) found(event int64, state, kind, output string) {
	if kind != "function" || len(output) > 64<<10 {
		return
	}
	for _, m := range jobID.FindAllStringSubmatch(output, 4) {
		known := false
		for _, t := range s.tasks {
			known = known || t.ID == m[1]
		}
		if !known {
			s.tasks = append(s.tasks, task{Event: event, State: state, Kind: "job", ID: m[1]})
		}
	}
}
