package asl

import (
	"encoding/json"
	"strings"
	"time"

	"salamander/internal/value"
)

// task schedules the task, the first time or again.
func (t *turn) task(th *thread, st *state, input value.Value) bool {
	f := st.task
	in := f.resource
	if in.Kind == ActivityTask || in.Pattern == WaitForToken || st.parameters != nil && st.parameters.token {
		th.Token = t.random.token()
	}
	e := t.env(th, input)
	timeout, bad := seconds(f.timeout, f.timeoutPath, f.timeoutQuery, "TimeoutSecondsPath", e)
	if bad != nil {
		return t.fail(th, bad)
	}
	heartbeat, bad := seconds(f.heartbeat, f.heartbeatPath, f.heartbeatQuery, "HeartbeatSecondsPath", e)
	if bad != nil {
		return t.fail(th, bad)
	}
	parameters := input
	if st.parameters != nil {
		if parameters, bad = st.parameters.eval(e); bad != nil {
			return t.fail(th, bad)
		}
	}
	var credentials value.Value
	if f.credentials != nil {
		if credentials, bad = f.credentials.eval(e); bad != nil {
			return t.fail(th, bad)
		}
	}
	text := value.Text(parameters)
	if len(text) > maxData && !t.m.opt.NoLimits {
		return t.fail(th, tooLarge(st.name, true))
	}
	task := &Task{State: st.name, Integration: in, Parameters: json.RawMessage(text), Timeout: timeout, Heartbeat: heartbeat, Token: th.Token, Attempt: int(th.RetryCount)}
	if credentials != nil {
		task.Credentials = json.RawMessage(value.Text(credentials))
	}
	t.scheduled(th, task, credentials)
	th.Resource, th.Started = &in, false
	th.Task = t.command(Command{Kind: RunTask, Task: task})
	if timeout > 0 {
		th.Timeout = t.timer(t.at.Add(timeout))
	}
	if th.HeartbeatTime = heartbeat; heartbeat > 0 && in.Kind != ActivityTask {
		th.Heartbeat = t.timer(t.at.Add(heartbeat))
	}
	return false
}

// seconds gives a time limit from its plain form, its path, or its expression.
func seconds(plain time.Duration, path *pathExpr, q *query, field string, e *env) (time.Duration, *failure) {
	if q != nil {
		v, bad := q.eval(e)
		if bad != nil {
			return 0, bad
		}
		n, ok := v.(value.Number)
		if !ok {
			return 0, q.mistyped("number", v)
		}
		whole, ok := n.Int64()
		if !ok || whole <= 0 || whole > 99999999 {
			return 0, q.failed("returned a value that is not a positive integer: " + value.Text(v))
		}
		return time.Duration(whole) * time.Second, nil
	}
	if path == nil {
		return plain, nil
	}
	v, bad := path.at(e)
	if bad != nil {
		return 0, bad
	}
	n, ok := wholeNumber(v)
	if !ok || n <= 0 || n > 99999999 {
		return 0, runtime("The %s parameter cannot be parsed as a positive integer: %s == %s", field, path.source, shown(v))
	}
	return time.Duration(n) * time.Second, nil
}

// event gives the name of an event of a task of this kind: "Failed" is
// LambdaFunctionFailed, ActivityFailed or TaskFailed.
func (in *Integration) event(what string) string {
	switch in.Kind {
	case LambdaTask:
		return "LambdaFunction" + what
	case ActivityTask:
		return "Activity" + what
	}
	return "Task" + what
}

// resource adds the members that all details of a service's task have.
func (in *Integration) resource(d *details) {
	if in.Kind == ServiceTask || in.Kind == SDKTask {
		typ, name := in.typeAndName()
		d.str("resource", name)
		d.str("resourceType", typ)
	}
}

func (t *turn) scheduled(th *thread, task *Task, credentials value.Value) {
	in := &task.Integration
	d := details{}
	if task.Heartbeat > 0 {
		d.number("heartbeatInSeconds", int64(task.Heartbeat/time.Second))
	}
	if in.Kind == ServiceTask || in.Kind == SDKTask {
		d.str("parameters", string(task.Parameters))
		d.str("region", t.region())
		in.resource(&d)
	} else {
		d.text("input", string(task.Parameters), "inputDetails")
		d.str("resource", in.Resource)
	}
	if task.Timeout > 0 {
		d.number("timeoutInSeconds", int64(task.Timeout/time.Second))
	}
	if o, ok := credentials.(*value.Object); ok {
		if role, _ := o.Get("RoleArn"); role != nil {
			d.key("taskCredentials")
			d = value.Append(d, value.NewObject(member("roleArn", role)))
		}
	}
	t.log(th, in.event("Scheduled"), d)
}

// region is the execution's.
func (t *turn) region() string {
	if r := t.x.Context.Region; r != "" {
		return r
	}
	if part := strings.SplitN(t.x.Context.ExecutionArn, ":", 5); len(part) == 5 {
		return part[3]
	}
	return ""
}

// started logs the start of a task once.
func (t *turn) started(th *thread) {
	if th.Started || th.Resource.Kind == ActivityTask {
		return
	}
	th.Started = true
	if th.Resource.Kind == LambdaTask {
		t.log(th, "LambdaFunctionStarted", nil)
		return
	}
	d := details{}
	th.Resource.resource(&d)
	t.log(th, "TaskStarted", d)
}

// answered takes what a runner tells of a task.
func (t *turn) answered(th *thread, ev Event) {
	in := th.Resource
	f := &failure{name: ev.Error, cause: ev.Cause, noName: ev.NoError, noCause: ev.NoCause, bare: true}
	f.final = ev.Error == "States.Runtime" && (in.Kind == ServiceTask || in.Kind == SDKTask)
	switch ev.Kind {
	case TaskStarted:
		t.started(th)
	case ActivityStarted:
		if th.Started {
			return
		}
		th.Started = true
		d := details{}
		d.optional("workerName", ev.Worker)
		t.log(th, "ActivityStarted", d)
		if th.HeartbeatTime > 0 {
			th.Heartbeat = t.timer(t.at.Add(th.HeartbeatTime))
		}
	case TaskSubmitted:
		t.started(th)
		v, _ := value.Parse(ev.Output)
		d := details{}
		d.value("output", v, "outputDetails")
		in.resource(&d)
		t.log(th, in.event("Submitted"), d)
	case TaskHeartbeat:
		if th.HeartbeatTime > 0 {
			t.cancel(CancelTimer, &th.Heartbeat)
			th.Heartbeat = t.timer(t.at.Add(th.HeartbeatTime))
		}
	case TaskSucceeded:
		t.result(th, ev)
	case TaskFailed:
		t.taskFailed(th, "Failed", f)
	case TaskStartFailed:
		t.taskFailed(th, "StartFailed", f)
	case TaskSubmitFailed:
		t.taskFailed(th, "SubmitFailed", f)
	case TaskScheduleFailed:
		th.Started = true
		what := "ScheduleFailed"
		if in.Kind == ServiceTask || in.Kind == SDKTask {
			what = "Failed"
		}
		t.taskFailed(th, what, f)
	case TaskTimedOut:
		f.name, f.noName = "States.Timeout", false
		t.taskFailed(th, "TimedOut", f)
	}
}

// settle forgets what the thread waited for; the task itself has ended.
func (t *turn) settle(th *thread) {
	th.Task = 0
	t.cancel(CancelTimer, &th.Timeout)
	t.cancel(CancelTimer, &th.Heartbeat)
}

func (t *turn) result(th *thread, ev Event) {
	st, in := t.state(th), th.Resource
	v, _ := value.Parse(ev.Output)
	text := value.Text(v)
	if len(text) > maxData && !t.m.opt.NoLimits {
		t.taskFailed(th, "Failed", tooLarge(in.Resource, false))
		return
	}
	t.started(th)
	t.settle(th)
	d := details{}
	d.text("output", text, "outputDetails")
	in.resource(&d)
	t.log(th, in.event("Succeeded"), d)
	if t.selected(th, st, v) {
		t.run(th)
	}
}

// taskFailed logs the failure of a task and meets it.
func (t *turn) taskFailed(th *thread, what string, f *failure) {
	t.started(th)
	t.settle(th)
	d := details{}
	if !f.noCause {
		d.str("cause", f.cause)
	}
	if !f.noName {
		d.str("error", f.name)
	}
	th.Resource.resource(&d)
	t.log(th, th.Resource.event(what), d)
	if t.fail(th, f) {
		t.run(th)
	}
}

// timedOut gives a task up at its time-out or for want of heartbeats.
func (t *turn) timedOut(th *thread, st *state, which int) {
	if which == forTimeout {
		th.Timeout = 0
	} else {
		th.Heartbeat = 0
	}
	t.cancel(CancelTask, &th.Task)
	t.taskFailed(th, "TimedOut", &failure{name: "States.Timeout", noCause: true, bare: true, heartbeat: which == forHeartbeat})
}
