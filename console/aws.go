package console

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"salamander/operation"
)

// aws carries out an operation of the registry, as every other client's call.
//
//	POST /api/aws/{service}/{operation} input -> output
//
// Nothing else than the registry's operations is there: the console can do what
// a client of AWS can, and no more. A streamed output is not answered here.
func (c *Console) aws(w http.ResponseWriter, r *http.Request) (any, error) {
	text, err := body(w, r)
	if err != nil {
		return nil, err
	}
	service, name := r.PathValue("service"), r.PathValue("operation")
	if _, ok := c.opt.Registry.Lookup(service, name); !ok {
		return nil, operation.NotImplemented(service, name, "")
	}
	if len(bytes.TrimSpace(text)) > 0 && !json.Valid(text) {
		return nil, operation.Errorf("SerializationException", "the input is no JSON")
	}
	if service == "states" && name == "UpdateStateMachine" {
		if err := c.unchanged(r, text); err != nil {
			return nil, err
		}
	}
	resp, err := c.opt.Registry.Call(r.Context(), service, name, &operation.Request{Caller: c.opt.Caller, Input: text})
	if err != nil {
		return nil, err
	}
	if resp.Body != nil {
		resp.Body.Close()
		return nil, operation.NotImplemented(service, name, "the console reads no streams here")
	}
	if len(bytes.TrimSpace(resp.Output)) == 0 {
		return json.RawMessage("{}"), nil
	}
	return resp.Output, nil
}

// call carries out an operation of the registry for a handler.
func call[Out any](ctx context.Context, c *Console, service, name string, in any) (*Out, error) {
	doc, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	resp, err := c.opt.Registry.Call(ctx, service, name, &operation.Request{Caller: c.opt.Caller, Input: doc})
	if err != nil {
		return nil, err
	}
	if resp.Body != nil {
		resp.Body.Close()
	}
	out := new(Out)
	return out, json.Unmarshal(resp.Output, out)
}

// document is a JSON object written in Go.
type document = map[string]any

// unchanged refuses an update of a definition that somebody else has changed
// since the page read it, where the page says what it read.
func (c *Console) unchanged(r *http.Request, input []byte) error {
	read := r.Header.Get("X-Salamander-If-Revision")
	if read == "" {
		return nil
	}
	var in struct {
		Arn string `json:"stateMachineArn"`
	}
	if err := json.Unmarshal(input, &in); err != nil {
		return operation.Errorf("SerializationException", "%v", err)
	}
	now, err := call[struct{ RevisionID string }](r.Context(), c, "states", "DescribeStateMachine", document{"stateMachineArn": in.Arn})
	if err != nil {
		return err
	}
	if have := revisionOf(now.RevisionID); have != read {
		return &operation.Error{Code: "Conflict", Message: "somebody has changed this definition meanwhile: look at their version before yours replaces it", Status: http.StatusConflict}
	}
	return nil
}

// revisionOf is the revision of a state machine; one that was never updated has
// none on AWS.
func revisionOf(id string) string {
	if id == "" {
		return "INITIAL"
	}
	return id
}

// changed is the change that a call of an operation makes, as far as its input
// tells.
func changed(service, name string, input []byte) Change {
	var in struct {
		FunctionName, Name, RuleName, Rule, Bucket, Key, StackName, QueueName, QueueURL string
		StateMachineArn, ExecutionArn                                                   string
	}
	_ = json.Unmarshal(input, &in) // members of another kind leave theirs empty
	first := func(texts ...string) string {
		for _, t := range texts {
			if t != "" {
				return t
			}
		}
		return ""
	}
	topic, key := service, first(in.Name, in.FunctionName, in.StackName)
	switch service {
	case "states":
		topic, key = "machine", first(in.StateMachineArn, in.Name)
		if in.ExecutionArn != "" {
			topic, key = "execution", in.ExecutionArn
		}
	case "lambda":
		topic, key = "function", in.FunctionName
	case "events":
		topic, key = "rule", first(in.Name, in.Rule)
	case "scheduler":
		topic = "schedule"
	case "s3":
		topic, key = "bucket", in.Bucket
		if in.Key != "" {
			topic, key = "object", in.Bucket+"/"+in.Key
		}
	case "batch":
		topic = "queue"
	case "sqs":
		topic, key = "queue", first(in.QueueName, in.QueueURL[strings.LastIndexByte(in.QueueURL, '/')+1:])
	case "cloudformation":
		topic = "stack"
	case "redshift", "redshift-data":
		topic = "warehouse"
	}
	return Change{Topic: topic, Key: key}
}
