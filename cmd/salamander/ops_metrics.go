package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"salamander/operation"
)

// callMetrics count the calls of operations, whoever makes them.
type callMetrics struct {
	calls *prometheus.CounterVec
	took  *prometheus.HistogramVec
}

func newCallMetrics(reg prometheus.Registerer) *callMetrics {
	m := &callMetrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "salamander_operations_total", Help: "Calls of AWS operations; code is the error's, or empty."}, []string{"service", "operation", "code"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "salamander_operation_seconds", Help: "Time that calls of AWS operations took.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 4, 10)}, []string{"service"}),
	}
	reg.MustRegister(m.calls, m.took)
	return m
}

// count wraps an operation; see [operation.Registry.Use].
func (m *callMetrics) count(spec operation.Spec, h operation.Handler) operation.Handler {
	took := m.took.WithLabelValues(spec.Service)
	return func(ctx context.Context, req *operation.Request) (*operation.Response, error) {
		began := time.Now()
		res, err := h(ctx, req)
		code := ""
		if err != nil {
			code = operation.AsError(err).Code
		}
		m.calls.WithLabelValues(spec.Service, spec.Name, code).Inc()
		took.Observe(time.Since(began).Seconds())
		return res, err
	}
}

// storeMetrics tell of the commits of the store.
type storeMetrics struct {
	took    prometheus.Histogram
	updates prometheus.Histogram
	failed  prometheus.Counter

	mu   sync.Mutex
	last error // of the last commit
}

func newStoreMetrics(reg prometheus.Registerer) *storeMetrics {
	m := &storeMetrics{
		took: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "salamander_store_commit_seconds", Help: "Time that group commits of the store took.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 16)}),
		updates: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "salamander_store_commit_updates", Help: "Updates that a group commit of the store held.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 13)}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "salamander_store_commit_failures_total", Help: "Group commits of the store that failed: the disk is full, or broken."}),
	}
	reg.MustRegister(m.took, m.updates, m.failed)
	return m
}

// committed takes what [store.Options].OnCommit is told.
func (m *storeMetrics) committed(updates int, took time.Duration, err error) {
	m.took.Observe(took.Seconds())
	m.updates.Observe(float64(updates))
	if err != nil {
		m.failed.Inc()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = err
}

// failing is what kept the last commit from being durable.
func (m *storeMetrics) failing() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.last != nil {
		return fmt.Errorf("the last commit failed: %w", m.last)
	}
	return nil
}

// stackMetrics are asked for when they are wanted.
type stackMetrics struct {
	*app

	executions, timers, waiting, attempts, outbox, warehouse, free *prometheus.Desc
}

func newStackMetrics(a *app) prometheus.Collector {
	a.ops.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	gauge := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("salamander_"+name, help, labels, nil)
	}
	return &stackMetrics{app: a,
		executions: gauge("executions_open", "Executions that run."),
		timers:     gauge("timers_armed", "Waits, retries and timeouts that are to come."),
		waiting:    gauge("queue_waiting_jobs", "Jobs that wait for capacity.", "account", "region", "queue"),
		attempts:   gauge("jobs_running", "Attempts of jobs that run."),
		outbox:     gauge("outbox_messages", "Changes that are committed and not yet told to other parts."),
		warehouse:  gauge("warehouse_up", "Whether the warehouse takes connections: 1, or 0."),
		free:       gauge("disk_free_bytes", "Space left where the data directory is."),
	}
}

// Describe names the metrics.
func (m *stackMetrics) Describe(c chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, c) }

// Collect asks the parts.
func (m *stackMetrics) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	tell := func(d *prometheus.Desc, v float64, labels ...string) {
		c <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	tell(m.executions, float64(m.engine.Open()))
	tell(m.timers, float64(m.engine.Timers()))
	loads, running := m.batch.Loads()
	for _, l := range loads {
		tell(m.waiting, float64(l.Waiting), l.Queue.Account, l.Queue.Region, l.Queue.Name)
	}
	tell(m.attempts, float64(running))
	if n, err := m.db.Undelivered(ctx); err == nil {
		tell(m.outbox, float64(n))
	}
	up := 0.0
	if m.warehouseAnswers(ctx) == nil {
		up = 1
	}
	tell(m.warehouse, up)
	if free, _, err := freeSpace(m.config.Data); err == nil {
		tell(m.free, float64(free))
	}
}
