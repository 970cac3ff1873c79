//go:build !linux

package garbage

// ReleasePages does nothing on this system.
func ReleasePages() (released int64, err error) { return 0, nil }
