// Salamander runs an AWS-style ETL stack on one machine: state machines,
// Batch jobs, functions, objects and a Redshift-speaking warehouse.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"salamander/batch/process"
	"salamander/psql"
	"salamander/store"
)

// Exit statuses of every command.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitTimedOut    = 3
	exitAborted     = 4
	exitInvalid     = 5
	exitNotRunning  = 6
	exitInterrupted = 130
)

// An exitError ends the program with a status of its own. Its text is printed
// unless it has none.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func exitf(status int, format string, args ...any) error {
	return &exitError{status, fmt.Errorf(format, args...)}
}

func main() {
	if filepath.Base(os.Args[0]) == "psql" { // the link that jobs find on their PATH
		os.Exit(runPsql(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	if len(os.Args) == 2 && os.Args[1] == shimArgument {
		os.Exit(process.RunShim())
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the globals. It returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == "psql" { // psql's own flags, errors and statuses
		return runPsql(args[1:], stdin, stdout, stderr)
	}
	if len(args) > 0 && args[0] == "fetch-and-run" { // a job's start: as short as can be
		return fetchAndRun(context.Background(), args[1:], stdout, stderr)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	root := newRoot(&console{in: stdin, out: stdout, err: stderr})
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var exit *exitError
	var locked *store.LockedError
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &exit):
		if text := exit.Error(); text != "" {
			fmt.Fprintln(stderr, "salamander:", text)
		}
		return exit.status
	case errors.As(err, &locked):
		fmt.Fprintln(stderr, "salamander:", locked)
		return exitFailed
	}
	fmt.Fprintln(stderr, "salamander:", err)
	return exitFailed
}

// runPsql is the psql command, with psql's interrupts and statuses.
func runPsql(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) // SIGTERM ends psql at once
	defer stop()
	return psql.Main(ctx, args, os.LookupEnv, stdin, stdout, stderr)
}
