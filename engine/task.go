package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"

	"salamander/asl"
)

// ErrCancelled is the cause of the cancelled context of a task that nobody
// waits for any more. Where a task's context ends with another cause, the
// engine is being closed and will run the task again.
var ErrCancelled = errors.New("engine: the task was cancelled")

// ErrAwaitToken is returned by a [Runner] for a task that is now in the hands
// of whoever has its token.
var ErrAwaitToken = errors.New("engine: the task ends by its token")

// A Task is one attempt of a task state, to be run. A task that is run again
// after a crash has the same ID.
type Task struct {
	ID        string          `json:"id"` // a UUID
	Execution string          `json:"execution"`
	Machine   string          `json:"machine"`
	Account   string          `json:"account"`
	Region    string          `json:"region"`
	Role      string          `json:"role"`
	Submitted json.RawMessage `json:"submitted,omitempty"` // what the service answered to the submission, in an earlier run
	asl.Task
}

// A Report tells the engine how far a task is.
type Report interface {
	// Started tells that the request is about to be sent.
	Started()
	// Submitted tells that the service took the request, and its answer; for
	// tasks that then wait for a job or a token.
	Submitted(output json.RawMessage)
}

// A Runner runs tasks. Run returns the task's result, a [*TaskError], or
// [ErrAwaitToken]; any other error is for the log.
type Runner interface {
	Run(ctx context.Context, t Task, report Report) (json.RawMessage, error)
	// Cancel stops what a submitted task has started. It is called at least
	// once for each, after ctx of its Run was cancelled.
	Cancel(ctx context.Context, t Task) error
}

// A Phase tells which step of a task failed.
type Phase int

// The phases of a task.
const (
	PhaseRun Phase = iota
	PhaseSchedule
	PhaseStart
	PhaseSubmit
	PhaseTimeout // the service itself reported a time-out
)

// A TaskError is the failure of a task as the States Language sees it.
type TaskError struct {
	Name  string // "States.TaskFailed", "Lambda.ResourceNotFoundException"
	Cause string
	Phase Phase
	// NoName and NoCause tell an absent member from an empty one.
	NoName, NoCause bool
}

// Error gives name and cause.
func (e *TaskError) Error() string { return e.Name + ": " + e.Cause }

func (a *actor) task(o order) Task {
	return Task{ID: taskID(a.rec.Seed, o.ID), Execution: a.rec.ARN, Machine: a.rec.Machine, Account: a.rec.Account,
		Region: a.rec.Region, Role: a.rec.Role, Submitted: o.Submitted, Task: *o.cmd.Task}
}

// dispatch runs a task on a goroutine of its own, or hands it to workers.
func (a *actor) dispatch(o order) {
	if o.cmd.Task.Integration.Kind == asl.ActivityTask {
		if !o.Started {
			a.e.workers.add(o.Activity, a, o)
		}
		return
	}
	if o.cmd.Task.Integration.Pattern == asl.WaitForToken && o.Submitted != nil {
		return
	}
	ctx, cancel := context.WithCancelCause(a.e.ctx)
	a.mu.Lock()
	a.tasks[o.ID] = cancel
	a.mu.Unlock()
	a.e.spawn(func() {
		defer a.interrupt(o.ID, nil)
		output, err := a.e.run(ctx, a.task(o), &report{a: a, id: o.ID, started: o.Started})
		if ctx.Err() != nil && (err != nil || errors.Is(context.Cause(ctx), ErrCancelled)) {
			return // cancelled, or the engine closes: the next one runs it again
		}
		ev, ok := resultEvent(o.ID, output, err)
		if ok {
			a.post(letter{ev: ev}, false)
		}
	})
}

// run calls the runner and makes every error a [*TaskError], but for those
// that are no end.
func (e *Engine) run(ctx context.Context, t Task, r Report) (output json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			e.log.Error("a task panicked", "execution", t.Execution, "state", t.State, "panic", p, "stack", string(debug.Stack()))
			err = &TaskError{Name: "States.TaskFailed", Cause: "Internal error"}
		}
	}()
	output, err = e.opt.Runner.Run(ctx, t, r)
	var failed *TaskError
	if err == nil || errors.As(err, &failed) || errors.Is(err, ErrAwaitToken) || ctx.Err() != nil {
		return output, err
	}
	e.log.Error("a task failed inside", "execution", t.Execution, "state", t.State, "resource", t.Integration.Resource, "error", err)
	return nil, &TaskError{Name: "States.TaskFailed", Cause: "Internal error"}
}

func resultEvent(id int64, output json.RawMessage, err error) (asl.Event, bool) {
	var failed *TaskError
	switch {
	case err == nil:
		return asl.Event{Kind: asl.TaskSucceeded, Command: id, Output: output}, true
	case !errors.As(err, &failed):
		return asl.Event{}, false // it awaits its token
	}
	ev := asl.Event{Kind: asl.TaskFailed, Command: id, Error: failed.Name, Cause: failed.Cause, NoError: failed.NoName, NoCause: failed.NoCause}
	switch failed.Phase {
	case PhaseSchedule:
		ev.Kind = asl.TaskScheduleFailed
	case PhaseStart:
		ev.Kind = asl.TaskStartFailed
	case PhaseSubmit:
		ev.Kind = asl.TaskSubmitFailed
	case PhaseTimeout:
		ev.Kind = asl.TaskTimedOut
	}
	return ev, true
}

// A report of one run of a task. What an earlier run reported is not
// reported again.
type report struct {
	a       *actor
	id      int64
	started bool
}

func (r *report) Started() {
	if r.started {
		return
	}
	r.started = true
	r.a.post(letter{ev: asl.Event{Kind: asl.TaskStarted, Command: r.id}}, true)
}

func (r *report) Submitted(output json.RawMessage) {
	r.a.post(letter{ev: asl.Event{Kind: asl.TaskSubmitted, Command: r.id, Output: output}}, false)
}

// Cancel carries out a message of the outbox topic "states.cancel": it stops
// what a task has started that nobody waits for any more.
func (e *Engine) Cancel(ctx context.Context, payload []byte) error {
	var t Task
	if err := json.Unmarshal(payload, &t); err != nil {
		return fmt.Errorf("read a cancelled task: %w", err)
	}
	return e.opt.Runner.Cancel(ctx, t)
}
