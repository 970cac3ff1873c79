package integration

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"salamander/asl"
	"salamander/engine"
	"salamander/operation"
)

// A told is what a task reported.
type told struct {
	started   int
	submitted []string
}

func (r *told) Started()                         { r.started++ }
func (r *told) Submitted(output json.RawMessage) { r.submitted = append(r.submitted, string(output)) }

func task(kind asl.TaskKind, resource, parameters string) engine.Task {
	t := engine.Task{ID: "11111111-2222-8333-8444-555555555555", Account: "000000000000", Region: "us-east-1", Role: "arn:aws:iam::000000000000:role/r"}
	t.Task = asl.Task{State: "S", Parameters: json.RawMessage(parameters), Integration: asl.Integration{Kind: kind, Resource: resource}}
	rest, pattern, _ := strings.Cut(resource, ".")
	parts := strings.Split(strings.TrimPrefix(strings.TrimPrefix(rest, "arn:aws:states:::"), "aws-sdk:"), ":")
	t.Integration.Pattern = asl.Pattern(pattern)
	if kind == asl.LambdaTask {
		t.Integration.Function = resource
	} else {
		t.Integration.Service, t.Integration.Action = parts[0], parts[1]
	}
	return t
}

func handle(r *operation.Registry, service, name string, f func(req *operation.Request) (string, error)) {
	r.Handle(operation.Spec{Service: service, Name: name}, func(_ context.Context, req *operation.Request) (*operation.Response, error) {
		out, err := f(req)
		if err != nil {
			return nil, err
		}
		return &operation.Response{Output: json.RawMessage(out)}, nil
	})
}

func wantError(t *testing.T, err error, name, cause string) {
	t.Helper()
	var failed *engine.TaskError
	if !errors.As(err, &failed) || failed.Name != name || failed.Cause != cause {
		t.Errorf("got %v; want %s: %s", err, name, cause)
	}
}

func members(t *testing.T, doc json.RawMessage) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(doc, &m); err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	return m
}

func TestFunctions(t *testing.T) {
	var reg operation.Registry
	handle(&reg, "lambda", "Invoke", func(req *operation.Request) (string, error) {
		var in struct {
			FunctionName string
			Qualifier    string
			Payload      []byte
		}
		if err := json.Unmarshal(req.Input, &in); err != nil {
			return "", err
		}
		if req.Caller.Invocation.ID != "11111111-2222-8333-8444-555555555555" || req.Caller.Principal != "arn:aws:iam::000000000000:role/r" {
			t.Errorf("caller: got %+v", req.Caller)
		}
		failed := ""
		switch {
		case strings.HasSuffix(in.FunctionName, "none"):
			return "", &operation.Error{Code: "ResourceNotFoundException", Message: "Function not found: x", Status: 404}
		case strings.HasSuffix(in.FunctionName, "bad"):
			failed, in.Payload = `"FunctionError":"Unhandled",`, []byte(`{"errorMessage": "oh", "errorType": "Oops"}`)
		case strings.HasPrefix(in.FunctionName, "echo") && in.Qualifier != map[string]string{"echo": "$LATEST"}[in.FunctionName]:
			t.Errorf("%s: got qualifier %q", in.FunctionName, in.Qualifier)
		}
		return `{` + failed + `"StatusCode":200,"ExecutedVersion":"$LATEST","Payload":"` + base64.StdEncoding.EncodeToString(in.Payload) + `"}`, nil
	})
	r := New(Options{Registry: &reg})
	const arn = "arn:aws:lambda:us-east-1:000000000000:function:"
	out, err := r.Run(t.Context(), task(asl.LambdaTask, arn+"echo", `{"z":1,"a":"<é>"}`), &told{})
	if err != nil || string(out) != `{"z":1,"a":"<é>"}` {
		t.Errorf("by ARN: got %s, %v", out, err)
	}
	out, err = r.Run(t.Context(), task(asl.ServiceTask, "arn:aws:states:::lambda:invoke", `{"FunctionName":"echo","Payload":{"z":1,"a":2}}`), &told{})
	if err != nil || !strings.Contains(string(out), `"Payload":{"z":1,"a":2}`) || members(t, out)["StatusCode"] != 200.0 {
		t.Errorf("lambda:invoke: got %s, %v", out, err)
	}
	_, err = r.Run(t.Context(), task(asl.LambdaTask, arn+"bad", `{}`), &told{})
	wantError(t, err, "Oops", `{"errorMessage": "oh", "errorType": "Oops"}`)
	_, err = r.Run(t.Context(), task(asl.ServiceTask, "arn:aws:states:::lambda:invoke", `{"FunctionName":"bad"}`), &told{})
	wantError(t, err, "Oops", `{"errorMessage":"oh","errorType":"Oops"}`)
	if _, err = r.Run(t.Context(), task(asl.ServiceTask, "arn:aws:states:::lambda:invoke", `{"FunctionName":"echo:prod"}`), &told{}); err != nil {
		t.Errorf("a qualified name: got %v", err)
	}
	_, err = r.Run(t.Context(), task(asl.ServiceTask, "arn:aws:states:::lambda:invoke", `{"FunctionName":"none"}`), &told{})
	wantError(t, err, "Lambda.ResourceNotFoundException", "Function not found: x (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: 11111111-2222-8333-8444-555555555555; Proxy: null)")
	report := &told{}
	_, err = r.Run(t.Context(), task(asl.ServiceTask, "arn:aws:states:::lambda:invoke.waitForTaskToken", `{"FunctionName":"echo"}`), report)
	if !errors.Is(err, engine.ErrAwaitToken) || len(report.submitted) != 1 {
		t.Errorf("waitForTaskToken: got %v, %v", err, report)
	}
}

func TestSubmitJobSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reg operation.Registry
		var submits, terminated atomic.Int64
		status := atomic.Value{}
		status.Store("RUNNING")
		handle(&reg, "batch", "SubmitJob", func(req *operation.Request) (string, error) {
			submits.Add(1)
			if want := `{"containerOverrides":{"environment":[{"name":"A","value":"1"},{"name":"MANAGED_BY_AWS","value":"STARTED_BY_STEP_FUNCTIONS"}]},"jobDefinition":"d","jobName":"n","jobQueue":"q"}`; string(req.Input) != want {
				t.Errorf("input: got %s; want %s", req.Input, want)
			}
			return `{"jobArn":"arn:j","jobId":"j","jobName":"n"}`, nil
		})
		handle(&reg, "batch", "DescribeJobs", func(*operation.Request) (string, error) {
			return `{"jobs":[{"jobArn":"arn:j","jobId":"j","jobName":"n","jobQueue":"q","status":"` + status.Load().(string) + `","startedAt":7}]}`, nil
		})
		handle(&reg, "batch", "TerminateJob", func(*operation.Request) (string, error) { terminated.Add(1); return `{}`, nil })
		r := New(Options{Registry: &reg})
		tk := task(asl.ServiceTask, "arn:aws:states:::batch:submitJob.sync",
			`{"JobName":"n","JobQueue":"q","JobDefinition":"d","ContainerOverrides":{"Environment":[{"Name":"A","Value":"1"}]}}`)
		run := func(tk engine.Task, report *told, end string, notify bool) (json.RawMessage, error) {
			status.Store("RUNNING")
			type result struct {
				out json.RawMessage
				err error
			}
			done := make(chan result, 1)
			go func() {
				out, err := r.Run(t.Context(), tk, report)
				done <- result{out, err}
			}()
			synctest.Wait()
			status.Store(end)
			if notify {
				r.Notify("arn:j")
				synctest.Wait()
				select {
				case got := <-done:
					return got.out, got.err
				default:
					t.Error("a notice does not end the wait")
				}
			}
			got := <-done
			return got.out, got.err
		}
		report := &told{}
		out, err := run(tk, report, "SUCCEEDED", true)
		if err != nil || members(t, out)["Status"] != "SUCCEEDED" || members(t, out)["StartedAt"] != 7.0 || len(report.submitted) != 1 {
			t.Errorf("succeeded: got %s, %v, %v", out, err, report)
		}
		// Run again after a crash: the job is waited for, not submitted.
		tk.Submitted = json.RawMessage(report.submitted[0])
		begin := time.Now()
		_, err = run(tk, &told{}, "FAILED", false)
		var failed *engine.TaskError
		if !errors.As(err, &failed) || failed.Name != "States.TaskFailed" || !strings.Contains(failed.Cause, `"Status":"FAILED"`) {
			t.Errorf("failed: got %v", err)
		}
		if waited := time.Since(begin); waited != 30*time.Second {
			t.Errorf("without a notice the end was seen after %v; want 30s", waited)
		}
		if submits.Load() != 1 {
			t.Errorf("submitted %d times", submits.Load())
		}
		if err := r.Cancel(t.Context(), tk); err != nil || terminated.Load() != 1 {
			t.Errorf("cancel: %v, %d terminated", err, terminated.Load())
		}
	})
}

func TestChildExecutions(t *testing.T) {
	var reg operation.Registry
	handle(&reg, "states", "StartExecution", func(req *operation.Request) (string, error) {
		if !strings.Contains(string(req.Input), `"input":"{\"a\":1}"`) {
			return "", operation.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist: 'x'")
		}
		return `{"executionArn":"arn:e","startDate":1.5}`, nil
	})
	handle(&reg, "states", "DescribeExecution", func(*operation.Request) (string, error) {
		return `{"executionArn":"arn:e","stateMachineArn":"arn:m","name":"e","status":"SUCCEEDED","startDate":1.5,"stopDate":2,"input":"{\"a\":1}","output":"[1]"}`, nil
	})
	r := New(Options{Registry: &reg})
	const parameters = `{"StateMachineArn":"arn:m","Input":{"a":1}}`
	for resource, want := range map[string]string{
		"arn:aws:states:::states:startExecution.sync":   `{"ExecutionArn":"arn:e","Input":"{\"a\":1}","InputDetails":{"Included":true},"Name":"e","Output":"[1]","OutputDetails":{"Included":true},"RedriveCount":0,"StartDate":1500,"StateMachineArn":"arn:m","Status":"SUCCEEDED","StopDate":2000}`,
		"arn:aws:states:::states:startExecution.sync:2": `{"ExecutionArn":"arn:e","Input":{"a":1},"InputDetails":{"Included":true},"Name":"e","Output":[1],"OutputDetails":{"Included":true},"RedriveCount":0,"StartDate":1500,"StateMachineArn":"arn:m","Status":"SUCCEEDED","StopDate":2000}`,
		"arn:aws:states:::aws-sdk:sfn:startExecution":   `{"ExecutionArn":"arn:e","StartDate":"1970-01-01T00:00:01.500Z"}`,
	} {
		kind := asl.ServiceTask
		if strings.Contains(resource, "aws-sdk") {
			kind = asl.SDKTask
		}
		out, err := r.Run(t.Context(), task(kind, resource, parameters), &told{})
		if err != nil || string(out) != want {
			t.Errorf("%s: got %s, %v; want %s", resource, out, err, want)
		}
	}
	_, err := r.Run(t.Context(), task(asl.ServiceTask, "arn:aws:states:::states:startExecution", `{"StateMachineArn":"arn:m"}`), &told{})
	wantError(t, err, "StepFunctions.StateMachineDoesNotExistException", "State Machine Does Not Exist: 'x' (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: 11111111-2222-8333-8444-555555555555; Proxy: null)")
	_, err = r.Run(t.Context(), task(asl.SDKTask, "arn:aws:states:::aws-sdk:sfn:startExecution", `{"StateMachineArn":"arn:m"}`), &told{})
	wantError(t, err, "Sfn.StateMachineDoesNotExistException", "State Machine Does Not Exist: 'x' (Service: Sfn, Status Code: 400, Request ID: 11111111-2222-8333-8444-555555555555) (SDK Attempt Count: 1)")
}

func TestWhatIsNotImplementedIsNoSuccess(t *testing.T) {
	var reg operation.Registry
	reg.Refuse("states", "TestState", "not yet")
	r := New(Options{Registry: &reg})
	for resource, kind := range map[string]asl.TaskKind{
		"arn:aws:states:::aws-sdk:sqs:sendMessage": asl.SDKTask, "arn:aws:states:::aws-sdk:sfn:testState": asl.SDKTask,
		"arn:aws:states:::glue:startJobRun.sync": asl.ServiceTask, "arn:aws:states:::sns:publish": asl.ServiceTask,
	} {
		_, err := r.Run(t.Context(), task(kind, resource, `{}`), &told{})
		wantError(t, err, "States.Runtime", "Salamander does not implement the resource "+resource+"; `salamander parity` lists what it does.")
	}
}

// AWS's SDK adds a CRC-32 to what it puts, and Metadata to what it gets.
func TestObjectsAreReadAndWrittenAsTheSDKDoes(t *testing.T) {
	var reg operation.Registry
	want := map[string]any{"Bucket": "b", "Key": "k", "ContentLength": 2.0, "ChecksumAlgorithm": "CRC32"}
	handle(&reg, "s3", "PutObject", func(req *operation.Request) (string, error) {
		if got := members(t, req.Input); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("input: got %v; want %v", got, want)
		}
		return `{"ETag":"\"e\""}`, nil
	})
	handle(&reg, "s3", "GetObject", func(*operation.Request) (string, error) { return `{"ETag":"\"e\""}`, nil })
	r := New(Options{Registry: &reg})
	put := func(parameters string) {
		t.Helper()
		if _, err := r.Run(t.Context(), task(asl.SDKTask, "arn:aws:states:::aws-sdk:s3:putObject", parameters), &told{}); err != nil {
			t.Error(err)
		}
	}
	put(`{"Bucket":"b","Key":"k","Body":"ab"}`)
	want["ChecksumAlgorithm"] = "SHA256"
	put(`{"Bucket":"b","Key":"k","Body":"ab","ChecksumAlgorithm":"SHA256"}`)
	out, err := r.Run(t.Context(), task(asl.SDKTask, "arn:aws:states:::aws-sdk:s3:getObject", `{"Bucket":"b","Key":"k"}`), &told{})
	if err != nil || !strings.Contains(string(out), `"Metadata":{}`) {
		t.Errorf("got %s, %v", out, err)
	}
}

func TestParametersWithoutShapesAreChecked(t *testing.T) {
	err := untabledFields("GetObject", map[string]json.RawMessage{"bucket": nil, "Key": nil})
	if want := `The field "Bucket" is required but was missing, The field "bucket" is not supported by Step Functions`; err == nil || err.Error() != want {
		t.Errorf("got %v; want %s", err, want)
	}
	for name, in := range map[string]map[string]json.RawMessage{"ListBuckets": {}, "ListObjectsV2": {"Bucket": nil}, "PutObject": {"Bucket": nil, "Key": nil, "Body": nil}} {
		if err := untabledFields(name, in); err != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
