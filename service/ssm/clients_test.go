package ssm_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"salamander/api"
	"salamander/identity"
	"salamander/operation"
	"salamander/secret"
	"salamander/service/ssm"
	"salamander/store"
)

// TestBoto3 runs the operations with the boto3 of this machine, twice: the
// second time over the directory that the first has left.
func TestBoto3(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	python, err := exec.LookPath("python3")
	if err != nil || exec.Command(python, "-c", "import boto3").Run() != nil {
		t.Skip("python3 with boto3 is not on this machine")
	}
	dir := t.TempDir()
	for _, part := range []string{"make", "take"} {
		db, err := store.Open(dir, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		keys, err := identity.LoadKeys(dir)
		if err != nil {
			t.Fatal(err)
		}
		box, err := secret.LoadBox(dir)
		if err != nil {
			t.Fatal(err)
		}
		reg := &operation.Registry{}
		ssm.Register(reg, ssm.New(store.NewSecrets(db), box))
		srv := httptest.NewServer(api.New(reg, identity.New(keys, identity.Options{Dev: true}), api.Options{}))
		cmd := exec.Command(python, "testdata/client.py", srv.URL, part)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_DEFAULT_REGION=us-east-1",
			"AWS_SESSION_TOKEN=", "AWS_CONFIG_FILE=/nonexistent", "AWS_SHARED_CREDENTIALS_FILE=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", "NO_PROXY=127.0.0.1")
		if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "done" {
			t.Errorf("%s: %v\n%s", part, err, out)
		}
		srv.Close()
		db.Close()
	}
	for _, file := range []string{"state.db", "state.db-wal"} {
		kept, err := os.ReadFile(dir + "/" + file)
		if err == nil && strings.Contains(string(kept), "open sesame") {
			t.Errorf("%s has the secret in the clear", file)
		}
	}
}
