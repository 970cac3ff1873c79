package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/engine"
	"salamander/operation"
	"salamander/store"
)

// replays keeps records in memory.
type replays struct {
	mu sync.Mutex
	by map[string]map[int][]byte
}

func (r *replays) Load(_ context.Context, invocation string) (map[int][]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.by[invocation]), nil
}

func (r *replays) Save(_ context.Context, invocation string, call int, record []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by[invocation] == nil {
		r.by[invocation] = map[int][]byte{}
	}
	r.by[invocation][call] = record
	return nil
}

// Every operation that changes something answers a repeated call of a repeated
// invocation as it did the first time, without doing anything: all but those of
// S3, of which a repeat of all comes to the same end.
func TestEveryMutatingOperationIsRepeatable(t *testing.T) {
	records, done := &replays{by: map[string]map[int][]byte{}}, map[string]int{}
	server := func() *operation.Registry {
		r := &operation.Registry{}
		r.Use(operation.Replay(records))
		r.Use(func(spec operation.Spec, _ operation.Handler) operation.Handler {
			return func(_ context.Context, req *operation.Request) (*operation.Response, error) {
				name := spec.Service + ":" + spec.Name
				done[name]++
				if done[name]%2 == 0 {
					return nil, operation.Errorf("Refused", "number %d", done[name])
				}
				return &operation.Response{Output: fmt.Appendf(nil, `{"id":"%s %d %d"}`, name, req.Caller.Invocation.Call, done[name])}, nil
			}
		})
		register(r, (&app{}).services(r))
		return r
	}
	mutating := 0
	first, specs := server(), parity()
	run := func(r *operation.Registry, key string) map[string][]string {
		all := map[string][]string{}
		for i, spec := range specs {
			if !spec.Mutates || spec.Service == "s3" || spec.Status == operation.Refused {
				continue
			}
			for n := range 3 { // the same call three times is three calls
				caller := operation.Caller{Account: defaultAccount, Region: "us-east-1", AccessKey: key, Invocation: operation.Invocation{ID: fmt.Sprint("i", i)}}
				resp, err := r.Call(t.Context(), spec.Service, spec.Name, &operation.Request{Caller: caller, Input: json.RawMessage(`{"name":"x"}`)})
				name := spec.Service + ":" + spec.Name
				if err != nil {
					all[name] = append(all[name], err.Error())
				} else {
					all[name] = append(all[name], string(resp.Output))
				}
				if n == 0 {
					mutating++
				}
			}
		}
		return all
	}
	answers := run(first, "one")
	if mutating < 150 || len(done) != mutating {
		t.Fatalf("%d operations that change something, %d done", mutating, len(done))
	}
	before := maps.Clone(done)
	if diff := cmp.Diff(answers, run(server(), "two")); diff != "" {
		t.Errorf("answers of the repeat (-first +again):\n%s", diff)
	}
	if diff := cmp.Diff(before, done); diff != "" {
		t.Errorf("what was done (-first +again):\n%s", diff)
	}
}

// moving are the tables of what is on its way.
var moving = []string{"replay", "outbox", "delivery", "event_delivery", "event_record"}

// tableSizes counts the rows of all tables but those of what is on its way.
func tableSizes(t *testing.T, db *store.DB) map[string]int {
	t.Helper()
	sizes := map[string]int{}
	err := db.View(t.Context(), func(conn *sqlite.Conn) error {
		var names []string
		err := sqlitex.ExecuteTransient(conn, `SELECT name FROM sqlite_master WHERE type = 'table'`, &sqlitex.ExecOptions{
			ResultFunc: func(stmt *sqlite.Stmt) error { names = append(names, stmt.ColumnText(0)); return nil }})
		for _, name := range names {
			if err == nil && !slices.Contains(moving, name) {
				err = sqlitex.ExecuteTransient(conn, "SELECT count(*) FROM "+name, &sqlitex.ExecOptions{
					ResultFunc: func(stmt *sqlite.Stmt) error { sizes[name] = stmt.ColumnInt(0); return nil }})
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sizes
}

// What a repeat does otherwise than the first call, where the server died
// between what that did and the record of its answer.
const (
	isThere   = "answers that it is there"
	doneTwice = "does it twice" // log lines have no identifiers
	laterTime = "tells another time"
)

// Where the server dies between what a call did and the record of its answer,
// the repeat gets the order of the first, and finds what that one made.
func TestCallsWithoutARecordAreFoundAgain(t *testing.T) {
	a := startUp(t, t.TempDir())
	role := "arn:aws:iam::000000000000:role/r"
	definition := `{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":1000,"End":true}}}`
	machine := "arn:aws:states:us-east-1:000000000000:stateMachine:m"
	queue := "http://" + a.server.AWS + "/000000000000/q"
	trust := `{"Version":"2012-10-17","Statement":[]}`
	for i, step := range []struct {
		service, name string
		in            document
		then          string // what the repeat does otherwise
	}{
		{"batch", "CreateComputeEnvironment", document{"computeEnvironmentName": "e", "type": "MANAGED", "state": "ENABLED", "computeResources": document{
			"type": "EC2", "minvCpus": 0, "maxvCpus": 1, "instanceTypes": []string{"optimal"}, "subnets": []string{}, "securityGroupIds": []string{}, "instanceRole": "r"}}, ""},
		{"batch", "CreateJobQueue", document{"jobQueueName": "q", "state": "ENABLED", "priority": 1, "computeEnvironmentOrder": []document{{"order": 1, "computeEnvironment": "e"}}}, ""},
		{"batch", "RegisterJobDefinition", document{"jobDefinitionName": "d", "type": "container", "containerProperties": document{"image": "i", "vcpus": 1, "memory": 1, "command": []string{"x"}}}, ""},
		{"batch", "SubmitJob", document{"jobName": "j", "jobQueue": "q", "jobDefinition": "d"}, ""},
		{"states", "CreateStateMachine", document{"name": "m", "definition": definition, "roleArn": role}, ""},
		{"states", "CreateActivity", document{"name": "a"}, ""},
		{"states", "StartExecution", document{"stateMachineArn": machine}, ""},
		{"states", "StartExecution", document{"stateMachineArn": machine, "name": "named"}, ""},
		{"states", "StopExecution", document{"executionArn": "arn:aws:states:us-east-1:000000000000:execution:m:named"}, ""},
		{"states", "UpdateStateMachine", document{"stateMachineArn": machine, "definition": definition}, laterTime},
		{"states", "PublishStateMachineVersion", document{"stateMachineArn": machine}, ""},
		{"states", "CreateStateMachineAlias", document{"name": "live", "routingConfiguration": []document{{"stateMachineVersionArn": machine + ":1", "weight": 100}}}, ""},
		{"sqs", "CreateQueue", document{"queueName": "q"}, ""},
		{"sqs", "SendMessage", document{"queueUrl": queue, "messageBody": "m"}, ""},
		{"sqs", "SendMessageBatch", document{"queueUrl": queue, "entries": []document{{"id": "1", "messageBody": "a"}, {"id": "2", "messageBody": "b"}}}, ""},
		{"sns", "CreateTopic", document{"name": "t"}, ""},
		{"sns", "Publish", document{"topicArn": "arn:aws:sns:us-east-1:000000000000:t", "message": "m"}, ""},
		{"sns", "Subscribe", document{"topicArn": "arn:aws:sns:us-east-1:000000000000:t", "protocol": "sqs", "endpoint": "arn:aws:sqs:us-east-1:000000000000:q", "returnSubscriptionArn": true}, ""},
		{"events", "CreateEventBus", document{"name": "b"}, isThere},
		{"events", "PutRule", document{"name": "r", "eventPattern": `{"source":["x"]}`}, ""},
		{"events", "PutEvents", document{"entries": []document{{"source": "x", "detailType": "d", "detail": "{}"}}}, ""},
		{"events", "PutTargets", document{"rule": "r", "targets": []document{{"id": "1", "arn": "arn:aws:sqs:us-east-1:000000000000:q"}}}, ""},
		{"scheduler", "CreateScheduleGroup", document{"name": "g"}, isThere},
		{"ssm", "PutParameter", document{"name": "/p", "value": "v", "type": "String"}, isThere},
		{"secretsmanager", "CreateSecret", document{"name": "s", "secretString": "v"}, isThere},
		{"secretsmanager", "PutSecretValue", document{"secretId": "s", "secretString": "w"}, ""},
		{"logs", "CreateLogGroup", document{"logGroupName": "g"}, isThere},
		{"logs", "CreateLogStream", document{"logGroupName": "g", "logStreamName": "s"}, isThere},
		{"logs", "PutLogEvents", document{"logGroupName": "g", "logStreamName": "s", "logEvents": []document{{"timestamp": time.Now().UnixMilli(), "message": "m"}}}, doneTwice},
		{"iam", "CreateRole", document{"roleName": "r", "assumeRolePolicyDocument": trust}, isThere},
		{"iam", "CreatePolicy", document{"policyName": "p", "policyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}, isThere},
		{"iam", "PutRolePolicy", document{"roleName": "r", "policyName": "p", "policyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}, ""},
		{"cloudformation", "CreateStack", document{"stackName": "st", "templateBody": `{"Resources":{"W":{"Type":"AWS::CloudFormation::WaitConditionHandle"}}}`}, ""},
		{"redshift-data", "ExecuteStatement", document{"clusterIdentifier": "salamander", "database": "dev", "dbUser": "awsuser", "sql": "select 1"}, ""},
	} {
		name := step.service + ":" + step.name
		in, err := json.Marshal(step.in)
		if err != nil {
			t.Fatal(err)
		}
		perform := func(key string) (string, error) {
			caller := a.owner()
			caller.AccessKey, caller.Invocation.ID = key, fmt.Sprint("invocation ", i)
			resp, err := a.registry.Call(t.Context(), step.service, step.name, &operation.Request{Caller: caller, Input: in})
			if err != nil {
				return "", err
			}
			return string(resp.Output), nil
		}
		first, err := perform(fmt.Sprint("one ", i))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if step.service == "states" {
			if _, err := a.engineStore.Executions(t.Context(), engine.Query{Machine: machine, Limit: 1}); err != nil { // what is on the way is in the tables
				t.Fatal(err)
			}
		}
		before := tableSizes(t, a.db)
		if err := a.db.Update(t.Context(), func(tx *store.Tx) error { return sqlitex.Execute(tx.Conn(), `DELETE FROM replay`, nil) }); err != nil {
			t.Fatal(err)
		}
		again, err := perform(fmt.Sprint("two ", i))
		switch step.then {
		case isThere:
			if err == nil || !strings.Contains(err.Error(), "xists") {
				t.Errorf("%s again: got %s, %v; want that it is there already", name, again, err)
			}
		case laterTime:
			if err != nil {
				t.Errorf("%s again: %v", name, err)
			}
		default:
			if err != nil || again != first {
				t.Errorf("%s again: got %s, %v; want %s", name, again, err, first)
			}
		}
		if step.service == "states" {
			if _, err := a.engineStore.Executions(t.Context(), engine.Query{Machine: machine, Limit: 1}); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(before, tableSizes(t, a.db)); (diff != "") != (step.then == doneTwice) {
			t.Errorf("%s again made something (-first +again):\n%s", name, diff)
		}
	}
}
