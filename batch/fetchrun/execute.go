package fetchrun

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// replace makes this process that program. It returns only errors.
func replace(file string, argv, env []string) error { return syscall.Exec(file, argv, env) }

// execute runs a script in place of this program. One that does not name its
// interpreter is run by bash, as bash itself would, or by sh.
func (r *runner) execute(file string, args []string) stop {
	env, err := r.withPsql()
	if err != nil {
		return r.failure(err, "Failed to make psql available.")
	}
	err = r.exec(file, append([]string{file}, args...), env)
	if errors.Is(err, syscall.ENOEXEC) {
		shell := r.find("bash", "sh")
		if shell == "" {
			return stop{cannotExec, "Failed to execute script: it has no #! line, and there is neither bash nor sh on PATH."}
		}
		err = r.exec(shell, append([]string{filepath.Base(shell), file}, args...), env)
		file = shell
	}
	return stop{cannotExec, fmt.Sprintf("Failed to execute script: %s: %v", r.interpreter(file), err)}
}

// interpreter names what could not be executed: for a script that names a
// missing interpreter that one.
func (r *runner) interpreter(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return file
	}
	defer f.Close()
	head := make([]byte, 256)
	n, _ := f.Read(head)
	line, _, _ := strings.Cut(string(head[:n]), "\n")
	words := strings.Fields(strings.TrimPrefix(line, "#!"))
	if !strings.HasPrefix(line, "#!") || len(words) == 0 {
		return file
	}
	if _, err := os.Stat(words[0]); err == nil {
		return file
	}
	return fmt.Sprintf("interpreter %q", words[0])
}

// find returns the file of the first of the programs that is on PATH, "" if
// none is.
func (r *runner) find(programs ...string) string {
	for _, program := range programs {
		for _, dir := range filepath.SplitList(r.lookup("PATH")) {
			if dir == "" {
				dir = "."
			}
			file := filepath.Join(dir, program)
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
				return file
			}
		}
	}
	return ""
}

// withPsql returns the variables for the script. If there is no psql on PATH,
// they have a directory in front where this program goes by that name.
func (r *runner) withPsql() ([]string, error) {
	if r.self == "" || r.find("psql") != "" {
		return r.environ, nil
	}
	bin, err := os.MkdirTemp(r.dir, "psql.*")
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(r.self, filepath.Join(bin, "psql")); err != nil {
		return nil, err
	}
	path := "PATH=" + bin
	if old := r.lookup("PATH"); old != "" {
		path += string(filepath.ListSeparator) + old
	}
	env := make([]string, 0, len(r.environ)+1)
	for _, e := range r.environ {
		if !strings.HasPrefix(e, "PATH=") {
			env = append(env, e)
		}
	}
	return append(env, path), nil
}
