package engine

import (
	"context"
	"errors"
	"time"

	"salamander/asl"
)

const (
	// mapLots is how many lots of children of a map run are made at once: while
	// some are being stored others are computed.
	mapLots = 4
	// mapStarters is how many children of a map run that wait for something are
	// being created at once, so that they share commits.
	mapStarters = 64
	// maxLot is how many children are in a lot at most, and lotBytes from how
	// many bytes of input on it is complete: a lot is one turn of the
	// processor, which others wait for.
	maxLot   = 256
	lotBytes = 1 << 20
)

// A beginning is a child of a map run that is to start.
type beginning struct {
	asl.ChildInput
	again *Execution // as it ended, where it is redriven
}

// A lot is children of a map run that are started together. Their slots are
// taken already.
type lot []beginning

// takeLot waits until further children may run and returns their inputs; none
// when there are no more, or the map run has failed.
func (r *mapRun) takeLot() lot {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		room, due := r.room()
		switch {
		case r.ctx.Err() != nil, r.failure != nil, r.lost != nil, r.read && len(r.queue) == 0:
			return nil
		case due:
			n, size := 0, 0
			for n < min(room, len(r.queue)) && size < lotBytes {
				size += len(r.queue[n].Text)
				from := pending
				if r.queue[n].again != nil {
					from = PendingRedrive
				}
				r.count(from, Running, r.queue[n].Count)
				n++
			}
			l := lot(r.queue[:n:n])
			r.queue, r.queued, r.starting = r.queue[n:], r.queued-size-n*inputOverhead, r.starting+n
			r.changed.Broadcast()
			return l
		}
		r.changed.Wait()
	}
}

// room is how many children can start now, and due whether that many are
// there. Fewer are due too when there are no more, or none is being started:
// those that come meanwhile make the next lot. Of items of the state's own data
// all are read first, as long as they are few bytes, so that it is known how many
// there are. r.mu is held.
func (r *mapRun) room() (room int, due bool) {
	if r.spec.Reader == nil && !r.read && r.queued <= maxQueue/2 {
		return 0, false
	}
	room = min(r.limit()-len(r.running)-r.starting, maxLot)
	return room, room > 0 && len(r.queue) > 0 && (len(r.queue) >= room || r.read || r.starting == 0)
}

// startLot starts the children of a lot. Those that begin and succeed in one
// turn are stored together, and never become actors.
func (r *mapRun) startLot(l lot, starters chan struct{}) {
	var births []Birth
	var at []int // of the births in the lot
	for i, in := range l {
		if in.again != nil && !r.spec.Express {
			if !r.begin(starters, func() { r.redrive(*in.again) }) {
				return
			}
			continue
		}
		a := newActor(r.e, r.child(in))
		a.busy, a.machine = true, r.language // nothing is fed to it before it is created
		d, err := a.begin(r.machine)
		if err != nil {
			r.lose(len(l)-i, err)
			l = l[:i]
			break
		}
		if t, ok := r.whole(d); ok && in.again == nil {
			births, at = append(births, Birth{a.rec, t}), append(at, i)
			continue
		}
		if !r.begin(starters, func() { r.start(a, d) }) {
			return
		}
	}
	if len(births) == 0 {
		return
	}
	err := r.insist("children of a map run wait until the store takes them", func(ctx context.Context) error {
		_, err := r.e.store.CreateEnded(ctx, r.machine.Definition, births)
		return err
	})
	if err != nil {
		if !errors.Is(err, ErrClosed) {
			r.lose(len(births), err)
		}
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, i := range at {
		r.starting--
		r.count(Running, Succeeded, l[i].Count)
	}
	r.changed.Broadcast()
}

// begin starts a child on a goroutine of its own, when there is room for one;
// false when the engine is being closed.
func (r *mapRun) begin(starters chan struct{}, f func()) bool {
	select {
	case starters <- struct{}{}:
	case <-r.e.ctx.Done():
		return false
	}
	return r.e.spawn(func() { f(); <-starters })
}

// whole returns the turn of a child that is over with its first one, and leaves
// nothing but itself. One that failed may be redriven.
func (r *mapRun) whole(d *draft) (Turn, bool) {
	if o := d.turn.Outcome; o == nil || o.Status != Succeeded {
		return Turn{}, false
	}
	t := d.finish()
	if r.spec.Express {
		t.History = nil // of these only the results are kept
	}
	return t, t.Journal == nil && len(t.Cancel) == 0
}

// lose gives up children whose slots are taken, and the map run with them.
func (r *mapRun) lose(children int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lost = err
	r.starting -= children
	r.changed.Broadcast()
}

// child is the execution of a child.
func (r *mapRun) child(in beginning) Execution {
	parent := r.a.rec
	if in.again != nil { // of an express one all begins anew
		ex := *in.again
		ex.Seed, ex.Status, ex.Start, ex.Stop = r.e.opt.Seed(), Running, r.since(), time.Time{}
		ex.Output, ex.Error, ex.Cause = nil, nil, nil
		return ex
	}
	return Execution{ARN: r.childARN(in.Number), Account: r.machine.Account, Region: r.machine.Region, Name: asl.ChildName(r.tag, in.Number), Machine: r.machine.ARN,
		Type: r.machine.Type, Role: r.machine.Role, Definition: r.definition, Seed: r.e.opt.Seed(), Status: Running,
		Start: r.since(), Input: in.Text, Trace: parent.Trace, Journal: parent.Journal, MapRun: r.spec.ARN, Number: in.Number, Items: in.Count}
}

// start stores the first turn of a child, and waits for its end.
func (r *mapRun) start(a *actor, d *draft) {
	err := r.insist("a child of a map run waits until the store takes it", func(ctx context.Context) error {
		other, err := r.e.enter(ctx, a)
		switch {
		case err != nil:
			return err
		case other != nil: // nothing else starts it: an answer was lost
			a = other
			return nil
		}
		if err := a.store(ctx, r.machine, d); err != nil {
			r.e.forget(a)
			return err
		}
		return nil
	})
	if err != nil {
		a.refuse()
		if !errors.Is(err, ErrClosed) {
			r.lose(1, err)
		}
		return
	}
	r.started(a)
}

// started waits for the end of a child that was being started.
func (r *mapRun) started(a *actor) {
	r.mu.Lock()
	r.starting--
	ended := !r.watchLocked(a)
	if ended {
		r.running[a.rec.ARN] = a // until it is counted
	}
	r.changed.Broadcast()
	r.mu.Unlock()
	if ended {
		r.childEnded(a.rec, a.outcome)
	}
}
