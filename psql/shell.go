package psql

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A shell is a run of psql: its connection, variables and streams.
type shell struct {
	ctx    context.Context
	env    func(string) (string, bool)
	stdin  *bufio.Reader
	stdout *bufio.Writer
	direct io.Writer // below stdout: what programs write beside us
	stderr io.Writer

	conn     *conn // nil when there is none
	vars     *variables
	popt     printOptions
	timing   bool
	dir      string // working directory of \cd, empty: the process's
	terse    bool   // messages without "psql: error: "
	file     string // script being read, for messages; empty for standard input
	line     int
	depth    int           // files that include each other
	src      *bufio.Reader // where the current script comes from
	restrict string        // key that \unrestrict needs
	exit     int           // exit status of a run that ends now
	exiting  bool

	interactive bool               // standard input is a terminal
	allowShell  bool               // \!, backquotes and pipes run
	rsql        bool               // RSQL's meanings come before psql's
	environ     map[string]*string // what \setenv set, nil for unset

	out     *bufio.Writer // where results go
	outDone func() error  // closes out
	log     *os.File      // of -L

	gset     *string // prefix of \gset
	gexec    bool
	gdesc    bool
	crosstab []string      // arguments of \crosstabview
	bind     []string      // values of \bind
	gfile    string        // of \g FILE
	copySrc  io.Reader     // of \copy, instead of the script
	copyDst  *bufio.Writer // of \copy, instead of out
	gpopt    *printOptions // options to restore after \g
	lastErr  *pgproto3.ErrorResponse
	lastSQL  string // query of lastErr
	notified []*pgproto3.NotificationResponse
}

// logf writes a message for the user, with the place in the script.
func (s *shell) logf(level, format string, args ...any) {
	s.stdout.Flush()
	if s.out != s.stdout {
		s.out.Flush()
	}
	text := strings.TrimSuffix(fmt.Sprintf(format, args...), "\n")
	var b strings.Builder
	if !s.terse || s.file != "" {
		b.WriteString("psql:")
		if s.file != "" {
			fmt.Fprintf(&b, "%s:", s.file)
			if s.line > 0 {
				fmt.Fprintf(&b, "%d:", s.line)
			}
		}
		b.WriteByte(' ')
	}
	if !s.terse {
		b.WriteString(level)
	}
	b.WriteString(text + "\n")
	io.WriteString(s.stderr, b.String())
}

func (s *shell) infof(format string, args ...any)  { s.logf("", format, args...) }
func (s *shell) errorf(format string, args ...any) { s.logf("error: ", format, args...) }
func (s *shell) warnf(format string, args ...any)  { s.logf("warning: ", format, args...) }

// end makes the run stop with an exit status.
func (s *shell) end(status int) {
	if !s.exiting {
		s.exit, s.exiting = status, true
	}
}

func (s *shell) quiet() bool { return s.vars.isOn("QUIET") }

// say tells a setting's new value unless psql is quiet.
func (s *shell) say(format string, args ...any) {
	if !s.quiet() {
		fmt.Fprintf(s.stdout, format+"\n", args...)
	}
}

func (s *shell) verbosity() verbosity {
	switch s.vars.values["VERBOSITY"] {
	case "verbose":
		return verbosityVerbose
	case "terse":
		return verbosityTerse
	case "sqlstate":
		return verbositySQLState
	}
	return verbosityDefault
}

func (s *shell) setVar(name, value string) { s.vars.values[name] = value }

// home replaces a leading ~/ by the user's directory.
func (s *shell) home(name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		if home, ok := s.lookupEnv("HOME"); ok {
			return filepath.Join(home, rest)
		}
	}
	return name
}

// path resolves a file name against \cd's directory.
func (s *shell) path(name string) string {
	name = s.home(name)
	if s.dir != "" && !filepath.IsAbs(name) {
		return filepath.Join(s.dir, name)
	}
	return name
}

// connected adopts a new connection and sets the variables that tell of it.
func (s *shell) connected(c *conn) {
	s.conn = c
	host := c.options["host"]
	if host == "" {
		host = c.target.host
	}
	s.setVar("DBNAME", c.db)
	s.setVar("USER", c.user)
	s.setVar("HOST", host)
	s.setVar("PORT", c.target.port)
	s.encoded(orDefault(c.params["client_encoding"], "UTF8"))
	version := c.params["server_version"]
	s.setVar("SERVER_VERSION_NAME", version)
	number, _, _ := strings.Cut(version, " ")
	s.setVar("SERVER_VERSION_NUM", serverVersionNum(number))
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// serverVersionNum turns "15.18" into 150018 and "8.0.2" into 80002.
func serverVersionNum(v string) string {
	var a, b, c int
	switch n, _ := fmt.Sscanf(v, "%d.%d.%d", &a, &b, &c); {
	case a >= 10:
		return fmt.Sprint(a*10000 + b)
	case n > 0:
		return fmt.Sprint(a*10000 + b*100 + c)
	}
	return "0"
}

// formatMillis is the text of \timing.
func formatMillis(d time.Duration) string {
	ms := float64(d.Microseconds()) / 1000
	if ms < 1000 {
		return fmt.Sprintf("Time: %.3f ms", ms)
	}
	sec := ms / 1000
	min := int(sec / 60)
	sec -= float64(min * 60)
	if min < 60 {
		return fmt.Sprintf("Time: %.3f ms (%02d:%06.3f)", ms, min, sec)
	}
	hour := min / 60
	min %= 60
	if hour < 24 {
		return fmt.Sprintf("Time: %.3f ms (%02d:%02d:%06.3f)", ms, hour, min, sec)
	}
	return fmt.Sprintf("Time: %.3f ms (%d d %02d:%02d:%06.3f)", ms, hour/24, hour%24, min, sec)
}
