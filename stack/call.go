package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"salamander/internal/awsmodel"
	"salamander/operation"
)

// A call is what a resource type's functions work on: a resource, the
// properties it is to have, and the operations to bring it there. It belongs
// to one goroutine.
type call struct {
	ctx       context.Context
	s         *Stacks
	stack     *Stack
	principal string
	logical   string
	kind      string          // the resource type
	token     string          // names the calls; the same when a step is taken up again
	repeat    bool            // the step was begun by a process that ended
	undo      bool            // the step goes back to what was
	cancelled <-chan struct{} // closed when the operation is given up

	props map[string]any // what the resource is to have
	old   map[string]any // what it had, in update
	tags  []Tag          // of the stack

	physical string
	attrs    map[string]any
	private  map[string]string

	calls int
}

// A said is a text that AWS says, as it says it: with a capital, mostly, and
// sometimes a full stop.
type said string

func (s said) Error() string { return string(s) }

func sayf(format string, args ...any) error { return said(fmt.Sprintf(format, args...)) }

// errCancelled is the outcome of a wait that was given up.
var errCancelled = sayf("Resource creation cancelled")

// do carries out an operation as the stack, and returns what it answers.
func (c *call) do(service, op string, in map[string]any) (map[string]any, error) {
	out, _, err := c.send(service, op, in)
	return out, err
}

func (c *call) send(service, op string, in map[string]any) (map[string]any, *operation.Response, error) {
	doc, err := awsmodel.Encode(in)
	if err != nil {
		return nil, nil, fmt.Errorf("encode %s:%s: %w", service, op, err)
	}
	req := &operation.Request{Input: doc, Caller: operation.Caller{
		Account: c.stack.Account, Region: c.stack.Region, Principal: c.principal,
		Invocation: operation.Invocation{ID: c.token, Call: c.calls},
	}}
	c.calls++
	resp, err := c.s.opt.Registry.Call(c.ctx, service, op, req)
	if err != nil {
		return nil, nil, &callError{service, op, err}
	}
	if resp.Body != nil {
		resp.Body.Close()
	}
	out := map[string]any{}
	if len(resp.Output) > 0 {
		dec := json.NewDecoder(strings.NewReader(string(resp.Output)))
		dec.UseNumber()
		if err := dec.Decode(&out); err != nil {
			return nil, nil, fmt.Errorf("read the answer of %s:%s: %w", service, op, err)
		}
	}
	return out, resp, nil
}

// A callError is the failure of an operation that a resource needed.
type callError struct {
	service, op string
	err         error
}

func (e *callError) Error() string { return e.service + ":" + e.op + ": " + e.err.Error() }
func (e *callError) Unwrap() error { return e.err }

// reason tells why a step failed, as AWS's resource handlers do.
func reason(err error) string {
	var call *callError
	if !errors.As(err, &call) {
		return err.Error()
	}
	e := operation.AsError(call.err)
	status := e.Status
	if status == 0 {
		status = 400
	}
	name := call.service
	if api, ok := awsmodel.Service(name); ok {
		name = api.ServiceID
	}
	handler := "GeneralServiceException"
	switch {
	case isMissing(err):
		handler = "NotFound"
	case isExisting(err):
		handler = "AlreadyExists"
	case status >= 500:
		handler = "ServiceInternalError"
	case status == 403:
		handler = "AccessDenied"
	case strings.Contains(e.Code, "Validation") || strings.Contains(e.Code, "Invalid") || strings.Contains(e.Code, "Client"):
		handler = "InvalidRequest"
	}
	text := e.Message
	if e.Status == 500 && e.Cause != nil {
		text = e.Code
	}
	return fmt.Sprintf("Resource handler returned message: \"%s (Service: %s, Operation: %s, Status Code: %d, Error Code: %s)\" (HandlerErrorCode: %s)",
		text, name, call.op, status, e.Code, handler)
}

// codeOf returns the error code of an operation's failure.
func codeOf(err error) string {
	var e *operation.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// isMissing reports whether an operation failed because what it is about is
// not there.
func isMissing(err error) bool {
	var e *operation.Error
	if !errors.As(err, &e) {
		return false
	}
	for _, part := range []string{"NotFound", "NoSuch", "DoesNotExist", "NonExistent", "UnknownResource"} {
		if strings.Contains(e.Code, part) {
			return true
		}
	}
	return strings.Contains(e.Message, "does not exist") || strings.Contains(e.Message, "not found")
}

// isExisting reports whether an operation failed because its name is taken.
func isExisting(err error) bool {
	var e *operation.Error
	return errors.As(err, &e) && (strings.Contains(e.Code, "AlreadyExist") || strings.Contains(e.Code, "ResourceConflict") ||
		strings.Contains(e.Code, "EntityAlreadyExists") || strings.Contains(e.Message, "already exist"))
}

// gone returns err unless it says that the resource is not there.
func gone(err error) error {
	if isMissing(err) {
		return nil
	}
	return err
}

// made returns err unless it says that a resource exists that an earlier run
// of this step made: one with a name that only this step gives.
func (c *call) made(err error, generated bool) error {
	if c.repeat && generated && isExisting(err) {
		return nil
	}
	return err
}

// wait calls f until it is done, the operation is given up or the process ends.
func (c *call) wait(f func() (done bool, err error)) error {
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		done, err := f()
		if done || err != nil {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-c.cancelled:
			timer.Stop()
			return errCancelled
		case <-c.ctx.Done():
			timer.Stop()
			return c.ctx.Err()
		}
	}
}

// text returns a property as text; empty when it is absent.
func (c *call) text(prop string) string { return scalarText(c.props[prop]) }

// list returns a property that is a list.
func list(props map[string]any, prop string) []any {
	l, _ := props[prop].([]any)
	return l
}

// object returns a property that is an object.
func object(props map[string]any, prop string) map[string]any {
	o, _ := props[prop].(map[string]any)
	return o
}

// input returns the properties as the canonical input of an operation.
// renamed maps names of properties to the members they are given as; an empty
// member leaves the property out.
func (c *call) input(service, op string, renamed map[string]string) (map[string]any, error) {
	return inputOf(service, op, c.props, renamed)
}

func inputOf(service, op string, props map[string]any, renamed map[string]string) (map[string]any, error) {
	api, ok := awsmodel.Service(service)
	if !ok {
		return nil, fmt.Errorf("no shapes of %s", service)
	}
	o, ok := api.Operation(op)
	if !ok || o.Input == nil {
		return nil, fmt.Errorf("no shape of %s:%s", service, op)
	}
	given := make(map[string]any, len(props))
	for k, v := range props {
		if member, ok := renamed[k]; ok {
			k = member
		}
		if k != "" {
			given[k] = v
		}
	}
	in, err := conformStruct(o.Input, given, "")
	if err != nil {
		return nil, err
	}
	return in.(map[string]any), nil
}

// only returns the properties that are named.
func only(props map[string]any, names ...string) map[string]any {
	out := map[string]any{}
	for _, n := range names {
		if v, ok := props[n]; ok {
			out[n] = v
		}
	}
	return out
}

// get returns the text at a path of members in an answer.
func get(v any, path ...string) string {
	for _, p := range path {
		obj, _ := v.(map[string]any)
		v = obj[p]
	}
	return scalarText(v)
}

// changed reports whether a property differs from what it was.
func (c *call) changed(props ...string) bool {
	return slices.ContainsFunc(props, func(p string) bool { return !equal(c.props[p], c.old[p]) })
}

func equal(a, b any) bool { return jsonText(a) == jsonText(b) }

// A naming tells how a type's generated names look.
type naming struct {
	max       int  // characters at most
	lower     bool // in lower case
	noStack   bool // without the stack's name
	hex       bool // 15 hexadecimal digits at the end
	underline bool // underlines for hyphens
}

// name returns the name that the property gives, or one generated from the
// stack's name, the logical id and the step. generated tells which.
func (c *call) name(prop string, n naming) (name string, generated bool) {
	if given := c.text(prop); prop != "" && given != "" {
		return given, false
	}
	return c.generate(n), true
}

func (c *call) generate(n naming) string {
	suffix := alphanumeric(c.token, 12)
	if n.hex {
		sum := sha256.Sum256([]byte("name/" + c.token))
		suffix = hex.EncodeToString(sum[:])[:15]
	}
	limit := n.max
	if limit == 0 {
		limit = 64
	}
	limit -= len(suffix) + 2
	logical, stack := c.logical, c.stack.Name
	if n.noStack {
		stack = ""
	}
	if len(logical) > limit/2 && len(logical)+1+len(stack) > limit {
		logical = logical[:max(limit/2, limit-1-len(stack))]
	}
	if stack != "" {
		stack = strings.Trim(stack[:max(0, min(len(stack), limit-1-len(logical)))], "-") + "-"
	}
	name := stack + logical + "-" + suffix
	if n.lower {
		name = strings.ToLower(name)
	}
	if n.underline {
		name = strings.ReplaceAll(name, "-", "_")
	}
	return name
}

// alphanumeric returns n letters and digits made from a seed.
func alphanumeric(seed string, n int) string {
	const set = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	sum := sha256.Sum256([]byte("name/" + seed))
	b := make([]byte, n)
	for i := range b {
		b[i] = set[int(sum[i])%len(set)]
	}
	return string(b)
}

// identifier returns an identifier like those of EC2: "vpc-0a1b…".
func (c *call) identifier(prefix string) string {
	sum := sha256.Sum256([]byte("id/" + c.token))
	return prefix + "-0" + hex.EncodeToString(sum[:])[:16]
}
