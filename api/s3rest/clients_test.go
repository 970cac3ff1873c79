package s3rest_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBoto3 runs the battery in testdata with the boto3 of this machine.
func TestBoto3(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import boto3").Run() != nil {
		t.Skip("python3 with boto3 is not on this machine")
	}
	srv := serve(t)
	cmd := exec.Command(python, "testdata/battery.py", srv.URL)
	cmd.Env = clientEnv(srv.URL)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func clientEnv(url string) []string {
	return append(os.Environ(), "AWS_ENDPOINT_URL="+url, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_SESSION_TOKEN=", "AWS_CONFIG_FILE=/nonexistent", "AWS_SHARED_CREDENTIALS_FILE=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", "NO_PROXY=127.0.0.1")
}

// TestCLI runs the aws command of this machine as its users do.
func TestCLI(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the aws command is not on this machine")
	}
	srv := serve(t)
	dir := t.TempDir()
	aws := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(path, append([]string{"--endpoint-url", srv.URL}, args...)...)
		cmd.Dir, cmd.Env = dir, clientEnv(srv.URL)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("aws %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	contains := func(got, want string) {
		t.Helper()
		if !strings.Contains(got, want) {
			t.Errorf("got %q; want %q in it", got, want)
		}
	}
	write := func(name string, content []byte) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	big := bytes.Repeat([]byte("0123456789abcde\n"), 30<<20/16)
	write("big", big)
	write("tree/a b.txt", []byte("one"))
	write("tree/deep/ü+.txt", []byte("two"))

	contains(aws("s3", "mb", "s3://cli-bucket"), "make_bucket: cli-bucket")
	aws("s3", "cp", "big", "s3://cli-bucket/big", "--no-progress")
	aws("s3", "cp", "s3://cli-bucket/big", "back", "--no-progress")
	if back, err := os.ReadFile(filepath.Join(dir, "back")); err != nil || !bytes.Equal(back, big) {
		t.Errorf("the 30 MB came back as %d bytes, %v", len(back), err)
	}
	contains(aws("s3", "sync", "tree", "s3://cli-bucket/tree", "--no-progress"), "upload: tree/deep/ü+.txt to s3://cli-bucket/tree/deep/ü+.txt")
	contains(aws("s3", "ls", "s3://cli-bucket", "--recursive"), "3 tree/a b.txt")
	contains(aws("s3", "ls", "s3://cli-bucket/tree/"), "PRE deep/")
	aws("s3", "sync", "s3://cli-bucket/tree", "copy", "--no-progress")
	if got, err := os.ReadFile(filepath.Join(dir, "copy/deep/ü+.txt")); string(got) != "two" {
		t.Errorf("got %q, %v", got, err)
	}
	contains(aws("s3", "mv", "s3://cli-bucket/big", "s3://cli-bucket/moved"), "move: s3://cli-bucket/big to s3://cli-bucket/moved")
	url := strings.TrimSpace(aws("s3", "presign", "s3://cli-bucket/tree/a b.txt"))
	c := client{t, srv}
	c.want(c.send(c.request("GET", strings.TrimPrefix(url, srv.URL), "")), 200, "one")
	contains(aws("s3", "rm", "s3://cli-bucket", "--recursive"), "delete: s3://cli-bucket/moved")
	contains(aws("s3", "rb", "s3://cli-bucket"), "remove_bucket: cli-bucket")
}
