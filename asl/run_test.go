package asl

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the wanted histories in testdata/run")

// TestRun runs the cases of testdata/run. A case is a txtar file: the
// definition, the input, what comes from outside, one JSON object a line, and
// the wanted trace. Each runs twice, once through JSON after every event.
//
// An object of outside is {"after": "2s", "task": 1, "output": …}: the time
// since the one before it, the task by its number, and an event; "timer": true
// advances to the next timer; "abort": {error, cause} stops the execution;
// "redrive": true takes an ended one up again, "repair": {from, input, …} does so
// with changes, "changed": true with the definition of changed.json.
func TestRun(t *testing.T) {
	files, err := filepath.Glob("testdata/run/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases in testdata/run")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			part := map[string]*txtar.File{}
			for i := range a.Files {
				part[a.Files[i].Name] = &a.Files[i]
			}
			get := func(name string) []byte {
				if p := part[name]; p != nil {
					return p.Data
				}
				return nil
			}
			got := trace(t, get, false)
			if again := trace(t, get, true); again != got {
				t.Errorf("restarted after each event (-once +restarted):\n%s", cmp.Diff(got, again))
			}
			if *update {
				if part["trace"] == nil {
					a.Files = append(a.Files, txtar.File{Name: "trace"})
					part["trace"] = &a.Files[len(a.Files)-1]
				}
				part["trace"].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(get("trace")), got); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
		})
	}
}

var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// trace runs a case and writes its events, commands and outcome.
func trace(t *testing.T, get func(string) []byte, restart bool) string {
	t.Helper()
	input, outside := get("input.json"), get("outside.jsonl")
	m, err := Parse(get("definition.json"), ParseOptions{})
	if err != nil {
		return err.Error() + "\n"
	}
	var b strings.Builder
	now := began
	var tasks []int64
	timers := map[int64]time.Time{}
	dec, err := m.Start(Start{At: now, Input: json.RawMessage(strings.TrimSpace(string(input))), Context: ContextInfo{
		ExecutionArn: "arn:aws:states:us-east-1:000000000000:execution:m:e", ExecutionName: "e", RoleArn: "arn:aws:iam::000000000000:role/r",
		StateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:m", StateMachineName: "m", StartTime: now}})
	show := func() {
		if err != nil {
			fmt.Fprintf(&b, "error: %v\n", err)
			return
		}
		for _, e := range dec.History {
			fmt.Fprintf(&b, "%d<%d +%s %s %s%s\n", e.ID, e.PreviousID, e.At.Sub(began), e.Type, e.Details, e.Own)
		}
		for _, c := range dec.Commands {
			switch c.Kind {
			case RunTask:
				tasks = append(tasks, c.ID)
				fmt.Fprintf(&b, "  run %d: %s %s\n", c.ID, c.Task.Integration.Resource, c.Task.Parameters)
			case SetTimer:
				timers[c.ID] = c.At
				fmt.Fprintf(&b, "  set timer %d: +%s\n", c.ID, c.At.Sub(began))
			case CancelTimer:
				delete(timers, c.ID)
				fmt.Fprintf(&b, "  cancel timer %d\n", c.ID)
			case CancelTask:
				fmt.Fprintf(&b, "  cancel task %d\n", c.ID)
			}
		}
		if o := dec.Outcome; o != nil {
			fmt.Fprintf(&b, "%s %s\n", o.Status, o.Output)
		}
	}
	show()
	for i, line := range strings.Split(strings.TrimSpace(string(outside)), "\n") {
		if line == "" {
			continue
		}
		var step struct {
			After     string
			Task      int
			Started   bool
			Submitted json.RawMessage
			Output    json.RawMessage
			Error     string
			Cause     string
			Heartbeat bool
			Timer     bool
			Abort     *struct{ Error, Cause string }
			Redrive   bool
			Repair    *Repair
		}
		if err := json.Unmarshal([]byte(line), &step); err != nil {
			t.Fatalf("outside line %d: %v", i+1, err)
		}
		if step.After != "" {
			d, err := time.ParseDuration(step.After)
			if err != nil {
				t.Fatal(err)
			}
			now = now.Add(d)
		}
		ev := Event{Kind: TaskSucceeded, Output: step.Output, Error: step.Error, Cause: step.Cause}
		switch {
		case step.Abort != nil:
			ev = Event{Kind: Aborted, Error: step.Abort.Error, Cause: step.Abort.Cause}
		case step.Timer:
			ev.Kind = TimerFired
			for id, at := range timers {
				if ev.Command == 0 || at.Before(timers[ev.Command]) || at.Equal(timers[ev.Command]) && id < ev.Command {
					ev.Command = id
				}
			}
			if at := timers[ev.Command]; at.After(now) {
				now = at
			}
			delete(timers, ev.Command)
		case step.Started:
			ev.Kind = TaskStarted
		case step.Submitted != nil:
			ev.Kind, ev.Output = TaskSubmitted, step.Submitted
		case step.Heartbeat:
			ev.Kind = TaskHeartbeat
		case step.Error != "":
			ev.Kind = TaskFailed
		}
		if step.Task > len(tasks) {
			t.Fatalf("outside line %d: no task %d\n%s", i+1, step.Task, b.String())
		}
		if step.Task > 0 {
			ev.Command = tasks[step.Task-1]
		}
		ev.At, ev.Seed = now, [32]byte{byte(i)}
		ex := dec.Execution
		if restart {
			text, err := json.Marshal(ex)
			if err != nil {
				t.Fatal(err)
			}
			ex = new(Execution)
			if err := json.Unmarshal(text, ex); err != nil {
				t.Fatal(err)
			}
		}
		if r := step.Repair; r != nil {
			if r.Changed {
				if m, err = Parse(get("changed.json"), ParseOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			if plan, bad := m.Plan(ex, *r); bad == nil {
				fmt.Fprintf(&b, "plan: %s\n", planText(plan))
			}
			dec, err = m.Repair(ex, ev, *r)
		} else if step.Redrive {
			dec, err = m.Redrive(ex, ev)
		} else {
			dec, err = m.Step(ex, ev)
		}
		show()
	}
	return b.String()
}

// planText is a plan in a line.
func planText(p Plan) string {
	var b strings.Builder
	for _, r := range p.Resumes {
		fmt.Fprintf(&b, "%s/%s:%s %s entered=%t given=%t then %v; ", r.In, r.State, r.Type, r.Input, r.Entered, r.Given, r.Then)
	}
	fmt.Fprintf(&b, "kept %v then %v", p.Kept, p.Then)
	return b.String()
}

// definitionsForFuzz are seeds.
var definitionsForFuzz = []string{
	`{"StartAt":"A","TimeoutSeconds":9,"States":{"A":{"Type":"Pass","Result":{"a":[1]},"ResultPath":"$.x","Next":"B"},"B":{"Type":"Choice","Choices":[{"Not":{"And":[{"Variable":"$.x.a[0]","NumericLessThan":2},{"Variable":"$$.Execution.Name","StringMatches":"e*"}]},"Next":"C"}],"Default":"D"},"C":{"Type":"Fail","Error":"e","CausePath":"States.Format('{}',$.x)"},"D":{"Type":"Succeed"}}}`,
	`{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}},{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::batch:submitJob.sync","Parameters":{"x.$":"$$"},"Retry":[{"ErrorEquals":["States.ALL"]}],"TimeoutSeconds":3,"End":true}}}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"E"}]},"E":{"Type":"Succeed"}}}`,
	`{"StartAt":"M","States":{"M":{"Type":"Map","MaxConcurrency":1,"ItemSelector":{"i.$":"$$.Map.Item.Index"},"Iterator":{"StartAt":"I","States":{"I":{"Type":"Pass","Assign":{"v.$":"$.i"},"Parameters":{"w.$":"States.MathAdd($.i, 1)"},"End":true}}},"End":true}}}`,
}

// FuzzMachine parses anything, and runs what parses, answering its tasks.
func FuzzMachine(f *testing.F) {
	for _, d := range definitionsForFuzz {
		f.Add([]byte(d), []byte(`[1,{"x":2}]`), false)
		f.Add([]byte(d), []byte(`{}`), true)
	}
	f.Fuzz(func(t *testing.T, definition, input []byte, failing bool) {
		m, err := Parse(definition, ParseOptions{})
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a message")
			}
			return
		}
		dec, err := m.Start(Start{At: began, Input: input})
		if err != nil {
			return
		}
		var queue []Command
		at := began
		last := int64(0)
		for range 200 {
			for _, e := range dec.History {
				if e.ID != last+1 || e.PreviousID >= e.ID {
					t.Fatalf("event %d after %d, previous %d", e.ID, last, e.PreviousID)
				}
				last = e.ID
				if e.Details != nil && !json.Valid(e.Details) {
					t.Fatalf("details %s", e.Details)
				}
			}
			for _, c := range dec.Commands {
				if c.Kind == RunTask || c.Kind == SetTimer {
					queue = append(queue, c)
				}
			}
			if dec.Outcome != nil {
				if dec, err = m.Redrive(dec.Execution, Event{At: at}); err != nil {
					return
				}
				queue, failing = nil, false
				continue
			}
			if len(queue) == 0 {
				t.Fatal("neither a command nor an outcome")
			}
			c := queue[0]
			queue = queue[1:]
			ev := Event{At: at, Command: c.ID, Kind: TimerFired}
			if c.Kind == RunTask {
				ev.Kind, ev.Output = TaskSucceeded, json.RawMessage(`{"a":1}`)
				if failing {
					ev.Kind, ev.Error = TaskFailed, "E"
				}
			} else if c.At.After(at) {
				at = c.At
				ev.At = at
			}
			text, err := json.Marshal(dec.Execution)
			if err != nil {
				t.Fatal(err)
			}
			ex := new(Execution)
			if err := json.Unmarshal(text, ex); err != nil {
				t.Fatal(err)
			}
			next, err := m.Step(ex, ev)
			if err == ErrNotAwaited {
				dec.History, dec.Commands = nil, nil
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			dec = next
		}
	})
}

// FuzzIntrinsic reads and evaluates calls.
func FuzzIntrinsic(f *testing.F) {
	for name := range intrinsics {
		f.Add(name + "($.a, 'x{}\\'', 3, States.UUID())")
		f.Add(name + "($.l, 2)")
		f.Add(name + "('{}', $.a)")
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := parseIntrinsic(text)
		if err != nil {
			return
		}
		in, err := Parse([]byte(definitionsForFuzz[0]), ParseOptions{})
		if err != nil || in == nil {
			t.Fatal(err)
		}
		e := &env{input: decodedValue(t, `{"a":{"b":1},"l":[1,"x",null],"n":-2.5}`), context: func() any { return nil }, random: &random{}}
		_, _ = x.eval(e)
	})
}

func decodedValue(t testing.TB, s string) any {
	t.Helper()
	var h held
	if err := h.UnmarshalJSON([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return h.v
}

// TestLongChain sees that a circle of states ends at 25,000 events, and that
// without limits a turn stays finite.
func TestLongChain(t *testing.T) {
	const circle = `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"C"}],"Default":"A"},"C":{"Type":"Succeed"}}}`
	m, err := Parse([]byte(circle), ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	dec, err := m.Start(Start{At: began})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(dec.History); n != maxEvents || dec.Outcome == nil || dec.Outcome.Status != Failed || dec.History[n-1].Type != "ExecutionFailed" {
		t.Errorf("%d events, outcome %v; want %d and FAILED", n, dec.Outcome, maxEvents)
	}
	if m, err = Parse([]byte(circle), ParseOptions{NoLimits: true}); err != nil {
		t.Fatal(err)
	}
	if dec, err = m.Start(Start{At: began}); err != nil || dec.Outcome != nil || len(dec.Commands) != 1 {
		t.Fatalf("without limits: %v, %v; want one timer", dec.Outcome, err)
	}
	if dec, err = m.Step(dec.Execution, Event{At: began, Kind: TimerFired, Command: dec.Commands[0].ID}); err != nil || dec.Outcome != nil {
		t.Errorf("the second turn: %v, %v", dec.Outcome, err)
	}
}

// TestStepChangesNothing steps twice from one state.
func TestStepChangesNothing(t *testing.T) {
	m, err := Parse([]byte(definitionsForFuzz[1]), ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	dec, err := m.Start(Start{At: began, Input: json.RawMessage(`{"a":1}`)})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(dec.Execution)
	var task int64
	for _, c := range dec.Commands {
		if c.Kind == RunTask {
			task = c.ID
		}
	}
	ev := Event{At: began, Kind: TaskFailed, Command: task, Error: "X"}
	one, err1 := m.Step(dec.Execution, ev)
	two, err2 := m.Step(dec.Execution, ev)
	if after, _ := json.Marshal(dec.Execution); string(after) != string(before) {
		t.Error("Step changed its argument")
	}
	if diff := cmp.Diff(one.History, two.History); diff != "" || err1 != nil || err2 != nil {
		t.Errorf("two steps from one state differ: %s %v %v", diff, err1, err2)
	}
	if _, err := m.Step(one.Execution, ev); err != ErrNotAwaited {
		t.Errorf("a second answer: %v; want ErrNotAwaited", err)
	}
	aborted, err := m.Step(one.Execution, Event{At: began, Kind: Aborted})
	if err != nil || aborted.Outcome == nil || aborted.Outcome.Status != Abort {
		t.Fatalf("abort: %v, %v", aborted.Outcome, err)
	}
	if _, err := m.Step(aborted.Execution, ev); err != ErrEnded {
		t.Errorf("after the end: %v; want ErrEnded", err)
	}
}

// BenchmarkTransition measures Pass and Choice with 1 KB of state.
func BenchmarkTransition(b *testing.B) {
	m, err := Parse([]byte(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Choice","Choices":[{"Variable":"$.x","IsPresent":true,"Next":"C"}],"Default":"A"},"C":{"Type":"Succeed"}}}`), ParseOptions{})
	if err != nil {
		b.Fatal(err)
	}
	input := json.RawMessage(`{"pad":"` + strings.Repeat("abcdefgh", 110) + `","a":[1,2,3,{"b":"c"}],"s":"short"}`)
	b.ReportAllocs()
	for b.Loop() {
		if dec, err := m.Start(Start{At: began, Input: input}); err != nil || len(dec.History) != maxEvents {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(maxEvents/2), "ns/transition")
}
