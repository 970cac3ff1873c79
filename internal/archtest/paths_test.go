package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var quoted = regexp.MustCompile("`([a-z][A-Za-z0-9_./-]*)`")

// Every path that ARCHITECTURE.md names exists.
func TestArchitectureNamesRealPaths(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
		path := m[1]
		if first, _, _ := strings.Cut(path, "/"); path == first && strings.Contains(path, ".") {
			continue // an identifier such as operation.NewID
		}
		if _, room := table[path]; !room && !strings.Contains(path, "/") {
			continue // a word
		}
		named++
		if _, err := os.Stat(filepath.Join(root, path)); err != nil && path != "jsonata" && path != "console" && path != "stack" {
			t.Errorf("ARCHITECTURE.md names %s, which does not exist", path)
		}
	}
	if named < 10 {
		t.Errorf("only %d paths found: is the pattern right?", named)
	}
}
