package engine

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"salamander/asl"
)

// ErrNoTask means that the task of a token has ended, timed out, or never was.
var ErrNoTask = errors.New("engine: no open task has this token")

// tokens finds open tasks by their tokens.
type tokens struct {
	mu  sync.Mutex
	all map[string]holder
}

type holder struct {
	a  *actor
	id int64
}

func (t *tokens) init() { t.all = map[string]holder{} }

func (t *tokens) add(token string, a *actor, id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all[token] = holder{a, id}
}

func (t *tokens) remove(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, token)
}

func (t *tokens) get(token string) (holder, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h, ok := t.all[token]
	return h, ok
}

// TaskSuccess ends the task of a token with its output, a JSON text.
func (e *Engine) TaskSuccess(ctx context.Context, token string, output json.RawMessage) error {
	return e.byToken(ctx, token, asl.Event{Kind: asl.TaskSucceeded, Output: output})
}

// TaskFailure ends the task of a token with an error. Members that are nil
// are absent in the history too.
func (e *Engine) TaskFailure(ctx context.Context, token string, errorName, cause *string) error {
	ev := asl.Event{Kind: asl.TaskFailed, NoError: errorName == nil, NoCause: cause == nil}
	if errorName != nil {
		ev.Error = *errorName
	}
	if cause != nil {
		ev.Cause = *cause
	}
	return e.byToken(ctx, token, ev)
}

// TaskHeartbeat tells that the task of a token is alive.
func (e *Engine) TaskHeartbeat(ctx context.Context, token string) error {
	return e.byToken(ctx, token, asl.Event{Kind: asl.TaskHeartbeat})
}

// FindTask reports whether a token has an open task, by ErrNoTask if not.
func (e *Engine) FindTask(ctx context.Context, token string) error {
	if err := e.await(ctx); err != nil {
		return err
	}
	if _, ok := e.tokens.get(token); !ok {
		return ErrNoTask
	}
	return nil
}

func (e *Engine) byToken(ctx context.Context, token string, ev asl.Event) error {
	if err := e.await(ctx); err != nil {
		return err
	}
	h, ok := e.tokens.get(token)
	if !ok {
		return ErrNoTask
	}
	ev.Command = h.id
	err := h.a.ask(ctx, ev)
	if errors.Is(err, asl.ErrNotAwaited) || errors.Is(err, asl.ErrEnded) {
		return ErrNoTask
	}
	return err
}
