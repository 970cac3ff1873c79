package observe_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	sdk "go.opentelemetry.io/otel/sdk/trace"

	"salamander/engine"
	"salamander/engine/observe"
	"salamander/store"
)

const definition = `{"StartAt":"Load","States":{
	"Load":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:batch:submitJob","Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"MaxAttempts":1}],"Next":"Tell"},
	"Tell":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sns:publish","End":true}}}`

// runner fails the first attempt of the first state, and waits with the
// second state while hold is open.
type runner struct {
	failed bool
	hold   chan struct{}
	told   chan struct{}
}

func (r *runner) Run(ctx context.Context, t engine.Task, report engine.Report) (json.RawMessage, error) {
	report.Started()
	if t.State == "Load" && !r.failed {
		r.failed = true
		return nil, &engine.TaskError{Name: "Batch.ClientException", Cause: "no such queue"}
	}
	if t.State == "Tell" {
		select {
		case r.told <- struct{}{}:
		default:
		}
		select {
		case <-r.hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return json.RawMessage(`{}`), nil
}

func (r *runner) Cancel(context.Context, engine.Task) error { return nil }

// collector keeps the spans it is given.
type collector struct {
	mu    sync.Mutex
	spans []sdk.ReadOnlySpan
}

func (c *collector) ExportSpans(_ context.Context, spans []sdk.ReadOnlySpan) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spans = append(c.spans, spans...)
	return nil
}

func (c *collector) Shutdown(context.Context) error { return nil }

// An execution that a restart interrupts is one trace: its attempts with
// their outcomes, and itself; and the meter counts what was committed.
func TestSpansAcrossRestart(t *testing.T) {
	dir := t.TempDir()
	spans := &collector{}
	run := &runner{hold: make(chan struct{}), told: make(chan struct{}, 1)}
	process := func(work func(e *engine.Engine)) *prometheus.Registry {
		db, err := store.Open(dir, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		inner, err := store.OpenEngine(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		reg := prometheus.NewRegistry()
		meter, tracer := observe.NewMeter(reg), observe.NewTracer(spans, "test")
		e := engine.New(engine.Options{Store: meter.Store(tracer.Store(inner)), Runner: run, Log: slog.New(slog.DiscardHandler), TimerFired: meter.TimerFired})
		if err := e.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		work(e)
		e.Close()
		if err := errors.Join(tracer.Close(t.Context()), db.Close()); err != nil {
			t.Fatal(err)
		}
		return reg
	}

	first := process(func(e *engine.Engine) {
		_, err := e.Start(t.Context(), engine.StartRequest{Name: "x", ID: "id", Machine: engine.StateMachine{
			ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:m", Account: "000000000000", Region: "us-east-1", Name: "m", Type: engine.Standard, Definition: definition}})
		if err != nil {
			t.Fatal(err)
		}
		<-run.told
	})
	second := process(func(e *engine.Engine) {
		close(run.hold)
		for e.Open() > 0 {
			time.Sleep(time.Millisecond)
		}
	})

	var got []string
	for _, s := range spans.spans {
		got = append(got, fmt.Sprintf("%s %s %s", s.Name(), s.Status().Code, s.Status().Description))
		if s.SpanContext().TraceID() != spans.spans[0].SpanContext().TraceID() {
			t.Errorf("span %s is of another trace", s.Name())
		}
		root := spans.spans[len(spans.spans)-1]
		if s != root && s.Parent().SpanID() != root.SpanContext().SpanID() {
			t.Errorf("span %s is not below the execution's", s.Name())
		}
		if s.StartTime().Before(root.StartTime()) || s.EndTime().After(root.EndTime()) || s.EndTime().Before(s.StartTime()) {
			t.Errorf("span %s: from %s to %s", s.Name(), s.StartTime(), s.EndTime())
		}
	}
	want := []string{"Load Error Batch.ClientException: no such queue", "Load Unset ", "Tell Unset ", "m Unset "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
	counts := map[string]float64{
		"started":  value(t, first, "salamander_executions_started_total"),
		"timers":   value(t, first, "salamander_timer_lag_seconds"),
		"ended":    value(t, second, "salamander_executions_ended_total"),
		"failures": value(t, second, "salamander_turn_commit_failures_total"),
	}
	if diff := cmp.Diff(map[string]float64{"started": 1, "timers": 1, "ended": 1, "failures": 0}, counts); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

// value sums the values of a metric, or how often a histogram was told.
func value(t *testing.T, reg *prometheus.Registry, name string) (sum float64) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		found = true
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	if !found {
		t.Errorf("no metric %s", name)
	}
	return sum
}
