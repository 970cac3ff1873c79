package process

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"salamander/batch"
)

// A thread calls functions: only Linux ends processes with the thread that
// started them.
type thread struct{}

func (*thread) do(f func()) { f() }

func sysProcAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// awaitExit returns when pid, a child, has ended, and leaves it to be waited
// for.
func awaitExit(pid int) {
	const byPID = 1
	var info [16]uint64 // a siginfo_t is no larger
	for {
		_, _, e := syscall.Syscall6(syscall.SYS_WAITID, byPID, uintptr(pid), uintptr(unsafe.Pointer(&info)),
			syscall.WEXITED|syscall.WNOWAIT, 0, 0)
		if e != syscall.EINTR {
			return
		}
	}
}

// started returns when a process started, as ps prints it, or "".
func started(pid int) string {
	out, err := exec.Command("ps", "-o", "lstart=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func mark(pid int) string { return strconv.Itoa(pid) + " " + started(pid) }

// owned is the group of an attempt.
type owned struct {
	session int
	mine    bool // started by this engine, which waits for it
}

func ownedBy(batch.Run, string) owned { return owned{mine: true} }

// recall takes over what mark says if the process is still the same.
func (o *owned) recall(mark string) error {
	o.mine = false
	if mark == "" {
		return nil
	}
	number, start, _ := strings.Cut(mark, " ")
	pid, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("mark of the process %q: %w", mark, err)
	}
	if start != "" && started(pid) == start {
		o.session = pid
	}
	return nil
}

func (o *owned) end(ctx context.Context) error {
	if o.mine || o.session == 0 {
		return nil
	}
	deadline := time.Now().Add(patience)
	for syscall.Kill(-o.session, syscall.SIGKILL) == nil {
		if time.Now().After(deadline) {
			return errStays(1)
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// shortPath returns a path of an open directory that fits into the address of a
// socket, which there is none of: a long one is an error of the socket.
func shortPath(dir *os.File) string { return dir.Name() }
