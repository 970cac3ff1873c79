package batch

import (
	"testing"

	"salamander/api/apitest"
)

// serve serves the operations on HTTP, in development mode.
func (w *world) serve() (url string) {
	w.t.Helper()
	return apitest.Serve(w.t, w.reg).URL
}

func TestBoto3(t *testing.T) {
	boto3 := apitest.Boto3(t)
	url := start(t).serve()
	if out := boto3.Run(url, "testdata/client.py", url); out != "done" {
		t.Errorf("got %q; want done", out)
	}
}

func TestCLI(t *testing.T) {
	cli := apitest.AWS(t)
	url := start(t).serve()
	cli.Args = []string{"--output", "text", "batch"}
	aws := func(args ...string) string { t.Helper(); return cli.Run(url, args...) }
	aws("create-compute-environment", "--compute-environment-name", "ce", "--type", "MANAGED",
		"--compute-resources", "type=EC2,minvCpus=0,maxvCpus=4,instanceTypes=optimal,subnets=s,securityGroupIds=g,instanceRole=r")
	aws("create-job-queue", "--job-queue-name", "q", "--priority", "1", "--compute-environment-order", "order=1,computeEnvironment=ce")
	got := aws("register-job-definition", "--job-definition-name", "d", "--type", "container", "--query", "jobDefinitionArn",
		"--container-properties", `{"image":"i","resourceRequirements":[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"128"}]}`)
	if got != prefix+"job-definition/d:1" {
		t.Errorf("register-job-definition: got %q", got)
	}
	id := aws("submit-job", "--job-name", "j", "--job-queue", "q", "--job-definition", "d", "--query", "jobId")
	if got := aws("list-jobs", "--job-queue", "q", "--filters", "name=JOB_NAME,values=j", "--query", "jobSummaryList[].jobId"); got != id {
		t.Errorf("list-jobs: got %q; want %q", got, id)
	}
	aws("terminate-job", "--job-id", id, "--reason", "enough")
	if got := aws("describe-jobs", "--jobs", id, "--query", "jobs[0].jobName"); got != "j" {
		t.Errorf("describe-jobs: got %q", got)
	}
}
