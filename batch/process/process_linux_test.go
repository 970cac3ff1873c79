package process

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/batch"
)

// TestMain lets the test binary be the engine that a test kills, and a shim.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == shimArgument {
		os.Exit(RunShim())
	}
	if dir := os.Getenv("PROCESS_TEST_ENGINE"); dir != "" {
		engine(dir)
	}
	if dir := os.Getenv("PROCESS_TEST_BATCH"); dir != "" {
		batchEngine(dir)
	}
	os.Exit(m.Run())
}

// engine starts the attempts a1 and a2 of a job in dir, tells their marks and
// what they print, and waits to be killed. a2 leaves a process in a session
// of its own.
func engine(dir string) {
	x := New(Options{Images: map[string][]string{"shell": {"sh", "-c"}}, Path: "/usr/bin:/bin", Dir: dir})
	for i, script := range []string{
		`echo $$; exec sleep 1000`,
		`setsid sh -c 'echo $$; exec sleep 1000' & wait`,
	} {
		out := &printed{came: make(chan string, 9)}
		p, err := x.Start(context.Background(), jobOf(dir, i+1, script), out)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(p.Mark())
		fmt.Println(<-out.came)
	}
	select {}
}

func jobOf(dir string, number int, script string) batch.Run {
	r := batch.Run{
		JobID:     "job-in-" + filepath.Base(filepath.Dir(dir)),
		Attempt:   batch.Attempt{ID: fmt.Sprintf("a%d", number), Number: number},
		Container: batch.ContainerProperties{Image: "shell", Command: []string{script}},
	}
	r.Env = []string{"AWS_BATCH_JOB_ID=" + r.JobID, fmt.Sprintf("AWS_BATCH_JOB_ATTEMPT=%d", number)}
	return r
}

// Jobs die with the engine, by the kernel's hand; what is not the kernel's is
// reaped by the next engine, by mark and by variables.
func TestKilledEngine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "jobs")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "PROCESS_TEST_ENGINE="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for s := bufio.NewScanner(out); len(lines) < 4 && s.Scan(); {
		lines = append(lines, s.Text())
	}
	cmd.Process.Kill()
	cmd.Wait()
	if len(lines) < 4 {
		t.Fatalf("the engine said %q", lines)
	}
	leader, stray := lines[1], lines[3]
	for end := time.Now().Add(10 * time.Second); alive(leader); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the job outlives the engine")
		}
	}
	if !alive(stray) {
		t.Fatal("the process in a session of its own does not live: nothing to test")
	}
	x := New(Options{Dir: dir})
	other := jobOf(dir, 3, "") // an attempt that shares nothing but the job
	if err := x.Reap(t.Context(), other); err != nil || !alive(stray) {
		t.Errorf("reap of another attempt: %v; stray lives: %t", err, alive(stray))
	}
	for i, mark := range []string{lines[0], lines[2]} {
		r := jobOf(dir, i+1, "")
		r.Attempt.Mark = mark
		if err := x.Reap(t.Context(), r); err != nil {
			t.Errorf("reap attempt %d: %v", i+1, err)
		}
	}
	if alive(stray) {
		t.Error("the process in a session of its own lives on")
	}
	if names, _ := readNames(dir); len(names) != 0 {
		t.Errorf("left in the directory: %q", names)
	}
}

// The kernel ends a job with the thread that forked it: that must not be the
// one that happened to call.
func TestJobOutlivesTheThreadOfItsCaller(t *testing.T) {
	x := shell(t)
	r := run(t, `echo ready; read line < go; exit 5`)
	home := filepath.Join(x.dir, r.Attempt.ID)
	if err := os.MkdirAll(home, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(home, "go"), 0o600); err != nil {
		t.Fatal(err)
	}
	type begun struct {
		p   batch.Process
		tid int
	}
	came := make(chan begun)
	out := &printed{came: make(chan string, 9)}
	go func() {
		runtime.LockOSThread() // and ends with the goroutine
		p, err := x.Start(context.Background(), r, out)
		if err != nil {
			t.Error(err)
		}
		came <- begun{p, syscall.Gettid()}
	}()
	b := <-came
	if b.p == nil {
		t.FailNow()
	}
	out.next(t)
	task := fmt.Sprintf("/proc/self/task/%d", b.tid)
	for end := time.Now().Add(5 * time.Second); b.tid != os.Getpid() && time.Now().Before(end); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(task); err != nil {
			break
		}
	}
	fifo, err := os.OpenFile(filepath.Join(home, "go"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer fifo.Close()
	fifo.WriteString("go\n")
	if exit := b.p.Wait(); exit.Code != 5 {
		t.Errorf("got %+v; want code 5", exit)
	}
}

// The engine may die before the mark is stored, and a process may have put
// off its variables.
func TestReapWithoutMark(t *testing.T) {
	for _, script := range []string{
		`echo $$; exec sleep 1000`,
		`cd tmp; echo $$; exec env -i /bin/sleep 1000`,
	} {
		x := shell(t)
		r := run(t, script)
		p, out := started(t, x, r)
		pid := out.next(t)
		ended := make(chan batch.Exit)
		go func() { ended <- p.Wait() }()
		if err := x.Reap(t.Context(), r); err != nil {
			t.Error(err)
		}
		if alive(pid) {
			t.Errorf("%s: lives", script)
		}
		if exit := <-ended; exit.Code != 137 {
			t.Errorf("%s: got %+v", script, exit)
		}
	}
}

// A process that has the number of one of ours, and is not, is left alone.
func TestReapSparesOthers(t *testing.T) {
	other := exec.Command("sleep", "1000")
	other.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer other.Wait()
	defer other.Process.Kill()
	pid := other.Process.Pid
	s, err := statOf(pid)
	if err != nil {
		t.Fatal(err)
	}
	x := shell(t)
	r := run(t, "")
	for _, mark := range []string{
		fmt.Sprintf("%d %d %s", pid, s.start-1, bootID()),
		fmt.Sprintf("%d %d %s", pid, s.start+1, bootID()),
		fmt.Sprintf("%d %d %s", pid, s.start, "another-boot"),
		"",
	} {
		r.Attempt.Mark = mark
		if err := x.Reap(t.Context(), r); err != nil {
			t.Errorf("mark %q: %v", mark, err)
		}
		if !alive(strconv.Itoa(pid)) {
			t.Fatalf("mark %q: killed another's process", mark)
		}
	}
	r.Attempt.Mark = "nonsense"
	if err := x.Reap(t.Context(), r); err == nil || !strings.Contains(err.Error(), `"nonsense"`) {
		t.Errorf("got %v; want an error with the mark", err)
	}
	r.Attempt.Mark = mark(pid)
	if err := x.Reap(t.Context(), r); err != nil {
		t.Error(err)
	}
	if alive(strconv.Itoa(pid)) {
		t.Error("the process with the mark lives")
	}
}

func TestHomeStaysInDir(t *testing.T) {
	x := shell(t)
	for _, id := range []string{"", ".", "..", "a/b", "../x"} {
		if err := x.Reap(t.Context(), batch.Run{Attempt: batch.Attempt{ID: id}}); err == nil {
			t.Errorf("id %q: no error", id)
		}
	}
}

func TestParseStat(t *testing.T) {
	const line = "4242 (a ) (b) R 1 4240 4239 34816 4242 4194304 96 0 0 0 0 0 0 0 20 0 1 0 8654321 5000 200 18446744073709551615 1 1 0\n"
	got, err := parseStat(line)
	want := stat{state: 'R', group: 4240, session: 4239, start: 8654321}
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	self, err := statOf(os.Getpid())
	if err != nil || self.group != syscall.Getpgrp() {
		t.Errorf("of this process: got %+v, %v", self, err)
	}
	for _, bad := range []string{"", "1 (x)", "1 (x) R 1 2", strings.Replace(line, "4240", "x", 1), strings.Replace(line, "8654321", "-1", 1)} {
		if _, err := parseStat(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add("1 (x) S 0 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0")
	f.Fuzz(func(t *testing.T, line string) {
		if s, err := parseStat(line); err == nil {
			again := fmt.Sprintf("1 (y) %c 0 %d %d 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 %d", s.state, s.group, s.session, s.start)
			if back, err := parseStat(again); err != nil || !cmp.Equal(s, back, cmp.AllowUnexported(stat{})) {
				t.Errorf("%q: got %+v, again %+v, %v", line, s, back, err)
			}
		}
	})
}
