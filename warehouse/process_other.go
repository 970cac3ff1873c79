//go:build unix && !linux

package warehouse

import (
	"os"
	"syscall"
)

// attributes keeps the child out of the terminal's process group, so that
// Ctrl-C reaches only its parent. Unless it is to outlive that, the child ends
// when its control channel closes.
func attributes(outlive bool) *syscall.SysProcAttr {
	if outlive {
		return &syscall.SysProcAttr{Setsid: true}
	}
	return &syscall.SysProcAttr{Setpgid: true}
}

// shortPath returns the path of an open directory. Where it does not fit into
// the address of a socket, the child cannot outlive its parent.
func shortPath(dir *os.File) string { return dir.Name() }
