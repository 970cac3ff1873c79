package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"salamander/examples/refresh"
	"salamander/operation"
	"salamander/stack"
)

const (
	demoStackName = "refresh"
	demoPassword  = "Password#123" // the template's default
)

// deploy creates the stack of the example's template, or takes the one that an
// earlier run on the directory made, and returns what its outputs tell.
func (d *demo) deploy(ctx context.Context) (*demoStack, error) {
	if err := d.putScripts(ctx); err != nil {
		return nil, err
	}
	view, err := d.describeStack(ctx)
	if err != nil {
		return nil, err
	}
	if view != nil && !slices.Contains([]string{stack.CreateComplete, stack.CreateInProgress}, view.Status) {
		if err := do(ctx, d.app, "", "cloudformation", "DeleteStack", document{"StackName": demoStackName}); err != nil {
			return nil, err
		}
		if view, err = d.settled(ctx); err != nil {
			return nil, err
		}
	}
	if view == nil {
		if err := d.createStack(ctx); err != nil {
			return nil, err
		}
	}
	if view, err = d.settled(ctx); err != nil {
		return nil, err
	}
	if view == nil || view.Status != stack.CreateComplete {
		return nil, d.stackFailure(ctx, view)
	}
	return view.outputs()
}

func (d *demo) createStack(ctx context.Context) error {
	text, err := fs.ReadFile(refresh.Files, "template.yaml")
	if err != nil {
		return err
	}
	d.step("Create the stack %s from examples/refresh/template.yaml", demoStackName)
	parameter := func(key, value string) document { return document{"ParameterKey": key, "ParameterValue": value} }
	return do(ctx, d.app, "demo-create-stack", "cloudformation", "CreateStack", document{
		"StackName": demoStackName, "TemplateBody": string(text), "Capabilities": []string{"CAPABILITY_IAM"},
		"Parameters": []document{parameter("DataBucket", demoBucket), parameter("DatasetDate", d.record.Date),
			parameter("WaitSeconds", strconv.Itoa(d.record.Poll))},
	})
}

// A demoStackView is what DescribeStacks tells.
type demoStackView struct {
	Status  string `json:"StackStatus"`
	Reason  string `json:"StackStatusReason"`
	Outputs []struct{ OutputKey, OutputValue string }
}

// describeStack returns the stack, or nil where there is none.
func (d *demo) describeStack(ctx context.Context) (*demoStackView, error) {
	out, err := call[struct{ Stacks []demoStackView }](ctx, d.app, "", "cloudformation", "DescribeStacks", document{"StackName": demoStackName})
	var e *operation.Error
	switch {
	case errors.As(err, &e) && e.Code == "ValidationError":
		return nil, nil
	case err != nil:
		return nil, err
	case len(out.Stacks) == 0:
		return nil, nil
	}
	return &out.Stacks[0], nil
}

// settled waits until nothing is done to the stack any more. A stack that is
// gone is nil.
func (d *demo) settled(ctx context.Context) (*demoStackView, error) {
	began := time.Now()
	for {
		view, err := d.describeStack(ctx)
		if err != nil || view == nil {
			return nil, err
		}
		if !strings.HasSuffix(view.Status, "_IN_PROGRESS") {
			if view.Status == stack.CreateComplete {
				resources, err := call[struct{ StackResources []struct{} }](ctx, d.app, "", "cloudformation", "DescribeStackResources", document{"StackName": demoStackName})
				if err != nil {
					return nil, err
				}
				fmt.Fprintf(d.out, "  %d resources, %s\n", len(resources.StackResources), seconds(time.Since(began)))
			}
			return view, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stackFailure tells what failed first.
func (d *demo) stackFailure(ctx context.Context, view *demoStackView) error {
	if view == nil {
		return fmt.Errorf("the stack %s is gone", demoStackName)
	}
	text := fmt.Sprintf("the stack %s is %s: %s", demoStackName, view.Status, view.Reason)
	events, err := call[struct {
		StackEvents []struct{ LogicalResourceId, ResourceStatus, ResourceStatusReason string }
	}](ctx, d.app, "", "cloudformation", "DescribeStackEvents", document{"StackName": demoStackName})
	if err != nil {
		return errors.Join(errors.New(text), err)
	}
	for _, e := range events.StackEvents {
		if strings.HasSuffix(e.ResourceStatus, "_FAILED") {
			text += fmt.Sprintf("\n  %s %s: %s", e.LogicalResourceId, e.ResourceStatus, e.ResourceStatusReason)
		}
	}
	return errors.New(text)
}

// outputs reads what the template tells of its resources.
func (v *demoStackView) outputs() (*demoStack, error) {
	s := &demoStack{}
	missing := []string{}
	get := func(key string) string {
		for _, o := range v.Outputs {
			if o.OutputKey == key {
				return o.OutputValue
			}
		}
		missing = append(missing, key)
		return ""
	}
	s.queue, s.definition, s.machine, s.input = get("JobQueueArn"), get("JobDefinitionArn"), get("StateMachineArn"), get("ExecutionInput")
	endpoint := get("ClusterEndpoint")
	if len(missing) > 0 {
		return nil, fmt.Errorf("the stack %s has no output %s", demoStackName, strings.Join(missing, ", "))
	}
	host, port, err := net.SplitHostPort(endpoint)
	if err != nil {
		return nil, fmt.Errorf("the output ClusterEndpoint of %s: %w", demoStackName, err)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("the output ClusterEndpoint of %s: %w", demoStackName, err)
	}
	s.warehouse = address{host: host, port: uint16(n), user: "awsuser", password: demoPassword, database: "dev"}
	return s, nil
}
