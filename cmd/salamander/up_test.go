package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// startUp opens and starts a stack on free ports.
func startUp(t *testing.T, dir string) *app {
	t.Helper()
	cfg := defaultConfig()
	cfg.Data, cfg.Auth = dir, "dev"
	cfg.AWSAddr, cfg.WarehouseAddr = "127.0.0.1:0", "127.0.0.1:0"
	a, err := openApp(cfg, slog.New(slog.DiscardHandler), listen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.close() })
	if err := a.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestABusyPortIsNamed(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	t.Chdir(t.TempDir())
	status, _, stderr := runCommand(t, "up", "--data", t.TempDir(), "--aws-addr", ln.Addr().String())
	want := "salamander: --aws-addr: " + ln.Addr().String() + " is in use by another program: stop it, or choose another address\n"
	if status != exitFailed || stderr != want {
		t.Errorf("got status %d, %q; want %d, %q", status, stderr, exitFailed, want)
	}
}

// A server that was killed holds its ports a little longer than its lock.
func TestAPortThatIsBusyForAMomentIsAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := ln.Addr().String()
		start := time.Now()
		if _, err := listen("ops-addr", addr); err == nil || time.Since(start) != lingers {
			t.Errorf("got %v after %s; want an error after %s", err, time.Since(start), lingers)
		}
		time.AfterFunc(lingers/2, func() { ln.Close() })
		again, err := listen("ops-addr", addr)
		if err != nil {
			t.Fatal(err)
		}
		again.Close()
	})
}

func TestASecondServerOnADirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	startUp(t, dir)
	t.Chdir(t.TempDir())
	status, _, stderr := runCommand(t, "up", "--data", dir, "--aws-addr", "127.0.0.1:0", "--warehouse-addr", "127.0.0.1:0")
	if status != exitFailed || !strings.Contains(stderr, "is in use by process") {
		t.Errorf("got status %d, %q", status, stderr)
	}
}

func TestEnvPrintsTheAddressesOfTheServer(t *testing.T) {
	dir := t.TempDir()
	a := startUp(t, dir)
	t.Chdir(t.TempDir())
	status, out, stderr := runCommand(t, "env", "--data", dir)
	if status != 0 {
		t.Fatalf("got status %d, %s", status, stderr)
	}
	for _, want := range []string{
		"export AWS_ENDPOINT_URL=http://" + a.server.AWS + "\n", "export AWS_REGION=us-east-1\n", "export AWS_ACCESS_KEY_ID=AKIA",
		"export AWS_SECRET_ACCESS_KEY=", "export AWS_DISABLE_HOST_PREFIX_INJECTION=true\n",
		"export PGHOST=127.0.0.1\n", "export PGUSER=awsuser\n", "export PGDATABASE=dev\n", "export PGPASSWORD=" + a.warehouse.password + "\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("env lacks %q:\n%s", want, out)
		}
	}
	if status, out, stderr := runCommand(t, "ready", "--data", dir, "--wait", "20s"); status != 0 || out != "ok      store\nok      commits\nok      recovery\nok      warehouse\n" {
		t.Errorf("ready: got status %d, %q, %s", status, out, stderr)
	}
	a.close()
	if status, _, _ := runCommand(t, "ready", "--data", dir); status != exitNotRunning {
		t.Errorf("ready after the end: got status %d; want %d", status, exitNotRunning)
	}
	if status, _, _ := runCommand(t, "env", "--data", dir); status != exitNotRunning {
		t.Errorf("after the end: got status %d; want %d", status, exitNotRunning)
	}
}

// Requests that are not signed, or come from a web page, do nothing.
func TestTheAWSPortIsDefended(t *testing.T) {
	a := startUp(t, t.TempDir())
	post := func(header map[string]string, host string) (int, string) {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+a.server.AWS+"/", bytes.NewReader([]byte("{}")))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-amz-json-1.0")
		req.Header.Set("X-Amz-Target", "AWSStepFunctions.ListStateMachines")
		for k, v := range header {
			req.Header.Set(k, v)
		}
		if host != "" {
			req.Host = host
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body)
	}
	for name, tt := range map[string]struct {
		header map[string]string
		host   string
	}{
		"unsigned":     {},
		"other origin": {header: map[string]string{"Origin": "https://example.com"}},
		"cross site":   {header: map[string]string{"Sec-Fetch-Site": "cross-site"}},
		"other host":   {host: "example.com"},
	} {
		if status, body := post(tt.header, tt.host); status < 400 || status >= 500 {
			t.Errorf("%s: got %d %s; want a refusal", name, status, body)
		}
	}
}
