package main

import (
	"bytes"
	"os"
	"testing"
)

// docs/PARITY.md is what the registry says. `make generate` writes it.
func TestParityTableIsCurrent(t *testing.T) {
	var want bytes.Buffer
	if err := writeParity(&want, parity()); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../docs/PARITY.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("docs/PARITY.md is not what the registry says: run `make generate`")
	}
}
