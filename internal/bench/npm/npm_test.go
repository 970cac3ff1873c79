package npm

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Without node there is a reason to skip, not a failure.
func TestInstallWithoutNode(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Install("left-pad", "1.3.0"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v; want %v", err, ErrUnavailable)
	}
}

// What is in the cache is not installed again.
func TestInstallFindsTheCache(t *testing.T) {
	tools, cache := t.TempDir(), t.TempDir()
	for _, tool := range []string{"node", "npm"} {
		if err := os.WriteFile(filepath.Join(tools, tool), []byte("#!/bin/sh\nexit 1\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", tools)
	t.Setenv("HOME", cache)
	t.Setenv("XDG_CACHE_HOME", cache)
	if _, err := Install("@a/b", "1.0.0"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v of an npm that fails; want %v", err, ErrUnavailable)
	}
	base, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(base, "salamander", "npm", "@a+b-1.0.0"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Install("@a/b", "1.0.0"); err != nil {
		t.Errorf("got %v; want the cached package", err)
	}
}
