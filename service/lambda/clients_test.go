package lambda

import (
	"testing"

	"salamander/api/apitest"
)

func TestBoto3(t *testing.T) {
	boto3 := apitest.Boto3(t)
	url := apitest.Serve(t, newBench(t).registry).URL
	if out := boto3.Run(url, "testdata/client.py", url); out != "done" {
		t.Errorf("got %q; want done", out)
	}
}
