package events

import (
	"context"
	"errors"
	"strings"

	"salamander/event"
	"salamander/operation"
)

// DeadLetterConfig names a queue.
type DeadLetterConfig struct {
	Arn string `json:"Arn,omitempty"`
}

func (d *DeadLetterConfig) arn() string {
	if d == nil {
		return ""
	}
	return d.Arn
}

func deadLetter(arn string) *DeadLetterConfig {
	if arn == "" {
		return nil
	}
	return &DeadLetterConfig{arn}
}

// CreateEventBusInput is the input of [Service.CreateEventBus].
type CreateEventBusInput struct {
	Name             string
	Description      string
	DeadLetterConfig *DeadLetterConfig
	Tags             []Tag
}

// CreateEventBusOutput is the output of [Service.CreateEventBus].
type CreateEventBusOutput struct {
	EventBusArn      string
	Description      string            `json:",omitempty"`
	DeadLetterConfig *DeadLetterConfig `json:",omitempty"`
}

// CreateEventBus makes a bus.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html
func (s *Service) CreateEventBus(ctx context.Context, in *CreateEventBusInput) (*CreateEventBusOutput, error) {
	if strings.Contains(in.Name, "/") {
		return nil, invalid("Event bus name must not contain '/'.")
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	b := event.Bus{Scope: scope(ctx), Name: in.Name, Description: in.Description, DeadLetter: in.DeadLetterConfig.arn(), Tags: tags}
	err = s.events.CreateBus(ctx, b)
	if errors.Is(err, event.ErrExists) {
		return nil, operation.Errorf("ResourceAlreadyExistsException", "Event bus %s already exists.", in.Name)
	}
	return &CreateEventBusOutput{b.ARN(), b.Description, deadLetter(b.DeadLetter)}, err
}

// BusInput is the input of operations on one bus.
type BusInput struct{ Name string }

// DeleteEventBus removes a bus without rules; one that is not there is no
// error.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteEventBus.html
func (s *Service) DeleteEventBus(ctx context.Context, in *BusInput) (*None, error) {
	if in.Name == event.DefaultBus {
		return nil, invalid("Cannot delete event bus default.")
	}
	err := s.events.DeleteBus(ctx, scope(ctx), in.Name)
	if errors.Is(err, event.ErrInUse) {
		return nil, invalid("Cannot delete event bus %s since it has rules.", in.Name)
	}
	return &None{}, err
}

// DescribeEventBusOutput is the output of [Service.DescribeEventBus].
type DescribeEventBusOutput struct {
	Name             string
	Arn              string
	Description      string            `json:",omitempty"`
	DeadLetterConfig *DeadLetterConfig `json:",omitempty"`
	CreationTime     operation.Time    `json:",omitzero"`
	LastModifiedTime operation.Time    `json:",omitzero"`
}

func describeBus(b event.Bus) DescribeEventBusOutput {
	return DescribeEventBusOutput{b.Name, b.ARN(), b.Description, deadLetter(b.DeadLetter), operation.Time{Time: b.Created}, operation.Time{Time: b.Modified}}
}

// DescribeEventBus tells of a bus, the default one when it names none.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html
func (s *Service) DescribeEventBus(ctx context.Context, in *BusInput) (*DescribeEventBusOutput, error) {
	name, err := busName(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	b, err := s.events.Bus(scope(ctx), name)
	if err != nil {
		return nil, noBus(name)
	}
	out := describeBus(b)
	return &out, nil
}

// UpdateEventBusInput is the input of [Service.UpdateEventBus].
type UpdateEventBusInput struct {
	Name             string
	Description      *string
	DeadLetterConfig *DeadLetterConfig
}

// UpdateEventBusOutput is the output of [Service.UpdateEventBus].
type UpdateEventBusOutput struct {
	Arn              string
	Name             string
	Description      string            `json:",omitempty"`
	DeadLetterConfig *DeadLetterConfig `json:",omitempty"`
}

// UpdateEventBus changes a bus.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateEventBus.html
func (s *Service) UpdateEventBus(ctx context.Context, in *UpdateEventBusInput) (*UpdateEventBusOutput, error) {
	name, err := busName(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	b, err := s.events.UpdateBus(ctx, scope(ctx), name, func(b *event.Bus) {
		if in.Description != nil {
			b.Description = *in.Description
		}
		if in.DeadLetterConfig != nil {
			b.DeadLetter = in.DeadLetterConfig.Arn
		}
	})
	if errors.Is(err, event.ErrNotFound) {
		return nil, noBus(name)
	}
	return &UpdateEventBusOutput{b.ARN(), b.Name, b.Description, deadLetter(b.DeadLetter)}, err
}

// ListEventBusesInput is the input of [Service.ListEventBuses].
type ListEventBusesInput struct {
	NamePrefix string
	NextToken  string
	Limit      int
}

// ListEventBusesOutput is the output of [Service.ListEventBuses].
type ListEventBusesOutput struct {
	EventBuses []EventBus
	NextToken  string `json:",omitempty"`
}

// EventBus is a bus in a list.
type EventBus struct {
	Name             string
	Arn              string
	Description      string         `json:",omitempty"`
	CreationTime     operation.Time `json:",omitzero"`
	LastModifiedTime operation.Time `json:",omitzero"`
}

// ListEventBuses lists the buses by name.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEventBuses.html
func (s *Service) ListEventBuses(ctx context.Context, in *ListEventBusesInput) (*ListEventBusesOutput, error) {
	list, next, err := cut(s.events.Buses(scope(ctx)), func(b event.Bus) string { return b.Name }, in.NamePrefix, in.NextToken, in.Limit)
	out := &ListEventBusesOutput{EventBuses: []EventBus{}, NextToken: next}
	for _, b := range list {
		out.EventBuses = append(out.EventBuses, EventBus{b.Name, b.ARN(), b.Description, operation.Time{Time: b.Created}, operation.Time{Time: b.Modified}})
	}
	return out, err
}
