package psql

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"salamander/sqltext"
)

// A cmdStatus is what a meta-command asks for.
type cmdStatus uint8

const (
	cmdSkip  cmdStatus = iota // go on
	cmdSend                   // send the query
	cmdQuit                   // end the script
	cmdError                  // it failed
)

// command reads and runs a meta-command.
func (sc *script) command() cmdStatus {
	s := sc.sh
	name := sc.scan.Command()
	status, known := sc.condition(name)
	if !known {
		switch {
		case s.restrict != "" && name != "unrestrict":
			s.errorf("backslash commands are restricted; only \\unrestrict is allowed")
			status = cmdError
		default:
			status = sc.run(name)
		}
	}
	active := sc.conds.active()
	if status == cmdError {
		sc.scan.Arg(sqltext.ArgLine, false)
	} else {
		for {
			arg, ok, _ := sc.scan.Arg(sqltext.ArgNormal, false)
			if !ok {
				break
			}
			if active && name != "else" && name != "endif" || active && known {
				s.warnf("\\%s: extra argument \"%s\" ignored", name, arg.Text)
			}
		}
	}
	sc.scan.EndCommand()
	s.stdout.Flush()
	return status
}

// arg reads an argument; a backquoted one counts as a failure of the command.
func (sc *script) arg(trim bool) (string, bool) {
	a, ok, err := sc.scan.Arg(sqltext.ArgNormal, trim)
	if err != nil {
		sc.sh.errorf("%v", err)
		panic(refused{})
	}
	return a.Text, ok
}

// refused unwinds a command whose arguments cannot be had.
type refused struct{}

func (sc *script) skipArgs() { sc.scan.Arg(sqltext.ArgLine, false) }

// lookup returns the meta-command of that name, or nil.
func lookup(name string) func(sc *script, name string) cmdStatus {
	return map[string]func(sc *script, name string) cmdStatus{
		"set": (*script).cmdSet, "unset": (*script).cmdUnset, "echo": (*script).cmdEcho, "qecho": (*script).cmdEcho,
		"warn": (*script).cmdEcho, "i": (*script).cmdInclude, "include": (*script).cmdInclude, "ir": (*script).cmdInclude,
		"include_relative": (*script).cmdInclude, "g": (*script).cmdG, "gx": (*script).cmdG, "gset": (*script).cmdGset,
		"gexec": (*script).cmdGexec, "r": (*script).cmdReset, "reset": (*script).cmdReset, "p": (*script).cmdPrint,
		"print": (*script).cmdPrint, "q": (*script).cmdQuit, "quit": (*script).cmdQuit, "o": (*script).cmdOut, "out": (*script).cmdOut,
		"x": (*script).cmdPsetOne, "t": (*script).cmdPsetOne, "a": (*script).cmdPsetOne, "f": (*script).cmdPsetOne,
		"C": (*script).cmdPsetOne, "T": (*script).cmdPsetOne, "H": (*script).cmdPsetOne, "pset": (*script).cmdPset,
		"timing": (*script).cmdTiming, "conninfo": (*script).cmdConnInfo, "errverbose": (*script).cmdErrVerbose,
		"encoding": (*script).cmdEncoding, "cd": (*script).cmdCd, "getenv": (*script).cmdGetenv, "w": (*script).cmdWrite,
		"write": (*script).cmdWrite, "copy": (*script).cmdCopy, "crosstabview": (*script).cmdCrosstab, "gdesc": (*script).cmdGdesc,
		"bind": (*script).cmdBind, "watch": (*script).cmdWatch, "c": (*script).cmdConnect, "connect": (*script).cmdConnect,
		"html": (*script).cmdPsetOne, "?": (*script).cmdHelp, "h": (*script).cmdSyntax, "help": (*script).cmdSyntax,
		"copyright": (*script).cmdCopyright, "s": (*script).cmdHistory, "setenv": (*script).cmdSetenv, "prompt": (*script).cmdPrompt, "remark": (*script).cmdRemark, "exit": (*script).cmdExit, "restrict": (*script).cmdRestrict, "unrestrict": (*script).cmdRestrict,
	}[name]
}

// run runs a command other than a condition. Those of a skipped branch only
// lose their arguments.
func (sc *script) run(name string) (status cmdStatus) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(refused); !ok {
				panic(r)
			}
			status = cmdError
		}
	}()
	do := lookup(name)
	if sc.sh.rsql && name == "goto" {
		do = (*script).cmdGoto
	}
	if sc.sh.rsql && name == "label" {
		do = (*script).cmdLabel
	}
	if strings.HasPrefix(name, "lo_list") {
		do = func(sc *script, name string) cmdStatus {
			return sc.cmdListing(strings.Replace(name, "lo_list", "dl", 1))
		}
	}
	if do == nil && isListing(name) && name != "dRp+" {
		do = (*script).cmdListing
	}
	if name == "list" || name == "list+" {
		do = func(sc *script, name string) cmdStatus { return sc.cmdListing(strings.Replace(name, "list", "l", 1)) }
	}
	if base, _, _ := splitListing(name); do == nil && (base == "sf" || base == "sv") {
		do = (*script).cmdDefinition
	}
	if strings.HasPrefix(name, "!") {
		do = (*script).cmdShell
	}
	why := ""
	if do == nil {
		why = absent(name)
	}
	switch {
	case do == nil && why == "":
		sc.sh.errorf("invalid command \\%s", name)
		return cmdError
	case !sc.conds.active():
		if name == "copy" || strings.HasPrefix(name, "!") {
			sc.skipArgs()
		}
		for ok := true; ok; {
			_, ok, _ = sc.scan.Arg(sqltext.ArgNormal, false)
		}
		return cmdSkip
	case do == nil:
		sc.sh.errorf("\\%s: %s", name, why)
		return cmdError
	}
	return do(sc, name)
}

func (sc *script) cmdSet(string) cmdStatus {
	s := sc.sh
	name, ok := sc.arg(false)
	if !ok {
		for _, name := range s.vars.names() {
			fmt.Fprintf(s.stdout, "%s = '%s'\n", name, s.vars.values[name])
		}
		return cmdSkip
	}
	var value strings.Builder
	for {
		piece, ok := sc.arg(false)
		if !ok {
			break
		}
		value.WriteString(piece)
	}
	if err := s.vars.set(name, value.String()); err != nil {
		s.errorf("%v", err)
		return cmdError
	}
	return cmdSkip
}

func (sc *script) cmdUnset(name string) cmdStatus {
	variable, ok := sc.arg(false)
	if !ok {
		return sc.missing(name)
	}
	if err := sc.sh.vars.unset(variable); err != nil {
		sc.sh.errorf("%v", err)
		return cmdError
	}
	return cmdSkip
}

func (sc *script) missing(name string) cmdStatus {
	sc.sh.errorf("\\%s: missing required argument", name)
	return cmdError
}

func (sc *script) cmdEcho(name string) cmdStatus {
	s := sc.sh
	var b strings.Builder
	first, newline := true, true
	for {
		a, ok, err := sc.scan.Arg(sqltext.ArgNormal, false)
		if err != nil {
			s.errorf("%v", err)
			return cmdError
		}
		if !ok {
			break
		}
		if first && newline && a.Quote == 0 && a.Text == "-n" {
			newline = false
			continue
		}
		if !first {
			b.WriteByte(' ')
		}
		first = false
		b.WriteString(a.Text)
	}
	if newline {
		b.WriteByte('\n')
	}
	switch name {
	case "echo":
		s.stdout.WriteString(b.String())
	case "qecho":
		s.out.WriteString(b.String())
		s.out.Flush()
	default:
		s.stdout.Flush()
		fmt.Fprint(s.stderr, b.String())
	}
	return cmdSkip
}

func (sc *script) cmdInclude(name string) cmdStatus {
	file, ok := sc.arg(true)
	if !ok {
		return sc.missing(name)
	}
	if sc.sh.runFile(file, name == "ir" || name == "include_relative") != ExitOK {
		return cmdError
	}
	return cmdSkip
}

func (sc *script) cmdG(name string) cmdStatus {
	s := sc.sh
	saved := s.popt
	a, ok, err := sc.scan.Arg(sqltext.ArgFile, false)
	if err != nil {
		s.errorf("%v", err)
		return cmdError
	}
	if ok && strings.HasPrefix(a.Text, "(") {
		if !sc.gOptions(name, a.Text) {
			s.popt = saved
			return cmdError
		}
		s.gpopt = &saved
		a, ok, _ = sc.scan.Arg(sqltext.ArgFile, true)
	}
	if ok && a.Quote == '|' && !s.allowShell {
		s.popt, s.gpopt = saved, nil
		s.errorf("\\%s: %s", name, shellRefused)
		return cmdError
	}
	if ok {
		s.gfile = strings.TrimRight(a.Text, ";")
	}
	if name == "gx" {
		s.gpopt = &saved
		s.popt.expanded = expandedOn
	}
	return cmdSend
}

// gOptions reads the \pset options in parentheses of \g.
func (sc *script) gOptions(name, text string) bool {
	text = text[1:]
	for {
		option, last := strings.CutSuffix(text, ")")
		if option != "" {
			pset, value, given := strings.Cut(option, "=")
			arg := &value
			if !given {
				arg = nil
			}
			if err := sc.sh.pset(pset, arg, true); err != nil {
				sc.sh.errorf("%v", err)
				return false
			}
		}
		if last {
			return true
		}
		var ok bool
		if text, ok = sc.arg(false); !ok {
			sc.sh.errorf("\\%s: missing right parenthesis", name)
			return false
		}
	}
}

func (sc *script) cmdGset(string) cmdStatus {
	prefix, _ := sc.arg(true)
	sc.sh.gset = &prefix
	return cmdSend
}

func (sc *script) cmdGexec(string) cmdStatus {
	sc.sh.gexec = true
	return cmdSend
}

func (sc *script) cmdReset(string) cmdStatus {
	sc.buf, sc.nl = sc.buf[:0], -1
	sc.scan.Reset()
	sc.sh.say("Query buffer reset (cleared).")
	return cmdSkip
}

func (sc *script) cmdPrint(string) cmdStatus {
	text := sc.buf
	if len(text) == 0 {
		text = sc.prev
	}
	if len(text) > 0 {
		fmt.Fprintf(sc.sh.stdout, "%s\n", text)
	} else {
		sc.sh.say("Query buffer is empty.")
	}
	return cmdSkip
}

func (sc *script) cmdWrite(name string) cmdStatus {
	file, ok := sc.arg(true)
	if !ok {
		return sc.missing(name)
	}
	text := sc.buf
	if len(text) == 0 {
		text = sc.prev
	}
	w, done, err := sc.sh.outTarget(file)
	if err == nil {
		w.Write(text)
		w.WriteByte('\n')
		err = done()
	}
	if err != nil {
		sc.sh.errorf("%v", err)
		return cmdError
	}
	return cmdSkip
}

func (sc *script) cmdQuit(string) cmdStatus { return cmdQuit }

func (sc *script) cmdOut(string) cmdStatus {
	a, ok, err := sc.scan.Arg(sqltext.ArgFile, true)
	if err != nil {
		sc.sh.errorf("%v", err)
		return cmdError
	}
	if ok && a.Quote == '|' && !sc.sh.allowShell {
		sc.sh.errorf("\\o: %s", shellRefused)
		return cmdError
	}
	if err := sc.sh.redirect(a.Text); err != nil {
		sc.sh.errorf("%v", err)
		return cmdError
	}
	return cmdSkip
}

func (sc *script) cmdTiming(string) cmdStatus {
	s := sc.sh
	value, ok := sc.arg(false)
	if !ok {
		s.timing = !s.timing
	} else {
		on, err := parseBool(value, "\\timing")
		if err != nil {
			s.errorf("%v", err)
			s.say("Timing is %s.", onOff(s.timing))
			return cmdError
		}
		s.timing = on
	}
	s.say("Timing is %s.", onOff(s.timing))
	return cmdSkip
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func (sc *script) cmdConnInfo(string) cmdStatus {
	c, w := sc.sh.conn, sc.sh.stdout
	if c == nil {
		fmt.Fprintln(w, "You are currently not connected to a database.")
		return cmdSkip
	}
	fmt.Fprintf(w, "You are connected to database \"%s\" as user \"%s\" ", c.db, c.user)
	switch t := c.target; {
	case t.isSocket():
		fmt.Fprintf(w, "via socket in \"%s\" at port \"%s\".\n", t.host, t.port)
	case t.host != t.addr:
		fmt.Fprintf(w, "on host \"%s\" (address \"%s\") at port \"%s\".\n", t.host, t.addr, t.port)
	default:
		fmt.Fprintf(w, "on host \"%s\" at port \"%s\".\n", t.host, t.port)
	}
	if c.tls != nil {
		fmt.Fprintln(w, "SSL connection")
	}
	return cmdSkip
}

func (sc *script) cmdErrVerbose(string) cmdStatus {
	s := sc.sh
	if s.lastErr == nil {
		fmt.Fprintln(s.stdout, "There is no previous error.")
		return cmdSkip
	}
	s.errorf("%s", errorText(s.lastErr, s.lastSQL, verbosityVerbose, "always", s.popt.singleByte))
	return cmdSkip
}

func (sc *script) cmdCd(string) cmdStatus {
	s := sc.sh
	dir, ok := sc.arg(true)
	if !ok {
		dir, _ = s.lookupEnv("HOME")
	}
	path := s.path(dir)
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = errors.New("Not a directory") //lint:ignore ST1005 the C library's text
	}
	if err != nil {
		s.errorf("\\cd: could not change directory to \"%s\": %s", dir, sysText(err))
		return cmdError
	}
	s.dir = filepath.Clean(path)
	return cmdSkip
}

func (sc *script) cmdGetenv(name string) cmdStatus {
	variable, ok1 := sc.arg(false)
	env, ok2 := sc.arg(false)
	if !ok1 || !ok2 {
		return sc.missing(name)
	}
	if value, ok := sc.sh.lookupEnv(env); ok {
		if err := sc.sh.vars.set(variable, value); err != nil {
			sc.sh.errorf("%v", err)
			return cmdError
		}
	}
	return cmdSkip
}

// cmdRestrict closes and opens the script for meta-commands, as the output of
// pg_dump asks for.
func (sc *script) cmdRestrict(name string) cmdStatus {
	s := sc.sh
	key, ok := sc.arg(true)
	switch {
	case !ok || key == "":
		return sc.missing(name)
	case name == "restrict":
		s.restrict = key
	case s.restrict == "":
		s.errorf("\\unrestrict: not currently in restricted mode")
		return cmdError
	case s.restrict != key:
		s.errorf("\\unrestrict: wrong key")
		return cmdError
	default:
		s.restrict = ""
	}
	return cmdSkip
}
