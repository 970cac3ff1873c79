package notify

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Run delivers until ctx ends.
func (n *Notify) Run(ctx context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	slots := make(chan struct{}, n.opt.Workers)
	for {
		pause, err := n.round(ctx, slots, &under)
		if err != nil && ctx.Err() == nil {
			n.opt.Log.Error("deliveries of messages", "err", err)
			pause = time.Second
		}
		timer := time.NewTimer(pause)
		select {
		case <-n.woken:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// window is how many deliveries a round looks at.
const window = 512

// round starts what is due, and returns how long there is nothing to do.
func (n *Notify) round(ctx context.Context, slots chan struct{}, under *sync.WaitGroup) (time.Duration, error) {
	n.mu.Lock()
	clear(n.over)
	n.mu.Unlock()
	now := n.opt.Now()
	list, next, err := n.opt.Store.Due(ctx, now, window)
	if err != nil {
		return 0, err
	}
	for _, d := range list {
		if !n.take(d) {
			continue
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return 0, nil
		}
		under.Go(func() {
			n.carry(ctx, d)
			n.release(d)
			<-slots
			n.wake()
		})
	}
	if next.IsZero() {
		return time.Minute, nil
	}
	return min(max(next.Sub(now), time.Millisecond), time.Minute), nil
}

// take reports whether d is to be carried now: not while it is under way, and
// not when it came to its end after the list was read.
func (n *Notify) take(d Delivery) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.busy[d.ID] || n.over[d.ID] {
		return false
	}
	n.busy[d.ID] = true
	return true
}

func (n *Notify) release(d Delivery) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.busy, d.ID)
	n.over[d.ID] = true
}

// errForGood marks a failure that no repetition mends.
var errForGood = errors.New("not tried again")

// grace is how long what is under way goes on after the end, so that what
// arrived is known as arrived and not sent again.
const grace = 2 * time.Second

func withGrace(ctx context.Context) (context.Context, func()) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return longer, func() { stop(); cancel() }
}

// carry tries a delivery once.
func (n *Notify) carry(ctx context.Context, d Delivery) {
	under, end := withGrace(ctx)
	defer end()
	err := n.send(under, d)
	if ctx.Err() != nil && err != nil {
		return // the next process tries it again
	}
	attempts := d.Attempts + 1
	now := n.opt.Now()
	if err == nil {
		n.keep(n.opt.Store.Done(context.WithoutCancel(ctx), d.ID, Ending{At: now, Attempts: attempts}), d)
		return
	}
	wait, again := d.next(attempts, now.Sub(d.Accepted))
	if again && !errors.Is(err, errForGood) {
		n.opt.Log.Warn("message not delivered yet", "protocol", d.Protocol, "endpoint", redact(d.Endpoint), "attempts", attempts, "again", wait.String(), "err", err)
		n.keep(n.opt.Store.Delay(ctx, d.ID, attempts, now.Add(wait), err.Error()), d)
		return
	}
	n.opt.Log.Error("message not delivered", "protocol", d.Protocol, "endpoint", redact(d.Endpoint), "attempts", attempts, "err", err)
	if d.DeadLetters != "" {
		dead := d
		dead.Protocol, dead.Endpoint = "sqs", d.DeadLetters
		if err := n.sendQueue(ctx, dead); err != nil {
			n.opt.Log.Error("dead letter not delivered", "queue", d.DeadLetters, "err", err)
			if !errors.Is(err, errForGood) {
				n.keep(n.opt.Store.Delay(ctx, d.ID, attempts, now.Add(time.Minute), err.Error()), d)
				return
			}
		}
	}
	n.keep(n.opt.Store.Done(context.WithoutCancel(ctx), d.ID, Ending{At: now, Attempts: attempts, Problem: err.Error()}), d)
}

func (n *Notify) keep(err error, d Delivery) {
	if err != nil {
		n.opt.Log.Error("outcome of a delivery not kept: it is tried again", "delivery", d.ID, "err", err)
	}
}
