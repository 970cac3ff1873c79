package scheduler

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"salamander/event"
	"salamander/event/schedule"
	"salamander/internal/arn"
	"salamander/operation"
)

// FlexibleTimeWindow says how late an invocation may be.
type FlexibleTimeWindow struct {
	Mode                   string
	MaximumWindowInMinutes int `json:",omitempty"`
}

// Target is what a schedule calls. The parameters of other targets are
// refused by name.
type Target struct {
	Arn                   string
	RoleArn               string
	Input                 *string                `json:",omitempty"`
	DeadLetterConfig      *DeadLetterConfig      `json:",omitempty"`
	RetryPolicy           *RetryPolicy           `json:",omitempty"`
	EventBridgeParameters *EventBridgeParameters `json:",omitempty"`
	SqsParameters         *SqsParameters         `json:",omitempty"`
}

// DeadLetterConfig names a queue.
type DeadLetterConfig struct {
	Arn string `json:",omitempty"`
}

// RetryPolicy bounds the retries.
type RetryPolicy struct {
	MaximumRetryAttempts     *int `json:",omitempty"`
	MaximumEventAgeInSeconds int  `json:",omitempty"`
}

// EventBridgeParameters are those of an event that is put.
type EventBridgeParameters struct{ DetailType, Source string }

// SqsParameters are those of a FIFO queue.
type SqsParameters struct {
	MessageGroupId string `json:",omitempty"`
}

// ScheduleInput is the input of [Service.CreateSchedule] and
// [Service.UpdateSchedule].
type ScheduleInput struct {
	Name                       string
	GroupName                  string
	Description                string
	ScheduleExpression         string
	ScheduleExpressionTimezone string
	StartDate                  *operation.Time
	EndDate                    *operation.Time
	FlexibleTimeWindow         FlexibleTimeWindow
	State                      string
	ActionAfterCompletion      string
	Target                     Target
	ClientToken                string
}

// ScheduleOutput is the output of [Service.CreateSchedule] and
// [Service.UpdateSchedule].
type ScheduleOutput struct{ ScheduleArn string }

// domain checks a schedule and returns it as the domain has it.
func (in *ScheduleInput) domain(ctx context.Context) (event.Schedule, error) {
	s := event.Schedule{
		ScheduleID:  event.ScheduleID{Scope: scope(ctx), Group: cmp.Or(in.GroupName, event.DefaultGroup), Name: in.Name},
		Description: in.Description, Expression: in.ScheduleExpression, Zone: cmp.Or(in.ScheduleExpressionTimezone, "UTC"),
		State: cmp.Or(in.State, "ENABLED"), AfterCompletion: cmp.Or(in.ActionAfterCompletion, "NONE"), Token: in.ClientToken,
	}
	if _, err := schedule.Parse(in.ScheduleExpression, schedule.Scheduler); err != nil {
		fault := invalid("Invalid Schedule Expression %s.", in.ScheduleExpression)
		fault.Cause = err
		return s, fault
	}
	if _, err := event.LoadZone(s.Zone); err != nil {
		return s, invalid("Invalid Schedule Expression Timezone %s.", s.Zone)
	}
	if in.StartDate != nil {
		s.Start = in.StartDate.Time
	}
	if in.EndDate != nil {
		s.End = in.EndDate.Time
	}
	if !s.Start.IsZero() && !s.End.IsZero() && !s.End.After(s.Start) {
		return s, invalid("The StartDate you specify must come before the EndDate.")
	}
	switch w := in.FlexibleTimeWindow; {
	case w.Mode == "FLEXIBLE" && w.MaximumWindowInMinutes == 0:
		return s, invalid("A MaximumWindowInMinutes must be set when FlexibleTimeWindow Mode is FLEXIBLE.")
	case w.Mode == "OFF" && w.MaximumWindowInMinutes != 0:
		return s, invalid("A MaximumWindowInMinutes must not be set when FlexibleTimeWindow Mode is OFF.")
	default:
		s.Window = w.MaximumWindowInMinutes
	}
	var err error
	s.Target, err = in.Target.domain()
	return s, err
}

func (t Target) domain() (event.Target, error) {
	out := event.Target{ARN: t.Arn, Role: t.RoleArn, Input: t.Input}
	a, err := arn.Parse(t.Arn)
	if err != nil {
		return out, invalid("Provided Arn is not in correct format.")
	}
	if err := event.CheckTarget(out.ARN); err != nil || a.Service == "logs" || a.Service == "batch" {
		return out, operation.NotImplemented("scheduler", "CreateSchedule", "the target "+t.Arn+
			"; there are state machines, functions, topics, queues, event buses, and arn:aws:scheduler:::aws-sdk:service:apiAction")
	}
	if a.Service == "events" && t.EventBridgeParameters == nil {
		return out, invalid("EventBridgeParameters are required for target %s.", t.Arn)
	}
	if p := t.EventBridgeParameters; p != nil {
		out.Bus = &event.BusParameters{Type: p.DetailType, Source: p.Source}
	}
	if t.SqsParameters != nil {
		out.Group = t.SqsParameters.MessageGroupId
	}
	if t.DeadLetterConfig != nil {
		out.DeadLetter = t.DeadLetterConfig.Arn
	}
	if p := t.RetryPolicy; p != nil {
		out.Retry = &event.RetryPolicy{Attempts: p.MaximumRetryAttempts, Age: p.MaximumEventAgeInSeconds}
	}
	return out, nil
}

// CreateSchedule makes a schedule.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
func (s *Service) CreateSchedule(ctx context.Context, in *ScheduleInput) (*ScheduleOutput, error) {
	x, err := in.domain(ctx)
	if err != nil {
		return nil, err
	}
	switch err := s.events.CreateSchedule(ctx, x); {
	case errors.Is(err, event.ErrExists):
		return nil, conflict("Schedule %s already exists.", x.Name)
	case errors.Is(err, event.ErrNotFound):
		return nil, missing("Schedule group %s does not exist.", x.Group)
	default:
		return &ScheduleOutput{x.ARN()}, err
	}
}

// UpdateSchedule replaces all of a schedule.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html
func (s *Service) UpdateSchedule(ctx context.Context, in *ScheduleInput) (*ScheduleOutput, error) {
	x, err := in.domain(ctx)
	if err != nil {
		return nil, err
	}
	if err = s.events.UpdateSchedule(ctx, x); errors.Is(err, event.ErrNotFound) {
		err = missing("Schedule %s does not exist.", x.Name)
	}
	return &ScheduleOutput{x.ARN()}, err
}

// OneInput is the input of operations on one schedule.
type OneInput struct {
	Name        string
	GroupName   string
	ClientToken string // of a deletion; a repeat finds nothing and says so
}

func (in *OneInput) id(ctx context.Context) event.ScheduleID {
	return event.ScheduleID{Scope: scope(ctx), Group: cmp.Or(in.GroupName, event.DefaultGroup), Name: in.Name}
}

// GetScheduleOutput is the output of [Service.GetSchedule].
type GetScheduleOutput struct {
	Arn                        string
	Name                       string
	GroupName                  string
	Description                string `json:",omitempty"`
	ScheduleExpression         string
	ScheduleExpressionTimezone string
	StartDate                  operation.Time `json:",omitzero"`
	EndDate                    operation.Time `json:",omitzero"`
	FlexibleTimeWindow         FlexibleTimeWindow
	State                      string
	ActionAfterCompletion      string
	Target                     Target
	CreationDate               operation.Time
	LastModificationDate       operation.Time
}

// GetSchedule tells of a schedule.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html
func (s *Service) GetSchedule(ctx context.Context, in *OneInput) (*GetScheduleOutput, error) {
	x, err := s.events.Schedule(in.id(ctx))
	if err != nil {
		return nil, missing("Schedule %s does not exist.", in.Name)
	}
	out := &GetScheduleOutput{Arn: x.ARN(), Name: x.Name, GroupName: x.Group, Description: x.Description,
		ScheduleExpression: x.Expression, ScheduleExpressionTimezone: x.Zone, StartDate: operation.Time{Time: x.Start},
		EndDate: operation.Time{Time: x.End}, FlexibleTimeWindow: FlexibleTimeWindow{Mode: "OFF"}, State: x.State,
		ActionAfterCompletion: x.AfterCompletion, CreationDate: operation.Time{Time: x.Created},
		LastModificationDate: operation.Time{Time: x.Modified},
		Target:               Target{Arn: x.Target.ARN, RoleArn: x.Target.Role, Input: x.Target.Input}}
	if x.Window > 0 {
		out.FlexibleTimeWindow = FlexibleTimeWindow{"FLEXIBLE", x.Window}
	}
	if x.Target.DeadLetter != "" {
		out.Target.DeadLetterConfig = &DeadLetterConfig{x.Target.DeadLetter}
	}
	out.Target.RetryPolicy = retryPolicy(x.Target.Retry)
	if b := x.Target.Bus; b != nil {
		out.Target.EventBridgeParameters = &EventBridgeParameters{b.Type, b.Source}
	}
	if x.Target.Group != "" {
		out.Target.SqsParameters = &SqsParameters{x.Target.Group}
	}
	return out, nil
}

// retryPolicy fills in what AWS does.
func retryPolicy(p *event.RetryPolicy) *RetryPolicy {
	attempts, age := 185, int(24*time.Hour/time.Second)
	if p != nil && p.Attempts != nil {
		attempts = *p.Attempts
	}
	if p != nil && p.Age > 0 {
		age = p.Age
	}
	return &RetryPolicy{&attempts, age}
}

// DeleteSchedule removes a schedule.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_DeleteSchedule.html
func (s *Service) DeleteSchedule(ctx context.Context, in *OneInput) (*None, error) {
	err := s.events.DeleteSchedule(ctx, in.id(ctx))
	if errors.Is(err, event.ErrNotFound) {
		err = missing("Schedule %s does not exist.", in.Name)
	}
	return &None{}, err
}

// ListSchedulesInput is the input of [Service.ListSchedules].
type ListSchedulesInput struct {
	GroupName  string
	NamePrefix string
	State      string
	MaxResults int
	NextToken  string
}

// ListSchedulesOutput is the output of [Service.ListSchedules].
type ListSchedulesOutput struct {
	Schedules []Summary
	NextToken string `json:",omitempty"`
}

// Summary is a schedule in a list.
type Summary struct {
	Arn                  string
	Name                 string
	GroupName            string
	State                string
	Target               TargetSummary
	CreationDate         operation.Time
	LastModificationDate operation.Time
}

// TargetSummary is a target in a list.
type TargetSummary struct{ Arn string }

// ListSchedules lists schedules by group and name.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListSchedules.html
func (s *Service) ListSchedules(ctx context.Context, in *ListSchedulesInput) (*ListSchedulesOutput, error) {
	if in.GroupName != "" {
		if _, err := s.events.Group(scope(ctx), in.GroupName); err != nil {
			return nil, missing("Schedule group %s does not exist.", in.GroupName)
		}
	}
	var all []event.Schedule
	for _, x := range s.events.Schedules(scope(ctx), in.GroupName) {
		if strings.HasPrefix(x.Name, in.NamePrefix) && (in.State == "" || in.State == x.State) {
			all = append(all, x)
		}
	}
	list, next, err := cut(all, func(x event.Schedule) string { return x.Group + "|" + x.Name }, in.NextToken, in.MaxResults)
	out := &ListSchedulesOutput{Schedules: []Summary{}, NextToken: next}
	for _, x := range list {
		out.Schedules = append(out.Schedules, Summary{x.ARN(), x.Name, x.Group, x.State, TargetSummary{x.Target.ARN},
			operation.Time{Time: x.Created}, operation.Time{Time: x.Modified}})
	}
	return out, err
}
