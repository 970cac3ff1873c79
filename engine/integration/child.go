package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"salamander/asl"
	"salamander/engine"
	"salamander/operation"
)

// startExecution runs arn:aws:states:::states:startExecution.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
func (r *Runner) startExecution(ctx context.Context, t engine.Task) (json.RawMessage, error) {
	e, ok := r.endpointOf(t)
	if !ok {
		return nil, notImplemented(t)
	}
	input, err := e.op.FromPascal(spellOut(e.op, t.Parameters))
	if err != nil {
		return nil, badParameters(err, t.Parameters)
	}
	output, err := r.callCanonical(ctx, e, caller(t, 0), input)
	if err != nil {
		return nil, optimizedError(err, e, t.ID)
	}
	var out struct {
		ExecutionArn string         `json:"executionArn"`
		StartDate    operation.Time `json:"startDate"`
	}
	if err := json.Unmarshal(output, &out); err != nil {
		return nil, err
	}
	return withMetadata(encode(map[string]any{"ExecutionArn": out.ExecutionArn, "StartDate": out.StartDate.UnixMilli()}), t.ID), nil
}

// startExecutionSync runs startExecution.sync and .sync:2, which differ in
// the form of input and output: JSON text, and JSON.
func (r *Runner) startExecutionSync(ctx context.Context, t engine.Task, report engine.Report) (json.RawMessage, error) {
	submitted := t.Submitted
	if submitted == nil {
		report.Started()
		output, err := r.startExecution(ctx, t)
		if err != nil {
			return nil, inPhase(err, engine.PhaseSubmit)
		}
		submitted = output
		if errors.Is(context.Cause(ctx), engine.ErrCancelled) {
			t.Submitted = submitted
			if err := r.stopExecution(context.WithoutCancel(ctx), t); err != nil {
				r.opt.Log.Error("a child of a cancelled task runs on", "execution", t.Execution, "state", t.State, "error", err)
			}
			return nil, ctx.Err()
		}
		report.Submitted(submitted)
	}
	var child struct{ ExecutionArn string }
	if err := json.Unmarshal(submitted, &child); err != nil {
		return nil, fmt.Errorf("read the answer of StartExecution: %w", err)
	}
	var told description
	err := r.await(ctx, child.ExecutionArn, func() (done bool, err error) {
		told, err = r.describeExecution(ctx, t, child.ExecutionArn)
		return told.Status != engine.Running && told.Status != engine.PendingRedrive, err
	})
	if err != nil {
		return nil, err
	}
	if told.Status != engine.Succeeded {
		return nil, &engine.TaskError{Name: "States.TaskFailed", Cause: string(told.pascal(false))}
	}
	return told.pascal(t.Integration.Pattern == asl.Sync2), nil
}

// A description is what DescribeExecution tells of a child.
type description struct {
	ExecutionArn    string         `json:"executionArn"`
	Name            string         `json:"name"`
	StateMachineArn string         `json:"stateMachineArn"`
	Status          string         `json:"status"`
	StartDate       operation.Time `json:"startDate"`
	StopDate        operation.Time `json:"stopDate"`
	Input           *string        `json:"input"`
	Output          *string        `json:"output"`
	Error           *string        `json:"error"`
	Cause           *string        `json:"cause"`
	RedriveCount    int            `json:"redriveCount"`
	RedriveStatus   string         `json:"redriveStatus"`
	RedriveReason   string         `json:"redriveStatusReason"`
	VersionArn      string         `json:"stateMachineVersionArn"`
	AliasArn        string         `json:"stateMachineAliasArn"`
}

// pascal gives the description as a task's result; parsed has input and
// output as JSON rather than as its text.
func (d description) pascal(parsed bool) json.RawMessage {
	out := map[string]any{"ExecutionArn": d.ExecutionArn, "Name": d.Name, "StateMachineArn": d.StateMachineArn,
		"Status": d.Status, "StartDate": d.StartDate.UnixMilli(), "StopDate": d.StopDate.UnixMilli(), "RedriveCount": d.RedriveCount}
	for name, text := range map[string]string{"RedriveStatus": d.RedriveStatus, "RedriveStatusReason": d.RedriveReason,
		"StateMachineVersionArn": d.VersionArn, "StateMachineAliasArn": d.AliasArn} {
		if text != "" {
			out[name] = text
		}
	}
	payload := func(name string, text *string) {
		if text == nil {
			return
		}
		out[name] = *text
		if parsed && json.Valid([]byte(*text)) {
			out[name] = json.RawMessage(*text)
		}
		out[name+"Details"] = map[string]bool{"Included": true}
	}
	payload("Input", d.Input)
	payload("Output", d.Output)
	if d.Error != nil {
		out["Error"] = *d.Error
	}
	if d.Cause != nil {
		out["Cause"] = *d.Cause
	}
	return encode(out)
}

func (r *Runner) describeExecution(ctx context.Context, t engine.Task, arn string) (description, error) {
	as := caller(t, 0)
	as.Invocation = operation.Invocation{}
	output, err := r.callCanonical(ctx, r.endpoint("states", "DescribeExecution"), as, encode(map[string]string{"executionArn": arn}))
	if err != nil {
		return description{}, fmt.Errorf("describe execution %s: %w", arn, err)
	}
	var d description
	return d, json.Unmarshal(output, &d)
}

func (r *Runner) stopExecution(ctx context.Context, t engine.Task) error {
	var child struct{ ExecutionArn string }
	if err := json.Unmarshal(t.Submitted, &child); err != nil {
		return fmt.Errorf("read the answer of StartExecution: %w", err)
	}
	_, err := r.callCanonical(ctx, r.endpoint("states", "StopExecution"), caller(t, 1), encode(map[string]string{"executionArn": child.ExecutionArn}))
	return err
}
