//go:build !cgo

package duck

import (
	"context"
	"errors"
	"log/slog"

	"salamander/warehouse"
)

// ErrNoCgo is returned by Open in a build without cgo.
var ErrNoCgo = errors.New("the embedded warehouse needs a build with cgo: build with CGO_ENABLED=1, gcc and g++")

// Open returns ErrNoCgo.
func Open(warehouse.ChildConfig, warehouse.Objects, *slog.Logger) (warehouse.Engine, error) {
	return nil, ErrNoCgo
}

// BackupStatement is the statement that makes a backup.
const BackupStatement = "SALAMANDER BACKUP"

// ErrNotEmpty is returned by Restore in a build with cgo.
var ErrNotEmpty = errors.New("the warehouse has tables")

// Backup returns ErrNoCgo.
func Backup(context.Context, warehouse.ChildConfig, string) error { return ErrNoCgo }

// Restore returns ErrNoCgo.
func Restore(context.Context, warehouse.ChildConfig, string, bool) error { return ErrNoCgo }

// Compact returns ErrNoCgo.
func Compact(context.Context, warehouse.ChildConfig) (before, after int64, err error) {
	return 0, 0, ErrNoCgo
}
