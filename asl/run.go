package asl

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"salamander/internal/value"
)

func (t *turn) state(th *thread) *state { return t.m.scopes[th.Scope].states[th.State] }

// run goes on with a thread that is to enter its state, until it waits or ends.
func (t *turn) run(th *thread) {
	for t.enter(th) {
	}
}

// enter enters the thread's state, and reports whether the thread is to enter
// another one.
func (t *turn) enter(th *thread) bool {
	if t.entered++; t.entered > yieldAfter {
		th.Timer, th.Purpose = t.timer(t.at), yielded
		return false
	}
	st := t.state(th)
	text := th.Raw
	if text == "" {
		text = th.inputText()
	}
	th.Raw = ""
	d := room(text)
	d.quote("input", text, "inputDetails", &t.quoted)
	d.str("name", th.State)
	th.Before = th.Previous
	th.Entered, th.EnteredAt = t.log(th, st.kind+"StateEntered", d), t.at
	th.RetryCount, th.Retries, th.Token, th.Mapped = 0, nil, "", nil
	return t.attempt(th, st)
}

// attempt does what the state is for, the first time or again.
func (t *turn) attempt(th *thread, st *state) bool {
	th.over = false
	if t.x.Given != nil {
		if output, ok := t.given(th); ok {
			return t.exit(th, st, output, nil, st.next)
		}
	}
	input, bad := t.effective(th, st)
	if bad != nil {
		return t.fail(th, bad)
	}
	switch st.kind {
	case "Pass":
		return t.pass(th, st, input)
	case "Task":
		return t.task(th, st, input)
	case "Choice":
		return t.choice(th, st, input)
	case "Wait":
		return t.wait(th, st, input)
	case "Succeed":
		return t.leave(th, st, input, nil, "")
	case "Fail":
		return t.failState(th, st)
	case "Parallel":
		return t.parallel(th, st, input)
	case "Map":
		return t.mapping(th, st, input)
	}
	panic("asl: state of unknown type " + st.kind)
}

// effective applies InputPath.
func (t *turn) effective(th *thread, st *state) (value.Value, *failure) {
	switch {
	case !st.inputPath.set:
		return th.Input.v, nil
	case st.inputPath.null:
		return new(value.Object), nil
	}
	return st.inputPath.expr.at(t.env(th, th.Input.v))
}

func (t *turn) pass(th *thread, st *state, input value.Value) bool {
	result := input
	if st.parameters != nil {
		var bad *failure
		if result, bad = st.parameters.eval(t.env(th, input)); bad != nil {
			return t.fail(th, bad)
		}
	}
	if st.pass.hasResult {
		result = st.pass.result
	}
	return t.finish(th, st, result)
}

func (t *turn) choice(th *thread, st *state, input value.Value) bool {
	e := t.env(th, input)
	for _, r := range st.choice.rules {
		ok, bad := r.test(e)
		if bad != nil {
			return t.fail(th, bad)
		}
		if ok && st.jsonata {
			return t.conclude(th, st, e, th.Input.v, exit{output: r.output, assign: r.assign, next: r.next})
		}
		if ok {
			return t.leave(th, st, input, r.assign, r.next)
		}
	}
	if st.choice.fallback == "" {
		return t.fail(th, &failure{name: "States.NoChoiceMatched", final: true, cause: "Failed to transition out of the state. The state does not point to a next state."})
	}
	return t.leave(th, st, input, st.assign, st.choice.fallback)
}

// leave ends a state that passes its input on.
func (t *turn) leave(th *thread, st *state, input value.Value, assign *template, next string) bool {
	if st.jsonata {
		if next == "" {
			next = st.next
		}
		return t.conclude(th, st, t.env(th, input), th.Input.v, exit{output: st.output, assign: st.assign, next: next})
	}
	if assign == nil && st.kind != "Choice" {
		assign = st.assign
	}
	if next == "" {
		next = st.next
	}
	return t.depart(th, st, input, input, assign, next, true)
}

// finish ends a state that has a result: ResultSelector has been applied.
func (t *turn) finish(th *thread, st *state, result value.Value) bool {
	if st.jsonata {
		e := t.env(th, th.Input.v)
		if st.kind != "Pass" {
			e.result = &held{result}
		}
		return t.conclude(th, st, e, result, exit{output: st.output, assign: st.assign, next: st.next})
	}
	output := result
	if p := st.resultPath; p.set {
		output = th.Input.v
		if !p.null {
			var err error
			if output, err = p.expr.path.Set(th.Input.v, result); err != nil {
				return t.fail(th, &failure{name: "States.ResultPathMatchFailure", cause: err.Error()})
			}
		}
	}
	return t.depart(th, st, output, result, st.assign, st.next, true)
}

// depart sets the variables, applies OutputPath and leaves for the next state.
func (t *turn) depart(th *thread, st *state, output, result value.Value, assign *template, next string, filter bool) bool {
	var assigned *value.Object
	if assign != nil {
		v, bad := assign.eval(t.env(th, result))
		if bad != nil {
			return t.fail(th, bad)
		}
		assigned, _ = v.(*value.Object)
	}
	if p := st.outputPath; filter && p.set {
		if p.null {
			output = new(value.Object)
		} else {
			var bad *failure
			if output, bad = p.expr.at(t.env(th, output)); bad != nil {
				return t.fail(th, bad)
			}
		}
	}
	return t.exit(th, st, output, assigned, next)
}

// An exit is one way out of a state of JSONata.
type exit struct {
	output, assign *template
	next           string
	final          bool // its failures are not for Retry and Catch
}

// conclude leaves a state of JSONata. Output and Assign see the same variables.
func (t *turn) conclude(th *thread, st *state, e *env, output value.Value, way exit) bool {
	var assigned *value.Object
	v, bad := way.assign.orElse(nil, e)
	if assigned, _ = v.(*value.Object); bad == nil {
		output, bad = way.output.orElse(output, e)
	}
	if bad != nil {
		bad.final = bad.final || way.final
		return t.fail(th, bad)
	}
	return t.exit(th, st, output, assigned, way.next)
}

// exit sets the variables and leaves for the next state.
func (t *turn) exit(th *thread, st *state, output value.Value, assigned *value.Object, next string) bool {
	text := ""
	if same, ok := output.(*value.Object); ok && th.Input.v == output && same != nil {
		text = th.inputText()
	} else {
		text = value.Text(output)
	}
	if len(text) > maxData && !t.m.opt.NoLimits {
		return t.fail(th, tooLarge(st.name, true))
	}
	d := room(text)
	if assigned != nil && assigned.Len() > 0 {
		if bad := t.set(th, assigned, &d); bad != nil {
			return t.fail(th, bad)
		}
	}
	d.str("name", st.name)
	d.quote("output", text, "outputDetails", &t.quoted)
	t.log(th, st.kind+"StateExited", d)
	th.Input, th.Token, th.text = held{output}, "", text
	if next == "" {
		return t.done(th, output)
	}
	th.State = next
	return true
}

func tooLarge(what string, final bool) *failure {
	return &failure{name: "States.DataLimitExceeded", final: final, bare: true,
		cause: fmt.Sprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", what)}
}

// done ends a thread; its parent goes on when it was the last.
func (t *turn) done(th *thread, output value.Value) bool {
	if th.parent == nil {
		t.succeed(th, output)
		return false
	}
	t.childDone(th.parent, th, output)
	return false
}

// fail meets an error in the thread's state with Retry, Catch, or the end.
func (t *turn) fail(th *thread, f *failure) bool {
	st := t.state(th)
	if f.cause != "" && !f.bare && (f.evaluated || f.final || f.name == "States.IntrinsicFailure" || f.name == "States.ResultPathMatchFailure") {
		f.cause = fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). %s", th.State, th.Entered, f.cause)
		f.bare = true
	}
	if f.evaluated {
		t.evaluationFailed(th, st, f)
	}
	if !f.final {
		if t.retry(th, st, f) {
			return false
		}
	}
	if (st.kind == "Parallel" || st.kind == "Map") && (!th.Children.IsZero() || th.ran || f.evaluated && !th.over) {
		th.over = true
		t.log(th, st.kind+"StateFailed", nil)
	}
	th.disband()
	if !f.final {
		for _, c := range st.catch {
			if f.matches(c.errors) {
				th.Kept = nil
				return t.caught(th, st, c, f)
			}
		}
	}
	if th.parent == nil {
		t.end(Failed, f, th.Previous)
		return false
	}
	t.childFailed(th.parent, th, f)
	return false
}

// evaluationFailed logs the failure of an expression. AWS links the event to
// what came before the state was entered, unless the state has done something.
func (t *turn) evaluationFailed(th *thread, st *state, f *failure) {
	d := details{}
	d.str("cause", f.cause)
	d.str("error", f.name)
	d.optional("location", f.location)
	d.str("state", st.name)
	if th.Previous == th.Entered && st.kind != "Wait" {
		th.Previous = th.Before
	}
	t.log(th, "EvaluationFailed", d)
}

// matches reports whether a list of error names takes the failure in.
// States.ALL takes States.DataLimitExceeded of a task, as recorded from AWS,
// against its documentation.
//
// https://states-language.net/spec.html#error-names
func (f *failure) matches(names []string) bool {
	for _, n := range names {
		switch {
		case n == "States.ALL", n == f.name && !f.noName,
			n == "States.TaskFailed" && f.name != "States.Timeout",
			n == "States.HeartbeatTimeout" && f.heartbeat:
			return true
		}
	}
	return false
}

// retry sets a back-off timer if a retrier takes the failure and has attempts
// left.
func (t *turn) retry(th *thread, st *state, f *failure) bool {
	for i, r := range st.retry {
		if !f.matches(r.errors) {
			continue
		}
		if th.Retries == nil {
			th.Retries = make([]int64, len(st.retry))
		}
		if th.Retries[i] >= r.attempts {
			return false
		}
		seconds := r.interval * math.Pow(r.rate, float64(th.Retries[i]))
		if r.maxDelay > 0 {
			seconds = min(seconds, r.maxDelay)
		}
		if r.jitter {
			seconds *= t.random.float()
		}
		seconds = min(seconds, 365*24*3600)
		th.Retries[i]++
		th.RetryCount++
		th.disband()
		th.Kept, th.Token = nil, ""
		th.Timer, th.Purpose = t.timer(t.at.Add(time.Duration(seconds*float64(time.Second)))), backoff
		return true
	}
	return false
}

// caught leaves the state by a catcher. OutputPath does not apply.
func (t *turn) caught(th *thread, st *state, c catcher, f *failure) bool {
	var name, cause value.Value = f.name, f.cause
	if f.noName {
		name = nil
	}
	if f.noCause && f.name != "States.Timeout" { // whose cause is empty
		cause = nil
	}
	report := value.NewObject(member("Error", name), member("Cause", cause))
	if st.jsonata {
		e := t.env(th, th.Input.v)
		e.errorOutput = report
		return t.conclude(th, st, e, report, exit{output: c.output, assign: c.assign, next: c.next, final: true})
	}
	var output value.Value = report
	if p := c.resultPath; p.set {
		output = th.Input.v
		if !p.null {
			var err error
			if output, err = p.expr.path.Set(th.Input.v, report); err != nil {
				return t.fail(th, &failure{name: "States.ResultPathMatchFailure", cause: err.Error(), final: true})
			}
		}
	}
	return t.depart(th, st, output, report, c.assign, c.next, false)
}

func (t *turn) failState(th *thread, st *state) bool {
	f := &failure{noName: true, noCause: true, final: true, bare: true}
	e := t.env(th, th.Input.v)
	read := func(text *string, q *query, x expr, field string) (string, bool, *failure) {
		if q != nil {
			v, bad := q.eval(e)
			s, ok := v.(string)
			if bad == nil && !ok {
				bad = q.mistyped("string", v)
			}
			return s, true, bad
		}
		if text != nil {
			return *text, true, nil
		}
		if x == nil {
			return "", false, nil
		}
		v, err := x.eval(e)
		if err != nil {
			return "", false, inField(x, field, e, err)
		}
		s, ok := v.(string)
		if !ok {
			return "", false, runtime("The JSONPath '%s' specified for the field '%s' must reference a string but was: %s", x.text(), field, value.Text(v))
		}
		return s, true, nil
	}
	name, has, bad := read(st.fail.err, st.fail.errQuery, st.fail.errPath, "ErrorPath")
	if bad != nil {
		return t.fail(th, bad)
	}
	f.name, f.noName = name, !has
	cause, has, bad := read(st.fail.cause, st.fail.causeQuery, st.fail.causePath, "CausePath")
	if bad != nil {
		return t.fail(th, bad)
	}
	f.cause, f.noCause = cause, !has
	return t.fail(th, f)
}

// maxWait is how far in the future a Wait may end: the greatest int32 of
// seconds, 24,855 days and some hours.
const maxWait = (1<<31 - 1) * time.Second

func (t *turn) wait(th *thread, st *state, input value.Value) bool {
	until, bad := t.waitUntil(th, st.wait, input)
	if bad != nil {
		return t.fail(th, bad)
	}
	if until.Sub(t.at) > maxWait {
		return t.fail(th, runtime("Wait state delay is too long."))
	}
	if !until.After(t.at) {
		return t.leave(th, st, input, nil, "")
	}
	th.Timer, th.Purpose = t.timer(until), waiting
	return false
}

func (t *turn) waitUntil(th *thread, w *waitFields, input value.Value) (time.Time, *failure) {
	e := t.env(th, input)
	switch {
	case w.secondsQuery != nil:
		v, bad := w.secondsQuery.eval(e)
		if bad != nil {
			return time.Time{}, bad
		}
		n, ok := v.(value.Number)
		if !ok {
			return time.Time{}, w.secondsQuery.mistyped("number", v)
		}
		whole, ok := n.Int64()
		if !ok || whole < 0 || whole > 99999999 {
			return time.Time{}, unfit("Seconds", "The Seconds field must be an integer between 0 and 99999999 but was: "+value.Text(v))
		}
		return t.at.Add(time.Duration(whole) * time.Second), nil
	case w.timestampQuery != nil:
		v, bad := w.timestampQuery.eval(e)
		if bad != nil {
			return time.Time{}, bad
		}
		s, ok := v.(string)
		if !ok {
			return time.Time{}, w.timestampQuery.mistyped("string", v)
		}
		at, err := parseTimestamp(s)
		if err != nil {
			return time.Time{}, unfit("Timestamp", "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: "+s)
		}
		return at, nil
	case w.seconds != nil:
		return t.at.Add(time.Duration(*w.seconds) * time.Second), nil
	case w.timestamp != nil:
		return *w.timestamp, nil
	case w.secondsPath != nil:
		v, err := w.secondsPath.eval(e)
		if err != nil {
			return time.Time{}, runtime("The SecondsPath parameter does not reference an input value: %s", w.secondsPath.source)
		}
		n, ok := wholeNumber(v)
		if !ok || n < 0 || n > 1<<33 {
			return time.Time{}, runtime("The SecondsPath parameter cannot be parsed as a long value: %s == %s", w.secondsPath.source, shown(v))
		}
		return t.at.Add(time.Duration(n) * time.Second), nil
	}
	v, err := w.timestampPath.eval(e)
	if err != nil {
		return time.Time{}, runtime("The TimestampPath parameter does not reference an input value: %s", w.timestampPath.source)
	}
	s, _ := v.(string)
	at, err := parseTimestamp(s)
	if err != nil {
		return time.Time{}, runtime("The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: %s == %s", w.timestampPath.source, shown(v))
	}
	return at, nil
}

// wholeNumber reads an integer, or a string of one.
func wholeNumber(v value.Value) (int64, bool) {
	switch v := v.(type) {
	case value.Number:
		return v.Int64()
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	}
	return 0, false
}

// fired goes on with a thread whose timer is due.
func (t *turn) fired(th *thread, which int) {
	st := t.state(th)
	if which != forTimer {
		t.timedOut(th, st, which)
		return
	}
	purpose := th.Purpose
	th.Timer, th.Purpose = 0, ""
	again := true
	switch purpose {
	case waiting:
		input, bad := t.effective(th, st)
		if bad != nil {
			again = t.fail(th, bad)
		} else {
			again = t.leave(th, st, input, nil, "")
		}
	case backoff:
		again = t.attempt(th, st)
	}
	if again {
		t.run(th)
	}
}
