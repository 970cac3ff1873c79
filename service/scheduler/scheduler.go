// Package scheduler is the operations of Amazon EventBridge Scheduler.
package scheduler

import (
	"context"
	"strings"

	"salamander/event"
	"salamander/internal/pagetoken"
	"salamander/operation"
)

// A Service is the operations of the scheduler.
type Service struct{ events *event.Events }

// New returns the service over e.
func New(e *event.Events) *Service { return &Service{e} }

// Register registers the operations of s.
func Register(r *operation.Registry, s *Service) {
	spec := operation.SpecsOf("scheduler")
	const targets = "state machines, functions, Batch by aws-sdk, topics, queues, buses and any operation by aws-sdk; keys, streams, containers and pipelines are refused"
	operation.Register(r, spec("CreateSchedule", true, targets), s.CreateSchedule)
	operation.Register(r, spec("UpdateSchedule", true, targets), s.UpdateSchedule)
	operation.Register(r, spec("GetSchedule", false, ""), s.GetSchedule)
	operation.Register(r, spec("DeleteSchedule", true, ""), s.DeleteSchedule)
	operation.Register(r, spec("ListSchedules", false, ""), s.ListSchedules)
	operation.Register(r, spec("CreateScheduleGroup", true, ""), s.CreateScheduleGroup)
	operation.Register(r, spec("GetScheduleGroup", false, ""), s.GetScheduleGroup)
	operation.Register(r, spec("DeleteScheduleGroup", true, "its schedules go at once"), s.DeleteScheduleGroup)
	operation.Register(r, spec("ListScheduleGroups", false, ""), s.ListScheduleGroups)
	operation.Register(r, spec("ListTagsForResource", false, ""), s.ListTagsForResource)
	operation.Register(r, spec("TagResource", true, ""), s.TagResource)
	operation.Register(r, spec("UntagResource", true, ""), s.UntagResource)
}

// None is the output of operations that answer nothing.
type None struct{}

func scope(ctx context.Context) event.Scope {
	c := operation.CallerOf(ctx)
	return event.Scope{Account: c.Account, Region: c.Region}
}

func invalid(format string, args ...any) *operation.Error {
	return operation.Errorf("ValidationException", format, args...)
}

func missing(format string, args ...any) error {
	e := operation.Errorf("ResourceNotFoundException", format, args...)
	e.Status = 404
	return e
}

func conflict(format string, args ...any) error {
	e := operation.Errorf("ConflictException", format, args...)
	e.Status = 409
	return e
}

type place struct {
	After string `json:"after"`
}

// cut returns the part of a list that a token and a limit ask for, and the
// token of the next. name rises.
func cut[T any](list []T, name func(T) string, token string, limit int) ([]T, string, error) {
	var p place
	if pagetoken.Decode(token, &p) != nil {
		return nil, "", invalid("Invalid NextToken.")
	}
	if limit == 0 {
		limit = 100
	}
	var out []T
	for _, x := range list {
		if strings.Compare(name(x), p.After) <= 0 && p.After != "" {
			continue
		}
		if len(out) == limit {
			return out, pagetoken.Encode(place{name(out[limit-1])}), nil
		}
		out = append(out, x)
	}
	return out, "", nil
}
