// Package npm runs the packages of npm, on node, that benchmarks compare with. They are
// kept in the user's cache directory, never in the repository.
package npm

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrUnavailable is wrapped by the errors that tell that there is no node or
// npm, or that npm could not install the package, as without a network: a
// benchmark then skips.
var ErrUnavailable = errors.New("cannot compare with a package of npm")

// A Package is an npm package that is installed and can be required.
type Package struct {
	Name, Version string
	dir           string
}

// Install finds an exact version of a package in the user's cache directory, or
// has npm put it there. Scripts of packages are not run. Processes may share
// the cache. The error wraps [ErrUnavailable].
func Install(name, version string) (*Package, error) {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("%w: there is no %s", ErrUnavailable, tool)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	root := filepath.Join(cache, "salamander", "npm")
	p := &Package{name, version, filepath.Join(root, strings.ReplaceAll(name, "/", "+")+"-"+version)}
	if _, err := os.Stat(p.dir); err == nil {
		return p, nil
	}
	if err := p.install(root); err != nil {
		return nil, fmt.Errorf("%w: %s@%s: %w", ErrUnavailable, name, version, err)
	}
	return p, nil
}

// install makes the directory at once and whole: it is renamed into place.
func (p *Package) install(root string) error {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(root, ".install-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	cmd := exec.Command("npm", "install", "--prefix", tmp, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error", p.Name+"@"+p.Version)
	if out, err := cmd.CombinedOutput(); err != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		return fmt.Errorf("npm install: %w: %s", err, first)
	}
	if err := os.Rename(tmp, p.dir); err != nil && !errors.Is(err, fs.ErrExist) {
		if _, there := os.Stat(p.dir); there != nil { // another process was faster
			return err
		}
	}
	return nil
}

// Run runs a script in node, which can require the package, with a text as its
// standard input, and returns what it wrote to its standard output.
func (p *Package) Run(script string, stdin []byte) ([]byte, error) {
	cmd := exec.Command("node", "--input-type=commonjs", "-e", script)
	cmd.Dir = p.dir
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("node: %w\n%s", err, stderr.Bytes())
	}
	return out, nil
}
