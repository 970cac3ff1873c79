package queue

import (
	"context"
	"time"
)

// dedupInterval is how long a FIFO queue knows a message's deduplication id.
const dedupInterval = 5 * time.Minute

// An Outgoing is a message to send.
type Outgoing struct {
	Message
	Delay *int // seconds; nil for the queue's
}

// Send adds messages to a queue. The i-th result is the i-th message as it
// was stored, or errs[i] is an [operation.Error]. err is a failure of all.
func (q *Queues) Send(ctx context.Context, key Key, out []Outgoing) (sent []Message, errs []error, err error) {
	queue, err := q.Queue(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	now := q.opt.Now().UTC().Truncate(time.Millisecond)
	errs = make([]error, len(out))
	var good []Message
	var places []int
	for i, o := range out {
		m := o.Message
		m.Sent = now
		if errs[i] = queue.prepare(&m, o.Delay); errs[i] == nil {
			good, places = append(good, m), append(places, i)
		}
	}
	sent = make([]Message, len(out))
	if len(good) == 0 {
		return sent, errs, nil
	}
	stored, err := q.opt.Store.Send(ctx, key, good, now.Add(-dedupInterval))
	if err != nil {
		return nil, nil, err
	}
	for i, m := range stored {
		sent[places[i]] = m
	}
	q.wake(key)
	return sent, errs, nil
}
