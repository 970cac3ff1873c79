package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"salamander/operation"
)

// A historyEvent is one event of GetExecutionHistory as the tree reads it.
type historyEvent struct {
	ID       int64          `json:"id"`
	Previous int64          `json:"previousEventId"`
	At       operation.Time `json:"timestamp"`
	Type     string         `json:"type"`
	Entered  *stateDetails  `json:"stateEnteredEventDetails"`
	Exited   *stateDetails  `json:"stateExitedEventDetails"`
}

type stateDetails struct {
	Name string `json:"name"`
}

// A treeNode is a state in the tree, with all its visits.
type treeNode struct {
	name     string
	kind     string // "Task", "Wait", …
	visits   int
	entered  time.Time // of the visit that goes on
	running  bool
	failed   bool
	total    time.Duration // of ended visits
	branches []*treeScope
}

// A treeScope is a list of states that run one after another: the machine, or
// one branch of a Parallel state.
type treeScope struct {
	parent *treeScope
	owner  *treeNode // the Parallel state of a branch; nil for the machine
	nodes  []*treeNode
	byName map[string]*treeNode
}

func newScope(parent *treeScope, owner *treeNode) *treeScope {
	return &treeScope{parent: parent, owner: owner, byName: map[string]*treeNode{}}
}

// A stateTree follows an execution by its history.
type stateTree struct {
	root    *treeScope
	scopes  map[int64]*treeScope // scope that follows event id
	opening map[int64]*treeNode  // Parallel state that event id opens
	last    int64                // newest event seen
	ended   string               // type of the final event
	line    func(at time.Time, text string)
}

// newStateTree returns an empty tree. line, if not nil, is called with a
// sentence for each state that ends and for the end of the execution.
func newStateTree(line func(time.Time, string)) *stateTree {
	root := newScope(nil, nil)
	return &stateTree{root: root, scopes: map[int64]*treeScope{0: root}, opening: map[int64]*treeNode{}, line: line}
}

// add takes the next events; those seen before are passed over.
func (t *stateTree) add(events []historyEvent) {
	for _, ev := range events {
		if ev.ID <= t.last {
			continue
		}
		t.last = ev.ID
		t.scopes[ev.ID] = t.apply(ev)
	}
}

// apply books ev and returns the scope of the events that follow it.
func (t *stateTree) apply(ev historyEvent) *treeScope {
	scope := t.scopes[ev.Previous]
	if scope == nil {
		scope = t.root
	}
	if n := t.opening[ev.Previous]; n != nil && ev.Entered != nil { // the first state of a branch
		scope = newScope(scope, n)
		n.branches = append(n.branches, scope)
	}
	switch {
	case ev.Entered != nil:
		n := scope.byName[ev.Entered.Name]
		if n == nil {
			n = &treeNode{name: ev.Entered.Name, kind: strings.TrimSuffix(ev.Type, "StateEntered")}
			scope.byName[n.name] = n
			scope.nodes = append(scope.nodes, n)
		}
		n.visits++
		n.running, n.entered = true, ev.At.Time
		if n.kind == "Parallel" {
			t.opening[ev.ID] = n
		}
	case ev.Exited != nil:
		for scope.byName[ev.Exited.Name] == nil && scope.parent != nil {
			scope = scope.parent
		}
		if n := scope.byName[ev.Exited.Name]; n != nil {
			took := ev.At.Sub(n.entered)
			n.running, n.total = false, n.total+took
			t.say(ev.At.Time, fmt.Sprintf("%s %s (%s)", n.kind, n.name, seconds(took)))
		}
	case ev.Type == "ParallelStateSucceeded" || ev.Type == "ParallelStateFailed":
		if scope.parent != nil {
			return scope.parent
		}
	case ev.Type == "ParallelStateStarted":
		t.opening[ev.ID] = t.opening[ev.Previous]
	case strings.HasPrefix(ev.Type, "Execution") && ev.Type != "ExecutionStarted":
		t.end(ev)
	}
	return scope
}

func (t *stateTree) end(ev historyEvent) {
	t.ended = ev.Type
	mark(t.root, ev.Type != "ExecutionSucceeded")
	t.say(ev.At.Time, ev.Type)
}

// mark ends what still runs when the execution ends.
func mark(s *treeScope, failed bool) {
	for _, n := range s.nodes {
		if n.running {
			n.running, n.failed = false, failed
		}
		for _, b := range n.branches {
			mark(b, failed)
		}
	}
}

func (t *stateTree) say(at time.Time, text string) {
	if t.line != nil {
		t.line(at, text)
	}
}

// draw writes the tree as it is at now and returns how many lines it took.
func (t *stateTree) draw(w io.Writer, now time.Time, width int) int {
	return drawScope(w, t.root, now, width, "  ")
}

func drawScope(w io.Writer, s *treeScope, now time.Time, width int, indent string) int {
	lines := 0
	for _, n := range s.nodes {
		took := n.total
		sign := "✓"
		switch {
		case n.running:
			sign, took = "▸", took+now.Sub(n.entered)
		case n.failed:
			sign = "✗"
		}
		text := indent + sign + " " + n.name
		if n.visits > 1 {
			text += fmt.Sprintf(" ×%d", n.visits)
		}
		fmt.Fprintf(w, "%s\n", fit(text, seconds(took), width))
		lines++
		for i, b := range n.branches {
			if i > 0 || len(n.branches) > 1 {
				fmt.Fprintf(w, "%s\n", fit(fmt.Sprintf("%s  branch %d", indent, i+1), "", width))
				lines++
			}
			lines += drawScope(w, b, now, width, indent+"    ")
		}
	}
	return lines
}

// fit sets left and right on one line of at most width columns.
func fit(left, right string, width int) string {
	width = min(width, 80)
	runes := []rune(left)
	if room := width - len(right) - 1; len(runes) > room && room > 1 {
		runes = append(runes[:room-1], '…')
	}
	space := strings.Repeat(" ", max(1, width-len(runes)-len(right)))
	return strings.TrimRight(string(runes)+space+right, " ")
}

func seconds(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
