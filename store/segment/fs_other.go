//go:build !linux

package segment

// Allocate sets the file's length.
func (f file) Allocate(size int64) error {
	if have, err := f.Size(); err != nil || have >= size {
		return err
	}
	return f.Truncate(size)
}
