package psql

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"salamander/sqltext"
)

// A script is a file or standard input being run.
type script struct {
	sh    *shell
	scan  sqltext.Scanner
	conds conditions
	buf   []byte // the query so far
	prev  []byte // the query before
	nl    int    // length of buf after the line end added to it, or -1
}

func newScript(s *shell) *script {
	sc := &script{sh: s, nl: -1}
	sc.scan.Lookup = func(name string) (string, bool) {
		if !sc.conds.active() {
			return "", false
		}
		return s.lookupVariable(name)
	}
	sc.scan.Backquote = func(command string) (string, error) {
		if !sc.conds.active() {
			return "", nil
		}
		return s.backquote(command)
	}
	sc.scan.Warn = func(msg string) {
		if strings.HasPrefix(msg, "unterminated") {
			s.errorf("%s", msg)
		} else {
			s.warnf("%s", msg)
		}
	}
	return sc
}

// sysText is the C library's text of a file's error.
func sysText(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errnoText(errno)
	}
	return err.Error()
}

// maxFiles is how deep files may include each other, themselves for one. psql
// ends at the limit of open files, of which this is the usual one.
const maxFiles = 1019

// runFile runs a script file, "-" being standard input, and returns the exit
// status it asks for.
func (s *shell) runFile(name string, relative bool) int {
	file, line, src := s.file, s.line, s.src
	s.depth++
	defer func() { s.file, s.line, s.src, s.depth = file, line, src, s.depth-1 }()
	if s.depth > maxFiles {
		s.errorf("%s: %s", name, errnoText(syscall.EMFILE))
		return ExitFailure
	}
	if name == "-" {
		s.file, s.src = "<stdin>", s.stdin
		s.terse = false
		defer func() { s.terse = file == "" }()
		return s.runScript()
	}
	name = s.home(name)
	path := s.path(name)
	if relative && file != "" && file != "<stdin>" && !filepath.IsAbs(name) && !strings.HasPrefix(name, "~") {
		name = filepath.Join(filepath.Dir(file), name)
		path = s.path(name)
	}
	name = filepath.Clean(name)
	f, err := os.Open(path)
	if err == nil {
		s.terse = false
		defer func() { s.terse = file == "" }()
		defer f.Close()
		var info os.FileInfo
		if info, err = f.Stat(); err == nil && info.IsDir() {
			s.file, s.line = name, 0
			s.errorf("could not read from input file: Is a directory")
			return ExitFailure
		}
	}
	if err != nil {
		s.errorf("%s: %s", name, sysText(err))
		return ExitFailure
	}
	s.file, s.src = name, bufio.NewReaderSize(f, 64<<10)
	return s.runScript()
}

// runScript runs the lines of s.src.
func (s *shell) runScript() int {
	sc := newScript(s)
	s.line = 0
	quit := false
	for !s.exiting && !quit {
		if s.ctx.Err() != nil {
			return ExitScript
		}
		s.prompt(sc)
		line, err := s.readLine()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			s.errorf("could not read from input file: %v", err)
			return ExitFailure
		}
		var status int
		if status, quit = sc.runLine(line); status != ExitOK {
			return status
		}
	}
	if s.exiting {
		return s.exit
	}
	if quit {
		return ExitOK
	}
	return sc.finish()
}

// atTerminal reports whether the lines come from a user at a terminal.
func (s *shell) atTerminal() bool { return s.interactive && s.src == s.stdin && s.file == "" }

// prompt asks the user at a terminal for a line, as psql's default prompts do.
func (s *shell) prompt(sc *script) {
	if !s.atTerminal() || s.conn == nil {
		return
	}
	state := "="
	switch {
	case sc.scan.InQuote():
		state = "'"
	case sc.scan.Parens() > 0:
		state = "("
	case len(sc.buf) > 0:
		state = "-"
	}
	tx := map[byte]string{'T': "*", 'E': "!"}[s.conn.tx]
	fmt.Fprintf(s.stdout, "%s%s%s> ", s.conn.db, state, tx)
	s.stdout.Flush()
}

// readLine reads a line without its end. It returns io.EOF when none is left.
func (s *shell) readLine() (string, error) {
	b, err := s.src.ReadBytes('\n')
	if len(b) == 0 && err != nil {
		return "", err
	}
	s.line++
	b = bytes.TrimSuffix(b, []byte("\n"))
	if s.line == 1 {
		b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	}
	if bytes.IndexByte(b, 0) >= 0 {
		// psql would drop the rest of the line without a word.
		s.errorf("line %d holds a null byte", s.line)
		s.end(ExitScript)
		return "", io.EOF
	}
	return string(b), nil
}

// runLine runs one line. quit tells that \q ended the script.
func (sc *script) runLine(line string) (status int, quit bool) {
	s := sc.sh
	if line == "" && !sc.scan.InQuote() {
		return ExitOK, false // not even part of a statement
	}
	if s.vars.is("ECHO", "all") {
		fmt.Fprintln(s.stdout, line)
	}
	sc.nl = -1
	if len(sc.buf) > 0 {
		sc.buf = append(sc.buf, '\n')
		sc.nl = len(sc.buf)
	}
	dieOnError := s.vars.isOn("ON_ERROR_STOP") && !s.atTerminal()
	if s.conn != nil {
		sc.scan.BackslashEscapes = s.conn.params["standard_conforming_strings"] == "off"
	}
	sc.scan.Line(line)
	ok := true
	for ok || !dieOnError {
		var stop sqltext.Stop
		sc.buf, stop = sc.scan.Scan(sc.buf)
		singleLine := stop == sqltext.AtEnd && s.vars.isOn("SINGLELINE") && len(sc.buf) > 0 && !sc.scan.InQuote() && sc.scan.Parens() == 0
		switch {
		case stop == sqltext.AtSemicolon || singleLine:
			if sc.conds.active() {
				ok = sc.sendBuf()
			}
		case stop == sqltext.AtBackslash:
			if sc.nl >= 0 && len(sc.buf) == sc.nl {
				sc.buf = sc.buf[:len(sc.buf)-1]
			}
			sc.nl = -1
			switch sc.command() {
			case cmdError:
				ok = false
			case cmdSend:
				if len(sc.buf) == 0 {
					sc.buf = append(sc.buf, sc.prev...)
				}
				ok = sc.sendBuf()
				sc.scan.Reset()
			case cmdQuit:
				return ExitOK, true
			default:
				ok = true
			}
		}
		if stop == sqltext.AtEnd || s.exiting {
			break
		}
	}
	switch {
	case s.exiting:
		return s.exit, false
	case s.ctx.Err() != nil:
		return ExitScript, false
	case !ok && dieOnError:
		return ExitScript, false
	case s.conn == nil:
		return ExitBadConn, false
	}
	return ExitOK, false
}

// sendBuf sends the query and keeps it as the one before.
func (sc *script) sendBuf() bool {
	ok := sc.sh.send(string(sc.buf))
	sc.prev, sc.buf = sc.buf, sc.prev[:0]
	sc.nl = -1
	return ok
}

// finish runs what the script's last line left open.
func (sc *script) finish() int {
	s := sc.sh
	die := s.vars.isOn("ON_ERROR_STOP")
	if s.atTerminal() {
		fmt.Fprintln(s.stdout)
		return ExitOK // what is not terminated is not sent
	}
	if len(sc.buf) > 0 && sc.conds.active() {
		ok := s.send(string(sc.buf))
		switch {
		case s.exiting:
			return s.exit
		case s.ctx.Err() != nil, !ok && die:
			return ExitScript
		}
	}
	if len(sc.conds.stack) > 0 {
		s.errorf("reached EOF without finding closing \\endif(s)")
		if die {
			return ExitScript
		}
	}
	return ExitOK
}
