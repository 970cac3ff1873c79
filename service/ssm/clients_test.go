package ssm_test

import (
	"os"
	"strings"
	"testing"

	"salamander/api/apitest"
	"salamander/operation"
	"salamander/secret"
	"salamander/service/ssm"
	"salamander/store"
)

// TestBoto3 runs the operations with the boto3 of this machine, twice: the
// second time over the directory that the first has left.
func TestBoto3(t *testing.T) {
	boto3 := apitest.Boto3(t)
	dir := t.TempDir()
	for _, part := range []string{"make", "take"} {
		db, err := store.Open(dir, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		box, err := secret.LoadBox(dir)
		if err != nil {
			t.Fatal(err)
		}
		reg := &operation.Registry{}
		ssm.Register(reg, ssm.New(store.NewSecrets(db), box))
		srv := apitest.Serve(t, reg)
		if out := boto3.Run(srv.URL, "testdata/client.py", srv.URL, part); out != "done" {
			t.Errorf("%s: got %q; want done", part, out)
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
