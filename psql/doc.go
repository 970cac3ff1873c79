// Package psql is the script language of PostgreSQL's psql and its runner:
// statements, variables, meta-commands, output formats, messages and exit
// statuses are those of psql 15, so that a script written for psql runs
// unchanged where no psql is installed.
//
// What needs a terminal or another program (line editing, \e, \password, \h,
// large objects) answers an error that names it. Commands of the shell (\!,
// backquotes, pipes, \copy from program) run with --allow-shell only. \bind is
// psql 16's; \remark, \exit and :ACTIVITYCOUNT are RSQL's, the rest of which
// comes with --rsql.
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
