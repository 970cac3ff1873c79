package function

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

//go:embed all:bootstrap
var bootstraps embed.FS

// runtimes knows how to run the runtimes that we have.
type runtimes struct {
	dir    string // of the bootstraps
	python string
	node   string

	mu    sync.Mutex        // guards found
	found map[string]string // interpreter by name
}

// install writes the bootstraps.
func (r *runtimes) install() error {
	if err := os.RemoveAll(r.dir); err != nil {
		return err
	}
	return fs.WalkDir(bootstraps, "bootstrap", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(filepath.Dir(r.dir), filepath.FromSlash(path))
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		text, err := bootstraps.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o644)
	})
}

// kind returns the family of a runtime: "python", "nodejs", "provided", or ""
// for one that we do not have.
func kind(runtime string) string {
	switch {
	case strings.HasPrefix(runtime, "python3."):
		return "python"
	case strings.HasPrefix(runtime, "nodejs"):
		return "nodejs"
	case runtime == "provided" || strings.HasPrefix(runtime, "provided."):
		return "provided"
	}
	return ""
}

// check reports as a [*RuntimeError] why a runtime cannot run here.
func (r *runtimes) check(runtime string) error {
	_, err := r.interpreter(runtime)
	return err
}

// interpreter returns the program that runs a runtime, "" for provided ones.
func (r *runtimes) interpreter(runtime string) (string, error) {
	switch kind(runtime) {
	case "python":
		// The version asked for, where there is one; else any Python 3.
		if path, err := r.find(r.python, runtime, "python3"); err == nil {
			return path, nil
		}
		return "", &RuntimeError{runtime, "no python3 on this machine: install it, or put it on PATH"}
	case "nodejs":
		if path, err := r.find(r.node, "node", "nodejs"); err == nil {
			return path, nil
		}
		return "", &RuntimeError{runtime, "no node on this machine: install Node.js, or put it on PATH"}
	case "provided":
		return "", nil
	}
	return "", &RuntimeError{runtime, "salamander has python3.x, nodejs and provided runtimes"}
}

// find returns the first of the programs that there is. A launcher of several
// versions (pyenv) is asked once for the interpreter behind it.
func (r *runtimes) find(configured string, names ...string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if configured != "" {
		names = []string{configured}
	}
	for _, name := range names {
		if path := r.found[name]; path != "" {
			return path, nil
		}
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if strings.Contains(filepath.Base(name), "python") {
			out, err := exec.Command(path, "-c", "import sys; print(sys.executable)").Output()
			if err != nil {
				continue // a launcher without that version
			}
			if real := strings.TrimSpace(string(out)); real != "" {
				path = real
			}
		}
		if r.found == nil {
			r.found = map[string]string{}
		}
		r.found[name] = path
		return path, nil
	}
	return "", exec.ErrNotFound
}

// command returns the command line of an environment.
func (r *runtimes) command(fn Function, root string) ([]string, error) {
	program, err := r.interpreter(fn.Runtime)
	if err != nil {
		return nil, err
	}
	switch kind(fn.Runtime) {
	case "python":
		return []string{program, filepath.Join(r.dir, "bootstrap.py")}, nil
	case "nodejs":
		return []string{program, filepath.Join(r.dir, "bootstrap.mjs")}, nil
	}
	program = filepath.Join(root, "bootstrap")
	if _, err := os.Stat(program); err != nil {
		return nil, &RuntimeError{fn.Runtime, fmt.Sprintf("the package of function %s has no bootstrap", fn.Name)}
	}
	return []string{program}, nil
}
