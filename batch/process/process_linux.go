package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"salamander/batch"
)

// A thread runs functions one after the other on one operating system thread
// that lives as long as the program. PR_SET_PDEATHSIG kills a child when the
// thread that forked it ends, and the Go runtime ends threads at will.
//
// prctl(2), PR_SET_PDEATHSIG
type thread struct {
	once sync.Once
	work chan func()
}

func (t *thread) do(f func()) {
	t.once.Do(func() {
		t.work = make(chan func())
		go func() {
			runtime.LockOSThread()
			for f := range t.work {
				f()
			}
		}()
	})
	done := make(chan struct{})
	t.work <- func() { defer close(done); f() }
	<-done
}

// sysProcAttr gives a process a session of its own, without a terminal that it
// could wait for, and lets it die with this one.
func sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}

// awaitExit returns when pid, a child, has ended, and leaves it to be waited
// for.
func awaitExit(pid int) {
	for unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
}

// bootID tells two boots of the machine apart.
func bootID() string {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id))
}

// mark returns what tells the process from all others of this machine.
func mark(pid int) string {
	s, err := statOf(pid)
	if err != nil {
		return "" // it is found by its variables
	}
	return fmt.Sprintf("%d %d %s", pid, s.start, bootID())
}

// owned tells the processes of an attempt from others.
type owned struct {
	session int      // number of the first process, 0 when unknown or another's now
	since   uint64   // none started before, in clock ticks since the boot
	env     []string // each of them has these variables, if there are any
	home    string   // or works in there
	gone    bool     // the machine was booted since
}

func ownedBy(r batch.Run, home string) owned {
	o := owned{home: home}
	if r.JobID != "" {
		// The directory tells the attempts of this engine's jobs from those of
		// another one on the machine, whose jobs may have the same names.
		o.env = []string{"AWS_BATCH_JOB_ID=" + r.JobID, "AWS_BATCH_JOB_ATTEMPT=" + strconv.Itoa(r.Attempt.Number), homeVariable + home}
	}
	if dir, err := filepath.EvalSymlinks(home); err == nil {
		o.home = dir
	}
	return o
}

// recall takes over what mark says. The session counts only while its first
// process lives: later its number may be another's.
func (o *owned) recall(mark string) error {
	if mark == "" {
		return nil
	}
	var pid int
	var start uint64
	var boot string
	if _, err := fmt.Sscanf(mark, "%d %d %s", &pid, &start, &boot); err != nil {
		return fmt.Errorf("mark of the process %q: %w", mark, err)
	}
	if boot != bootID() {
		o.gone = true
		return nil
	}
	o.since = start
	if s, err := statOf(pid); err == nil && s.start == start {
		o.session = pid
	}
	return nil
}

// end kills all processes of o, until there are none.
func (o *owned) end(ctx context.Context) error {
	if o.gone {
		return nil
	}
	deadline := time.Now().Add(patience)
	for pause := 500 * time.Microsecond; ; pause = min(2*pause, 50*time.Millisecond) {
		found, err := o.kill()
		switch {
		case err != nil:
			return err
		case found == 0:
			return nil
		case time.Now().After(deadline):
			return errStays(found)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// kill sends SIGKILL to all processes of o and returns how many there were.
func (o *owned) kill() (found int, err error) {
	names, err := readNames("/proc")
	if err != nil {
		return 0, err
	}
	self := os.Getpid()
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil || pid == self {
			continue
		}
		s, err := statOf(pid)
		if err != nil || s.state == 'Z' || s.state == 'X' || !o.has(pid, s) {
			continue
		}
		if o.killExactly(pid, s.start) {
			found++
		}
	}
	return found, nil
}

// killExactly kills pid if it still is the process that started then.
func (o *owned) killExactly(pid int, start uint64) bool {
	p, err := os.FindProcess(pid) // holds on to the process, not its number
	if err != nil {
		return false
	}
	defer p.Release()
	if s, err := statOf(pid); err != nil || s.start != start {
		return false
	}
	err = p.Signal(syscall.SIGKILL)
	return !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, syscall.EPERM)
}

func (o *owned) has(pid int, s stat) bool {
	if o.session != 0 && (s.session == o.session || s.group == o.session) {
		return true
	}
	if s.start < o.since || s.session == 0 { // a kernel's thread has no session
		return false
	}
	dir := "/proc/" + strconv.Itoa(pid)
	if cwd, err := os.Readlink(dir + "/cwd"); err == nil && (cwd == o.home || strings.HasPrefix(cwd, o.home+"/") || cwd == o.home+" (deleted)") {
		return true
	}
	text, err := os.ReadFile(dir + "/environ")
	if err != nil || o.env == nil {
		return false // another user's, or gone
	}
	have := "\x00" + string(text) + "\x00"
	for _, e := range o.env {
		if !strings.Contains(have, "\x00"+e+"\x00") {
			return false
		}
	}
	return true
}

// A stat is what /proc tells of a process.
//
// proc_pid_stat(5)
type stat struct {
	state   byte
	group   int
	session int
	start   uint64 // clock ticks since the boot
}

func statOf(pid int) (stat, error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return stat{}, err
	}
	return parseStat(string(text))
}

// parseStat reads a line of /proc/PID/stat, whose second field is the
// command's name in parentheses and may hold blanks and parentheses.
func parseStat(line string) (stat, error) {
	i := strings.LastIndex(line, ") ")
	if i < 0 {
		return stat{}, fmt.Errorf("read the process status %q: no command", line)
	}
	f := strings.Fields(line[i+2:]) // from the third field
	if len(f) < 20 || len(f[0]) != 1 {
		return stat{}, fmt.Errorf("read the process status %q: too few fields", line)
	}
	var s stat
	var err error
	s.state = f[0][0]
	if s.group, err = strconv.Atoi(f[2]); err == nil {
		if s.session, err = strconv.Atoi(f[3]); err == nil {
			s.start, err = strconv.ParseUint(f[19], 10, 64)
		}
	}
	if err != nil {
		return stat{}, fmt.Errorf("read the process status %q: %w", line, err)
	}
	return s, nil
}

// shortPath returns a path of an open directory that fits into the address of a
// socket.
func shortPath(dir *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(dir.Fd())) }
