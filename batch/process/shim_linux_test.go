package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salamander/batch"
)

const shimArgument = "__shim"

// shimmed returns an executor whose attempts outlive it, and that shares dir
// with earlier ones.
func shimmed(t testing.TB, dir string) *Executor {
	x := New(Options{
		Images:  map[string][]string{"shell": {"sh", "-c"}, "bare": nil},
		Env:     []string{"AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_REGION=us-east-1"},
		Path:    "/usr/bin:/bin",
		Dir:     filepath.Join(dir, "jobs"),
		Kept:    filepath.Join(dir, "kept"),
		Shim:    []string{os.Args[0], shimArgument},
		OnError: func(err error) { t.Error(err) },
	})
	t.Cleanup(x.Close)
	return x
}

// behindShim starts r, and ends it with the test.
func behindShim(t *testing.T, x *Executor, r batch.Run) (*remote, *printed) {
	t.Helper()
	p, out := started(t, x, r)
	t.Cleanup(func() {
		if err := x.Reap(context.Background(), r); err != nil {
			t.Error(err)
		}
	})
	return p.(*remote), out
}

// adopted is what a next engine makes of r.
func adopted(t *testing.T, dir string, r batch.Run) (batch.Process, *printed) {
	t.Helper()
	out := &printed{came: make(chan string, 4000)}
	p, err := shimmed(t, dir).Adopt(t.Context(), r, out)
	if err != nil {
		t.Fatal(err)
	}
	return p, out
}

func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// An attempt behind a shim is like one without. (What shells
// that are asked to end say on the standard error is not wanted: "Terminated" of
// their child, in no order with the standard output.)
func TestShimmedAttempt(t *testing.T) {
	dir := t.TempDir()
	x := shimmed(t, dir)
	before := time.Now().Truncate(time.Millisecond)
	r := run(t, `exec 2>/dev/null; trap 'echo asked; exit 7' TERM; printf 'one\n\ntwo\n'; echo $HOME; while :; do sleep 0.01; done`)
	p, out := behindShim(t, x, r)
	for _, want := range []string{"one", "", "two", filepath.Join(dir, "jobs", r.Attempt.ID)} {
		if got := out.next(t); got != want {
			t.Errorf("got the line %q; want %q", got, want)
		}
	}
	if p.Mark() == "" || p.StartedAt().Before(before) || p.StartedAt().After(time.Now()) {
		t.Errorf("mark %q, started at %v", p.Mark(), p.StartedAt())
	}
	p.Terminate()
	exit := p.Wait()
	if exit.Code != 7 || exit.At.Before(p.StartedAt()) || exit.TimedOut || exit.Lost || exit.Left {
		t.Errorf("got %+v; want code 7", exit)
	}
	if got := out.next(t); got != "asked" || out.closed != 1 {
		t.Errorf("got the line %q, output closed %d times", got, out.closed)
	}
	p.Forget()
	for _, sub := range []string{"jobs", "kept"} {
		if names, _ := readNames(filepath.Join(dir, sub)); len(names) != 0 {
			t.Errorf("left in %s: %q", sub, names)
		}
	}
}

func TestShimmedExits(t *testing.T) {
	x := shimmed(t, t.TempDir())
	for i, c := range []struct {
		script string
		want   int
	}{{"exit 0", 0}, {"exit 3", 3}, {"kill -KILL $$", 137}, {"trap '' TERM; kill -SEGV $$", 139}} {
		r := run(t, c.script)
		r.Attempt.ID += strconv.Itoa(i)
		p, _ := behindShim(t, x, r)
		if got := p.Wait(); got.Code != c.want {
			t.Errorf("%s: got %+v; want code %d", c.script, got, c.want)
		}
		p.Forget()
	}
	r := run(t, "")
	r.Container = batch.ContainerProperties{Image: "bare", Command: []string{"/no/such"}}
	if _, err := x.Start(t.Context(), r, &printed{}); err == nil || err.Error() != `exec: "/no/such": no such file or directory` {
		t.Errorf("no such file: got %v", err)
	}
	if names, _ := readNames(x.kept); len(names) != 0 {
		t.Errorf("left: %q", names)
	}
}

// A second engine adopts what the first has left, with every line once more.
func TestAdopt(t *testing.T) {
	dir := t.TempDir()
	x := shimmed(t, dir)
	r := run(t, `echo one; while [ ! -e go ]; do sleep 0.01; done; echo two; exit 5`)
	p, out := behindShim(t, x, r)
	out.next(t)
	p.Leave()
	if exit := p.Wait(); !exit.Left {
		t.Errorf("got %+v; want it left", exit)
	}
	for range 2 { // twice: the second is left too
		q, again := adopted(t, dir, r)
		if q == nil {
			t.Fatal("not adopted")
		}
		if q.Mark() != p.Mark() || q.(*remote).StartedAt() != p.StartedAt() {
			t.Errorf("got mark %q, %v; want %q, %v", q.Mark(), q.(*remote).StartedAt(), p.Mark(), p.StartedAt())
		}
		if got := again.next(t); got != "one" {
			t.Errorf("got %q; want one", got)
		}
		q.(*remote).Leave()
		q.Wait()
	}
	q, again := adopted(t, dir, r)
	must(t, os.WriteFile(filepath.Join(dir, "jobs", r.Attempt.ID, "go"), nil, 0o600))
	exit := q.Wait()
	if diff := cmp.Diff([]string{"one", "two"}, again.lines); exit.Code != 5 || diff != "" {
		t.Errorf("got %+v; lines (-want +got):\n%s", exit, diff)
	}
	// It is not forgotten: an engine that dies now leaves it to the next.
	waitFor(t, "the shim stays", func() bool { return !claimed(x.keptOf(r.Attempt.ID)) })
	q, again = adopted(t, dir, r)
	if got := q.Wait(); got != exit || len(again.lines) != 2 {
		t.Errorf("after the end: got %+v, %q; want %+v", got, again.lines, exit)
	}
	q.(*remote).Forget()
	if q, _ := adopted(t, dir, r); q != nil {
		t.Error("adopted what was forgotten")
	}
}

// What nobody began is not begun later by a shim that comes late.
func TestAdoptWhatNeverBegan(t *testing.T) {
	dir := t.TempDir()
	x := shimmed(t, dir)
	r := run(t, "echo ran")
	if q, _ := adopted(t, dir, r); q != nil {
		t.Error("adopted nothing")
	}
	kept := x.keptOf(r.Attempt.ID)
	must(t, os.MkdirAll(kept, 0o700))
	if q, _ := adopted(t, dir, r); q != nil {
		t.Error("adopted nothing")
	}
	late := func(want string) {
		t.Helper()
		l, err := x.shims.start()
		must(t, err)
		defer l.conn.Close()
		must(t, l.send(order{Run: &spec{Dir: kept, Home: dir, File: "/bin/true", Argv: []string{"true"}}}))
		var first report
		if err := l.dec.Decode(&first); err != nil || !strings.Contains(first.Error, want) {
			t.Errorf("got %+v, %v; want an error with %q", first, err, want)
		}
	}
	late("file exists")
	must(t, x.Reap(t.Context(), r))
	late("no such file or directory")
}

// What was printed before a shim was killed is not lost with it.
func TestKilledShimLeavesItsOutput(t *testing.T) {
	const n = 3000
	for _, engine := range []bool{true, false} {
		dir := t.TempDir()
		x := shimmed(t, dir)
		r := run(t, fmt.Sprintf(`echo $PPID; while [ ! -e go ]; do sleep 0.01; done; i=0; while [ $i -lt %d ]; do echo "line $i"; i=$((i+1)); done; exec sleep 1000`, n))
		out := &printed{came: make(chan string, 2*n)}
		started, err := x.Start(t.Context(), r, out)
		must(t, err)
		p := started.(*remote)
		pid, _ := strconv.Atoi(out.next(t))
		if !engine {
			p.Leave()
			p.Wait()
		}
		must(t, os.WriteFile(filepath.Join(dir, "jobs", r.Attempt.ID, "go"), nil, 0o600))
		last := fmt.Appendf(nil, "line %d\n", n-1)
		waitFor(t, "the output is not written", func() bool {
			text, err := os.ReadFile(filepath.Join(x.keptOf(r.Attempt.ID), outputFile))
			return err == nil && bytes.HasSuffix(text, last)
		})
		must(t, syscall.Kill(pid, syscall.SIGKILL))
		if engine {
			if exit := p.Wait(); !exit.Lost {
				t.Errorf("got %+v; want it lost", exit)
			}
		} else {
			waitFor(t, "the shim lives", func() bool { return !alive(strconv.Itoa(pid)) })
			var q batch.Process
			if q, out = adopted(t, dir, r); q != nil {
				t.Error("adopted what nobody knows the end of")
			}
			must(t, x.Reap(t.Context(), r))
		}
		want := []string{strconv.Itoa(pid)}
		for i := range n {
			want = append(want, fmt.Sprintf("line %d", i))
		}
		if diff := cmp.Diff(want, out.lines); diff != "" {
			t.Errorf("engine %t: lines (-want +got):\n%s", engine, diff)
		}
	}
}

// A shim that is killed takes its command along; its end is not known.
func TestKilledShim(t *testing.T) {
	for _, engine := range []bool{true, false} {
		dir := t.TempDir()
		x := shimmed(t, dir)
		r := run(t, `setsid sh -c 'exec sleep 1000' & echo $! $$ $PPID; wait`)
		p, out := behindShim(t, x, r)
		var stray, leader, shim string
		fmt.Sscan(out.next(t), &stray, &leader, &shim)
		r.Attempt.Mark = p.Mark()
		if !engine {
			p.Leave()
			p.Wait()
		}
		pid, _ := strconv.Atoi(shim)
		must(t, syscall.Kill(pid, syscall.SIGKILL))
		if engine {
			if exit := p.Wait(); !exit.Lost {
				t.Errorf("got %+v; want it lost", exit)
			}
		} else {
			waitFor(t, "the shim lives", func() bool { return !alive(shim) })
			if q, _ := adopted(t, dir, r); q != nil {
				t.Error("adopted what nobody knows the end of")
			}
			must(t, x.Reap(t.Context(), r))
		}
		if alive(leader) || alive(stray) {
			t.Errorf("engine %t: the command lives: %t, what it left: %t", engine, alive(leader), alive(stray))
		}
		if names, _ := readNames(x.kept); len(names) != 0 {
			t.Errorf("left: %q", names)
		}
	}
}

// Without an engine the shim enforces the time limit, and the grace.
func TestShimEnforcesTheTimeout(t *testing.T) {
	dir := t.TempDir()
	x := shimmed(t, dir)
	r := run(t, `exec 2>/dev/null; trap 'echo asked' TERM; echo up; while :; do sleep 0.01; done`)
	r.Timeout, r.Grace = time.Millisecond, 50*time.Millisecond
	p, out := behindShim(t, x, r)
	out.next(t)
	p.Leave()
	p.Wait()
	q, again := adopted(t, dir, r)
	exit := q.Wait()
	if exit.Code != 137 || !exit.TimedOut {
		t.Errorf("got %+v; want 137, timed out", exit)
	}
	if diff := cmp.Diff([]string{"up", "asked"}, again.lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// An order to end is carried out though the engine dies behind it.
func TestShimKeepsTheGrace(t *testing.T) {
	dir := t.TempDir()
	x := shimmed(t, dir)
	r := run(t, `trap '' TERM; echo up; while :; do sleep 0.01; done`)
	r.Grace = time.Millisecond
	p, out := behindShim(t, x, r)
	out.next(t)
	p.Terminate()
	p.Leave()
	p.Wait()
	q, _ := adopted(t, dir, r)
	if exit := q.Wait(); exit.Code != 137 || exit.TimedOut {
		t.Errorf("got %+v; want 137", exit)
	}
}

// Sweep ends what belongs to no live job.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	x := shimmed(t, dir)
	stays, goes := run(t, "echo $$; exec sleep 1000"), run(t, "echo $$; exec sleep 1000")
	goes.Attempt.ID, goes.Env = "gone", []string{"AWS_BATCH_JOB_ID=" + goes.JobID, "AWS_BATCH_JOB_ATTEMPT=1"}
	p, out := behindShim(t, x, stays)
	q, other := behindShim(t, x, goes)
	first, second := out.next(t), other.next(t)
	for _, p := range []*remote{p, q} {
		p.Leave()
		p.Wait()
	}
	must(t, x.Sweep(t.Context(), map[string]bool{stays.Attempt.ID: true}))
	if !alive(first) || alive(second) {
		t.Errorf("the first lives: %t; the second: %t", alive(first), alive(second))
	}
	if names, _ := readNames(x.kept); !cmp.Equal(names, []string{stays.Attempt.ID}) {
		t.Errorf("left: %q", names)
	}
}

// What jobs print while no engine reads it waits on the disk.
func TestManyLinesBehindAShim(t *testing.T) {
	dir := t.TempDir()
	x := shimmed(t, dir)
	r := run(t, `i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done; head -c 600000 /dev/zero | tr '\0' x`)
	out := &printed{}
	p, err := x.Start(t.Context(), r, out)
	must(t, err)
	p.(*remote).Leave()
	p.Wait()
	again := &printed{}
	q, err := x.Adopt(t.Context(), r, again)
	must(t, err)
	q.Wait()
	for i, line := range again.lines[:20000] {
		if want := fmt.Sprintf("line %d", i); line != want {
			t.Fatalf("line %d: got %q; want %q", i, line, want)
		}
	}
	if got := len(strings.Join(again.lines[20000:], "")); got != 600000 {
		t.Errorf("got %d bytes behind the lines; want 600000", got)
	}
	q.(*remote).Forget()
}

// The spare shim ends with what started it.
func TestSpareEndsWithItsEngine(t *testing.T) {
	s := &shims{argv: []string{os.Args[0], shimArgument}}
	l, err := s.take()
	must(t, err)
	l.conn.Close()
	s.refill()
	waitFor(t, "no spare", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.spare != nil })
	spare := s.spare.conn
	s.close()
	if _, err := spare.Write([]byte("x")); err == nil {
		t.Error("the spare's socket is open")
	}
	if l, err := s.take(); err == nil {
		l.conn.Close()
	} else {
		t.Error(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func BenchmarkStartBehindShim(b *testing.B) {
	x := shimmed(b, b.TempDir())
	b.ReportAllocs()
	for b.Loop() {
		r := run(b, "")
		r.Container = batch.ContainerProperties{Image: "bare", Command: []string{"true"}}
		p, err := x.Start(b.Context(), r, &printed{})
		if err != nil {
			b.Fatal(err)
		}
		p.Wait()
		p.(*remote).Forget()
	}
}

// A torn end of the output is no line yet.
func TestRecords(t *testing.T) {
	b := appendRecord(appendRecord(nil, 1700000000123, "a\nb"), 1700000000124, "")
	file := filepath.Join(t.TempDir(), "output")
	var got []string
	line := func(at time.Time, text string) { got = append(got, fmt.Sprint(at.UnixMilli(), " ", text)) }
	must(t, os.WriteFile(file, b[:len(b)-1], 0o600))
	f, err := os.Open(file)
	must(t, err)
	defer f.Close()
	r := &tail{file: f}
	must(t, r.read(line))
	if diff := cmp.Diff([]string{"1700000000123 a\nb"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	must(t, os.WriteFile(file, b, 0o600))
	must(t, r.read(line))
	must(t, r.read(line))
	if diff := cmp.Diff([]string{"1700000000123 a\nb", "1700000000124 "}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	must(t, os.WriteFile(file, append(b, "no record\n"...), 0o600))
	if err := r.read(line); err == nil || !strings.Contains(err.Error(), `"no record"`) {
		t.Errorf("got %v", err)
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte("1 0\n\n"))
	f.Add([]byte("1700000000123 3\na\nb\n2 1\nx\n"))
	f.Add([]byte("-1 2147483648\nx"))
	f.Fuzz(func(t *testing.T, b []byte) {
		at, text, n, err := nextRecord(b)
		if err != nil || n == 0 {
			return
		}
		again := appendRecord(nil, at, text)
		if at2, text2, n2, err := nextRecord(again); at2 != at || text2 != text || n2 != len(again) || err != nil {
			t.Errorf("%q: got %d %q, again %d %q, %v", b, at, text, at2, text2, err)
		}
	})
}

// A full disk holds the command up and loses nothing.
func TestRecorderGivesUpWhenDropped(t *testing.T) {
	f, err := os.Open(os.DevNull) // cannot be written
	must(t, err)
	r := newRecorder(f, func() {})
	r.Line(time.Now(), "x")
	r.drop()
	if err := r.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}
