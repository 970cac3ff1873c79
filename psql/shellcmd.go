package psql

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"salamander/sqltext"
)

// shellRefused is said where a script asks for a command of the shell, which
// the option --allow-shell allows.
const shellRefused = "shell commands are refused by this psql (start it with --allow-shell to allow them)"

var errShellRefused = errors.New(shellRefused)

// command prepares a command of the shell with the run's environment.
func (s *shell) command(text string) *exec.Cmd {
	cmd := exec.CommandContext(s.ctx, "/bin/sh", "-c", text)
	cmd.Dir = s.dir
	cmd.Env = os.Environ()
	for name, value := range s.environ {
		if value != nil {
			cmd.Env = append(cmd.Env, name+"="+*value)
			continue
		}
		kept := cmd.Env[:0:0]
		for _, e := range cmd.Env {
			if !strings.HasPrefix(e, name+"=") {
				kept = append(kept, e)
			}
		}
		cmd.Env = kept
	}
	cmd.Stderr = s.stderr
	return cmd
}

func (s *shell) flush() {
	s.stdout.Flush()
	if s.out != s.stdout {
		s.out.Flush()
	}
}

// readProgram starts a command whose output is read.
func (s *shell) readProgram(text string) (io.Reader, func() error, error) {
	s.flush()
	cmd := s.command(text)
	r, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("could not execute command \"%s\": %w", text, err)
	}
	return r, func() error {
		_, _ = io.Copy(io.Discard, r)
		return s.ended(text, cmd.Wait())
	}, nil
}

// writeProgram starts a command that reads what is written.
func (s *shell) writeProgram(text string) (*bufio.Writer, func() error, error) {
	s.flush()
	cmd := s.command(text)
	cmd.Stdout = s.direct // it writes beside us: what we say is held back until it ends
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("could not execute command \"%s\": %w", text, err)
	}
	w := bufio.NewWriterSize(in, 64<<10)
	return w, func() error {
		_ = w.Flush() // a command may end before it has read all
		_ = in.Close()
		err := cmd.Wait()
		s.stdout.Flush()
		return s.ended(text, err)
	}, nil
}

// ended words how a command ended.
func (s *shell) ended(text string, err error) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit) && exit.Exited():
		return fmt.Errorf("%s: child process exited with exit code %d", text, exit.ExitCode())
	case errors.As(err, &exit):
		return fmt.Errorf("%s: child process was terminated: %v", text, exit)
	}
	return fmt.Errorf("%s: %w", text, err)
}

// backquote runs the command of a backquoted argument and returns its output
// without the line end.
func (s *shell) backquote(text string) (string, error) {
	if !s.allowShell {
		return "", sqltext.ErrBackquote
	}
	s.flush()
	cmd := s.command(text)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := s.ended(text, cmd.Run()); err != nil {
		s.errorf("%v", err)
		return "", nil
	}
	value := strings.TrimSuffix(out.String(), "\n")
	return strings.TrimSuffix(value, "\r"), nil
}

// cmdShell runs \!.
func (sc *script) cmdShell(name string) cmdStatus {
	s := sc.sh
	line, _, _ := sc.scan.Arg(sqltext.ArgLine, false)
	text := strings.TrimSpace(strings.TrimPrefix(name, "!") + " " + line.Text)
	if !s.allowShell {
		s.errorf("\\!: %s", shellRefused)
		return cmdError
	}
	if text == "" {
		s.errorf("\\!: an interactive shell needs a terminal, which this psql does not use")
		return cmdError
	}
	s.flush()
	cmd := s.command(text)
	cmd.Stdout = s.stdout // its standard input is empty: the script's is not its own
	err := cmd.Run()
	s.stdout.Flush()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.errorf("\\!: failed")
		return cmdError
	}
	return cmdSkip
}

// outTarget opens where results go: a file, or a command after "|".
func (s *shell) outTarget(name string) (*bufio.Writer, func() error, error) {
	if text, pipe := strings.CutPrefix(name, "|"); pipe {
		if !s.allowShell {
			return nil, nil, errShellRefused
		}
		return s.writeProgram(text)
	}
	f, err := os.Create(s.path(name))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %s", name, sysText(err))
	}
	w := bufio.NewWriterSize(f, 64<<10)
	return w, func() error {
		err := w.Flush()
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		return err
	}, nil
}

// redirect sends results to a file or command, or back to standard output
// when name is "".
func (s *shell) redirect(name string) error {
	w, done := s.stdout, func() error { return nil }
	if name != "" {
		var err error
		if w, done, err = s.outTarget(name); err != nil {
			return err
		}
	}
	s.out.Flush()
	if s.outDone != nil {
		if err := s.outDone(); err != nil {
			s.errorf("%v", err)
		}
	}
	s.out, s.outDone = w, done
	return nil
}

func (sc *script) cmdSetenv(name string) cmdStatus {
	s := sc.sh
	variable, ok := sc.arg(false)
	value, given := sc.arg(false)
	switch {
	case !ok:
		return sc.missing(name)
	case strings.Contains(variable, "="):
		s.errorf("\\%s: environment variable name must not contain \"=\"", name)
		return cmdError
	case given:
		s.environ[variable] = &value
	default:
		s.environ[variable] = nil
	}
	return cmdSkip
}

// lookupEnv looks an environment variable up: what \setenv set comes first.
func (s *shell) lookupEnv(name string) (string, bool) {
	if value, ok := s.environ[name]; ok {
		if value == nil {
			return "", false
		}
		return *value, true
	}
	return s.env(name)
}

// cmdPrompt reads a line of standard input into a variable.
func (sc *script) cmdPrompt(name string) cmdStatus {
	s := sc.sh
	text, ok := sc.arg(false)
	if !ok {
		return sc.missing(name)
	}
	variable, two := sc.arg(false)
	if !two {
		text, variable = "", text
	}
	s.stdout.WriteString(text)
	s.stdout.Flush()
	line, err := s.stdin.ReadString('\n')
	if err != nil && line == "" {
		s.errorf("\\%s: could not read value for variable", name)
		return cmdError
	}
	if err := s.vars.set(variable, strings.TrimRight(line, "\r\n")); err != nil {
		s.errorf("%v", err)
		return cmdError
	}
	return cmdSkip
}

// cmdExit ends the run with a status, as RSQL's \exit does.
//
// https://docs.aws.amazon.com/redshift/latest/mgmt/rsql-query-tool-commands.html
func (sc *script) cmdExit(name string) cmdStatus {
	text, ok := sc.arg(true)
	status := ExitOK
	if ok {
		n, err := strconv.ParseUint(text, 10, 8)
		if err != nil {
			sc.sh.errorf("\\%s: invalid exit code \"%s\": a number from 0 to 255 expected", name, text)
			return cmdError
		}
		status = int(n)
	}
	sc.sh.end(status)
	return cmdQuit
}

// cmdRemark prints its arguments, as RSQL's \remark does: each // begins a
// line.
func (sc *script) cmdRemark(string) cmdStatus {
	var words []string
	for {
		word, ok := sc.arg(false)
		if !ok {
			break
		}
		words = append(words, word)
	}
	sc.sh.stdout.WriteString(strings.ReplaceAll(strings.Join(words, " "), "//", "\n") + "\n")
	return cmdSkip
}
