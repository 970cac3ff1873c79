package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"salamander/operation"
)

func TestRetentionTexts(t *testing.T) {
	for text, want := range map[string]time.Duration{"90d": 90 * 24 * time.Hour, "12h": 12 * time.Hour, "forever": -1} {
		if r, err := retention(text); err != nil || r.Keep != want {
			t.Errorf("%s: got %v, %v; want %v", text, r.Keep, err, want)
		}
	}
	for _, text := range []string{"", "d", "-1d", "0d", "-3h", "soon"} {
		if _, err := retention(text); err == nil || !strings.Contains(err.Error(), "retention") {
			t.Errorf("%q: got %v; want an error that names the setting", text, err)
		}
	}
}

func TestStartsAreThrottled(t *testing.T) {
	now := time.Unix(0, 0)
	calls := 0
	h := func(context.Context, *operation.Request) (*operation.Response, error) {
		calls++
		return nil, nil
	}
	wrap := throttle(5, func() time.Time { return now })
	limited := wrap(operation.Spec{Service: "states", Name: "StartExecution"}, h)
	other := wrap(operation.Spec{Service: "states", Name: "DescribeExecution"}, h)
	refused := 0
	for range 30 {
		if _, err := limited(t.Context(), nil); err != nil {
			refused++
			if got := err.Error(); !strings.Contains(got, "ThrottlingException") || !strings.Contains(got, "Rate exceeded") {
				t.Fatalf("got %v", err)
			}
		}
		if _, err := other(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if refused != 20 || calls != 40 {
		t.Errorf("at once: %d refused, %d calls; want 20, 40", refused, calls)
	}
	now = now.Add(time.Second)
	for range 10 {
		if _, err := limited(t.Context(), nil); err != nil {
			refused++
		}
	}
	if refused != 25 {
		t.Errorf("a second later: %d refused; want 25", refused)
	}
}

func TestStoreCommands(t *testing.T) {
	dir := t.TempDir()
	a := startUp(t, dir)
	t.Chdir(t.TempDir())
	status, out, stderr := runCommand(t, "store", "check", "--data", dir)
	if status != 0 || !strings.HasPrefix(out, "0 executions, 0 of them open") {
		t.Errorf("check: got status %d, %q, %q", status, out, stderr)
	}
	status, out, stderr = runCommand(t, "store", "backup", "copy", "--data", dir)
	if status != 0 || !strings.Contains(out, "warehouses were not copied") {
		t.Errorf("backup: got status %d, %q, %q", status, out, stderr)
	}
	if status, _, stderr = runCommand(t, "store", "restore", "copy", "--data", dir); status != exitFailed || !strings.Contains(stderr, "not empty") {
		t.Errorf("restore to a directory in use: got status %d, %q", status, stderr)
	}
	if status, _, stderr = runCommand(t, "store", "restore", "copy", "--data", "back"); status != 0 {
		t.Errorf("restore: got status %d, %q", status, stderr)
	}
	if status, _, stderr = runCommand(t, "store", "restore"); status != exitUsage {
		t.Errorf("restore of nothing: got status %d, %q", status, stderr)
	}
	a.close()
	startUp(t, "back")
}

// A copy that is damaged is not restored, not in part either.
func TestADamagedCopyIsNotRestored(t *testing.T) {
	dir := t.TempDir()
	startUp(t, dir)
	t.Chdir(t.TempDir())
	if status, _, stderr := runCommand(t, "store", "backup", "copy", "--data", dir); status != 0 {
		t.Fatalf("backup: got status %d, %q", status, stderr)
	}
	text, err := os.ReadFile("copy/state.db")
	if err != nil {
		t.Fatal(err)
	}
	clear(text[len(text)/2:])
	if err := os.WriteFile("copy/state.db", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("empty", 0o750); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, to := range []string{"new/back", "empty"} {
			status, out, stderr := runCommand(t, "store", "restore", "copy", "--data", to)
			if status != exitFailed || out != "" || strings.Contains(stderr, "not empty") {
				t.Errorf("%s: got status %d, %q, %q", to, status, out, stderr)
			}
		}
	}
	if _, err := os.Stat("new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v; want nothing made", err)
	}
	if left, err := os.ReadDir("empty"); err != nil || len(left) > 0 {
		t.Errorf("got %v, %v; want an empty directory", left, err)
	}
}
