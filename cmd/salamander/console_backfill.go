package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"
	"strings"
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

// consoleBackfills runs ranges of dates within the server. Each backfill has a
// journal, from which the next start of the server goes on: a date is begun
// once, since its execution bears the backfill's name and the date.
type consoleBackfills struct {
	app  *app
	dir  string          // of the journals
	ctx  context.Context // ends with the app
	live *web.Hub

	running sync.WaitGroup

	mu     sync.Mutex // guards the fields below, and the records and journals in all
	all    []*consoleBackfill
	closed bool // none begins any more
}

// A consoleBackfill is one of them. Its record and its journal are guarded by
// the mutex of consoleBackfills.
type consoleBackfill struct {
	web.Backfill
	order   backfillOrder
	journal backfillJournal
	more    context.Context    // ends when no more dates are to be begun
	stop    context.CancelFunc // of more
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
	if err := c.check(ctx, opt.machine); err != nil {
		return start, err
	}
	if err := c.sort(ctx, opt, dates, &start); err != nil {
		return start, err
	}
	if order.DryRun || len(start.Todo) == 0 {
		return start, nil
	}
	start.ID, err = c.begin(opt, start.Todo)
	return start, err
}

// check reports whether there is a machine whose executions have names of their
// own.
func (c *consoleBackfills) check(ctx context.Context, machine string) error {
	var m struct{ StateMachineArn, Type string }
	if err := c.call(ctx, "states", "DescribeStateMachine", document{"stateMachineArn": machine}, &m); err != nil {
		return err
	}
	if m.Type == "EXPRESS" {
		return operation.Errorf("Invalid", "machine: a backfill needs a standard one: executions of express ones have no names that are unique, so that dates could run twice")
	}
	if strings.Count(machine, ":") > 6 {
		return operation.Errorf("Invalid", "machine: got %q; need the ARN of a state machine, not that of a version or an alias", machine)
	}
	return nil
}

// sort tells which dates are to run, and of those, which have succeeded already
// or run now; only what is missing, where that is asked for.
func (c *consoleBackfills) sort(ctx context.Context, opt backfillOptions, dates []time.Time, start *web.BackfillStart) error {
	inputs := make([]string, len(dates))
	for i, d := range dates {
		inputs[i] = event.FillInput(opt.input, d)
	}
	have, err := c.app.events.Succeeded(ctx, opt.machine, inputs)
	if err != nil {
		return err
	}
	runs, err := c.inputsThatRun(ctx, opt.machine)
	if err != nil {
		return err
	}
	for i, d := range dates {
		date, succeeded, running := d.Format("2006-01-02"), have[inputs[i]] != "", runs[event.HashInput(inputs[i])]
		if opt.onlyMissing && (succeeded || running) {
			start.Skipped++
			continue
		}
		start.Todo = append(start.Todo, date)
		if succeeded {
			start.Again = append(start.Again, date)
		}
		if running {
			start.Running = append(start.Running, date)
		}
	}
	return nil
}

// maxRunning bounds the executions that are looked at for inputs that run.
const maxRunning = 10_000

// inputsThatRun are the hashes of the inputs of a machine's executions that run
// now.
func (c *consoleBackfills) inputsThatRun(ctx context.Context, machine string) (map[string]bool, error) {
	found := map[string]bool{}
	q := web.ExecutionQuery{Machine: machine, Status: "RUNNING", Limit: 500}
	for n := 0; n < maxRunning; n += q.Limit {
		list, err := (consoleExecutions{c.app}).Executions(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, ex := range list {
			found[event.HashInput(ex.Input)] = true
			q.Before = ex.Key
		}
		if len(list) < q.Limit {
			break
		}
	}
	return found, nil
}

// begin writes an order down and runs its dates.
func (c *consoleBackfills) begin(opt backfillOptions, dates []string) (string, error) {
	var id [6]byte
	rand.Read(id[:])
	order := backfillOrder{ID: hex.EncodeToString(id[:]), Machine: opt.machine, From: opt.from, To: opt.to, Input: opt.input, Max: opt.max,
		Missing: opt.onlyMissing, Started: time.Now().UnixMilli(), Dates: dates}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return "", &operation.Error{Code: "Unavailable", Message: "the server is stopping", Status: 503}
	}
	journal, err := newBackfillJournal(c.dir, order)
	if err != nil {
		return "", err
	}
	c.take(journal, order, nil)
	c.forget()
	return order.ID, nil
}

// resume takes up what an earlier process has left. Journals that cannot be
// read are left alone, and logged.
func (c *consoleBackfills) resume() {
	journals, err := backfillJournals(c.dir)
	if err != nil {
		c.app.log.Error("console backfills", "err", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, journal := range journals {
		order, lines, err := journal.read()
		if err != nil {
			c.app.log.Error("console backfill", "err", err)
			continue
		}
		if slices.ContainsFunc(c.all, func(one *consoleBackfill) bool { return one.ID == order.ID }) {
			continue // begun since the console serves
		}
		c.take(journal, order, lines)
	}
	c.forget()
}

// take adds a backfill, and runs what is left of it. The caller holds mu.
func (c *consoleBackfills) take(journal backfillJournal, order backfillOrder, lines []backfillLine) {
	record, left := backfillRecord(order, lines)
	one := &consoleBackfill{Backfill: record, order: order, journal: journal}
	one.more, one.stop = context.WithCancel(c.ctx)
	c.all = append(c.all, one)
	if one.Ended > 0 {
		one.stop()
		return
	}
	if one.State == "stopping" {
		one.stop()
	}
	c.running.Go(func() { c.run(one, left) })
	c.live.Publish(web.Change{Topic: "backfill", Key: one.ID})
}

// forget drops the oldest backfills that ended, beyond those that are kept. The
// caller holds mu.
func (c *consoleBackfills) forget() {
	for i := 0; i < len(c.all) && len(c.all) > keptBackfills; {
		if c.all[i].Ended == 0 {
			i++
			continue
		}
		if err := c.all[i].journal.remove(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			c.app.log.Error("console backfill", "err", err)
		}
		c.all = slices.Delete(c.all, i, i+1)
	}
}

// run runs dates, some at a time, until all have ended, no more are to be begun
// or the server stops.
func (c *consoleBackfills) run(one *consoleBackfill, dates []string) {
	defer one.stop()
	work := make(chan string)
	var workers sync.WaitGroup
	for range min(one.order.Max, len(dates)) {
		workers.Go(func() {
			for date := range work {
				line, begun := c.date(one, date)
				if c.ctx.Err() != nil {
					return
				}
				if begun {
					c.note(one, line)
				}
			}
		})
	}
feed:
	for _, date := range dates {
		select {
		case work <- date:
		case <-c.ctx.Done():
			break feed
		}
	}
	close(work)
	workers.Wait()
	if c.ctx.Err() == nil {
		c.note(one, backfillLine{Ended: time.Now().UnixMilli()})
	}
}

// date runs a date to its end; one that has begun before, too. It tells whether
// the date has begun at all.
func (c *consoleBackfills) date(one *consoleBackfill, date string) (line backfillLine, begun bool) {
	ref := backfillExecution(one.Machine, date, one.ID)
	b := &backfill{server: c}
	line = backfillLine{Date: date, Outcome: "FAILED"}
	fail := func(err error) (backfillLine, bool) {
		line.Detail = operation.AsError(err).Message
		return line, true
	}
	_, err := b.describe(c.ctx, ref)
	if err != nil && operation.AsError(err).Code == "ExecutionDoesNotExist" {
		if one.more.Err() != nil {
			return line, false
		}
		started, err := c.startDate(one, date)
		switch {
		case err != nil && one.more.Err() != nil && errors.Is(err, context.Canceled):
			return line, false
		case err != nil:
			return fail(err)
		case !started:
			return backfillLine{Date: date, Outcome: "already"}, true
		}
	} else if err != nil {
		return fail(err)
	}
	if line.Outcome, line.Detail, err = b.await(c.ctx, ref); err != nil {
		line.Outcome = "FAILED"
		return fail(err)
	}
	return line, true
}

// startDate starts the execution of a date, unless only those are wanted that
// have not succeeded, and this one has meanwhile. It waits where the server
// takes no more executions for now, until no more dates are to be begun.
func (c *consoleBackfills) startDate(one *consoleBackfill, date string) (started bool, err error) {
	day, err := time.Parse("2006-01-02", date)
	if err != nil {
		return false, err
	}
	input := event.FillInput(one.order.Input, day)
	if one.order.Missing {
		have, err := c.app.events.Succeeded(c.ctx, one.Machine, []string{input})
		if err != nil || len(have) > 0 {
			return false, err
		}
	}
	for pause := 100 * time.Millisecond; ; pause = min(pause*2, 5*time.Second) {
		err := c.call(c.ctx, "states", "StartExecution", document{"stateMachineArn": one.Machine, "name": backfillName(date, one.ID), "input": input}, nil)
		if code := operation.AsError(err).Code; err == nil || code != "ThrottlingException" && code != "ExecutionLimitExceeded" {
			return err == nil, err
		}
		select {
		case <-time.After(pause):
		case <-one.more.Done():
			return false, one.more.Err()
		}
	}
}

// note writes down what happened to a backfill, and counts it.
func (c *consoleBackfills) note(one *consoleBackfill, line backfillLine) {
	c.mu.Lock()
	if err := one.journal.add(line); err != nil {
		c.app.log.Error("console backfill", "err", err) // the next start finds it at the execution
	}
	switch {
	case line.Date != "":
		countBackfill(&one.Backfill, line)
	case line.Ended > 0:
		one.Ended, one.State = line.Ended, "done"
		if one.Done < one.Of {
			one.State = "stopped"
		}
	}
	c.mu.Unlock()
	c.live.Publish(web.Change{Topic: "backfill", Key: one.ID})
}

// List returns those that run and ran.
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

// Stop has one begin no more dates, also after a restart.
func (c *consoleBackfills) Stop(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.all {
		if one.ID == id && one.State == "running" {
			if err := one.journal.add(backfillLine{Stop: true}); err != nil {
				c.app.log.Error("console backfill", "err", err)
			}
			one.State = "stopping"
			one.stop()
			return true
		}
	}
	return false
}

// close lets none begin any more and returns when nothing runs, once ctx has
// ended.
func (c *consoleBackfills) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.running.Wait()
}
