package main

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"salamander/tpcds"
)

// testDemo is a demo at a small scale on a fresh directory, started and
// generated.
func testDemo(t *testing.T) (*demo, *bytes.Buffer) {
	t.Helper()
	if testing.Short() {
		t.Skip("short")
	}
	cfg := defaultConfig()
	cfg.Data = t.TempDir()
	cfg.AWSAddr, cfg.WarehouseAddr = "127.0.0.1:0", "127.0.0.1:0"
	log := slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := openApp(cfg, log, func(_, addr string) (net.Listener, error) { return net.Listen("tcp", addr) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.close() })
	if err := a.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	day := time.Date(2003, 1, 2, 0, 0, 0, 0, time.UTC)
	record, err := openRecord(cfg.Data, demoRecord{Scale: 0.002, Seed: 1, Date: "2003-01-02", Poll: 1, Sync: true})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	d := &demo{app: a, console: &console{out: &out, err: &out}, record: record,
		options: tpcds.Options{Seed: 1, Scale: 0.002, Dates: []time.Time{day}}}
	if err := d.prepare(t.Context()); err != nil {
		t.Fatalf("prepare: %v\n%s", err, &out)
	}
	return d, &out
}

type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// A missing file of the day fails the COPY, the job, the step and the
// execution; each level says why, and the tables are as they were.
func TestAMissingFileFailsEveryLevelAndChangesNothing(t *testing.T) {
	d, _ := testDemo(t)
	ctx := context.WithoutCancel(t.Context())
	key := tpcds.ExtractPrefix("customer_address", d.options.Dates[0]) + "part-000.gz"
	if err := do(ctx, d.app, "", "s3", "DeleteObject", document{"Bucket": demoBucket, "Key": key}); err != nil {
		t.Fatal(err)
	}
	before := tableSum(t, d, "customer_address")

	err := d.refresh(ctx, "missing-file", &d.record.First)
	if err == nil {
		t.Fatal("the refresh succeeded without its file")
	}
	text := err.Error()
	for _, want := range []string{
		"execution missing-file FAILED",
		"exit code 3",
		"Essential container in task exited",
		"The specified S3 prefix",
		"customer_address/loaddate=2003-01-02/",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the explanation lacks %q:\n%s", want, text)
		}
	}
	if after := tableSum(t, d, "customer_address"); after != before {
		t.Errorf("customer_address: got %s after the failure; want %s", after, before)
	}
}

func tableSum(t *testing.T, d *demo, table string) string {
	t.Helper()
	sums, err := d.checksums(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range sums {
		if strings.HasPrefix(line, table+" ") {
			return line
		}
	}
	t.Fatalf("no checksum of %s in %q", table, sums)
	return ""
}

// A wrong password is refused with PostgreSQL's words.
func TestAWrongWarehousePasswordIsRefused(t *testing.T) {
	d, _ := testDemo(t)
	wrong := d.app.warehouse
	wrong.password = "wrong"
	_, err := wrong.connect(t.Context())
	if err == nil || !strings.Contains(err.Error(), `password authentication failed for user "awsuser"`) {
		t.Errorf("got %v", err)
	}
}

// A job whose image is mapped to nothing fails and says what to do.
func TestAnUnknownImageFailsTheJobByName(t *testing.T) {
	d, _ := testDemo(t)
	ctx := t.Context()
	definition := d.jobDefinition()
	definition["jobDefinitionName"] = "unknown-image"
	definition["containerProperties"].(document)["image"] = "busybox:latest"
	if err := do(ctx, d.app, "", "batch", "RegisterJobDefinition", definition); err != nil {
		t.Fatal(err)
	}
	job, err := call[jobDetail](ctx, d.app, "", "batch", "SubmitJob", document{
		"jobName": "unknown", "jobQueue": d.stack.queue, "jobDefinition": "unknown-image"})
	if err != nil {
		t.Fatal(err)
	}
	ended, err := d.waitJob(ctx, job.JobID, nil)
	if err != nil {
		t.Fatal(err)
	}
	if text := d.failure(ctx, ended); ended.Status != "FAILED" || !strings.Contains(text, "CannotPullContainerError") || !strings.Contains(text, "busybox:latest") {
		t.Errorf("got %s: %s", ended.Status, text)
	}
}
