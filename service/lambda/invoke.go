package lambda

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"

	"salamander/function"
	"salamander/operation"
)

// InvokeInput is the input of Invoke.
type InvokeInput struct {
	FunctionName   string
	InvocationType string // RequestResponse when empty
	LogType        string
	ClientContext  string
	Qualifier      string
	Payload        []byte

	DurableExecutionName, TenantId Other
}

// InvokeOutput is the output of Invoke.
type InvokeOutput struct {
	StatusCode      int
	FunctionError   string `json:",omitempty"`
	LogResult       string `json:",omitempty"` // base64
	ExecutedVersion string `json:",omitempty"`
	Payload         []byte `json:",omitempty"`
}

// Limits of payloads in bytes.
const (
	maxRequest = 6291456
	maxEvent   = 1048576
)

// Invoke runs a function and answers what it answers. With the invocation
// type Event it is accepted, and runs later, up to three times; with DryRun
// nothing runs.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func (s *Service) Invoke(ctx context.Context, in *InvokeInput) (*InvokeOutput, error) {
	k, q, err := key(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if err := refused("Invoke", map[string]bool{"DurableExecutionName": in.DurableExecutionName.given(), "TenantId": in.TenantId.given()}); err != nil {
		return nil, err
	}
	limit := maxRequest
	if in.InvocationType == "Event" {
		limit = maxEvent
	}
	if len(in.Payload) > limit {
		return nil, fail("RequestTooLargeException", 413, "%d byte payload is too large for the %s invocation type (limit %d bytes)", len(in.Payload), invocationType(in.InvocationType), limit)
	}
	if len(in.Payload) > 0 {
		var v any
		if err := json.Unmarshal(in.Payload, &v); err != nil {
			return nil, fail("InvalidRequestContentException", 400, "Could not parse request body into json: Could not parse payload into json: %v", err)
		}
	}
	inv := function.Invocation{ID: operation.NewID(ctx), Payload: in.Payload, ClientContext: in.ClientContext, Qualifier: q}
	switch in.InvocationType {
	case "", "RequestResponse":
		return s.run(ctx, k, inv, in.LogType == "Tail")
	case "Event":
		if err := s.functions.Accept(ctx, k, inv); err != nil {
			return nil, translateQualified(k, q, err)
		}
		return &InvokeOutput{StatusCode: 202}, nil
	case "DryRun":
		if _, err := s.functions.Qualified(ctx, k, q); err != nil {
			return nil, translateQualified(k, q, err)
		}
		return &InvokeOutput{StatusCode: 204}, nil
	}
	return nil, fail("ValidationException", 400, "1 validation error detected: Value '%s' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]", in.InvocationType)
}

func invocationType(t string) string {
	if t == "" {
		return "RequestResponse"
	}
	return t
}

func (s *Service) run(ctx context.Context, k function.Key, inv function.Invocation, tail bool) (*InvokeOutput, error) {
	r, err := s.functions.Invoke(ctx, k, inv)
	var runtime *function.RuntimeError
	if errors.As(err, &runtime) {
		return nil, fail("InvalidRuntimeException", 502, "The runtime %s cannot run here: %s.", runtime.Runtime, runtime.Reason)
	} else if err != nil {
		return nil, translateQualified(k, inv.Qualifier, err)
	}
	out := &InvokeOutput{StatusCode: 200, ExecutedVersion: r.Version, Payload: r.Payload}
	if r.Failed {
		out.FunctionError = "Unhandled"
	}
	if tail {
		out.LogResult = base64.StdEncoding.EncodeToString(r.Log)
	}
	return out, nil
}
