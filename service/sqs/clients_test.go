package sqs_test

import (
	"testing"

	"salamander/api/apitest"
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
	reg := &operation.Registry{}
	reg.Use(operation.Replay(store.NewReplays(db)))
	url := ""
	sqs.Register(reg, sqs.New(queue.New(queue.Options{Store: store.NewQueues(db)}), func() string { return url }))
	url = apitest.Serve(t, reg).URL
	return url
}

func TestBoto3(t *testing.T) {
	boto3 := apitest.Boto3(t)
	url := serve(t)
	if out := boto3.Run(url, "testdata/client.py", url); out != "done" {
		t.Errorf("got %q; want done", out)
	}
}

func TestCLI(t *testing.T) {
	cli := apitest.AWS(t)
	url := serve(t)
	cli.Args = []string{"--output", "text", "sqs"}
	aws := func(args ...string) string { t.Helper(); return cli.Run(url, args...) }
	q := aws("create-queue", "--queue-name", "q", "--query", "QueueUrl")
	if q != url+"/000000000000/q" {
		t.Errorf("create-queue: got %q", q)
	}
	aws("send-message", "--queue-url", q, "--message-body", "hello")
	if got := aws("receive-message", "--queue-url", q, "--query", "Messages[0].Body"); got != "hello" {
		t.Errorf("receive-message: got %q", got)
	}
}
