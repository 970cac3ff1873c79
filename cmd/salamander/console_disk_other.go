//go:build !linux

package main

import "errors"

// freeSpace is not known here.
func freeSpace(string) (free, total uint64, err error) { return 0, 0, errors.ErrUnsupported }
