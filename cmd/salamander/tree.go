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
	Iterated *stateDetails  `json:"mapIterationStartedEventDetails"` // the Map state's name
}

type stateDetails struct {
	Name string `json:"name"`
}

// A treeNode is a state in the tree, with all its visits.
type treeNode struct {
	name     string
	kind     string // "Task", "Wait", …
	visits   int
	active   int       // visits that go on
	entered  time.Time // since when one goes on
	failed   bool
	total    time.Duration // in which a visit went on
	branches []*treeScope
}

// enter begins a visit.
func (n *treeNode) enter(at time.Time) {
	if n.active == 0 {
		n.entered = at
	}
	n.visits++
	n.active++
}

// leave ends a visit, and what has not ended below it.
func (n *treeNode) leave(at time.Time) {
	n.active = max(n.active-1, 0)
	if n.active > 0 {
		return
	}
	n.total += at.Sub(n.entered)
	for _, b := range n.branches {
		mark(b, at, true)
	}
}

// A treeScope is a list of states that run one after another: the machine, one
// branch of a Parallel state, or all the iterations of a Map state.
type treeScope struct {
	parent *treeScope
	owner  *treeNode // the Parallel or Map state; nil for the machine
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
	since   map[int64]time.Time  // when the state of event id was entered
	last    int64                // newest event seen
	ended   string               // type of the final event
	line    func(at time.Time, text string)
}

// newStateTree returns an empty tree. line, if not nil, is called with a
// sentence for each state that ends and for the end of the execution.
func newStateTree(line func(time.Time, string)) *stateTree {
	root := newScope(nil, nil)
	return &stateTree{root: root, scopes: map[int64]*treeScope{0: root}, opening: map[int64]*treeNode{}, since: map[int64]time.Time{}, line: line}
}

// add takes the next events; those seen before are passed over.
func (t *stateTree) add(events []historyEvent) {
	for _, ev := range events {
		if ev.ID <= t.last {
			continue
		}
		t.last = ev.ID
		if t.since[ev.ID] = t.since[ev.Previous]; ev.Entered != nil {
			t.since[ev.ID] = ev.At.Time
		}
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
		n.enter(ev.At.Time)
		if n.kind == "Parallel" {
			t.opening[ev.ID] = n
		}
	case ev.Exited != nil:
		for scope.byName[ev.Exited.Name] == nil && scope.parent != nil {
			scope = scope.parent
		}
		if n := scope.byName[ev.Exited.Name]; n != nil {
			began := t.since[ev.ID]
			if n.kind == "Parallel" || n.kind == "Map" { // the event before is of a branch
				began = n.entered
			}
			t.say(ev.At.Time, fmt.Sprintf("%s %s (%s)", n.kind, n.name, seconds(ev.At.Sub(began))))
			n.leave(ev.At.Time)
		}
	case ev.Iterated != nil:
		for scope.byName[ev.Iterated.Name] == nil && scope.parent != nil {
			scope = scope.parent
		}
		if n := scope.byName[ev.Iterated.Name]; n != nil {
			if len(n.branches) == 0 {
				n.branches = append(n.branches, newScope(scope, n))
			}
			return n.branches[0]
		}
	case strings.HasPrefix(ev.Type, "MapIteration"), strings.HasPrefix(ev.Type, "MapState"):
		if scope.owner != nil && scope.owner.kind == "Map" && ev.Type != "MapStateStarted" {
			return scope.parent
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
	mark(t.root, ev.At.Time, ev.Type != "ExecutionSucceeded")
	t.say(ev.At.Time, ev.Type)
}

// mark ends what still runs.
func mark(s *treeScope, at time.Time, failed bool) {
	for _, n := range s.nodes {
		if n.active > 0 {
			n.active, n.failed, n.total = 0, failed, n.total+at.Sub(n.entered)
		}
		for _, b := range n.branches {
			mark(b, at, failed)
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
		case n.active > 0:
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
