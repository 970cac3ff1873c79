package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"salamander/api/sigv4"
)

// startWith is startUp with a salamander.yaml.
func startWith(t *testing.T, dir, yaml string) *app {
	t.Helper()
	cfg := defaultConfig()
	file := filepath.Join(t.TempDir(), "salamander.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := cfg.loadFile(file); err != nil {
		t.Fatal(err)
	}
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

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// putObject puts an empty object over the port, as a client does.
func putObject(t *testing.T, a *app, bucket, key string) {
	t.Helper()
	c, err := dial(t.Context(), a.config)
	must(t, err)
	if _, err := c.send(t.Context(), "s3", http.MethodPut, objectPath(bucket, key), "", []byte("x")); err != nil {
		t.Fatalf("put %s: %v", key, err)
	}
}

// messages takes messages from a queue until there are n.
func messages(t *testing.T, a *app, queue string, n int) []string {
	t.Helper()
	var all []string
	for deadline := time.Now().Add(30 * time.Second); len(all) < n; {
		if time.Now().After(deadline) {
			t.Fatalf("queue %s: got %d messages; want %d: %q", queue, len(all), n, all)
		}
		out, err := call[struct {
			Messages []struct{ Body, ReceiptHandle string }
		}](t.Context(), a, "", "sqs", "ReceiveMessage", document{"QueueUrl": a.endpoint() + "/" + defaultAccount + "/" + queue,
			"MaxNumberOfMessages": 10, "WaitTimeSeconds": 1})
		must(t, err)
		for _, m := range out.Messages {
			all = append(all, m.Body)
			must(t, do(t.Context(), a, "", "sqs", "DeleteMessage", document{"QueueUrl": a.endpoint() + "/" + defaultAccount + "/" + queue, "ReceiptHandle": m.ReceiptHandle}))
		}
	}
	return all
}

const passMachine = `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`

// Files arrive, a machine starts, a rule tells a queue of all of it, and a
// backfill runs what is missing.
func TestFilesStartAMachine(t *testing.T) {
	a := startWith(t, t.TempDir(), `
triggers:
  daily:
    bucket: landing
    keys: ["sales/{date}/part-*.csv", "items/{date}.csv"]
    success: sales/{date}/_SUCCESS
    start: refresh
    input: {run_date: "{date}"}
`)
	ctx := t.Context()
	must(t, do(ctx, a, "", "states", "CreateStateMachine", document{"name": "refresh", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": passMachine}))
	for _, q := range []string{"events", "objects"} {
		must(t, do(ctx, a, "", "sqs", "CreateQueue", document{"QueueName": q}))
	}
	must(t, do(ctx, a, "", "s3", "CreateBucket", document{"Bucket": "landing"}))
	must(t, do(ctx, a, "", "s3", "PutBucketNotificationConfiguration", document{"Bucket": "landing", "NotificationConfiguration": document{
		"EventBridgeConfiguration": document{}, "QueueConfigurations": []document{{"QueueArn": "arn:aws:sqs:us-east-1:000000000000:objects",
			"Events": []string{"s3:ObjectCreated:*"}, "Filter": document{"Key": document{"FilterRules": []document{{"Name": "suffix", "Value": ".csv"}}}}}}}}))
	must(t, do(ctx, a, "", "events", "PutRule", document{"Name": "r", "EventPattern": `{"source":["aws.s3","aws.states"]}`}))
	must(t, do(ctx, a, "", "events", "PutTargets", document{"Rule": "r", "Targets": []document{{"Id": "1", "Arn": "arn:aws:sqs:us-east-1:000000000000:events"}}}))

	for _, key := range []string{"sales/2026-01-01/part-0.csv", "sales/2026-01-01/_SUCCESS"} {
		putObject(t, a, "landing", key)
	}
	t.Chdir(t.TempDir())
	messages(t, a, "events", 2)
	status, out, stderr := runCommand(t, "triggers", "--data", a.config.Data)
	if status != 0 || !strings.Contains(out, "2026-01-01  2 of 3; missing: items/2026-01-01.csv") {
		t.Errorf("triggers: got %d, %s%s", status, out, stderr)
	}
	putObject(t, a, "landing", "items/2026-01-01.csv")
	var kinds []string
	for _, m := range messages(t, a, "events", 3) { // the object, RUNNING, SUCCEEDED
		var e struct {
			Kind   string `json:"detail-type"`
			Detail struct{ Name, Status, Input, Output string }
		}
		must(t, json.Unmarshal([]byte(m), &e))
		kinds = append(kinds, e.Kind+" "+e.Detail.Status)
		if e.Detail.Status == "SUCCEEDED" && (e.Detail.Name != "daily-2026-01-01" || e.Detail.Output != `{"run_date":"2026-01-01"}`) {
			t.Errorf("event: got %s", m)
		}
	}
	for _, want := range []string{"Object Created ", "Step Functions Execution Status Change RUNNING", "Step Functions Execution Status Change SUCCEEDED"} {
		if !strings.Contains(strings.Join(kinds, ","), want) {
			t.Errorf("events: got %q; want %q among them", kinds, want)
		}
	}
	for _, m := range messages(t, a, "objects", 2) {
		if !strings.Contains(m, `"eventName":"ObjectCreated:Put"`) || !strings.Contains(m, `.csv"`) {
			t.Errorf("notification: got %s", m)
		}
	}

	args := []string{"backfill", "refresh", "--data", a.config.Data, "--from", "2025-12-31", "--to", "2026-01-02", "--input", `{"run_date":"{date}"}`, "--only-missing"}
	status, out, stderr = runCommand(t, append(args, "--dry-run")...)
	if status != 0 || !strings.HasPrefix(out, "2 dates to run, 1 left out\n2025-12-31  would run") {
		t.Errorf("dry run: got %d, %s%s", status, out, stderr)
	}
	if status, out, stderr = runCommand(t, append(args, "--order", "newest", "--max", "1")...); status != 0 || !strings.Contains(out, "2 succeeded, 0 already had, 0 failed") {
		t.Errorf("backfill: got %d, %s%s", status, out, stderr)
	}
	if first, _, _ := strings.Cut(out[strings.Index(out, "[1/2]"):], "\n"); !strings.Contains(first, "2026-01-02") {
		t.Errorf("newest first: got %s", out)
	}
	if status, out, _ = runCommand(t, args[:len(args)-1]...); status != 0 || !strings.Contains(out, "2025-12-31  succeeded already") {
		t.Errorf("again: got %d, %s", status, out)
	}
	must(t, do(ctx, a, "", "states", "CreateStateMachine", document{"name": "broken", "roleArn": "arn:aws:iam::000000000000:role/r",
		"definition": `{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"Bad","Cause":"it broke"}}}`}))
	for try := range 2 {
		status, out, _ = runCommand(t, "backfill", "broken", "--data", a.config.Data, "--from", "2026-01-01", "--to", "2026-01-01")
		if status != exitFailed || !strings.Contains(out, "Bad: it broke") {
			t.Errorf("try %d: got %d, %s", try, status, out)
		}
	}
	if status, _, stderr = runCommand(t, "backfill", "none", "--data", a.config.Data, "--from", "2026-01-01", "--to", "2026-01-01"); status != exitFailed || !strings.Contains(stderr, "StateMachineDoesNotExist") {
		t.Errorf("no machine: got %d, %s", status, stderr)
	}
}

func TestSchedulesNextNeedsNoServer(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := time.LoadLocation("Europe/Berlin"); err != nil {
		t.Skip("no time zones here")
	}
	status, out, stderr := runCommand(t, "schedules", "next", "cron(30 2 * * ? *)", "--timezone", "Europe/Berlin", "--from", "2026-03-27T12:00", "-n", "2")
	if want := "Sat 2026-03-28 02:30:00 +01:00\nMon 2026-03-30 02:30:00 +02:00\n"; status != 0 || out != want {
		t.Errorf("got %d, %q%s; want %q", status, out, stderr, want)
	}
	if status, _, stderr = runCommand(t, "schedules", "next", "cron(0 0 * * * *)"); status != exitInvalid || !strings.Contains(stderr, "must be ?") {
		t.Errorf("bad expression: got %d, %s", status, stderr)
	}
	if status, _, _ = runCommand(t, "schedules", "next", "at(2000-01-01T00:00:00)"); status != exitFailed {
		t.Errorf("past: got %d", status)
	}
}

func TestSchedulesNextNamesRulesWithoutTargets(t *testing.T) {
	a := startUp(t, t.TempDir())
	for name, state := range map[string]string{"idle": "ENABLED", "off": "DISABLED"} {
		must(t, do(t.Context(), a, "", "events", "PutRule", document{"Name": name, "ScheduleExpression": "rate(1 day)", "State": state}))
	}
	status, out, stderr := runCommand(t, "schedules", "next", "--data", a.config.Data)
	want := "rule/idle  rate(1 day)  enabled, but has no targets: calls nothing\nrule/off   rate(1 day)  disabled\n"
	if status != 0 || out != want {
		t.Errorf("got %d, %q%s; want %q", status, out, stderr, want)
	}
}

func TestBadTriggersAreNamed(t *testing.T) {
	cfg := defaultConfig()
	cfg.Triggers = map[string]triggerConfig{"daily": {Bucket: "b", Keys: []string{"x.csv"}, Start: "m", Deadline: "6am", Weekdays: []string{"Mo"}}}
	_, err := cfg.eventTriggers()
	for _, want := range []string{"triggers: daily", `the pattern "x.csv" has no {date}`, `deadline: got "6am"`, `weekdays: got "Mo"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %s", err, want)
		}
	}
	cfg.Schedules = map[string]policyConfig{"nightly": {CatchUp: "never"}}
	if _, err := cfg.eventPolicies(); err == nil || !strings.Contains(err.Error(), "need rule/NAME") || !strings.Contains(err.Error(), `got "never"`) {
		t.Errorf("got %v", err)
	}
}

// The program's own port asks for a signature as all others do.
func TestOwnRequestsAreSigned(t *testing.T) {
	a := startUp(t, t.TempDir())
	c := &serverClient{a.endpoint(), "us-east-1", sigv4.Credentials{AccessKey: "test", Secret: "wrong"}}
	if err := c.post(t.Context(), triggersPath, struct{}{}, nil); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("got %v; want a refusal", err)
	}
}
