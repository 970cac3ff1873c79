// Package observe tells of executions what monitoring asks for: numbers for
// Prometheus and spans for OpenTelemetry. It stands around an engine's store
// and sees each turn once it is durable, so that nothing is told that a crash
// could take back.
package observe

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"salamander/engine"
)

// A Meter counts turns and executions. Its methods may be called from many
// goroutines.
type Meter struct {
	turns   prometheus.Counter
	failed  prometheus.Counter
	commit  prometheus.Histogram
	bytes   prometheus.Histogram
	events  prometheus.Counter
	started *prometheus.CounterVec
	ended   *prometheus.CounterVec
	lag     prometheus.Histogram
}

// NewMeter returns a meter whose metrics are registered with reg. Times are in
// seconds and sizes in bytes, as Prometheus wants them.
//
// https://prometheus.io/docs/practices/naming/
func NewMeter(reg prometheus.Registerer) *Meter {
	m := &Meter{
		turns: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "salamander_turns_total", Help: "Turns of executions that were committed."}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "salamander_turn_commit_failures_total", Help: "Commits of turns that failed. Each is tried again."}),
		commit: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "salamander_turn_commit_seconds", Help: "Time until a turn was durable.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 16)}),
		bytes: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "salamander_turn_bytes", Help: "Size of a turn: state, history events and commands.",
			Buckets: prometheus.ExponentialBuckets(256, 4, 10)}),
		events: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "salamander_history_events_total", Help: "Events added to histories."}),
		started: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "salamander_executions_started_total", Help: "Executions started, children of map runs included."}, []string{"type"}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "salamander_executions_ended_total", Help: "Executions ended, by status."}, []string{"status"}),
		lag: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "salamander_timer_lag_seconds", Help: "How late waits, retries and timeouts fired.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 18)}),
	}
	reg.MustRegister(m.turns, m.failed, m.commit, m.bytes, m.events, m.started, m.ended, m.lag)
	for _, status := range []string{engine.Succeeded, engine.Failed, engine.TimedOut, engine.Aborted} {
		m.ended.WithLabelValues(status) // a rate needs the zero before the first
	}
	return m
}

// TimerFired takes how late a timer fired.
func (m *Meter) TimerFired(late time.Duration) { m.lag.Observe(max(late, 0).Seconds()) }

// Store returns s with its turns counted.
func (m *Meter) Store(s engine.Store) engine.Store { return metered{s, m} }

type metered struct {
	engine.Store
	meter *Meter
}

// Create stores an execution.
func (s metered) Create(ctx context.Context, ex engine.Execution, definition string, first engine.Turn) (int64, error) {
	began := time.Now()
	key, err := s.Store.Create(ctx, ex, definition, first)
	if err == nil {
		s.meter.started.WithLabelValues(ex.Type).Inc()
		s.meter.turn(first, time.Since(began))
	}
	return key, err
}

// CreateEnded stores children that began and ended in one turn each.
func (s metered) CreateEnded(ctx context.Context, definition string, children []engine.Birth) (int64, error) {
	began := time.Now()
	first, err := s.Store.CreateEnded(ctx, definition, children)
	if err == nil {
		took := time.Since(began)
		for _, b := range children {
			s.meter.started.WithLabelValues(b.Execution.Type).Inc()
			s.meter.turn(b.First, took)
		}
	}
	return first, err
}

// Commit stores a turn.
func (s metered) Commit(ctx context.Context, t engine.Turn) error {
	began := time.Now()
	err := s.Store.Commit(ctx, t)
	switch {
	case err == nil:
		s.meter.turn(t, time.Since(began))
	case ctx.Err() == nil:
		s.meter.failed.Inc()
	}
	return err
}

// Redrive makes an ended execution one that runs.
func (s metered) Redrive(ctx context.Context, r engine.Redriven) error {
	began := time.Now()
	err := s.Store.Redrive(ctx, r)
	if err == nil {
		s.meter.turn(r.Turn, time.Since(began))
	}
	return err
}

func (m *Meter) turn(t engine.Turn, took time.Duration) {
	size := len(t.State) + len(t.Journal)
	for _, e := range t.History {
		size += len(e.Data)
	}
	for _, p := range t.Open {
		size += len(p.Data) + len(p.Submitted)
	}
	m.turns.Inc()
	m.commit.Observe(took.Seconds())
	m.bytes.Observe(float64(size))
	m.events.Add(float64(len(t.History)))
	if t.Outcome != nil {
		m.ended.WithLabelValues(t.Outcome.Status).Inc()
	}
}
