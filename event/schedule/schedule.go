// Package schedule is the schedule expressions of EventBridge: rate, at, and
// cron in AWS's dialect. It has no clock: each answer is a function of the
// expression, a time zone and a time, so that a year takes a moment.
//
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Dialect tells where an expression stands.
type Dialect int

const (
	// Rule is the dialect of rules on a bus: rate and cron, with the unit of a
	// rate in the number of its value.
	Rule Dialect = iota
	// Scheduler is the dialect of EventBridge Scheduler, which has at too.
	Scheduler
)

// An Expression tells when something happens. It is immutable.
type Expression struct {
	kind string
	text string
	rate time.Duration
	at   civil
	cron cron
}

// civil is a time on the wall clock.
type civil struct{ year, month, day, hour, minute, second int }

// maxRate is the longest rate; AWS names no limit, and time.Duration has one.
const maxRate = 100 * 365 * 24 * time.Hour

// Parse reads an expression. The error tells what is wrong with it.
func Parse(text string, dialect Dialect) (*Expression, error) {
	name, rest, ok := strings.Cut(text, "(")
	body, closed := strings.CutSuffix(rest, ")")
	if !ok || !closed {
		return nil, fmt.Errorf("%q is no schedule: need rate(…), cron(…) or at(…)", text)
	}
	e := &Expression{kind: name, text: text}
	var err error
	switch {
	case name == "rate":
		e.rate, err = parseRate(body, dialect)
	case name == "cron":
		e.cron, err = parseCron(body)
	case name == "at" && dialect == Scheduler:
		e.at, err = parseAt(body)
	case name == "at":
		err = fmt.Errorf("at(…) is for EventBridge Scheduler, not for rules")
	default:
		err = fmt.Errorf("%q is no kind of schedule: need rate, cron or at", name)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// String returns the expression as it was written.
func (e *Expression) String() string { return e.text }

// Once reports whether the expression is an at: it happens once.
func (e *Expression) Once() bool { return e.kind == "at" }

// Rate returns the interval of a rate; it is 0 for other expressions.
func (e *Expression) Rate() time.Duration { return e.rate }

// Next returns the first time after after, in UTC; the zero time when there is
// none. A rate counts from anchor, which is an occurrence itself, and knows
// days of 24 hours only. A cron reads the wall clock of zone: what falls into
// the hour that spring leaves out is left out, and what falls into the hour
// that autumn repeats happens once, in the first.
func (e *Expression) Next(after, anchor time.Time, zone *time.Location) time.Time {
	switch e.kind {
	case "rate":
		if after.Before(anchor) {
			return anchor.UTC()
		}
		// Not anchor.Add(n*rate): the difference may not fit a Duration.
		return after.Add(e.rate - after.Sub(anchor)%e.rate).UTC()
	case "at":
		c := e.at
		t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, 0, zone).UTC()
		if t.After(after) {
			return t
		}
		return time.Time{}
	}
	return e.cron.next(after, zone)
}

func parseRate(body string, dialect Dialect) (time.Duration, error) {
	f := strings.Fields(body)
	if len(f) != 2 {
		return 0, fmt.Errorf("rate(%s): need a value and a unit, such as rate(5 minutes)", body)
	}
	n, err := strconv.ParseInt(f[0], 10, 64)
	if err != nil || n <= 0 || strings.HasPrefix(f[0], "+") {
		return 0, fmt.Errorf("rate(%s): the value must be a positive whole number", body)
	}
	unit, plural := strings.CutSuffix(f[1], "s")
	length := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[unit]
	switch {
	case length == 0:
		return 0, fmt.Errorf("rate(%s): the unit must be minutes, hours or days", body)
	case dialect == Rule && plural != (n != 1):
		return 0, fmt.Errorf("rate(%s): the unit is singular for the value 1 and plural for others", body)
	case n > int64(maxRate/length):
		return 0, fmt.Errorf("rate(%s): longer than 100 years", body)
	}
	return time.Duration(n) * length, nil
}

func parseAt(body string) (civil, error) {
	t, err := time.Parse("2006-01-02T15:04:05", body)
	if err != nil {
		return civil{}, fmt.Errorf("at(%s): need a time such as at(2026-11-20T13:00:00)", body)
	}
	return civil{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()}, nil
}
