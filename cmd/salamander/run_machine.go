package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"salamander/asl"
	"salamander/internal/arn"
	"salamander/internal/value"
	"salamander/operation"
)

// maxRunInput is AWS's limit of an execution's input, in bytes.
const maxRunInput = 256 << 10

// runOptions are the flags of the run command.
type runOptions struct {
	file     string
	input    string
	mock     string
	testCase string
	objects  string
	virtual  bool
	name     string
	output   string
	quiet    bool
	subs     substitutions
}

func newRun(c *console) *cobra.Command {
	o := runOptions{input: "{}", output: "text"}
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Run a state machine here, without a server",
		Long: `Run runs a definition in this process, with neither a server nor a data
directory: it shows the states on the standard error as they run, and prints
the output of the execution. - is the standard input.

Tasks are answered by a mock file: by state name a list of results, taken in
order, of which the last one repeats:

  {"Charge": [{"Throw": {"Error": "Busy", "Cause": "later"}}, {"Return": {"id": 7}}]}

Results by number ({"0-2": …, "3": …}) and the mock configurations of Step
Functions Local are taken too; --test-case chooses a case of one. A result with
"DelaySeconds" comes late. Placeholders such as ${Function} are replaced as by
salamander validate.

Exit status: 0 succeeded, 1 failed, 2 usage, 3 timed out, 4 aborted, 5 invalid
definition, input or mocks, 130 interrupted.`,
		Args: func(cmd *cobra.Command, args []string) error { return needFiles(cmd, args, 1, 1, "FILE") },
		RunE: func(cmd *cobra.Command, args []string) error {
			o.file = args[0]
			if err := oneOf("--output", o.output, "text", "json"); err != nil {
				return err
			}
			return c.runMachine(cmd.Context(), &o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.input, "input", o.input, "JSON, @FILE, or - for the standard input")
	f.StringVar(&o.mock, "mock", "", "file of task results")
	f.StringVar(&o.testCase, "test-case", "", "[MACHINE#]CASE of a Step Functions Local mock configuration")
	f.StringVar(&o.objects, "objects", "", "directory of buckets, DIR/BUCKET/KEY, that Map states in DISTRIBUTED mode read and write")
	f.BoolVar(&o.virtual, "virtual-time", false, "let waits, back-offs and time-outs take no time")
	f.StringVar(&o.name, "name", "", "name of the execution (default a new UUID)")
	f.StringVarP(&o.output, "output", "o", o.output, "text, or json with status, times and history")
	f.StringArrayVar(&o.subs.pairs, "substitute", nil, "NAME=VALUE for ${NAME}; repeatable")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "do not show the states")
	return cmd
}

// runMachine is the run command.
func (c *console) runMachine(ctx context.Context, o *runOptions) error {
	if o.name == "" {
		o.name = operation.NewID(ctx)
	} else if !executionName.MatchString(o.name) {
		return exitf(exitUsage, "--name: got %q; need 1 to 80 letters, digits, - and _", o.name)
	}
	machine, definition, err := c.runDefinition(o)
	if err != nil {
		return err
	}
	input, err := c.runInput(o)
	if err != nil {
		return err
	}
	mocks, err := c.runMocks(o, definition)
	if err != nil {
		return err
	}
	objects, err := newDirectoryObjects(o.objects)
	if err != nil {
		return err
	}
	r := &localRun{machine: machine, mocks: mocks, clock: wallClock{}, objects: objects}
	if o.virtual {
		r.clock = &virtualClock{at: time.Now()}
	}
	var history []asl.HistoryEvent
	show := c.showRun(r, o)
	r.booked = func(events []asl.HistoryEvent) {
		if o.output == "json" {
			history = append(history, events...)
		}
		show(events)
	}
	began := r.clock.now()
	outcome, err := r.run(ctx, asl.Start{Input: input, Context: runContext(o, began)})
	if err != nil {
		return err
	}
	if err := c.writeOutcome(o, outcome, history, began, r.clock.now()); err != nil {
		return err
	}
	return outcomeError(outcome)
}

var executionName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// runDefinition reads the definition; its mistakes go to the standard error.
func (c *console) runDefinition(o *runOptions) (*asl.Machine, []byte, error) {
	values, err := o.subs.values()
	if err != nil {
		return nil, nil, err
	}
	source, err := c.readFile(o.file)
	if err != nil {
		return nil, nil, err
	}
	t := fillTemplate(source, values)
	if err := unusedSubstitution(values, t); err != nil {
		return nil, nil, err
	}
	m, err := asl.Parse(t.text, asl.ParseOptions{})
	if err != nil {
		v := verdict{File: shownName(o.file), Mistakes: t.mistakes(err), source: source}
		if err := v.writeText(c.err); err != nil {
			return nil, nil, err
		}
		return nil, nil, &exitError{status: exitInvalid}
	}
	return m, t.text, nil
}

// runInput reads the input.
func (c *console) runInput(o *runOptions) (json.RawMessage, error) {
	text := []byte(o.input)
	var err error
	if file, ok := strings.CutPrefix(o.input, "@"); ok {
		text, err = c.readFile(file)
	} else if o.input == "-" {
		if o.file == "-" {
			return nil, exitf(exitUsage, "--input: - is the definition: the standard input can be read once")
		}
		text, err = c.readFile("-")
	}
	if err != nil {
		return nil, err
	}
	text = bytes.TrimSpace(text)
	if len(text) > maxRunInput {
		return nil, exitf(exitInvalid, "--input: %d bytes; the limit is %d", len(text), maxRunInput)
	}
	if _, err := value.Parse(text); err != nil {
		return nil, exitf(exitInvalid, "--input: not JSON: %w", err)
	}
	return text, nil
}

// runMocks reads the results of the tasks, and checks that all are there.
func (c *console) runMocks(o *runOptions, definition []byte) (mocks, error) {
	all := mocks{}
	if o.mock != "" {
		if o.mock == "-" && (o.file == "-" || o.input == "-") {
			return nil, exitf(exitUsage, "--mock: - is there twice: the standard input can be read once")
		}
		text, err := c.readFile(o.mock)
		if err != nil {
			return nil, err
		}
		if all, err = parseMocks(text, machineName(o.file), o.testCase); err != nil {
			return nil, exitf(exitInvalid, "%s: %w", shownName(o.mock), err)
		}
	} else if o.testCase != "" {
		return nil, exitf(exitUsage, "--test-case: need --mock FILE")
	}
	return all, all.check(definition)
}

// machineName makes a name of a machine of its file's.
func machineName(file string) string {
	name, _, _ := strings.Cut(filepath.Base(file), ".")
	if name == "-" || name == "" {
		return "machine"
	}
	return regexp.MustCompile(`[^A-Za-z0-9_-]`).ReplaceAllString(name, "-")
}

// runContext makes what the context object tells.
func runContext(o *runOptions, began time.Time) asl.ContextInfo {
	region, machine := defaultConfig().Region, machineName(o.file)
	return asl.ContextInfo{
		ExecutionArn:     arn.New("states", region, defaultAccount, "execution:"+machine+":"+o.name),
		ExecutionName:    o.name,
		RoleArn:          arn.New("iam", "", defaultAccount, "role/local"),
		StartTime:        began,
		StateMachineArn:  arn.New("states", region, defaultAccount, "stateMachine:"+machine),
		StateMachineName: machine,
	}
}

// showRun returns what shows the events of a run on the standard error: a tree
// that is drawn again and again on a terminal, otherwise a line for each state.
func (c *console) showRun(r *localRun, o *runOptions) func([]asl.HistoryEvent) {
	if o.quiet || o.output == "json" {
		return func([]asl.HistoryEvent) {}
	}
	screen := &console{in: c.in, out: c.err, err: c.err}
	if !screen.terminal() {
		layout := "15:04:05.00"
		if o.virtual {
			layout = time.DateOnly + " " + layout
		}
		tree := newStateTree(func(at time.Time, text string) {
			fmt.Fprintf(c.err, "  %s  %s\n", at.Local().Format(layout), text)
		})
		return func(events []asl.HistoryEvent) { tree.add(treeEvents(events)) }
	}
	tree, drawn := newStateTree(nil), 0
	draw := func() (err error) {
		drawn, err = screen.redraw(tree, drawn)
		return err
	}
	r.waiting = draw
	return func(events []asl.HistoryEvent) {
		tree.add(treeEvents(events))
		if tree.ended != "" {
			_ = draw() // the outcome tells more than a broken terminal
		}
	}
}

// treeEvents are the events as the tree reads them.
func treeEvents(events []asl.HistoryEvent) []historyEvent {
	list := make([]historyEvent, len(events))
	for i, ev := range events {
		h := historyEvent{ID: ev.ID, Previous: ev.PreviousID, At: operation.Time{Time: ev.At}, Type: ev.Type}
		var d stateDetails
		switch asl.DetailsMember(ev.Type) {
		case "stateEnteredEventDetails":
			h.Entered = &d
		case "stateExitedEventDetails":
			h.Exited = &d
		case "mapIterationStartedEventDetails":
			h.Iterated = &d
		}
		if h.Entered != nil || h.Exited != nil || h.Iterated != nil {
			_ = json.Unmarshal(ev.Details, &d) // the machine writes JSON
			d.Name = printable(d.Name)
		}
		list[i] = h
	}
	return list
}

// A runReport is the output of run as JSON.
type runReport struct {
	Name   string             `json:"name"`
	Status asl.Status         `json:"status"`
	Start  time.Time          `json:"startDate"`
	Stop   time.Time          `json:"stopDate"`
	Output json.RawMessage    `json:"output,omitempty"`
	Error  *string            `json:"error,omitempty"`
	Cause  *string            `json:"cause,omitempty"`
	Events []asl.HistoryEvent `json:"events"`
}

// writeOutcome writes the output, or all that is known as JSON.
func (c *console) writeOutcome(o *runOptions, out *asl.Outcome, history []asl.HistoryEvent, began, ended time.Time) error {
	if o.output == "json" {
		enc := json.NewEncoder(c.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(runReport{Name: o.name, Status: out.Status, Start: began, Stop: ended,
			Output: out.Output, Error: out.Error, Cause: out.Cause, Events: history})
	}
	if out.Status != asl.Succeeded {
		return nil
	}
	_, err := fmt.Fprintf(c.out, "%s\n", out.Output)
	return err
}

// outcomeError turns an execution that did not succeed into the error of the
// command.
func outcomeError(out *asl.Outcome) error {
	text := "the execution " + strings.ToLower(strings.ReplaceAll(string(out.Status), "_", " "))
	if out.Error != nil {
		text += ": " + *out.Error
	}
	if out.Cause != nil {
		text += ": " + *out.Cause
	}
	text = printable(text)
	switch out.Status {
	case asl.Succeeded:
		return nil
	case asl.TimedOut:
		return exitf(exitTimedOut, "%s", text)
	case asl.Abort:
		return exitf(exitAborted, "%s", text)
	}
	return exitf(exitFailed, "%s", text)
}
