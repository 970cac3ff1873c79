package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	web "salamander/console"
	"salamander/engine"
	"salamander/logs"
	"salamander/operation"
)

// consoleExecutions lets the console read executions of the server's account.
type consoleExecutions struct {
	*app
}

func executionOf(ex engine.Execution) web.Execution {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	return web.Execution{ARN: ex.ARN, Name: ex.Name, Machine: ex.Machine, Type: ex.Type, Status: ex.Status, Start: ex.Start, Stop: ex.Stop,
		Input: ex.Input, Output: text(ex.Output), Error: text(ex.Error), Cause: text(ex.Cause), Redrives: ex.Redrives, MapRun: ex.MapRun,
		Items: ex.Items, Version: ex.Version, Alias: ex.Alias, Key: ex.Key}
}

// Executions lists executions, the newest first.
func (c consoleExecutions) Executions(ctx context.Context, q web.ExecutionQuery) ([]web.Execution, error) {
	list, err := c.engineStore.Executions(ctx, engine.Query{Machine: q.Machine, MapRun: q.MapRun, Status: q.Status, Before: q.Before, Limit: q.Limit})
	all := make([]web.Execution, 0, len(list))
	for _, ex := range list {
		if ex.Account == defaultAccount {
			all = append(all, executionOf(ex))
		}
	}
	return all, err
}

func (c consoleExecutions) find(ctx context.Context, arn string) (engine.Execution, error) {
	ex, err := c.engineStore.Execution(ctx, arn)
	if errors.Is(err, engine.ErrNotFound) || err == nil && ex.Account != defaultAccount {
		return ex, operation.Errorf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
	}
	return ex, err
}

// Execution returns one.
func (c consoleExecutions) Execution(ctx context.Context, arn string) (web.Execution, error) {
	ex, err := c.find(ctx, arn)
	return executionOf(ex), err
}

// History returns events after an id.
func (c consoleExecutions) History(ctx context.Context, arn string, after int64, limit int) ([]json.RawMessage, error) {
	ex, err := c.find(ctx, arn)
	if err != nil {
		return nil, err
	}
	events, err := c.engineStore.History(ctx, engine.HistoryQuery{Key: ex.Key, After: after, Limit: limit})
	all := make([]json.RawMessage, len(events))
	for i, ev := range events {
		all[i] = ev.Data
	}
	return all, err
}

// Definition returns the text that an execution runs.
func (c consoleExecutions) Definition(ctx context.Context, arn string) (string, error) {
	ex, err := c.find(ctx, arn)
	if err != nil {
		return "", err
	}
	return c.engineStore.Definition(ctx, ex.Definition)
}

// Updated tells when a state machine, or the one of a version, was changed.
func (c consoleExecutions) Updated(ctx context.Context, arn string) (time.Time, error) {
	m, err := c.engineStore.Machine(ctx, arn)
	if errors.Is(err, engine.ErrNotFound) {
		return time.Time{}, nil // a version never changes
	}
	return m.Updated, err
}

// consoleLogs lets the console read log streams.
type consoleLogs struct{ *app }

// Lines reads lines in order.
func (c consoleLogs) Lines(ctx context.Context, q web.LogQuery) ([]web.LogLine, error) {
	lq := logs.EventQuery{Group: logs.GroupID{Account: defaultAccount, Region: c.config.Region, Group: q.Group}, Limit: q.Limit, Backward: q.Tail}
	if q.Stream != "" {
		lq.Streams = []string{q.Stream}
	}
	if q.After != nil {
		lq.After = &logs.Position{Millis: q.After.Millis, Seq: q.After.Seq}
	}
	events, err := c.logs.Events(ctx, lq)
	if errors.Is(err, logs.ErrNoGroup) || errors.Is(err, logs.ErrNoStream) {
		return nil, nil
	}
	lines := make([]web.LogLine, len(events))
	for i, e := range events {
		at := i
		if q.Tail {
			at = len(events) - 1 - i
		}
		p := e.Position()
		lines[at] = web.LogLine{At: web.LogPosition{Millis: p.Millis, Seq: p.Seq}, Stream: e.Stream, Message: e.Message}
	}
	return lines, err
}
