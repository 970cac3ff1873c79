package events

import (
	"context"
	"encoding/json"
	"slices"

	"salamander/event"
	"salamander/operation"
)

// A Target is a target on the wire. The parameters of targets that are not
// here (streams, containers, HTTP endpoints and others) are refused by name.
type Target struct {
	Id               string
	Arn              string
	RoleArn          string            `json:",omitempty"`
	Input            *string           `json:",omitempty"`
	InputPath        *string           `json:",omitempty"`
	InputTransformer *InputTransformer `json:",omitempty"`
	BatchParameters  *BatchParameters  `json:",omitempty"`
	SqsParameters    *SqsParameters    `json:",omitempty"`
	DeadLetterConfig *DeadLetterConfig `json:",omitempty"`
	RetryPolicy      *RetryPolicy      `json:",omitempty"`
}

// InputTransformer makes the input of parts of the event.
type InputTransformer struct {
	InputPathsMap map[string]string `json:",omitempty"`
	InputTemplate string
}

// BatchParameters tell which job is submitted.
type BatchParameters struct {
	JobDefinition   string
	JobName         string
	ArrayProperties *BatchArrayProperties `json:",omitempty"`
	RetryStrategy   *BatchRetryStrategy   `json:",omitempty"`
}

// BatchArrayProperties is the size of an array job.
type BatchArrayProperties struct {
	Size int `json:",omitempty"`
}

// BatchRetryStrategy is how often a job is attempted.
type BatchRetryStrategy struct {
	Attempts int `json:",omitempty"`
}

// SqsParameters are those of a FIFO queue.
type SqsParameters struct {
	MessageGroupId string `json:",omitempty"`
}

// RetryPolicy bounds the retries.
type RetryPolicy struct {
	MaximumRetryAttempts     *int `json:",omitempty"`
	MaximumEventAgeInSeconds int  `json:",omitempty"`
}

// PutTargetsInput is the input of [Service.PutTargets].
type PutTargetsInput struct {
	Rule         string
	EventBusName string
	Targets      []Target
}

// TargetsOutput is the output of [Service.PutTargets] and
// [Service.RemoveTargets].
type TargetsOutput struct {
	FailedEntryCount int
	FailedEntries    []FailedEntry
}

// FailedEntry tells why one target was not taken.
type FailedEntry struct{ TargetId, ErrorCode, ErrorMessage string }

// maxTargets is how many targets a rule has at most.
const maxTargets = 5

// PutTargets adds targets to a rule, or replaces those of the same id.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
func (s *Service) PutTargets(ctx context.Context, in *PutTargetsInput) (*TargetsOutput, error) {
	r, err := s.rule(ctx, in.EventBusName, in.Rule)
	if err != nil {
		return nil, err
	}
	var taken []event.Target
	for _, t := range in.Targets {
		if slices.ContainsFunc(taken, func(have event.Target) bool { return have.ID == t.Id }) {
			return nil, invalid("Target IDs must be unique; %s is there twice.", t.Id)
		}
		target, err := t.domain()
		if err != nil {
			return nil, err
		}
		taken = append(taken, target)
	}
	err = s.events.UpdateRule(ctx, r.RuleID, func(r *event.Rule, have bool) error {
		if !have {
			return noRule(r.RuleID)
		}
		for _, t := range taken {
			if i := slices.IndexFunc(r.Targets, func(have event.Target) bool { return have.ID == t.ID }); i >= 0 {
				r.Targets[i] = t
			} else {
				r.Targets = append(r.Targets, t)
			}
		}
		if len(r.Targets) > maxTargets {
			return operation.Errorf("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
		}
		return nil
	})
	return &TargetsOutput{FailedEntries: []FailedEntry{}}, err
}

// domain checks a target and returns it as the domain has it.
func (t Target) domain() (event.Target, error) {
	out := event.Target{ID: t.Id, ARN: t.Arn, Role: t.RoleArn, Input: t.Input, InputPath: t.InputPath, DeadLetter: t.DeadLetterConfig.arn()}
	if err := event.CheckTarget(t.Arn); err != nil {
		if fault := invalid("Parameter %s is not valid. Reason: Provided Arn is not in correct format.", t.Arn); t.Arn == "" || t.Arn[:min(4, len(t.Arn))] != "arn:" {
			return out, fault
		}
		return out, operation.NotImplemented("events", "PutTargets", err.Error())
	}
	given := 0
	if t.Input != nil && *t.Input != "" {
		given++
		if !json.Valid([]byte(*t.Input)) {
			return out, invalid("JSON syntax error in input for target %s", t.Id)
		}
	}
	if t.InputPath != nil && *t.InputPath != "" {
		given++
		if err := event.CheckPath(*t.InputPath); err != nil {
			return out, invalid("Invalid InputPath for target %s.", t.Id)
		}
	}
	if x := t.InputTransformer; x != nil {
		given++
		out.Transformer = &event.Transformer{Paths: x.InputPathsMap, Template: x.InputTemplate}
		if err := out.Transformer.Check(); err != nil {
			return out, invalid("Invalid InputTemplate for target %s : %v.", t.Id, err)
		}
	}
	if given > 1 {
		return out, invalid("Only one of Input, InputPath, or InputTransformer must be provided for target %s.", t.Id)
	}
	if b := t.BatchParameters; b != nil {
		out.Batch = &event.BatchParameters{Definition: b.JobDefinition, Name: b.JobName}
		if b.ArrayProperties != nil {
			out.Batch.ArraySize = b.ArrayProperties.Size
		}
		if b.RetryStrategy != nil {
			out.Batch.Attempts = b.RetryStrategy.Attempts
		}
	}
	if t.SqsParameters != nil {
		out.Group = t.SqsParameters.MessageGroupId
	}
	if p := t.RetryPolicy; p != nil {
		out.Retry = &event.RetryPolicy{Attempts: p.MaximumRetryAttempts, Age: p.MaximumEventAgeInSeconds}
	}
	return out, nil
}

func wire(t event.Target) Target {
	out := Target{Id: t.ID, Arn: t.ARN, RoleArn: t.Role, Input: t.Input, InputPath: t.InputPath, DeadLetterConfig: deadLetter(t.DeadLetter)}
	if x := t.Transformer; x != nil {
		out.InputTransformer = &InputTransformer{x.Paths, x.Template}
	}
	if b := t.Batch; b != nil {
		out.BatchParameters = &BatchParameters{JobDefinition: b.Definition, JobName: b.Name}
		if b.ArraySize > 0 {
			out.BatchParameters.ArrayProperties = &BatchArrayProperties{b.ArraySize}
		}
		if b.Attempts > 0 {
			out.BatchParameters.RetryStrategy = &BatchRetryStrategy{b.Attempts}
		}
	}
	if t.Group != "" {
		out.SqsParameters = &SqsParameters{t.Group}
	}
	if p := t.Retry; p != nil {
		out.RetryPolicy = &RetryPolicy{p.Attempts, p.Age}
	}
	return out
}

// RemoveTargetsInput is the input of [Service.RemoveTargets].
type RemoveTargetsInput struct {
	Rule         string
	EventBusName string
	Ids          []string
	Force        bool // for rules that AWS services manage; there are none
}

// RemoveTargets removes targets of a rule; those that are not there are no
// error.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html
func (s *Service) RemoveTargets(ctx context.Context, in *RemoveTargetsInput) (*TargetsOutput, error) {
	r, err := s.rule(ctx, in.EventBusName, in.Rule)
	if err != nil {
		return nil, err
	}
	err = s.events.UpdateRule(ctx, r.RuleID, func(r *event.Rule, have bool) error {
		if !have {
			return noRule(r.RuleID)
		}
		r.Targets = slices.DeleteFunc(r.Targets, func(t event.Target) bool { return slices.Contains(in.Ids, t.ID) })
		return nil
	})
	return &TargetsOutput{FailedEntries: []FailedEntry{}}, err
}

// ListTargetsByRuleInput is the input of [Service.ListTargetsByRule].
type ListTargetsByRuleInput struct {
	Rule         string
	EventBusName string
	NextToken    string
	Limit        int
}

// ListTargetsByRuleOutput is the output of [Service.ListTargetsByRule].
type ListTargetsByRuleOutput struct {
	Targets   []Target
	NextToken string `json:",omitempty"`
}

// ListTargetsByRule lists the targets of a rule by their ids.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html
func (s *Service) ListTargetsByRule(ctx context.Context, in *ListTargetsByRuleInput) (*ListTargetsByRuleOutput, error) {
	r, err := s.rule(ctx, in.EventBusName, in.Rule)
	if err != nil {
		return nil, err
	}
	targets := slices.SortedFunc(slices.Values(r.Targets), func(a, b event.Target) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	list, next, err := cut(targets, func(t event.Target) string { return t.ID }, "", in.NextToken, in.Limit)
	out := &ListTargetsByRuleOutput{Targets: []Target{}, NextToken: next}
	for _, t := range list {
		out.Targets = append(out.Targets, wire(t))
	}
	return out, err
}
