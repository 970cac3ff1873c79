// Package integration runs the tasks of state machines over the registry of
// operations: functions, the optimized integrations that Salamander has, and
// the SDK integrations of every registered operation.
//
// A call is made by the execution's role, in an invocation named by the task.
// A task that is run again after a crash therefore finds what it did the
// first time: the same job, the same child execution.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html
package integration

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"time"

	"salamander/asl"
	"salamander/engine"
	"salamander/internal/arn"
	"salamander/internal/awsmodel"
	"salamander/operation"
)

// Options configures [New]. Registry is needed.
type Options struct {
	Registry *operation.Registry
	Log      *slog.Logger // slog.Default when nil
	// Poll is how often a job or a child execution is looked at, beside the
	// notices of its changes: 30 s when 0.
	Poll time.Duration
}

// A Runner is the engine's runner of tasks. It is safe for many goroutines.
type Runner struct {
	opt Options

	mu    sync.Mutex
	waits map[string]map[chan struct{}]bool
}

var _ engine.Runner = (*Runner)(nil)

// New returns a runner over a registry.
func New(opt Options) *Runner {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Poll == 0 {
		opt.Poll = 30 * time.Second
	}
	return &Runner{opt: opt, waits: map[string]map[chan struct{}]bool{}}
}

// Run runs a task.
func (r *Runner) Run(ctx context.Context, t engine.Task, report engine.Report) (json.RawMessage, error) {
	in := t.Integration
	switch {
	case in.Kind == asl.LambdaTask:
		report.Started()
		return r.invokeFunction(ctx, t)
	case in.Kind == asl.ServiceTask && in.Service == "lambda" && in.Action == "invoke":
		return r.finish(ctx, t, report, r.lambdaInvoke)
	case in.Kind == asl.ServiceTask && in.Service == "batch" && in.Action == "submitJob":
		if in.Pattern == asl.Sync {
			return r.submitJobSync(ctx, t, report)
		}
		return r.finish(ctx, t, report, r.optimized)
	case in.Kind == asl.ServiceTask && in.Service == "states" && in.Action == "startExecution":
		if in.Pattern == asl.Sync || in.Pattern == asl.Sync2 {
			return r.startExecutionSync(ctx, t, report)
		}
		return r.finish(ctx, t, report, r.startExecution)
	case in.Kind == asl.ServiceTask && in.Service == "events" && in.Action == "putEvents" && in.Pattern == asl.RequestResponse:
		return r.finish(ctx, t, report, r.putEvents)
	case in.Pattern == asl.Sync, in.Pattern == asl.Sync2:
		return nil, notImplemented(t)
	case in.Kind == asl.ServiceTask:
		return r.finish(ctx, t, report, r.optimized)
	case in.Kind == asl.SDKTask:
		return r.finish(ctx, t, report, r.sdk)
	}
	return nil, notImplemented(t)
}

// finish runs a task that is one call, and leaves it open where its end comes
// with its token.
func (r *Runner) finish(ctx context.Context, t engine.Task, report engine.Report, call func(context.Context, engine.Task) (json.RawMessage, error)) (json.RawMessage, error) {
	report.Started()
	output, err := call(ctx, t)
	if t.Integration.Pattern != asl.WaitForToken {
		return output, err
	}
	if err != nil {
		return nil, inPhase(err, engine.PhaseSubmit)
	}
	report.Submitted(output)
	return nil, engine.ErrAwaitToken
}

// Cancel stops the job or the child execution that a task has started.
func (r *Runner) Cancel(ctx context.Context, t engine.Task) error {
	if t.Integration.Pattern != asl.Sync && t.Integration.Pattern != asl.Sync2 || len(t.Submitted) == 0 {
		return nil
	}
	switch t.Integration.Service + ":" + t.Integration.Action {
	case "batch:submitJob":
		return r.terminateJob(ctx, t)
	case "states:startExecution":
		return r.stopExecution(ctx, t)
	}
	return nil
}

// notImplemented is the failure of a task whose resource Salamander does not
// have. It is a States.Runtime error, which no Retry or Catch of States.ALL
// hides.
func notImplemented(t engine.Task) error {
	return &engine.TaskError{Name: "States.Runtime",
		Cause: "Salamander does not implement the resource " + t.Integration.Resource + "; `salamander parity` lists what it does.",
		Phase: engine.PhaseSchedule}
}

func inPhase(err error, phase engine.Phase) error {
	if failed, ok := err.(*engine.TaskError); ok && failed.Phase == engine.PhaseRun {
		again := *failed
		again.Phase = phase
		return &again
	}
	return err
}

// caller is who a task calls as: its role, or the one of its Credentials.
// number tells the mutating calls of a task apart.
func caller(t engine.Task, number int) operation.Caller {
	c := operation.Caller{Account: t.Account, Region: t.Region, Principal: t.Role,
		Invocation: operation.Invocation{ID: t.ID, Call: number}}
	var credentials struct{ RoleArn string }
	if len(t.Credentials) > 0 && json.Unmarshal(t.Credentials, &credentials) == nil && credentials.RoleArn != "" {
		c.Principal = credentials.RoleArn
		if a, err := arn.Parse(credentials.RoleArn); err == nil && a.Account != "" {
			c.Account = a.Account
		}
	}
	return c
}

// An endpoint is an operation that a task names.
type endpoint struct {
	service string        // signing name
	name    string        // "SubmitJob"
	op      *awsmodel.Op  // nil where we have no table
	api     *awsmodel.API // nil where we have no table
}

// endpointOf finds the operation of a task, if it is registered.
func (r *Runner) endpointOf(t engine.Task) (endpoint, bool) {
	service := t.Integration.Service
	if signing, ok := awsmodel.SigningName(service); ok {
		service = signing
	}
	spec, ok := r.opt.Registry.Find(service, t.Integration.Action)
	if !ok || spec.Status == operation.Refused {
		return endpoint{}, false
	}
	return r.endpoint(service, spec.Name), true
}

func (r *Runner) endpoint(service, name string) endpoint {
	e := endpoint{service: service, name: name}
	if api, ok := awsmodel.Service(service); ok {
		e.api = api
		if op, ok := api.Operation(name); ok && op.Covered {
			e.op = op
		}
	}
	return e
}

// sdk runs aws-sdk:service:action.
func (r *Runner) sdk(ctx context.Context, t engine.Task) (json.RawMessage, error) {
	e, ok := r.endpointOf(t)
	if !ok {
		return nil, notImplemented(t)
	}
	output, err := r.call(ctx, e, caller(t, 0), t.Parameters)
	return output, sdkError(err, e, t.ID)
}

// optimized runs an integration that is one call and whose result is the
// service's answer.
func (r *Runner) optimized(ctx context.Context, t engine.Task) (json.RawMessage, error) {
	e, ok := r.endpointOf(t)
	if !ok {
		return nil, notImplemented(t)
	}
	output, err := r.call(ctx, e, caller(t, 0), t.Parameters)
	if err != nil {
		return nil, optimizedError(err, e, t.ID)
	}
	return withMetadata(output, t.ID), nil
}

// upperFirst gives the spelling of operations: SubmitJob for submitJob.
func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
