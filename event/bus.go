package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"salamander/event/pattern"
	"salamander/event/schedule"
	"salamander/internal/arn"
)

// Errors that callers branch on.
var (
	ErrNotFound = errors.New("it does not exist")
	ErrExists   = errors.New("it exists already")
	ErrInUse    = errors.New("it still holds something")
)

// DefaultBus is the bus that is always there, and that the events from inside
// go to.
const DefaultBus = "default"

// A Bus takes events.
type Bus struct {
	Scope
	Name        string            `json:"name"`
	Description string            `json:"description,omitempty"`
	DeadLetter  string            `json:"deadLetter,omitempty"` // ARN; recorded
	Created     time.Time         `json:"created"`
	Modified    time.Time         `json:"modified"`
	Tags        map[string]string `json:"tags,omitempty"`
}

// ARN returns the bus's name in the world.
func (b Bus) ARN() string { return arn.New("events", b.Region, b.Account, "event-bus/"+b.Name) }

// A RuleID names a rule.
type RuleID struct {
	Scope
	Bus  string `json:"bus"`
	Name string `json:"name"`
}

// ARN returns the rule's name in the world.
func (id RuleID) ARN() string {
	if id.Bus == DefaultBus {
		return arn.New("events", id.Region, id.Account, "rule/"+id.Name)
	}
	return arn.New("events", id.Region, id.Account, "rule/"+id.Bus+"/"+id.Name)
}

// A Rule sends the events that match its pattern, and those of its schedule,
// to its targets.
type Rule struct {
	RuleID
	Description string            `json:"description,omitempty"`
	Pattern     string            `json:"pattern,omitempty"`
	Schedule    string            `json:"schedule,omitempty"`
	Role        string            `json:"role,omitempty"`
	State       string            `json:"state"`
	Tags        map[string]string `json:"tags,omitempty"`
	Targets     []Target          `json:"targets,omitempty"`
	Anchor      time.Time         `json:"anchor,omitzero"` // the schedule's rates count from here
	Last        time.Time         `json:"last,omitzero"`   // occurrence that was dealt with last
}

// Enabled reports whether the rule does anything.
func (r Rule) Enabled() bool { return r.State != "DISABLED" }

// A rule is a Rule made ready.
type rule struct {
	Rule
	pattern *pattern.Pattern
	clock   *clock
}

func compileRule(r Rule) (*rule, error) {
	c := &rule{Rule: r}
	var err error
	if r.Pattern != "" {
		if c.pattern, err = pattern.Compile(r.Pattern); err != nil {
			return nil, err
		}
	}
	if r.Schedule != "" {
		e, err := schedule.Parse(r.Schedule, schedule.Rule)
		if err != nil {
			return nil, err
		}
		c.clock = &clock{expr: e, zone: time.UTC, anchor: r.Anchor, last: r.Last, arn: r.ARN()}
		if r.Enabled() && len(r.Targets) > 0 {
			c.clock.advance()
		}
	}
	return c, nil
}

func key(parts ...string) string { return strings.Join(parts, "|") }

func (b Bus) key() string     { return key(b.Account, b.Region, b.Name) }
func (id RuleID) key() string { return key(id.Account, id.Region, id.Bus, id.Name) }
func (id RuleID) busKey() string {
	return key(id.Account, id.Region, id.Bus)
}

// Bus returns a bus, or ErrNotFound.
func (e *Events) Bus(s Scope, name string) (Bus, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.bus(s, name)
}

func (e *Events) bus(s Scope, name string) (Bus, error) {
	if b, ok := e.buses[key(s.Account, s.Region, name)]; ok {
		return *b, nil
	}
	if name == DefaultBus {
		return Bus{Scope: s, Name: name}, nil
	}
	return Bus{}, ErrNotFound
}

// Buses returns the buses of an account and region, by name.
func (e *Events) Buses(s Scope) []Bus {
	e.mu.Lock()
	defer e.mu.Unlock()
	def, _ := e.bus(s, DefaultBus)
	all := []Bus{def}
	for _, b := range e.buses {
		if b.Scope == s && b.Name != DefaultBus {
			all = append(all, *b)
		}
	}
	slices.SortFunc(all, func(a, b Bus) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// CreateBus makes a bus: ErrExists.
func (e *Events) CreateBus(ctx context.Context, b Bus) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.bus(b.Scope, b.Name); err == nil {
		return ErrExists
	}
	b.Created, b.Modified = e.now(), e.now()
	return e.putBus(ctx, b)
}

func (e *Events) putBus(ctx context.Context, b Bus) error {
	if err := e.store.Commit(ctx, Change{Put: []Record{{"bus", b.key(), b}}}); err != nil {
		return err
	}
	e.buses[b.key()] = &b
	return nil
}

// UpdateBus changes a bus and returns it: ErrNotFound.
func (e *Events) UpdateBus(ctx context.Context, s Scope, name string, change func(*Bus)) (Bus, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	b, err := e.bus(s, name)
	if err != nil {
		return b, err
	}
	change(&b)
	b.Modified = e.now()
	return b, e.putBus(ctx, b)
}

// DeleteBus removes a bus; one that is not there is no error. ErrInUse while
// it has rules.
func (e *Events) DeleteBus(ctx context.Context, s Scope, name string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	k := key(s.Account, s.Region, name)
	for _, r := range e.rules {
		if r.busKey() == k {
			return ErrInUse
		}
	}
	if err := e.store.Commit(ctx, Change{Delete: []Record{{Kind: "bus", Key: k}}}); err != nil {
		return err
	}
	delete(e.buses, k)
	return nil
}

// Rule returns a rule, or ErrNotFound.
func (e *Events) Rule(id RuleID) (Rule, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r, ok := e.rules[id.key()]; ok {
		return r.Rule, nil
	}
	return Rule{}, ErrNotFound
}

// Rules returns the rules of a bus by name: ErrNotFound when there is no such
// bus.
func (e *Events) Rules(s Scope, bus string) ([]Rule, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	b, err := e.bus(s, bus)
	if err != nil {
		return nil, err
	}
	k := key(s.Account, s.Region, b.Name)
	var all []Rule
	for _, r := range e.rules {
		if r.busKey() == k {
			all = append(all, r.Rule)
		}
	}
	slices.SortFunc(all, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// UpdateRule has change make or change a rule, and stores it. have tells
// whether it was there. A change of the schedule starts it anew. ErrNotFound
// is for the bus; a pattern that is not valid is a [*pattern.Error].
func (e *Events) UpdateRule(ctx context.Context, id RuleID, change func(r *Rule, have bool) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.bus(id.Scope, id.Bus); err != nil {
		return fmt.Errorf("event bus %q: %w", id.Bus, err)
	}
	r := Rule{RuleID: id, State: "ENABLED"}
	old, have := e.rules[id.key()]
	if have {
		r = old.Rule
		r.Targets = slices.Clone(r.Targets)
	}
	if err := change(&r, have); err != nil {
		return err
	}
	if r.Schedule != "" && (!have || old.Schedule != r.Schedule || r.Enabled() && !old.Enabled()) {
		r.Anchor, r.Last = e.now(), e.now()
	} else if have && len(old.Targets) == 0 {
		r.Last = e.now() // what nobody was called for is not caught up with
	}
	c, err := compileRule(r)
	if err != nil {
		return err
	}
	if err := e.store.Commit(ctx, Change{Put: []Record{{"rule", id.key(), r}}}); err != nil {
		return err
	}
	e.setRule(c)
	e.wake()
	return nil
}

// setRule puts r in place of the rule of its name.
func (e *Events) setRule(r *rule) {
	e.dropRule(r.RuleID)
	e.rules[r.key()] = r
	if r.pattern != nil && r.Enabled() && len(r.Targets) > 0 {
		e.matching[r.busKey()] = append(e.matching[r.busKey()], r)
	}
}

func (e *Events) dropRule(id RuleID) {
	delete(e.rules, id.key())
	k := id.busKey()
	// A new slice: a match that is under way reads the old one.
	e.matching[k] = slices.DeleteFunc(slices.Clone(e.matching[k]), func(r *rule) bool { return r.RuleID == id })
}

// DeleteRule removes a rule; one that is not there is no error. ErrInUse while
// it has targets, ErrNotFound is for the bus.
func (e *Events) DeleteRule(ctx context.Context, id RuleID) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.bus(id.Scope, id.Bus); err != nil {
		return err
	}
	r, ok := e.rules[id.key()]
	if !ok {
		return nil
	}
	if len(r.Targets) > 0 {
		return ErrInUse
	}
	if err := e.store.Commit(ctx, Change{Delete: []Record{{Kind: "rule", Key: id.key()}}}); err != nil {
		return err
	}
	e.dropRule(id)
	return nil
}

// HasRules reports whether the default bus of an account and region has rules
// that match events: where it has none, nobody need make them.
func (e *Events) HasRules(s Scope) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.matching[key(s.Account, s.Region, DefaultBus)]) > 0
}
