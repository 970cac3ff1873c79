//go:build unix && !linux

package warehouse

import "syscall"

// attributes keeps the child out of the terminal's process group, so that
// Ctrl-C reaches only its parent. The child ends when its control channel
// closes.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
