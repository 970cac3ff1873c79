package main

import (
	"context"
	"encoding/json"

	web "salamander/console"
	"salamander/engine"
	"salamander/logs"
	"salamander/stack"
	"salamander/store"
)

// consoleTopics are the topics of the outbox that the console hears of, and
// what each message changes.
var consoleTopics = map[string]func(store.Message) web.Change{
	"states.execution": func(m store.Message) web.Change {
		return web.Change{Topic: "execution", Key: m.Key, Status: statusIn(m.Payload)}
	},
	store.BatchTopic: func(m store.Message) web.Change {
		return web.Change{Topic: "job", Key: m.Key, Status: statusIn(m.Payload)}
	},
	store.ObjectTopic: func(m store.Message) web.Change { return web.Change{Topic: "object", Key: m.Key} },
	"cloudformation.stack": func(m store.Message) web.Change {
		var told stack.Event
		_ = json.Unmarshal(m.Payload, &told) // of another release: no status
		return web.Change{Topic: "stack", Key: m.Key, Status: told.Status}
	},
}

// statusIn is the status that a message tells, if it does.
func statusIn(payload []byte) string {
	var told struct{ Status string }
	_ = json.Unmarshal(payload, &told)
	return told.Status
}

// watchedExecutions tells the console each turn of an execution, once it is
// committed.
type watchedExecutions struct {
	engine.Store
	live *web.Hub
}

// Create stores an execution.
func (s watchedExecutions) Create(ctx context.Context, ex engine.Execution, definition string, first engine.Turn) (int64, error) {
	key, err := s.Store.Create(ctx, ex, definition, first)
	if err == nil {
		s.tell(first, ex.ARN, engine.Running)
	}
	return key, err
}

// Commit stores a turn.
func (s watchedExecutions) Commit(ctx context.Context, t engine.Turn) error {
	err := s.Store.Commit(ctx, t)
	if err == nil {
		s.tell(t, t.ARN, "")
	}
	return err
}

// CreateEnded stores children of a map run, which tells of the map run: of the
// children there may be a million.
func (s watchedExecutions) CreateEnded(ctx context.Context, definition string, children []engine.Birth) (int64, error) {
	first, err := s.Store.CreateEnded(ctx, definition, children)
	if err == nil {
		s.live.Publish(web.Change{Topic: "maprun", Key: children[0].Execution.MapRun})
	}
	return first, err
}

// PutMapRun stores a map run.
func (s watchedExecutions) PutMapRun(ctx context.Context, r engine.MapRun) error {
	err := s.Store.PutMapRun(ctx, r)
	if err == nil {
		s.live.Publish(web.Change{Topic: "maprun", Key: r.ARN, Status: r.Status})
	}
	return err
}

func (s watchedExecutions) tell(t engine.Turn, arn, status string) {
	if t.Outcome != nil {
		status = t.Outcome.Status
	}
	s.live.Publish(web.Change{Topic: "execution", Key: arn, Status: status})
}

// watchedLogs tells the console which log streams have new lines.
type watchedLogs struct {
	logs.Store
	live *web.Hub
}

// Append adds events to a stream.
func (s watchedLogs) Append(ctx context.Context, g logs.GroupID, stream string, events []logs.Event, create bool) error {
	err := s.Store.Append(ctx, g, stream, events, create)
	if err == nil {
		s.live.Publish(web.LogChange(g.Group, stream))
	}
	return err
}
