package main

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// temporaryPrefix begins the names of the directories of demos without --data.
const temporaryPrefix = "salamander-demo-"

// removeStale removes what demos without --data left in dir when they were
// killed: their directories whose lock nobody holds.
func removeStale(dir string) {
	locks, err := filepath.Glob(filepath.Join(dir, temporaryPrefix+"*", "lock"))
	if err != nil {
		return
	}
	for _, lock := range locks {
		f, err := os.OpenFile(lock, os.O_RDWR, 0)
		if err != nil {
			continue // another user's
		}
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			_ = os.RemoveAll(filepath.Dir(lock)) // what stays is tried again by the next demo
		}
		f.Close()
	}
}
