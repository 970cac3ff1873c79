package sqs_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"salamander/api"
	"salamander/identity"
	"salamander/operation"
	"salamander/queue"
	"salamander/service/sqs"
	"salamander/store"
)

// serve serves the operations over a store, in development mode.
func serve(t *testing.T) string {
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
	reg := &operation.Registry{}
	reg.Use(operation.Replay(store.NewReplays(db)))
	url := ""
	sqs.Register(reg, sqs.New(queue.New(queue.Options{Store: store.NewQueues(db)}), func() string { return url }))
	srv := httptest.NewServer(api.New(reg, identity.New(keys, identity.Options{Dev: true}), api.Options{}))
	t.Cleanup(srv.Close)
	url = srv.URL
	return url
}

func clientEnv(url string) []string {
	return append(os.Environ(), "AWS_ENDPOINT_URL="+url, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_SESSION_TOKEN=", "AWS_CONFIG_FILE=/nonexistent", "AWS_SHARED_CREDENTIALS_FILE=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", "NO_PROXY=127.0.0.1")
}

func TestBoto3(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import boto3").Run() != nil {
		t.Skip("python3 with boto3 is not on this machine")
	}
	url := serve(t)
	cmd := exec.Command(python, "testdata/client.py", url)
	cmd.Env = clientEnv(url)
	if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "done" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCLI(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the aws command is not on this machine")
	}
	url := serve(t)
	aws := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(path, append([]string{"--endpoint-url", url, "--output", "text", "sqs"}, args...)...)
		cmd.Env = clientEnv(url)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%v: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	q := aws("create-queue", "--queue-name", "q", "--query", "QueueUrl")
	if q != url+"/000000000000/q" {
		t.Errorf("create-queue: got %q", q)
	}
	aws("send-message", "--queue-url", q, "--message-body", "hello")
	if got := aws("receive-message", "--queue-url", q, "--query", "Messages[0].Body"); got != "hello" {
		t.Errorf("receive-message: got %q", got)
	}
}
