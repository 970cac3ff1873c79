package operation

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"salamander/internal/awsmodel"
)

// Replays keeps what mutating calls made within function invocations
// answered. Save returns once the record is durable.
type Replays interface {
	// Load returns the records of an invocation by the order of their calls.
	Load(ctx context.Context, invocation string) (map[int][]byte, error)
	Save(ctx context.Context, invocation string, call int, record []byte) error
}

// Replay returns a wrapper for [Registry.Use] that makes the mutating calls
// of a function's invocation repeatable. When an engine dies in the middle
// of an invocation, the function is invoked again with the same invocation
// id and makes its calls again; each is answered with its first result.
//
// Calls are recognized so:
//   - A call equal to a recorded one (same operation, same input but for
//     idempotency tokens, which clients make at random) that this run has not
//     made yet is answered from the record, the earliest first. This holds
//     when the threads of a function come in another order.
//   - Any other call is carried out, under the lowest order ([Invocation].Call)
//     that is neither recorded nor taken in this run. So a call whose commit
//     survived and whose record did not gets its first order again, makes the
//     same identifiers ([NewID]), and finds what it made.
//   - A call that a changed program makes differently is a new call: its
//     answer is never another call's.
//
// An answer is recorded before the caller has it, an [Error] below status 500
// too. Other errors leave the order free for the client's retry.
//
// S3 is left out, and so is any call with a streamed input: its calls say what
// is to be there, so that a repeat of all of them, in their order, comes to
// the same end. A repeat of some would not: an object put again, and its
// recorded deletion only answered, would stay.
//
// A run is one function environment's serving of one invocation, told by the
// access key of its session and the invocation id. Callers within the process
// (the engine's tasks) have no access key and number their calls themselves:
// such a call is answered from the record of its number, if the call is equal, and
// otherwise carried out under that number and recorded.
func Replay(records Replays) func(Spec, Handler) Handler {
	r := &replayer{records: records, runs: map[string]*run{}}
	return func(spec Spec, h Handler) Handler {
		if !spec.Mutates {
			return h
		}
		return func(ctx context.Context, req *Request) (*Response, error) {
			if req.Caller.Invocation.ID == "" {
				return h(ctx, req)
			}
			return r.call(ctx, spec, h, req)
		}
	}
}

// maxRuns bounds the runs in memory. Each belongs to one function
// environment, of which there are far fewer.
const maxRuns = 4096

type replayer struct {
	records Replays

	mu    sync.Mutex // guards the fields below; taken before a run's
	runs  map[string]*run
	clock int64
}

type run struct {
	invocation string
	used       int64 // the replayer's clock when last used; guarded by the replayer's mutex

	mu      sync.Mutex // guards the fields below
	loaded  bool
	records map[int]record
	taken   map[int]bool
}

// A record is what a call answered.
type record struct {
	Key    string          `json:"key"` // operation and hash of the input
	Output json.RawMessage `json:"output,omitempty"`
	Body   []byte          `json:"body,omitempty"`
	HasB   bool            `json:"hasBody,omitempty"`
	Error  *recordedError  `json:"error,omitempty"`
}

type recordedError struct {
	Code    string         `json:"code"`
	Message string         `json:"message"`
	Status  int            `json:"status,omitempty"`
	Members map[string]any `json:"members,omitempty"`
}

func (r *replayer) call(ctx context.Context, spec Spec, h Handler, req *Request) (*Response, error) {
	key, err := callKeyOf(spec, req)
	if err != nil {
		return nil, err
	}
	again := *req
	if key == "" {
		again.Caller.Invocation = Invocation{} // its identifiers are new ones
		return h(ctx, &again)
	}
	if req.Caller.AccessKey == "" {
		return r.numbered(ctx, h, req, key)
	}
	run := r.run(req.Caller)
	rec, order, err := run.take(ctx, r.records, key)
	if err != nil {
		return nil, err
	}
	if rec != nil {
		return rec.answer()
	}
	again.Caller.Invocation.Call = order
	resp, err := h(ctx, &again)
	return r.keep(ctx, run, order, key, resp, err)
}

// numbered is a call whose caller has numbered it.
func (r *replayer) numbered(ctx context.Context, h Handler, req *Request, key string) (*Response, error) {
	x := &run{invocation: req.Caller.Invocation.ID, taken: map[int]bool{}}
	if err := x.load(ctx, r.records); err != nil {
		return nil, err
	}
	if rec, ok := x.records[req.Caller.Invocation.Call]; ok && rec.Key == key {
		return rec.answer()
	}
	resp, err := h(ctx, req)
	return r.keep(ctx, x, req.Caller.Invocation.Call, key, resp, err)
}

// keep records the outcome of a call and returns it.
func (r *replayer) keep(ctx context.Context, run *run, order int, key string, resp *Response, err error) (*Response, error) {
	rec := record{Key: key}
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || e.Status >= 500 {
			run.release(order)
			return nil, err
		}
		rec.Error = &recordedError{e.Code, e.Message, e.Status, e.Members}
	} else if rerr := rec.read(resp); rerr != nil {
		run.release(order)
		return nil, rerr
	}
	doc, merr := json.Marshal(rec)
	if merr == nil {
		// The call is done: its record must not be lost because the client left.
		merr = r.records.Save(context.WithoutCancel(ctx), run.invocation, order, doc)
	}
	if merr != nil {
		run.release(order)
		return nil, fmt.Errorf("record call %d of invocation %s: %w", order, run.invocation, merr)
	}
	run.add(order, rec)
	if err != nil {
		return nil, err
	}
	return rec.answer()
}

func (rec *record) read(resp *Response) error {
	rec.Output = resp.Output
	if resp.Body == nil {
		return nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	rec.Body, rec.HasB = body, true
	return err
}

func (rec *record) answer() (*Response, error) {
	if e := rec.Error; e != nil {
		return nil, &Error{Code: e.Code, Message: e.Message, Status: e.Status, Members: e.Members}
	}
	resp := &Response{Output: rec.Output}
	if rec.HasB {
		resp.Body = io.NopCloser(bytes.NewReader(rec.Body))
	}
	return resp, nil
}

// run returns the run that caller is in, and begins it when it is new. An
// access key that serves another invocation has ended the one before.
func (r *replayer) run(caller Caller) *run {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clock++
	x := r.runs[caller.AccessKey]
	if x == nil || x.invocation != caller.Invocation.ID {
		x = &run{invocation: caller.Invocation.ID, taken: map[int]bool{}}
		r.runs[caller.AccessKey] = x
	}
	x.used = r.clock
	if len(r.runs) > maxRuns {
		r.forgetOldest()
	}
	return x
}

func (r *replayer) forgetOldest() {
	oldest := ""
	for k, x := range r.runs {
		if oldest == "" || x.used < r.runs[oldest].used {
			oldest = k
		}
	}
	delete(r.runs, oldest)
}

// take returns the record that answers the call with the given key, or the
// order that the call is carried out under.
func (x *run) take(ctx context.Context, records Replays, key string) (*record, int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.load(ctx, records); err != nil {
		return nil, 0, err
	}
	best := -1
	for order, rec := range x.records {
		if rec.Key == key && !x.taken[order] && (best < 0 || order < best) {
			best = order
		}
	}
	if best >= 0 {
		x.taken[best] = true
		rec := x.records[best]
		return &rec, best, nil
	}
	for order := 0; ; order++ {
		if _, recorded := x.records[order]; !recorded && !x.taken[order] {
			x.taken[order] = true
			return nil, order, nil
		}
	}
}

func (x *run) load(ctx context.Context, records Replays) error {
	if x.loaded {
		return nil
	}
	docs, err := records.Load(ctx, x.invocation)
	if err != nil {
		return fmt.Errorf("load the calls of invocation %s: %w", x.invocation, err)
	}
	x.records = make(map[int]record, len(docs))
	for order, doc := range docs {
		var rec record
		if err := json.Unmarshal(doc, &rec); err != nil {
			return fmt.Errorf("read call %d of invocation %s: %w", order, x.invocation, err)
		}
		x.records[order] = rec
	}
	x.loaded = true
	return nil
}

// add keeps a record that this run has made itself; its order stays taken.
func (x *run) add(order int, rec record) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.records[order] = rec
}

func (x *run) release(order int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.taken, order)
}

// callKeyOf returns the operation and a hash of the input, without the
// idempotency tokens; empty for a call that is not recorded.
func callKeyOf(spec Spec, req *Request) (string, error) {
	if spec.Service == "s3" {
		return "", nil
	}
	input, err := withoutTokens(spec, req.Input)
	if err != nil {
		return "", &Error{Code: "SerializationException", Message: err.Error()}
	}
	h := sha256.New()
	h.Write(input)
	switch body := req.Body.(type) {
	case nil:
	case *bytes.Reader:
		at := body.Size() - int64(body.Len())
		h.Write([]byte{0})
		if _, err := body.WriteTo(h); err != nil {
			return "", err
		}
		if _, err := body.Seek(at, io.SeekStart); err != nil {
			return "", err
		}
	default:
		return "", nil
	}
	return spec.Service + ":" + spec.Name + " " + hex.EncodeToString(h.Sum(nil)), nil
}

func withoutTokens(spec Spec, input json.RawMessage) (json.RawMessage, error) {
	if len(bytes.TrimSpace(input)) == 0 {
		input = json.RawMessage(`{}`)
	}
	v, err := awsmodel.Parse(input)
	if err != nil {
		return nil, err
	}
	api, ok := awsmodel.Service(spec.Service)
	if obj, isObj := v.(map[string]any); ok && isObj {
		if op, ok := api.Operation(spec.Name); ok && op.Input != nil {
			for _, m := range op.Input.Members {
				if m.Token {
					delete(obj, m.Name)
				}
			}
		}
	}
	return awsmodel.Encode(v)
}
