package asl

import (
	"fmt"
	"time"

	"salamander/internal/value"
)

func (t *turn) choose(s *strand, st *state, e *env) *hop {
	next := st.choice.fallback
	for _, rule := range st.choice.rules {
		ok, bad := rule.test(e)
		if bad != nil {
			return t.failed(s, st, bad)
		}
		if ok {
			next = rule.next
			break
		}
	}
	if next == "" {
		return t.failed(s, st, &failure{name: "States.NoChoiceMatched",
			cause: "Failed to transition out of the state. The state does not point to a next state."})
	}
	output, bad := st.outputPath.apply(e, e.input)
	if bad != nil {
		return t.failed(s, st, bad)
	}
	return t.exit(s, st, next, output, value.Text(output))
}

// maxWait is the longest delay of a Wait state, the greatest int32 of
// milliseconds a thousandfold: about 24,855 days.
const maxWait = (1<<31 - 1) * time.Second

func (t *turn) wait(s *strand, st *state, e *env) *hop {
	until, bad := t.waitUntil(st.wait, e)
	if bad == nil && until.Sub(t.at) > maxWait {
		bad = runtime("Wait state delay is too long.")
	}
	if bad != nil {
		return t.failed(s, st, bad)
	}
	s.Phase = inWait
	s.Timer = t.setTimer(until)
	return nil
}

func (t *turn) waitUntil(w *waitFields, e *env) (time.Time, *failure) {
	switch {
	case w.seconds != nil:
		return t.at.Add(time.Duration(*w.seconds) * time.Second), nil
	case w.timestamp != nil:
		return *w.timestamp, nil
	case w.secondsPath != nil:
		v, err := w.secondsPath.eval(e)
		if err != nil {
			return time.Time{}, runtime("The SecondsPath parameter does not reference an input value: %s", w.secondsPath.source)
		}
		n, ok := v.(value.Number)
		var seconds int64
		if ok {
			seconds, ok = n.Int64()
		}
		if !ok || seconds < 0 {
			return time.Time{}, runtime("The SecondsPath parameter cannot be parsed as a long value: %s == %s", w.secondsPath.source, plain(v))
		}
		if seconds > int64(maxWait/time.Second) {
			return time.Time{}, runtime("Wait state delay is too long.")
		}
		return t.at.Add(time.Duration(seconds) * time.Second), nil
	}
	v, err := w.timestampPath.eval(e)
	if err != nil {
		return time.Time{}, runtime("The TimestampPath parameter does not reference an input value: %s", w.timestampPath.source)
	}
	text, _ := asText(v)
	at, err := parseTimestamp(text)
	if err != nil {
		return time.Time{}, runtime("The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: %s == %s", w.timestampPath.source, plain(v))
	}
	return at, nil
}

// plain writes a value as AWS puts it into sentences: strings without quotes.
func plain(v value.Value) string {
	if s, ok := v.(string); ok {
		return s
	}
	return value.Text(v)
}

func (t *turn) fail(s *strand, st *state, e *env) *hop {
	f := &failure{bare: true, noName: true, noCause: true}
	read := func(constant *string, x expr, field string, into *string, absent *bool) *failure {
		switch {
		case constant != nil:
			*into, *absent = *constant, false
		case x != nil:
			v, err := x.eval(e)
			if err != nil {
				return inField(x, field, e, err)
			}
			text, ok := asText(v)
			if !ok {
				return runtime("The field '%s' must be a string but was %s", field, value.Text(v))
			}
			*into, *absent = text, false
		}
		return nil
	}
	if bad := read(st.fail.err, st.fail.errPath, "ErrorPath", &f.name, &f.noName); bad != nil {
		return t.failed(s, st, bad)
	}
	if bad := read(st.fail.cause, st.fail.causePath, "CausePath", &f.cause, &f.noCause); bad != nil {
		return t.failed(s, st, bad)
	}
	t.strandFailed(s, f)
	return nil
}

// payload is the input of a task or of branches: Parameters, or the input.
func payload(st *state, e *env) (value.Value, *failure) {
	if st.parameters == nil {
		return e.input, nil
	}
	return st.parameters.eval(e)
}

// fork begins the branches of a Parallel state.
func (t *turn) fork(s *strand, st *state, e *env) *hop {
	input, bad := payload(st, e)
	if bad != nil {
		return t.failed(s, st, bad)
	}
	started := t.emit(s, "ParallelStateStarted", nil)
	s.Phase, s.Open = inBranches, len(st.branches)
	s.Results = make([]jsonValue, len(st.branches))
	if len(st.branches) == 0 {
		t.joined(s, st)
		return nil
	}
	var children []*strand
	for i, b := range st.branches {
		t.ex.s.LastSlot++
		child := &strand{ID: t.ex.s.LastSlot, Parent: s.ID, Branch: i, Scope: b.id, Previous: started}
		children = append(children, child)
		t.ex.s.Strands = append(t.ex.s.Strands, child)
	}
	for i, child := range children {
		if t.outcome != nil || !t.alive(child) { // an earlier branch has failed
			break
		}
		t.run(child, st.branches[i].startAt, input)
	}
	return nil
}

func (t *turn) alive(s *strand) bool {
	for _, one := range t.ex.s.Strands {
		if one == s {
			return true
		}
	}
	return false
}

// remove takes a strand out of the execution.
func (t *turn) remove(s *strand) {
	kept := t.ex.s.Strands[:0:0]
	for _, one := range t.ex.s.Strands {
		if one != s {
			kept = append(kept, one)
		}
	}
	t.ex.s.Strands = kept
}

// branchEnded keeps the result of a branch; the last one ends the Parallel.
func (t *turn) branchEnded(child *strand, output value.Value) {
	parent := t.strand(child.Parent)
	t.remove(child)
	parent.Results[child.Branch] = jsonValue{output}
	parent.Open--
	if parent.Open > 0 {
		return
	}
	parent.Previous = child.Previous
	t.joined(parent, t.m.scopes[parent.Scope].states[parent.State])
}

// joined leaves a Parallel state whose branches have all succeeded.
func (t *turn) joined(s *strand, st *state) {
	t.emit(s, "ParallelStateSucceeded", nil)
	results := make(value.Array, len(s.Results))
	for i, r := range s.Results {
		results[i] = r.v
	}
	s.Results, s.Phase = nil, ""
	t.follow(s, t.resulted(s, st, results))
}

// resulted applies ResultSelector and ResultPath to a result, and leaves.
func (t *turn) resulted(s *strand, st *state, result value.Value) *hop {
	if st.resultSelector != nil {
		v, bad := st.resultSelector.eval(t.env(s, result))
		if bad != nil {
			return t.failed(s, st, bad)
		}
		result = v
	}
	return t.placed(s, st, t.env(s, s.Input.v), result)
}

// branchFailed fails the Parallel state of a branch, and ends its siblings.
func (t *turn) branchFailed(child *strand, f *failure) {
	parent := t.strand(child.Parent)
	st := t.m.scopes[parent.Scope].states[parent.State]
	t.remove(child)
	t.abort(parent.ID)
	parent.Previous = child.Previous
	parent.Results, parent.Open, parent.Phase = nil, 0, ""
	t.emit(parent, "ParallelStateFailed", nil)
	t.follow(parent, t.failed(parent, st, f))
}

// abort ends all strands below a parent.
func (t *turn) abort(parent int) {
	for _, s := range t.ex.s.Strands {
		if s.Parent != parent || !t.alive(s) {
			continue
		}
		t.abort(s.ID)
		t.release(s)
		if s.State != "" {
			st := t.m.scopes[s.Scope].states[s.State]
			t.emit(s, st.kind+"StateAborted", nil)
		}
		t.remove(s)
	}
}

// task schedules a task.
func (t *turn) task(s *strand, st *state, e *env) *hop {
	f := st.task
	kind := f.resource.Kind
	if f.resource.Pattern == WaitForToken || kind == ActivityTask {
		s.Token = t.random.token()
		e = t.env(s, e.input)
	}
	timeout, bad := seconds(f.timeout, f.timeoutPath, "TimeoutSecondsPath", e)
	if bad != nil {
		return t.failed(s, st, bad)
	}
	heartbeat, bad := seconds(f.heartbeat, f.heartbeatPath, "HeartbeatSecondsPath", e)
	if bad != nil {
		return t.failed(s, st, bad)
	}
	parameters, bad := payload(st, e)
	if bad != nil {
		return t.failed(s, st, bad)
	}
	var credentials value.Value
	if f.credentials != nil {
		if credentials, bad = f.credentials.eval(e); bad != nil {
			return t.failed(s, st, bad)
		}
	}
	text := value.Text(parameters)
	t.scheduled(s, st, text, timeout, heartbeat, credentials)
	task := &Task{State: st.name, Integration: f.resource, Parameters: []byte(text), Timeout: timeout, Heartbeat: heartbeat,
		Token: s.Token, Attempt: s.Attempt}
	if credentials != nil {
		task.Credentials = value.Append(nil, credentials)
	}
	s.Phase, s.Started, s.BeatFor = inTask, false, int64(heartbeat)
	s.Task = t.nextID()
	t.commands = append(t.commands, Command{ID: s.Task, Kind: RunTask, Task: task})
	if timeout > 0 {
		s.Timer = t.setTimer(t.at.Add(timeout))
	}
	if heartbeat > 0 && kind != ActivityTask {
		s.Beat = t.setTimer(t.at.Add(heartbeat))
	}
	return nil
}

// seconds reads TimeoutSeconds or HeartbeatSeconds, or what its path names.
func seconds(constant time.Duration, path *pathExpr, field string, e *env) (time.Duration, *failure) {
	if path == nil {
		return constant, nil
	}
	v, bad := path.at(e)
	if bad != nil {
		return 0, bad
	}
	if n, ok := v.(value.Number); ok {
		if i, ok := n.Int64(); ok && i > 0 && i <= maxSeconds {
			return time.Duration(i) * time.Second, nil
		}
	}
	return 0, runtime("The %s field refers to value \"%s\" which is not a valid integer: %s", field, plain(v), path.source)
}

// scheduled writes the event of scheduling a task.
func (t *turn) scheduled(s *strand, st *state, text string, timeout, heartbeat time.Duration, credentials value.Value) {
	r := st.task.resource
	details := new(value.Object)
	switch r.Kind {
	case LambdaTask, ActivityTask:
		details.Set("input", text)
		details.Set("inputDetails", included())
		details.Set("resource", r.Resource)
	default:
		for _, p := range t.resource(r) {
			details.Set(p.Key, p.Value)
		}
		details.Set("region", t.region())
		details.Set("parameters", text)
	}
	if timeout > 0 {
		details.Set("timeoutInSeconds", value.Int(int64(timeout/time.Second)))
	}
	if heartbeat > 0 && r.Kind != LambdaTask {
		details.Set("heartbeatInSeconds", value.Int(int64(heartbeat/time.Second)))
	}
	if c, ok := credentials.(*value.Object); ok {
		role, _ := c.Get("RoleArn")
		details.Set("taskCredentials", object("roleArn", role))
	}
	t.emit(s, prefix(r.Kind)+"Scheduled", details)
}

// prefix begins the names of a task's events.
func prefix(kind TaskKind) string {
	switch kind {
	case LambdaTask:
		return "LambdaFunction"
	case ActivityTask:
		return "Activity"
	}
	return "Task"
}

// resource is how the events of service tasks name their resource.
func (t *turn) resource(r Integration) []value.Member {
	kind, action := r.Service, r.Action
	if r.Kind == SDKTask {
		kind = "aws-sdk:" + kind
	}
	if r.Pattern != RequestResponse {
		action += "." + string(r.Pattern)
	}
	return []value.Member{{Key: "resourceType", Value: kind}, {Key: "resource", Value: action}}
}

func (t *turn) region() string {
	if r := t.ex.s.Context.Region; r != "" {
		return r
	}
	return arnPart(t.ex.s.Context.ExecutionArn, 3)
}

// taskDetails begins the details of a task's event.
func (t *turn) taskDetails(r Integration) *value.Object {
	o := new(value.Object)
	if r.Kind == ServiceTask || r.Kind == SDKTask {
		for _, p := range t.resource(r) {
			o.Set(p.Key, p.Value)
		}
	}
	return o
}

// started writes the event of the task's start, once an attempt.
func (t *turn) started(s *strand, r Integration, worker string) {
	if s.Started {
		return
	}
	s.Started = true
	switch r.Kind {
	case LambdaTask:
		t.emit(s, "LambdaFunctionStarted", nil)
	case ActivityTask:
		details := new(value.Object)
		if worker != "" {
			details.Set("workerName", worker)
		}
		t.emit(s, "ActivityStarted", details)
	default:
		t.emit(s, "TaskStarted", t.taskDetails(r))
	}
}

// taskEvent applies what happened to a task.
func (t *turn) taskEvent(s *strand, ev Event) error {
	st := t.m.scopes[s.Scope].states[s.State]
	if st == nil {
		return fmt.Errorf("no state %q in scope %d", s.State, s.Scope)
	}
	r := st.task.resource
	switch ev.Kind {
	case TaskStarted:
		t.started(s, r, "")
	case ActivityStarted:
		t.started(s, r, ev.Worker)
		t.beat(s)
	case TaskHeartbeat:
		t.beat(s)
	case TaskSubmitted:
		t.started(s, r, "")
		details := t.taskDetails(r)
		details.Set("output", string(ev.Output))
		details.Set("outputDetails", included())
		t.emit(s, "TaskSubmitted", details)
		t.beat(s)
	case TaskSucceeded:
		return t.taskSucceeded(s, st, ev)
	case TaskFailed, TaskStartFailed, TaskSubmitFailed, TaskScheduleFailed, TaskTimedOut:
		t.taskFailed(s, st, ev)
	default:
		return fmt.Errorf("event of kind %d for a task", ev.Kind)
	}
	return nil
}

// beat restarts the heartbeat timer.
func (t *turn) beat(s *strand) {
	if s.BeatFor > 0 {
		t.cancelTimer(&s.Beat)
		s.Beat = t.setTimer(t.at.Add(time.Duration(s.BeatFor)))
	}
}

// taskOver forgets the command and the timers of a task that has answered.
func (t *turn) taskOver(s *strand) {
	s.Task, s.Phase = 0, ""
	t.cancelTimer(&s.Timer)
	t.cancelTimer(&s.Beat)
}

func (t *turn) taskSucceeded(s *strand, st *state, ev Event) error {
	result, err := value.Parse(ev.Output)
	if err != nil {
		return fmt.Errorf("output of the task of state %q: %w", st.name, err)
	}
	r := st.task.resource
	t.taskOver(s)
	t.started(s, r, "")
	text := value.Text(result)
	if !t.m.opt.NoLimits && len(text) > maxData {
		f := tooLarge(st)
		details := t.taskDetails(r)
		details.Set("error", f.name)
		details.Set("cause", f.cause)
		t.emit(s, prefix(r.Kind)+"Failed", details)
		t.follow(s, t.failed(s, st, f))
		return nil
	}
	details := t.taskDetails(r)
	details.Set("output", text)
	details.Set("outputDetails", included())
	t.emit(s, prefix(r.Kind)+"Succeeded", details)
	t.follow(s, t.resulted(s, st, result))
	return nil
}

func (t *turn) taskFailed(s *strand, st *state, ev Event) {
	r := st.task.resource
	ending := map[EventKind]string{TaskFailed: "Failed", TaskStartFailed: "StartFailed", TaskSubmitFailed: "SubmitFailed",
		TaskScheduleFailed: "ScheduleFailed", TaskTimedOut: "TimedOut"}[ev.Kind]
	t.taskOver(s)
	if ev.Kind != TaskStartFailed && ev.Kind != TaskScheduleFailed {
		t.started(s, r, "")
	}
	f := &failure{name: ev.Error, cause: ev.Cause, noName: ev.NoError, noCause: ev.NoCause, bare: true, task: ev.Error != "States.Timeout"}
	details := t.taskDetails(r)
	if !f.noName {
		details.Set("error", f.name)
	}
	if !f.noCause {
		details.Set("cause", f.cause)
	}
	t.emit(s, prefix(r.Kind)+ending, details)
	t.follow(s, t.failed(s, st, f))
}

// taskTimedOut ends a task whose time, or that of its heartbeat, is over.
func (t *turn) taskTimedOut(s *strand, st *state) {
	r := st.task.resource
	t.commands = append(t.commands, Command{ID: s.Task, Kind: CancelTask})
	t.taskOver(s)
	details := t.taskDetails(r)
	details.Set("error", "States.Timeout")
	t.emit(s, prefix(r.Kind)+"TimedOut", details)
	t.follow(s, t.failed(s, st, &failure{name: "States.Timeout", noCause: true, bare: true}))
}

// arnPart returns a part of an ARN by its number, or "".
func arnPart(arn string, n int) string {
	for ; n > 0; n-- {
		i := indexByte(arn, ':')
		if i < 0 {
			return ""
		}
		arn = arn[i+1:]
	}
	if i := indexByte(arn, ':'); i >= 0 {
		return arn[:i]
	}
	return arn
}

func indexByte(s string, c byte) int {
	for i := range len(s) {
		if s[i] == c {
			return i
		}
	}
	return -1
}
