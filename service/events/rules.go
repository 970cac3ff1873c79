package events

import (
	"context"
	"errors"

	"salamander/event"
	"salamander/event/pattern"
	"salamander/event/schedule"
)

func compile(text string) (*pattern.Pattern, error) {
	p, err := pattern.Compile(text)
	return p, patternFault(err)
}

// PutRuleInput is the input of [Service.PutRule].
type PutRuleInput struct {
	Name               string
	ScheduleExpression string
	EventPattern       string
	State              string
	Description        string
	RoleArn            string
	Tags               []Tag
	EventBusName       string
}

// PutRuleOutput is the output of [Service.PutRule].
type PutRuleOutput struct{ RuleArn string }

// PutRule makes a rule, or replaces all of it but its targets and tags.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
func (s *Service) PutRule(ctx context.Context, in *PutRuleInput) (*PutRuleOutput, error) {
	id, err := ruleID(ctx, in.EventBusName, in.Name)
	if err != nil {
		return nil, err
	}
	if in.EventPattern == "" && in.ScheduleExpression == "" {
		return nil, invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	if in.EventPattern != "" {
		if _, err := compile(in.EventPattern); err != nil {
			return nil, err
		}
	}
	if in.ScheduleExpression != "" {
		if id.Bus != event.DefaultBus {
			return nil, invalid("ScheduleExpression is supported only on the default event bus.")
		}
		if _, err := schedule.Parse(in.ScheduleExpression, schedule.Rule); err != nil {
			fault := invalid("Parameter ScheduleExpression is not valid.")
			fault.Cause = err
			return nil, fault
		}
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	err = s.events.UpdateRule(ctx, id, func(r *event.Rule, have bool) error {
		r.Pattern, r.Schedule, r.Description, r.Role = in.EventPattern, in.ScheduleExpression, in.Description, in.RoleArn
		r.State = "ENABLED"
		if in.State != "" {
			r.State = in.State
		}
		if !have {
			r.Tags = tags // tags of a rule that is there change by TagResource alone
		}
		return nil
	})
	if errors.Is(err, event.ErrNotFound) {
		return nil, noBus(id.Bus)
	}
	return &PutRuleOutput{id.ARN()}, err
}

// RuleInput is the input of operations on one rule.
type RuleInput struct {
	Name         string
	EventBusName string
}

// A Rule is a rule on the wire.
type Rule struct {
	Name               string
	Arn                string
	EventPattern       string `json:",omitempty"`
	ScheduleExpression string `json:",omitempty"`
	State              string
	Description        string `json:",omitempty"`
	RoleArn            string `json:",omitempty"`
	EventBusName       string
}

// DescribeRuleOutput is the output of [Service.DescribeRule].
type DescribeRuleOutput struct {
	Rule
	CreatedBy string
}

func describe(r event.Rule) Rule {
	return Rule{r.Name, r.ARN(), r.Pattern, r.Schedule, r.State, r.Description, r.Role, r.Bus}
}

func (s *Service) rule(ctx context.Context, bus, name string) (event.Rule, error) {
	id, err := ruleID(ctx, bus, name)
	if err != nil {
		return event.Rule{}, err
	}
	if _, err := s.events.Bus(id.Scope, id.Bus); err != nil {
		return event.Rule{}, noBus(id.Bus)
	}
	r, err := s.events.Rule(id)
	if errors.Is(err, event.ErrNotFound) {
		return r, noRule(id)
	}
	return r, err
}

// DescribeRule tells of a rule.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html
func (s *Service) DescribeRule(ctx context.Context, in *RuleInput) (*DescribeRuleOutput, error) {
	r, err := s.rule(ctx, in.EventBusName, in.Name)
	if err != nil {
		return nil, err
	}
	return &DescribeRuleOutput{describe(r), r.Account}, nil
}

// rulesOf are the rules of a bus; none means the default one.
func (s *Service) rulesOf(ctx context.Context, bus string) ([]event.Rule, error) {
	bus, err := busName(ctx, bus)
	if err != nil {
		return nil, err
	}
	rules, err := s.events.Rules(scope(ctx), bus)
	if err != nil {
		return nil, noBus(bus)
	}
	return rules, nil
}

// ListRulesInput is the input of [Service.ListRules].
type ListRulesInput struct {
	NamePrefix   string
	EventBusName string
	NextToken    string
	Limit        int
}

// ListRulesOutput is the output of [Service.ListRules].
type ListRulesOutput struct {
	Rules     []Rule
	NextToken string `json:",omitempty"`
}

// ListRules lists the rules of a bus by name.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html
func (s *Service) ListRules(ctx context.Context, in *ListRulesInput) (*ListRulesOutput, error) {
	rules, err := s.rulesOf(ctx, in.EventBusName)
	if err != nil {
		return nil, err
	}
	list, next, err := cut(rules, func(r event.Rule) string { return r.Name }, in.NamePrefix, in.NextToken, in.Limit)
	out := &ListRulesOutput{Rules: []Rule{}, NextToken: next}
	for _, r := range list {
		out.Rules = append(out.Rules, describe(r))
	}
	return out, err
}

// ListRuleNamesByTargetInput is the input of [Service.ListRuleNamesByTarget].
type ListRuleNamesByTargetInput struct {
	TargetArn    string
	EventBusName string
	NextToken    string
	Limit        int
}

// ListRuleNamesByTargetOutput is the output of [Service.ListRuleNamesByTarget].
type ListRuleNamesByTargetOutput struct {
	RuleNames []string
	NextToken string `json:",omitempty"`
}

// ListRuleNamesByTarget lists the rules that have a target.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html
func (s *Service) ListRuleNamesByTarget(ctx context.Context, in *ListRuleNamesByTargetInput) (*ListRuleNamesByTargetOutput, error) {
	rules, err := s.rulesOf(ctx, in.EventBusName)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range rules {
		for _, t := range r.Targets {
			if t.ARN == in.TargetArn {
				names = append(names, r.Name)
				break
			}
		}
	}
	list, next, err := cut(names, func(n string) string { return n }, "", in.NextToken, in.Limit)
	if list == nil {
		list = []string{}
	}
	return &ListRuleNamesByTargetOutput{list, next}, err
}

// EnableRule has a rule do its work.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html
func (s *Service) EnableRule(ctx context.Context, in *RuleInput) (*None, error) {
	return s.setState(ctx, in, "ENABLED")
}

// DisableRule has a rule rest.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html
func (s *Service) DisableRule(ctx context.Context, in *RuleInput) (*None, error) {
	return s.setState(ctx, in, "DISABLED")
}

func (s *Service) setState(ctx context.Context, in *RuleInput, state string) (*None, error) {
	r, err := s.rule(ctx, in.EventBusName, in.Name)
	if err != nil {
		return nil, err
	}
	err = s.events.UpdateRule(ctx, r.RuleID, func(r *event.Rule, have bool) error {
		if !have {
			return noRule(r.RuleID)
		}
		r.State = state
		return nil
	})
	return &None{}, err
}

// DeleteRuleInput is the input of [Service.DeleteRule].
type DeleteRuleInput struct {
	Name         string
	EventBusName string
	Force        bool // for rules that AWS services manage; there are none
}

// DeleteRule removes a rule without targets; one that is not there is no
// error.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html
func (s *Service) DeleteRule(ctx context.Context, in *DeleteRuleInput) (*None, error) {
	id, err := ruleID(ctx, in.EventBusName, in.Name)
	if err != nil {
		return nil, err
	}
	switch err := s.events.DeleteRule(ctx, id); {
	case errors.Is(err, event.ErrInUse):
		return nil, invalid("Rule can't be deleted since it has targets.")
	case errors.Is(err, event.ErrNotFound):
		return nil, noBus(id.Bus)
	default:
		return &None{}, err
	}
}
