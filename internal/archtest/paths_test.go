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
		if _, err := os.Stat(filepath.Join(root, path)); err != nil {
			t.Errorf("ARCHITECTURE.md names %s, which does not exist", path)
		}
	}
	if named < 10 {
		t.Errorf("only %d paths found: is the pattern right?", named)
	}
}

// Every room has a row in ARCHITECTURE.md's table.
func TestArchitectureHasAllRooms(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "|") {
			rows.WriteString(line)
		}
	}
	for room := range table {
		if !strings.Contains(rows.String(), "`"+room+"`") {
			t.Errorf("ARCHITECTURE.md has no row for %s: say what lives there and what it may import", room)
		}
	}
}
