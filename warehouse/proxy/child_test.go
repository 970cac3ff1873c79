//go:build cgo

package proxy_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"salamander/warehouse"
	"salamander/warehouse/duck"
)

// childEnv makes this test's executable the child of an embedded warehouse.
const childEnv = "SALAMANDER_PROXY_TEST_CHILD"

// child is the embedded warehouse, where this process is one; it does not
// return then. It must not run while packages initialize: DuckDB's threads,
// which call functions in Go, wait until that is over.
func child() {
	if os.Getenv(childEnv) == "" {
		return
	}
	if err := warehouse.RunChild(context.Background(), duck.Open, slog.New(slog.NewTextHandler(os.Stderr, nil))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
