package function

import (
	"os/exec"
	"syscall"
)

// ownGroup gives the process a group of its own and ends it when we die.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
