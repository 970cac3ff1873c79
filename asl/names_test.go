package asl

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Each name of an error that the code reports is in the table.
func TestErrorNamesAreThoseOfTheCode(t *testing.T) {
	var files []string
	for _, pattern := range []string{"*.go", "../engine/*.go", "../engine/*/*.go"} {
		some, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, some...)
	}
	used := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") || f == "names.go" {
			continue
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(States\.[A-Za-z.]+)"`).FindAllSubmatch(text, -1) {
			used[string(m[1])] = true
		}
	}
	for _, f := range IntrinsicFunctions() {
		delete(used, f.Name)
	}
	sorted := true
	last := ""
	for _, e := range ErrorNames() {
		if e.Reported && !used[e.Name] {
			t.Errorf("%s is in the table as reported; the code does not have it", e.Name)
		}
		sorted = sorted && last < e.Name
		last = e.Name
		delete(used, e.Name)
	}
	if !sorted {
		t.Error("the names are not sorted")
	}
	for name := range used {
		t.Errorf("the code has %s, which the table of error names lacks", name)
	}
}

// Each note belongs to a field, and is true.
func TestFieldNotes(t *testing.T) {
	tables := slices.Concat(Fields(), RuleFields(), MapFields(), ProcessorFields(), []StateFields{{"", MachineFields()}})
	for key := range FieldNotes() {
		table, field, _ := strings.Cut(key, ".")
		if !slices.ContainsFunc(tables, func(s StateFields) bool { return s.Type == table && hasField(s.Fields, field) }) {
			t.Errorf("a note on %s, which is no field", key)
		}
	}
}

// The machine takes the fields that MachineFields lists, and no other.
func TestMachineFields(t *testing.T) {
	for _, f := range MachineFields() {
		if _, err := Parse([]byte(`{"`+f.Name+`": []}`), ParseOptions{}); err == nil || strings.Contains(err.Error(), "Field '"+f.Name+"' is not supported") {
			t.Errorf("%s: got %v; want another mistake", f.Name, err)
		}
	}
}
