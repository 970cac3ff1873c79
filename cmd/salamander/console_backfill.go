package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"time"

	web "salamander/console"
	"salamander/event"
	"salamander/operation"
)

// Limits of the console's backfills.
const (
	keptBackfills    = 50  // that ended
	shownFailures    = 200 // of each
	defaultBackfills = 4   // executions at a time
	mostBackfills    = 64
)

// consoleBackfills runs `salamander backfill` within the server. What it has
// started runs on when the server stops; asked again, it goes on.
type consoleBackfills struct {
	app  *app
	ctx  context.Context // ends with the app
	live *web.Hub

	mu  sync.Mutex // guards all
	all []*consoleBackfill
}

// A consoleBackfill is one of them. Its record is guarded by the mutex of
// consoleBackfills.
type consoleBackfill struct {
	web.Backfill
	stop context.CancelFunc // no more dates are begun
}

// call carries out an operation as the owner of the default account.
func (c *consoleBackfills) call(ctx context.Context, service, name string, in, out any) error {
	got, err := call[any](ctx, c.app, "", service, name, in)
	if err != nil || out == nil {
		return err
	}
	return remarshal(got, out)
}

// Start checks an order and begins it.
func (c *consoleBackfills) Start(ctx context.Context, order web.BackfillOrder) (start web.BackfillStart, err error) {
	opt := backfillOptions{machine: order.Machine, from: order.From, to: order.To, input: order.Input, max: cmp.Or(order.Max, defaultBackfills),
		order: cmp.Or(order.Order, "oldest"), onlyMissing: order.OnlyMissing, name: "backfill"}
	if opt.max > mostBackfills {
		return start, operation.Errorf("Invalid", "max: got %d; need at most %d", opt.max, mostBackfills)
	}
	if opt.input == "" {
		if opt.input, err = c.app.config.templateOf(opt.machine, ""); err != nil {
			return start, plainError(err)
		}
	}
	dates, err := opt.plan()
	if err != nil {
		return start, plainError(err)
	}
	if err := c.call(ctx, "states", "DescribeStateMachine", document{"stateMachineArn": opt.machine}, nil); err != nil {
		return start, err
	}
	if opt.onlyMissing {
		all := len(dates)
		if dates, err = c.missing(ctx, opt, dates); err != nil {
			return start, err
		}
		start.Skipped = all - len(dates)
	}
	start.Todo = []string{}
	for _, d := range dates {
		start.Todo = append(start.Todo, d.Format("2006-01-02"))
	}
	if order.DryRun || len(dates) == 0 {
		return start, nil
	}
	start.ID = c.begin(opt, dates)
	return start, nil
}

// missing leaves out the dates that the machine has succeeded with.
func (c *consoleBackfills) missing(ctx context.Context, opt backfillOptions, dates []time.Time) (todo []time.Time, err error) {
	inputs := make([]string, len(dates))
	for i, d := range dates {
		inputs[i] = event.FillInput(opt.input, d)
	}
	have, err := c.app.events.Succeeded(ctx, opt.machine, inputs)
	for i, d := range dates {
		if have[inputs[i]] == "" {
			todo = append(todo, d)
		}
	}
	return todo, err
}

// begin runs the dates, some at a time.
func (c *consoleBackfills) begin(opt backfillOptions, dates []time.Time) string {
	var id [6]byte
	rand.Read(id[:])
	more, stop := context.WithCancel(c.ctx)
	one := &consoleBackfill{stop: stop, Backfill: web.Backfill{ID: hex.EncodeToString(id[:]), Machine: opt.machine, From: opt.from, To: opt.to,
		Started: time.Now().UnixMilli(), Of: len(dates), State: "running", Failures: []web.BackfillFailure{}}}
	c.mu.Lock()
	c.all = append(c.all, one)
	for i := 0; i < len(c.all) && len(c.all) > keptBackfills; {
		if c.all[i].Ended > 0 {
			c.all = slices.Delete(c.all, i, i+1)
		} else {
			i++
		}
	}
	c.mu.Unlock()
	b := &backfill{opt: opt, server: c}
	work := make(chan time.Time)
	var workers sync.WaitGroup
	for range min(opt.max, len(dates)) {
		workers.Go(func() {
			for d := range work {
				outcome, detail, err := b.execute(c.ctx, d)
				if c.ctx.Err() != nil {
					return
				}
				if err != nil {
					outcome, detail = "FAILED", operation.AsError(err).Message
				}
				c.note(one, d, outcome, detail)
			}
		})
	}
	go func() {
		defer stop()
	feed:
		for _, d := range dates {
			select {
			case work <- d:
			case <-more.Done():
				break feed
			}
		}
		close(work)
		workers.Wait()
		c.change(one, func() {
			one.Ended = time.Now().UnixMilli()
			one.State = "done"
			if one.Done < one.Of {
				one.State = "stopped"
			}
		})
	}()
	c.change(one, func() {})
	return one.ID
}

func (c *consoleBackfills) note(one *consoleBackfill, d time.Time, outcome, detail string) {
	c.change(one, func() {
		one.Done++
		switch outcome {
		case "SUCCEEDED":
			one.Succeeded++
		case "already":
			one.Already++
		default:
			one.Failed++
			if len(one.Failures) < shownFailures {
				one.Failures = append(one.Failures, web.BackfillFailure{Date: d.Format("2006-01-02"), Detail: fmt.Sprintf("%s: %s", outcome, detail)})
			}
		}
	})
}

func (c *consoleBackfills) change(one *consoleBackfill, f func()) {
	c.mu.Lock()
	f()
	c.mu.Unlock()
	c.live.Publish(web.Change{Topic: "backfill", Key: one.ID})
}

// List returns those that run and ran since the server started.
func (c *consoleBackfills) List() []web.Backfill {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]web.Backfill, len(c.all))
	for i, one := range c.all {
		all[i] = one.Backfill
		all[i].Failures = append([]web.BackfillFailure{}, one.Failures...)
	}
	return all
}

// Stop has one begin no more dates.
func (c *consoleBackfills) Stop(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.all {
		if one.ID == id && one.State == "running" {
			one.State = "stopping"
			one.stop()
			return true
		}
	}
	return false
}
