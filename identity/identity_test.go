package identity

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"salamander/operation"
)

func load(t *testing.T, dir string) Keys {
	t.Helper()
	keys, err := LoadKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return operation.AsError(err).Code
}

func TestKeysAreMadeOnceAndPrivate(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadKeys(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no keys yet: got %v", err)
	}
	keys := load(t, dir)
	if again := load(t, dir); again.AccessKey != keys.AccessKey || again.Secret != keys.Secret {
		t.Error("the second load made other keys")
	}
	if !strings.HasPrefix(keys.AccessKey, "AKIA") || len(keys.AccessKey) != 20 || len(keys.Secret) != 40 {
		t.Errorf("keys: got %q, %d characters of secret", keys.AccessKey, len(keys.Secret))
	}
	file := filepath.Join(dir, KeysFile)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: got %v, %v; want 0600", info.Mode(), err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKeys(dir); err == nil {
		t.Error("keys that others can read were taken")
	}
	if err := os.WriteFile(file, []byte(`{"accessKey":"x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_ = os.Chmod(file, 0o600)
	if _, err := LoadKeys(dir); err == nil {
		t.Error("half a file was taken")
	}
}

func TestLookup(t *testing.T) {
	keys := load(t, t.TempDir())
	plain, dev := New(keys, Options{}), New(keys, Options{Dev: true})
	for _, c := range []struct {
		name            string
		id              *Identity
		key             string
		secret, account string // secret empty: refused
	}{
		{"own key", plain, keys.AccessKey, keys.Secret, "000000000000"},
		{"own key in dev", dev, keys.AccessKey, keys.Secret, "000000000000"},
		{"test", dev, "test", "test", "000000000000"},
		{"account", dev, "111122223333", "test", "111122223333"},
		{"test without dev", plain, "test", "", ""},
		{"account without dev", plain, "111122223333", "", ""},
		{"thirteen digits", dev, "1111222233334", "", ""},
		{"stranger", dev, "AKIAIOSFODNN7EXAMPLE", "", ""},
		{"empty", plain, "", "", ""},
	} {
		secret, caller, err := c.id.Lookup(t.Context(), c.key, "", "eu-west-1")
		if c.secret == "" {
			if code(err) != "InvalidClientTokenId" || secret != "" {
				t.Errorf("%s: got %q, %v; want a refusal", c.name, secret, err)
			}
			continue
		}
		want := operation.Caller{Account: c.account, Region: "eu-west-1", Principal: "arn:aws:iam::" + c.account + ":root", AccessKey: c.key}
		if err != nil || secret != c.secret || caller != want {
			t.Errorf("%s: got %q, %+v, %v; want %+v", c.name, secret, caller, err, want)
		}
	}
}

func TestSessions(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	dir := t.TempDir()
	id := New(load(t, dir), Options{Now: func() time.Time { return now }})
	role, ok := AssumedRole("arn:aws:iam::111122223333:role/path/runner", "run")
	if !ok || role != "arn:aws:sts::111122223333:assumed-role/runner/run" {
		t.Fatalf("assumed role: got %q, %v", role, ok)
	}
	s := id.Issue(SessionOptions{Principal: role, Account: "111122223333", Lifetime: time.Hour})
	s.Serve("inv-1")

	secret, caller, err := id.Lookup(t.Context(), s.AccessKey, s.Token, "us-east-1")
	want := operation.Caller{Account: "111122223333", Region: "us-east-1", Principal: role, AccessKey: s.AccessKey,
		Invocation: operation.Invocation{ID: "inv-1"}}
	if err != nil || secret != s.Secret || caller != want {
		t.Errorf("session: got %+v, %v; want %+v", caller, err, want)
	}
	s.Serve("")
	if _, caller, _ := id.Lookup(t.Context(), s.AccessKey, s.Token, ""); caller.Invocation.ID != "" || caller.Region != "us-east-1" {
		t.Errorf("after the invocation: got %+v", caller)
	}

	// The credentials outlive the process; what they served does not.
	s.Serve("inv-2")
	again := New(load(t, dir), Options{Now: func() time.Time { return now }})
	if secret, caller, err := again.Lookup(t.Context(), s.AccessKey, s.Token, ""); err != nil || secret != s.Secret || caller.Invocation.ID != "" {
		t.Errorf("after a restart: got %+v, %v", caller, err)
	}

	other := id.Issue(SessionOptions{})
	for name, c := range map[string][2]string{
		"no token":          {s.AccessKey, ""},
		"another's token":   {s.AccessKey, other.Token},
		"a changed token":   {s.AccessKey, "x" + s.Token},
		"an own key's name": {"AKIA", s.Token},
	} {
		if _, _, err := id.Lookup(t.Context(), c[0], c[1], ""); code(err) != "InvalidClientTokenId" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	foreign := New(load(t, t.TempDir()), Options{})
	if _, _, err := foreign.Lookup(t.Context(), s.AccessKey, s.Token, ""); code(err) != "InvalidClientTokenId" {
		t.Errorf("another directory: got %v", err)
	}
	now = now.Add(time.Hour)
	if _, _, err := id.Lookup(t.Context(), s.AccessKey, s.Token, ""); code(err) != "ExpiredToken" {
		t.Errorf("expired: got %v", err)
	}
}

func FuzzToken(f *testing.F) {
	f.Add("a.b")
	f.Add("e30.")
	f.Fuzz(func(t *testing.T, token string) {
		id := New(Keys{AccessKey: "AKIAX", Secret: "s", Signing: make([]byte, 32)}, Options{})
		if _, _, err := id.Lookup(t.Context(), "ASIAX", token, ""); err == nil {
			t.Errorf("token %q was taken", token)
		}
	})
}
