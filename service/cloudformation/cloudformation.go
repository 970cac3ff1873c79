// Package cloudformation is the operations of AWS CloudFormation, over the
// stacks of package stack.
package cloudformation

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"salamander/internal/pagetoken"
	"salamander/operation"
	"salamander/stack"
)

const name = "cloudformation"

// A Service is the operations of AWS CloudFormation. Goroutines share it.
type Service struct{ stacks *stack.Stacks }

// New returns the operations over stacks.
func New(stacks *stack.Stacks) *Service { return &Service{stacks} }

// Register adds the operations to the registry, and refuses by name those
// that are not implemented.
func Register(r *operation.Registry, s *Service) {
	spec := func(op string, mutates bool, note string) operation.Spec {
		status := operation.Exact
		if note != "" {
			status = operation.Partial
		}
		return operation.Spec{Service: name, Name: op, Mutates: mutates, Status: status, Note: note}
	}
	const types = "the resource types and properties that Salamander has, others are refused by name; no stack policies, rollback triggers or notifications"
	operation.Register(r, spec("CreateStack", true, types), s.CreateStack)
	operation.Register(r, spec("UpdateStack", true, types), s.UpdateStack)
	operation.Register(r, spec("DeleteStack", true, "no forced deletion"), s.DeleteStack)
	operation.Register(r, spec("CreateChangeSet", true, types+"; no imports"), s.CreateChangeSet)
	operation.Register(r, spec("DescribeChangeSet", false, "no values of properties"), s.DescribeChangeSet)
	operation.Register(r, spec("ExecuteChangeSet", true, ""), s.ExecuteChangeSet)
	operation.Register(r, spec("DeleteChangeSet", true, ""), s.DeleteChangeSet)
	operation.Register(r, spec("ListChangeSets", false, ""), s.ListChangeSets)
	operation.Register(r, spec("DescribeStacks", false, "no drift"), s.DescribeStacks)
	operation.Register(r, spec("ListStacks", false, "no drift"), s.ListStacks)
	operation.Register(r, spec("DescribeStackEvents", false, ""), s.DescribeStackEvents)
	operation.Register(r, spec("DescribeStackResources", false, "no drift"), s.DescribeStackResources)
	operation.Register(r, spec("DescribeStackResource", false, "no drift"), s.DescribeStackResource)
	operation.Register(r, spec("ListStackResources", false, "no drift"), s.ListStackResources)
	operation.Register(r, spec("ListExports", false, ""), s.ListExports)
	operation.Register(r, spec("ListImports", false, ""), s.ListImports)
	operation.Register(r, spec("GetTemplate", false, ""), s.GetTemplate)
	operation.Register(r, spec("GetTemplateSummary", false, "no stack sets"), s.GetTemplateSummary)
	operation.Register(r, spec("ValidateTemplate", false, ""), s.ValidateTemplate)
	operation.Register(r, spec("CancelUpdateStack", true, ""), s.CancelUpdateStack)
	operation.Register(r, spec("ContinueUpdateRollback", true, ""), s.ContinueUpdateRollback)
	operation.Register(r, spec("RollbackStack", true, ""), s.RollbackStack)
	operation.Register(r, spec("UpdateTerminationProtection", true, ""), s.UpdateTerminationProtection)
	for op, why := range map[string]string{
		"SetStackPolicy": "it has no stack policies", "GetStackPolicy": "it has no stack policies",
		"SignalResource":   "nothing waits for signals: CreationPolicy is refused",
		"DetectStackDrift": "it does not look for drift", "DetectStackResourceDrift": "it does not look for drift",
		"CreateStackSet": "it has no stack sets", "EstimateTemplateCost": "nothing costs anything here",
	} {
		r.Refuse(name, op, why)
	}
}

// None is the output of operations that answer nothing.
type None struct{}

func scope(ctx context.Context) stack.Scope {
	c := operation.CallerOf(ctx)
	return stack.Scope{Account: c.Account, Region: c.Region}
}

func invalid(format string, args ...any) error {
	return operation.Errorf("ValidationError", format, args...)
}

// stamp returns a time as operations answer it; nil for none.
func stamp(t time.Time) *operation.Time {
	if t.IsZero() {
		return nil
	}
	return &operation.Time{Time: t}
}

// page returns the part of all that the token says, and the token of the next.
func page[T any](all []T, size int, token string) ([]T, string, error) {
	start := 0
	if token != "" {
		if err := pagetoken.Decode(token, &start); err != nil || start < 0 || start > len(all) {
			return nil, "", invalid("Invalid NextToken")
		}
	}
	all = all[start:]
	if len(all) <= size {
		return all, "", nil
	}
	return all[:size], pagetoken.Encode(start + size), nil
}

// LiveToken begins the request tokens of callers that show the events as they
// come: they are answered at once.
const LiveToken = "salamander-live-"

// patience is how long an operation is waited for before its begin is
// answered. Most end within it, and a client that asks every 30 s whether it
// has ended, as the AWS CLI does, then hears so at its first question.
const patience = 2 * time.Second

func (s *Service) linger(ctx context.Context, id, token string) {
	if !strings.HasPrefix(token, LiveToken) {
		s.stacks.Linger(ctx, id, patience)
	}
}

// A Parameter is a parameter of a stack. NoEcho values read ****.
type Parameter struct {
	ParameterKey     string
	ParameterValue   string `json:",omitempty"`
	UsePreviousValue bool   `json:",omitempty"`
	ResolvedValue    string `json:",omitempty"`
}

func parameters(all []stack.Parameter) []Parameter {
	out := []Parameter{}
	for _, p := range all {
		v := p.Value
		if p.NoEcho {
			v = "****"
		}
		out = append(out, Parameter{ParameterKey: p.Key, ParameterValue: v})
	}
	return out
}

// A Tag is a tag of a stack.
type Tag struct{ Key, Value string }

func tags(all []stack.Tag) []Tag {
	out := []Tag{}
	for _, t := range all {
		out = append(out, Tag{t.Key, t.Value})
	}
	return out
}

// A RollbackConfiguration may say nothing: there are no alarms.
type RollbackConfiguration struct {
	RollbackTriggers        []json.RawMessage `json:",omitempty"`
	MonitoringTimeInMinutes int               `json:",omitempty"`
}

// Drift says that drift was not looked for.
type Drift struct{ StackDriftStatus string }

// ResourceDrift says that drift was not looked for.
type ResourceDrift struct{ StackResourceDriftStatus string }

func notChecked() Drift { return Drift{"NOT_CHECKED"} }

// A Wanted is what CreateStack, UpdateStack and CreateChangeSet share.
type Wanted struct {
	StackName             string
	TemplateBody          string
	TemplateURL           string
	Parameters            []Parameter
	Capabilities          []string
	ResourceTypes         []string
	RoleARN               string
	RollbackConfiguration *RollbackConfiguration
	NotificationARNs      []string
	Tags                  []Tag
}

// maxBody is the size of a template in a request, in bytes.
const maxBody = 51200

// request returns what is asked for.
func (s *Service) request(ctx context.Context, op string, in Wanted) (stack.Request, error) {
	caller := operation.CallerOf(ctx)
	req := stack.Request{Scope: scope(ctx), Principal: caller.Principal, ID: operation.NewID(ctx), Name: in.StackName, SameValues: map[string]bool{}}
	refused := map[string]bool{"NotificationARNs": len(in.NotificationARNs) > 0, "ResourceTypes": len(in.ResourceTypes) > 0,
		"RollbackConfiguration.RollbackTriggers": in.RollbackConfiguration != nil && len(in.RollbackConfiguration.RollbackTriggers) > 0}
	for member, given := range refused {
		if given {
			return req, operation.NotImplemented(name, op, "the member "+member)
		}
	}
	body, err := s.template(ctx, in.TemplateBody, in.TemplateURL)
	if err != nil {
		return req, err
	}
	req.Settings = stack.Settings{Template: body, Capabilities: in.Capabilities, Role: in.RoleARN}
	seen := map[string]bool{}
	for _, p := range in.Parameters {
		if seen[p.ParameterKey] {
			return req, invalid("Parameter %s is given twice", p.ParameterKey)
		}
		seen[p.ParameterKey] = true
		if p.UsePreviousValue {
			if p.ParameterValue != "" {
				return req, invalid("Invalid input for parameter key %s. Cannot specify usePreviousValue as true and non empty value for a parameter", p.ParameterKey)
			}
			req.SameValues[p.ParameterKey] = true
		}
		req.Settings.Parameters = append(req.Settings.Parameters, stack.Parameter{Key: p.ParameterKey, Value: p.ParameterValue})
	}
	for _, t := range in.Tags {
		if t.Key == "salamander:allow-unsupported" && t.Value == "true" {
			req.Settings.Unsupported = true // our own command's wish
			continue
		}
		req.Settings.Tags = append(req.Settings.Tags, stack.Tag{Key: t.Key, Value: t.Value})
	}
	return req, nil
}

// template returns the text of a template that is given or in S3.
func (s *Service) template(ctx context.Context, body, url string) (string, error) {
	switch {
	case body != "" && url != "":
		return "", invalid("TemplateBody and TemplateURL cannot both be specified.")
	case len(body) > maxBody:
		return "", invalid("1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to %d", maxBody)
	case url != "":
		return s.stacks.Template(ctx, operation.CallerOf(ctx), url)
	}
	return body, nil
}
