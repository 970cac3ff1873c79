// Package apitest serves operations to tests, and runs AWS's own clients
// against them.
package apitest

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"salamander/api"
	"salamander/identity"
	"salamander/operation"
)

// Handler serves the operations of a registry in development mode: any access
// key whose secret is "test" is the owner of the default account.
func Handler(t testing.TB, reg *operation.Registry) http.Handler {
	t.Helper()
	keys, err := identity.LoadKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return api.New(reg, identity.New(keys, identity.Options{Dev: true}), api.Options{})
}

// Serve is [Handler] on a port of its own, closed at the end of the test. The
// caller may close it earlier.
func Serve(t testing.TB, reg *operation.Registry) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(Handler(t, reg))
	t.Cleanup(srv.Close)
	return srv
}

// A Client is a program of this machine that calls AWS.
type Client struct {
	Args []string // before those of each run
	Dir  string   // where it runs; where the test does when empty
	Env  []string // on top of [Env]

	t    testing.TB
	path string
	flag string // that takes the server's URL; may be empty
}

// Boto3 is python3 with boto3; its first argument is a script. The test is
// skipped where this machine has none, and in short runs.
func Boto3(t testing.TB) *Client {
	t.Helper()
	c := find(t, "python3")
	if exec.Command(c.path, "-c", "import boto3").Run() != nil {
		t.Skip("python3 on this machine has no boto3")
	}
	return c
}

// AWS is the aws command. The test is skipped where this machine has none, and
// in short runs.
func AWS(t testing.TB) *Client {
	t.Helper()
	c := find(t, "aws")
	c.flag = "--endpoint-url" // older ones do not heed the environment everywhere
	return c
}

func find(t testing.TB, name string) *Client {
	t.Helper()
	if testing.Short() {
		t.Skip("short")
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not on this machine", name)
	}
	return &Client{t: t, path: path}
}

// Run runs the program against the server at url and returns what it prints,
// without the space around it. A program that fails ends the test.
func (c *Client) Run(url string, args ...string) string {
	c.t.Helper()
	out, err := c.Try(url, args...)
	if err != nil {
		c.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// Try is [Client.Run] for a program that may fail.
func (c *Client) Try(url string, args ...string) (string, error) {
	var flags []string
	if c.flag != "" {
		flags = []string{c.flag, url}
	}
	cmd := exec.CommandContext(c.t.Context(), c.path, slices.Concat(flags, c.Args, args)...)
	cmd.Dir, cmd.Env = c.Dir, append(Env(url), c.Env...)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// Env is the environment of this process, in which AWS's clients call the
// server at url as the owner of the default account, whatever the machine is
// set up for.
func Env(url string) []string {
	return append(os.Environ(), "AWS_ENDPOINT_URL="+url, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_SESSION_TOKEN=", "AWS_CONFIG_FILE=/nonexistent", "AWS_SHARED_CREDENTIALS_FILE=/nonexistent", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_PAGER=", "NO_PROXY=127.0.0.1")
}
