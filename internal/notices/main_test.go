package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The checked-in notices name every module of the program in its version.
func TestNoticesNameAllModules(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "THIRD-PARTY-NOTICES"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "./cmd/salamander")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		name := strings.TrimSpace(line)
		if name == "" || seen[name] {
			continue
		}
		seen[name] = true
		if !bytes.Contains(text, []byte("\n"+name+"\n---")) {
			t.Errorf("THIRD-PARTY-NOTICES lacks %s: make notices", name)
		}
	}
	if len(seen) == 0 {
		t.Error("go list names no modules")
	}
}
