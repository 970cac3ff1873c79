package function

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Asynchronous invocations are tried three times at most, one and two minutes
// after a failure.
//
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
var retryAfter = [...]time.Duration{time.Minute, 2 * time.Minute}

// maxEvents bounds how many events run at a time.
const maxEvents = 16

// Accept takes an asynchronous invocation. It runs when Accept has returned,
// after a crash too.
func (f *Functions) Accept(ctx context.Context, key Key, inv Invocation) error {
	if _, err := f.Qualified(ctx, key, inv.Qualifier); err != nil {
		return err
	}
	if len(inv.Payload) == 0 {
		inv.Payload = []byte("{}")
	}
	at := now()
	if err := f.store.PutEvent(ctx, Event{Key: key, Qualifier: inv.Qualifier, ID: inv.ID, Payload: inv.Payload, Due: at, Accepted: at}); err != nil {
		return err
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
	return nil
}

// deliver runs accepted events until the functions are closed.
func (f *Functions) deliver() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	running := map[string]bool{}
	ended := make(chan string)
	defer func() {
		for range running {
			<-ended
		}
	}()
	for {
		events, err := f.store.Events(ctx, len(running)+maxEvents)
		pause := time.Hour
		if err != nil {
			f.opt.OnError(fmt.Errorf("read the events of functions: %w", err))
			pause = time.Second
		}
		for _, ev := range events {
			if wait := time.Until(ev.Due); wait > 0 {
				pause = min(pause, wait)
				break
			}
			if running[ev.ID] || len(running) >= maxEvents {
				continue
			}
			running[ev.ID] = true
			go func() {
				f.runEvent(ctx, ev)
				ended <- ev.ID
			}()
		}
		timer := time.NewTimer(pause)
		select {
		case <-f.wake:
		case id := <-ended:
			delete(running, id)
		case <-timer.C:
		case <-f.stop:
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// runEvent runs an event once, and settles what comes after.
func (f *Functions) runEvent(ctx context.Context, ev Event) {
	r, err := f.Invoke(ctx, ev.Key, Invocation{ID: ev.ID, Payload: ev.Payload, Qualifier: ev.Qualifier})
	if errors.Is(err, ErrClosed) {
		return // the next process runs it again, under the same id
	}
	var broken *RuntimeError
	again := err == nil && r.Failed || err != nil && !errors.Is(err, ErrNotFound) && !errors.As(err, &broken)
	if again && ev.Attempts < len(retryAfter) {
		ev.Due = now().Add(retryAfter[ev.Attempts])
		ev.Attempts++
		if err = f.store.PutEvent(ctx, ev); err == nil {
			return
		}
	} else {
		if err != nil {
			f.opt.OnError(fmt.Errorf("event %s of function %s is dropped: %w", ev.ID, ev.Name, err))
		}
		err = f.store.DeleteEvent(ctx, ev.ID)
	}
	if err != nil {
		f.opt.OnError(fmt.Errorf("event %s of function %s: %w", ev.ID, ev.Name, err))
	}
}
