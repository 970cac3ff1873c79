package observe

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"math"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"salamander/engine"
)

// A Tracer makes a span of every execution, and one of each of its task
// attempts below it. Traces and spans are named by execution and event, so
// that those of an execution belong together across restarts. Its methods may
// be called from many goroutines.
//
// https://opentelemetry.io/docs/specs/otel/trace/api/
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   trace.Tracer

	mu   sync.Mutex
	open map[string]*traced // by ARN
}

// traced is an execution that runs.
type traced struct {
	machine string
	start   time.Time
	events  map[int64]seen // those that spans may still begin at
}

// seen is an event of a history that a later one may refer to.
type seen struct {
	previous int64
	at       time.Time
	kind     string // the type
	state    string // name of the state it is in
	resource string // of the task
}

// NewTracer returns a tracer that gives its spans to exporter, in batches.
// version is that of this program.
func NewTracer(exporter sdk.SpanExporter, version string) *Tracer {
	p := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithIDGenerator(named{}),
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "salamander"), attribute.String("service.version", version))))
	return &Tracer{provider: p, tracer: p.Tracer("salamander/engine"), open: map[string]*traced{}}
}

// Close gives the spans that are left to the exporter and ends it.
func (t *Tracer) Close(ctx context.Context) error { return t.provider.Shutdown(ctx) }

// Store returns s with its turns traced.
func (t *Tracer) Store(s engine.Store) engine.Store { return tracedStore{s, t} }

type tracedStore struct {
	engine.Store
	tracer *Tracer
}

// Create stores an execution.
func (s tracedStore) Create(ctx context.Context, ex engine.Execution, definition string, first engine.Turn) (int64, error) {
	key, err := s.Store.Create(ctx, ex, definition, first)
	if err == nil {
		s.tracer.began(ex)
		s.tracer.turn(ctx, s.Store, key, ex.ARN, first)
	}
	return key, err
}

// Commit stores a turn.
func (s tracedStore) Commit(ctx context.Context, t engine.Turn) error {
	err := s.Store.Commit(ctx, t)
	if err == nil {
		s.tracer.turn(ctx, s.Store, t.Key, t.ARN, t)
	}
	return err
}

// Redrive makes an ended execution one that runs.
func (s tracedStore) Redrive(ctx context.Context, r engine.Redriven) error {
	err := s.Store.Redrive(ctx, r)
	if err == nil {
		s.tracer.turn(ctx, s.Store, r.Turn.Key, r.Turn.ARN, r.Turn)
	}
	return err
}

func (t *Tracer) began(ex engine.Execution) *traced {
	x := &traced{machine: ex.Machine, start: ex.Start, events: map[int64]seen{}}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open[ex.ARN] = x
	return x
}

// turn makes the spans that a committed turn ends. The turns of one execution
// come one after the other.
func (t *Tracer) turn(ctx context.Context, s engine.Store, key int64, arn string, turn engine.Turn) {
	t.mu.Lock()
	x := t.open[arn]
	t.mu.Unlock()
	if x == nil { // it was started by an earlier process
		ex, err := s.Execution(ctx, arn)
		if err != nil {
			return
		}
		x = t.began(ex)
	}
	find := func(id int64) seen { return x.find(ctx, s, key, id) }
	for _, e := range turn.History {
		x.take(e, find, func(began seen, ended event) { t.task(arn, began, ended) })
	}
	if o := turn.Outcome; o != nil {
		t.mu.Lock()
		delete(t.open, arn)
		t.mu.Unlock()
		t.execution(arn, x, *o)
	}
}

// find returns an event by its id, from the store if an earlier process took
// it.
func (x *traced) find(ctx context.Context, s engine.Store, key, id int64) seen {
	if e, ok := x.events[id]; ok || id <= 0 {
		return e
	}
	list, err := s.History(ctx, engine.HistoryQuery{Key: key, After: id - 1, Limit: 1})
	if err != nil || len(list) == 0 || list[0].ID != id {
		return seen{}
	}
	e, ok := readEvent(list[0])
	if !ok {
		return seen{}
	}
	if e.state == "" { // that of the event before
		e.state = x.find(ctx, s, key, e.previous).state
	}
	x.events[id] = e.seen
	return e.seen
}

// event is an event of a history as far as spans tell of it.
type event struct {
	seen
	id           int64
	failed       bool
	error, cause string
}

// taskKinds are what the types of the events of tasks begin with.
var taskKinds = []string{"Task", "LambdaFunction", "Activity"}

// step is what an event tells of its task: Scheduled, Succeeded, TimedOut …; ""
// for events of other kinds.
func step(kind string) string {
	for _, task := range taskKinds {
		if rest, ok := strings.CutPrefix(kind, task); ok && !strings.HasPrefix(rest, "State") {
			return rest
		}
	}
	return ""
}

// take remembers an event, and calls ended where it is the end of a task's
// attempt.
func (x *traced) take(raw engine.Event, find func(int64) seen, ended func(began seen, e event)) {
	e, ok := readEvent(raw)
	if !ok {
		return
	}
	if strings.HasSuffix(e.kind, "StateExited") {
		for id := e.previous; id > 0; { // nothing refers to the visit any more
			at, ok := x.events[id]
			delete(x.events, id)
			if !ok || strings.HasSuffix(at.kind, "StateEntered") {
				break
			}
			id = at.previous
		}
		return
	}
	if e.state == "" {
		e.state = find(e.previous).state
	}
	x.events[e.id] = e.seen
	switch step(e.kind) {
	case "Succeeded", "Failed", "TimedOut", "SubmitFailed", "StartFailed", "ScheduleFailed":
	default:
		return
	}
	for id := e.previous; id > 0; {
		at := find(id)
		if step(at.kind) == "" {
			return
		}
		if step(at.kind) == "Scheduled" {
			ended(at, e)
			return
		}
		id = at.previous
	}
}

// readEvent reads what spans need of an event.
func readEvent(raw engine.Event) (event, bool) {
	var e struct {
		Timestamp       float64
		Type            string
		PreviousEventID int64 `json:"previousEventId"`
	}
	if json.Unmarshal(raw.Data, &e) != nil {
		return event{}, false
	}
	out := event{id: raw.ID, seen: seen{previous: e.PreviousEventID, kind: e.Type, at: time.UnixMilli(int64(math.Round(e.Timestamp * 1000)))}}
	var details map[string]json.RawMessage
	if json.Unmarshal(raw.Data, &details) != nil {
		return event{}, false
	}
	for name, text := range details {
		if !strings.HasSuffix(name, "EventDetails") {
			continue
		}
		var d struct{ Name, Resource, Error, Cause string }
		_ = json.Unmarshal(text, &d) // members of other types are none of ours
		out.resource, out.error, out.cause = d.Resource, d.Error, d.Cause
		if strings.HasPrefix(name, "state") {
			out.state = d.Name
		}
	}
	what := step(e.Type)
	out.failed = what == "TimedOut" || strings.HasSuffix(what, "Failed")
	return out, true
}

// task makes the span of an attempt.
func (t *Tracer) task(arn string, began seen, ended event) {
	root := trace.NewSpanContext(trace.SpanContextConfig{TraceID: traceID(arn), SpanID: spanID(arn, 0), TraceFlags: trace.FlagsSampled})
	ctx := trace.ContextWithSpanContext(name(arn, ended.id), root)
	_, span := t.tracer.Start(ctx, began.state, trace.WithTimestamp(began.at), trace.WithAttributes(
		attribute.String("aws.stepfunctions.state", began.state),
		attribute.String("aws.stepfunctions.resource", began.resource),
		attribute.String("aws.stepfunctions.event", ended.kind)))
	if ended.failed {
		failed(span, ended.error, ended.cause)
	}
	span.End(trace.WithTimestamp(ended.at))
}

// execution makes the span of a whole execution.
func (t *Tracer) execution(arn string, x *traced, o engine.Outcome) {
	_, span := t.tracer.Start(name(arn, 0), x.machine[strings.LastIndexByte(x.machine, ':')+1:], trace.WithNewRoot(), trace.WithTimestamp(x.start),
		trace.WithAttributes(
			attribute.String("aws.stepfunctions.execution.arn", arn),
			attribute.String("aws.stepfunctions.state_machine.arn", x.machine),
			attribute.String("aws.stepfunctions.status", o.Status)))
	if o.Status != engine.Succeeded {
		failed(span, text(o.Error), text(o.Cause))
	}
	span.End(trace.WithTimestamp(o.At))
}

// maxCause bounds what a span tells of a cause, in bytes.
const maxCause = 1024

func failed(span trace.Span, name, cause string) {
	if len(cause) > maxCause {
		cause = strings.ToValidUTF8(cause[:maxCause], "") + "…"
	}
	span.SetAttributes(attribute.String("error.type", name))
	span.SetStatus(codes.Error, strings.TrimSuffix(name+": "+cause, ": "))
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// named gives traces and spans the identifiers that [name] put into their
// contexts.
type named struct{}

type nameKey struct{}

type spanName struct {
	arn   string
	event int64 // 0 is the execution
}

func name(arn string, event int64) context.Context {
	return context.WithValue(context.Background(), nameKey{}, spanName{arn, event})
}

// NewIDs names a trace and its first span.
func (named) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	n, _ := ctx.Value(nameKey{}).(spanName)
	return traceID(n.arn), spanID(n.arn, n.event)
}

// NewSpanID names a span.
func (named) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	n, _ := ctx.Value(nameKey{}).(spanName)
	return spanID(n.arn, n.event)
}

func traceID(arn string) trace.TraceID {
	sum := sha256.Sum256([]byte(arn))
	return trace.TraceID(sum[:16])
}

func spanID(arn string, event int64) trace.SpanID {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(arn), uint64(event)))
	return trace.SpanID(sum[:8])
}
