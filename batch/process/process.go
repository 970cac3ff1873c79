// Package process runs attempts of Batch jobs as plain processes, for images
// that are mapped to a command. A process is no sandbox: it may do what the
// engine's user may do.
//
// Every attempt is a session of its own, with a working directory that goes
// when it ends. When its command ends, whatever it left running is killed, as
// in a container.
//
// With [Options.Shim] each attempt has a process of its own between it and the
// engine, its shim, which lets it outlive the engine; the next engine adopts
// it. Without, on Linux, the kernel kills the command when the engine dies.
package process

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"salamander/batch"
)

// Options configures [New]. The zero value knows no image.
type Options struct {
	// Images gives for a pattern of image names the beginning of the command
	// line; the command of the job follows. * stands for any characters. The
	// longest pattern that matches counts, see [Executor.Start].
	Images map[string][]string
	// Env are variables, NAME=value, that every job is given unless its
	// definition sets them.
	Env []string
	// Path is the PATH of jobs; when empty, that of this process.
	Path string
	// Dir holds the working directories; the system's directory for temporary
	// files when empty. It is made when it is missing.
	Dir string
	// Shim is the command line of a program that calls [RunShim]; when empty,
	// attempts end with the engine.
	Shim []string
	// Kept is where shims keep what they know of their attempts, a directory of
	// one engine only; when empty, next to Dir. It is made when it is missing.
	Kept string
	// OnError is called for failures that no caller sees; may be nil.
	OnError func(error)
}

// An Executor is a [batch.Executor] that starts processes. It may be shared by
// goroutines. It keeps an operating system thread for as long as the program
// runs: the kernel ends the processes when the thread that started them ends.
type Executor struct {
	images []image
	env    []string
	path   string
	dir    string
	kept   string
	thread thread
	shims  *shims // nil without
	log    func(error)
}

// New returns an executor. opt is not used afterwards.
func New(opt Options) *Executor {
	x := &Executor{path: opt.Path, dir: opt.Dir, env: append([]string(nil), opt.Env...)}
	if x.path == "" {
		x.path = os.Getenv("PATH")
	}
	if x.path == "" {
		x.path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	}
	if x.dir == "" {
		x.dir = filepath.Join(os.TempDir(), "salamander-jobs-"+strconv.Itoa(os.Getuid()))
	}
	x.kept = opt.Kept
	if x.kept == "" {
		x.kept = x.dir + "-kept"
	}
	for _, dir := range []*string{&x.dir, &x.kept} {
		if abs, err := filepath.Abs(*dir); err == nil {
			*dir = abs
		}
	}
	if x.log = opt.OnError; x.log == nil {
		x.log = func(error) {}
	}
	if len(opt.Shim) > 0 {
		x.shims = &shims{argv: append([]string(nil), opt.Shim...)}
	}
	for pattern, argv := range maps.All(opt.Images) {
		x.images = append(x.images, newImage(pattern, argv))
	}
	return x
}

// Close lets go what is kept ready for the next attempt. Attempts that run are
// not affected.
func (x *Executor) Close() {
	if x.shims != nil {
		x.shims.close()
	}
}

// Start runs the command of r, see [batch.Executor]. The image is looked up
// with and without its registry, tag and digest. Properties of the container
// that a process cannot have are errors.
func (x *Executor) Start(ctx context.Context, r batch.Run, out batch.LineWriter) (batch.Process, error) {
	prefix, err := x.lookup(r.Container.Image)
	if err != nil {
		return nil, err
	}
	if err := check(r.Container); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	home, err := x.home(r.Attempt)
	if err != nil {
		return nil, err
	}
	p, err := x.start(r, append(prefix[:len(prefix):len(prefix)], r.Container.Command...), home, out)
	if err != nil {
		removeAll(home)
		return nil, err
	}
	return p, nil
}

func (x *Executor) start(r batch.Run, argv []string, home string, out batch.LineWriter) (batch.Process, error) {
	if len(argv) == 0 || argv[0] == "" {
		return nil, fmt.Errorf("no command specified for the image %q", r.Container.Image)
	}
	tmp := filepath.Join(home, "tmp")
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return nil, fmt.Errorf("make the working directory: %w", err)
	}
	env := x.environ(r, home, tmp)
	file, err := lookPath(argv[0], home, env)
	if err != nil {
		return nil, err
	}
	if x.shims != nil {
		return x.startShim(spec{Dir: x.keptOf(r.Attempt.ID), Home: home, File: file, Argv: argv, Env: env,
			JobID: r.JobID, Number: r.Attempt.Number, Timeout: r.Timeout, Grace: r.Grace}, r, out)
	}
	return asProcess(spawn(x.thread.do, ownedBy(r, home), file, argv, env, home, out))
}

// asProcess keeps a nil out of the interface.
func asProcess(p *process, err error) (batch.Process, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}

// keptOf returns the directory of what outlives the engine of an attempt, whose
// id home has checked.
func (x *Executor) keptOf(id string) string { return filepath.Join(x.kept, id) }

// home returns the working directory of an attempt.
func (x *Executor) home(a batch.Attempt) (string, error) {
	if a.ID == "" || a.ID == ".." || strings.ContainsAny(a.ID, "/.") {
		return "", fmt.Errorf("%q is no attempt's id", a.ID)
	}
	return filepath.Join(x.dir, a.ID), nil
}

// environ returns the variables of a job. A region among the options gives
// way to that of the job.
func (x *Executor) environ(r batch.Run, home, tmp string) []string {
	env := []string{"PATH=" + x.path, "HOME=" + home, "TMPDIR=" + tmp}
	env = append(env, x.env...)
	if r.Region != "" {
		env = append(env, "AWS_REGION="+r.Region, "AWS_DEFAULT_REGION="+r.Region)
	}
	return batch.LastWins(append(append(env, r.Env...), homeVariable+home))
}

// homeVariable begins the variable that names an attempt's directory, by which
// its processes are found whatever they do to the others.
const homeVariable = "SALAMANDER_JOB_DIR="

// lookPath finds the file of a command as a shell in the job would, and says
// so as containers do when there is none.
func lookPath(name, dir string, env []string) (string, error) {
	notFound := fmt.Errorf("exec: %q: executable file not found in $PATH", name)
	if strings.Contains(name, "/") {
		return name, nil // exec says what is wrong
	}
	var denied error
	for _, e := range env {
		path, ok := strings.CutPrefix(e, "PATH=")
		if !ok {
			continue
		}
		for _, place := range filepath.SplitList(path) {
			if !filepath.IsAbs(place) {
				place = filepath.Join(dir, place)
			}
			file := filepath.Join(place, name)
			info, err := os.Stat(file)
			switch {
			case err != nil || info.IsDir():
			case info.Mode()&0o111 != 0:
				return file, nil
			default:
				denied = fmt.Errorf("exec: %q: permission denied", file)
			}
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", notFound
}

// describe makes of what exec said the sentence that containers give.
func describe(file string, err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	if errors.Is(err, syscall.ENOEXEC) {
		return fmt.Errorf("exec: %q: exec format error: a script needs a first line such as #!/bin/sh", file)
	}
	return fmt.Errorf("exec: %q: %w", file, err)
}
