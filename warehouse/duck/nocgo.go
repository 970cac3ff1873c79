//go:build !cgo

package duck

import (
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
