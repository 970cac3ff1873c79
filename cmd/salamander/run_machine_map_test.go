package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A distributed Map runs here too: its children side by side in virtual time,
// its items from a directory of buckets.
func TestRunDistributedMap(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	machine := func(fields string) string {
		return write("m.asl.json", `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"MaxConcurrency":2`+fields+`,"ItemProcessor":{
			"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"Next":"P"},
			"P":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f","Payload.$":"$"},"ResultPath":"$.r","End":true}}}}}}`)
	}
	mocks := write("mocks.json", `{"P":[{"Return":1},{"Return":2},{"Throw":{"Error":"E","Cause":"c"}}]}`)
	write("buckets/b/in.csv", "id\n7\n8\n9\n")
	const reader = `,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"},"Parameters":{"Bucket":"b","Key":"in.csv"}}`
	const writer = `,"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"out"},"WriterConfig":{"Transformation":"COMPACT","OutputType":"JSONL"}}`

	status, stdout, stderr := runCommand(t, "run", machine(reader+writer+`,"ToleratedFailureCount":1`), "--virtual-time", "--mock", mocks, "--objects", filepath.Join(dir, "buckets"), "-o", "json")
	var got struct {
		StartDate, StopDate time.Time
		Output              struct{ ResultWriterDetails struct{ Key string } }
	}
	if status != exitOK {
		t.Fatalf("got status %d, %s", status, stderr)
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if took := got.StopDate.Sub(got.StartDate); took != 2*time.Minute {
		t.Errorf("took %s; want 2m0s", took)
	}
	b, err := os.ReadFile(filepath.Join(dir, "buckets/out", strings.Replace(got.Output.ResultWriterDetails.Key, "manifest.json", "SUCCEEDED_0.jsonl", 1)))
	if want := `{"id":"7","r":1}` + "\n" + `{"id":"8","r":2}` + "\n"; err != nil || string(b) != want {
		t.Errorf("results: got %s, %v; want %s", b, err, want)
	}

	status, stdout, stderr = runCommand(t, "run", machine(`,"ToleratedFailurePercentage":50`), "--virtual-time", "--mock", mocks, "--input", `[{"a":1},{"a":2}]`, "-q")
	if want := `[{"a":1,"r":1},{"a":2,"r":2}]` + "\n"; status != exitOK || stdout != want {
		t.Errorf("got status %d, %s, %s; want %s", status, stdout, stderr, want)
	}
	status, _, stderr = runCommand(t, "run", machine(``), "--virtual-time", "--mock", mocks, "--input", `[{},{},{}]`, "-q")
	if status != exitFailed || !strings.Contains(stderr, "States.ExceedToleratedFailureThreshold") {
		t.Errorf("a failed child: got status %d, %s", status, stderr)
	}
	status, _, stderr = runCommand(t, "run", machine(reader), "--virtual-time", "--mock", mocks, "-q")
	if status != exitFailed || !strings.Contains(stderr, "--objects DIR") {
		t.Errorf("without --objects: got status %d, %s", status, stderr)
	}
	if status, _, stderr = runCommand(t, "run", machine(reader), "--mock", mocks, "--objects", filepath.Join(dir, "none")); status != exitUsage {
		t.Errorf("no such directory: got status %d, %s", status, stderr)
	}
}
