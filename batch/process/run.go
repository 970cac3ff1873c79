package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"salamander/batch"
)

// patience is how long killed processes are awaited. One that the kernel does
// not let go in this time, because its disk does not answer, is left behind.
const patience = 10 * time.Second

// A process is a running attempt.
type process struct {
	proc *os.Process
	own  owned // what belongs to it
	home string
	mark string
	out  batch.LineWriter

	pipes   []*os.File     // the ends that its output comes from
	readers sync.WaitGroup // of pipes

	mu   sync.Mutex // guards over
	over bool       // its command has ended: its number may soon be another's
}

// spawn starts file with its own session, pipes and directory, by a function
// that do calls; its processes are known by own.
func spawn(do func(func()), own owned, file string, argv, env []string, home string, out batch.LineWriter) (*process, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer outW.Close()
	errR, errW, err := os.Pipe()
	if err != nil {
		outR.Close()
		return nil, err
	}
	defer errW.Close()

	attr := &os.ProcAttr{Dir: home, Env: env, Files: []*os.File{null, outW, errW}, Sys: sysProcAttr()}
	var proc *os.Process
	do(func() { proc, err = os.StartProcess(file, argv, attr) })
	if err != nil {
		outR.Close()
		errR.Close()
		return nil, describe(file, err)
	}
	p := &process{proc: proc, own: own, home: home, out: out, pipes: []*os.File{outR, errR}}
	p.mark = mark(proc.Pid)
	p.own.session = proc.Pid
	for _, f := range p.pipes {
		p.readers.Go(func() { copyLines(out, f) })
	}
	return p, nil
}

// Mark tells the process's number, start and the machine's boot.
func (p *process) Mark() string { return p.mark }

// Terminate sends SIGTERM to the processes of the group.
func (p *process) Terminate() { p.signal(syscall.SIGTERM) }

// Kill sends SIGKILL to the processes of the group; Wait sees to those that
// have left it.
func (p *process) Kill() { p.signal(syscall.SIGKILL) }

func (p *process) signal(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.over {
		_ = syscall.Kill(-p.proc.Pid, sig) // gone already, or all of another user's
	}
}

// Wait returns how the command ended, when all its processes have gone too,
// what they printed was written and the working directory is removed.
func (p *process) Wait() batch.Exit {
	awaitExit(p.proc.Pid) // it stays a zombie, so its number stays its own
	p.mu.Lock()
	p.over = true
	_ = syscall.Kill(-p.proc.Pid, syscall.SIGKILL)
	p.mu.Unlock()
	_ = p.own.end(context.Background()) // after which nothing more can be done
	state, err := p.proc.Wait()
	for _, f := range p.pipes {
		_ = f.SetReadDeadline(time.Now().Add(silence)) // closed at its end
	}
	p.readers.Wait()
	p.out.Close()
	removeAll(p.home)
	if err != nil {
		return batch.Exit{Code: 255, Reason: err.Error()}
	}
	return exitOf(state)
}

// exitOf returns a shell's view of how a process ended.
func exitOf(state *os.ProcessState) batch.Exit {
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return batch.Exit{Code: 128 + int(ws.Signal())}
	}
	return batch.Exit{Code: state.ExitCode()}
}

// Reap ends what an earlier engine left of r: the session that the attempt's
// mark names, and all processes that carry the job's variables or work in the
// attempt's directory, which it removes. It kills no process that it cannot
// tell to be of the attempt.
func (x *Executor) Reap(ctx context.Context, r batch.Run) error {
	home, err := x.home(r.Attempt)
	if err != nil {
		return err
	}
	if err := x.endShim(ctx, r.Attempt.ID); err != nil {
		return err
	}
	own := ownedBy(r, home)
	if err := own.recall(r.Attempt.Mark); err != nil {
		return err
	}
	if err := own.end(ctx); err != nil {
		return err
	}
	removeAll(home)
	return nil
}

// errStays says that processes outlived SIGKILL.
func errStays(n int) error {
	return fmt.Errorf("%d processes of the attempt do not end: the kernel does not let them go", n)
}

// removeAll removes a tree even where the job took away its own rights.
func removeAll(dir string) {
	if os.RemoveAll(dir) == nil {
		return
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d == nil {
			return err
		}
		if d.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		if err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
		return nil
	})
	_ = os.RemoveAll(dir) // what is another user's stays
}

func readNames(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}
