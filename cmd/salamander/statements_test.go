//go:build cgo

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// serverlessSQL is how machines run SQL without a job: submit, and ask until
// it ends.
const serverlessSQL = `{"StartAt": "Submit", "States": {
	"Submit": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:redshiftdata:executeStatement", "ResultPath": "$.sql",
		"Parameters": {"ClusterIdentifier": "salamander", "Database": "dev", "Sql": "insert into t values (:id, 'b')",
			"Parameters": [{"Name": "id", "Value.$": "$.id"}], "WithEvent": true, "StatementName": "load"}, "Next": "Ask"},
	"Ask": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:redshiftdata:describeStatement",
		"Parameters": {"Id.$": "$.sql.Id"}, "ResultPath": "$.told", "Next": "Ended"},
	"Unknown": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:redshiftdata:describeStatement",
		"Parameters": {"Id": "00000000-0000-0000-0000-000000000000"}, "Next": "Fail",
		"Catch": [{"ErrorEquals": ["RedshiftData.ResourceNotFoundException"], "ResultPath": "$.caught", "Next": "Read"}]},
	"Ended": {"Type": "Choice", "Choices": [
		{"Variable": "$.told.Status", "StringEquals": "FINISHED", "Next": "Unknown"},
		{"Variable": "$.told.Status", "StringEquals": "FAILED", "Next": "Fail"}], "Default": "Wait"},
	"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Ask"},
	"Fail": {"Type": "Fail", "CausePath": "$.told.Error"},
	"Read": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:redshiftdata:listTables",
		"Parameters": {"ClusterIdentifier": "salamander", "Database": "dev", "SchemaPattern": "public"}, "ResultPath": "$.read", "End": true}}}`

type describedStatement struct {
	Id, Status, Error string
	ResultRows        int64
	SubStatements     []struct{ Id, Status string }
}

// runSQL runs SQL through the Data API and waits for its end.
func runSQL(t *testing.T, a *app, op string, in document) *describedStatement {
	t.Helper()
	st, err := call[describedStatement](t.Context(), a, "", "redshift-data", op, in)
	must(t, err)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		st, err = call[describedStatement](t.Context(), a, "", "redshift-data", "DescribeStatement", document{"Id": st.Id})
		must(t, err)
		if st.Status == "FINISHED" || st.Status == "FAILED" || st.Status == "ABORTED" {
			return st
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v does not end: %+v", in, st)
		}
	}
}

func in(sql string) document {
	return document{"ClusterIdentifier": "salamander", "Database": "dev", "Sql": sql}
}

// A machine submits a statement and polls it; its event reaches a queue.
func TestAMachineRunsSQLThroughTheDataAPI(t *testing.T) {
	a := startUp(t, t.TempDir())
	ctx := t.Context()
	must(t, do(ctx, a, "", "sqs", "CreateQueue", document{"QueueName": "ended"}))
	must(t, do(ctx, a, "", "events", "PutRule", document{"Name": "sql", "EventPattern": `{"source": ["aws.redshift-data"], "detail": {"state": ["FINISHED"]}}`}))
	must(t, do(ctx, a, "", "events", "PutTargets", document{"Rule": "sql", "Targets": []document{{"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:ended"}}}))
	if st := runSQL(t, a, "ExecuteStatement", in("create table t (id int not null, name varchar(9) default 'x')")); st.Status != "FINISHED" {
		t.Fatalf("got %+v", st)
	}
	machine, err := call[struct{ StateMachineArn string }](ctx, a, "", "states", "CreateStateMachine",
		document{"name": "sql", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": serverlessSQL})
	must(t, err)
	ex, err := call[struct{ ExecutionArn string }](ctx, a, "", "states", "StartExecution", document{"stateMachineArn": machine.StateMachineArn, "input": `{"id": "7"}`})
	must(t, err)
	var told *struct{ Status, Output, Error, Cause string }
	for deadline := time.Now().Add(time.Minute); told == nil || told.Status == "RUNNING"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the machine does not end")
		}
		told, err = call[struct{ Status, Output, Error, Cause string }](ctx, a, "", "states", "DescribeExecution", document{"executionArn": ex.ExecutionArn})
		must(t, err)
	}
	if want := `"Tables":[{"Name":"t","Schema":"public","Type":"TABLE"}]`; told.Status != "SUCCEEDED" || !strings.Contains(told.Output, want) {
		t.Fatalf("got %+v; want %s", told, want)
	}
	var ev struct {
		Type      string `json:"detail-type"`
		Resources []string
		Detail    struct {
			StatementName, State string
			Rows                 int
		}
	}
	must(t, json.Unmarshal([]byte(messages(t, a, "ended", 1)[0]), &ev))
	if ev.Type != "Redshift Data Statement Status Change" || ev.Detail.StatementName != "load" || ev.Detail.Rows != 1 ||
		ev.Resources[0] != "arn:aws:redshift:us-east-1:000000000000:cluster:salamander" {
		t.Errorf("event: got %+v", ev)
	}
}

func TestTheDataAPI(t *testing.T) {
	a := startUp(t, t.TempDir())
	ctx := t.Context()
	batch := document{"ClusterIdentifier": "salamander", "Database": "dev", "Sqls": []string{"create table b (id int not null, price numeric(8,2) default 1.5)", "insert into b (id) values (1), (2)", "select * from b order by id"}}
	st := runSQL(t, a, "BatchExecuteStatement", batch)
	if st.Status != "FINISHED" || len(st.SubStatements) != 3 {
		t.Fatalf("batch: got %+v", st)
	}
	result, err := call[json.RawMessage](ctx, a, "", "redshift-data", "GetStatementResult", document{"Id": st.SubStatements[2].Id})
	must(t, err)
	for _, want := range []string{`"Records":[[{"longValue":1},{"stringValue":"1.50"}],[{"longValue":2},{"stringValue":"1.50"}]]`, `"TotalNumRows":2`, `"typeName":"numeric"`} {
		if !strings.Contains(string(*result), want) {
			t.Errorf("result: got %s; want %s", *result, want)
		}
	}
	table, err := call[json.RawMessage](ctx, a, "", "redshift-data", "DescribeTable", document{"ClusterIdentifier": "salamander", "Database": "dev", "Schema": "public", "Table": "b"})
	must(t, err)
	for _, want := range []string{`"name":"id","nullable":0,"precision":10,"scale":0,"schemaName":"public","tableName":"b","typeName":"int4","length":4`, `"precision":8,"scale":2`} {
		if !strings.Contains(string(*table), want) {
			t.Errorf("table: got %s; want %s", *table, want)
		}
	}
	must(t, do(ctx, a, "", "secretsmanager", "CreateSecret", document{"Name": "dw", "SecretString": `{"username": "awsuser", "password": "` + a.warehouse.password + `", "dbClusterIdentifier": "salamander"}`}))
	if st := runSQL(t, a, "ExecuteStatement", document{"SecretArn": "dw", "Database": "dev", "Sql": "select 1"}); st.Status != "FINISHED" {
		t.Errorf("secret: got %+v", st)
	}
	if st := runSQL(t, a, "ExecuteStatement", document{"ClusterIdentifier": "salamander", "DbUser": "nobody", "Database": "dev", "Sql": "select 1"}); st.Status != "FAILED" {
		t.Errorf("another user: got %+v", st)
	}
	must(t, do(ctx, a, "", "redshift", "CreateCluster", document{"ClusterIdentifier": "second", "NodeType": "ra3.large", "MasterUsername": "boss",
		"MasterUserPassword": "Secret123", "DBName": "sales", "ClusterType": "single-node"}))
	if st := runSQL(t, a, "ExecuteStatement", document{"ClusterIdentifier": "second", "DbUser": "boss", "Database": "sales", "Sql": "select 1"}); st.Status != "FINISHED" {
		t.Errorf("a cluster of its own: got %+v", st)
	}
	for name, tt := range map[string]struct {
		op   string
		in   document
		want string
	}{
		"workgroup":   {"ExecuteStatement", document{"WorkgroupName": "wgx", "Database": "dev", "Sql": "select 1"}, "NotImplementedException: Salamander does not implement redshift-data:ExecuteStatement: the member WorkgroupName"},
		"session":     {"ExecuteStatement", document{"SessionKeepAliveSeconds": 5, "ClusterIdentifier": "salamander", "Database": "dev", "Sql": "select 1"}, "the member SessionKeepAliveSeconds"},
		"no cluster":  {"ExecuteStatement", document{"Database": "dev", "Sql": "select 1"}, "ValidationException"},
		"unknown":     {"ExecuteStatement", document{"ClusterIdentifier": "other", "Database": "dev", "Sql": "select 1"}, "ValidationException: Redshift endpoint doesn't exist in this region."},
		"no secret":   {"ExecuteStatement", document{"SecretArn": "none", "ClusterIdentifier": "salamander", "Database": "dev", "Sql": "select 1"}, "ValidationException: Secrets Manager can't find the specified secret."},
		"unused":      {"ExecuteStatement", document{"ClusterIdentifier": "salamander", "Database": "dev", "Sql": "select 1", "Parameters": []document{{"name": "x", "value": "1"}}}, "ValidationException: Parameters list contains unused parameters. Unused parameters: [x]"},
		"no query":    {"DescribeStatement", document{"Id": "00000000-0000-0000-0000-000000000000"}, "ResourceNotFoundException: Query does not exist."},
		"no result":   {"GetStatementResult", document{"Id": st.SubStatements[1].Id}, "ResourceNotFoundException: Query does not have result."},
		"CSV of JSON": {"GetStatementResultV2", document{"Id": st.SubStatements[2].Id}, "ValidationException"},
		"too late":    {"CancelStatement", document{"Id": st.Id}, "ValidationException: Could not cancel a query that is already in FINISHED state"},
		"no database": {"ListTables", document{"ClusterIdentifier": "salamander", "Database": "other"}, "DatabaseConnectionException"},
	} {
		if err := do(ctx, a, "", "redshift-data", tt.op, tt.in); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v; want %s", name, err, tt.want)
		}
	}
}

// AWS's own clients, over the port.
func TestTheDataAPIByItsClients(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	a := startUp(t, t.TempDir())
	env := append(os.Environ(), "AWS_ENDPOINT_URL="+a.endpoint(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_SESSION_TOKEN=", "AWS_CONFIG_FILE=/nonexistent", "AWS_SHARED_CREDENTIALS_FILE=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=", "NO_PROXY=127.0.0.1")
	run := func(path string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), path, args...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	t.Run("boto3", func(t *testing.T) {
		python, err := exec.LookPath("python3")
		if err != nil || exec.Command(python, "-c", "import boto3").Run() != nil {
			t.Skip("python3 with boto3 is not on this machine")
		}
		for _, script := range []string{"testdata/statements.py", "testdata/clusters.py"} {
			if got := run(python, script); got != "done" {
				t.Errorf("%s: got %s", script, got)
			}
		}
	})
	t.Run("aws", func(t *testing.T) {
		path, err := exec.LookPath("aws")
		if err != nil {
			t.Skip("the aws command is not on this machine")
		}
		aws := func(args ...string) string {
			t.Helper()
			return run(path, append([]string{"--endpoint-url", a.endpoint(), "--output", "text", "redshift-data"}, args...)...)
		}
		id := aws("execute-statement", "--cluster-identifier", "salamander", "--database", "dev", "--sql", "select 42 as answer", "--query", "Id")
		for i := 0; aws("describe-statement", "--id", id, "--query", "Status") != "FINISHED"; i++ {
			if i == 20 {
				t.Fatal("the statement does not end")
			}
		}
		if got := aws("get-statement-result", "--id", id, "--query", "Records[0][0].longValue"); got != "42" {
			t.Errorf("got %s; want 42", got)
		}
	})
}
