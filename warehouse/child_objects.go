package warehouse

import (
	"context"
	"errors"
	"sync"
	"time"
)

// objectsPatience is how long a COPY waits for a parent, which has the objects.
const objectsPatience = time.Minute

var (
	errEnding = errors.New("the warehouse is shutting down")
	errAlone  = errors.New("the server that keeps the objects does not run")
)

// remoteObjects asks the parent to pin objects. While there is none, requests
// wait for the next.
type remoteObjects struct {
	patience time.Duration

	mu      sync.Mutex // guards the fields below
	ctrl    *control   // nil while there is no parent
	lost    time.Time  // since when
	gone    bool
	next    int64
	waiting map[int64]*asked
	held    map[int64]PinRequest // what is pinned now
}

// asked is a request that waits for its answer. It bears to be sent to another
// parent again.
type asked struct {
	m      message
	answer chan pinned
}

// join sends a new parent what waits, and what it is to pin as its predecessor
// did.
func (r *remoteObjects) join(ctrl *control) {
	r.mu.Lock()
	r.ctrl = ctrl
	var again []message
	for id, req := range r.held {
		again = append(again, message{Pin: &req, ID: id})
	}
	for _, a := range r.waiting {
		again = append(again, a.m)
	}
	r.mu.Unlock()
	for _, m := range again {
		_ = ctrl.send(m) // where it fails there will be a next parent, or none
	}
}

// leave notes that the parent is gone. What waits then waits for another, for
// some time.
func (r *remoteObjects) leave() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ctrl, r.lost = nil, time.Now()
	time.AfterFunc(r.patience, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.ctrl == nil && time.Since(r.lost) >= r.patience {
			r.fail(errAlone)
		}
	})
}

// end refuses everything from now on.
func (r *remoteObjects) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = true
	r.fail(errEnding)
}

// fail answers all that wait. mu is held.
func (r *remoteObjects) fail(err error) {
	for id, a := range r.waiting {
		a.answer <- pinned{Error: err.Error()}
		delete(r.waiting, id)
	}
}

// answered hands an answer to who waits for it.
func (r *remoteObjects) answered(m message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.waiting[m.ID]
	if a == nil {
		return
	}
	if a.m.Pin != nil && m.Pinned.err() == nil {
		r.held[m.ID] = *a.m.Pin
	}
	a.answer <- *m.Pinned
	delete(r.waiting, m.ID)
}

// Pin asks the parent.
func (r *remoteObjects) Pin(ctx context.Context, req PinRequest) ([]PinnedObject, func(), error) {
	p, id, err := r.ask(ctx, message{Pin: &req})
	return p.Objects, func() { r.release(id) }, err
}

// Put asks the parent.
func (r *remoteObjects) Put(ctx context.Context, req PutRequest) error {
	_, _, err := r.ask(ctx, message{Put: &req})
	return err
}

// Remove asks the parent.
func (r *remoteObjects) Remove(ctx context.Context, req PinRequest) error {
	_, _, err := r.ask(ctx, message{Remove: &req})
	return err
}

func (r *remoteObjects) release(id int64) {
	r.mu.Lock()
	delete(r.held, id)
	ctrl := r.ctrl
	r.mu.Unlock()
	if ctrl != nil {
		_ = ctrl.send(message{Release: true, ID: id}) // a parent that is gone holds nothing
	}
}

// ask sends a request and waits for its answer.
func (r *remoteObjects) ask(ctx context.Context, m message) (pinned, int64, error) {
	a := &asked{m: m, answer: make(chan pinned, 1)}
	r.mu.Lock()
	switch {
	case r.gone:
		r.mu.Unlock()
		return pinned{}, 0, errEnding
	case r.ctrl == nil && time.Since(r.lost) >= r.patience:
		r.mu.Unlock()
		return pinned{}, 0, errAlone
	}
	r.next++
	a.m.ID = r.next
	r.waiting[a.m.ID] = a
	ctrl := r.ctrl
	r.mu.Unlock()
	if ctrl != nil {
		_ = ctrl.send(a.m) // where it fails the next parent is asked
	}
	select {
	case <-ctx.Done():
		r.mu.Lock()
		delete(r.waiting, a.m.ID)
		r.mu.Unlock()
		if m.Pin != nil {
			r.release(a.m.ID)
		}
		return pinned{}, 0, context.Cause(ctx)
	case p := <-a.answer:
		if err := p.err(); err != nil {
			return pinned{}, 0, err
		}
		return p, a.m.ID, nil
	}
}

// err returns the error that p tells of.
func (p *pinned) err() error {
	switch {
	case p.NoBucket:
		return ErrNoBucket
	case p.Service != nil:
		return p.Service
	case p.Error != "":
		return errors.New(p.Error)
	}
	return nil
}
