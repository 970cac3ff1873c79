package event

import (
	"context"
	"encoding/json"
	"time"
)

// A Store keeps what is configured and what is yet to be delivered.
type Store interface {
	// Records returns the documents of a kind: "bus", "rule", "group",
	// "schedule", "trigger", "day".
	Records(ctx context.Context, kind string) ([]json.RawMessage, error)
	// Commit carries out all of a change, durably, or nothing.
	Commit(ctx context.Context, c Change) error
	// Due returns deliveries that are due at now, the oldest first, and when
	// the first of the others is due; zero when there is none. Held ones do
	// not count.
	Due(ctx context.Context, now time.Time, limit int) (due []Delivery, next time.Time, err error)
	// Pending returns the deliveries of an owner that are not held yet, the
	// held ones in their order, and what it has running.
	Pending(ctx context.Context, owner string) (open, held []Delivery, running []string, err error)
	// Running returns all that runs and whose it is.
	Running(ctx context.Context) (map[string]string, error)
	// Inbox returns at most limit messages of a topic, behind the one called
	// after and behind those that a change has taken.
	Inbox(ctx context.Context, topic string, after int64, limit int) ([]Message, error)
	// Succeeded tells which of the inputs of a machine, by their hashes, have
	// succeeded, each with the execution.
	Succeeded(ctx context.Context, machine string, inputs []string) (map[string]string, error)
}

// A Message is what another domain has told with the commit of a change.
type Message struct {
	ID      int64 // rises
	Topic   string
	Key     string
	Payload []byte
	At      time.Time
}

// A Record is a document that is stored under its kind and key.
type Record struct {
	Kind, Key string
	Doc       any
}

// A Change is one commit.
type Change struct {
	Put     []Record
	Delete  []Record   // Doc is not looked at
	Accept  []Delivery // new ones; those that are there stay as they are
	Update  []Delivery // in place of those there
	Done    []string   // identifiers of deliveries to remove, with the records of their calls
	Started []Running
	Ended   []string // references of what has ended
	Took    *Took
	Success []Success
}

// Running is something that a delivery started and that goes on by itself.
type Running struct {
	Ref   string // ARN of an execution or a job
	Owner string
}

// Took says that all messages of a topic up to one are dealt with.
type Took struct {
	Topic string
	ID    int64
}

// A Success is an execution that succeeded: what its machine did with an input.
type Success struct {
	Machine   string
	Input     string // [HashInput]
	Execution string
	At        time.Time
}

// A Delivery is one call of a target that is to be made.
type Delivery struct {
	Scope
	ID        string    `json:"id"` // what the call makes is named by it
	Owner     string    `json:"owner"`
	Accepted  time.Time `json:"accepted"`
	Due       time.Time `json:"due"`
	Held      bool      `json:"held,omitempty"` // until what its owner started before has ended
	Attempts  int       `json:"attempts,omitempty"`
	Target    Target    `json:"target"`
	Input     string    `json:"input"`
	Event     string    `json:"event,omitempty"`     // for the dead letter; as Input when empty
	EventID   string    `json:"eventId,omitempty"`   // of the event that a rule matched
	Scheduled time.Time `json:"scheduled,omitzero"`  // of a schedule's occurrence
	Hops      int       `json:"hops,omitempty"`      // buses that have passed the event on
	Name      string    `json:"name,omitempty"`      // of the execution; derived when empty
	Serial    bool      `json:"serial,omitempty"`    // its owner looks at what runs
	Dead      bool      `json:"dead,omitempty"`      // it is a dead letter itself
	Letter    *Letter   `json:"letter,omitempty"`    // of a dead letter
	Scheduler bool      `json:"scheduler,omitempty"` // of EventBridge Scheduler
}

// A Letter is what a dead letter says beside its body.
type Letter struct {
	Attributes map[string]string `json:"attributes"`
}
