package function

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// An Invocation is one call of a function.
type Invocation struct {
	ID            string // in the form of a UUID; the same when it is run again after a crash
	Payload       []byte // JSON; {} when empty
	ClientContext string // base64, as the caller gave it
	Qualifier     string // the version or alias to run; what can be changed when empty
}

// A Result is what a function answered.
type Result struct {
	Payload []byte // JSON; an error document where Failed
	Failed  bool
	Log     []byte // the last 4 KB of the invocation's log
	Version string // that ran: a number or [Latest]
}

// initLimit is how long an environment may take to ask for its first
// invocation, besides the function's timeout.
const initLimit = 10 * time.Second

// Invoke runs a function. An error of the function is a Result that Failed;
// other errors are [ErrNotFound], a [*RuntimeError], or ours. The invocation
// runs on to its end when ctx ends before.
func (f *Functions) Invoke(ctx context.Context, key Key, inv Invocation) (Result, error) {
	fn, arn, err := f.resolve(ctx, key, inv.Qualifier, inv.ID)
	if err != nil {
		return Result{}, err
	}
	if len(inv.Payload) == 0 {
		inv.Payload = []byte("{}")
	}
	e, err := f.acquire(ctx, fn)
	if err != nil {
		return Result{}, err
	}
	type answer struct {
		Result
		error
	}
	answered := make(chan answer, 1)
	go func() {
		r, err := e.invoke(inv, arn)
		f.release(e)
		answered <- answer{r, err}
	}()
	select {
	case a := <-answered:
		return a.Result, a.error
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
}

// invoke runs one invocation in e, starting its process where it is new.
func (e *environment) invoke(inv Invocation, arn string) (Result, error) {
	cold := !e.inited
	e.inited = true
	if cold {
		if err := e.start(inv.ID); err != nil {
			return Result{}, err
		}
	} else {
		e.serve(inv.ID)
	}
	e.output.mark()
	timeout := time.Duration(e.fn.Timeout) * time.Second
	begin := time.Now()
	job := &work{id: inv.ID, payload: inv.Payload, client: inv.ClientContext, arn: arn, done: make(chan outcome, 1)}
	if cold {
		if out, ok := e.awaitReady(inv.ID, timeout); !ok {
			return e.report(inv.ID, begin, cold, out)
		}
		begin = time.Now()
	}
	e.output.line("START RequestId: " + inv.ID + " Version: " + e.fn.VersionName())
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	job.deadline = begin.Add(timeout)
	next := e.next
	for {
		select {
		case next <- job:
			next = nil
		case out := <-job.done:
			return e.report(inv.ID, begin, cold, out)
		case <-e.ended:
			select {
			case out := <-job.done: // it answered, and then ended
				return e.report(inv.ID, begin, cold, out)
			default:
			}
			return e.report(inv.ID, begin, cold, e.exited(inv.ID))
		case <-timer.C:
			return e.report(inv.ID, begin, cold, e.timedOut(inv.ID, timeout))
		}
	}
}

// awaitReady waits until the runtime asks for its first invocation. Where it
// does not, it returns the outcome.
func (e *environment) awaitReady(id string, timeout time.Duration) (outcome, bool) {
	timer := time.NewTimer(initLimit + timeout)
	defer timer.Stop()
	select {
	case <-e.ready:
		return outcome{}, true
	case <-timer.C:
		return e.timedOut(id, initLimit+timeout), false
	case <-e.ended:
	}
	e.mu.Lock()
	reported := e.initError
	e.mu.Unlock()
	if reported != nil {
		return outcome{payload: reported, failed: true}, false
	}
	return e.exited(id), false
}

func (e *environment) timedOut(id string, after time.Duration) outcome {
	e.kill()
	message := fmt.Sprintf("Task timed out after %.2f seconds", after.Seconds())
	e.output.line(time.Now().UTC().Format("2006-01-02T15:04:05.000Z") + " " + id + " " + message)
	return outcome{payload: errorPayload("Sandbox.Timedout", "RequestId: "+id+" Error: "+message), failed: true}
}

// exited is the outcome where the process ended without an answer.
func (e *environment) exited(id string) outcome {
	e.mu.Lock()
	how, closed := e.exit, e.killed
	e.mu.Unlock()
	if closed {
		return outcome{closed: true}
	}
	message := "Runtime exited with error: " + how
	if how == "exit status 0" {
		message = "Runtime exited without providing a reason"
	}
	return outcome{payload: errorPayload("Runtime.ExitError", "RequestId: "+id+" Error: "+message), failed: true}
}

// report ends an invocation: what it printed, and the lines about it, are in
// the log.
func (e *environment) report(id string, begin time.Time, cold bool, out outcome) (Result, error) {
	took := time.Since(begin)
	e.serve("")
	if out.closed {
		return Result{}, ErrClosed
	}
	e.output.drain()
	e.output.line("END RequestId: " + id)
	ms := float64(took.Microseconds()) / 1000
	var b strings.Builder
	fmt.Fprintf(&b, "REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB\tMax Memory Used: %d MB\t",
		id, ms, int(ms)+1, e.fn.MemorySize, peakMemory(e.cmd.Process.Pid))
	if cold && e.initTime > 0 {
		fmt.Fprintf(&b, "Init Duration: %.2f ms\t", float64(e.initTime.Microseconds())/1000)
	}
	e.output.line(b.String())
	return Result{Payload: out.payload, Failed: out.failed, Log: e.output.last(), Version: e.fn.VersionName()}, nil
}
