package stack_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"salamander/operation"
	"salamander/stack"
)

// A body is the answer of GetObject.
type body struct {
	reader io.ReadCloser
}

func (b *body) GiveBody() io.ReadCloser { return b.reader }

// withObjects adds objects of S3 to a registry.
func withObjects(r *operation.Registry, objects map[string]string) {
	type input struct{ Bucket, Key string }
	operation.Register(r, operation.Spec{Service: "s3", Name: "GetObject"}, func(_ context.Context, in *input) (*body, error) {
		text, ok := objects[in.Bucket+"/"+in.Key]
		if !ok {
			return nil, operation.Errorf("NoSuchKey", "The specified key does not exist.")
		}
		return &body{io.NopCloser(strings.NewReader(text))}, nil
	})
}

// withFunction adds a function to a registry.
func withFunction(r *operation.Registry, f func(event map[string]any) error) {
	type input struct {
		FunctionName, InvocationType string
		Payload                      []byte
	}
	type output struct {
		StatusCode    int
		FunctionError string `json:",omitempty"`
		Payload       []byte
	}
	operation.Register(r, operation.Spec{Service: "lambda", Name: "Invoke", Mutates: true}, func(_ context.Context, in *input) (*output, error) {
		var event map[string]any
		if err := json.Unmarshal(in.Payload, &event); err != nil {
			return nil, err
		}
		if err := f(event); err != nil {
			return &output{StatusCode: 200, FunctionError: "Unhandled", Payload: []byte(base64.StdEncoding.EncodeToString([]byte(err.Error())))}, nil
		}
		return &output{StatusCode: 200, Payload: []byte("null")}, nil
	})
}

func TestNestedStacks(t *testing.T) {
	w := newWorld()
	const child = "Parameters:\n  Days: {Type: Number}\nResources:\n  G:\n    Type: AWS::Logs::LogGroup\n    Properties: {RetentionInDays: !Ref Days}\nOutputs:\n  Name: {Value: !Ref G}\n"
	objects := map[string]string{"b/child.yaml": child}
	h := openWith(t, t.TempDir(), w, func(r *operation.Registry) { withObjects(r, objects) })
	defer h.close()
	parent := func(days string) string {
		return `
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: 'https://b.s3.amazonaws.com/child.yaml', Parameters: {Days: ` + days + `}}
  Own:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Sub 'own-${Child.Outputs.Name}'}
`
	}
	st := settle(t, h, create(t, h, parent("7")).ID, stack.CreateComplete)
	if got := w.state(); !strings.Contains(got, "own-s-Child") || !strings.Contains(got, "=7") {
		t.Errorf("got %s", got)
	}
	if _, err := h.Update(t.Context(), request("s", parent("14"))); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.UpdateComplete)
	if got := w.state(); !strings.Contains(got, "=14") {
		t.Errorf("updated: got %s", got)
	}
	if _, err := h.Update(t.Context(), request("s", parent("8"))); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.UpdateRollbackComplete)
	if got := w.state(); !strings.Contains(got, "=14") {
		t.Errorf("rolled back: got %s\n%s", got, events(t, h, st.ID))
	}
	if _, err := h.Delete(t.Context(), request("s", "")); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.DeleteComplete)
	if got := w.state(); got != "" {
		t.Errorf("%s is left", got)
	}
	if all, err := h.Stacks.Stacks(t.Context(), scope(), false); err != nil || len(all) > 0 {
		t.Errorf("stacks: got %v, %v; want none", all, err)
	}
}

func TestCustomResources(t *testing.T) {
	w := newWorld()
	var h host
	var asked []string
	fails := ""
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { h.Handler().ServeHTTP(rw, r) }))
	defer server.Close()
	answer := func(event map[string]any) error {
		kind := event["RequestType"].(string)
		props := event["ResourceProperties"].(map[string]any)
		asked = append(asked, fmt.Sprintf("%s %v", kind, props["N"]))
		if props["N"] == "13" {
			return fmt.Errorf("out of luck")
		}
		out := map[string]any{"Status": "SUCCESS", "PhysicalResourceId": "p-1", "Data": map[string]any{"Twice": props["N"].(string) + props["N"].(string)}}
		if kind == fails {
			out = map[string]any{"Status": "FAILED", "Reason": "no " + kind}
		}
		text, err := json.Marshal(out)
		if err != nil {
			return err
		}
		req, err := http.NewRequest(http.MethodPut, event["ResponseURL"].(string), strings.NewReader(string(text)))
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	h = openAt(t, t.TempDir(), w, server.URL, func(r *operation.Registry) { withFunction(r, answer) })
	defer h.close()
	text := func(n string) string {
		return "Resources:\n  C:\n    Type: Custom::Twice\n    Properties: {ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:f', N: " + n + "}\nOutputs:\n  O: {Value: !GetAtt C.Twice}\n"
	}
	st := settle(t, h, create(t, h, text("3")).ID, stack.CreateComplete)
	if st.Outputs[0].Value != "33" {
		t.Errorf("output: got %v", st.Outputs)
	}
	if _, err := h.Update(t.Context(), request("s", text("4"))); err != nil {
		t.Fatal(err)
	}
	if st = settle(t, h, st.ID, stack.UpdateComplete); st.Outputs[0].Value != "44" {
		t.Errorf("output: got %v", st.Outputs)
	}
	fails = "Update"
	if _, err := h.Update(t.Context(), request("s", text("5"))); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.UpdateRollbackFailed) // it cannot be brought back either
	fails = ""
	if _, err := h.ContinueRollback(t.Context(), scope(), "s", nil); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.UpdateRollbackComplete)
	if _, err := h.Delete(t.Context(), request("s", "")); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.DeleteComplete)
	if got, want := strings.Join(asked, ", "), "Create 3, Update 4, Update 5, Update 4, Update 4, Delete 4"; got != want {
		t.Errorf("asked: got %s; want %s", got, want)
	}
	// A function that fails without an answer fails the resource.
	st = settle(t, h, create(t, h, text("13")).ID, stack.RollbackComplete)
	if text := events(t, h, st.ID); !strings.Contains(text, "C CREATE_FAILED") || !strings.Contains(text, "failed without an answer") {
		t.Errorf("events:\n%s", text)
	}
}

func TestWaitConditions(t *testing.T) {
	w := newWorld()
	var h host
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { h.Handler().ServeHTTP(rw, r) }))
	defer server.Close()
	h = openAt(t, t.TempDir(), w, server.URL, nil)
	defer h.close()
	text := func(seconds string) string {
		return "Resources:\n  H: {Type: AWS::CloudFormation::WaitConditionHandle}\n  W:\n    Type: AWS::CloudFormation::WaitCondition\n    Properties: {Handle: !Ref H, Count: 2, Timeout: " + seconds + "}\nOutputs:\n  D: {Value: !GetAtt W.Data}\n"
	}
	st := create(t, h, text("60"))
	handle := ""
	for handle == "" {
		resources, err := h.Resources(t.Context(), st.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range resources {
			if r.Logical == "H" {
				handle = r.Physical
			}
		}
	}
	for _, id := range []string{"a", "a", "b"} {
		req, err := http.NewRequest(http.MethodPut, handle, strings.NewReader(`{"Status":"SUCCESS","UniqueId":"`+id+`","Reason":"r","Data":"d-`+id+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("signal: %v, %v", resp, err)
		}
		resp.Body.Close()
	}
	if st = settle(t, h, st.ID, stack.CreateComplete); st.Outputs[0].Value != `{"a":"d-a","b":"d-b"}` {
		t.Errorf("output: got %v", st.Outputs)
	}
	late, err := h.Create(t.Context(), request("late", text("0")))
	if err != nil {
		t.Fatal(err)
	}
	settle(t, h, late.ID, stack.RollbackComplete)
	if text := events(t, h, late.ID); !strings.Contains(text, "WaitCondition timed out. Received 0 conditions when expecting 2") {
		t.Errorf("events:\n%s", text)
	}
	resp, err := http.Post(server.URL+stack.SignalPath+"x", "", nil)
	if err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %v, %v", resp, err)
	}
	resp.Body.Close()
}

// A wait is given up when something else fails.
func TestAWaitIsCancelled(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	const text = `
Resources:
  H: {Type: AWS::CloudFormation::WaitConditionHandle}
  W: {Type: AWS::CloudFormation::WaitCondition, Properties: {Handle: !Ref H, Timeout: 3600}}
  G: {Type: AWS::Logs::LogGroup, DependsOn: H, Properties: {RetentionInDays: 8}}
`
	st := settle(t, h, create(t, h, text).ID, stack.RollbackComplete)
	if text := events(t, h, st.ID); !strings.Contains(text, "W CREATE_FAILED Resource creation cancelled") {
		t.Errorf("events:\n%s", text)
	}
}

func TestCancelUpdate(t *testing.T) {
	w := newWorld()
	h := open(t, t.TempDir(), w)
	defer h.close()
	const before = "Resources:\n  G: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 7}}\n"
	const after = `
Resources:
  G: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 14}}
  H: {Type: AWS::CloudFormation::WaitConditionHandle}
  W: {Type: AWS::CloudFormation::WaitCondition, DependsOn: G, Properties: {Handle: !Ref H, Timeout: 3600}}
`
	st := settle(t, h, create(t, h, before).ID, stack.CreateComplete)
	if _, err := h.Update(t.Context(), request("s", after)); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(events(t, h, st.ID), "W CREATE_IN_PROGRESS") {
	}
	if err := h.Cancel(t.Context(), scope(), "s"); err != nil {
		t.Fatal(err)
	}
	settle(t, h, st.ID, stack.UpdateRollbackComplete)
	if got, want := w.state(), "s-G=7"; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	if text := events(t, h, st.ID); !strings.Contains(text, "s UPDATE_ROLLBACK_IN_PROGRESS User Initiated") {
		t.Errorf("events:\n%s", text)
	}
}
