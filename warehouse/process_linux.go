package warehouse

import "syscall"

// attributes keeps the child out of the terminal's process group, so that
// Ctrl-C reaches only its parent, and lets it end with the thread that
// started it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
