package s3rest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"salamander/api/apitest"
)

// TestBoto3 runs the battery in testdata with the boto3 of this machine.
func TestBoto3(t *testing.T) {
	boto3 := apitest.Boto3(t)
	srv := serve(t)
	boto3.Run(srv.URL, "testdata/battery.py", srv.URL)
}

// TestCLI runs the aws command of this machine as its users do.
func TestCLI(t *testing.T) {
	cli := apitest.AWS(t)
	srv := serve(t)
	dir := t.TempDir()
	cli.Dir = dir
	aws := func(args ...string) string { t.Helper(); return cli.Run(srv.URL, args...) }
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
