package main

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"salamander/operation"
	"salamander/stack"
	"salamander/stack/template"
)

// A deployment is what the command deploy was asked for.
type deployment struct {
	file        string
	stack       string
	parameters  []string // KEY=VALUE
	plan        bool
	unsupported bool
	noRollback  bool
}

func newDeploy(c *console) *cobra.Command {
	cfg := defaultConfig()
	var d deployment
	cmd := &cobra.Command{
		Use:   "deploy TEMPLATE --stack NAME",
		Short: "Create or update a stack from a CloudFormation template",
		Long: `deploy creates the stack of that name from a CloudFormation or SAM template, or
updates it, and shows what happens. Parameters that are not given keep their
values. Local files that the template refers to (a function's code, a
definition, a nested template) are put into a bucket first.

With --plan nothing is changed: deploy tells what it would do, and what of it
is only recorded.

Exit status: 0 done, also when there was nothing to change; 1 failed and rolled
back; 2 usage; 5 the template is not valid; 6 no server runs.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return exitf(exitUsage, "deploy: need one template (see salamander deploy --help)")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := cfg.load(cmd.Flags(), os.Getenv); err != nil {
				return err
			}
			if d.file = args[0]; d.stack == "" {
				return exitf(exitUsage, "--stack: need a name")
			}
			client, err := dial(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			return d.run(cmd.Context(), c, client)
		},
	}
	cfg.flags(cmd.Flags(), "data")
	cmd.Flags().StringVar(&d.stack, "stack", "", "name of the stack")
	cmd.Flags().StringArrayVar(&d.parameters, "parameter", nil, "value of a parameter, as KEY=VALUE; may be repeated")
	cmd.Flags().BoolVar(&d.plan, "plan", false, "tell what would be done, and change nothing")
	cmd.Flags().BoolVar(&d.unsupported, "allow-unsupported", false, "leave out resources of types that Salamander does not have")
	cmd.Flags().BoolVar(&d.noRollback, "no-rollback", false, "leave what was made when something fails")
	return cmd
}

// run carries the deployment out.
func (d *deployment) run(ctx context.Context, c *console, client *serverClient) error {
	form, err := d.form(ctx, client)
	if err != nil {
		return err
	}
	view, err := client.stackView(ctx, d.stack)
	if err != nil {
		return err
	}
	if view != nil && view.Status == stack.RollbackComplete && !d.plan {
		fmt.Fprintf(c.out, "The stack %s could not be created before: it is deleted first.\n", d.stack)
		if err := destroy(ctx, c, client, view, false); err != nil {
			return err
		}
		view = nil
	}
	if err := d.values(form, view); err != nil {
		return err
	}
	if d.plan {
		return d.show(ctx, c, client, form, view)
	}
	return d.apply(ctx, c, client, form, view)
}

// form returns the members that all operations have: name, template, and what
// our own command agrees to.
func (d *deployment) form(ctx context.Context, client *serverClient) (url.Values, error) {
	p := &packager{client: client, stack: d.stack}
	text, err := p.file(ctx, d.file)
	if err != nil {
		return nil, exitf(exitInvalid, "%w", err)
	}
	form := url.Values{"StackName": {d.stack}}
	if len(text) > maxInline {
		at, err := p.template(ctx, text)
		if err != nil {
			return nil, err
		}
		form.Set("TemplateURL", at)
	} else {
		form.Set("TemplateBody", text)
	}
	for i, capability := range []string{template.CapabilityIAM, template.CapabilityNamedIAM, template.CapabilityAutoExpand} {
		form.Set("Capabilities.member."+strconv.Itoa(i+1), capability)
	}
	if d.unsupported {
		form.Set("Tags.member.1.Key", "salamander:allow-unsupported")
		form.Set("Tags.member.1.Value", "true")
	}
	return form, nil
}

// values adds the parameters: those given, and the former ones of the others.
func (d *deployment) values(form url.Values, view *stackView) error {
	n := 0
	add := func(key, member, value string) {
		prefix := "Parameters.member." + strconv.Itoa(n) + "."
		form.Set(prefix+"ParameterKey", key)
		form.Set(prefix+member, value)
	}
	var given []string
	for _, p := range d.parameters {
		key, value, ok := strings.Cut(p, "=")
		if !ok || key == "" {
			return exitf(exitUsage, "--parameter: got %q; need KEY=VALUE", p)
		}
		n++
		given = append(given, key)
		add(key, "ParameterValue", value)
	}
	if view == nil || view.Status == stack.ReviewInProgress {
		return nil
	}
	declared := d.declared()
	for _, key := range view.Parameters {
		if !slices.Contains(given, key) && slices.Contains(declared, key) {
			n++
			add(key, "UsePreviousValue", "true")
		}
	}
	return nil
}

// declared returns the names of the template's parameters, as far as it can be
// read.
func (d *deployment) declared() []string {
	text, err := os.ReadFile(d.file)
	if err != nil {
		return nil
	}
	root, err := template.Read(text)
	if err != nil {
		return nil
	}
	var names []string
	if params := root.Get("Parameters"); params != nil {
		for _, m := range params.Members {
			names = append(names, m.Key)
		}
	}
	return names
}

// invalidTemplate gives the errors of a template the status for it.
func invalidTemplate(err error) error {
	if e := operation.AsError(err); err != nil && e.Code == "ValidationError" {
		return exitf(exitInvalid, "%s", e.Message)
	}
	return err
}

// apply creates or updates the stack, and follows it.
func (d *deployment) apply(ctx context.Context, c *console, client *serverClient, form url.Values, view *stackView) error {
	action, follow := "CreateStack", ""
	if view != nil && view.Status != stack.ReviewInProgress {
		action, follow = "UpdateStack", view.ID
	} else if view != nil {
		if err := destroy(ctx, c, client, view, false); err != nil {
			return err
		}
	}
	form.Set("ClientRequestToken", liveToken())
	if d.noRollback {
		form.Set("DisableRollback", "true")
	}
	f, err := client.follow(ctx, c, follow)
	if err != nil {
		return err
	}
	var out struct {
		ID string `xml:"StackId"`
	}
	err = client.cloudformation(ctx, action, form, &out)
	if e := operation.AsError(err); err != nil && e.Message == "No updates are to be performed." {
		fmt.Fprintf(c.out, "The stack %s is up to date.\n", d.stack)
		return d.outputs(c, view)
	} else if err != nil {
		return invalidTemplate(err)
	}
	if view, err = f.until(ctx, out.ID); err != nil {
		return err
	}
	if view.Status != stack.CreateComplete && view.Status != stack.UpdateComplete {
		return f.failure(view)
	}
	fmt.Fprintf(c.out, "\nThe stack %s is %s after %s.\n", d.stack, view.Status, seconds(time.Since(f.since)))
	return d.outputs(c, view)
}

// failure tells what failed first.
func (f *follower) failure(view *stackView) error {
	text := fmt.Sprintf("the stack %s is %s", view.Name, view.Status)
	why := view.Reason
	if why == "" {
		why = f.why // the stack has forgotten it with its rollback
	}
	if why != "" {
		text += ": " + why
	}
	for _, e := range f.failed {
		if e.Physical != view.ID && !strings.HasSuffix(e.Reason, "cancelled") {
			text += fmt.Sprintf("\n  %s (%s) %s: %s", e.Logical, e.Type, e.Status, e.Reason)
		}
	}
	return exitf(exitFailed, "%s", text)
}

func (d *deployment) outputs(c *console, view *stackView) error {
	if len(view.Outputs) == 0 {
		return nil
	}
	fmt.Fprintln(c.out, "\nOutputs:")
	for _, o := range view.Outputs {
		if strings.Contains(o.Value, "\n") {
			o.Value = "\n" + strings.TrimRight(o.Value, "\n")
		}
		fmt.Fprintf(c.out, "  %s = %s\n", o.Key, o.Value)
	}
	return nil
}

// A plannedChange is a change of a change set.
type plannedChange struct {
	Action      string `xml:"ResourceChange>Action"`
	Logical     string `xml:"ResourceChange>LogicalResourceId"`
	Type        string `xml:"ResourceChange>ResourceType"`
	Replacement string `xml:"ResourceChange>Replacement"`
	Policy      string `xml:"ResourceChange>PolicyAction"`
	Details     []struct {
		Name string `xml:"Target>Name"`
	} `xml:"ResourceChange>Details>member"`
}

// show tells what the deployment would do, by a change set that is deleted
// again.
func (d *deployment) show(ctx context.Context, c *console, client *serverClient, form url.Values, view *stackView) error {
	isNew := view == nil
	kind := "UPDATE"
	if isNew || view.Status == stack.ReviewInProgress {
		kind = "CREATE"
	}
	form.Set("ChangeSetType", kind)
	form.Set("ChangeSetName", "plan-"+strconv.FormatInt(time.Now().UnixMicro(), 36))
	var made struct {
		ID    string `xml:"Id"`
		Stack string `xml:"StackId"`
	}
	if err := client.cloudformation(ctx, "CreateChangeSet", form, &made); err != nil {
		return invalidTemplate(err)
	}
	changes, err := client.planned(ctx, made.ID)
	deleteErr := client.cloudformation(ctx, "DeleteChangeSet", url.Values{"ChangeSetName": {made.ID}}, nil)
	if isNew && deleteErr == nil {
		deleteErr = client.cloudformation(ctx, "DeleteStack", url.Values{"StackName": {made.Stack}}, nil)
	}
	if err == nil {
		err = deleteErr
	}
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		fmt.Fprintf(c.out, "No resource of the stack %s would change.\n", d.stack)
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	counts := map[string]int{}
	for _, ch := range changes {
		verb := ch.Action
		if ch.Replacement == "True" {
			verb = "Replace"
		} else if ch.Replacement == "Conditional" {
			verb = "Replace?"
		}
		counts[verb]++
		var names []string
		for _, p := range ch.Details {
			names = append(names, p.Name)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", verb, ch.Logical, ch.Type, strings.Join(names, ", "), stack.Note(ch.Type))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "\n%d to add, %d to modify, %d to replace, %d to remove.\n", counts["Add"], counts["Modify"], counts["Replace"]+counts["Replace?"], counts["Remove"])
	return nil
}

// planned returns the changes of a change set.
func (c *serverClient) planned(ctx context.Context, id string) ([]plannedChange, error) {
	var all []plannedChange
	form := url.Values{"ChangeSetName": {id}}
	for {
		var out struct {
			XMLName xml.Name
			Changes []plannedChange `xml:"Changes>member"`
			Next    string          `xml:"NextToken"`
		}
		if err := c.cloudformation(ctx, "DescribeChangeSet", form, &out); err != nil {
			return nil, err
		}
		all = append(all, out.Changes...)
		if out.Next == "" {
			return all, nil
		}
		form.Set("NextToken", out.Next)
	}
}
