package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"salamander/api"
	"salamander/api/apitest"
	"salamander/identity"
	"salamander/logs"
	"salamander/operation"
	logsservice "salamander/service/logs"
	"salamander/service/sts"
	"salamander/store"
)

// serve serves the operations of sts and logs over a store, in development mode.
func serve(t *testing.T) (url string) {
	t.Helper()
	dir := t.TempDir()
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	keys, err := identity.LoadKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := identity.New(keys, identity.Options{Dev: true})
	reg := &operation.Registry{}
	reg.Use(operation.Replay(store.NewReplays(db)))
	sts.Register(reg, sts.New(id))
	logsservice.Register(reg, logsservice.New(logs.New(store.NewLogs(db), logs.Options{})))
	srv := httptest.NewServer(api.New(reg, id, api.Options{}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestBoto3 runs the battery in testdata with the boto3 of this machine.
func TestBoto3(t *testing.T) {
	boto3 := apitest.Boto3(t)
	url := serve(t)
	boto3.Run(url, "testdata/battery.py", url)
}

// TestCLI runs the aws command of this machine as its users do.
func TestCLI(t *testing.T) {
	cli := apitest.AWS(t)
	url := serve(t)
	aws := func(env []string, args ...string) (string, error) {
		cli.Env = env
		return cli.Try(url, args...)
	}
	out, err := aws(nil, "sts", "get-caller-identity", "--query", "Arn", "--output", "text")
	if err != nil || strings.TrimSpace(out) != "arn:aws:iam::000000000000:root" {
		t.Errorf("get-caller-identity: got %q, %v", out, err)
	}
	out, err = aws([]string{"AWS_SECRET_ACCESS_KEY=wrong"}, "sts", "get-caller-identity")
	if err == nil || !strings.Contains(out, "(SignatureDoesNotMatch)") {
		t.Errorf("a wrong secret: got %q, %v", out, err)
	}
	if out, err := aws(nil, "logs", "create-log-group", "--log-group-name", "/aws/batch/job"); err != nil {
		t.Errorf("create-log-group: %v: %s", err, out)
	}
	out, err = aws(nil, "logs", "describe-log-groups", "--query", "logGroups[].logGroupName", "--output", "text")
	if err != nil || strings.TrimSpace(out) != "/aws/batch/job" {
		t.Errorf("describe-log-groups: got %q, %v", out, err)
	}
}
