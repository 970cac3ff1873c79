// Package queue keeps queues of messages as SQS does: standard ones and first
// in, first out; with visibility timeouts, delays, long polling, receipt
// handles, dead-letter queues and deduplication. All is in the store: a
// message that was acknowledged outlives the process, and so does the time
// until which a receiver has it for itself.
package queue

import (
	"context"
	"errors"
	"sync"
	"time"

	"salamander/internal/arn"
)

// The errors of [Store] and [Queues].
var (
	ErrNotFound = errors.New("queue: no such queue")
	ErrExists   = errors.New("queue: exists")
)

// A Key names a queue.
type Key struct{ Account, Region, Name string }

// ARN returns the queue's ARN.
func (k Key) ARN() string { return arn.New("sqs", k.Region, k.Account, k.Name) }

// ParseARN returns the queue that an ARN names, and whether it is one.
func ParseARN(text string) (Key, bool) {
	a, err := arn.Parse(text)
	if err != nil || a.Service != "sqs" || a.Resource == "" {
		return Key{}, false
	}
	return Key{Account: a.Account, Region: a.Region, Name: a.Resource}, true
}

// A Queue is a queue without its messages.
type Queue struct {
	Key
	Attributes map[string]string // what was set, by SQS's names
	Tags       map[string]string
	Created    time.Time
	Modified   time.Time
}

// Counts tells how many messages a queue has.
type Counts struct {
	Visible  int64
	InFlight int64
	Delayed  int64
}

// A Query selects queues by name.
type Query struct {
	Account, Region string
	Prefix          string
	After           string // only names behind it
	Limit           int
}

// A Take says what a receiver wants.
type Take struct {
	Max        int       // messages at most
	Now        time.Time // messages visible at this time
	Until      time.Time // until when the receiver has them for itself
	Oldest     time.Time // messages sent before are expired
	Fifo       bool      // only the first messages of groups that nobody has
	Receipt    func() string
	MaxReceive int  // moved to Dead when received more often; 0 is never
	Dead       *Key // nil without a dead-letter queue
}

// Taken is what a receiver got.
type Taken struct {
	Messages []Message
	Moved    bool      // some went to the dead-letter queue
	Next     time.Time // when the next message becomes visible; zero when none is known
}

// A Store keeps queues and messages. Every change is durable when its method
// returns, and done whole or not at all.
type Store interface {
	// Create adds a queue, or returns [ErrExists] and the one that is there.
	Create(ctx context.Context, q Queue) (Queue, error)
	Queue(ctx context.Context, key Key) (Queue, error)
	Change(ctx context.Context, key Key, change func(*Queue) error) error
	Delete(ctx context.Context, key Key) error
	Queues(ctx context.Context, q Query) ([]Queue, error)
	Counts(ctx context.Context, key Key, now, oldest time.Time) (Counts, error)

	// Send adds messages. One with the DedupKey of a message sent after
	// dedupSince is not added again; its place in the result has the id and
	// the sequence number of the first.
	Send(ctx context.Context, key Key, messages []Message, dedupSince time.Time) ([]Message, error)
	Receive(ctx context.Context, key Key, t Take) (Taken, error)
	// DeleteMessage removes the message that was last received under a receipt.
	DeleteMessage(ctx context.Context, key Key, id, receipt string, now time.Time, fifo bool) (Found, error)
	// Hide changes until when a received message is hidden.
	Hide(ctx context.Context, key Key, id, receipt string, now, until time.Time) (Found, error)
	Purge(ctx context.Context, key Key) error
	// Expire removes the messages of all queues that have been kept as long as
	// their queue says, and what deduplication no longer needs.
	Expire(ctx context.Context, now time.Time) error
}

// Found tells what became of a message that a receipt handle names.
type Found int

// What a receipt handle may find.
const (
	Gone    Found = iota // no such message
	Stale                // received again since, or its time is over
	Current              // done
)

// Options configures [New]. Store is needed.
type Options struct {
	Store   Store
	Now     func() time.Time // time.Now when nil
	OnError func(error)      // of the sweep; may be nil
}

// Queues are the queues of all accounts. They may be shared by goroutines.
type Queues struct {
	opt Options

	mu      sync.Mutex // guards waiters
	waiters map[Key]map[chan struct{}]bool
}

// New returns the queues in a store.
func New(opt Options) *Queues {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.OnError == nil {
		opt.OnError = func(error) {}
	}
	return &Queues{opt: opt, waiters: map[Key]map[chan struct{}]bool{}}
}

// Queue returns a queue, or [ErrNotFound].
func (q *Queues) Queue(ctx context.Context, key Key) (Queue, error) {
	return q.opt.Store.Queue(ctx, key)
}

// List returns queues by name.
func (q *Queues) List(ctx context.Context, query Query) ([]Queue, error) {
	return q.opt.Store.Queues(ctx, query)
}

// Delete removes a queue with its messages.
func (q *Queues) Delete(ctx context.Context, key Key) error {
	err := q.opt.Store.Delete(ctx, key)
	q.wake(key)
	return err
}

// Purge removes all messages of a queue.
func (q *Queues) Purge(ctx context.Context, key Key) error { return q.opt.Store.Purge(ctx, key) }

// Tag changes the tags of a queue.
func (q *Queues) Tag(ctx context.Context, key Key, change func(tags map[string]string)) error {
	return q.opt.Store.Change(ctx, key, func(queue *Queue) error {
		if queue.Tags == nil {
			queue.Tags = map[string]string{}
		}
		change(queue.Tags)
		return nil
	})
}

// Counts returns how many messages a queue has.
func (q *Queues) Counts(ctx context.Context, queue Queue) (Counts, error) {
	now := q.opt.Now()
	return q.opt.Store.Counts(ctx, queue.Key, now, queue.oldest(now))
}

// Sweep removes expired messages every ten minutes until ctx ends.
func (q *Queues) Sweep(ctx context.Context) {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		if err := q.opt.Store.Expire(ctx, q.opt.Now()); err != nil && ctx.Err() == nil {
			q.opt.OnError(err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// watch returns a channel that gets something when messages may have come to
// the queue, and a function that ends it.
func (q *Queues) watch(key Key) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiters[key] == nil {
		q.waiters[key] = map[chan struct{}]bool{}
	}
	q.waiters[key][ch] = true
	return ch, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.waiters[key], ch)
		if len(q.waiters[key]) == 0 {
			delete(q.waiters, key)
		}
	}
}

func (q *Queues) wake(key Key) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for ch := range q.waiters[key] {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}
