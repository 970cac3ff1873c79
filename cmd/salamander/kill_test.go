package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// binary builds the program once for the tests that need a process.
func binary(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "salamander")
	out, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return file
}

// setting returns the number in an environment variable, or n.
func setting(t *testing.T, name string, n int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return n
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

var tableLine = regexp.MustCompile(`(?m)^\s+([a-z_]+)\s+(\d+)\s+(\d+)\s+(equal|DIFFERENT)$`)

// checksumsIn returns the table lines that the demo printed at its end.
func checksumsIn(out string) string {
	var lines []string
	for _, m := range tableLine.FindAllStringSubmatch(out, -1) {
		lines = append(lines, strings.Join(m[1:], " "))
	}
	return strings.Join(lines, "\n")
}

// A demo that is killed again and again, at random moments, ends in the same
// checksums as one that is left alone. SALAMANDER_KILLS sets how many kills.
func TestDemoSurvivesKills(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	program := binary(t)
	demo := func(ctx context.Context, dir string) (*exec.Cmd, *bytes.Buffer) {
		var out bytes.Buffer
		cmd := exec.CommandContext(ctx, program, "demo", "--scale", "0.002", "--data", dir)
		cmd.Stdout, cmd.Stderr = &out, &out
		return cmd, &out
	}
	began := time.Now()
	cmd, out := demo(t.Context(), filepath.Join(t.TempDir(), "calm"))
	if err := cmd.Run(); err != nil {
		t.Fatalf("the demo that nobody kills: %v\n%s", err, out)
	}
	took, want := time.Since(began), checksumsIn(out.String())
	if strings.Count(want, "equal") != 10 {
		t.Fatalf("checksums: got\n%s\nin\n%s", want, out)
	}

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, undisturbed run %s", seed, took)
	random := rand.New(rand.NewPCG(seed, 0))
	kills := setting(t, "SALAMANDER_KILLS", 3)
	for round := 0; kills > 0; round++ {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(round))
		for {
			cmd, out := demo(t.Context(), dir)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var killed bool
			if kills > 0 {
				kills--
				after := time.Duration(random.Int64N(int64(took)))
				timer := time.AfterFunc(after, func() { killed = cmd.Process.Kill() == nil })
				t.Logf("round %d: kill after %s", round, after)
				defer timer.Stop()
			}
			err := cmd.Wait()
			if err == nil {
				if got := checksumsIn(out.String()); got != want {
					t.Fatalf("round %d: checksums after kills:\n%s\nwant:\n%s", round, got, want)
				}
				break
			}
			if !killed {
				t.Fatalf("round %d: %v\n%s", round, err, out)
			}
		}
	}
}
