package main

import (
	"os"
	"path/filepath"
	"testing"

	"salamander/store"
)

func TestOnlyAbandonedDemosAreRemoved(t *testing.T) {
	root := t.TempDir()
	used, left, other := filepath.Join(root, temporaryPrefix+"1"), filepath.Join(root, temporaryPrefix+"2"), filepath.Join(root, "other")
	for _, dir := range []string{left, other} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "lock"), "1\n")
	}
	db, err := store.Open(used, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	removeStale(root)
	for dir, want := range map[string]bool{used: true, left: false, other: true} {
		if _, err := os.Stat(dir); (err == nil) != want {
			t.Errorf("%s: there %t; want %t", filepath.Base(dir), err == nil, want)
		}
	}
}
