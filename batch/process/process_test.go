//go:build linux

package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/batch"
)

// printed is a LineWriter that keeps what it is given.
type printed struct {
	mu     sync.Mutex
	lines  []string
	closed int
	came   chan string // every line too, when not nil
}

func (p *printed) Line(_ time.Time, text string) {
	p.mu.Lock()
	p.lines = append(p.lines, text)
	p.mu.Unlock()
	if p.came != nil {
		p.came <- text
	}
}

func (p *printed) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed++
	return nil
}

// run returns a Run of a shell script that no other test's is mistaken for.
func run(t testing.TB, script string, args ...string) batch.Run {
	return batch.Run{
		Scope:     batch.Scope{Account: "000000000000", Region: "eu-west-1"},
		JobID:     fmt.Sprintf("%s-%d", t.Name(), os.Getpid()),
		JobName:   "job",
		Attempt:   batch.Attempt{ID: fmt.Sprintf("a%d", time.Now().UnixNano()), Number: 1},
		Container: batch.ContainerProperties{Image: "shell", Command: append([]string{script, "sh"}, args...)},
		Env:       []string{fmt.Sprintf("AWS_BATCH_JOB_ID=%s-%d", t.Name(), os.Getpid()), "AWS_BATCH_JOB_ATTEMPT=1"},
	}
}

func shell(t testing.TB) *Executor {
	return New(Options{
		Images: map[string][]string{"shell": {"sh", "-c"}, "bare": nil},
		Env:    []string{"AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_REGION=us-east-1"},
		Path:   "/usr/bin:/bin",
		Dir:    filepath.Join(t.TempDir(), "jobs"),
	})
}

// started starts r, and kills what is left of it at the end of the test.
func started(t testing.TB, x *Executor, r batch.Run) (batch.Process, *printed) {
	t.Helper()
	out := &printed{came: make(chan string, 1000)}
	p, err := x.Start(t.Context(), r, out)
	if err != nil {
		t.Fatal(err)
	}
	return p, out
}

// next returns the next line of a job.
func (p *printed) next(t testing.TB) string {
	t.Helper()
	select {
	case line := <-p.came:
		return line
	case <-time.After(20 * time.Second):
		t.Fatal("the job prints nothing")
		return ""
	}
}

func alive(pid string) bool {
	var n int
	fmt.Sscan(pid, &n)
	s, err := statOf(n)
	return err == nil && s.state != 'Z' && s.state != 'X'
}

func TestExit(t *testing.T) {
	for _, c := range []struct {
		script string
		want   int
	}{
		{"exit 0", 0}, {"exit 3", 3}, {"exit 255", 255}, {"kill -KILL $$", 137}, {"kill -TERM $$", 143}, {"kill -SEGV $$", 139},
	} {
		x := shell(t)
		r := run(t, c.script)
		p, out := started(t, x, r)
		if got := p.Wait(); got != (batch.Exit{Code: c.want}) {
			t.Errorf("%s: got %+v; want code %d", c.script, got, c.want)
		}
		if out.closed != 1 {
			t.Errorf("%s: output closed %d times; want once", c.script, out.closed)
		}
	}
}

func TestOutput(t *testing.T) {
	x := shell(t)
	p, out := started(t, x, run(t, `printf 'one\n\ntwo'; printf 'wrong\n' >&2; printf ' half\n\377end'`))
	p.Wait()
	slices.Sort(out.lines) // two streams, in no order
	if diff := cmp.Diff([]string{"", "one", "two half", "wrong", "\uFFFDend"}, out.lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestManyLinesComeWhole(t *testing.T) {
	x := shell(t)
	out := &printed{}
	p, err := x.Start(t.Context(), run(t, `i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done`), out)
	if err != nil {
		t.Fatal(err)
	}
	p.Wait()
	for i, line := range out.lines {
		if want := fmt.Sprintf("line %d", i); line != want {
			t.Fatalf("line %d: got %q; want %q", i, line, want)
		}
	}
	if len(out.lines) != 20000 {
		t.Errorf("got %d lines; want 20000", len(out.lines))
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("SECRET_OF_THE_ENGINE", "x")
	x := shell(t)
	r := run(t, "env; pwd; ls -d tmp; [ -w tmp ] && touch tmp/a b; cat")
	r.Env = append(r.Env, "MINE=a b", "HOME=/elsewhere")
	p, out := started(t, x, r)
	if exit := p.Wait(); exit.Code != 0 {
		t.Fatalf("got %+v; %q", exit, out.lines)
	}
	home := filepath.Join(x.dir, r.Attempt.ID)
	var got []string
	for _, line := range out.lines {
		if !strings.HasPrefix(line, "PWD=") && !strings.HasPrefix(line, "OLDPWD=") && !strings.HasPrefix(line, "_=") && !strings.HasPrefix(line, "SHLVL=") {
			got = append(got, line)
		}
	}
	want := []string{
		"PATH=/usr/bin:/bin", "HOME=/elsewhere", "TMPDIR=" + home + "/tmp",
		"AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1",
		"AWS_BATCH_JOB_ID=" + r.JobID, "AWS_BATCH_JOB_ATTEMPT=1", "MINE=a b", "SALAMANDER_JOB_DIR=" + home, home, "tmp",
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(home); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("working directory: got %v; want none", err)
	}
}

func TestDirectoryWithoutRightsGoes(t *testing.T) {
	x := shell(t)
	r := run(t, "mkdir -p a/b && touch a/b/c && chmod 000 a/b && chmod 500 a")
	p, _ := started(t, x, r)
	p.Wait()
	if names, _ := readNames(x.dir); len(names) != 0 {
		t.Errorf("left in the directory: %q", names)
	}
}

// What a command leaves running ends with it, even in another session.
func TestEndsWhatIsLeft(t *testing.T) {
	const untilUp = `while [ ! -e up ]; do sleep 0.01; done`
	for name, script := range map[string]string{
		"background":  `sleep 1000 & echo $!`,
		"own group":   `set -m; sleep 1000 & echo $!`,
		"own session": `setsid sh -c 'echo $$; : >up; exec sleep 1000' & ` + untilUp,
		"daemon":      `(setsid sh -c 'echo $$; : >up; exec sleep 1000 >/dev/null 2>&1 </dev/null' &); ` + untilUp,
		"no env":      `setsid env -i /bin/sh -c 'echo $$; : >up; exec sleep 1000 >/dev/null 2>&1' & ` + untilUp,
	} {
		t.Run(name, func(t *testing.T) {
			x := shell(t)
			p, out := started(t, x, run(t, script))
			if exit := p.Wait(); exit.Code != 0 {
				t.Errorf("got %+v", exit)
			}
			if pid := out.next(t); alive(pid) {
				t.Errorf("process %s lives", pid)
			}
		})
	}
}

// A process that cannot be told to be ours does not hold up the end.
func TestEscapedProcessHoldsNothing(t *testing.T) {
	x := shell(t)
	p, out := started(t, x, run(t, `setsid env -i /bin/sh -c 'up=$PWD/up; cd /; echo $$; : >$up; exec sleep 1000' &
		while [ ! -e up ]; do sleep 0.01; done`))
	pid := out.next(t)
	t.Cleanup(func() {
		var n int
		fmt.Sscan(pid, &n)
		syscall.Kill(n, syscall.SIGKILL)
	})
	ended := make(chan batch.Exit, 1)
	go func() { ended <- p.Wait() }()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal("Wait does not return")
	}
}

func TestTerminateAndKill(t *testing.T) {
	x := shell(t)
	p, out := started(t, x, run(t, `trap 'echo asked; exit 7' TERM; echo ready; while :; do sleep 0.01; done`))
	out.next(t)
	p.Terminate()
	if exit := p.Wait(); exit.Code != 7 {
		t.Errorf("after SIGTERM: got %+v; want code 7", exit)
	}
	p.Terminate() // nobody is left
	p.Kill()

	p, out = started(t, x, run(t, `trap '' TERM; sleep 1000 & echo $!; wait`))
	child := out.next(t)
	p.Terminate()
	p.Kill()
	if exit := p.Wait(); exit.Code != 137 {
		t.Errorf("after SIGKILL: got %+v; want code 137", exit)
	}
	if alive(child) {
		t.Errorf("grandchild %s lives", child)
	}
}

func TestErrors(t *testing.T) {
	x := shell(t)
	script := filepath.Join(t.TempDir(), "noshebang")
	if err := os.WriteFile(script, []byte("echo hi\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	yes := true
	for _, c := range []struct {
		name string
		c    batch.ContainerProperties
		want string
	}{
		{"image", batch.ContainerProperties{Image: "nope:1"},
			`CannotPullContainerError: no command is mapped to the image "nope:1": map it in salamander.yaml under images`},
		{"no command", batch.ContainerProperties{Image: "bare"}, `no command specified for the image "bare"`},
		{"no file", batch.ContainerProperties{Image: "bare", Command: []string{"nosuchthing"}},
			`exec: "nosuchthing": executable file not found in $PATH`},
		{"no path", batch.ContainerProperties{Image: "bare", Command: []string{"/no/such"}},
			`exec: "/no/such": no such file or directory`},
		{"format", batch.ContainerProperties{Image: "bare", Command: []string{script}},
			fmt.Sprintf("exec: %q: exec format error: a script needs a first line such as #!/bin/sh", script)},
		{"read only", batch.ContainerProperties{Image: "bare", ReadonlyRootFilesystem: &yes},
			"a job that runs as a process cannot have containerProperties.readonlyRootFilesystem: its file system is this machine's"},
		{"mount", batch.ContainerProperties{Image: "bare", Volumes: []byte(`[{"name":"v","host":{"sourcePath":"/a"}}]`),
			MountPoints: []byte(`[{"sourceVolume":"v","containerPath":"/b"}]`)},
			`a job that runs as a process cannot have containerProperties.mountPoints: nothing can be mounted at "/b"; only a host's sourcePath that is the containerPath, and not readOnly, does without`},
		{"user", batch.ContainerProperties{Image: "bare", User: "nobody-we-know"},
			"a job that runs as a process cannot have containerProperties.user: it runs as the user of the engine"},
		{"ulimits", batch.ContainerProperties{Image: "bare", Ulimits: []byte(`[{"name":"nofile"}]`)},
			"a job that runs as a process cannot have containerProperties.ulimits: set them for the engine"},
		{"shared memory", batch.ContainerProperties{Image: "bare", LinuxParameters: []byte(`{"sharedMemorySize":64}`)},
			"a job that runs as a process cannot have containerProperties.linuxParameters: sharedMemorySize is not to be had"},
		{"windows", batch.ContainerProperties{Image: "bare", RuntimePlatform: []byte(`{"operatingSystemFamily":"WINDOWS_SERVER_2019_CORE"}`)},
			"a job that runs as a process cannot have containerProperties.runtimePlatform: this machine does not run Windows"},
		{"gpu", batch.ContainerProperties{Image: "bare", ResourceRequirements: []batch.ResourceRequirement{{Type: "GPU", Value: "1"}}},
			"a job that runs as a process cannot have containerProperties.resourceRequirements of type GPU: devices are not assigned to processes"},
	} {
		r := run(t, "")
		r.Container = c.c
		out := &printed{}
		_, err := x.Start(t.Context(), r, out)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v; want %s", c.name, err, c.want)
		}
		var image *batch.ImageError
		if errors.As(err, &image) != (c.name == "image") {
			t.Errorf("%s: got %T", c.name, err)
		}
	}
	if names, _ := readNames(x.dir); len(names) != 0 {
		t.Errorf("left in the directory: %q", names)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Start(ctx, run(t, "true"), &printed{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: got %v", err)
	}
}

// What a definition may ask for without effect, or has anyway.
func TestHarmlessProperties(t *testing.T) {
	no, yes := false, true
	x := shell(t)
	r := run(t, "exit 0")
	r.Container.ReadonlyRootFilesystem, r.Container.Privileged = &no, &yes
	r.Container.User = fmt.Sprint(os.Getuid())
	r.Container.Volumes = []byte(`[{"name":"v","host":{"sourcePath":"/data"}},{"name":"unused","host":{}}]`)
	r.Container.MountPoints = []byte(`[{"sourceVolume":"v","containerPath":"/data"}]`)
	r.Container.LinuxParameters = []byte(`{"initProcessEnabled":true,"devices":[],"sharedMemorySize":0}`)
	p, _ := started(t, x, r)
	if exit := p.Wait(); exit.Code != 0 {
		t.Errorf("got %+v", exit)
	}
}

func TestManyAtOnce(t *testing.T) {
	x := shell(t)
	var all sync.WaitGroup
	for i := range 20 {
		r := run(t, "echo $0 $1; exit $1", fmt.Sprint(i))
		r.Attempt.ID, r.Attempt.Number = fmt.Sprintf("many%d", i), i+1
		r.Env[1] = fmt.Sprintf("AWS_BATCH_JOB_ATTEMPT=%d", i+1)
		all.Go(func() {
			out := &printed{}
			p, err := x.Start(t.Context(), r, out)
			if err != nil {
				t.Error(err)
				return
			}
			if exit := p.Wait(); exit.Code != i {
				t.Errorf("job %d: got %+v", i, exit)
			}
			if diff := cmp.Diff([]string{fmt.Sprintf("sh %d", i)}, out.lines); diff != "" {
				t.Errorf("job %d (-want +got):\n%s", i, diff)
			}
		})
	}
	all.Wait()
}

func BenchmarkStart(b *testing.B) {
	x := shell(b)
	b.ReportAllocs()
	for b.Loop() {
		r := run(b, "")
		r.Container = batch.ContainerProperties{Image: "bare", Command: []string{"true"}}
		p, err := x.Start(b.Context(), r, &printed{})
		if err != nil {
			b.Fatal(err)
		}
		p.Wait()
	}
}
