//go:build !linux

package function

import (
	"os/exec"
	"syscall"
)

// ownGroup gives the process a group of its own. When we die, its request for
// the next invocation fails, and it ends by itself.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
