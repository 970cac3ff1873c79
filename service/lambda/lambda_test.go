package lambda

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"

	"salamander/function"
	"salamander/operation"
	"salamander/store"
)

type bench struct {
	*testing.T
	registry *operation.Registry
	caller   operation.Caller
}

func newBench(t *testing.T) *bench {
	t.Helper()
	db, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	f, err := function.New(t.Context(), store.NewFunctions(db), function.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	r := &operation.Registry{}
	Register(r, New(f, r))
	return &bench{t, r, operation.Caller{Account: "000000000000", Region: "us-east-1", Principal: "arn:aws:iam::000000000000:root"}}
}

type object = map[string]any

func (b *bench) call(op string, in object) (object, error) {
	b.Helper()
	doc, err := json.Marshal(in)
	if err != nil {
		b.Fatal(err)
	}
	resp, err := b.registry.Call(b.Context(), "lambda", op, &operation.Request{Caller: b.caller, Input: doc})
	if err != nil {
		return nil, err
	}
	var out object
	if err := json.Unmarshal(resp.Output, &out); err != nil {
		b.Fatal(err)
	}
	return out, nil
}

func (b *bench) must(op string, in object) object {
	b.Helper()
	out, err := b.call(op, in)
	if err != nil {
		b.Fatalf("%s: %v", op, err)
	}
	return out
}

func (b *bench) wantError(op string, in object, code, message string) {
	b.Helper()
	out, err := b.call(op, in)
	if err == nil {
		b.Errorf("%s: got %v; want %s", op, out, code)
		return
	}
	if e := operation.AsError(err); e.Code != code || !strings.Contains(e.Message, message) {
		b.Errorf("%s: got %v; want %s: %s", op, err, code, message)
	}
}

func zipped(t *testing.T, name, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, text)
	z.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func echo(t *testing.T) object {
	return object{"FunctionName": "echo", "Runtime": "python3.12", "Handler": "index.handler", "Role": "arn:aws:iam::000000000000:role/r",
		"Code": object{"ZipFile": zipped(t, "index.py", "def handler(event, context):\n    print('here')\n    return {'got': event, 'by': 1 / event['n']}\n")}}
}

func TestFunctionLife(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3 on this machine")
	}
	b := newBench(t)
	const arn = "arn:aws:lambda:us-east-1:000000000000:function:echo"
	out := b.must("CreateFunction", echo(t))
	if out["FunctionArn"] != arn || out["State"] != "Active" || out["Timeout"] != 3.0 || out["Version"] != "$LATEST" || !strings.HasSuffix(out["LastModified"].(string), "+0000") {
		t.Errorf("created: %v", out)
	}
	b.wantError("CreateFunction", echo(t), "ResourceConflictException", "Function already exist: echo")

	for _, name := range []string{"echo", arn, "000000000000:function:echo", arn + ":$LATEST"} {
		out = b.must("Invoke", object{"FunctionName": name, "Payload": []byte(`{"n":1}`), "LogType": "Tail"})
		payload, _ := base64.StdEncoding.DecodeString(out["Payload"].(string))
		log, _ := base64.StdEncoding.DecodeString(out["LogResult"].(string))
		if out["StatusCode"] != 200.0 || out["FunctionError"] != nil || string(payload) != `{"got": {"n": 1}, "by": 1.0}` || !strings.Contains(string(log), "here\nEND") {
			t.Errorf("invoked as %s: %v %s %s", name, out, payload, log)
		}
	}
	out = b.must("Invoke", object{"FunctionName": "echo", "Payload": []byte(`{"n":0}`)})
	payload, _ := base64.StdEncoding.DecodeString(out["Payload"].(string))
	if out["StatusCode"] != 200.0 || out["FunctionError"] != "Unhandled" || !strings.Contains(string(payload), `"errorType": "ZeroDivisionError"`) {
		t.Errorf("division: %v %s", out, payload)
	}
	if out = b.must("Invoke", object{"FunctionName": "echo", "InvocationType": "DryRun"}); out["StatusCode"] != 204.0 {
		t.Errorf("dry run: %v", out)
	}
	if out = b.must("Invoke", object{"FunctionName": "echo", "InvocationType": "Event"}); out["StatusCode"] != 202.0 {
		t.Errorf("event: %v", out)
	}

	first := b.must("GetFunctionConfiguration", object{"FunctionName": "echo"})
	updated := b.must("UpdateFunctionConfiguration", object{"FunctionName": "echo", "Timeout": 5, "Environment": object{"Variables": object{"A": "b"}}})
	if updated["Timeout"] != 5.0 || updated["Handler"] != "index.handler" || updated["RevisionId"] == first["RevisionId"] {
		t.Errorf("updated: %v", updated)
	}
	b.wantError("UpdateFunctionCode", object{"FunctionName": "echo", "RevisionId": "old", "ZipFile": zipped(t, "index.py", "")}, "PreconditionFailedException", "Revision Id")
	code := b.must("UpdateFunctionCode", object{"FunctionName": "echo", "ZipFile": zipped(t, "index.py", "def handler(e, c):\n    return 'new'\n")})
	if code["CodeSha256"] == first["CodeSha256"] {
		t.Error("the code's hash is the same")
	}
	out = b.must("Invoke", object{"FunctionName": "echo"})
	if payload, _ := base64.StdEncoding.DecodeString(out["Payload"].(string)); string(payload) != `"new"` {
		t.Errorf("after the update: %s", payload)
	}

	second := echo(t)
	second["FunctionName"] = "zoo"
	b.must("CreateFunction", second)
	page := b.must("ListFunctions", object{"MaxItems": 1})
	if list := page["Functions"].([]any); len(list) != 1 || page["NextMarker"] != "echo" {
		t.Errorf("first page: %v", page)
	}
	page = b.must("ListFunctions", object{"Marker": "echo"})
	if list := page["Functions"].([]any); len(list) != 1 || page["NextMarker"] != nil {
		t.Errorf("second page: %v", page)
	}
	b.must("DeleteFunction", object{"FunctionName": "echo"})
	b.wantError("DeleteFunction", object{"FunctionName": "echo"}, "ResourceNotFoundException", "Function not found: "+arn)
}

func TestErrors(t *testing.T) {
	b := newBench(t)
	const absent = "arn:aws:lambda:us-east-1:000000000000:function:absent"
	b.wantError("GetFunction", object{"FunctionName": "absent"}, "ResourceNotFoundException", "Function not found: "+absent)
	b.wantError("Invoke", object{"FunctionName": "absent", "Qualifier": "7"}, "ResourceNotFoundException", absent+":7")
	b.wantError("Invoke", object{"FunctionName": "absent", "InvocationType": "Event"}, "ResourceNotFoundException", absent)
	b.wantError("Invoke", object{"FunctionName": "a b"}, "ValidationException", "Value 'a b' at 'functionName'")
	b.wantError("Invoke", object{"FunctionName": "absent", "Payload": []byte("{")}, "InvalidRequestContentException", "Could not parse request body into json")
	b.wantError("Invoke", object{"FunctionName": "absent", "Payload": bytes.Repeat([]byte(" "), maxRequest+1)}, "RequestTooLargeException", "6291456")
	b.wantError("Invoke", object{"FunctionName": "arn:aws:lambda:eu-west-1:000000000000:function:f"}, "ResourceNotFoundException", "not reachable in this region ('us-east-1')")
	b.wantError("Invoke", object{"FunctionName": "arn:aws:lambda:us-east-1:111122223333:function:f"}, "AccessDeniedException", "not authorized")

	with := func(name string, value any) object {
		in := echo(t)
		in[name] = value
		return in
	}
	b.wantError("CreateFunction", with("Runtime", ""), "InvalidParameterValueException", "Runtime and Handler are mandatory")
	b.wantError("CreateFunction", with("Runtime", "ruby3.3"), "InvalidParameterValueException", "ruby3.3 cannot run here")
	b.wantError("CreateFunction", with("Timeout", 1000), "ValidationException", "less than or equal to 900")
	b.wantError("CreateFunction", with("Layers", []string{"arn:x"}), "NotImplementedException", "Layers")
	b.wantError("CreateFunction", with("VpcConfig", object{"SubnetIds": []string{"s"}}), "NotImplementedException", "VpcConfig")
	b.wantError("CreateFunction", with("Environment", object{"Variables": object{"AWS_REGION": "x"}}), "InvalidParameterValueException", "Reserved keys used in this request: AWS_REGION")
	b.wantError("CreateFunction", with("Code", object{}), "InvalidParameterValueException", "source for function code")
	b.wantError("CreateFunction", with("Code", object{"S3Bucket": "b", "S3Key": "k"}), "InvalidParameterValueException", "Error occurred while GetObject")
	if _, err := exec.LookPath("python3"); err == nil {
		b.wantError("CreateFunction", with("Code", object{"ZipFile": []byte("no zip")}), "InvalidParameterValueException", "Could not unzip")
	}
	t.Setenv("PATH", t.TempDir())
	b2 := newBench(t)
	b2.wantError("CreateFunction", echo(t), "InvalidParameterValueException", "no python3 on this machine")
}

// Within an invocation a repeated call makes nothing twice.
func TestRepeatedCreation(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3 on this machine")
	}
	b := newBench(t)
	b.caller.Invocation = operation.Invocation{ID: "i"}
	first := b.must("CreateFunction", echo(t))
	if again := b.must("CreateFunction", echo(t)); again["RevisionId"] != first["RevisionId"] {
		t.Errorf("got %v; want %v", again, first)
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"f", "f:$LATEST", "arn:aws:lambda:us-east-1:000000000000:function:f", "000000000000:function:f", "a b", ""} {
		f.Add(s)
	}
	ctx := operation.WithCaller(f.Context(), operation.Caller{Account: "000000000000", Region: "us-east-1"})
	f.Fuzz(func(t *testing.T, s string) {
		k, _, err := key(ctx, s, "")
		if err == nil && (k.Name == "" || strings.ContainsAny(k.Name, ": /")) {
			t.Errorf("%q is key %v", s, k)
		}
	})
}
