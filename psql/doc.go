// Package psql is the script language of PostgreSQL's psql and its runner:
// statements, variables, meta-commands, output formats, messages and exit
// statuses are those of psql 15, so that a script written for psql runs
// unchanged where no psql is installed.
//
// What it does not have (\d, \copy, \!, HTML and LaTeX output, line editing
// and some others) answers an error that names it.
//
// https://www.postgresql.org/docs/15/app-psql.html
package psql

// The exit statuses of psql.
const (
	ExitOK      = 0 // finished normally
	ExitFailure = 1 // fatal error of its own, or a failed -c
	ExitBadConn = 2 // no connection, or a lost one
	ExitScript  = 3 // error in a script with ON_ERROR_STOP, or interrupted
)

// Version is the psql whose language this package follows.
const Version = "15.18"
