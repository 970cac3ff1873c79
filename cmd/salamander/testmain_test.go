package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The tests' program is the stack's too: the warehouse, the built-in image and
// psql are this executable, run again.
func TestMain(m *testing.M) {
	child := filepath.Base(os.Args[0]) == "psql"
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "warehouse", "fetch-and-run", shimArgument:
			child = true
		}
	}
	if child {
		main()
	}
	os.Exit(m.Run())
}
