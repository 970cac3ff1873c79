// Package events is the operations of Amazon EventBridge.
package events

import (
	"context"
	"errors"
	"strings"

	"salamander/event"
	"salamander/event/pattern"
	"salamander/internal/arn"
	"salamander/internal/pagetoken"
	"salamander/operation"
)

// A Service is the operations of EventBridge over buses and rules.
type Service struct{ events *event.Events }

// New returns the service over e.
func New(e *event.Events) *Service { return &Service{e} }

// Register registers the operations of s.
func Register(r *operation.Registry, s *Service) {
	spec := operation.SpecsOf("events")
	operation.Register(r, spec("CreateEventBus", true, "partners, keys and log configurations are refused; a dead letter queue is recorded"), s.CreateEventBus)
	operation.Register(r, spec("DeleteEventBus", true, ""), s.DeleteEventBus)
	operation.Register(r, spec("DescribeEventBus", false, ""), s.DescribeEventBus)
	operation.Register(r, spec("UpdateEventBus", true, "keys and log configurations are refused; a dead letter queue is recorded"), s.UpdateEventBus)
	operation.Register(r, spec("ListEventBuses", false, ""), s.ListEventBuses)
	operation.Register(r, spec("PutEvents", true, "endpoints are refused"), s.PutEvents)
	operation.Register(r, spec("TestEventPattern", false, ""), s.TestEventPattern)
	operation.Register(r, spec("PutRule", true, ""), s.PutRule)
	operation.Register(r, spec("DescribeRule", false, ""), s.DescribeRule)
	operation.Register(r, spec("ListRules", false, ""), s.ListRules)
	operation.Register(r, spec("ListRuleNamesByTarget", false, ""), s.ListRuleNamesByTarget)
	operation.Register(r, spec("EnableRule", true, ""), s.EnableRule)
	operation.Register(r, spec("DisableRule", true, ""), s.DisableRule)
	operation.Register(r, spec("DeleteRule", true, ""), s.DeleteRule)
	operation.Register(r, spec("PutTargets", true, "state machines, functions, Batch job queues, topics, queues, log groups and buses of the same account; others are refused by name"), s.PutTargets)
	operation.Register(r, spec("RemoveTargets", true, ""), s.RemoveTargets)
	operation.Register(r, spec("ListTargetsByRule", false, ""), s.ListTargetsByRule)
	operation.Register(r, spec("ListTagsForResource", false, ""), s.ListTagsForResource)
	operation.Register(r, spec("TagResource", true, ""), s.TagResource)
	operation.Register(r, spec("UntagResource", true, ""), s.UntagResource)
}

// None is the output of operations that answer nothing.
type None struct{}

// A Tag is a tag on the wire.
type Tag struct {
	Key   string
	Value string
}

func invalid(format string, args ...any) *operation.Error {
	return operation.Errorf("ValidationException", format, args...)
}

func noBus(name string) error {
	return operation.Errorf("ResourceNotFoundException", "Event bus %s does not exist.", name)
}

func noRule(id event.RuleID) error {
	return operation.Errorf("ResourceNotFoundException", "Rule %s does not exist on EventBus %s.", id.Name, id.Bus)
}

// patternFault gives the errors of patterns their code.
func patternFault(err error) error {
	var p *pattern.Error
	if errors.As(err, &p) {
		return operation.Errorf("InvalidEventPatternException", "%s", p.Error())
	}
	return err
}

func scope(ctx context.Context) event.Scope {
	c := operation.CallerOf(ctx)
	return event.Scope{Account: c.Account, Region: c.Region}
}

// busName is the name of a bus that is given by its name or its ARN; the
// default bus when it is not given.
func busName(ctx context.Context, given string) (string, error) {
	if given == "" {
		return event.DefaultBus, nil
	}
	a, err := arn.Parse(given)
	if err != nil {
		return given, nil
	}
	name, ok := strings.CutPrefix(a.Resource, "event-bus/")
	c := operation.CallerOf(ctx)
	if !ok || a.Service != "events" || a.Account != c.Account || a.Region != c.Region {
		return "", noBus(given)
	}
	return name, nil
}

func ruleID(ctx context.Context, bus, name string) (event.RuleID, error) {
	bus, err := busName(ctx, bus)
	return event.RuleID{Scope: scope(ctx), Bus: bus, Name: name}, err
}

// A place is where a list goes on: behind the last name.
type place struct {
	After string `json:"after"`
}

// cut returns the part of a list by name that a token and a limit ask for,
// and the token of the next.
func cut[T any](list []T, name func(T) string, prefix, token string, limit int) ([]T, string, error) {
	var p place
	if pagetoken.Decode(token, &p) != nil {
		return nil, "", invalid("Parameter NextToken is not valid.")
	}
	if limit == 0 {
		limit = 100
	}
	var out []T
	for _, x := range list {
		if n := name(x); n <= p.After || !strings.HasPrefix(n, prefix) {
			continue
		}
		if len(out) == limit {
			return out, pagetoken.Encode(place{name(out[limit-1])}), nil
		}
		out = append(out, x)
	}
	return out, "", nil
}
