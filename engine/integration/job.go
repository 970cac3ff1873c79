package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"salamander/engine"
	"salamander/operation"
)

// A submitted job as SubmitJob answers it, in PascalCase.
type submittedJob struct{ JobArn, JobId, JobName string }

// submitJobSync runs arn:aws:states:::batch:submitJob.sync: it submits the
// job, waits for its end, and returns its description.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-batch.html
func (r *Runner) submitJobSync(ctx context.Context, t engine.Task, report engine.Report) (json.RawMessage, error) {
	e, ok := r.endpointOf(t)
	if !ok {
		return nil, notImplemented(t)
	}
	submitted := t.Submitted
	if submitted == nil {
		report.Started()
		output, err := r.call(ctx, e, caller(t, 0), managed(t.Parameters))
		if err != nil {
			return nil, inPhase(optimizedError(err, e, t.ID), engine.PhaseSubmit)
		}
		submitted = withMetadata(output, t.ID)
		if errors.Is(context.Cause(ctx), engine.ErrCancelled) {
			// Nobody has heard of the job, so nobody else will stop it.
			t.Submitted = submitted
			if err := r.terminateJob(context.WithoutCancel(ctx), t); err != nil {
				r.opt.Log.Error("a job of a cancelled task runs on", "execution", t.Execution, "state", t.State, "error", err)
			}
			return nil, ctx.Err()
		}
		report.Submitted(submitted)
	}
	var job submittedJob
	if err := json.Unmarshal(submitted, &job); err != nil {
		return nil, fmt.Errorf("read the answer of SubmitJob: %w", err)
	}
	var detail json.RawMessage
	var status string
	err := r.await(ctx, job.JobArn, func() (done bool, err error) {
		detail, status, err = r.describeJob(ctx, t, job.JobId)
		return status == "SUCCEEDED" || status == "FAILED", err
	})
	if err != nil {
		return nil, err
	}
	if status == "FAILED" {
		return nil, &engine.TaskError{Name: "States.TaskFailed", Cause: string(detail)}
	}
	return detail, nil
}

// describeJob returns a job's description in PascalCase, and its status.
func (r *Runner) describeJob(ctx context.Context, t engine.Task, id string) (detail json.RawMessage, status string, err error) {
	as := caller(t, 0)
	as.Invocation = operation.Invocation{}
	output, err := r.call(ctx, r.endpoint("batch", "DescribeJobs"), as, encode(map[string]any{"Jobs": []string{id}}))
	if err != nil {
		return nil, "", fmt.Errorf("describe job %s: %w", id, err)
	}
	var jobs struct{ Jobs []json.RawMessage }
	if err := json.Unmarshal(output, &jobs); err != nil {
		return nil, "", err
	}
	if len(jobs.Jobs) == 0 {
		return nil, "", &engine.TaskError{Name: "States.TaskFailed", Cause: fmt.Sprintf("The job %s is not there any more.", id)}
	}
	var job struct{ Status string }
	err = json.Unmarshal(jobs.Jobs[0], &job)
	return jobs.Jobs[0], job.Status, err
}

func (r *Runner) terminateJob(ctx context.Context, t engine.Task) error {
	var job submittedJob
	if err := json.Unmarshal(t.Submitted, &job); err != nil {
		return fmt.Errorf("read the answer of SubmitJob: %w", err)
	}
	_, err := r.call(ctx, r.endpoint("batch", "TerminateJob"), caller(t, 1),
		encode(map[string]any{"JobId": job.JobId, "Reason": "Terminated by AWS Step Functions"}))
	return err
}

// managed adds the environment variable by which AWS marks the jobs that Step
// Functions waits for.
func managed(parameters json.RawMessage) json.RawMessage {
	var in map[string]json.RawMessage
	if json.Unmarshal(parameters, &in) != nil || in == nil {
		return parameters
	}
	var overrides map[string]json.RawMessage
	if v, ok := in["ContainerOverrides"]; ok && json.Unmarshal(v, &overrides) != nil {
		return parameters
	}
	if overrides == nil {
		overrides = map[string]json.RawMessage{}
	}
	var environment []json.RawMessage
	if v, ok := overrides["Environment"]; ok && json.Unmarshal(v, &environment) != nil {
		return parameters
	}
	overrides["Environment"] = encode(append(environment, json.RawMessage(`{"Name":"MANAGED_BY_AWS","Value":"STARTED_BY_STEP_FUNCTIONS"}`)))
	in["ContainerOverrides"] = encode(overrides)
	return encode(in)
}
