package event

import (
	"context"
	"fmt"
	"sync"
)

// An Occurrence is what a message of another domain means here.
type Occurrence struct {
	Events     []Event    // for the default bus of each one's scope
	Deliveries []Delivery // for targets that are named elsewhere, as in a bucket's notifications
	Success    *Success
	Ended      string        // ARN of an execution or job that goes on no longer
	Object     *ObjectChange // for the triggers
}

// An inbox takes the messages of one topic, each once: what a message causes
// is committed together with the fact that it was taken.
type inbox struct {
	read func(ctx context.Context, m Message) (Occurrence, error)

	mu   sync.Mutex // guards done; held while messages are taken
	done int64
}

// Listen has read tell what the messages of topic mean. It comes before
// Start.
func (e *Events) Listen(topic string, read func(ctx context.Context, m Message) (Occurrence, error)) {
	e.inboxes[topic] = &inbox{read: read}
}

// Take takes a message, and those behind it that wait already, in one
// commit. A message that was taken before is left alone.
func (e *Events) Take(ctx context.Context, topic string, id int64) error {
	in := e.inboxes[topic]
	if in == nil {
		return fmt.Errorf("nobody listens to %q", topic)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if id <= in.done {
		return nil
	}
	messages, err := e.store.Inbox(ctx, topic, in.done, page)
	if err != nil {
		return err
	}
	var c Change
	var ended []string
	var touched []ObjectChange
	for _, m := range messages {
		o, err := in.read(ctx, m)
		if err != nil {
			return fmt.Errorf("message %d of %s: %w", m.ID, topic, err)
		}
		for _, ev := range o.Events {
			deliveries, err := e.match(key(ev.Account, ev.Region, DefaultBus), []Event{ev}, 0)
			if err != nil {
				return err
			}
			c.Accept = append(c.Accept, deliveries...)
		}
		c.Accept = append(c.Accept, o.Deliveries...)
		if o.Success != nil {
			c.Success = append(c.Success, *o.Success)
		}
		if o.Ended != "" {
			ended = append(ended, o.Ended)
		}
		if o.Object != nil {
			touched = append(touched, *o.Object)
		}
	}
	last := id
	if len(messages) > 0 {
		last = max(last, messages[len(messages)-1].ID)
	}
	days := e.touch(touched)
	c.Put = append(c.Put, days...)
	if len(c.Accept)+len(c.Success)+len(c.Put) > 0 {
		c.Took = &Took{topic, last}
		if err := e.store.Commit(ctx, c); err != nil {
			return err
		}
		e.courier()
	}
	if len(days) > 0 {
		e.wake()
	}
	for _, ref := range ended {
		if err := e.hasEnded(ctx, ref); err != nil {
			return err
		}
	}
	in.done = last
	return nil
}
