// Package archtest holds the table of who may import whom and fails on any
// other import or an unlisted package. ARCHITECTURE.md explains the rooms.
package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "salamander"

// Groups of rooms that rows name.
var (
	leaves  = []string{"internal/..."}
	pure    = []string{"asl", "jsonata", "jsonpath", "sqltext"}
	domains = []string{"engine", "batch", "function", "object", "event", "notify", "queue", "logs", "identity", "secret", "stack", "warehouse", "psql"}
)

// table gives for each room the rooms that it and its subpackages may import.
// A room may always import itself, its parent and leaves.
var table = map[string][]string{
	"cmd":              {"..."},
	"service":          join(prefix(domains), []string{"operation", "asl", "jsonpath", "jsonata", "sqltext"}),
	"api":              {"operation"},
	"api/apitest":      {"operation", "identity"}, // only for tests
	"console":          {"operation"},
	"store":            domains,
	"tpcds":            nil,
	"examples/refresh": nil,
	"asl":              {"jsonpath", "jsonata"},
	"jsonpath":         nil,
	"jsonata":          nil,
	"sqltext":          nil,
	"operation":        nil,
	"internal":         nil,
}

func init() {
	for _, d := range domains {
		table[d] = join(pure, []string{"operation"})
	}
}

func prefix(rooms []string) []string {
	var all []string
	for _, r := range rooms {
		all = append(all, r, r+"/...")
	}
	return all
}

func join(lists ...[]string) []string { return slices.Concat(lists...) }

type pkg struct {
	ImportPath string
	Imports    []string
}

func TestImports(t *testing.T) {
	for _, p := range list(t) {
		path := strings.TrimPrefix(p.ImportPath, module+"/")
		room, ok := roomOf(path)
		if !ok {
			t.Errorf("%s is in no room: add it to the table, and to ARCHITECTURE.md", path)
			continue
		}
		for _, imp := range p.Imports {
			imp, ours := strings.CutPrefix(imp, module+"/")
			if !ours || allowed(room, path, imp) {
				continue
			}
			t.Errorf("%s imports %s, which the table does not allow: declare an interface where it is used and connect the rooms in cmd", path, imp)
		}
	}
}

// pureRooms have no clock, no goroutine and no I/O of their own.
var pureRooms = []string{"asl", "jsonata", "jsonpath", "sqltext"}

var impure = []string{"os", "os/exec", "net", "net/http", "database/sql", "math/rand", "math/rand/v2", "crypto/rand", "io/fs", "syscall"}

func TestPureRoomsStayPure(t *testing.T) {
	for _, p := range list(t) {
		path := strings.TrimPrefix(p.ImportPath, module+"/")
		room, _ := roomOf(path)
		if !slices.Contains(pureRooms, room) {
			continue
		}
		for _, imp := range p.Imports {
			if slices.Contains(impure, imp) {
				t.Errorf("%s imports %s: a pure room takes time, randomness and data as arguments", path, imp)
			}
		}
	}
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func roomOf(path string) (string, bool) {
	for room := path; ; {
		if _, ok := table[room]; ok {
			return room, true
		}
		i := strings.LastIndexByte(room, '/')
		if i < 0 {
			return "", false
		}
		room = room[:i]
	}
}

// allowed reports whether the package path of room may import imp.
func allowed(room, path, imp string) bool {
	if strings.HasPrefix(path, imp+"/") { // a parent
		return true
	}
	if own := imp == room || strings.HasPrefix(imp, room+"/"); own {
		return room != "service" || sameService(path, imp)
	}
	for _, rule := range join(table[room], leaves) {
		base, wild := strings.CutSuffix(rule, "...")
		if imp == rule || wild && strings.HasPrefix(imp, base) {
			return true
		}
	}
	return false
}

// sameService keeps the services from one another.
func sameService(path, imp string) bool {
	name := func(s string) string { return strings.SplitN(s+"//", "/", 3)[1] }
	return name(path) == name(imp)
}
