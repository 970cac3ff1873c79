package states

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"salamander/asl"
	"salamander/engine"
	"salamander/internal/arn"
	"salamander/operation"
)

// A tested state is run by the machine as every other is, in a machine of its
// own: where it would go on to another state stands one that ends, with a
// name of its own, so that each way out is known by where it leads.
type tested struct {
	name      string
	kind      string
	members   map[string]json.RawMessage
	jsonata   bool
	input     string
	variables json.RawMessage
	assigned  map[string]json.RawMessage // the variables, and what the state assigned
	mock      *Mock
	retries   int

	dry        bool     // the iterations of an inline Map do nothing
	mapping    *mapping // of a Map state that came to its iterations
	failures   int      // of its iterations
	readerData *string  // what its ItemReader has read; nil when it is not told

	role    string
	given   json.RawMessage // the caller's context object; nil for one of ours
	context asl.ContextInfo
	caller  operation.Caller
	now     time.Time
	exits   map[string]exit // by the name of the state that stands there

	// What came of it.
	status           string
	output           *string
	errorName, cause *string
	exit             string
	parameters       string // of the task
	result           string // of the task
	details          ErrorDetails
}

// An exit is a way out of a state.
type exit struct {
	next    string
	catcher int // -1 where it is none's
}

// readTested finds the state to test in a definition: of a state, or, where a
// state is named, of a whole machine.
func readTested(in *TestStateInput) (*tested, error) {
	t := &tested{name: "StateName", input: "{}", mock: in.Mock, role: in.RoleArn, now: time.Now().UTC().Truncate(time.Millisecond)}
	if in.Input != nil && *in.Input != "" {
		t.input = *in.Input
	}
	if c := in.StateConfiguration; c != nil {
		if c.RetrierRetryCount != nil {
			t.retries = *c.RetrierRetryCount
		}
		if c.MapIterationFailureCount != nil {
			t.failures = *c.MapIterationFailureCount
		}
	}
	if in.Variables != "" {
		t.variables = json.RawMessage(in.Variables)
		if json.Unmarshal(t.variables, &t.assigned) != nil || t.assigned == nil {
			return nil, invalidTest("Variables must be a JSON object.")
		}
	}
	var doc map[string]json.RawMessage
	if json.Unmarshal([]byte(in.Definition), &doc) != nil {
		return nil, checkDefinition(in.Definition, engine.Standard)
	}
	t.members = doc
	if in.StateName != "" {
		if err := checkDefinition(in.Definition, engine.Standard); err != nil {
			return nil, err
		}
		if t.members = findState(doc, in.StateName); t.members == nil {
			return nil, invalidTest("State not found in definition")
		}
		if language := doc["QueryLanguage"]; t.members["QueryLanguage"] == nil && language != nil {
			t.members["QueryLanguage"] = language
		}
	}
	t.jsonata = string(t.members["QueryLanguage"]) == `"JSONata"`
	if json.Unmarshal(t.members["Type"], &t.kind) != nil {
		t.kind = ""
	}
	if in.StateName == "" {
		whole := map[string]any{"StartAt": t.name, "States": t.whole()}
		if err := checkDefinition(string(text(whole)), engine.Standard); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// findState looks for a state in a machine and in the machines inside it.
func findState(machine map[string]json.RawMessage, name string) map[string]json.RawMessage {
	var states map[string]map[string]json.RawMessage
	if json.Unmarshal(machine["States"], &states) != nil {
		return nil
	}
	if found := states[name]; found != nil {
		return found
	}
	for _, state := range states {
		var inner []map[string]json.RawMessage
		var processor map[string]json.RawMessage
		if json.Unmarshal(state["Branches"], &inner) != nil {
			inner = nil
		}
		for _, member := range []string{"ItemProcessor", "Iterator"} {
			if json.Unmarshal(state[member], &processor) == nil {
				inner = append(inner, processor)
			}
		}
		for _, m := range inner {
			if found := findState(m, name); found != nil {
				return found
			}
		}
	}
	return nil
}

// text is v as JSON; it cannot fail.
func text(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// wayOut gives an exit its state, and the member that leads there.
func (t *tested) wayOut(next json.RawMessage, catcher int) json.RawMessage {
	var to string
	if json.Unmarshal(next, &to) != nil {
		return next
	}
	stand := "(exit " + strconv.Itoa(len(t.exits)) + ")"
	t.exits[stand] = exit{to, catcher}
	return text(stand)
}

// machine writes the machine around the state.
func (t *tested) machine() string {
	t.exits = map[string]exit{}
	state := map[string]json.RawMessage{}
	for name, v := range t.members {
		state[name] = v
	}
	for _, name := range []string{"Next", "Default"} {
		if state[name] != nil {
			state[name] = t.wayOut(state[name], -1)
		}
	}
	for _, name := range []string{"Choices", "Catch"} {
		var rules []map[string]json.RawMessage
		if json.Unmarshal(state[name], &rules) != nil {
			continue
		}
		for i, rule := range rules {
			catcher := -1
			if name == "Catch" {
				catcher = i
			}
			if rule["Next"] != nil {
				rule["Next"] = t.wayOut(rule["Next"], catcher)
			}
		}
		state[name] = text(rules)
	}
	switch {
	case t.mock != nil && t.kind == "Map" && t.dry:
		idle(state)
	case t.mock != nil && t.kind == "Map":
		asDistributed(state)
	case t.mocked():
		// A task takes its place, whose result is the mock.
		for name := range t.members {
			if forkMember(name) {
				delete(state, name)
			}
		}
		state["Type"], state["Resource"] = text("Task"), text("arn:aws:lambda:us-east-1:000000000000:function:mock")
	}
	states := map[string]any{t.name: state}
	for stand := range t.exits {
		states[stand] = map[string]string{"Type": "Succeed"}
	}
	first := t.name
	if t.variables != nil {
		first = "(variables)"
		states[first] = t.assigning()
	}
	return string(text(map[string]any{"StartAt": first, "States": states}))
}

// whole returns the state unchanged, among what its ways out need.
func (t *tested) whole() map[string]any {
	states := map[string]any{t.name: t.members}
	t.machine()
	for _, e := range t.exits {
		if states[e.next] == nil {
			states[e.next] = map[string]string{"Type": "Succeed"}
		}
	}
	return states
}

// assigning returns the state that sets the variables before the tested one.
func (t *tested) assigning() map[string]any {
	var vars map[string]json.RawMessage
	if json.Unmarshal(t.variables, &vars) != nil {
		vars = nil
	}
	assign := map[string]string{}
	for name := range vars {
		assign[name+".$"] = "$['" + name + "']"
	}
	return map[string]any{"Type": "Pass", "Result": t.variables, "ResultPath": nil, "Assign": assign, "Next": t.name}
}

// mocked reports whether the whole state is mocked, not only its task.
func (t *tested) mocked() bool { return t.mock != nil && (t.kind == "Parallel" || t.kind == "Map") }

// raw gives the mocked result as it was given where no step changes it: what
// the machine computes it writes anew.
func (t *tested) raw() {
	for _, name := range []string{"ResultSelector", "Output"} {
		if t.members[name] != nil {
			return
		}
	}
	for _, name := range []string{"ResultPath", "OutputPath"} {
		if path := t.members[name]; path != nil && string(path) != `"$"` {
			return
		}
	}
	t.output = &t.result
}

// describe makes the context object, where the caller gives none.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
func (t *tested) describe(ctx context.Context) {
	name, id := operation.NewID(ctx), operation.NewID(ctx)
	of := "TestState-" + id
	t.context = asl.ContextInfo{ExecutionArn: arn.New("states", t.caller.Region, t.caller.Account, "express:"+of+":"+name+":"+id), ExecutionName: name,
		RoleArn: t.role, StartTime: t.now, StateMachineArn: arn.New("states", t.caller.Region, t.caller.Account, "stateMachine:"+of), StateMachineName: of,
		Account: t.caller.Account, Region: t.caller.Region, Given: t.given}
	if t.given != nil {
		return
	}
	var role any
	if t.role != "" {
		role = t.role
	}
	now := t.now.Format("2006-01-02T15:04:05.000Z")
	state := map[string]any{"Name": t.name, "EnteredTime": now}
	if t.kind == "Task" || t.kind == "Map" || t.kind == "Parallel" {
		state["RetryCount"] = t.retries
	}
	given := map[string]any{
		"Execution": map[string]any{"Id": t.context.ExecutionArn, "Input": json.RawMessage(t.input), "Name": name, "RoleArn": role, "StartTime": now},
		"State":     state, "StateMachine": map[string]any{"Id": t.context.StateMachineArn, "Name": of},
	}
	if resource := string(t.members["Resource"]); strings.Contains(resource, ".waitForTaskToken") || strings.Contains(resource, ":activity:") {
		given["Task"] = map[string]any{"Token": operation.NewID(ctx)}
	}
	t.context.Given = text(given)
}

// start begins to run the machine around the state.
func (t *tested) start() (m *asl.Machine, d asl.Decision, err error) {
	m, err = asl.Parse([]byte(t.machine()), asl.ParseOptions{NoLimits: t.dry})
	var found asl.Errors
	if errors.As(err, &found) {
		err = operation.Errorf("InvalidDefinition", "%s", found.AWSMessage())
	}
	if err == nil {
		d, err = m.Start(asl.Start{At: t.now, Input: json.RawMessage(t.input), Context: t.context})
	}
	return m, d, err
}

// run runs the state to its end, or to where it would be tried again.
func (t *tested) run(ctx context.Context, s *Service) error {
	if t.context.ExecutionArn == "" {
		t.describe(ctx)
	}
	// An inline Map that does not come to its iterations ends as one.
	t.dry = t.mock != nil && t.kind == "Map" && t.inline()
	m, d, err := t.start()
	if t.dry && err == nil && slices.ContainsFunc(d.History, func(h asl.HistoryEvent) bool { return h.Type == "MapStateStarted" }) {
		t.dry = false
		m, d, err = t.start()
	}
	for err == nil && d.Outcome == nil && t.status == "" {
		t.read(d)
		var ev asl.Event
		if ev, err = t.next(ctx, s, m, d); err == nil && t.status == "" {
			d, err = m.Step(d.Execution, ev)
		}
	}
	if err != nil || t.status != "" {
		return err
	}
	t.read(d)
	t.end(d.Outcome)
	return nil
}

// read takes from the history how the state was left.
func (t *tested) read(d asl.Decision) {
	for _, h := range d.History {
		var details struct {
			Name, Output      string
			Error, Cause      *string
			AssignedVariables map[string]string
		}
		if json.Unmarshal(h.Details, &details) != nil {
			continue
		}
		if h.Type == "EvaluationFailed" {
			t.errorName, t.cause = details.Error, bare(details.Cause)
		}
		if strings.HasSuffix(h.Type, "StateExited") && details.Name == t.name {
			t.output = &details.Output
			for name, value := range details.AssignedVariables {
				if t.assigned == nil {
					t.assigned = map[string]json.RawMessage{}
				}
				t.assigned[name] = json.RawMessage(value)
			}
		}
		if _, ok := t.exits[details.Name]; ok && strings.HasSuffix(h.Type, "StateEntered") {
			t.exit = details.Name
		}
	}
}

// next answers what the machine waits for.
func (t *tested) next(ctx context.Context, s *Service, m *asl.Machine, d asl.Decision) (asl.Event, error) {
	var timer *asl.Command
	for i, cmd := range d.Commands {
		switch cmd.Kind {
		case asl.RunTask:
			return t.perform(ctx, s, cmd)
		case asl.RunMap:
			return t.mapRun(m, cmd)
		case asl.SetTimer:
			timer = &d.Commands[i]
		}
	}
	if timer == nil {
		return asl.Event{}, fmt.Errorf("test %s: the machine waits for nothing", t)
	}
	if t.kind == "Task" || t.mocked() {
		if t.retries == 0 {
			t.status = "RETRIABLE"
			seconds := int64(timer.At.Sub(t.now) / time.Second)
			t.details.RetryBackoffIntervalSeconds = &seconds
			t.details.RetryIndex = t.retrier()
			return asl.Event{}, nil
		}
		t.retries--
	}
	t.now = timer.At
	return asl.Event{Kind: asl.TimerFired, Command: timer.ID, At: t.now}, nil
}

// longest is how long a test runs.
const longest = 5 * time.Minute

// perform runs the state's task, or takes the mock for it.
func (t *tested) perform(ctx context.Context, s *Service, cmd asl.Command) (asl.Event, error) {
	ev := asl.Event{Kind: asl.TaskSucceeded, Command: cmd.ID, At: t.now}
	t.parameters = string(cmd.Task.Parameters)
	if t.mock != nil {
		if t.mock.Result != nil {
			ev.Output = json.RawMessage(*t.mock.Result)
			t.result = *t.mock.Result
			return ev, nil
		}
		t.errorName, t.cause = t.mock.ErrorOutput.Error, t.mock.ErrorOutput.Cause
		ev.Kind = asl.TaskFailed
		ev.NoError, ev.NoCause = t.errorName == nil, t.cause == nil
		if t.errorName != nil {
			ev.Error = *t.errorName
		}
		if t.cause != nil {
			ev.Cause = *t.cause
		}
		return ev, nil
	}
	if p := cmd.Task.Integration; p.Pattern != asl.RequestResponse || p.Kind == asl.ActivityTask {
		return ev, invalidTest("TestState does not support activities, nor the .sync and .waitForTaskToken service integration patterns, when a mock is not specified.")
	}
	limit := longest
	if own := cmd.Task.Timeout; own > 0 && own < limit {
		limit = own
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	output, err := s.engine.Try(ctx, engine.Task{ID: operation.NewID(ctx), Execution: t.context.ExecutionArn, Machine: t.context.StateMachineArn,
		Account: t.caller.Account, Region: t.caller.Region, Role: t.role, Task: *cmd.Task})
	var failed *engine.TaskError
	switch {
	case err == nil:
		ev.Output, t.result = output, string(output)
		return ev, nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		name := "States.Timeout"
		ev.Kind, ev.NoCause, t.errorName, t.cause = asl.TaskTimedOut, true, &name, nil
		return ev, nil
	case !errors.As(err, &failed):
		return ev, atEngine(err)
	}
	ev.Kind, ev.Error, ev.Cause, ev.NoError, ev.NoCause = asl.TaskFailed, failed.Name, failed.Cause, failed.NoName, failed.NoCause
	t.errorName, t.cause = &failed.Name, &failed.Cause
	return ev, nil
}

// retrier returns which retrier takes the error.
func (t *tested) retrier() *int {
	var all []struct{ ErrorEquals []string }
	name := ""
	if t.errorName != nil {
		name = *t.errorName
	}
	if json.Unmarshal(t.members["Retry"], &all) != nil {
		return nil
	}
	for i, r := range all {
		if slices.Contains(r.ErrorEquals, name) || slices.Contains(r.ErrorEquals, "States.ALL") ||
			slices.Contains(r.ErrorEquals, "States.TaskFailed") && name != "States.Timeout" {
			return &i
		}
	}
	return nil
}

// end takes from the machine's outcome how the state ended.
func (t *tested) end(o *asl.Outcome) {
	if e, ok := t.exits[t.exit]; ok && e.catcher >= 0 {
		t.status, t.details.CatchIndex = "CAUGHT_ERROR", &e.catcher
		return
	}
	t.status = string(o.Status)
	if o.Status == asl.Succeeded {
		t.errorName, t.cause = nil, nil
		if t.mocked() {
			t.raw()
		}
		if t.output == nil {
			output := string(o.Output)
			t.output = &output
		}
		return
	}
	t.status, t.output, t.errorName, t.cause = "FAILED", nil, o.Error, bare(o.Cause)
	if t.kind == "Map" && t.cause != nil {
		// AWS names a path into the context object like one into the input.
		cause := strings.Replace(*t.cause, `Reference path "$$`, `Reference path "$`, 1)
		t.cause = &cause
	}
}

// bare returns a cause without the place in an execution, of which there is
// none.
func bare(cause *string) *string {
	if cause != nil && strings.HasPrefix(*cause, "An error occurred while executing the state '") {
		if _, rest, ok := strings.Cut(*cause, "). "); ok {
			return &rest
		}
	}
	return cause
}
