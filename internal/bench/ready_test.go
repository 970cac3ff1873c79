package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkReady starts the program on an empty data directory, until it says
// that it serves, and looks a second later how much memory it holds. The
// warehouse, a process of its own, is not counted.
func BenchmarkReady(b *testing.B) {
	program := filepath.Join(b.TempDir(), "salamander")
	// As make build.
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "../../cmd/salamander").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	for b.Loop() {
		var ready, resident []float64
		for range 5 {
			cmd := exec.Command(program, "up", "--data", b.TempDir(), "--aws-addr", "127.0.0.1:0", "--warehouse-addr", "127.0.0.1:0")
			out, err := cmd.StdoutPipe()
			if err != nil {
				b.Fatal(err)
			}
			began := time.Now()
			if err := cmd.Start(); err != nil {
				b.Fatal(err)
			}
			for lines := bufio.NewScanner(out); ; {
				if !lines.Scan() {
					b.Fatalf("the program ended: %v", cmd.Wait())
				}
				if strings.HasPrefix(lines.Text(), "AWS endpoint") {
					break
				}
			}
			ready = append(ready, float64(time.Since(began))/1e6)
			time.Sleep(time.Second)
			resident = append(resident, rss(b, cmd.Process.Pid))
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				b.Error(err)
			}
			_ = cmd.Wait() // ended by the signal
		}
		slices.Sort(ready)
		slices.Sort(resident)
		b.ReportMetric(ready[len(ready)/2], "ms")
		b.ReportMetric(resident[len(resident)/2], "MB")
	}
}

// rss is the resident memory of a process, in megabytes.
func rss(b *testing.B, pid int) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if os.IsNotExist(err) {
		b.Skip("there is no /proc")
	}
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kb := 0.0
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		b.Fatal(err)
	}
	return kb / 1024
}
