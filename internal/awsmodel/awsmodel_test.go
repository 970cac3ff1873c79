package awsmodel

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/dlclark/regexp2"
	"github.com/google/go-cmp/cmp"
)

func op(t testing.TB, service, name string) *Op {
	t.Helper()
	api, ok := Service(service)
	if !ok {
		t.Fatalf("no service %s", service)
	}
	o, ok := api.Operation(name)
	if !ok {
		t.Fatalf("no operation %s:%s", service, name)
	}
	return o
}

func TestTablesLoad(t *testing.T) {
	for _, name := range Services() {
		api, ok := Service(name)
		if !ok || api.Name != name || len(api.Operations()) == 0 {
			t.Errorf("service %s: got %+v", name, api)
		}
	}
	if o := op(t, "lambda", "Invoke"); o.URI != "/2015-03-31/functions/{FunctionName}/invocations" || o.Input.Payload != "Payload" {
		t.Errorf("Invoke: got %+v", o)
	}
	if o := op(t, "lambda", "CreateEventSourceMapping"); o.Covered || o.Input != nil {
		t.Errorf("CreateEventSourceMapping: got %+v; want an address only", o)
	}
	if o := op(t, "sts", "GetCallerIdentity"); o.Wrapper != "GetCallerIdentityResult" {
		t.Errorf("GetCallerIdentity: got %+v", o)
	}
	api, _ := Service("sts")
	if e := api.Error("ExpiredTokenException"); e == nil || e.Status != 400 {
		t.Errorf("ExpiredTokenException: got %+v", e)
	}
	if _, ok := Service("ec2"); ok {
		t.Error("Service(ec2) is there")
	}
	for sdk, want := range map[string]string{"sfn": "states", "cloudwatchlogs": "logs", "batch": "batch"} {
		if got, _ := SigningName(sdk); got != want {
			t.Errorf("SigningName(%s): got %s; want %s", sdk, got, want)
		}
	}
}

// Every pattern of the tables can be read by one of the two engines.
func TestPatternsCompile(t *testing.T) {
	seen := map[*Shape]bool{}
	var walk func(s *Shape)
	walk = func(s *Shape) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		if s.Pattern != "" {
			if _, err := regexp.Compile(javaEscapes(s.Pattern)); err != nil {
				if _, err := regexp2.Compile(s.Pattern, 0); err != nil {
					t.Errorf("%s: %v", s.Name, err)
				}
			}
		}
		for _, m := range s.Members {
			walk(m.Shape)
		}
		walk(s.Elem)
		walk(s.Key)
		walk(s.Value)
	}
	for _, name := range Services() {
		api, _ := Service(name)
		for _, o := range api.Operations() {
			walk(o.Input)
			walk(o.Output)
		}
	}
	if matches(`(?!^[0-9]+$)([a-zA-Z0-9-_]+)`, "12") || !matches(`(?!^[0-9]+$)([a-zA-Z0-9-_]+)`, "v12") {
		t.Error("look-ahead is wrong")
	}
	if matches(`[a-z]+`, "a b") || matches(`[a-z]+`, "a\n") {
		t.Error("a pattern must match the whole text")
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ service, op, in, want string }{
		{"states", "CreateStateMachine", `{"name":"a","definition":"{}","roleArn":"arn:aws:iam::000000000000:role/x"}`, ""},
		{"states", "StartExecution", `{}`,
			"1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null"},
		{"states", "StartExecution", `{"stateMachineArn":"arn","name":"` + strings.Repeat("x", 81) + `"}`,
			"1 validation error detected: Value '" + strings.Repeat("x", 81) + "' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80"},
		{"states", "StartExecution", `{"stateMachineArn":"arn","name":""}`,
			"1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"states", "CreateStateMachine", `{"name":"a","definition":"","roleArn":"r","type":"SLOW"}`,
			"2 validation errors detected: Value at 'definition' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
				"Value 'SLOW' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]"},
		{"states", "ListStateMachines", `{"maxResults":1001}`,
			"1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000"},
		{"logs", "CreateLogGroup", `{"logGroupName":"a b"}`,
			`1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`},
		{"lambda", "CreateFunction", `{"FunctionName":"f","Role":"arn:aws:iam::000000000000:role/r","Code":{},"Architectures":["vax"]}`,
			"1 validation error detected: Value '[vax]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64]]"},
		{"batch", "SubmitJob", `{"jobName":"a","jobQueue":"q","jobDefinition":"d","retryStrategy":{"evaluateOnExit":[{"onReason":"x"}]}}`,
			"1 validation error detected: Value null at 'retryStrategy.evaluateOnExit.1.member.action' failed to satisfy constraint: Member must not be null"},
	} {
		in, err := Parse([]byte(c.in))
		if err != nil {
			t.Fatal(err)
		}
		if got := op(t, c.service, c.op).Check(in); got != c.want {
			t.Errorf("%s %s:\ngot  %s\nwant %s", c.op, c.in, got, c.want)
		}
	}
}

func TestConform(t *testing.T) {
	in, _ := Parse([]byte(`{"jobName":"a","nonsense":1,"jobQueue":null,"timeout":{"attemptDurationSeconds":60.0},"tags":{"Key":"v"}}`))
	got, err := op(t, "batch", "SubmitJob").Input.Conform(in)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"jobName": "a", "timeout": map[string]any{"attemptDurationSeconds": json.Number("60")}, "tags": map[string]any{"Key": "v"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("conform (-want +got):\n%s", diff)
	}
	for doc, want := range map[string]string{
		`{"jobName":1}`:                    "NUMBER_VALUE can not be converted to String",
		`{"jobName":true}`:                 "TRUE_VALUE can not be converted to String",
		`{"jobName":{}}`:                   "Start of structure or map found where not expected.",
		`{"timeout":[]}`:                   "Start of list found where not expected",
		`{"arrayProperties":{"size":"5"}}`: "STRING_VALUE can not be converted to Integer",
	} {
		in, _ := Parse([]byte(doc))
		_, err := op(t, "batch", "SubmitJob").Input.Conform(in)
		var e *TypeError
		if !errors.As(err, &e) || e.Text != want {
			t.Errorf("%s: got %v; want %s", doc, err, want)
		}
	}
}

func TestPascal(t *testing.T) {
	o := op(t, "batch", "SubmitJob")
	got, err := o.FromPascal(json.RawMessage(`{"JobName":"j","JobQueue":"q","JobDefinition":"d",
		"ContainerOverrides":{"Environment":[{"Name":"A","Value":"<b>"}],"Vcpus":2},"Parameters":{"camelKey":"x","PascalKey":"y"}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"containerOverrides":{"environment":[{"name":"A","value":"<b>"}],"vcpus":2},"jobDefinition":"d","jobName":"j","jobQueue":"q","parameters":{"PascalKey":"y","camelKey":"x"}}`
	if string(got) != want {
		t.Errorf("from:\ngot  %s\nwant %s", got, want)
	}
	_, err = o.FromPascal(json.RawMessage(`{"jobName":"j","JobQueue":7}`))
	wantErr := `The field "JobName" is required but was missing, The value for the field 'JobQueue' must be a STRING, The field "JobDefinition" is required but was missing, The field "jobName" is not supported by Step Functions`
	if err == nil || err.Error() != wantErr {
		t.Errorf("error:\ngot  %v\nwant %s", err, wantErr)
	}
	got, err = op(t, "batch", "DescribeJobs").ToPascal(json.RawMessage(
		`{"jobs":[{"jobName":"j","createdAt":1500,"parameters":{"camelKey":"x"},"container":{"exitCode":0}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"Jobs":[{"Container":{"ExitCode":0},"CreatedAt":1500,"JobName":"j","Parameters":{"camelKey":"x"}}]}`; string(got) != want {
		t.Errorf("to:\ngot  %s\nwant %s", got, want)
	}
	inv := op(t, "lambda", "Invoke")
	got, err = inv.FromPascal(json.RawMessage(`{"FunctionName":"f","Payload":{"a":1}}`))
	if err != nil || string(got) != `{"FunctionName":"f","Payload":"eyJhIjoxfQ=="}` {
		t.Errorf("invoke: got %s, %v", got, err)
	}
	got, err = inv.ToPascal(json.RawMessage(`{"StatusCode":200,"Payload":"eyJhIjoxfQ=="}`))
	if err != nil || string(got) != `{"Payload":"{\"a\":1}","StatusCode":200}` {
		t.Errorf("invoke: got %s, %v", got, err)
	}
	got, err = op(t, "states", "DescribeExecution").ToPascal(json.RawMessage(`{"startDate":1.5}`))
	if err != nil || string(got) != `{"StartDate":"1970-01-01T00:00:01.500Z"}` {
		t.Errorf("times: got %s, %v", got, err)
	}
}

func FuzzDocuments(f *testing.F) {
	f.Add([]byte(`{"JobName":"j","ContainerOverrides":{"Environment":[{"Name":"A","Value":null}]}}`))
	f.Add([]byte(`{"jobName":1e400,"timeout":{"attemptDurationSeconds":1e3}}`))
	f.Add([]byte(`[null]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, o := range []*Op{op(t, "batch", "SubmitJob"), op(t, "lambda", "CreateFunction"), op(t, "states", "StartExecution")} {
			if in, err := Parse(b); err == nil {
				if tree, err := o.Input.Conform(in); err == nil {
					o.Check(tree)
				}
			}
			if doc, err := o.FromPascal(b); err == nil {
				if !json.Valid(doc) {
					t.Errorf("not JSON: %s", doc)
				}
			}
			_, _ = o.ToPascal(b)
		}
	})
}
