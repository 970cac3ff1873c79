// Package event is buses with rules, schedules, triggers for files that must
// be complete, and the calls of targets that all of these cause. What is
// accepted survives a crash: deliveries are committed before they are made,
// each with an identifier that names what it makes, so that a repeat is
// recognized.
package event

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"salamander/internal/value"
	"salamander/operation"
)

// A Caller calls operations; an [operation.Registry] is one.
type Caller interface {
	Call(ctx context.Context, service, name string, req *operation.Request) (*operation.Response, error)
}

// A Policy says what becomes of occurrences that were missed, and of those
// that come while an earlier one still runs.
type Policy struct {
	CatchUp string // "skip", "last" or "all"; "last" when empty
	Overlap string // "allow", "skip" or "queue"; "allow" when empty
}

// Options configures [New].
type Options struct {
	Store    Store
	Caller   Caller            // of targets
	Policies map[string]Policy // by "rule/NAME" and "schedule/GROUP/NAME"; over tags
	Triggers []Trigger
	Objects  Lister           // of the triggers; may be nil without them
	Now      func() time.Time // time.Now when nil
	Log      *slog.Logger     // discarded when nil
	Workers  int              // deliveries at a time; 64 when 0
}

// Events is the domain. Its methods may be called from many goroutines.
type Events struct {
	store   Store
	opt     Options
	log     *slog.Logger
	now     func() time.Time
	ticked  chan struct{} // wakes the clock
	ready   chan struct{} // wakes the courier
	cancel  context.CancelFunc
	ended   sync.WaitGroup
	inboxes map[string]*inbox
	serial  sync.Mutex // held while it is decided whether an owner is busy; taken before mu

	mu        sync.Mutex // guards the fields below; held over commits of configuration
	buses     map[string]*Bus
	rules     map[string]*rule
	matching  map[string][]*rule // by bus: those that match events
	groups    map[string]*Group
	schedules map[string]*timetable
	triggers  []*trigger
	running   map[string]string // owners of what runs, by reference
}

// New loads what is configured. Nothing happens before [Events.Start].
func New(ctx context.Context, opt Options) (*Events, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Workers == 0 {
		opt.Workers = 64
	}
	e := &Events{store: opt.Store, opt: opt, log: opt.Log,
		now:    func() time.Time { return opt.Now().UTC().Truncate(time.Millisecond) },
		ticked: make(chan struct{}, 1), ready: make(chan struct{}, 1), cancel: func() {},
		inboxes: map[string]*inbox{}, buses: map[string]*Bus{}, rules: map[string]*rule{}, matching: map[string][]*rule{},
		groups: map[string]*Group{}, schedules: map[string]*timetable{}}
	if err := e.load(ctx); err != nil {
		return nil, fmt.Errorf("load rules and schedules: %w", err)
	}
	return e, nil
}

func (e *Events) load(ctx context.Context) (err error) {
	if err := each(ctx, e.store, "bus", func(b Bus) error { e.buses[b.key()] = &b; return nil }); err != nil {
		return err
	}
	if err := each(ctx, e.store, "group", func(g Group) error { e.groups[g.key()] = &g; return nil }); err != nil {
		return err
	}
	err = each(ctx, e.store, "rule", func(r Rule) error {
		c, err := compileRule(r)
		if err != nil {
			return fmt.Errorf("rule %s: %w", r.ARN(), err)
		}
		e.setRule(c)
		return nil
	})
	if err != nil {
		return err
	}
	err = each(ctx, e.store, "schedule", func(s Schedule) error {
		t, err := compileSchedule(s)
		if err != nil {
			return fmt.Errorf("schedule %s: %w", s.ARN(), err)
		}
		e.schedules[s.key()] = t
		return nil
	})
	if err != nil {
		return err
	}
	if e.running, err = e.store.Running(ctx); err != nil {
		return err
	}
	return e.loadTriggers(ctx)
}

func each[T any](ctx context.Context, s Store, kind string, f func(T) error) error {
	docs, err := s.Records(ctx, kind)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		var v T
		if err := json.Unmarshal(doc, &v); err != nil {
			return fmt.Errorf("stored %s: %w", kind, err)
		}
		if err := f(v); err != nil {
			return err
		}
	}
	return nil
}

// Start runs clock and deliveries until [Events.Close].
func (e *Events) Start(ctx context.Context) {
	ctx, e.cancel = context.WithCancel(context.WithoutCancel(ctx))
	e.ended.Go(func() { e.tick(ctx) })
	e.ended.Go(func() { e.deliver(ctx) })
	e.ended.Go(func() { e.recheck(ctx) })
}

// Close ends what Start began. What is not delivered is with the next start.
func (e *Events) Close() {
	e.cancel()
	e.ended.Wait()
}

func (e *Events) wake()    { signal(e.ticked) }
func (e *Events) courier() { signal(e.ready) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Now is the domain's clock.
func (e *Events) Now() time.Time { return e.now() }

// Put gives events to a bus. It returns once their deliveries are durable.
// ErrNotFound is for the bus.
func (e *Events) Put(ctx context.Context, s Scope, bus string, events []Event) error {
	if _, err := e.Bus(s, bus); err != nil {
		return err
	}
	deliveries, err := e.match(key(s.Account, s.Region, bus), events, 0)
	if err != nil || len(deliveries) == 0 {
		return err
	}
	if err := e.store.Commit(ctx, Change{Accept: deliveries}); err != nil {
		return err
	}
	e.courier()
	return nil
}

// match returns what the rules of a bus do with events.
func (e *Events) match(bus string, events []Event, hops int) ([]Delivery, error) {
	e.mu.Lock()
	rules := e.matching[bus]
	e.mu.Unlock()
	if len(rules) == 0 {
		return nil, nil
	}
	now := e.now()
	var all []Delivery
	for _, ev := range events {
		text := ev.JSON()
		doc, err := value.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", ev.ID, err)
		}
		for _, r := range rules {
			if r.pattern.Matches(doc) {
				all = append(all, r.deliveries(source{ev, text, doc, r.RuleID, now}, now, hops)...)
			}
		}
	}
	return all, nil
}

// deliveries are those of one event to the targets of its rule. One whose
// input cannot be made is dead from the start: it fails when it is delivered.
func (r *rule) deliveries(src source, now time.Time, hops int) []Delivery {
	var all []Delivery
	for _, t := range r.Targets {
		d := Delivery{Scope: r.Scope, ID: Derive(src.event.ID, r.ARN(), t.ID), Owner: r.ARN(), Accepted: now, Due: now,
			Target: t, EventID: src.event.ID, Hops: hops}
		if input, err := t.input(src); err != nil {
			d.Event, d.Attempts, d.Letter = string(src.text), -1, &Letter{Attributes: map[string]string{"ERROR_MESSAGE": err.Error()}}
		} else if d.Input = input; input != string(src.text) {
			d.Event = string(src.text)
		}
		all = append(all, d)
	}
	return slices.Clip(all)
}
