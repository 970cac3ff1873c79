// Package logs keeps log groups, their streams and events, as CloudWatch
// Logs does: what jobs and functions print, and what clients put.
package logs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The errors that callers branch on.
var (
	ErrNoGroup      = errors.New("no such log group")
	ErrNoStream     = errors.New("no such log stream")
	ErrGroupExists  = errors.New("log group exists")
	ErrStreamExists = errors.New("log stream exists")
)

// A GroupID names a log group.
type GroupID struct{ Account, Region, Group string }

// A Group is a log group.
type Group struct {
	GroupID
	Created   time.Time
	Retention int // days; 0 keeps forever
	Bytes     int64
	Tags      map[string]string
}

// A Stream is a log stream. The event times are zero while it is empty.
type Stream struct {
	Name       string
	Created    time.Time
	FirstEvent time.Time
	LastEvent  time.Time
	Ingested   time.Time // when the last events came
}

// An Event is one entry of a stream.
type Event struct {
	Time     time.Time // to the millisecond
	Message  string
	Stream   string    // where it was found
	Ingested time.Time // set by [Logs]
	Seq      int64     // rises with every stored event; set by the store
}

// Position returns the event's place in the order of reading.
func (e Event) Position() Position { return Position{e.Time.UnixMilli(), e.Seq} }

// A Position is a place between events: by time in milliseconds, then by
// the order of arrival.
type Position struct{ Millis, Seq int64 }

// A GroupQuery selects groups, by name.
type GroupQuery struct {
	Account, Region string
	Prefix          string
	Contains        string // a part of the name, in any case
	After           string // name that the page begins behind
	Limit           int
}

// A StreamQuery selects streams of a group.
type StreamQuery struct {
	Group      GroupID
	Prefix     string
	ByTime     bool // by last event, then name; otherwise by name
	Descending bool
	Skip       int
	Limit      int
}

// An EventQuery selects events of a group.
type EventQuery struct {
	Group    GroupID
	Streams  []string  // of these; of all when empty
	Prefix   string    // of streams so named; all when empty
	From, To time.Time // from inclusive, to exclusive; zero is unbounded
	After    *Position // behind this place, forward
	Before   *Position // before this place, backward
	Backward bool      // the last ones first
	Limit    int
}

// A Store keeps groups and events durably. Store methods return the package's
// errors. It may be used by many goroutines.
type Store interface {
	CreateGroup(ctx context.Context, g Group) error
	DeleteGroup(ctx context.Context, g GroupID) error
	Group(ctx context.Context, g GroupID) (Group, error)
	UpdateGroup(ctx context.Context, g GroupID, change func(*Group)) error
	Groups(ctx context.Context, q GroupQuery) ([]Group, error)

	CreateStream(ctx context.Context, g GroupID, stream string, at time.Time) error
	DeleteStream(ctx context.Context, g GroupID, stream string) error
	Stream(ctx context.Context, g GroupID, stream string) (Stream, error)
	Streams(ctx context.Context, q StreamQuery) ([]Stream, error)

	// Append adds events in one commit. With create, a group or stream that
	// is not there is made in it.
	Append(ctx context.Context, g GroupID, stream string, events []Event, create bool) error
	Events(ctx context.Context, q EventQuery) ([]Event, error)
	// Expire removes events that the retention of their group has ended.
	Expire(ctx context.Context, now time.Time) error
}

// Logs keeps logs in a store. It may be shared by goroutines.
type Logs struct {
	Store
	now     func() time.Time
	onError func(error)
}

// Options configures [New].
type Options struct {
	Now     func() time.Time // time.Now when nil
	OnError func(error)      // called where nobody waits for the outcome; may be nil
}

// New returns the logs in store.
func New(store Store, opt Options) *Logs {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	return &Logs{Store: store, now: opt.Now, onError: opt.OnError}
}

// Now returns the time by the clock of the logs.
func (l *Logs) Now() time.Time { return l.now() }

// MaxMessage is the length of an event's message in bytes at most; a longer
// one is cut into several events.
const MaxMessage = 256 * 1024

// Append adds events to a stream, in one commit; group and stream are made
// when they are not there. Events without a time get the present one.
// Messages are made valid UTF-8 and cut at [MaxMessage].
func (l *Logs) Append(ctx context.Context, account, region, group, stream string, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	return l.Store.Append(ctx, GroupID{account, region, group}, stream, l.prepare(events), true)
}

// Put adds events to a stream that must be there.
func (l *Logs) Put(ctx context.Context, g GroupID, stream string, events []Event) error {
	return l.Store.Append(ctx, g, stream, l.prepare(events), false)
}

func (l *Logs) prepare(events []Event) []Event {
	now := l.now().UTC().Truncate(time.Millisecond)
	out := make([]Event, 0, len(events))
	for _, e := range events {
		e.Ingested = now
		if e.Time.IsZero() {
			e.Time = now
		}
		rest := strings.ToValidUTF8(e.Message, "\uFFFD")
		for len(rest) > MaxMessage {
			n := cut(rest, MaxMessage)
			e.Message, rest = rest[:n], rest[n:]
			out = append(out, e)
		}
		e.Message = rest
		out = append(out, e)
	}
	return out
}

// cut returns the greatest length up to limit that splits no character.
func cut(s string, limit int) int {
	for n := limit; n > limit-4; n-- {
		if s[n]&0xC0 != 0x80 {
			return n
		}
	}
	return limit
}

// Events returns events in order, without those that the group's retention
// has ended, swept yet or not.
func (l *Logs) Events(ctx context.Context, q EventQuery) ([]Event, error) {
	g, err := l.Group(ctx, q.Group)
	if err != nil {
		return nil, err
	}
	if g.Retention > 0 {
		if oldest := l.now().AddDate(0, 0, -g.Retention); q.From.Before(oldest) {
			q.From = oldest
		}
	}
	return l.Store.Events(ctx, q)
}

// Tail returns the last n events of a stream, the oldest first. A stream that
// is not there has none.
func (l *Logs) Tail(ctx context.Context, account, region, group, stream string, n int) ([]Event, error) {
	events, err := l.Events(ctx, EventQuery{Group: GroupID{account, region, group}, Streams: []string{stream}, Backward: true, Limit: n})
	if errors.Is(err, ErrNoGroup) || errors.Is(err, ErrNoStream) {
		return nil, nil
	}
	for i, j := 0, len(events)-1; i < j; i, j = i+1, j-1 {
		events[i], events[j] = events[j], events[i]
	}
	return events, err
}

// Sweep removes expired events, now and every hour, until ctx ends. Failures
// go to Options.OnError, and the next hour tries again.
func (l *Logs) Sweep(ctx context.Context) {
	for {
		if err := l.Expire(ctx, l.now()); err != nil && ctx.Err() == nil && l.onError != nil {
			l.onError(fmt.Errorf("sweep expired log events: %w", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Hour):
		}
	}
}
