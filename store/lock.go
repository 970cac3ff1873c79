package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// A LockedError tells that another process owns the data directory.
type LockedError struct {
	Dir string
	PID string // of the owner; empty when unknown
}

// Error names the process, where it is known.
func (e *LockedError) Error() string {
	by := "another process"
	if e.PID != "" {
		by = "process " + e.PID
	}
	return fmt.Sprintf("the data directory %s is in use by %s: stop it, or choose another directory with --data", e.Dir, by)
}

// lockDir takes dir's lock, which ends with the process, and writes the
// process id into it for the sentence that a second process prints.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unwritable(dir, err)
	}
	err = flock(f)
	if errors.Is(err, unix.EWOULDBLOCK) {
		pid, _ := io.ReadAll(io.LimitReader(f, 32))
		f.Close()
		return nil, &LockedError{Dir: dir, PID: strings.TrimSpace(string(pid))}
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return f, nil
}

func unwritable(dir string, err error) error {
	return fmt.Errorf("the data directory %s cannot be written: %w", dir, err)
}
