package psql

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/term"
)

// Main is the whole psql command. args do not include the program's name; env
// looks up environment variables. It returns psql's exit status.
//
// When ctx ends, the running query is cancelled at the server, and the run
// ends with status 3, as with psql's Ctrl-C.
func Main(ctx context.Context, args []string, env func(string) (string, bool), stdin io.Reader, stdout, stderr io.Writer) int {
	a, err := parseArgs(args)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return ExitFailure
	}
	switch {
	case a.version:
		fmt.Fprintf(stdout, "psql (PostgreSQL) %s (Salamander)\n", Version)
		return ExitOK
	case a.help:
		fmt.Fprint(stdout, usage)
		return ExitOK
	}
	s := newShell(ctx, env, stdin, stdout, stderr)
	if f, ok := stdin.(*os.File); ok {
		s.interactive = term.IsTerminal(int(f.Fd()))
	}
	if f, ok := stdout.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			s.popt.screen = width
		}
	}
	defer s.stdout.Flush()
	return s.start(a)
}

// A lockedWriter serializes what a run writes and what its programs do, or its
// cancellation.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func newShell(ctx context.Context, env func(string) (string, bool), stdin io.Reader, stdout, stderr io.Writer) *shell {
	direct := &lockedWriter{w: stdout}
	s := &shell{
		ctx: ctx, env: env, stdin: bufio.NewReader(stdin), stdout: bufio.NewWriterSize(direct, 64<<10), direct: direct, stderr: &lockedWriter{w: stderr},
		vars: newVariables(), popt: defaultPrintOptions(), environ: map[string]*string{},
	}
	s.out, s.src = s.stdout, s.stdin
	return s
}

// start connects and runs what the command line asks for.
func (s *shell) start(a *arguments) int {
	for _, do := range a.do {
		if err := do(s); err != nil {
			s.errorf("%v", err)
			return ExitFailure
		}
	}
	extra := a.place()
	for _, arg := range extra {
		if !s.quiet() {
			s.warnf("extra command-line argument \"%s\" ignored", arg)
		}
	}
	switch {
	case a.askPass:
		s.errorf("-W: this psql does not ask for a password; use PGPASSWORD or a password file")
		return ExitBadConn
	}
	if a.output != "" {
		if err := s.redirect(a.output); err != nil {
			s.errorf("%v", err)
			return ExitFailure
		}
		defer s.redirect("")
	}
	if a.list && a.conn["dbname"] == "" {
		a.conn["dbname"] = "postgres"
	}
	p, err := s.options(a)
	if err == nil {
		var c *conn
		if c, err = connect(s.ctx, p); err == nil {
			s.connected(c)
		}
	}
	if err != nil {
		s.errorf("%v", err)
		return ExitBadConn
	}
	defer func() {
		if s.conn != nil {
			s.conn.close()
		}
	}()
	if a.list {
		l, _ := listingOf("l")
		s.terse = true
		if !s.list(l, listingCall{version: atoi(s.vars.values["SERVER_VERSION_NUM"]), database: s.conn.db}) {
			return ExitFailure
		}
		return ExitOK
	}
	if a.log != "" {
		if s.log, err = os.OpenFile(a.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666); err != nil {
			s.errorf("could not open log file \"%s\": %s", a.log, sysText(err))
			return ExitFailure
		}
		defer s.log.Close()
	}
	if !a.noRC {
		s.runRC()
	}
	if s.exiting {
		return s.exit
	}
	if len(a.actions) == 0 {
		s.terse = true
		if s.interactive && !s.quiet() {
			fmt.Fprintf(s.stdout, "psql (%s, Salamander)\nType \\q to quit.\n\n", Version)
		}
		return s.runScript()
	}
	return s.runActions(a)
}

// options completes the connection options of the command line.
func (s *shell) options(a *arguments) (map[string]string, error) {
	given := map[string]string{}
	for name, value := range a.conn {
		given[name] = value
	}
	if db := given["dbname"]; isConnInfo(db) {
		info, err := parseConnInfo(db)
		if err != nil {
			return nil, err
		}
		delete(given, "dbname")
		for name, value := range info {
			given[name] = value
		}
	}
	return s.completeOptions(given)
}

// completeOptions adds what the environment and the defaults say.
func (s *shell) completeOptions(given map[string]string) (map[string]string, error) {
	if given["service"] != "" {
		return nil, fmt.Errorf("connection option \"service\" is not implemented by this psql")
	}
	if given["gssencmode"] == "require" {
		return nil, fmt.Errorf("gssencmode=require is not implemented by this psql")
	}
	p := complete(given, s.lookupEnv)
	if p["passfile"] == "" {
		if home, ok := s.env("HOME"); ok {
			p["passfile"] = filepath.Join(home, ".pgpass")
		}
	}
	return p, nil
}

// runRC runs the user's start-up file, if there is one.
func (s *shell) runRC() {
	name, ok := s.env("PSQLRC")
	if !ok || name == "" {
		home, ok := s.env("HOME")
		if !ok || home == "" {
			return
		}
		name = filepath.Join(home, ".psqlrc")
	}
	for _, suffix := range []string{"-" + Version, "-15", ""} {
		if f, err := os.Open(s.path(name + suffix)); err == nil {
			f.Close()
			s.runFile(name+suffix, false)
			return
		}
	}
}

// runActions runs the -c and -f of the command line in order.
func (s *shell) runActions(a *arguments) int {
	if a.single {
		if _, ok := s.internal("BEGIN", true); !ok {
			if s.exiting {
				return s.exit
			}
			if s.vars.isOn("ON_ERROR_STOP") {
				return ExitScript
			}
		}
	}
	status := ExitOK
	for _, act := range a.actions {
		switch {
		case act.file:
			status = s.runFile(act.value, false)
		default:
			s.terse = true
			if s.vars.is("ECHO", "all") {
				fmt.Fprintln(s.stdout, act.value)
			}
			ok := false
			if rest, slash := strings.CutPrefix(act.value, `\`); slash {
				ok = s.actionCommand(rest)
			} else {
				ok = s.send(act.value)
			}
			status = ExitOK
			if !ok {
				status = ExitFailure
			}
		}
		if s.exiting {
			return s.exit
		}
		if status != ExitOK && s.vars.isOn("ON_ERROR_STOP") {
			break
		}
		if s.ctx.Err() != nil {
			return max(status, ExitFailure)
		}
	}
	if a.single {
		last := "COMMIT"
		if status != ExitOK && s.vars.isOn("ON_ERROR_STOP") {
			last = "ROLLBACK"
		}
		if _, ok := s.internal(last, true); !ok {
			if s.exiting {
				return s.exit
			}
			if s.vars.isOn("ON_ERROR_STOP") {
				return ExitScript
			}
		}
	}
	return status
}

const usage = `psql runs SQL scripts and commands on a PostgreSQL-compatible server.

Usage:
  psql [OPTION]... [DBNAME [USERNAME]]

  -c, --command=COMMAND    run one command (SQL or meta-command) and exit
  -d, --dbname=DBNAME      database name, connection string or URI
  -f, --file=FILENAME      run the commands of a file, - for standard input
  -v, --set=, --variable=NAME=VALUE   set a variable, as in -v ON_ERROR_STOP=1
  -V, --version            show the version
  -X, --no-psqlrc          do not read ~/.psqlrc
  -1, --single-transaction one transaction for all -c and -f
  -?, --help               show this help

  -a, --echo-all           -b, --echo-errors       -e, --echo-queries
  -E, --echo-hidden        -L, --log-file=FILE     -o, --output=FILE
  -q, --quiet              -S, --single-line       -n, --no-readline

  -A, --no-align           --csv                   -F, --field-separator=TEXT
  -P, --pset=NAME[=VALUE]  -R, --record-separator=TEXT
  -t, --tuples-only        -x, --expanded          -z, -0  zero byte as separator

  -h, --host=HOST          -p, --port=PORT         -U, --username=NAME
  -w, --no-password        never asks for a password, as always
  -l, --list               list databases

  --allow-shell            run \!, backquotes, pipes and \copy from program
  --rsql                   RSQL's \goto, \label, \if A = B and :ERRORCODE

The script language is that of psql 15; meta-commands that are not
implemented answer so by name.
`
