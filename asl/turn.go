package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"salamander/internal/value"
)

// Limits of AWS.
const (
	maxData   = 256 * 1024
	maxEvents = 25_000
	// maxTurnStates bounds the states that one turn runs through, so that a
	// definition of Pass states in a circle ends even without the limit on
	// history.
	maxTurnStates = 1_000_000
)

// A turn applies one event.
type turn struct {
	m        *Machine
	ex       *Execution
	at       time.Time
	random   *random
	history  []HistoryEvent
	commands []Command
	outcome  *Outcome
	states   int
}

// Start begins an execution and runs it until it waits for something outside.
func (m *Machine) Start(s Start) (Decision, error) {
	text := s.Input
	if len(text) == 0 {
		text = json.RawMessage("{}")
	}
	input, err := value.Parse(text)
	if err != nil {
		return Decision{}, fmt.Errorf("input: %w", err)
	}
	t := &turn{m: m, ex: &Execution{s: executionState{Context: s.Context, Input: jsonValue{input}, LastSlot: 0}}, at: s.At, random: &random{seed: s.Seed}}
	root := &strand{Parent: -1, Scope: m.root.id}
	t.ex.s.Strands = []*strand{root}
	details := object("input", string(text), "inputDetails", included(), "roleArn", s.Context.RoleArn)
	if s.Context.AliasArn != "" {
		details.Set("stateMachineAliasArn", s.Context.AliasArn)
	}
	if s.Context.VersionArn != "" {
		details.Set("stateMachineVersionArn", s.Context.VersionArn)
	}
	t.emit(root, "ExecutionStarted", details)
	root.Previous = 0 // AWS hangs the first state on nothing
	if m.timeout > 0 {
		t.ex.s.Deadline = t.setTimer(s.At.Add(time.Duration(m.timeout) * time.Second))
	}
	t.run(root, m.root.startAt, input)
	return t.decision(), nil
}

// Step applies ev to ex and runs the execution until it waits again. It
// changes neither. ev.At is the only clock it sees.
//
// It returns [ErrNotAwaited] or [ErrEnded], with an unchanged execution, for an
// event that has come too late. Any other error is a bug in the caller.
func (m *Machine) Step(ex *Execution, ev Event) (Decision, error) {
	if ex.s.Status != "" {
		return Decision{Execution: ex}, ErrEnded
	}
	t := &turn{m: m, ex: ex.clone(), at: ev.At, random: &random{seed: ev.Seed}}
	if err := t.apply(ev); err != nil {
		return Decision{Execution: ex}, err
	}
	return t.decision(), nil
}

func (t *turn) decision() Decision {
	return Decision{Execution: t.ex, History: t.history, Commands: t.commands, Outcome: t.outcome}
}

// apply finds what waits for the event.
func (t *turn) apply(ev Event) error {
	if ev.Kind == Aborted {
		t.finish(t.ex.s.Strands[0], Abort, nil, &failure{name: ev.Error, cause: ev.Cause, noName: ev.NoError || ev.Error == "", noCause: ev.NoCause || ev.Cause == ""})
		return nil
	}
	if ev.Kind == TimerFired && ev.Command == t.ex.s.Deadline && ev.Command != 0 {
		t.ex.s.Deadline = 0
		t.finish(t.ex.s.Strands[0], TimedOut, nil, &failure{name: "States.Timeout", noName: true, noCause: true})
		return nil
	}
	i := slices.IndexFunc(t.ex.s.Strands, func(s *strand) bool {
		return ev.Command != 0 && (s.Task == ev.Command || s.Timer == ev.Command || s.Beat == ev.Command)
	})
	if i < 0 {
		return ErrNotAwaited
	}
	s := t.ex.s.Strands[i]
	if ev.Kind != TimerFired {
		if s.Task != ev.Command {
			return ErrNotAwaited
		}
		return t.taskEvent(s, ev)
	}
	st := t.m.scopes[s.Scope].states[s.State]
	if st == nil {
		return fmt.Errorf("no state %q in scope %d", s.State, s.Scope)
	}
	switch {
	case s.Beat == ev.Command:
		s.Beat = 0
		t.taskTimedOut(s, st)
	case s.Phase == inTask:
		s.Timer = 0
		t.taskTimedOut(s, st)
	case s.Phase == inWait:
		s.Timer = 0
		t.leave(s, st, s.Input.v, nil)
	case s.Phase == inBackoff:
		s.Timer = 0
		t.retryNow(s, st)
	default:
		return ErrNotAwaited
	}
	return nil
}

// emit appends an event to the history, behind the strand's last one.
func (t *turn) emit(s *strand, kind string, details *value.Object) int64 {
	t.ex.s.LastEvent++
	id := t.ex.s.LastEvent
	ev := HistoryEvent{ID: id, PreviousID: s.Previous, At: t.at, Type: kind}
	if details != nil {
		ev.Details = value.Append(nil, details)
	}
	t.history = append(t.history, ev)
	s.Previous = id
	return id
}

// object makes an object of alternating keys and values.
func object(pairs ...any) *value.Object {
	o := new(value.Object)
	for i := 0; i < len(pairs); i += 2 {
		o.Set(pairs[i].(string), pairs[i+1])
	}
	return o
}

// included says that data is whole.
func included() *value.Object { return object("truncated", false) }

func (t *turn) nextID() int64 {
	t.ex.s.LastID++
	return t.ex.s.LastID
}

func (t *turn) setTimer(at time.Time) int64 {
	id := t.nextID()
	t.commands = append(t.commands, Command{ID: id, Kind: SetTimer, At: at})
	return id
}

func (t *turn) cancelTimer(id *int64) {
	if *id != 0 {
		t.commands = append(t.commands, Command{ID: *id, Kind: CancelTimer})
		*id = 0
	}
}

// run enters a state.
func (t *turn) run(s *strand, name string, input value.Value) {
	for next := (&hop{name, input}); next != nil; {
		if t.outcome != nil {
			return
		}
		if !t.m.opt.NoLimits && t.ex.s.LastEvent >= maxEvents-2 {
			t.finish(t.ex.s.Strands[0], Failed, nil, runtime("The execution reached the maximum number of history events (%d).", maxEvents))
			return
		}
		if t.states++; t.states > maxTurnStates {
			t.finish(t.ex.s.Strands[0], Failed, nil, runtime("More than %d states ran without waiting for anything.", maxTurnStates))
			return
		}
		next = t.enter(s, next)
	}
}

// A hop is a transition to a state.
type hop struct {
	state string
	input value.Value
}

// enter runs one state and returns where it goes at once, or nil when it waits
// or has ended.
func (t *turn) enter(s *strand, h *hop) *hop {
	st := t.m.scopes[s.Scope].states[h.state]
	*s = strand{ID: s.ID, Parent: s.Parent, Branch: s.Branch, Scope: s.Scope, Previous: s.Previous,
		State: h.state, Raw: jsonValue{h.input}, At: t.at.UnixMilli()}
	s.Entered = t.emit(s, st.kind+"StateEntered", object("name", st.name, "input", value.Text(h.input), "inputDetails", included()))
	return t.begin(s, st)
}

// begin does a state's work, for the first time or again.
func (t *turn) begin(s *strand, st *state) *hop {
	e := t.env(s, s.Raw.v)
	input, bad := st.inputPath.apply(e, s.Raw.v)
	if bad != nil {
		return t.failed(s, st, bad)
	}
	s.Input = jsonValue{input}
	e = t.env(s, input)
	switch st.kind {
	case "Pass":
		return t.pass(s, st, e)
	case "Choice":
		return t.choose(s, st, e)
	case "Wait":
		return t.wait(s, st, e)
	case "Succeed":
		return t.left(s, st, input)
	case "Fail":
		return t.fail(s, st, e)
	case "Task":
		return t.task(s, st, e)
	case "Parallel":
		return t.fork(s, st, e)
	}
	panic("state type " + st.kind)
}

// apply takes InputPath or OutputPath of v.
func (p pathField) apply(e *env, v value.Value) (value.Value, *failure) {
	switch {
	case p.null:
		return new(value.Object), nil
	case !p.set:
		return v, nil
	}
	return p.expr.at(e)
}

// env is what the expressions of a state see.
func (t *turn) env(s *strand, input value.Value) *env {
	var context value.Value
	return &env{input: input, random: t.random, context: func() value.Value {
		if context == nil {
			context = t.context(s)
		}
		return context
	}}
}

// context builds the context object.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
func (t *turn) context(s *strand) value.Value {
	c := t.ex.s.Context
	execution := object("Id", c.ExecutionArn, "Input", t.ex.s.Input.v, "StartTime", stamp(c.StartTime), "Name", c.ExecutionName,
		"RoleArn", c.RoleArn, "RedriveCount", value.Int(int64(c.RedriveCount)))
	if !c.RedriveTime.IsZero() {
		execution.Set("RedriveTime", stamp(c.RedriveTime))
	}
	o := object("Execution", execution,
		"StateMachine", object("Id", c.StateMachineArn, "Name", c.StateMachineName),
		"State", object("Name", s.State, "EnteredTime", stamp(time.UnixMilli(s.At)), "RetryCount", value.Int(int64(s.Attempt))))
	if s.Token != "" {
		o.Set("Task", object("Token", s.Token))
	}
	return o
}

// stamp writes an instant as the context object does.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }

func (t *turn) pass(s *strand, st *state, e *env) *hop {
	result := e.input
	if st.parameters != nil {
		v, bad := st.parameters.eval(e)
		if bad != nil {
			return t.failed(s, st, bad)
		}
		result = v
	}
	if st.pass.hasResult {
		result = st.pass.result
	}
	return t.placed(s, st, e, result)
}

// placed puts a result into the input by ResultPath and leaves the state.
func (t *turn) placed(s *strand, st *state, e *env, result value.Value) *hop {
	output, bad := st.resultPath.place(e.input, result)
	if bad != nil {
		return t.failed(s, st, bad)
	}
	return t.left(s, st, output)
}

// place puts a result where ResultPath says.
func (p pathField) place(input, result value.Value) (value.Value, *failure) {
	switch {
	case p.null:
		return input, nil
	case !p.set || p.expr.path.Root():
		return result, nil
	}
	v, err := p.expr.path.Set(input, result)
	if err != nil {
		return nil, &failure{name: "States.ResultPathMatchFailure", cause: fmt.Sprintf("Unable to apply step %q to input %s", stepOf(err), value.Text(input))}
	}
	return v, nil
}

// left applies OutputPath and leaves the state; it returns the next one.
func (t *turn) left(s *strand, st *state, output value.Value) *hop {
	output, bad := st.outputPath.apply(t.env(s, output), output)
	if bad != nil {
		return t.failed(s, st, bad)
	}
	text := value.Text(output)
	if !t.m.opt.NoLimits && len(text) > maxData {
		return t.failed(s, st, tooLarge(st))
	}
	return t.exit(s, st, st.next, output, text)
}

func tooLarge(st *state) *failure {
	return &failure{name: "States.DataLimitExceeded", bare: true,
		cause: fmt.Sprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", st.name)}
}

// exit writes the exit of a state and returns the next hop, or ends the strand.
func (t *turn) exit(s *strand, st *state, next string, output value.Value, text string) *hop {
	t.emit(s, st.kind+"StateExited", object("name", st.name, "output", text, "outputDetails", included()))
	if next != "" {
		return &hop{next, output}
	}
	t.strandEnded(s, output)
	return nil
}

// leave is left for a strand that had waited: it also runs what follows.
func (t *turn) leave(s *strand, st *state, output value.Value, _ *failure) {
	if h := t.left(s, st, output); h != nil {
		t.run(s, h.state, h.input)
	}
}

// follow runs what follows, if anything.
func (t *turn) follow(s *strand, h *hop) {
	if h != nil {
		t.run(s, h.state, h.input)
	}
}

// strandEnded takes the result of a strand.
func (t *turn) strandEnded(s *strand, output value.Value) {
	if s.Parent < 0 {
		t.finish(s, Succeeded, output, nil)
		return
	}
	t.branchEnded(s, output)
}

// finish ends the execution.
func (t *turn) finish(s *strand, status Status, output value.Value, f *failure) {
	if t.outcome != nil {
		return
	}
	t.outcome = &Outcome{Status: status}
	details := new(value.Object)
	if status == Succeeded {
		text := value.Text(output)
		t.outcome.Output = json.RawMessage(text)
		details.Set("output", text)
		details.Set("outputDetails", included())
	}
	if f != nil {
		if !f.noName {
			t.outcome.Error = &f.name
			details.Set("error", f.name)
		}
		if !f.noCause {
			t.outcome.Cause = &f.cause
			details.Set("cause", f.cause)
		}
	}
	for _, one := range t.ex.s.Strands {
		t.release(one)
	}
	t.cancelTimer(&t.ex.s.Deadline)
	kind := map[Status]string{Succeeded: "ExecutionSucceeded", Failed: "ExecutionFailed", TimedOut: "ExecutionTimedOut", Abort: "ExecutionAborted"}[status]
	if status == Abort || status == TimedOut {
		last := &strand{Previous: t.ex.s.LastEvent}
		s = last
	}
	t.emit(s, kind, details)
	t.ex.s.Status = status
	t.ex.s.Strands = nil
}

// release gives up what a strand waits for.
func (t *turn) release(s *strand) {
	t.cancelTimer(&s.Timer)
	t.cancelTimer(&s.Beat)
	if s.Task != 0 {
		t.commands = append(t.commands, Command{ID: s.Task, Kind: CancelTask})
		s.Task = 0
	}
}

// failed handles an error of a state: Retry, Catch, or the end of the strand.
func (t *turn) failed(s *strand, st *state, f *failure) *hop {
	f = f.within(st, s)
	if !f.final {
		if h, done := t.recover(s, st, f); done {
			return h
		}
	}
	t.strandFailed(s, f)
	return nil
}

// within words the cause of a runtime error as AWS does: with the state.
func (f *failure) within(st *state, s *strand) *failure {
	if f.bare || f.task || f.noCause || strings.HasPrefix(f.cause, "An error occurred while executing the state") {
		return f
	}
	c := *f
	c.bare = true
	c.cause = fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). %s", st.name, s.Entered, f.cause)
	return &c
}

// recover applies Retry and Catch. done tells that one of them took the error.
func (t *turn) recover(s *strand, st *state, f *failure) (h *hop, done bool) {
	for i := range st.retry {
		r := &st.retry[i]
		if !covers(r.errors, f) {
			continue
		}
		for len(s.Retries) < len(st.retry) {
			s.Retries = append(s.Retries, 0)
		}
		if s.Retries[i] >= r.attempts {
			break
		}
		delay := r.backoff(s.Retries[i], t.random)
		s.Retries[i]++
		s.Phase = inBackoff
		s.Timer = t.setTimer(t.at.Add(delay))
		return nil, true
	}
	for i := range st.catch {
		c := &st.catch[i]
		if !covers(c.errors, f) {
			continue
		}
		output := new(value.Object)
		if !f.noName {
			output.Set("Error", f.name)
		}
		if !f.noCause {
			output.Set("Cause", f.cause)
		}
		if f.noName && f.noCause {
			output = object("Error", nil, "Cause", nil)
		}
		placed, bad := c.resultPath.place(s.Raw.v, output)
		if bad != nil {
			t.strandFailed(s, bad.within(st, s))
			return nil, true
		}
		return t.exit(s, st, c.next, placed, value.Text(placed)), true
	}
	return nil, false
}

// retryNow does a state's work again after the back-off.
func (t *turn) retryNow(s *strand, st *state) {
	s.Attempt++
	s.Phase, s.Started, s.Token = "", false, ""
	t.follow(s, t.begin(s, st))
}

// strandFailed ends a strand with an error: the execution, or the Parallel
// state it is a branch of.
func (t *turn) strandFailed(s *strand, f *failure) {
	if t.outcome != nil {
		return
	}
	if s.Parent < 0 {
		t.finish(s, Failed, nil, f)
		return
	}
	t.branchFailed(s, f)
}

func (t *turn) strand(id int) *strand {
	i := slices.IndexFunc(t.ex.s.Strands, func(s *strand) bool { return s.ID == id })
	return t.ex.s.Strands[i]
}

func stepOf(err error) string {
	var s interface{ Error() string }
	if errors.As(err, &s) {
		return s.Error()
	}
	return ""
}
