package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"salamander/asl"
	"salamander/operation"
	"salamander/service/states"
)

// A redriving is a call of the redrive command.
type redriving struct {
	arn        string
	from       string
	definition string // a file
	subs       substitutions
	input      string   // a file
	outputs    []string // STATE=FILE
	dryRun     bool
	output     string
}

func newRedrive(c *console) *cobra.Command {
	cfg := defaultConfig()
	o := redriving{output: "text"}
	cmd := &cobra.Command{
		Use:   "redrive ARN",
		Short: "Take up a failed execution, from another state or with changes",
		Long: `redrive takes up an execution that failed, timed out or was stopped in the last 14
days, under its ARN, with its history going on, as RedriveExecution does: what has
succeeded is not done again.

--from begins anew at a state of the machine, or of a branch of the Parallel at which
the execution stands, with the input and the variables that the state had when it was
entered last, or with --input. --definition goes on with another definition, where
states that are still there begin anew; --output-of gives a state's output, so that it
does nothing the next time. - is the standard input.

--dry-run tells what would run, and changes nothing.

    salamander redrive ARN --dry-run
    salamander redrive ARN --from Load --input fixed.json
    salamander redrive ARN --definition fixed.asl.json
    salamander redrive ARN --output-of Check=checked.json

What was changed is recorded: in the history's event ExecutionRedriven and in the answer
of DescribeExecution, both in a member "salamander", which AWS does not have.

Exit status: 0 redriven, 1 it cannot be, 2 usage, 5 the definition has mistakes, 6 no
server runs.`,
		Args: oneArg("ARN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			if err := oneOf("--output", o.output, "text", "json"); err != nil {
				return err
			}
			o.arn = args[0]
			return c.redrive(cmd.Context(), cfg, &o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.from, "from", "", "state that begins anew (default where the execution stands)")
	f.StringVar(&o.definition, "definition", "", "file of another definition")
	f.StringArrayVar(&o.subs.pairs, "substitute", nil, "NAME=VALUE for ${NAME} in the definition; repeatable")
	f.StringVar(&o.input, "input", "", "file of the input of the state that begins anew")
	f.StringArrayVar(&o.outputs, "output-of", nil, "STATE=FILE, the output of a state; repeatable")
	f.BoolVar(&o.dryRun, "dry-run", false, "tell what would run, and change nothing")
	f.StringVarP(&o.output, "output", "o", o.output, "text or json")
	cfg.flags(f, "data")
	return cmd
}

// redrive is the redrive command.
func (c *console) redrive(ctx context.Context, cfg config, o *redriving) error {
	in, err := c.redriveInput(o)
	if err != nil {
		return err
	}
	server, err := dial(ctx, cfg)
	if err != nil {
		return err
	}
	name, answer := "RedriveExecution", json.RawMessage(nil)
	if o.dryRun {
		name = "PreviewRedrive"
	}
	if err := server.call(ctx, ownService, name, in, &answer); err != nil {
		return redriveFailure(err)
	}
	switch {
	case o.output == "json":
		_, err = fmt.Fprintln(c.out, string(bytes.TrimSpace(answer)))
		return err
	case o.dryRun:
		var p states.PreviewRedriveOutput
		if err := json.Unmarshal(answer, &p); err != nil {
			return err
		}
		return writePreview(c.out, o.arn, &p)
	}
	var done states.RedriveExecutionOutput
	if err := json.Unmarshal(answer, &done); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "redriven at %s: %s\n", done.RedriveDate.Format(time.RFC3339), o.arn)
	return err
}

// redriveFailure gives an error of the server its exit status.
func redriveFailure(err error) error {
	var e *operation.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.Code == "InvalidDefinition" {
		return exitf(exitInvalid, "%s", e.Message)
	}
	return exitf(exitFailed, "%s: %s", e.Code, e.Message)
}

// redriveInput reads the files. A definition with mistakes is told with their
// places.
func (c *console) redriveInput(o *redriving) (*states.RedriveWithInput, error) {
	in := &states.RedriveWithInput{ExecutionArn: o.arn, From: o.from}
	stdin := 0
	for _, file := range append([]string{o.definition, o.input}, o.outputs...) {
		if file == "-" || strings.HasSuffix(file, "=-") {
			stdin++
		}
	}
	if stdin > 1 {
		return nil, exitf(exitUsage, "- is there twice: the standard input can be read once")
	}
	if o.definition != "" {
		text, err := c.redriveDefinition(o)
		if err != nil {
			return nil, err
		}
		in.Definition = text
	} else if len(o.subs.pairs) > 0 {
		return nil, exitf(exitUsage, "--substitute: need --definition")
	}
	read := func(flag, file string) (string, error) {
		text, err := c.readFile(file)
		if err != nil {
			return "", err
		}
		if text = bytes.TrimSpace(text); !json.Valid(text) {
			return "", exitf(exitInvalid, "%s: %s is not JSON", flag, shownName(file))
		}
		return string(text), nil
	}
	if o.input != "" {
		text, err := read("--input", o.input)
		if err != nil {
			return nil, err
		}
		in.Input = &text
	}
	for _, pair := range o.outputs {
		name, file, ok := strings.Cut(pair, "=")
		if !ok || name == "" || file == "" {
			return nil, exitf(exitUsage, "--output-of: got %q; need STATE=FILE", pair)
		}
		if _, twice := in.Outputs[name]; twice {
			return nil, exitf(exitUsage, "--output-of: the state %q is there twice", name)
		}
		text, err := read("--output-of", file)
		if err != nil {
			return nil, err
		}
		if in.Outputs == nil {
			in.Outputs = map[string]string{}
		}
		in.Outputs[name] = text
	}
	return in, nil
}

// redriveDefinition reads the definition. A placeholder without a value is
// refused: what runs is not made up.
func (c *console) redriveDefinition(o *redriving) (string, error) {
	values, err := o.subs.values()
	if err != nil {
		return "", err
	}
	source, err := c.readFile(o.definition)
	if err != nil {
		return "", err
	}
	t := fillTemplate(source, values)
	if err := unusedSubstitution(values, t); err != nil {
		return "", err
	}
	for _, hole := range t.holes {
		if _, given := values[hole.name]; !given {
			return "", exitf(exitUsage, "--definition: ${%s} has no value: give --substitute %s=VALUE", hole.name, hole.name)
		}
	}
	if _, err := asl.Parse(t.text, asl.ParseOptions{}); err != nil {
		v := verdict{File: shownName(o.definition), Mistakes: t.mistakes(err), source: source}
		if err := v.writeText(c.err); err != nil {
			return "", err
		}
		return "", &exitError{status: exitInvalid}
	}
	return string(t.text), nil
}

// shownInput is how much of an input is shown, in bytes.
const shownInput = 200

// writePreview tells what a redrive would do.
func writePreview(w io.Writer, arn string, p *states.PreviewRedriveOutput) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  would be redriven, number %d, after %d events", arn, p.RedriveCount, p.Events)
	if p.Changed {
		b.WriteString(", with the other definition")
	}
	b.WriteString(":\n")
	for _, r := range p.Resumes {
		place := r.State
		if r.In != "" {
			place = r.In + "/" + r.State
		}
		how := "does again what it is for"
		switch {
		case r.Given && r.Entered:
			how = "is entered and left with the output that is given"
		case r.Given:
			how = "is left with the output that is given"
		case r.Entered:
			how = "is entered again"
		}
		fmt.Fprintf(&b, "  %s (%s) %s, with the input %s\n", printable(place), r.Type, how, shortened(r.Input))
		if len(r.Then) > 0 {
			fmt.Fprintf(&b, "    then can follow: %s\n", printable(strings.Join(r.Then, ", ")))
		}
	}
	for _, k := range p.Kept {
		fmt.Fprintf(&b, "  %s keeps what has succeeded\n", printable(k))
	}
	if len(p.Then) > 0 {
		fmt.Fprintf(&b, "  after the branches can follow: %s\n", printable(strings.Join(p.Then, ", ")))
	}
	for _, t := range p.Tasks {
		fmt.Fprintf(&b, "  runs first: %s %s with %s\n", printable(t.State), printable(t.Resource), shortened(t.Parameters))
	}
	for _, m := range p.MapRuns {
		fmt.Fprintf(&b, "  the map run of %s goes on: %d of its children run again, %d are kept\n", printable(m.State), m.Again, m.Kept)
	}
	for _, at := range p.Timers {
		fmt.Fprintf(&b, "  sets a timer for %s\n", at)
	}
	if e := p.Ends; e != nil {
		fmt.Fprintf(&b, "  ends at once: %s %s\n", e.Status, shortened(cmp.Or(textOf(e.Output), textOf(e.Error))))
		if cause := textOf(e.Cause); cause != "" {
			fmt.Fprintf(&b, "    because: %s\n", printable(cause))
		}
	}
	fmt.Fprintf(&b, "It can be redriven until %s. Nothing was changed.\n", p.RedriveUntil.Format(time.RFC3339))
	_, err := io.WriteString(w, b.String())
	return err
}

// textOf is what s points to, or nothing.
func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// shortened is the beginning of a text, in one line.
func shortened(s string) string {
	if len(s) > shownInput {
		s = strings.ToValidUTF8(s[:shownInput], "") + "…"
	}
	return printable(s)
}
