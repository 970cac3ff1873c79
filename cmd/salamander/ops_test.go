package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A server that takes up what the last one left is healthy and not ready.
func TestNotReady(t *testing.T) {
	cfg := defaultConfig()
	cfg.Data = t.TempDir()
	cfg.AWSAddr, cfg.WarehouseAddr, cfg.ConsoleAddr = "127.0.0.1:0", "127.0.0.1:0", noConsole
	a, err := openApp(cfg, slog.New(slog.DiscardHandler), listen)
	must(t, err)
	t.Cleanup(func() { a.close() })
	a.config.OpsAddr = "127.0.0.1:4568"
	for path, want := range map[string]string{
		"/healthz": "200 ok      store\nok      commits\n",
		"/readyz":  "503 ok      store\nok      commits\nfailed  recovery: what the last server left is being taken up\nfailed  warehouse: ",
	} {
		res := httptest.NewRecorder()
		a.opsHandler().ServeHTTP(res, httptest.NewRequest("GET", "http://127.0.0.1:4568"+path, nil))
		if got := fmt.Sprint(res.Code, " ", res.Body); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q; want %q", path, got, want)
		}
	}
}

// What the server exports is there while it runs, and asked for by its own
// name only.
func TestMetricsOfServer(t *testing.T) {
	var mu sync.Mutex
	var sent []string
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, r.URL.Path+" "+string(body))
	}))
	defer collector.Close()

	cfg := defaultConfig()
	cfg.Data, cfg.Auth = t.TempDir(), "dev"
	cfg.AWSAddr, cfg.WarehouseAddr, cfg.ConsoleAddr, cfg.OpsAddr = "127.0.0.1:0", "127.0.0.1:0", noConsole, "127.0.0.1:0"
	cfg.OTLPEndpoint = collector.URL
	a, err := openApp(cfg, slog.New(slog.DiscardHandler), listen)
	must(t, err)
	closed := false
	defer func() {
		if !closed {
			a.close()
		}
	}()
	must(t, a.start(t.Context()))
	server, err := dial(t.Context(), cfg)
	must(t, err)
	var machine struct{ StateMachineArn string }
	must(t, server.call(t.Context(), "states", "CreateStateMachine", document{"name": "traced", "roleArn": "arn:aws:iam::000000000000:role/x",
		"definition": `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:sts:getCallerIdentity","End":true}}}`}, &machine))
	must(t, server.call(t.Context(), "states", "StartExecution", document{"stateMachineArn": machine.StateMachineArn}, &struct{}{}))

	text := ""
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(text, `salamander_executions_ended_total{status="SUCCEEDED"} 1`) ||
		!strings.Contains(text, "\nsalamander_warehouse_up 1\n"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("metrics:\n%s", text)
		}
		res, err := http.Get("http://" + a.server.Ops + "/metrics")
		must(t, err)
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		must(t, err)
		text = string(body)
	}
	for _, want := range []string{
		`salamander_operations_total{code="",operation="StartExecution",service="states"} 1`,
		`salamander_operations_total{code="",operation="GetCallerIdentity",service="sts"} 1`,
		"salamander_turns_total ", "salamander_store_commit_seconds_count ", "salamander_outbox_messages ", "salamander_disk_free_bytes ", "go_goroutines ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	res, err := http.Get("http://" + a.server.Ops + "/readyz")
	must(t, err)
	body, err := io.ReadAll(res.Body)
	must(t, err)
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("/readyz: got %s: %s", res.Status, body)
	}
	req, err := http.NewRequest("GET", "http://"+a.server.Ops+"/metrics", nil)
	must(t, err)
	req.Host = "evil.example"
	res, err = http.DefaultClient.Do(req)
	must(t, err)
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("with the host evil.example: got %s; want 403", res.Status)
	}
	res, err = http.Get("http://" + a.server.Ops + "/debug/pprof/")
	must(t, err)
	res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("profiles without --pprof: got %s; want 404", res.Status)
	}

	closed = true
	must(t, a.close())
	mu.Lock()
	defer mu.Unlock()
	all := strings.Join(sent, "\n")
	for _, want := range []string{"/v1/traces ", "traced", "aws.stepfunctions.execution.arn", "salamander"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in what the collector was sent: %q", want, all)
		}
	}
}
