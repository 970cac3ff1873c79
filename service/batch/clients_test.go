package batch

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"salamander/api"
	"salamander/identity"
)

// serve serves the operations on HTTP, in development mode.
func (w *world) serve() (url string) {
	w.t.Helper()
	keys, err := identity.LoadKeys(w.t.TempDir())
	if err != nil {
		w.t.Fatal(err)
	}
	srv := httptest.NewServer(api.New(w.reg, identity.New(keys, identity.Options{Dev: true}), api.Options{}))
	w.t.Cleanup(srv.Close)
	return srv.URL
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
	url := start(t).serve()
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
	url := start(t).serve()
	aws := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(path, append([]string{"--endpoint-url", url, "--output", "text", "batch"}, args...)...)
		cmd.Env = clientEnv(url)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%v: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
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
