package function

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// An environment is one process that serves invocations of one revision of a
// function, one after the other.
type environment struct {
	f       *Functions
	fn      Function
	born    time.Time
	stream  string      // log stream
	retired bool        // guarded by Functions.mu
	reaper  *time.Timer // while idle; guarded by Functions.mu

	next   chan *work    // to the runtime's request for the next invocation
	ready  chan struct{} // closed with its first request
	ended  chan struct{} // closed when the process is gone
	inited bool          // an invocation was given; used by the invoker alone

	session  Session
	log      io.WriteCloser
	output   *output
	root     string // what is in the package
	temp     string
	cmd      *exec.Cmd
	listener net.Listener
	server   *http.Server
	initTime time.Duration // set before ready is closed

	mu        sync.Mutex // guards the fields below
	started   bool
	killed    bool
	isReady   bool
	current   *work
	initError []byte // what the runtime reported
	exit      string // how the process ended: "exit status 1"
}

// A work is one invocation on its way through an environment.
type work struct {
	id       string
	payload  []byte
	client   string // client context, base64
	arn      string // that the function was called by
	deadline time.Time
	done     chan outcome // takes one
}

// An outcome is what the runtime answered.
type outcome struct {
	payload []byte
	failed  bool
	closed  bool // we ended the process, and there is no answer
}

func (f *Functions) newEnvironment(fn Function) *environment {
	born := time.Now()
	var id [16]byte
	rand.Read(id[:])
	return &environment{f: f, fn: fn, born: born,
		stream: born.UTC().Format("2006/01/02") + "/[" + fn.VersionName() + "]" + hex.EncodeToString(id[:]),
		next:   make(chan *work), ready: make(chan struct{}), ended: make(chan struct{})}
}

// dead reports whether the process ended or was killed.
func (e *environment) dead() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.killed || e.exit != ""
}

// serve says which invocation calls with the session's credentials belong to.
func (e *environment) serve(invocation string) {
	if e.session.Serve != nil {
		e.session.Serve(invocation)
	}
}

// start starts the process. It must be called once, by the first invoker;
// calls that are made while the module loads belong to its invocation.
func (e *environment) start(invocation string) (err error) {
	defer func() {
		if err == nil {
			return
		}
		e.kill()
		if e.server != nil {
			e.server.Close()
		}
		if e.session.End != nil {
			e.session.End()
		}
	}()
	if e.root, err = e.f.packages.root(e.fn.CodeSHA256, nil); err != nil {
		return fmt.Errorf("package of function %s: %w", e.fn.Name, err)
	}
	argv, err := e.f.runtimes.command(e.fn, e.root)
	if err != nil {
		return err
	}
	if e.f.opt.Issue != nil {
		if e.session, err = e.f.opt.Issue(e.fn.Account, e.fn.Region, principal(e.fn)); err != nil {
			return fmt.Errorf("credentials of function %s: %w", e.fn.Name, err)
		}
	}
	e.serve(invocation)
	if e.temp, err = os.MkdirTemp(e.f.temp, "env-"); err != nil {
		return err
	}
	if e.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	e.server = &http.Server{Handler: e.runtimeAPI()}
	go e.server.Serve(e.listener)
	e.log = e.f.opt.Logs(e.fn.Account, e.fn.Region, e.fn.LogGroup(), e.stream)
	var w *os.File
	if e.output, w, err = newOutput(e.log); err != nil {
		return err
	}
	defer w.Close()
	e.cmd = exec.Command(argv[0], argv[1:]...)
	e.cmd.Dir = e.root
	e.cmd.Env = e.variables()
	e.cmd.Stdout, e.cmd.Stderr = w, w
	ownGroup(e.cmd)

	e.mu.Lock()
	defer e.mu.Unlock()
	if e.killed {
		return ErrClosed
	}
	if err := e.cmd.Start(); err != nil {
		return fmt.Errorf("start the environment of function %s: %w", e.fn.Name, err)
	}
	e.started = true
	go e.wait()
	return nil
}

// wait waits for the process to end.
func (e *environment) wait() {
	_ = e.cmd.Wait() // ProcessState tells
	killGroup(e.cmd.Process.Pid)
	e.output.drain()
	e.mu.Lock()
	e.exit = e.cmd.ProcessState.String()
	e.mu.Unlock()
	if e.session.End != nil {
		e.session.End()
	}
	e.server.Close()
	close(e.ended)
}

// finish gives back what the environment used, when its process has ended and
// its last invocation has its report.
func (e *environment) finish() {
	<-e.ended
	if e.output != nil {
		e.output.close()
	}
	if e.log != nil {
		if err := e.log.Close(); err != nil {
			e.f.opt.OnError(fmt.Errorf("logs of function %s: %w", e.fn.Name, err))
		}
	}
	if e.temp != "" {
		os.RemoveAll(e.temp)
	}
}

// kill ends the process and all it started. It does not wait.
func (e *environment) kill() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.killed {
		return
	}
	e.killed = true
	if !e.started {
		close(e.ended)
		return
	}
	if e.exit == "" {
		killGroup(e.cmd.Process.Pid)
	}
}

// principal returns the ARN of the session that a function's role has in it.
func principal(fn Function) string {
	role := fn.Role[strings.LastIndexByte(fn.Role, '/')+1:]
	return "arn:aws:sts::" + fn.Account + ":assumed-role/" + role + "/" + fn.Name
}

// variables returns the environment variables of the process.
//
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (e *environment) variables() []string {
	vars := map[string]string{
		"_HANDLER":                          e.fn.Handler,
		"AWS_DEFAULT_REGION":                e.fn.Region,
		"AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
		"AWS_EC2_METADATA_DISABLED":         "true",
		"AWS_EXECUTION_ENV":                 "AWS_Lambda_" + e.fn.Runtime,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE":   strconv.Itoa(e.fn.MemorySize),
		"AWS_LAMBDA_FUNCTION_NAME":          e.fn.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":       e.fn.VersionName(),
		"AWS_LAMBDA_INITIALIZATION_TYPE":    "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":         e.fn.LogGroup(),
		"AWS_LAMBDA_LOG_STREAM_NAME":        e.stream,
		"AWS_LAMBDA_RUNTIME_API":            e.listener.Addr().String(),
		"AWS_REGION":                        e.fn.Region,
		"LAMBDA_RUNTIME_DIR":                e.f.runtimes.dir,
		"LAMBDA_TASK_ROOT":                  e.root,
		"HOME":                              e.temp,
		"LANG":                              "C.UTF-8",
		"PATH":                              os.Getenv("PATH"),
		"PYTHONDONTWRITEBYTECODE":           "1",
		"TMPDIR":                            e.temp,
		"TZ":                                ":UTC",
	}
	if strings.HasPrefix(e.fn.Runtime, "nodejs") {
		vars["NODE_PATH"] = strings.Join([]string{filepath.Join(e.root, "node_modules"), os.Getenv("NODE_PATH")}, string(os.PathListSeparator))
	}
	if e.f.opt.Endpoint != nil {
		vars["AWS_ENDPOINT_URL"] = e.f.opt.Endpoint()
	}
	if e.session.AccessKey != "" {
		vars["AWS_ACCESS_KEY_ID"], vars["AWS_SECRET_ACCESS_KEY"], vars["AWS_SESSION_TOKEN"] = e.session.AccessKey, e.session.Secret, e.session.Token
	}
	for name, value := range e.fn.Environment {
		vars[name] = value
	}
	list := make([]string, 0, len(vars))
	for name, value := range vars {
		list = append(list, name+"="+value)
	}
	return list
}
