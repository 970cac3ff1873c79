// Command notices prints the licenses of everything that is part of the
// program: the Go modules that cmd/salamander is built of on Linux and macOS,
// and the packages of the console's pages. The module cache and
// console/web/node_modules must be there.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A part is a module or package that others wrote.
type part struct {
	name, version string
	texts         []string // of its license files
}

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

func run(w io.Writer) error {
	modules, err := goModules([]string{"linux/amd64/1", "linux/arm64/1", "darwin/amd64/0", "darwin/arm64/0"})
	if err != nil {
		return err
	}
	packages, err := npmPackages(filepath.Join("console", "web"))
	if err != nil {
		return err
	}
	toolchain, err := goToolchain()
	if err != nil {
		return err
	}
	fmt.Fprint(w, "Salamander is made of the following works of others, under their licenses.\nThis file is generated: make notices.\n")
	for _, group := range []struct {
		title string
		parts []part
	}{{"Go", append([]part{toolchain}, modules...)}, {"The console's pages", packages}} {
		fmt.Fprintf(w, "\n%s\n%s\n", group.title, strings.Repeat("=", len(group.title)))
		for _, p := range group.parts {
			fmt.Fprintf(w, "\n%s %s\n%s\n", p.name, p.version, strings.Repeat("-", len(p.name)+1+len(p.version)))
			for _, text := range p.texts {
				fmt.Fprintf(w, "\n%s\n", strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n \t"))
			}
		}
	}
	return nil
}

// goToolchain is the standard library, which is part of every program.
func goToolchain() (part, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return part{}, fmt.Errorf("go env GOROOT: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "LICENSE"))
	return part{"Go's standard library", "", []string{string(text)}}, err
}

// goModules lists the modules of the program on the given platforms,
// OS/ARCH/CGO_ENABLED.
func goModules(platforms []string) ([]part, error) {
	found := map[string]part{}
	for _, p := range platforms {
		f := strings.Split(p, "/")
		cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}", "./cmd/salamander")
		cmd.Env = append(os.Environ(), "GOOS="+f[0], "GOARCH="+f[1], "CGO_ENABLED="+f[2])
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", p, err)
		}
		for line := range strings.Lines(string(out)) {
			f := strings.Split(strings.TrimSpace(line), "\t")
			if len(f) != 3 {
				continue
			}
			if _, dup := found[f[0]]; dup {
				continue
			}
			texts, err := licenses(f[2])
			if err != nil {
				return nil, fmt.Errorf("module %s: %w", f[0], err)
			}
			found[f[0]] = part{f[0], f[1], texts}
		}
	}
	return sorted(found), nil
}

// npmPackages lists the packages that the pages are built of: those of the
// lock file that are not for development alone.
func npmPackages(dir string) ([]part, error) {
	text, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct {
			Version string
			Dev     bool
			License string
		}
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, fmt.Errorf("package-lock.json: %w", err)
	}
	found := map[string]part{}
	for at, p := range lock.Packages {
		if at == "" || p.Dev {
			continue
		}
		name := at[strings.LastIndex(at, "node_modules/")+len("node_modules/"):]
		texts, err := licenses(filepath.Join(dir, filepath.FromSlash(at)))
		switch {
		case errors.Is(err, errNone) && p.License != "":
			texts = []string{"License: " + p.License} // all that its authors say
		case err != nil:
			return nil, fmt.Errorf("package %s: %w (npm --prefix console/web ci)", name, err)
		}
		found[name+" "+p.Version] = part{name, p.Version, texts}
	}
	return sorted(found), nil
}

func sorted(found map[string]part) (parts []part) {
	for _, name := range slices.Sorted(maps.Keys(found)) {
		parts = append(parts, found[name])
	}
	return parts
}

var errNone = errors.New("no license file")

// licenses reads the license and notice files of a directory.
func licenses(dir string) (texts []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		base, ext, _ := strings.Cut(name, ".")
		if e.IsDir() || !strings.HasPrefix(base, "LICEN") && !strings.HasPrefix(base, "UNLICEN") && !strings.HasPrefix(base, "COPYING") && !strings.HasPrefix(base, "NOTICE") ||
			!slices.Contains([]string{"", "MD", "TXT", "BSD", "MIT", "APACHE"}, ext) && !strings.Contains(base, "-") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(text)) > 0 {
			texts = append(texts, string(text))
		}
	}
	if len(texts) == 0 {
		return nil, errNone
	}
	return texts, nil
}
