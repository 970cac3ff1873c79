//go:build cgo

package duck_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The PostgreSQL JDBC driver, as Debian has it, writes in batches, reads
// binary values, fetches in portions and asks the catalog.
func TestJDBC(t *testing.T) {
	const driver = "/usr/share/java/postgresql.jar"
	_, noDriver := os.Stat(driver)
	_, err := exec.LookPath("javac") // java compiles the file
	if noDriver != nil || err != nil {
		t.Skip("a JDK or libpostgresql-jdbc-java is not installed")
	}
	f := start(t)
	cmd := exec.Command("java", "-cp", driver, filepath.Join("testdata", "Jdbc.java"), f.Addr().String(), "secret")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	want, err := os.ReadFile("testdata/jdbc.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(out)); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}
