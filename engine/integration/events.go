package integration

import (
	"bytes"
	"context"
	"encoding/json"

	"salamander/engine"
)

// putEvents runs events:putEvents. Each event names the machine and the
// execution among its resources, its detail may be given as an object, and an
// entry that the bus does not take fails the task.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
func (r *Runner) putEvents(ctx context.Context, t engine.Task) (json.RawMessage, error) {
	e, ok := r.endpointOf(t)
	if !ok {
		return nil, notImplemented(t)
	}
	output, err := r.call(ctx, e, caller(t, 0), withSender(t))
	if err != nil {
		return nil, optimizedError(err, e, t.ID)
	}
	var answer struct{ FailedEntryCount int }
	if json.Unmarshal(output, &answer) == nil && answer.FailedEntryCount > 0 {
		return nil, &engine.TaskError{Name: "EventBridge.FailedEntry", Cause: string(output)}
	}
	return withMetadata(output, t.ID), nil
}

// withSender gives the entries of the parameters their resources and details.
// Parameters of another form stay, for the operation to refuse.
func withSender(t engine.Task) json.RawMessage {
	var in map[string]json.RawMessage
	var entries []map[string]json.RawMessage
	if json.Unmarshal(t.Parameters, &in) != nil || json.Unmarshal(in["Entries"], &entries) != nil {
		return t.Parameters
	}
	for _, entry := range entries {
		var resources []string
		if given := entry["Resources"]; entry == nil || given != nil && json.Unmarshal(given, &resources) != nil {
			continue
		}
		entry["Resources"] = encode(append(resources, t.Machine, t.Execution))
		if detail := bytes.TrimSpace(entry["Detail"]); len(detail) > 0 && detail[0] != '"' {
			entry["Detail"] = encode(string(detail))
		}
	}
	in["Entries"] = encode(entries)
	return encode(in)
}
