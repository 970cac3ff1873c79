package warehouse

import (
	"os"
	"strconv"
	"syscall"
)

// attributes keeps the child out of the terminal's process group, so that
// Ctrl-C reaches only its parent. Unless it is to outlive that, it ends with the
// thread that started it; else it is in a session of its own.
func attributes(outlive bool) *syscall.SysProcAttr {
	if outlive {
		return &syscall.SysProcAttr{Setsid: true}
	}
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// shortPath returns a path of an open directory that fits into the address of a
// socket.
func shortPath(dir *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(dir.Fd())) }
