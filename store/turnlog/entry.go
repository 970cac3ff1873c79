package turnlog

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"salamander/engine"
)

// An Entry is what several turns of one execution, which follow on each
// other, change in the index together.
type Entry struct {
	Key     int64
	ARN     string
	Created *engine.Execution // nil where the index has the execution
	Turn    int64             // number of the last turn
	State   []byte            // after the last turn, as Turn.State
	History []engine.Event
	Outcome *engine.Outcome // nil while the execution runs
	// Messages are for the outbox, in order.
	Messages []Message

	open   map[int64]opened
	closed map[int64]bool // that the index may have

	first  uint64 // batch of the first turn
	size   int
	at     time.Time // when the first turn was merged
	taken  bool      // by the indexer
	urgent bool
	eager  bool
	begun  bool          // its messages are only that it runs
	done   chan struct{} // closed when the index has it
}

// An opened command of an entry.
type opened struct {
	engine.Pending
	born bool // the index does not have it
}

// A Message is for the outbox.
type Message struct {
	Topic, Key string
	Payload    []byte
}

// Open returns the commands that are new or whose progress changed, by ID.
func (e *Entry) Open() []engine.Pending {
	all := make([]engine.Pending, 0, len(e.open))
	for _, id := range slices.Sorted(maps.Keys(e.open)) {
		all = append(all, e.open[id].Pending)
	}
	return all
}

// Closed returns the commands that ended and that the index may have.
func (e *Entry) Closed() []int64 { return slices.Sorted(maps.Keys(e.closed)) }

// add merges the next turn.
func (e *Entry) add(t *engine.Turn) {
	whole := e.Turn == 0 && t.Outcome != nil // it began and ended in one turn: that it ran is told with its end
	if e.Created != nil && e.Turn == 0 && !whole {
		e.Messages = append(e.Messages, Message{"states.execution", e.ARN, fmt.Appendf(nil, `{"status":%q}`, engine.Running)})
		e.begun = true
	}
	e.Turn, e.State, e.Outcome = t.Number, t.State, t.Outcome
	e.History = append(e.History, t.History...)
	for _, c := range t.Cancel {
		e.emit("states.cancel", c.ID, c.Data)
	}
	if t.Journal != nil {
		e.emit("states.journal", t.ARN, t.Journal)
	}
	if t.Outcome != nil {
		e.open, e.closed = nil, nil // the index drops all of them
		if whole && e.Created != nil {
			e.emit("states.execution", e.ARN, fmt.Appendf(nil, `{"status":%q,"whole":true}`, t.Outcome.Status))
		} else {
			e.emit("states.execution", e.ARN, fmt.Appendf(nil, `{"status":%q}`, t.Outcome.Status))
		}
		return
	}
	for _, id := range t.Closed {
		born := e.open[id].born
		delete(e.open, id)
		if born {
			continue
		}
		if e.closed == nil {
			e.closed = map[int64]bool{}
		}
		e.closed[id] = true
	}
	for _, p := range t.Open {
		if e.open == nil {
			e.open = map[int64]opened{}
		}
		o, known := e.open[p.ID]
		born := o.born || !known && !p.Started && p.Submitted == nil && !e.closed[p.ID]
		e.open[p.ID] = opened{p, born}
		delete(e.closed, p.ID)
	}
}

func (e *Entry) emit(topic, key string, payload []byte) {
	e.Messages = append(e.Messages, Message{topic, key, payload})
	e.eager = true
}
