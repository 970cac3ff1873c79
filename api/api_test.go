package api

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/api/sigv4"
	"salamander/operation"
)

const mine = "111122223333"

// keys knows the access key AKIA with the secret "good".
type keys struct{}

func (keys) Lookup(_ context.Context, accessKey, token, region string) (string, operation.Caller, error) {
	switch {
	case token == "old":
		return "", operation.Caller{}, operation.Errorf("ExpiredToken", "The security token included in the request is expired")
	case accessKey != "AKIA":
		return "", operation.Caller{}, operation.Errorf("InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	return "good", operation.Caller{Account: mine, Region: region, AccessKey: accessKey, Principal: "arn:aws:iam::" + mine + ":root"}, nil
}

// echo answers each registered operation with what the test says and keeps
// the last request.
type echo struct {
	out  string
	body string
	err  error
	last *operation.Request
	sent string // the body of last
}

func (e *echo) register(reg *operation.Registry, service string, names ...string) {
	for _, name := range names {
		reg.Handle(operation.Spec{Service: service, Name: name}, func(_ context.Context, req *operation.Request) (*operation.Response, error) {
			e.last, e.sent = req, ""
			if req.Body != nil {
				b, _ := io.ReadAll(req.Body)
				e.sent = string(b)
			}
			resp := &operation.Response{Output: json.RawMessage(e.out)}
			if e.body != "" {
				resp.Body = io.NopCloser(strings.NewReader(e.body))
			}
			return resp, e.err
		})
	}
}

func newServer(opt Options) (http.Handler, *echo) {
	e := &echo{out: "{}"}
	reg := &operation.Registry{}
	e.register(reg, "states", "StartExecution", "DescribeExecution", "StopExecution")
	e.register(reg, "batch", "SubmitJob", "DescribeJobs", "TagResource", "UntagResource", "ListTagsForResource")
	e.register(reg, "lambda", "Invoke", "CreateFunction", "GetFunction", "ListFunctions", "DeleteFunction", "AddPermission")
	e.register(reg, "logs", "CreateLogGroup", "FilterLogEvents")
	e.register(reg, "sts", "GetCallerIdentity", "AssumeRole")
	return New(reg, keys{}, opt), e
}

// A call is a request as a client makes it.
type call struct {
	service, method, path, target, form, body, secret, key, token string
	header                                                        map[string]string
	at                                                            time.Time
	unsigned                                                      bool
}

func (c call) request() *http.Request {
	method, path, body := c.method, c.path, c.body
	if method == "" {
		method = "POST"
	}
	if path == "" {
		path = "/"
	}
	if c.form != "" {
		body = c.form
	}
	r := httptest.NewRequest(method, "http://127.0.0.1:4566"+path, strings.NewReader(body))
	if c.form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	if c.target != "" {
		r.Header.Set("X-Amz-Target", c.target)
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	}
	for k, v := range c.header {
		r.Header.Set(k, v)
	}
	if c.at.IsZero() {
		c.at = time.Now()
	}
	if c.secret == "" {
		c.secret = "good"
	}
	if c.key == "" {
		c.key = "AKIA"
	}
	if !c.unsigned {
		sigv4.Sign(r, sigv4.HashPayload([]byte(body)), sigv4.Credentials{AccessKey: c.key, Secret: c.secret, SessionToken: c.token}, "eu-west-1", c.service, c.at)
	}
	return r
}

func (c call) do(h http.Handler) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, c.request())
	return w
}

func input(t *testing.T, e *echo) map[string]any {
	t.Helper()
	if e.last == nil {
		t.Fatal("the operation was not called")
	}
	var in map[string]any
	if err := json.Unmarshal(e.last.Input, &in); err != nil {
		t.Fatal(err)
	}
	return in
}

func TestJSON(t *testing.T) {
	h, e := newServer(Options{})
	e.out = `{"executionArn":"arn:x","startDate":1700000000.123}`
	w := call{service: "states", target: "AWSStepFunctions.StartExecution", body: `{"stateMachineArn":"arn:m","name":"n","input":"{\"a\":\"<b>\"}","future":1}`}.do(h)
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/x-amz-json-1.0" || w.Header().Get("X-Amzn-RequestId") == "" {
		t.Fatalf("got %d %v: %s", w.Code, w.Header(), w.Body)
	}
	if got := w.Body.String(); got != `{"executionArn":"arn:x","startDate":1700000000.123}` {
		t.Errorf("output: got %s", got)
	}
	want := map[string]any{"stateMachineArn": "arn:m", "name": "n", "input": `{"a":"<b>"}`}
	if diff := cmp.Diff(want, input(t, e)); diff != "" {
		t.Errorf("input (-want +got):\n%s", diff)
	}
	if c := e.last.Caller; c.Account != mine || c.Region != "eu-west-1" {
		t.Errorf("caller: got %+v", c)
	}
	e.out = `{}`
	w = call{service: "logs", target: "Logs_20140328.CreateLogGroup", body: `{"logGroupName":"g"}`}.do(h)
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/x-amz-json-1.1" || w.Body.Len() != 0 {
		t.Errorf("no output: got %d %q %q", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
}

func TestRESTJSON(t *testing.T) {
	h, e := newServer(Options{})
	for _, c := range []struct {
		name string
		call call
		want string // input
	}{
		{"body", call{service: "batch", path: "/v1/submitjob", body: `{"jobName":"j","jobQueue":"q","jobDefinition":"d","containerOverrides":{"environment":[{"name":"A","value":"1"}]}}`},
			`{"containerOverrides":{"environment":[{"name":"A","value":"1"}]},"jobDefinition":"d","jobName":"j","jobQueue":"q"}`},
		{"uri", call{service: "batch", path: "/v1/tags/arn%3Aaws%3Abatch%3Aus-east-1%3A111122223333%3Ajob-definition%2Fx%3A1", method: "GET"},
			`{"resourceArn":"arn:aws:batch:us-east-1:111122223333:job-definition/x:1"}`},
		{"query list", call{service: "batch", path: "/v1/tags/arn?tagKeys=a&tagKeys=b", method: "DELETE"},
			`{"resourceArn":"arn","tagKeys":["a","b"]}`},
		{"query number", call{service: "lambda", path: "/2015-03-31/functions/?MaxItems=5", method: "GET"}, `{"MaxItems":5}`},
		{"fixed before variable", call{service: "lambda", path: "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A111122223333%3Afunction%3Af?Qualifier=1", method: "GET"},
			`{"FunctionName":"arn:aws:lambda:us-east-1:111122223333:function:f","Qualifier":"1"}`},
		{"payload and headers", call{service: "lambda", path: "/2015-03-31/functions/f/invocations", body: `{"k":1}`, header: map[string]string{"X-Amz-Invocation-Type": "Event"}},
			`{"FunctionName":"f","InvocationType":"Event","Payload":"eyJrIjoxfQ=="}`},
	} {
		e.last = nil
		w := c.call.do(h)
		if w.Code >= 300 || e.last == nil {
			t.Errorf("%s: got %d: %s", c.name, w.Code, w.Body)
			continue
		}
		if got := string(e.last.Input); got != c.want {
			t.Errorf("%s: input:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
	if e.sent != `{"k":1}` {
		t.Errorf("stream: got %q", e.sent)
	}
}

func TestInvokeAnswers(t *testing.T) {
	h, e := newServer(Options{})
	invoke := call{service: "lambda", path: "/2015-03-31/functions/f/invocations"}
	for name, set := range map[string]func(){
		"document": func() {
			e.out, e.body = `{"StatusCode":200,"FunctionError":"Unhandled","ExecutedVersion":"$LATEST","Payload":"InkiCg=="}`, ""
		},
		"stream": func() {
			e.out, e.body = `{"StatusCode":200,"FunctionError":"Unhandled","ExecutedVersion":"$LATEST"}`, "\"y\"\n"
		},
	} {
		set()
		w := invoke.do(h)
		if w.Code != 200 || w.Body.String() != "\"y\"\n" || w.Header().Get("X-Amz-Function-Error") != "Unhandled" || w.Header().Get("X-Amz-Executed-Version") != "$LATEST" {
			t.Errorf("%s: got %d %v %q", name, w.Code, w.Header(), w.Body)
		}
	}
	e.out, e.body = `{"StatusCode":202}`, ""
	if w := invoke.do(h); w.Code != 202 || w.Body.Len() != 0 {
		t.Errorf("event: got %d %q", w.Code, w.Body)
	}
	e.out = `{}`
	if w := (call{service: "lambda", method: "DELETE", path: "/2015-03-31/functions/f"}).do(h); w.Code != 200 && w.Code != 204 {
		t.Errorf("delete: got %d", w.Code)
	}
}

func TestQuery(t *testing.T) {
	h, e := newServer(Options{})
	e.out = `{"UserId":"U","Account":"` + mine + `","Arn":"a<b"}`
	w := call{service: "sts", form: "Action=GetCallerIdentity&Version=2011-06-15"}.do(h)
	var identity struct {
		XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
		Arn     string   `xml:"GetCallerIdentityResult>Arn"`
		ID      string   `xml:"ResponseMetadata>RequestId"`
	}
	if err := xml.Unmarshal(w.Body.Bytes(), &identity); err != nil || identity.Arn != "a<b" || identity.ID != w.Header().Get("X-Amzn-RequestId") {
		t.Errorf("got %d %s: %v", w.Code, w.Body, err)
	}
	e.out = `{"Credentials":{"AccessKeyId":"ASIA","Expiration":1700000000}}`
	w = call{service: "sts", form: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fr&RoleSessionName=me&DurationSeconds=900" +
		"&Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.1.Key=a&Tags.member.1.Value=1"}.do(h)
	if !strings.Contains(w.Body.String(), "<Expiration>2023-11-14T22:13:20Z</Expiration>") {
		t.Errorf("time: got %s", w.Body)
	}
	want := map[string]any{"RoleArn": "arn:aws:iam::111122223333:role/r", "RoleSessionName": "me", "DurationSeconds": 900.0,
		"Tags": []any{map[string]any{"Key": "a", "Value": "1"}, map[string]any{"Key": "b", "Value": "2"}}}
	if diff := cmp.Diff(want, input(t, e)); diff != "" {
		t.Errorf("input (-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	h, e := newServer(Options{})
	start := call{service: "states", target: "AWSStepFunctions.StartExecution", body: `{"stateMachineArn":"arn:m"}`}
	with := func(c call, f func(*call)) call { f(&c); return c }
	boom := &operation.Error{Code: "StateMachineDoesNotExist", Message: `State Machine Does Not Exist: '<x>'`, Members: map[string]any{"resourceName": "r"}}
	for _, c := range []struct {
		name   string
		call   call
		err    error
		status int
		code   string
		text   string
	}{
		{"own", start, boom, 400, "StateMachineDoesNotExist", `"message":"State Machine Does Not Exist: '<x>'"`},
		{"internal", start, errors.New("secret of the house"), 500, "InternalFailure", "Internal error"},
		{"not JSON", with(start, func(c *call) { c.body = `{` }), nil, 400, "SerializationException", "not JSON"},
		{"wrong type", with(start, func(c *call) { c.body = `{"stateMachineArn":{}}` }), nil, 400, "SerializationException", "Start of structure or map found where not expected."},
		{"null", with(start, func(c *call) { c.body = `{"stateMachineArn":null}` }), nil, 400, "ValidationException",
			"1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null"},
		{"logs validation", call{service: "logs", target: "Logs_20140328.CreateLogGroup", body: `{"logGroupName":""}`}, nil, 400, "InvalidParameterException", "validation error"},
		{"unknown target", with(start, func(c *call) { c.target = "AWSStepFunctions.Fly" }), nil, 400, "UnknownOperationException", ""},
		{"foreign target", with(start, func(c *call) { c.target = "AWSEvents.StartExecution" }), nil, 400, "UnknownOperationException", ""},
		{"not registered", with(start, func(c *call) { c.target = "AWSStepFunctions.TestState" }), nil, 501, "NotImplementedException", "states:TestState"},
		{"not covered", call{service: "lambda", method: "GET", path: "/2015-03-31/event-source-mappings"}, nil, 501, "NotImplementedException", "lambda:ListEventSourceMappings"},
		{"unknown service", call{service: "events", target: "AWSEvents.PutEvents"}, nil, 501, "NotImplementedException", "events:PutEvents"},
		{"unknown path", call{service: "batch", path: "/v1/fly"}, nil, 404, "UnknownOperationException", ""},
		{"lambda", call{service: "lambda", method: "GET", path: "/2015-03-31/functions/f"}, &operation.Error{Code: "ResourceNotFoundException", Message: "Function not found: f"}, 404,
			"ResourceNotFoundException", `"Message":"Function not found: f","Type":"User"`},
		{"lambda validation", call{service: "lambda", method: "GET", path: "/2015-03-31/functions/a%20b"}, nil, 400, "ValidationException", "at 'functionName' failed to satisfy constraint"},
		{"query number", call{service: "lambda", method: "GET", path: "/2015-03-31/functions?MaxItems=x"}, nil, 400, "SerializationException", "Integer"},
		{"query action", call{service: "sts", form: "Action=Fly&Version=2011-06-15"}, nil, 400, "", "<Code>InvalidAction</Code><Message>Could not find operation Fly for version 2011-06-15</Message>"},
		{"query validation", call{service: "sts", form: "Action=AssumeRole&Version=2011-06-15&RoleSessionName=x"}, nil, 400, "", "<Type>Sender</Type><Code>ValidationError</Code>"},
		{"query not registered", call{service: "sts", form: "Action=GetSessionToken&Version=2011-06-15"}, nil, 501, "", "<Type>Receiver</Type><Code>NotImplementedException</Code>"},
		{"wrong secret", with(start, func(c *call) { c.secret = "bad" }), nil, 400, "InvalidSignatureException", "The request signature we calculated does not match"},
		{"wrong secret, rest", call{service: "batch", path: "/v1/describejobs", body: "{}", secret: "bad"}, nil, 403, "InvalidSignatureException", "does not match"},
		{"wrong secret, query", call{service: "sts", form: "Action=GetCallerIdentity&Version=2011-06-15", secret: "bad"}, nil, 403, "", "<Code>SignatureDoesNotMatch</Code>"},
		{"unknown key", with(start, func(c *call) { c.key = "AKIX" }), nil, 400, "UnrecognizedClientException", "The security token included in the request is invalid."},
		{"unknown key, query", call{service: "sts", form: "Action=GetCallerIdentity", key: "AKIX"}, nil, 403, "", "<Code>InvalidClientTokenId</Code>"},
		{"expired token", with(start, func(c *call) { c.token = "old" }), nil, 400, "ExpiredTokenException", "expired"},
		{"old signature", with(start, func(c *call) { c.at = time.Now().Add(-time.Hour) }), nil, 400, "InvalidSignatureException", "Signature expired"},
		{"unsigned", with(start, func(c *call) { c.unsigned = true }), nil, 400, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"unsigned, rest", call{unsigned: true, path: "/v1/describejobs"}, nil, 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
	} {
		e.err, e.last = c.err, nil
		w := c.call.do(h)
		body := w.Body.String()
		if w.Code != c.status || !strings.Contains(body, c.text) || w.Header().Get("X-Amzn-RequestId") == "" {
			t.Errorf("%s: got %d %s; want %d … %s", c.name, w.Code, body, c.status, c.text)
		}
		if c.code != "" && (w.Header().Get("X-Amzn-ErrorType") != c.code || !strings.Contains(body, `"__type":"`+c.code+`"`)) {
			t.Errorf("%s: got %s, %s; want %s", c.name, w.Header().Get("X-Amzn-ErrorType"), body, c.code)
		}
		if strings.Contains(body, "secret of the house") {
			t.Errorf("%s: the cause got out", c.name)
		}
		if c.err == nil && e.last != nil {
			t.Errorf("%s: the operation was called", c.name)
		}
	}
}

func TestGuard(t *testing.T) {
	h, _ := newServer(Options{Hosts: []string{"build.example:4566", "etl.example"}})
	for _, c := range []struct {
		name, host string
		header     map[string]string
		ok         bool
	}{
		{"address", "127.0.0.1:4566", nil, true},
		{"another loopback", "127.8.9.1", nil, true},
		{"six", "[::1]:4566", nil, true},
		{"name", "localhost:4566", nil, true},
		{"bucket", "data.s3.localhost:4566", nil, true},
		{"configured with port", "build.example:4566", nil, true},
		{"another port", "build.example:80", nil, false},
		{"configured name", "etl.example:9999", nil, true},
		{"bucket there", "data.etl.example", nil, true},
		{"rebound name", "evil.example:4566", nil, false},
		{"like localhost", "localhost.evil.example", nil, false},
		{"like a configured one", "notetl.example", nil, false},
		{"public address", "10.0.0.1:4566", nil, false},
		{"empty", "", nil, false},
		{"own page", "localhost:4566", map[string]string{"Origin": "http://127.0.0.1:4567", "Sec-Fetch-Site": "same-site"}, true},
		{"foreign page", "localhost:4566", map[string]string{"Origin": "https://evil.example"}, false},
		{"no page", "localhost:4566", map[string]string{"Origin": "null"}, false},
		{"cross-site", "localhost:4566", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
	} {
		r := httptest.NewRequest("GET", HealthPath, nil)
		r.Host = c.host
		for k, v := range c.header {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Code == 200; got != c.ok || !c.ok && w.Code != 403 {
			t.Errorf("%s: got %d; want ok %v", c.name, w.Code, c.ok)
		}
	}
}

func TestMounts(t *testing.T) {
	var paths []string
	s3 := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { paths = append(paths, r.Method+" "+r.URL.Path) })
	h, e := newServer(Options{Mounts: map[string]http.Handler{"s3": s3}})
	call{service: "s3", method: "PUT", path: "/bucket/key", header: map[string]string{"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"}}.do(h)
	call{unsigned: true, method: "GET", path: "/bucket/key?AWSAccessKeyId=test&Signature=x&Expires=1"}.do(h)
	call{unsigned: true, method: "GET", path: "/bucket"}.do(h)
	call{unsigned: true, path: "/v1/describejobs"}.do(h)
	call{unsigned: true, form: "Action=GetCallerIdentity&Version=2011-06-15"}.do(h)
	want := []string{"PUT /bucket/key", "GET /bucket/key", "GET /bucket"}
	if diff := cmp.Diff(want, paths); diff != "" || e.last != nil {
		t.Errorf("mounted requests (-want +got):\n%s", diff)
	}
}

func TestLimitsHealthAndLog(t *testing.T) {
	var logged bytes.Buffer
	h, e := newServer(Options{MaxBody: 100, Log: slog.New(slog.NewJSONHandler(&logged, nil)), Health: func() map[string]any { return map[string]any{"version": "v"} }})
	w := call{service: "states", target: "AWSStepFunctions.StartExecution", body: `{"stateMachineArn":"` + strings.Repeat("x", 200) + `"}`}.do(h)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: got %d %s", w.Code, w.Body)
	}
	r := httptest.NewRequest("GET", "http://localhost"+HealthPath, nil)
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got := w.Body.String(); got != `{"status":"ok","version":"v"}` {
		t.Errorf("health: got %s", got)
	}
	logged.Reset()
	e.err = errors.New("disk on fire")
	call{service: "states", target: "AWSStepFunctions.StopExecution", body: `{"executionArn":"a"}`, header: map[string]string{"X-Conformance-Case": "case-7"}}.do(h)
	var line map[string]any
	if err := json.Unmarshal(logged.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]any{"service": "states", "operation": "StopExecution", "account": mine, "case": "case-7", "cause": "disk on fire", "status": 500.0, "level": "ERROR"} {
		if line[k] != want {
			t.Errorf("log %s: got %v; want %v", k, line[k], want)
		}
	}
}

func TestAPanicIsAnInternalError(t *testing.T) {
	reg := &operation.Registry{}
	reg.Handle(operation.Spec{Service: "states", Name: "StopExecution"}, func(context.Context, *operation.Request) (*operation.Response, error) { panic("bang") })
	w := call{service: "states", target: "AWSStepFunctions.StopExecution", body: `{"executionArn":"a"}`}.do(New(reg, keys{}, Options{}))
	if w.Code != 500 || strings.Contains(w.Body.String(), "bang") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// A body that fails half-way must not look whole.
func TestAHalfAnswerIsCut(t *testing.T) {
	reg := &operation.Registry{}
	reg.Handle(operation.Spec{Service: "lambda", Name: "Invoke"}, func(context.Context, *operation.Request) (*operation.Response, error) {
		half := io.MultiReader(strings.NewReader("half"), failing{})
		return &operation.Response{Output: json.RawMessage(`{"StatusCode":200}`), Body: io.NopCloser(half)}, nil
	})
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("the answer was not cut")
		}
	}()
	call{service: "lambda", path: "/2015-03-31/functions/f/invocations"}.do(New(reg, keys{}, Options{}))
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("gone") }

func FuzzRequests(f *testing.F) {
	f.Add("states", "POST", "/", "AWSStepFunctions.StartExecution", "application/x-amz-json-1.0", `{"stateMachineArn":"a","name":null}`)
	f.Add("sts", "POST", "/", "", "application/x-www-form-urlencoded", `Action=AssumeRole&Tags.member.1.Key=a&Tags.member.x=1&DurationSeconds=1e9`)
	f.Add("lambda", "GET", "/2015-03-31/functions/%zz?MaxItems=-1&Marker=%", "", "", ``)
	f.Add("batch", "POST", "/v1/submitjob", "", "application/json", `[{"jobName":[]}]`)
	f.Add("", "GET", "//..//%2e?Action=", "", "", ``)
	h, _ := newServer(Options{})
	f.Fuzz(func(t *testing.T, service, method, path, target, contentType, body string) {
		r, err := http.NewRequest(method, "http://localhost", strings.NewReader(body))
		if err != nil {
			t.Skip()
		}
		r.Host = "localhost"
		if u, err := r.URL.Parse(path); err == nil {
			r.URL = u
		}
		r.Header.Set("X-Amz-Target", target)
		r.Header.Set("Content-Type", contentType)
		if service != "" {
			sigv4.Sign(r, sigv4.HashPayload([]byte(body)), sigv4.Credentials{AccessKey: "AKIA", Secret: "good"}, "us-east-1", service, time.Now())
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == 500 {
			t.Errorf("got 500: %s", w.Body)
		}
		if strings.HasPrefix(w.Header().Get("Content-Type"), "application/") && w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("not JSON: %s", w.Body)
		}
	})
}
