package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"salamander/event"
	"salamander/operation"
)

// backfillOptions are the flags of backfill.
type backfillOptions struct {
	machine     string
	from, to    string
	input       string
	trigger     string
	onlyMissing bool
	order       string
	max         int
	dryRun      bool
	name        string
}

func newBackfill(c *console) *cobra.Command {
	cfg := defaultConfig()
	var opt backfillOptions
	cmd := &cobra.Command{
		Use:   "backfill MACHINE --from DATE --to DATE",
		Short: "Run a state machine for a range of dates",
		Long: `backfill starts one execution for each date of a range, some at a time, and tells
what became of each:

    salamander backfill refresh --from 2026-01-01 --to 2026-01-31 \
        --input '{"run_date":"{date}"}' --only-missing --max 4

The input of a date is the template with the date in the place of {date}, {year},
{month} and {day}; by default that of the trigger in salamander.yaml that starts the
machine (--trigger says which, where there are several), or {"date":"{date}"}. The server remembers which inputs with dates in them
each machine has succeeded with, however it was started: --only-missing leaves those
dates out.

Executions are named after the backfill and the date. Interrupted, it leaves the
executions running; the same command takes them up again, leaves out the dates that
it has succeeded with, and tries those that failed again.

Exit status: 0 all succeeded, 1 some did not, 130 interrupted.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return exitf(exitUsage, "need a state machine: its name or ARN (see %s --help)", cmd.CommandPath())
			}
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			opt.machine = cfg.machineARN(args[0])
			return c.backfill(cmd.Context(), cfg, opt)
		},
	}
	cfg.flags(cmd.Flags(), "data", "region")
	f := cmd.Flags()
	f.StringVar(&opt.from, "from", "", "first date, such as 2026-01-01")
	f.StringVar(&opt.to, "to", "", "last date, which is included")
	f.StringVar(&opt.input, "input", "", "template of the inputs, JSON with {date}")
	f.StringVar(&opt.trigger, "trigger", "", "the trigger in salamander.yaml whose input is the template")
	f.BoolVar(&opt.onlyMissing, "only-missing", false, "leave out the dates that the machine has succeeded with")
	f.StringVar(&opt.order, "order", "oldest", `"oldest" or "newest" first`)
	f.IntVar(&opt.max, "max", 4, "executions at a time")
	f.BoolVar(&opt.dryRun, "dry-run", false, "tell what would be done, and do nothing")
	f.StringVar(&opt.name, "name", "backfill", "what the names of the executions begin with: another one runs the dates anew")
	return cmd
}

// maxDates bounds a range.
const maxDates = 36_600

var executionPrefix = regexp.MustCompile(`^[A-Za-z0-9_-]{1,60}$`)

// plan checks the options and returns the dates in their order.
func (o backfillOptions) plan() ([]time.Time, error) {
	var problems []error
	date := func(flag, text string) time.Time {
		t, err := time.Parse("2006-01-02", text)
		if err != nil {
			problems = append(problems, fmt.Errorf("--%s: got %q; need a date such as 2026-01-31", flag, text))
		}
		return t
	}
	from, to := date("from", o.from), date("to", o.to)
	switch {
	case len(problems) > 0:
	case to.Before(from):
		problems = append(problems, fmt.Errorf("--to: %s is before --from %s", o.to, o.from))
	case to.Sub(from) > maxDates*24*time.Hour:
		problems = append(problems, fmt.Errorf("--to: more than %d dates", maxDates))
	}
	if o.order != "oldest" && o.order != "newest" {
		problems = append(problems, fmt.Errorf("--order: got %q; need oldest or newest", o.order))
	}
	if o.max < 1 {
		problems = append(problems, fmt.Errorf("--max: got %d; need at least 1", o.max))
	}
	if !executionPrefix.MatchString(o.name) {
		problems = append(problems, fmt.Errorf("--name: got %q; need 1 to 60 letters, digits, - and _", o.name))
	}
	if !json.Valid([]byte(event.FillInput(o.input, time.Unix(0, 0)))) {
		problems = append(problems, fmt.Errorf("--input: no JSON: %s", o.input))
	}
	if !strings.Contains(o.input, "{date}") && !strings.Contains(o.input, "{day}") {
		problems = append(problems, errors.New("--input: the template has no {date}: all dates would be the same"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, &exitError{exitUsage, err}
	}
	return dates(from, to, o.order == "newest"), nil
}

// dateInput is the input of a date that nothing else tells.
const dateInput = `{"date":"{date}"}`

// templateOf is the input of the trigger that starts a machine: of the one that
// is named, or of the only one.
func (c *config) templateOf(machine, trigger string) (string, error) {
	triggers, err := c.eventTriggers()
	if err != nil {
		return "", exitf(exitUsage, "%w", err)
	}
	found, names := dateInput, []string(nil)
	differ := false
	for _, t := range triggers {
		if t.Target != machine || trigger != "" && t.Name != trigger {
			continue
		}
		input := t.Input
		if input == "" {
			input = dateInput
		}
		differ = differ || names != nil && input != found
		found, names = input, append(names, t.Name)
	}
	switch {
	case trigger != "" && names == nil:
		return "", exitf(exitUsage, "--trigger: no trigger %q in salamander.yaml starts %s", trigger, machine)
	case differ:
		slices.Sort(names)
		return "", exitf(exitUsage, "the triggers %s start %s with different inputs: choose one with --trigger, or give --input", strings.Join(names, ", "), machine)
	}
	return found, nil
}

// A caller calls operations: a running server, or the one that this is.
type caller interface {
	call(ctx context.Context, service, name string, in, out any) error
}

// A backfill is one run of the command.
type backfill struct {
	*console
	opt    backfillOptions
	server caller

	mu    sync.Mutex // guards the fields below, and the output
	done  int
	of    int
	count map[string]int // by outcome
}

func (c *console) backfill(ctx context.Context, cfg config, opt backfillOptions) (err error) {
	if opt.input == "" {
		if opt.input, err = cfg.templateOf(opt.machine, opt.trigger); err != nil {
			return err
		}
	}
	all, err := opt.plan()
	if err != nil {
		return err
	}
	server, err := dial(ctx, cfg)
	if err != nil {
		return err
	}
	if err := server.call(ctx, "states", "DescribeStateMachine", document{"stateMachineArn": opt.machine}, nil); err != nil {
		return err
	}
	todo, skipped := all, 0
	if opt.onlyMissing {
		inputs := make([]string, len(all))
		for i, d := range all {
			inputs[i] = event.FillInput(opt.input, d)
		}
		have := map[string]string{}
		if err := server.post(ctx, succeededPath, succeededInput{opt.machine, inputs}, &have); err != nil {
			return err
		}
		todo = nil
		for i, d := range all {
			if have[inputs[i]] == "" {
				todo = append(todo, d)
			} else {
				skipped++
			}
		}
	}
	fmt.Fprintf(c.out, "%d dates to run, %d left out\n", len(todo), skipped)
	if opt.dryRun {
		for _, d := range todo {
			fmt.Fprintf(c.out, "%s  would run %s\n", d.Format("2006-01-02"), event.FillInput(opt.input, d))
		}
		return nil
	}
	b := &backfill{console: c, opt: opt, server: server, of: len(todo), count: map[string]int{}}
	return b.run(ctx, todo)
}

// run has max workers go through the dates in their order.
func (b *backfill) run(ctx context.Context, todo []time.Time) error {
	work := make(chan time.Time)
	var workers sync.WaitGroup
	for range min(b.opt.max, len(todo)) {
		workers.Go(func() {
			for d := range work {
				b.date(ctx, d)
			}
		})
	}
	for _, d := range todo {
		select {
		case work <- d:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(work)
	workers.Wait()
	if ctx.Err() != nil {
		fmt.Fprintf(b.out, "interrupted with %d of %d dates done: what was started runs on; the same command goes on\n", b.done, b.of)
		return ctx.Err()
	}
	fmt.Fprintf(b.out, "%d succeeded, %d already had, %d failed\n", b.count["SUCCEEDED"], b.count["already"], b.of-b.count["SUCCEEDED"]-b.count["already"])
	if b.of > b.count["SUCCEEDED"]+b.count["already"] {
		return &exitError{exitFailed, nil}
	}
	return nil
}

// date runs one date to its end and tells of it.
func (b *backfill) date(ctx context.Context, d time.Time) {
	began := time.Now()
	outcome, detail, err := b.execute(ctx, d)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		outcome, detail = "FAILED", err.Error()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done++
	b.count[outcome]++
	shown := outcome
	if outcome == "already" {
		shown = "succeeded already"
	}
	fmt.Fprintf(b.out, "[%d/%d] %s  %s", b.done, b.of, d.Format("2006-01-02"), shown)
	if outcome != "already" {
		fmt.Fprintf(b.out, " after %s", time.Since(began).Round(100*time.Millisecond))
	}
	if detail != "" {
		fmt.Fprintf(b.out, ": %s", printable(detail))
	}
	fmt.Fprintln(b.out)
}

// maxTries is how many executions of a date are looked through: one for each
// time that the command found it failed.
const maxTries = 1000

// execute takes up the date's last execution, or starts one.
func (b *backfill) execute(ctx context.Context, d time.Time) (outcome, detail string, err error) {
	name, input := b.opt.name+"-"+d.Format("2006-01-02"), event.FillInput(b.opt.input, d)
	for try := 1; try <= maxTries; try++ {
		n := name
		if try > 1 {
			n += "-" + strconv.Itoa(try)
		}
		ref := strings.Replace(b.opt.machine, ":stateMachine:", ":execution:", 1) + ":" + n
		x, err := b.describe(ctx, ref)
		if err != nil && operation.AsError(err).Code == "ExecutionDoesNotExist" {
			err = b.server.call(ctx, "states", "StartExecution", document{"stateMachineArn": b.opt.machine, "name": n, "input": input}, nil)
			if err != nil {
				return "", "", err
			}
			return b.await(ctx, ref)
		}
		switch {
		case err != nil:
			return "", "", err
		case event.HashInput(x.Input) != event.HashInput(input):
			// Another input under this name: of an earlier backfill.
		case x.Status == "RUNNING":
			return b.await(ctx, ref)
		case x.Status == "SUCCEEDED":
			return "already", "", nil
		}
	}
	return "", "", fmt.Errorf("%d executions of this date have failed; choose another --name", maxTries)
}

type executionState struct{ Status, Input, Error, Cause string }

func (b *backfill) describe(ctx context.Context, ref string) (x executionState, err error) {
	err = b.server.call(ctx, "states", "DescribeExecution", document{"executionArn": ref}, &x)
	return x, err
}

// await asks until an execution has ended, less and less often.
func (b *backfill) await(ctx context.Context, ref string) (outcome, detail string, err error) {
	pause := 20 * time.Millisecond
	for {
		x, err := b.describe(ctx, ref)
		if err != nil {
			return "", "", err
		}
		if x.Status != "RUNNING" && x.Status != "PENDING_REDRIVE" {
			if x.Error != "" || x.Cause != "" {
				detail = strings.TrimSuffix(x.Error+": "+x.Cause, ": ")
			}
			return x.Status, detail, nil
		}
		select {
		case <-time.After(pause):
			pause = min(pause*3/2, time.Second)
		case <-ctx.Done():
			return "", "", ctx.Err()
		}
	}
}
