package integration

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"salamander/engine"
	"salamander/operation"
)

// An answer is what Lambda's Invoke says.
type answer struct {
	StatusCode      int
	FunctionError   string
	LogResult       string
	ExecutedVersion string
	Payload         []byte
}

// invokeFunction runs a task whose resource is a function's ARN: its input is
// the payload, and the payload that comes back its result.
func (r *Runner) invokeFunction(ctx context.Context, t engine.Task) (json.RawMessage, error) {
	input := encode(map[string]any{"FunctionName": t.Integration.Function, "Payload": base64.StdEncoding.EncodeToString(t.Parameters)})
	a, err := r.invoke(ctx, t, input)
	if err != nil {
		return nil, err
	}
	return result(a.Payload), nil
}

// lambdaInvoke runs arn:aws:states:::lambda:invoke.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
func (r *Runner) lambdaInvoke(ctx context.Context, t engine.Task) (json.RawMessage, error) {
	e := r.endpoint("lambda", "Invoke")
	input := t.Parameters
	if e.op != nil {
		var err error
		if input, err = e.op.FromPascal(spellOut(e.op, t.Parameters)); err != nil {
			return nil, badParameters(err, t.Parameters)
		}
	}
	a, err := r.invoke(ctx, t, withQualifier(input))
	if err != nil {
		return nil, compactCause(err)
	}
	out := map[string]json.RawMessage{"Payload": result(a.Payload), "StatusCode": encode(a.StatusCode)}
	if a.ExecutedVersion != "" {
		out["ExecutedVersion"] = encode(a.ExecutedVersion)
	}
	if a.LogResult != "" {
		out["LogResult"] = encode(a.LogResult)
	}
	return withMetadata(encode(out), t.ID), nil
}

func (r *Runner) invoke(ctx context.Context, t engine.Task, input json.RawMessage) (answer, error) {
	e := r.endpoint("lambda", "Invoke")
	req, err := invokeRequest(t, input)
	if err != nil {
		return answer{}, err
	}
	resp, err := r.opt.Registry.Call(ctx, e.service, e.name, req)
	if err != nil {
		return answer{}, optimizedError(err, e, t.ID)
	}
	if resp.Body != nil {
		defer resp.Body.Close()
	}
	var a answer
	if err := json.Unmarshal(resp.Output, &a); err != nil {
		return answer{}, err
	}
	if resp.Body != nil {
		if a.Payload, err = io.ReadAll(resp.Body); err != nil {
			return answer{}, err
		}
	}
	if a.FunctionError != "" {
		return answer{}, functionError(a.Payload)
	}
	return a, nil
}

// invokeRequest gives the payload both as the member and as the body: an
// operation takes the one it has.
func invokeRequest(t engine.Task, input json.RawMessage) (*operation.Request, error) {
	var in struct{ Payload []byte }
	if err := json.Unmarshal(input, &in); err != nil {
		return nil, err
	}
	return &operation.Request{Caller: caller(t, 0), Input: input, Body: bytes.NewReader(in.Payload)}, nil
}

// functionError makes a failure of a function's error payload: its errorType
// is the error, and the payload the cause.
func functionError(payload []byte) error {
	var told struct {
		ErrorType *string `json:"errorType"`
	}
	failed := &engine.TaskError{Name: "Lambda.Unknown", Cause: string(payload)}
	if json.Unmarshal(payload, &told) == nil && told.ErrorType != nil {
		failed.Name = *told.ErrorType
	}
	return failed
}

// result makes a task's result of a payload. What is no JSON becomes a
// string, and nothing null.
func result(payload []byte) json.RawMessage {
	payload = bytes.TrimSpace(payload)
	switch {
	case len(payload) == 0:
		return json.RawMessage(`null`)
	case json.Valid(payload):
		return payload
	}
	return encode(string(payload))
}

// withQualifier names the unpublished version where the parameters name none,
// as this integration does: the error of a missing function tells it.
func withQualifier(input json.RawMessage) json.RawMessage {
	var in map[string]json.RawMessage
	var name string
	if json.Unmarshal(input, &in) != nil || in["Qualifier"] != nil || json.Unmarshal(in["FunctionName"], &name) != nil {
		return input
	}
	if _, after, ok := strings.Cut(name, "function:"); strings.Contains(name, ":") && (!ok || strings.Contains(after, ":")) {
		return input // the name has a qualifier
	}
	in["Qualifier"] = encode("$LATEST")
	return encode(in)
}

// compactCause takes the white space out of a function's error payload, as
// this integration does and the one by a function's ARN does not.
func compactCause(err error) error {
	var failed *engine.TaskError
	var compact bytes.Buffer
	if !errors.As(err, &failed) || json.Compact(&compact, []byte(failed.Cause)) != nil {
		return err
	}
	again := *failed
	again.Cause = compact.String()
	return &again
}
