package asl

import (
	"encoding/json"
	"fmt"
	"time"

	"salamander/internal/value"
)

// formatNumber is that of the stored form of an Execution. Raise it with every
// change that an older reader would misread, and teach UnmarshalJSON the old.
const formatNumber = 1

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
}

// MarshalJSON writes the state with its format number.
func (ex *Execution) MarshalJSON() ([]byte, error) { return json.Marshal(&ex.form) }

// UnmarshalJSON reads a state of this or an older format.
func (ex *Execution) UnmarshalJSON(b []byte) error {
	var head struct{ Format int }
	if err := json.Unmarshal(b, &head); err != nil {
		return err
	}
	if head.Format != formatNumber {
		return fmt.Errorf("execution of format %d; this release reads format %d", head.Format, formatNumber)
	}
	var x form
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	ex.form = x
	if x.Root != nil {
		x.Root.adopt()
	}
	return nil
}

func (ex *Execution) clone() *Execution {
	c := *ex
	if ex.Root != nil {
		c.Root = ex.Root.clone()
		c.Root.adopt()
	}
	return &c
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
	Item     *held  `json:",omitempty"` // of a Map's iteration

	Before    int64     `json:",omitempty"` // the event before that of entering the state
	Entered   int64     // the event of entering the state
	EnteredAt time.Time // and its time

	Task          int64         `json:",omitempty"` // the command that runs the task
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

	Children []*thread `json:",omitempty"` // by index; nil for those that ended
	Results  []*held   `json:",omitempty"` // by index
	Items    []held    `json:",omitempty"` // of a Map
	Next     int       `json:",omitempty"` // the first item not begun
	Limit    int64     `json:",omitempty"` // how many at once; 0 for all
	Kept     *thread   `json:",omitempty"` // the fork as it was when it failed, for Redrive; never changed

	parent *thread
	joined bool   // its children have all succeeded, in this turn
	text   string // the input's compact text, if it is known
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

func (th *thread) clone() *thread {
	c := *th
	c.Retries = append([]int64(nil), th.Retries...)
	c.Results = append([]*held(nil), th.Results...)
	c.Children = nil
	for _, child := range th.Children {
		if child != nil {
			child = child.clone()
		}
		c.Children = append(c.Children, child)
	}
	return &c
}

// adopt sets the links to parents.
func (th *thread) adopt() {
	for _, c := range th.Children {
		if c != nil {
			c.parent = th
			c.adopt()
		}
	}
}

// What a command was for.
const (
	forTask = iota
	forTimeout
	forHeartbeat
	forTimer
)

// find gives the thread that waits for a command.
func (th *thread) find(id int64) (*thread, int) {
	switch {
	case th == nil || id == 0:
		return nil, 0
	case id == th.Task:
		return th, forTask
	case id == th.Timeout:
		return th, forTimeout
	case id == th.Heartbeat:
		return th, forHeartbeat
	case id == th.Timer:
		return th, forTimer
	}
	for _, c := range th.Children {
		if found, which := c.find(id); found != nil {
			return found, which
		}
	}
	return nil, 0
}

// vars gives what the thread sees of variables.
func (th *thread) vars() *variables {
	if th == nil {
		return nil
	}
	v := &variables{outer: th.parent.vars()}
	if th.Variable != nil {
		v.own, _ = th.Variable.v.(*value.Object)
	}
	return v
}
