package asl

import (
	"errors"
	"time"
)

// ErrNotRedrivable is returned by [Machine.Redrive] for an execution that
// runs, that has succeeded, or whose history has no room.
var ErrNotRedrivable = errors.New("the execution cannot be redriven")

// MaxRedriveEvents is how many events the history of an execution may have
// for it to be redriven: less than this.
const MaxRedriveEvents = maxEvents - 1

// Redrive takes up an execution that has ended without success where it was:
// each thread does again what its state was for, with the state's input and
// the variables it had, without entering it again; a Fail state is entered
// again. Of a Parallel or an inline Map only the branches and iterations that
// failed or were stopped go on; one that failed after they had all succeeded
// begins anew. Of a distributed Map the same map run goes on, with the children
// that did not succeed, unless it failed for its results' size or for an
// expression; it then begins anew, with a new map run. Counts of retries and the
// machine's time-out begin at zero.
//
// ev gives the instant and the randomness; its other fields mean nothing. The
// history goes on with ExecutionRedriven.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
func (m *Machine) Redrive(ex *Execution, ev Event) (Decision, error) {
	if !ex.Ended || ex.Root == nil || !m.opt.NoLimits && ex.LastEvent >= MaxRedriveEvents {
		return Decision{Execution: ex}, ErrNotRedrivable
	}
	x := &Execution{ex.form}
	t := m.turn(x, ev.At, ev.Seed)
	x.Root = t.deep(x.Root)
	x.Ended = false
	x.Context.RedriveCount++
	x.Context.RedriveTime = t.at
	return t.play(func() {
		d := details{}
		d.number("redriveCount", int64(x.Context.RedriveCount))
		id := t.emit("ExecutionRedriven", x.LastEvent, d)
		if m.timeout > 0 {
			x.Timer = t.timer(t.at.Add(time.Duration(m.timeout) * time.Second))
		}
		t.resume(x.Root, id)
	})
}

// keep notes how a fork stands whose child has just failed, for Redrive: what
// follows takes it apart.
func (th *thread) keep() {
	th.Kept = nil
	k := *th
	k.Children, k.Results = th.Children.keep(), th.Results.keep()
	th.Kept = &k
}

// resume goes on with a thread where it was when the execution ended.
func (t *turn) resume(th *thread, previous int64) {
	st := t.state(th)
	again := th.again(st)
	if k := th.Kept; k != nil {
		k = t.deep(k)
		th.Children, th.Results, th.Items, th.Open, th.Next, th.Limit, th.Kept = k.Children, k.Results, k.Items, k.Open, k.Next, k.Limit, nil
		for _, c := range th.Children.all() {
			t.link(c, th)
		}
	}
	th.Previous, th.Token, th.Purpose, th.Started, th.Resource = previous, "", "", false, nil
	th.Retries, th.RetryCount = nil, 0
	th.Task, th.Run, th.Timeout, th.Heartbeat, th.Timer = 0, 0, 0, 0, 0
	switch {
	case again:
		t.run(th)
	case !th.Children.IsZero():
		var all []*thread
		for _, c := range th.Children.all() {
			all = append(all, c)
		}
		for _, c := range all {
			if t.x.Ended || th.Children.at(c.Index) != c {
				return // one of them has ended the fork
			}
			t.resume(c, previous)
		}
	default:
		th.redone = true
		if t.attempt(th, st) {
			t.run(th)
		}
	}
}
