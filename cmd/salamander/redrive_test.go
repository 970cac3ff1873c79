package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

const failing = `{"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"n":1},"Next":"B"},"B":{"Type":"Choice","Choices":[{"Variable":"$.ok","IsPresent":true,"Next":"C"}],"Default":"No"},
	"C":{"Type":"Pass","End":true},"No":{"Type":"Fail","Error":"NotOK"}}}`

func TestRedriveCommand(t *testing.T) {
	dir := t.TempDir()
	a := startUp(t, dir)
	t.Chdir(t.TempDir())
	role := "arn:aws:iam::000000000000:role/r"
	if err := do(t.Context(), a, "", "states", "CreateStateMachine", document{"name": "m", "definition": failing, "roleArn": role}); err != nil {
		t.Fatal(err)
	}
	type described struct {
		Status, Output, Error string
		RedriveCount          int
		Salamander            *struct{ Redrives []struct{ From string } }
	}
	arn := "arn:aws:states:us-east-1:000000000000:execution:m:x"
	ended := func() described {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			out, err := call[described](t.Context(), a, "", "states", "DescribeExecution", document{"executionArn": arn})
			if err != nil || time.Now().After(deadline) {
				t.Fatal(err)
			}
			if out.Status != "RUNNING" {
				return *out
			}
		}
	}
	if err := do(t.Context(), a, "", "states", "StartExecution", document{"name": "x", "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:m"}); err != nil {
		t.Fatal(err)
	}
	if out := ended(); out.Status != "FAILED" {
		t.Fatalf("got %+v", out)
	}
	write(t, "ok.json", `{"ok": 1}`)
	write(t, "bad.json", `{`)
	write(t, "bad.asl.json", strings.Replace(failing, `"Next":"B"`, `"Next":"X"`, 1))
	write(t, "open.asl.json", strings.Replace(failing, "NotOK", "${Name}", 1))
	fails := func(status int, want string, args ...string) {
		t.Helper()
		got, _, stderr := runCommand(t, append([]string{"redrive", "--data", dir}, args...)...)
		if got != status || !strings.Contains(stderr, want) {
			t.Errorf("%q: got status %d, %q; want %d, %q", args, got, stderr, status, want)
		}
	}
	fails(exitUsage, "needs one argument, ARN")
	fails(exitFailed, "ExecutionDoesNotExist", arn+"y")
	fails(exitFailed, `ValidationException: the definition has no state "Bb" (did you mean "B"?)`, arn, "--from", "Bb", "--input", "ok.json")
	fails(exitFailed, `ValidationException: the execution has never entered "C": give it an input`, arn, "--from", "C", "--dry-run")
	fails(exitInvalid, "--input: bad.json is not JSON", arn, "--input", "bad.json")
	fails(exitUsage, `--output-of: got "B"; need STATE=FILE`, arn, "--output-of", "B")
	fails(exitUsage, `- is there twice`, arn, "--output-of", "A=-", "--input", "-")
	fails(exitInvalid, "Missing 'Next' target: X", arn, "--definition", "bad.asl.json")
	fails(exitUsage, "${Name} has no value: give --substitute Name=VALUE", arn, "--definition", "open.asl.json")
	fails(exitUsage, "--substitute: need --definition", arn, "--substitute", "A=b")

	status, out, stderr := runCommand(t, "redrive", "--data", dir, arn, "--from", "B", "--input", "ok.json", "--dry-run")
	want := arn + "\n  would be redriven, number 1, after 7 events:\n" +
		"  B (Choice) is entered again, with the input {\"ok\":1}\n    then can follow: C, No\n  ends at once: SUCCEEDED {\"ok\":1}\nIt can be redriven until "
	if status != 0 || !strings.HasPrefix(out, want) || !strings.HasSuffix(out, ". Nothing was changed.\n") {
		t.Errorf("dry run: got status %d, %s%s\nwant %s", status, out, stderr, want)
	}
	// How it would fail is told with the cause.
	write(t, "query.asl.json", strings.Replace(failing, `"Type":"Choice"`, `"Type":"Choice","InputPath":"$.none"`, 1))
	args := []string{"redrive", "--data", dir, arn, "--definition", "query.asl.json", "--from", "B", "--input", "ok.json", "--dry-run"}
	const cause = "Invalid path '$.none'"
	if status, out, stderr = runCommand(t, args...); status != 0 || !strings.Contains(out, "  ends at once: FAILED States.Runtime\n    because: ") || !strings.Contains(out, cause) {
		t.Errorf("dry run that fails: got status %d, %s%s", status, out, stderr)
	}
	if status, out, stderr = runCommand(t, append(args, "-o", "json")...); status != 0 || !strings.Contains(out, `"cause":"`) || !strings.Contains(out, cause) {
		t.Errorf("dry run that fails: got status %d, %s%s", status, out, stderr)
	}
	if out := ended(); out.Status != "FAILED" || out.RedriveCount != 0 {
		t.Errorf("the dry run changed the execution: %+v", out)
	}
	if status, out, stderr = runCommand(t, "redrive", "--data", dir, arn, "--from", "B", "--input", "ok.json", "-o", "json"); status != 0 {
		t.Fatalf("got status %d, %s", status, stderr)
	}
	var done struct{ RedriveDate float64 }
	if err := json.Unmarshal([]byte(out), &done); err != nil || done.RedriveDate == 0 {
		t.Errorf("got %s, %v", out, err)
	}
	if out := ended(); out.Status != "SUCCEEDED" || out.Output != `{"ok":1}` || out.RedriveCount != 1 || out.Salamander == nil || out.Salamander.Redrives[0].From != "B" {
		t.Errorf("redriven: got %+v", out)
	}
	fails(exitFailed, "ExecutionNotRedrivable: Execution is SUCCEEDED and cannot be redriven", arn)
	a.close()
	fails(exitNotRunning, "no server runs on", arn)
}

// Of a distributed Map the dry run counts the children that run again.
func TestDryRunOfAMapRun(t *testing.T) {
	a := startUp(t, t.TempDir())
	must(t, do(t.Context(), a, "", "states", "CreateStateMachine", document{"name": "m", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,
		"ToleratedFailureCount":1,"MaxConcurrency":1,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"A","States":{
		"A":{"Type":"Choice","Choices":[{"Variable":"$","NumericGreaterThan":2,"Next":"F"}],"Default":"S"},"S":{"Type":"Succeed"},"F":{"Type":"Fail"}}}}}}`}))
	must(t, do(t.Context(), a, "", "states", "StartExecution", document{"name": "x", "stateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:m", "input": "[1,2,3,4,5]"}))
	arn := "arn:aws:states:us-east-1:000000000000:execution:m:x"
	want := "\n  the map run of M goes on: 3 of its children run again, 2 are kept\n"
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		status, out, stderr := runCommand(t, "redrive", "--data", a.config.Data, arn, "--dry-run")
		if status == 0 && strings.Contains(out, want) {
			return
		}
		if status == 0 || time.Now().After(deadline) {
			t.Fatalf("got status %d, %s%s; want %s", status, out, stderr, want)
		}
	}
}
