package asl

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"salamander/internal/value"
)

// formatNumber is that of the stored form of an Execution. Raise it with every
// change that an older reader would misread, and teach UnmarshalJSON the old.
const formatNumber = 1

// formatGiven is that of an Execution with outputs that were given, which
// format 1 does not have.
const formatGiven = 2

// An Execution is the state of an execution between two turns. It is opaque,
// immutable, and survives JSON: its form carries a format number, and older
// forms are read for ever.
type Execution struct {
	form
}

// form is an Execution's form; its members are exported for encoding/json.
type form struct {
	Format      int
	Context     ContextInfo
	Input       held
	LastEvent   int64
	LastCommand int64
	Timer       int64 `json:",omitempty"` // of the machine's TimeoutSeconds
	Ended       bool  `json:",omitempty"`
	Root        *thread
	Given       map[string]held `json:",omitempty"` // outputs of states to come, by their names; never changed in place
}

// UnmarshalJSON reads a state of this or an older format.
func (ex *Execution) UnmarshalJSON(b []byte) error {
	var head struct{ Format int }
	if err := json.Unmarshal(b, &head); err != nil {
		return err
	}
	if head.Format != formatNumber && head.Format != formatGiven {
		return fmt.Errorf("execution of format %d; this release reads formats %d and %d", head.Format, formatNumber, formatGiven)
	}
	var x form
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	ex.form = x
	x.Root.mend()
	return nil
}

// held is a value in stored form.
type held struct{ v value.Value }

// MarshalJSON writes the value.
func (h held) MarshalJSON() ([]byte, error) { return value.Append(nil, h.v), nil }

// UnmarshalJSON reads the value.
func (h *held) UnmarshalJSON(b []byte) error {
	v, err := value.Parse(b)
	h.v = v
	return err
}

// A thread runs through the states of one scope: the machine, a branch, an
// iteration. It is exactly one of: at a task, at a timer, at its children.
type thread struct {
	Scope    int
	Index    int    // which branch or iteration
	State    string // the current state's name
	Input    held   // of the current state
	Raw      string `json:",omitempty"` // the input's exact text, in the first state only
	Previous int64  // the thread's last event
	Variable *held  `json:",omitempty"` // an object of the variables that it set
	Stored   int    `json:",omitempty"` // bytes of the variables' texts
	Item     *held  `json:",omitempty"` // of a Map's iteration

	Before    int64     `json:",omitempty"` // the event before that of entering the state
	Entered   int64     // the event of entering the state
	EnteredAt time.Time // and its time

	Task          int64         `json:",omitempty"` // the command that runs the task
	Run           int64         `json:",omitempty"` // the command that runs the distributed Map
	Started       bool          `json:",omitempty"`
	Timeout       int64         `json:",omitempty"` // the timer's command
	Heartbeat     int64         `json:",omitempty"` // the timer's command
	HeartbeatTime time.Duration `json:",omitempty"`
	Resource      *Integration  `json:",omitempty"`
	Token         string        `json:",omitempty"`

	Timer   int64   `json:",omitempty"` // of a Wait, of a back-off, or of a long chain
	Purpose purpose `json:",omitempty"` // what Timer is for

	Retries    []int64 `json:",omitempty"` // by retrier
	RetryCount int64   `json:",omitempty"`

	Children pages[thread] `json:",omitzero"`  // by index; nil for those that ended
	Results  pages[held]   `json:",omitzero"`  // by index
	Items    []held        `json:",omitempty"` // of a Map
	Open     int           `json:",omitempty"` // how many have not succeeded
	Next     int           `json:",omitempty"` // the first item not begun
	Limit    int64         `json:",omitempty"` // how many at once; 0 for all
	Kept     *thread       `json:",omitempty"` // the fork as it was when it failed, for Redrive; never changed
	Mapped   *MapRun       `json:",omitempty"` // the state's last map run while it may be redriven; never changed

	parent *thread // in the turn that changes the thread
	over   bool    // its children have all succeeded, or failed, in this turn
	ran    bool    // its map run has failed, in this turn
	redone bool    // a redrive has come to its state, in this turn
	text   string  // the input's compact text, if it is known
}

func (th *thread) inputText() string {
	if th.text == "" {
		th.text = value.Text(th.Input.v)
	}
	return th.text
}

type purpose string

const (
	waiting purpose = "wait"
	backoff purpose = "retry"
	yielded purpose = "yield"
)

// clone copies the thread, not those under it: a turn copies what it changes,
// and shares the rest with the execution before it.
func (th *thread) clone() *thread {
	c := *th
	c.over, c.ran, c.redone = false, false, false // those were of another turn
	c.Retries = slices.Clone(th.Retries)
	c.Results = th.Results.clone()
	c.Children = th.Children.clone()
	return &c
}

// disband forgets the children of a fork.
func (th *thread) disband() {
	th.Children, th.Results, th.Items = pages[thread]{}, pages[held]{}, nil
}

// deep copies a thread and those under it, for the turn to change, and links
// them.
func (t *turn) deep(th *thread) *thread {
	c := th.clone()
	for i, sub := range th.Children.all() {
		copied := t.deep(sub)
		c.Children.set(t.by, i, copied)
		t.link(copied, c)
	}
	return c
}

// mend completes a thread that a release without Open stored.
func (th *thread) mend() {
	if th == nil {
		return
	}
	if th.Open == 0 {
		th.Open = th.Results.n
		for range th.Results.all() {
			th.Open--
		}
	}
	for _, c := range th.Children.all() {
		c.mend()
	}
	th.Kept.mend()
}

// What a command was for.
const (
	forTask = iota
	forTimeout
	forHeartbeat
	forTimer
	forRun
)

// find gives the thread that waits for a command, behind those above it: the
// path to it in reverse.
func (th *thread) find(id int64) (path []*thread, which int) {
	switch {
	case th == nil || id == 0:
		return nil, 0
	case id == th.Task:
		return []*thread{th}, forTask
	case id == th.Timeout:
		return []*thread{th}, forTimeout
	case id == th.Heartbeat:
		return []*thread{th}, forHeartbeat
	case id == th.Timer:
		return []*thread{th}, forTimer
	case id == th.Run:
		return []*thread{th}, forRun
	}
	for _, c := range th.Children.all() {
		if path, which = c.find(id); path != nil {
			return append(path, th), which
		}
	}
	return nil, 0
}

// own copies the threads of a path that find gave, for the turn to change, and
// links them. It gives the last one's copy.
func (t *turn) own(path []*thread) *thread {
	var above *thread
	for i := len(path) - 1; i >= 0; i-- {
		c := path[i].clone()
		if above == nil {
			t.x.Root = c
		} else {
			above.Children.set(t.by, c.Index, c)
			t.link(c, above)
		}
		above = c
	}
	return above
}

// link sets a thread's parent for the time of the turn.
func (t *turn) link(c, parent *thread) {
	c.parent = parent
	t.linked = append(t.linked, c)
}
