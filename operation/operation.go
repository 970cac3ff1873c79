// Package operation is the registry of AWS operations: what is implemented,
// who calls, and how an operation fails. Everything that offers or uses an
// AWS operation (the HTTP endpoint, the Step Functions integrations, stacks,
// the console) meets here, so that none can do more than another.
//
// An operation is one Go method with typed input and output, the structs
// carrying JSON tags that are the member names of the AWS model. The registry
// holds it behind a JSON document, the canonical form that every wire
// protocol is translated to and from: timestamps are epoch seconds
// ([Time]), blobs are base64 ([]byte).
package operation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"sort"
	"strings"
	"sync"
)

// A Status tells how far an operation is implemented.
type Status string

// The statuses of the parity table.
const (
	Exact   Status = "exact"   // members, errors and texts as AWS
	Partial Status = "partial" // real in what it does; the rest refused by name
	Refused Status = "refused" // answers a named error; listed so that users see it
)

// A Spec names an operation and tells how far it goes.
type Spec struct {
	Service string // endpoint signing name: "states", "batch", "lambda", "logs", "sts", "s3"
	Name    string // "StartExecution"
	Mutates bool   // changes something; a repeat within one invocation is answered with the first result
	Status  Status // Exact when empty
	Note    string // what is missing, for Partial and Refused
}

// SpecsOf makes the specs of one service's operations: partial with a note of
// what is missing, exact without.
func SpecsOf(service string) func(name string, mutates bool, note string) Spec {
	return func(name string, mutates bool, note string) Spec {
		s := Spec{Service: service, Name: name, Mutates: mutates, Note: note}
		if note != "" {
			s.Status = Partial
		}
		return s
	}
}

// A Request is one call of an operation.
type Request struct {
	Caller Caller
	Input  json.RawMessage // canonical document; empty means {}
	Body   io.Reader       // the streaming member, where the operation has one
}

// A Response is what an operation answers. The receiver closes Body when it
// is not nil.
type Response struct {
	Output json.RawMessage
	Body   io.ReadCloser
}

// A Handler carries out one operation.
type Handler func(ctx context.Context, req *Request) (*Response, error)

// BodyTaker is implemented by inputs that have a streaming member.
type BodyTaker interface{ TakeBody(io.Reader) }

// BodyGiver is implemented by outputs that have a streaming member.
type BodyGiver interface{ GiveBody() io.ReadCloser }

// A Registry holds the operations by service and name. The zero value is
// ready. Registration is for start-up; calls may come from many goroutines.
type Registry struct {
	mu    sync.RWMutex
	ops   map[string]entry
	wraps []func(Spec, Handler) Handler
}

type entry struct {
	spec    Spec
	handler Handler
}

func key(service, name string) string { return service + ":" + name }

// Use wraps every operation registered afterwards with wrap.
func (r *Registry) Use(wrap func(Spec, Handler) Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wraps = append(r.wraps, wrap)
}

// Handle registers h under spec. It panics when the operation is there
// already, which is a mistake in the wiring.
func (r *Registry) Handle(spec Spec, h Handler) {
	if spec.Status == "" {
		spec.Status = Exact
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k := key(spec.Service, spec.Name)
	if _, dup := r.ops[k]; dup {
		panic("operation registered twice: " + k)
	}
	for _, wrap := range slices.Backward(r.wraps) {
		h = wrap(spec, h)
	}
	if r.ops == nil {
		r.ops = map[string]entry{}
	}
	r.ops[k] = entry{spec, h}
}

// Register registers the typed operation f under spec. A member of an input
// that In has no field for, and that asks for something, is refused by name.
func Register[In, Out any](r *Registry, spec Spec, f func(context.Context, *In) (*Out, error)) {
	r.Handle(spec, func(ctx context.Context, req *Request) (*Response, error) {
		in := new(In)
		if len(bytes.TrimSpace(req.Input)) > 0 {
			if err := json.Unmarshal(req.Input, in); err != nil {
				return nil, &Error{Code: "SerializationException", Message: err.Error()}
			}
		}
		if m := unimplemented(reflect.TypeFor[In](), req.Input); m != "" {
			return nil, NotImplemented(spec.Service, spec.Name, "the member "+m)
		}
		if taker, ok := any(in).(BodyTaker); ok {
			taker.TakeBody(req.Body)
		}
		out, err := f(WithCaller(ctx, req.Caller), in)
		if err != nil {
			return nil, err
		}
		doc, err := json.Marshal(out)
		if err != nil {
			return nil, fmt.Errorf("encode the output of %s: %w", key(spec.Service, spec.Name), err)
		}
		resp := &Response{Output: doc}
		if giver, ok := any(out).(BodyGiver); ok {
			resp.Body = giver.GiveBody()
		}
		return resp, nil
	})
}

// Refuse registers an operation that is known and not implemented: it answers
// a named error and appears in the parity table.
func (r *Registry) Refuse(service, name, why string) {
	spec := Spec{Service: service, Name: name, Status: Refused, Note: why}
	r.Handle(spec, func(context.Context, *Request) (*Response, error) {
		return nil, NotImplemented(service, name, why)
	})
}

// Lookup returns the spec of an operation.
func (r *Registry) Lookup(service, name string) (Spec, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e, ok := r.ops[key(service, name)]
	return e.spec, ok
}

// Find returns the spec whose service is given and whose name equals name
// but for the case of its first letter, as the SDK integrations of Step
// Functions spell it (submitJob for SubmitJob).
func (r *Registry) Find(service, name string) (Spec, bool) {
	if name == "" {
		return Spec{}, false
	}
	return r.Lookup(service, strings.ToUpper(name[:1])+name[1:])
}

// Call carries out an operation. An operation that nobody registered answers
// [NotImplemented].
func (r *Registry) Call(ctx context.Context, service, name string, req *Request) (*Response, error) {
	r.mu.RLock()
	e, ok := r.ops[key(service, name)]
	r.mu.RUnlock()
	if !ok {
		return nil, NotImplemented(service, name, "")
	}
	return e.handler(ctx, req)
}

// Specs returns all operations, by service and name.
func (r *Registry) Specs() []Spec {
	r.mu.RLock()
	defer r.mu.RUnlock()
	specs := make([]Spec, 0, len(r.ops))
	for _, e := range r.ops {
		specs = append(specs, e.spec)
	}
	sort.Slice(specs, func(i, j int) bool {
		return key(specs[i].Service, specs[i].Name) < key(specs[j].Service, specs[j].Name)
	})
	return specs
}
