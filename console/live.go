package console

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// How live updates go.
const (
	liveEvery  = 100 * time.Millisecond // between two events at least
	heartbeat  = 15 * time.Second
	maxPending = 5000 // changes that wait for a client; beyond, it reads all anew
	writeLimit = 20 * time.Second
)

// A Change says that something is not as it was.
type Change struct {
	Topic  string `json:"topic"`            // "execution", "job", "object", …
	Key    string `json:"key"`              // which one
	Status string `json:"status,omitempty"` // which it has now, where it changed
	Seq    int64  `json:"seq"`              // rises with every change; set by Publish
}

// logTopic is the topic of lines in a log stream, which only readers of that
// stream are told.
const logTopic = "log"

// LogKey is the key of a log stream's changes.
func LogKey(group, stream string) string { return group + "\n" + stream }

// LogChange says that a log stream has new lines.
func LogChange(group, stream string) Change {
	return Change{Topic: logTopic, Key: LogKey(group, stream)}
}

// A Hub tells the open pages what changes. The zero value is ready, and may be
// shared by goroutines. While no page is open it costs next to nothing.
type Hub struct {
	seq     atomic.Int64
	readers atomic.Int32

	mu   sync.Mutex // guards subs; held while changes are handed out
	subs map[*subscriber]bool
}

// Publish tells a change. It never blocks: a page that reads too slowly is told
// to read all anew.
func (h *Hub) Publish(change Change) {
	change.Seq = h.seq.Add(1)
	if h.readers.Load() == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		if s.wants(change) {
			s.add(change)
		}
	}
}

// A subscriber is one page's open connection.
type subscriber struct {
	wants func(Change) bool
	wake  chan struct{}

	mu      sync.Mutex // guards the fields below; taken after the hub's
	pending []Change
	at      map[[2]string]int // topic and key to the place in pending
	lost    bool
}

func (h *Hub) subscribe(wants func(Change) bool) *subscriber {
	s := &subscriber{wants: wants, wake: make(chan struct{}, 1), at: map[[2]string]int{}}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs == nil {
		h.subs = map[*subscriber]bool{}
	}
	h.subs[s] = true
	h.readers.Add(1)
	return s
}

func (h *Hub) unsubscribe(s *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.subs, s)
	h.readers.Add(-1)
}

// add keeps the last change of each thing.
func (s *subscriber) add(change Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := [2]string{change.Topic, change.Key}
	if i, ok := s.at[id]; ok {
		if change.Status == "" {
			change.Status = s.pending[i].Status
		}
		s.pending[i] = change
	} else if len(s.pending) >= maxPending {
		s.lost = true
	} else {
		s.at[id] = len(s.pending)
		s.pending = append(s.pending, change)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take returns what changed since the last call.
func (s *subscriber) take() (changes []Change, lost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	changes, lost = s.pending, s.lost
	s.pending, s.lost, s.at = nil, false, map[[2]string]int{}
	return changes, lost
}

// live tells what changes.
//
//	GET /api/live -> events hello {"boot"}, change {"changes": [Change]}, reset {}
func (c *Console) live(w http.ResponseWriter, r *http.Request) (any, error) {
	sub := c.opt.Live.subscribe(func(change Change) bool { return change.Topic != logTopic })
	defer c.opt.Live.unsubscribe(sub)
	out := newStream(w)
	if err := out.event("hello", document{"boot": c.boot}); err != nil {
		return sent{}, nil
	}
	c.follow(r, out, sub, func() error {
		changes, lost := sub.take()
		if lost {
			return out.event("reset", document{})
		}
		if len(changes) == 0 {
			return nil
		}
		return out.event("change", document{"changes": changes})
	})
	return sent{}, nil
}

// follow calls send at once when sub has something, not more often than every
// liveEvery, until the client or the server goes.
func (c *Console) follow(r *http.Request, out *stream, sub *subscriber, send func() error) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-sub.wake:
			if err = send(); err == nil {
				err = c.pause(r)
			}
		case <-beat.C:
			err = out.comment()
		case <-r.Context().Done():
			return
		case <-c.done:
			return
		}
		if err != nil || !c.stillIn(r) {
			return
		}
	}
}

// stillIn reports whether the session of a long request goes on.
func (c *Console) stillIn(r *http.Request) bool {
	_, ok := c.sessionOf(r)
	return ok
}

func (c *Console) pause(r *http.Request) error {
	select {
	case <-time.After(liveEvery):
	case <-c.done:
	case <-r.Context().Done():
	}
	return r.Context().Err()
}

// A stream writes server-sent events.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func newStream(w http.ResponseWriter) *stream {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	return &stream{w, http.NewResponseController(w)}
}

func (s *stream) event(name string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("event: " + name + "\ndata: ")
	b.Write(text) // JSON has no line break of its own
	b.WriteString("\n\n")
	return s.write(b.Bytes())
}

func (s *stream) comment() error { return s.write([]byte(":\n\n")) }

func (s *stream) write(text []byte) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(writeLimit)) // tests' recorders have none
	if _, err := s.w.Write(text); err != nil {
		return err
	}
	return s.control.Flush()
}
