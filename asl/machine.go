package asl

import (
	"encoding/json"
	"fmt"
	"time"

	"salamander/internal/value"
)

// A Machine is a definition that was found valid. It is immutable, and
// goroutines may share it.
type Machine struct {
	opt     ParseOptions
	top     *scope
	scopes  []*scope
	timeout int64           // seconds; 0 for none
	maps    map[int]*state  // the distributed Maps, by their processor's scope
	labels  map[string]bool // of those
}

// Limits of AWS, in bytes, events and seconds.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const (
	maxData   = 256 << 10
	maxEvents = 25000
	// maxExpress is how long an express execution runs, in seconds.
	maxExpress = 300
)

// yieldAfter is how many states one turn enters; a longer chain goes on in the
// next turn, at the same instant, so that a turn stays small.
const yieldAfter = 100000

// Start begins an execution and runs it until it waits for something outside.
func (m *Machine) Start(s Start) (Decision, error) {
	if len(s.Input) == 0 {
		s.Input = json.RawMessage("{}")
	}
	input, err := value.Parse(s.Input)
	if err != nil {
		return Decision{}, fmt.Errorf("input: %w", err)
	}
	x := &Execution{form{Format: formatNumber, Context: s.Context, Input: held{input}}}
	if x.Context.StartTime.IsZero() {
		x.Context.StartTime = s.At
	}
	x.Root = &thread{Scope: m.top.id, State: m.top.startAt, Input: held{input}, Raw: string(s.Input)}
	t := m.turn(x, s.At, s.Seed)
	return t.play(func() {
		d := details{}
		d.text("input", x.Root.Raw, "inputDetails")
		d.str("roleArn", s.Context.RoleArn)
		d.optional("stateMachineVersionArn", s.Context.VersionArn)
		d.optional("stateMachineAliasArn", s.Context.AliasArn)
		t.emit("ExecutionStarted", 0, d)
		if m.timeout > 0 {
			x.Timer = t.timer(s.At.Add(time.Duration(m.timeout) * time.Second))
		}
		t.run(x.Root)
	})
}

// Step applies ev to ex and runs the execution until it waits again. It
// changes neither. ev.At is the only clock it sees.
//
// It returns [ErrNotAwaited] or [ErrEnded], with an unchanged execution, for an
// event that has come too late. Any other error is a bug in the caller.
func (m *Machine) Step(ex *Execution, ev Event) (Decision, error) {
	if ex.Ended {
		return Decision{Execution: ex}, ErrEnded
	}
	x := &Execution{ex.form}
	t := m.turn(x, ev.At, ev.Seed)
	if ev.Kind == Aborted {
		return t.play(func() { t.abort(ev) })
	}
	if ev.Kind == TimerFired && ev.Command == x.Timer && x.Timer != 0 {
		return t.play(t.expire)
	}
	path, which := x.Root.find(ev.Command)
	if path == nil || !ev.Kind.suits(which) {
		return Decision{Execution: ex}, ErrNotAwaited
	}
	if ev.Kind == TaskSubmitted || ev.Kind == TaskSucceeded || ev.Kind == MapRunSucceeded {
		if _, err := value.Parse(ev.Output); err != nil {
			return Decision{Execution: ex}, fmt.Errorf("output of command %d: %w", ev.Command, err)
		}
	}
	th := t.own(path)
	return t.play(func() {
		switch which {
		case forTimeout, forHeartbeat, forTimer:
			t.fired(th, which)
			return
		case forRun:
			t.mapRunEnded(th, ev)
			return
		}
		t.answered(th, ev)
	})
}

// A turn is one call of Start or Step.
type turn struct {
	m       *Machine
	x       *Execution
	at      time.Time
	random  *random
	dec     Decision
	entered int // states entered in this turn
	linked  []*thread
	quoted  quoted // the last state's input or output
	by      *maker // of the pages that this turn may change
}

func (m *Machine) turn(x *Execution, at time.Time, seed [32]byte) *turn {
	return &turn{m: m, x: x, at: at.UTC(), random: &random{seed: seed}, by: new(maker), dec: Decision{Execution: x}}
}

// overflow unwinds a turn that has used the history up.
type overflow struct{}

func (t *turn) play(f func()) (dec Decision, err error) {
	defer func() {
		for _, c := range t.linked {
			c.parent = nil // so that no thread holds an older execution
		}
		if e := recover(); e != nil {
			if _, ok := e.(overflow); !ok {
				panic(e)
			}
			t.end(Failed, &failure{name: "States.Runtime", cause: fmt.Sprintf("The execution reached the maximum number of history events (%d).", maxEvents)}, t.x.LastEvent)
			dec = t.dec
		}
	}()
	f()
	return t.dec, nil
}

// emit appends an event and gives its id.
func (t *turn) emit(kind string, previous int64, d details) int64 {
	if !t.m.opt.NoLimits && !t.m.opt.Express && t.x.LastEvent == maxEvents-1 && !t.x.Ended {
		panic(overflow{})
	}
	t.x.LastEvent++
	t.dec.History = append(t.dec.History, HistoryEvent{ID: t.x.LastEvent, PreviousID: previous, At: t.at, Type: kind, Details: d.json()})
	return t.x.LastEvent
}

// log appends an event of a thread.
func (t *turn) log(th *thread, kind string, d details) int64 {
	th.Previous = t.emit(kind, th.Previous, d)
	return th.Previous
}

func (t *turn) command(c Command) int64 {
	t.x.LastCommand++
	c.ID = t.x.LastCommand
	t.dec.Commands = append(t.dec.Commands, c)
	return c.ID
}

func (t *turn) timer(at time.Time) int64 { return t.command(Command{Kind: SetTimer, At: at}) }

func (t *turn) cancel(kind CommandKind, id *int64) {
	if *id != 0 {
		t.dec.Commands = append(t.dec.Commands, Command{ID: *id, Kind: kind})
		*id = 0
	}
}

// quiet cancels all that a thread and those under it wait for. It leaves the
// threads as they are, for they may be shared; they are to be forgotten.
func (t *turn) quiet(th *thread) {
	if th == nil {
		return
	}
	for _, w := range []struct {
		kind CommandKind
		id   int64
	}{{CancelTask, th.Task}, {CancelMap, th.Run}, {CancelTimer, th.Timeout}, {CancelTimer, th.Heartbeat}, {CancelTimer, th.Timer}} {
		t.cancel(w.kind, &w.id)
	}
	for _, c := range th.Children.all() {
		t.quiet(c)
	}
}

// end ends the execution without success.
func (t *turn) end(status Status, f *failure, previous int64) {
	t.quiet(t.x.Root)
	t.cancel(CancelTimer, &t.x.Timer)
	t.x.Ended = true // what is left of Root is for Redrive
	d := details{}
	o := &Outcome{Status: status}
	if f != nil && !f.noCause {
		d.str("cause", f.cause)
		o.Cause = &f.cause
	}
	if f != nil && !f.noName {
		d.str("error", f.name)
		o.Error = &f.name
	}
	t.emit(map[Status]string{Failed: "ExecutionFailed", TimedOut: "ExecutionTimedOut", Abort: "ExecutionAborted"}[status], previous, d)
	t.dec.Outcome = o
}

func (t *turn) abort(ev Event) {
	t.end(Abort, &failure{name: ev.Error, cause: ev.Cause, noName: ev.NoError || ev.Error == "", noCause: ev.NoCause || ev.Cause == ""}, 0)
}

// expire ends the execution at its TimeoutSeconds.
func (t *turn) expire() {
	t.x.Timer = 0
	t.end(TimedOut, nil, 0)
}

// succeed ends the execution with the output of its last state.
func (t *turn) succeed(th *thread, output value.Value) {
	text := value.Text(output)
	t.cancel(CancelTimer, &t.x.Timer)
	t.x.Ended, t.x.Root = true, nil
	d := details{}
	d.text("output", text, "outputDetails")
	t.emit("ExecutionSucceeded", th.Previous, d)
	t.dec.Outcome = &Outcome{Status: Succeeded, Output: json.RawMessage(text)}
}
