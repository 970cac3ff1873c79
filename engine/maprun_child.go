package engine

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"

	"salamander/asl"
	"salamander/engine/dataset"
)

// childARN is the ARN of the child with a number.
func (r *mapRun) childARN(number int64) string {
	return ExecutionARN(r.machine, asl.ChildName(r.tag, number), asl.ChildName(r.tag, -1-number))
}

// ChildPlace returns what the names of a map run's children begin with and the
// number of one, from the ARN of a child; not ok where the ARN is of none.
func ChildPlace(arn string) (tag string, number int64, ok bool) {
	if strings.IndexByte(arn, '/') < 0 { // nearly all
		return "", 0, false
	}
	parts := strings.Split(arn, ":")
	if len(parts) < 8 || parts[5] != "execution" && parts[5] != "express" || !strings.Contains(parts[6], "/") {
		return "", 0, false
	}
	return asl.ParseChildName(parts[7])
}

// ChildTag is what the names of all children of a map run begin with.
func ChildTag(mapRun string) string { return asl.ChildTag(mapRun) }

// readAll reads the items and queues the children's inputs, in order. It passes
// over those that have a child already.
func (r *mapRun) readAll() {
	err := r.readItems()
	var bad *asl.MapFailure
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.read = true
		r.tolerate()
	case errors.As(err, &bad):
		r.failLocked(bad)
	case r.ctx.Err() == nil:
		r.lost = err
	}
	r.changed.Broadcast()
}

func (r *mapRun) readItems() error {
	next, close, err := r.source()
	if err != nil {
		return err
	}
	defer close()
	old := r.readChildren()
	defer old.close()
	for {
		it, err := next()
		end := errors.Is(err, io.EOF)
		if err != nil && !end {
			return err
		}
		var inputs []asl.ChildInput
		var bad *asl.MapFailure
		if end {
			inputs, bad = r.items.Flush()
		} else {
			inputs, bad = r.items.Add(it)
		}
		if bad != nil {
			return bad
		}
		for _, in := range inputs {
			if err := r.offer(in, old); err != nil {
				return err
			}
		}
		if end {
			return nil
		}
		if stop, err := r.stopped(); stop {
			return err
		}
	}
}

// stopped tells whether reading is of no use any more.
func (r *mapRun) stopped() (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure != nil {
		return true, r.failure
	}
	return r.ctx.Err() != nil, r.ctx.Err()
}

// source opens the items.
func (r *mapRun) source() (next func() (asl.MapItem, error), close func(), err error) {
	if r.spec.Reader != nil {
		d, err := dataset.Open(r.ctx, r.spec.Reader, r.objects)
		if err != nil {
			return nil, nil, err
		}
		return d.Next, d.Close, nil
	}
	all, err := r.items.Own()
	if err != nil {
		return nil, nil, err
	}
	return func() (asl.MapItem, error) {
		if len(all) == 0 {
			return asl.MapItem{}, io.EOF
		}
		it := all[0]
		all = all[1:]
		return it, nil
	}, func() {}, nil
}

// offer queues the input of a child, or takes up the child that is there.
func (r *mapRun) offer(in asl.ChildInput, old *childReader) error {
	child, ok, err := old.find(in.Number)
	if err != nil {
		return err
	}
	if ok {
		if child.Input != in.Text {
			return &asl.MapFailure{Name: asl.ItemReaderFailed, Cause: "The items changed since the map run began."}
		}
		if again, err := r.again(child); again == nil {
			if err == nil {
				err = r.adopt(child)
			}
			return err
		}
		r.enqueue(beginning{in, &child}, PendingRedrive)
		return nil
	}
	r.enqueue(beginning{in, nil}, pending)
	return nil
}

// enqueue adds a child to those that are to start, with its status until then.
func (r *mapRun) enqueue(in beginning, status string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.queue) > 0 && r.queued > maxQueue && r.failure == nil && r.ctx.Err() == nil {
		r.changed.Wait()
	}
	r.queue, r.queued = append(r.queue, in), r.queued+len(in.Text)+inputOverhead
	r.add(status, in.Count)
	if _, due := r.room(); due {
		r.changed.Broadcast()
	}
}

// add counts a child that was not counted yet. r.mu is held.
func (r *mapRun) add(status string, items int64) {
	r.rec.Items.Total += items
	r.rec.Executions.Total++
	r.count("", status, items)
}

// adopt takes up a child that an earlier engine has started.
func (r *mapRun) adopt(child Execution) error {
	if child.Status == Running {
		if a := r.e.actor(child.ARN); a != nil && r.adoptRunning(a, child) {
			return nil
		}
		var err error // it has ended meanwhile
		if child, err = r.e.store.Execution(r.ctx, child.ARN); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(child.Status, child.Items)
	r.tolerate()
	return nil
}

// adoptRunning takes up a child that runs; false when it has ended.
func (r *mapRun) adoptRunning(a *actor, child Execution) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.watchLocked(a) {
		return false
	}
	r.add(Running, child.Items)
	return true
}

// watchLocked waits for the end of a child, which it stops where it is not
// wanted any more; false when it has ended. r.mu is held.
func (r *mapRun) watchLocked(a *actor) bool {
	child := a.rec
	if !a.notify(func(o *Outcome) { r.childEnded(child, o) }) {
		return false
	}
	r.running[child.ARN] = a
	if r.failure != nil || errors.Is(context.Cause(r.ctx), ErrCancelled) {
		a.abort()
	}
	return true
}

// abort stops an execution, without an error or a cause.
func (a *actor) abort() {
	a.post(letter{ev: asl.Event{Kind: asl.Aborted, NoError: true, NoCause: true}}, false)
}

// childEnded counts a child that has ended. The result of an express one is
// stored first, for nothing else keeps it.
func (r *mapRun) childEnded(child Execution, o *Outcome) {
	if child.Type == Express {
		r.e.spawn(func() {
			err := r.insist("the result of a child waits until the store takes it", func(ctx context.Context) error {
				if child.Key != 0 {
					return r.e.store.Rerun(ctx, child.Key, child.Start, *o)
				}
				_, err := r.e.store.Create(ctx, child, r.machine.Definition, Turn{ARN: child.ARN, Number: 1, Outcome: o})
				return err
			})
			if err == nil || errors.Is(err, ErrExists) {
				r.end(child, o)
			}
		})
		return
	}
	r.end(child, o)
}

func (r *mapRun) end(child Execution, o *Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.endLocked(child, o)
}

func (r *mapRun) endLocked(child Execution, o *Outcome) {
	delete(r.running, child.ARN)
	r.count(Running, o.Status, child.Items)
	if o.Status != Succeeded {
		r.tolerate()
	}
	r.changed.Broadcast()
}

// notify has f called when the execution ends, on a goroutine that must not be
// held up; false when it has ended.
func (a *actor) notify(f func(*Outcome)) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return false
	}
	a.done = append(a.done, f)
	return true
}

// A childReader reads the children of a map run in their order.
type childReader struct {
	next func() (Execution, error, bool)
	stop func()
	last Execution // that was read; not ok behind the end
	ok   bool
}

// readChildren returns a reader of the children that are there. The caller
// closes it.
func (r *mapRun) readChildren() *childReader {
	next, stop := iter.Pull2(r.e.store.AllChildren(r.ctx, r.spec.ARN, 0))
	return &childReader{next: next, stop: stop, last: Execution{Number: -1}, ok: true}
}

// close ends the reading.
func (c *childReader) close() { c.stop() }

// find returns the child with a number, if there is one. Numbers only rise.
func (c *childReader) find(number int64) (Execution, bool, error) {
	for c.ok && c.last.Number < number {
		var err error
		if c.last, err, c.ok = c.next(); c.ok && err != nil {
			return Execution{}, false, err
		}
	}
	return c.last, c.ok && c.last.Number == number, nil
}
