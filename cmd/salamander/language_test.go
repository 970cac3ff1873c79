package main

import (
	"bytes"
	"os"
	"testing"
)

// docs/LANGUAGE.md is what the code's tables say. `make generate` writes it.
func TestLanguageIsCurrent(t *testing.T) {
	status, want, stderr := runCommand(t, "language")
	if status != exitOK {
		t.Fatalf("got status %d, %s", status, stderr)
	}
	got, err := os.ReadFile("../../docs/LANGUAGE.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, []byte(want)) {
		t.Error("docs/LANGUAGE.md is not what the tables say: run `make generate`")
	}
}
