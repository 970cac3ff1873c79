package function_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/api"
	"salamander/api/s3rest"
	"salamander/function"
	"salamander/identity"
	"salamander/logs"
	"salamander/object"
	"salamander/operation"
	"salamander/service/lambda"
	slogs "salamander/service/logs"
	"salamander/service/s3"
	"salamander/service/sts"
	"salamander/store"
)

type submitInput struct {
	JobName            string          `json:"jobName"`
	JobQueue           string          `json:"jobQueue"`
	ContainerOverrides json.RawMessage `json:"containerOverrides"`
	JobDefinition      string          `json:"jobDefinition"`
	Parameters         json.RawMessage `json:"parameters"`
}

type submitOutput struct {
	JobID   string `json:"jobId"`
	JobName string `json:"jobName"`
	JobARN  string `json:"jobArn"`
}

type describeOutput struct {
	Machine string         `json:"stateMachineArn"`
	Name    string         `json:"name"`
	Created operation.Time `json:"creationDate"`
}

// A stack is functions behind a real AWS endpoint: real services for logs,
// objects, identities and functions, and two operations made up for Batch and
// Step Functions.
func stack(t *testing.T) *function.Functions {
	t.Helper()
	db, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	keys, err := identity.LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	id := identity.New(keys, identity.Options{})
	objects, err := object.New(t.TempDir(), store.NewObjects(db), object.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &operation.Registry{}
	server := httptest.NewServer(nil)
	t.Cleanup(server.Close)
	server.Config.Handler = api.New(r, id, api.Options{Mounts: map[string]http.Handler{"s3": s3rest.New(r, id, s3rest.Options{})}})
	f, err := function.New(t.Context(), store.NewFunctions(db), function.Options{
		Dir:      t.TempDir(),
		Endpoint: func() string { return server.URL },
		Issue: func(account, region, principal string) (function.Session, error) {
			s := id.Issue(identity.SessionOptions{Account: account, Region: region, Principal: principal})
			return function.Session{AccessKey: s.AccessKey, Secret: s.Secret, Token: s.Token, Serve: s.Serve, End: s.End}, nil
		},
		OnError: func(err error) { t.Error(err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	lambda.Register(r, lambda.New(f, r))
	sts.Register(r, sts.New(id))
	slogs.Register(r, slogs.New(logs.New(store.NewLogs(db), logs.Options{})))
	s3.New(objects).Register(r)
	operation.Register(r, operation.Spec{Service: "batch", Name: "SubmitJob", Mutates: true}, func(ctx context.Context, in *submitInput) (*submitOutput, error) {
		if in.JobQueue == "none" {
			return nil, operation.Errorf("ClientException", "Job Queue none not found")
		}
		return &submitOutput{"job of " + operation.CallerOf(ctx).Invocation.ID, in.JobName, string(in.ContainerOverrides)}, nil
	})
	operation.Register(r, operation.Spec{Service: "states", Name: "DescribeStateMachine"}, func(_ context.Context, in *describeOutput) (*describeOutput, error) {
		in.Created = operation.Time{Time: time.UnixMilli(1500)}
		return in, nil
	})
	return f
}

const calls = `
import io
import json
import zipfile
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    out = {}
    def keep(name, f):
        try:
            answer = f()
            if isinstance(answer, dict):
                answer.pop('ResponseMetadata', None)
            out[name] = json.loads(json.dumps(answer, default=lambda v: v.isoformat()[:4] if hasattr(v, 'isoformat') else v.read().decode()))
        except ClientError as e:
            out[name] = [type(e).__name__, e.response['Error']['Code'], e.response['Error'].get('Message'), str(e), e.response['ResponseMetadata']['HTTPStatusCode']]
    batch, logs, s3, fn = (boto3.client(n) for n in ('batch', 'logs', 's3', 'lambda'))
    submit = dict(jobName='my-job', jobQueue='q', jobDefinition='d:1', parameters={},
                  containerOverrides={'environment': [{'name': 'A', 'value': 'é'}]})
    keep('submit', lambda: batch.submit_job(**submit))
    keep('no queue', lambda: batch.submit_job(**dict(submit, jobQueue='none')))
    keep('who', lambda: boto3.client('sts').get_caller_identity()['Arn'])
    keep('machine', lambda: boto3.client('stepfunctions').describe_state_machine(stateMachineArn='arn:aws:states:us-east-1:000000000000:stateMachine:m')['creationDate'])
    keep('group', lambda: logs.create_log_group(logGroupName=event))
    keep('again', lambda: logs.create_log_group(logGroupName=event))
    try:
        logs.create_log_group(logGroupName=event)
    except logs.exceptions.ResourceAlreadyExistsException as e:
        out['caught'] = e.operation_name
    keep('groups', lambda: [g['logGroupName'] for g in logs.describe_log_groups(logGroupNamePrefix=event)['logGroups']])
    keep('bucket', lambda: s3.create_bucket(Bucket='bucket' + event).get('Location'))
    keep('put', lambda: s3.put_object(Bucket='bucket' + event, Key="a b/'é~", Body=b'text', ContentType='text/plain', Metadata={'k': 'v'})['ETag'])
    keep('get', lambda: s3.get_object(Bucket='bucket' + event, Key="a b/'é~")['Body'])
    keep('head', lambda: [s3.head_object(Bucket='bucket' + event, Key="a b/'é~")[k] for k in ('ContentLength', 'ContentType', 'Metadata')])
    keep('no key', lambda: s3.get_object(Bucket='bucket' + event, Key='none'))
    keep('no head', lambda: s3.head_object(Bucket='bucket' + event, Key='none'))
    keep('list', lambda: [c['Key'] for c in s3.list_objects_v2(Bucket='bucket' + event, Prefix='a')['Contents']])
    keep('invoke', lambda: {k: v for k, v in fn.invoke(FunctionName='other', Payload=b'{"x": 1}').items()})
    keep('absent', lambda: fn.invoke(FunctionName='absent'))
    keep('functions', lambda: [f['FunctionName'] for f in fn.list_functions(MaxItems=1)['Functions']])
    keep('config', lambda: fn.get_function_configuration(FunctionName='other')['Handler'])
    package = io.BytesIO()
    with zipfile.ZipFile(package, 'w') as z:
        z.writestr(zipfile.ZipInfo('index.py', (2003, 1, 2, 0, 0, 0)), 'def handler(event, context): return 1')
    some = lambda d: {k: v for k, v in d.items() if k not in ('RevisionId', 'LastModified')}
    new = dict(FunctionName='made', Runtime='python3.12', Role='arn:aws:iam::000000000000:role/r', Handler='index.handler',
               Code={'ZipFile': package.getvalue()}, Environment={'Variables': {'AB': 'c'}}, Tags={'t': 'u'})
    keep('create', lambda: some(fn.create_function(**new)))
    keep('created', lambda: fn.get_function(FunctionName='made')['Tags'])
    keep('code', lambda: some(fn.update_function_code(FunctionName='made', ZipFile=package.getvalue())))
    keep('update', lambda: some(fn.update_function_configuration(FunctionName='made', Timeout=9, Description='x')))
    keep('bad', lambda: fn.update_function_configuration(FunctionName='made', Layers=['arn:aws:lambda:us-east-1:000000000000:layer:l:1']))
    keep('event', lambda: fn.invoke(FunctionName='made', InvocationType='DryRun')['StatusCode'])
    s3.put_object(Bucket='bucket' + event, Key='code.zip', Body=package.getvalue())
    keep('stored', lambda: fn.create_function(**dict(new, FunctionName='made-of-' + event, Code={'S3Bucket': 'bucket' + event, 'S3Key': 'code.zip'}))['CodeSize'])
    keep('not stored', lambda: fn.create_function(**dict(new, FunctionName='made-never', Code={'S3Bucket': 'bucket' + event, 'S3Key': 'none.zip'})))
    keep('delete', lambda: fn.delete_function(FunctionName='made').get('StatusCode'))
    keep('deleted', lambda: fn.get_function(FunctionName='made'))
    return [boto3.__version__, out]
`

// Our own boto3 answers as the real one does, where there is one here to
// compare with.
func TestOwnBoto3(t *testing.T) {
	python(t)
	f := stack(t)
	add := func(name, code string, env map[string]string) {
		fn := function.Function{Key: key(name), Runtime: "python3.12", Handler: "index.handler", Role: "arn:aws:iam::000000000000:role/r",
			Timeout: 60, MemorySize: 128, Environment: env, Creation: name}
		if _, err := f.Create(t.Context(), fn, archive(t, map[string]string{"index.py": code})); err != nil {
			t.Fatal(err)
		}
	}
	add("other", "def handler(event, context):\n    return ['got', event]\n", nil)
	run := func(name, group string, env map[string]string) (version string, out map[string]any) {
		t.Helper()
		add(name, calls, env)
		r, err := f.Invoke(t.Context(), key(name), function.Invocation{ID: "the-invocation", Payload: []byte(`"` + group + `"`)})
		if err != nil || r.Failed {
			t.Fatalf("%v %s\n%s", err, r.Payload, r.Log)
		}
		// Names that differ between the two runs.
		text := strings.NewReplacer(group, "GROUP", name, "SELF").Replace(string(r.Payload))
		var answer []any
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatal(err)
		}
		return answer[0].(string), answer[1].(map[string]any)
	}
	version, own := run("fun", "own-group", map[string]string{"SALAMANDER_BOTO3": "own"})
	if version != "0+salamander" {
		t.Fatalf("boto3 is %s; want our own", version)
	}
	if got, _ := own["submit"].(map[string]any); got["jobId"] != "job of the-invocation" {
		t.Errorf("submit: got %v; want a job of this invocation", own["submit"])
	}
	if exec.Command("python3", "-c", "import boto3, botocore; assert tuple(map(int, botocore.__version__.split('.')[:2])) >= (1, 31)").Run() != nil {
		t.Log("no boto3 here to compare with")
		return
	}
	if err := f.Delete(t.Context(), key("fun")); err != nil {
		t.Fatal(err)
	}
	version, real := run("fun", "realgroup", nil)
	if version == "0+salamander" {
		t.Fatal("our own boto3 hides the real one")
	}
	if diff := cmp.Diff(real, own); diff != "" {
		t.Errorf("answers (-boto3 +ours):\n%s", diff)
	}
}

func TestOwnBoto3RaisesByName(t *testing.T) {
	python(t)
	f := stack(t)
	code := `
import boto3
def handler(event, context):
    out = []
    for f in (lambda: boto3.client('dynamodb'), lambda: boto3.client('batch').create_scheduling_policy(name='x'),
              lambda: boto3.client('s3').get_paginator('list_objects_v2'), lambda: boto3.resource('s3')):
        try:
            f()
            out.append('nothing')
        except Exception as e:
            out.append(type(e).__name__ + ': ' + str(e))
    return out
`
	fn := function.Function{Key: key("f"), Runtime: "python3.12", Handler: "index.handler", Timeout: 30, MemorySize: 128,
		Environment: map[string]string{"SALAMANDER_BOTO3": "own"}, Creation: "c"}
	if _, err := f.Create(t.Context(), fn, archive(t, map[string]string{"index.py": code})); err != nil {
		t.Fatal(err)
	}
	r, err := f.Invoke(t.Context(), key("f"), function.Invocation{ID: "i"})
	if err != nil || r.Failed {
		t.Fatalf("%v %s", err, r.Payload)
	}
	var got []string
	if err := json.Unmarshal(r.Payload, &got); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"UnknownServiceError: Unknown service: 'dynamodb'", "NotImplementedError: Salamander's own boto3 has no batch.create_scheduling_policy",
		"NotImplementedError: Salamander's own boto3 has no s3.get_paginator", "NotImplementedError: Salamander's own boto3 has no resource"} {
		if !strings.HasPrefix(got[i], want) {
			t.Errorf("got %s; want %s…", got[i], want)
		}
	}
}
