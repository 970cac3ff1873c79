package psql

import (
	"fmt"
	"strings"
)

// An action is a -c or an -f, in the order of the command line.
type action struct {
	file  bool // -f; otherwise -c
	value string
}

// arguments are a command line after parsing.
type arguments struct {
	conn       map[string]string // host, port, user; dbname as written
	actions    []action
	single     bool // -1
	noRC       bool // -X
	askPass    bool // -W
	version    bool
	help       bool
	helpTopic  string
	list       bool // -l
	log        string
	output     string
	positional []string
	do         []func(*shell) error // what -v, -A and the like do, in order
}

// usageError is a mistake on the command line; its text goes to stderr as is.
type usageError string

func (e usageError) Error() string { return string(e) }

const tryHelp = "\npsql: hint: Try \"psql --help\" for more information."

// optionNames maps long options to short ones.
var optionNames = [...]struct {
	long  string
	short byte
}{
	{"echo-all", 'a'}, {"no-align", 'A'}, {"echo-errors", 'b'}, {"command", 'c'}, {"dbname", 'd'}, {"echo-queries", 'e'},
	{"echo-hidden", 'E'}, {"field-separator", 'F'}, {"field-separator-zero", 'z'}, {"file", 'f'}, {"host", 'h'}, {"html", 'H'},
	{"list", 'l'}, {"log-file", 'L'}, {"no-readline", 'n'}, {"single-transaction", '1'}, {"output", 'o'}, {"port", 'p'},
	{"pset", 'P'}, {"quiet", 'q'}, {"record-separator", 'R'}, {"record-separator-zero", '0'}, {"set", 'v'}, {"variable", 'v'},
	{"single-line", 'S'}, {"single-step", 's'}, {"tuples-only", 't'}, {"table-attr", 'T'}, {"username", 'U'}, {"version", 'V'},
	{"no-password", 'w'}, {"password", 'W'}, {"expanded", 'x'}, {"no-psqlrc", 'X'}, {"help", '?'}, {"csv", csvOption},
	{"allow-shell", allowShellOption}, {"rsql", rsqlOption},
}

const (
	shortOptions = "aAbc:d:eEf:F:h:HlL:no:p:P:qR:sStT:U:v:VwWxXz?01"
	csvOption    = 2

	// Options of this psql alone.
	allowShellOption = 3
	rsqlOption       = 4
)

// takesValue reports whether a short option exists and whether it has a value.
func takesValue(c byte) (value, ok bool) {
	if c == csvOption || c == allowShellOption || c == rsqlOption {
		return false, true
	}
	i := strings.IndexByte(shortOptions, c)
	if c == ':' || i < 0 {
		return false, false
	}
	return i+1 < len(shortOptions) && shortOptions[i+1] == ':', true
}

// parseArgs reads a command line as getopt_long does: options may follow
// arguments, short ones may be joined, long ones abbreviated.
func parseArgs(args []string) (*arguments, error) {
	a := &arguments{conn: map[string]string{}}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		next := func(name string) (string, error) {
			if i+1 == len(args) {
				return "", usageError("psql: option requires an argument -- '" + name + "'" + tryHelp)
			}
			i++
			return args[i], nil
		}
		switch {
		case arg == "--":
			a.positional = append(a.positional, args[i+1:]...)
			i = len(args)
		case strings.HasPrefix(arg, "--"):
			if err := a.long(arg[2:], func() (string, error) {
				v, err := next("")
				if err != nil {
					return "", usageError("psql: option '" + arg + "' requires an argument" + tryHelp)
				}
				return v, nil
			}); err != nil {
				return nil, err
			}
		case strings.HasPrefix(arg, "-") && len(arg) > 1:
			for j := 1; j < len(arg); j++ {
				c := arg[j]
				value, ok := takesValue(c)
				if !ok {
					return nil, usageError(fmt.Sprintf("psql: invalid option -- '%c'%s", c, tryHelp))
				}
				if !value {
					if err := a.option(c, "", arg); err != nil {
						return nil, err
					}
					continue
				}
				v := arg[j+1:]
				if v == "" {
					var err error
					if v, err = next(string(c)); err != nil {
						return nil, err
					}
				}
				if err := a.option(c, v, arg); err != nil {
					return nil, err
				}
				break
			}
		default:
			a.positional = append(a.positional, arg)
		}
	}
	return a, nil
}

// long reads a long option, "name" or "name=value".
func (a *arguments) long(text string, next func() (string, error)) error {
	name, value, given := strings.Cut(text, "=")
	var short byte
	matches := map[byte]bool{}
	var names strings.Builder
	for _, o := range optionNames {
		switch {
		case o.long == name:
			short = o.short
		case strings.HasPrefix(o.long, name):
			matches[o.short] = true
			names.WriteString(" '--" + o.long + "'")
		}
	}
	if short == 0 {
		if len(matches) != 1 {
			if len(matches) > 1 {
				return usageError("psql: option '--" + text + "' is ambiguous; possibilities:" + names.String() + tryHelp)
			}
			return usageError("psql: unrecognized option '--" + text + "'" + tryHelp)
		}
		for short = range matches {
		}
	}
	if short == '?' && given {
		a.help, a.helpTopic = true, value
		return nil
	}
	switch takes, _ := takesValue(short); {
	case takes && !given:
		v, err := next()
		if err != nil {
			return err
		}
		value = v
	case !takes && given:
		return usageError("psql: option '--" + name + "' doesn't allow an argument" + tryHelp)
	}
	return a.option(short, value, "--"+text)
}

// option applies one option; written is how the user wrote it.
func (a *arguments) option(c byte, value, written string) error {
	set := func(name, v string) {
		a.do = append(a.do, func(s *shell) error { return s.vars.set(name, v) })
	}
	pset := func(name, v string) {
		a.do = append(a.do, func(s *shell) error { return s.pset(name, &v, true) })
	}
	switch c {
	case 'a':
		set("ECHO", "all")
	case 'A':
		pset("format", "unaligned")
	case 'b':
		set("ECHO", "errors")
	case 'c':
		a.actions = append(a.actions, action{value: value})
	case 'd':
		a.conn["dbname"] = value
	case 'e':
		set("ECHO", "queries")
	case 'E':
		set("ECHO_HIDDEN", "on")
	case 'f':
		a.actions = append(a.actions, action{file: true, value: value})
	case 'F':
		pset("fieldsep", value)
	case 'z':
		pset("fieldsep_zero", "")
	case 'h':
		a.conn["host"] = value
	case 'H':
		pset("format", "html")
	case 'l':
		a.list = true
	case 'L':
		a.log = value
	case 'n', 'X':
		a.noRC = a.noRC || c == 'X'
	case '1':
		a.single = true
	case 'o':
		a.output = value
	case 'p':
		a.conn["port"] = value
	case 'P':
		name, v, given := strings.Cut(value, "=")
		a.do = append(a.do, func(s *shell) error {
			arg := &v
			if !given {
				arg = nil
			}
			if err := s.pset(name, arg, true); err != nil {
				s.errorf("%v", err)
				return fmt.Errorf("could not set printing parameter \"%s\"", name)
			}
			return nil
		})
	case 'q':
		set("QUIET", "on")
	case 'R':
		pset("recordsep", value)
	case '0':
		pset("recordsep_zero", "")
	case 's':
		return usageError("psql: error: single-step mode (-s) needs a terminal, which this psql does not use")
	case 'S':
		set("SINGLELINE", "on")
	case 't':
		pset("tuples_only", "on")
	case 'T':
		pset("tableattr", value)
	case 'U':
		a.conn["user"] = value
	case 'v':
		name, v, given := strings.Cut(value, "=")
		a.do = append(a.do, func(s *shell) error {
			if !given {
				return s.vars.unset(name)
			}
			return s.vars.set(name, v)
		})
	case 'V':
		a.version = true
	case 'w':
		a.askPass = false
	case 'W':
		a.askPass = true
	case 'x':
		pset("expanded", "on")
	case allowShellOption:
		a.do = append(a.do, func(s *shell) error { s.allowShell = true; return nil })
	case rsqlOption:
		a.do = append(a.do, func(s *shell) error { s.rsql = true; return nil })
	case csvOption:
		pset("format", "csv")
	case '?':
		if written == "-?" || written == "--help" || strings.HasPrefix("--help", written) {
			a.help = true
			return nil
		}
		return usageError("psql: invalid option -- '?'" + tryHelp)
	}
	return nil
}

// place gives the positional arguments their meaning and returns those that
// have none.
func (a *arguments) place() []string {
	rest := a.positional
	for len(rest) > 0 {
		if _, ok := a.conn["dbname"]; !ok {
			a.conn["dbname"] = rest[0]
		} else if _, ok := a.conn["user"]; !ok {
			a.conn["user"] = rest[0]
		} else {
			return rest
		}
		rest = rest[1:]
	}
	return nil
}
