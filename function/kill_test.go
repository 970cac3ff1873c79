package function_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"salamander/function"
	"salamander/store"
)

const helperDir = "FUNCTION_TEST_HELPER_DIR"

// TestHelperRunsForever is no test: it is the engine that
// TestEnvironmentsDieWithTheEngine kills.
func TestHelperRunsForever(t *testing.T) {
	dir := os.Getenv(helperDir)
	if dir == "" {
		t.Skip("runs as a child of TestEnvironmentsDieWithTheEngine")
	}
	b := open(t, dir, function.Options{})
	b.create("f", fmt.Sprintf(`
import os, time
def handler(event, context):
    with open(%[1]q + ".new", "a") as f:
        f.write(context.aws_request_id + " " + str(os.getpid()))
    os.rename(%[1]q + ".new", %[1]q)
    time.sleep(300)
`, filepath.Join(dir, "running")), func(f *function.Function) { f.Timeout = 300 })
	b.invoke("f", "cut", "{}")
}

// When the engine is killed, what runs in functions ends too; nothing that was
// stored is lost.
func TestEnvironmentsDieWithTheEngine(t *testing.T) {
	python(t)
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc on this machine")
	}
	dir := t.TempDir()
	engine := exec.Command(os.Args[0], "-test.run=^TestHelperRunsForever$")
	engine.Env = append(os.Environ(), helperDir+"="+dir)
	if err := engine.Start(); err != nil {
		t.Fatal(err)
	}
	defer engine.Process.Kill()
	until := func(what string, f func() bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !f(); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal(what)
			}
		}
	}
	var text []byte
	until("the function does not start", func() bool {
		text, _ = os.ReadFile(filepath.Join(dir, "running"))
		return len(text) > 0
	})
	id, pidText, _ := strings.Cut(string(text), " ")
	pid, err := strconv.Atoi(pidText)
	if err != nil || id != "cut" {
		t.Fatalf("got %q", text)
	}
	engine.Process.Kill()
	engine.Wait()
	until("the function's process lives on", func() bool {
		// Nobody may reap it here, so that a zombie counts as dead.
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err != nil || strings.Contains(string(stat), ") Z ") || syscall.Kill(pid, 0) != nil
	})
	db, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f, err := function.New(t.Context(), store.NewFunctions(db), function.Options{Dir: filepath.Join(dir, "functions")})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Get(t.Context(), key("f")); err != nil {
		t.Errorf("after the kill: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "functions", "tmp", "*")); len(left) > 0 {
		t.Errorf("left of dead environments: %v", left)
	}
}
