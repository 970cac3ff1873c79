package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"salamander/engine"
	"salamander/internal/awsmodel"
	"salamander/operation"
)

// maxBody is how much of a streaming answer becomes a task's result: more
// than the payload limit, so that the machine tells the excess by name.
const maxBody = 1 << 20

// call makes a call with parameters in PascalCase and returns the answer in
// PascalCase.
func (r *Runner) call(ctx context.Context, e endpoint, caller operation.Caller, parameters json.RawMessage) (json.RawMessage, error) {
	if e.op == nil {
		return r.callUntabled(ctx, e, caller, parameters)
	}
	input, err := e.op.FromPascal(spellOut(e.op, parameters))
	if err != nil {
		return nil, badParameters(err, parameters)
	}
	output, err := r.callCanonical(ctx, e, caller, input)
	if err != nil {
		return nil, err
	}
	return e.op.ToPascal(output)
}

// callCanonical makes a call with the canonical document and returns the
// canonical answer.
func (r *Runner) callCanonical(ctx context.Context, e endpoint, caller operation.Caller, input json.RawMessage) (json.RawMessage, error) {
	resp, err := r.opt.Registry.Call(ctx, e.service, e.name, &operation.Request{Caller: caller, Input: input})
	if err != nil {
		return nil, err
	}
	if resp.Body != nil {
		resp.Body.Close()
	}
	return resp.Output, nil
}

// callUntabled calls an operation of which we have no shapes: S3's, whose
// members are spelled alike everywhere. Body is the streaming member.
func (r *Runner) callUntabled(ctx context.Context, e endpoint, caller operation.Caller, parameters json.RawMessage) (json.RawMessage, error) {
	var in map[string]json.RawMessage
	if err := json.Unmarshal(parameters, &in); err != nil {
		return nil, badParameters(errors.New("the parameters are not an object"), parameters)
	}
	if err := untabledFields(e.name, in); err != nil {
		return nil, badParameters(err, parameters)
	}
	req := &operation.Request{Caller: caller}
	if body, ok := in["Body"]; ok {
		var text string
		if json.Unmarshal(body, &text) != nil {
			text = string(body)
		}
		req.Body = strings.NewReader(text)
		in["ContentLength"] = json.RawMessage(fmt.Sprint(len(text)))
		delete(in, "Body")
	}
	if (e.name == "PutObject" || e.name == "UploadPart") && !hasChecksum(in) {
		in["ChecksumAlgorithm"] = encode("CRC32")
	}
	req.Input = encode(in)
	resp, err := r.opt.Registry.Call(ctx, e.service, e.name, req)
	if err != nil {
		return nil, err
	}
	var out map[string]json.RawMessage
	if resp.Body != nil {
		defer resp.Body.Close()
	}
	if err := json.Unmarshal(resp.Output, &out); err != nil {
		return nil, err
	}
	if resp.Body != nil {
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
		if err != nil {
			return nil, err
		}
		out["Body"] = encode(string(body))
	}
	if _, ok := out["Metadata"]; !ok && (e.name == "GetObject" || e.name == "HeadObject") {
		out["Metadata"] = encode(struct{}{})
	}
	for _, name := range []string{"LastModified", "CreationDate", "Expires"} {
		out = readableTime(out, name)
	}
	return encode(out), nil
}

// untabledFields checks what can be told of parameters without shapes: the
// required ones, and the spelling.
func untabledFields(operation string, in map[string]json.RawMessage) error {
	required := []string{"Bucket", "Key"}
	switch {
	case operation == "ListBuckets":
		required = nil
	case !strings.Contains(operation, "Object") || strings.HasPrefix(operation, "ListObject") || operation == "DeleteObjects":
		required = []string{"Bucket"}
	}
	bad := &awsmodel.FieldsError{}
	for _, name := range required {
		if _, ok := in[name]; !ok {
			bad.Problems = append(bad.Problems, fmt.Sprintf("The field %q is required but was missing", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if name == "" || name[0] < 'A' || name[0] > 'Z' {
			bad.Problems = append(bad.Problems, fmt.Sprintf("The field %q is not supported by Step Functions", name))
		}
	}
	if len(bad.Problems) > 0 {
		return bad
	}
	return nil
}

// hasChecksum reports whether the parameters choose a checksum. Where they do
// not, AWS's SDK adds a CRC-32, which the answer tells.
func hasChecksum(in map[string]json.RawMessage) bool {
	for name := range in {
		if strings.HasPrefix(name, "Checksum") {
			return true
		}
	}
	return false
}

func readableTime(doc map[string]json.RawMessage, name string) map[string]json.RawMessage {
	var at operation.Time
	if v, ok := doc[name]; ok && json.Unmarshal(v, &at) == nil && !at.IsZero() {
		doc[name] = encode(at.Format(time.RFC3339))
	}
	return doc
}

// spellOut gives string members that were given as objects or lists, and
// blobs that were given as no string, their JSON text, as AWS does:
// {"Input": {"a": 1}} for {"Input": "{\"a\":1}"}. The order of keys stays.
func spellOut(op *awsmodel.Op, parameters json.RawMessage) json.RawMessage {
	if op.Input == nil {
		return parameters
	}
	var in map[string]json.RawMessage
	if json.Unmarshal(parameters, &in) != nil {
		return parameters
	}
	changed := false
	for _, m := range op.Input.Members {
		name := upperFirst(m.Name)
		v := bytes.TrimSpace(in[name])
		if len(v) == 0 || v[0] == '"' || string(v) == "null" {
			continue
		}
		if m.Shape.Type == "blob" || m.Shape.Type == "string" && (v[0] == '{' || v[0] == '[') {
			in[name], changed = encode(string(v)), true
		}
	}
	if !changed {
		return parameters
	}
	return encode(in)
}

// badParameters is the failure of a task whose parameters the operation
// cannot take.
func badParameters(err error, parameters json.RawMessage) error {
	var fields *awsmodel.FieldsError
	problem := err.Error()
	if errors.As(err, &fields) {
		problem = strings.Join(fields.Problems, ", ")
	}
	return &engine.TaskError{Name: "States.Runtime", Phase: engine.PhaseSchedule,
		Cause: fmt.Sprintf("The Parameters '%s' could not be used to start the Task: [%s]", parameters, problem)}
}

// encode writes v as compact JSON, characters as they are.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("encode a document of our own: %v", err))
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// withMetadata adds what the SDK tells of the call to the result of an
// optimized integration.
func withMetadata(output json.RawMessage, requestID string) json.RawMessage {
	var out map[string]json.RawMessage
	if json.Unmarshal(output, &out) != nil || out == nil {
		return output
	}
	headers := map[string]string{"x-amzn-RequestId": requestID, "Content-Length": fmt.Sprint(len(output)),
		"Content-Type": "application/json", "Connection": "keep-alive"}
	all := map[string][]string{}
	for k, v := range headers {
		all[k] = []string{v}
	}
	out["SdkHttpMetadata"] = encode(map[string]any{"AllHttpHeaders": all, "HttpHeaders": headers, "HttpStatusCode": 200})
	out["SdkResponseMetadata"] = encode(map[string]string{"RequestId": requestID})
	return encode(out)
}
