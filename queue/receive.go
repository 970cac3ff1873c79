package queue

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
)

// A Receive says what a receiver wants. Zero values stand for the queue's.
type Receive struct {
	Max        int            // messages at most; 1 when 0
	Visibility *time.Duration // how long the receiver has them for itself
	Wait       *time.Duration // how long to wait for a message
}

// Receive takes messages that are visible, and waits for the first one as
// long as asked. An end of ctx ends the wait with its error.
func (q *Queues) Receive(ctx context.Context, key Key, r Receive) ([]Message, error) {
	queue, err := q.Queue(ctx, key)
	if err != nil {
		return nil, err
	}
	wait := queue.seconds("ReceiveMessageWaitTimeSeconds")
	if r.Wait != nil {
		wait = *r.Wait
	}
	deadline := q.opt.Now().Add(wait)
	come, end := q.watch(key)
	defer end()
	for {
		now := q.opt.Now()
		taken, err := q.take(ctx, queue, r, now)
		left := deadline.Sub(now)
		if err != nil || len(taken.Messages) > 0 || left <= 0 {
			return taken.Messages, err
		}
		if !taken.Next.IsZero() {
			left = min(left, max(taken.Next.Sub(now), time.Millisecond))
		}
		timer := time.NewTimer(left)
		select {
		case <-come:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if queue, err = q.Queue(ctx, key); err != nil { // its attributes may have changed
			return nil, err
		}
	}
}

func (q *Queues) take(ctx context.Context, queue Queue, r Receive, now time.Time) (Taken, error) {
	visibility := queue.seconds("VisibilityTimeout")
	if r.Visibility != nil {
		visibility = *r.Visibility
	}
	t := Take{Max: max(r.Max, 1), Now: now, Until: now.Add(visibility), Oldest: queue.oldest(now), Fifo: queue.Fifo(), Receipt: newReceipt}
	if p, ok := queue.Redrive(); ok {
		t.MaxReceive, t.Dead = p.MaxReceive, &p.Target
	}
	taken, err := q.opt.Store.Receive(ctx, queue.Key, t)
	if taken.Moved {
		q.wake(*t.Dead)
	}
	return taken, err
}

func newReceipt() string {
	var b [12]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Handle returns the receipt handle of a received message.
func (m Message) Handle() string {
	return base64.StdEncoding.EncodeToString([]byte(m.ID + " " + m.Receipt))
}

// parseHandle is the reverse of [Message.Handle].
func parseHandle(handle string) (id, receipt string, ok bool) {
	b, err := base64.StdEncoding.DecodeString(handle)
	if err != nil {
		return "", "", false
	}
	id, receipt, ok = strings.Cut(string(b), " ")
	return id, receipt, ok && id != "" && receipt != ""
}

// DeleteMessage removes a message that was received with a handle. ok is
// false when the text is no handle.
func (q *Queues) DeleteMessage(ctx context.Context, key Key, handle string) (found Found, ok bool, err error) {
	queue, err := q.Queue(ctx, key)
	if err != nil {
		return Gone, false, err
	}
	id, receipt, ok := parseHandle(handle)
	if !ok {
		return Gone, false, nil
	}
	found, err = q.opt.Store.DeleteMessage(ctx, key, id, receipt, q.opt.Now(), queue.Fifo())
	if queue.Fifo() {
		q.wake(key) // the group goes on
	}
	return found, true, err
}

// Hide hides a received message for a time from now on; zero makes it visible
// at once. ok is false when the text is no handle.
func (q *Queues) Hide(ctx context.Context, key Key, handle string, d time.Duration) (found Found, ok bool, err error) {
	if _, err := q.Queue(ctx, key); err != nil {
		return Gone, false, err
	}
	id, receipt, ok := parseHandle(handle)
	if !ok {
		return Gone, false, nil
	}
	now := q.opt.Now()
	found, err = q.opt.Store.Hide(ctx, key, id, receipt, now, now.Add(d))
	q.wake(key)
	return found, true, err
}
