package store

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// flock takes the lock of f, and waits for it a little when its owner is
// dead: a process that the owner was just starting when it was killed holds a
// copy of the descriptor until it executes its program.
func flock(f *os.File) error {
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) || !ownerDied(f) || time.Now().After(end) {
			return err
		}
	}
}

// ownerDied reports whether the process whose id is in f is no more.
func ownerDied(f *os.File) bool {
	text := make([]byte, 32)
	n, _ := f.ReadAt(text, 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text[:n])))
	return err == nil && pid > 0 && errors.Is(unix.Kill(pid, 0), unix.ESRCH)
}
