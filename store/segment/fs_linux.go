package segment

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Sync makes the file's data durable, and of its metadata what reading needs.
func (f file) Sync() error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// Allocate takes the room on the disk, so that it is not missed later. File
// systems that cannot take it only set the length.
func (f file) Allocate(size int64) error {
	for {
		err := unix.Fallocate(int(f.Fd()), 0, 0, size)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EOPNOTSUPP):
			return f.Truncate(size)
		default:
			return err
		}
	}
}
