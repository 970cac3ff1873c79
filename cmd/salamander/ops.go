package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"

	"salamander/engine"
	"salamander/engine/observe"
)

// ops is what operators of a server look at: metrics, health and profiles, on
// a port of their own, and traces that go out.
type ops struct {
	metrics  *prometheus.Registry
	meter    *observe.Meter
	calls    *callMetrics
	store    *storeMetrics
	tracer   *observe.Tracer // nil without a collector
	listener net.Listener    // nil without an address
	server   *http.Server
	started  atomic.Bool // all that an earlier process left is taken up
}

// noOps as --ops-addr opens no port.
const noOps = "off"

// openOps makes the metrics, connects with the collector of traces and opens
// the port, where they are configured.
func (a *app) openOps(listen func(flag, addr string) (net.Listener, error)) error {
	o := &a.ops
	o.metrics = prometheus.NewRegistry()
	o.meter = observe.NewMeter(o.metrics)
	o.calls, o.store = newCallMetrics(o.metrics), newStoreMetrics(o.metrics)
	if at := a.config.OTLPEndpoint; at != "" {
		exporter, err := otlptracehttp.New(context.Background(), otlptracehttp.WithEndpointURL(strings.TrimSuffix(at, "/")+"/v1/traces"))
		if err != nil {
			return fmt.Errorf("--otlp-endpoint: %w", err)
		}
		o.tracer = observe.NewTracer(exporter, versionText())
	}
	if a.config.OpsAddr == noOps || a.config.OpsAddr == "" {
		return nil
	}
	var err error
	o.listener, err = listen("ops-addr", a.config.OpsAddr)
	return err
}

// observed is the engine's store with turns counted and traced.
func (o *ops) observed(s engine.Store) engine.Store {
	if o.tracer != nil {
		s = o.tracer.Store(s)
	}
	return o.meter.Store(s)
}

// startOps serves the port: from the beginning, so that who asks is told that
// the server is not ready yet.
func (a *app) startOps() {
	if a.ops.listener == nil {
		return
	}
	a.ops.metrics.MustRegister(newStackMetrics(a))
	a.ops.server = &http.Server{Handler: a.opsHandler(), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)}
	go func() {
		if err := a.ops.server.Serve(a.ops.listener); !errors.Is(err, http.ErrServerClosed) {
			a.failed <- fmt.Errorf("metrics: %w", err)
		}
	}()
}

func (o *ops) close() error {
	if o.server != nil {
		o.server.Close()
	}
	if o.listener != nil {
		o.listener.Close()
	}
	if o.tracer == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if err := o.tracer.Close(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// opsHandler answers /metrics, /healthz and /readyz, and /debug/pprof where it
// is asked for.
func (a *app) opsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.ops.metrics, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelError)}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { a.answerHealth(w, r, false) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) { a.answerHealth(w, r, true) })
	if a.config.Pprof {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	host, _, err := net.SplitHostPort(a.config.OpsAddr)
	own := err == nil && isLoopback(host)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		asked, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			asked = r.Host
		}
		// A name that somebody's DNS bound to this address, or a page elsewhere.
		if own && !isLoopback(strings.Trim(asked, "[]")) || r.Header.Get("Sec-Fetch-Site") == "cross-site" {
			http.Error(w, "Use 127.0.0.1 or localhost.", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// answerHealth tells one line a part: 200 where all work, 503 where one does
// not.
func (a *app) answerHealth(w http.ResponseWriter, r *http.Request, ready bool) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	answer := readinessOf(a.checks(ctx, ready))
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if !answer.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	fmt.Fprint(w, answer.Text)
}

// checkOps reports what is wrong with the settings of the port.
func (c *config) checkOps() (problems []error) {
	if c.OpsAddr != noOps && c.OpsAddr != "" {
		host, _, err := net.SplitHostPort(c.OpsAddr)
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("--ops-addr: got %q; need host:port, or off", c.OpsAddr))
		case c.Pprof && !isLoopback(host):
			problems = append(problems, fmt.Errorf("--pprof: %s can be reached from other machines, and profiles tell what runs: use a loopback address", c.OpsAddr))
		}
	} else if c.Pprof {
		problems = append(problems, errors.New("--pprof: need --ops-addr, where profiles are served"))
	}
	if at := c.OTLPEndpoint; at != "" {
		if u, err := url.Parse(at); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			problems = append(problems, fmt.Errorf("--otlp-endpoint: got %q; need a URL such as http://localhost:4318", at))
		}
	}
	return problems
}
