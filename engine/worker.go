package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"salamander/asl"
)

// An ActivityTask is a task in the hands of a worker.
type ActivityTask struct {
	Token string
	Input json.RawMessage
}

// workers are the queues of activities: tasks that wait for a worker, or
// workers that wait for a task.
type workers struct {
	mu  sync.Mutex
	all map[string]*queue // by activity ARN
}

type queue struct {
	tasks   []queued
	waiting []chan queued // buffered
}

type queued struct {
	a *actor
	o order
}

func (w *workers) init() { w.all = map[string]*queue{} }

func (w *workers) queue(activity string) *queue {
	q := w.all[activity]
	if q == nil {
		q = &queue{}
		w.all[activity] = q
	}
	return q
}

func (w *workers) add(activity string, a *actor, o order) {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := w.queue(activity)
	if len(q.waiting) > 0 {
		q.waiting[0] <- queued{a, o}
		q.waiting = q.waiting[1:]
		return
	}
	q.tasks = append(q.tasks, queued{a, o})
}

func (w *workers) remove(activity string, a *actor, id int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if q := w.all[activity]; q != nil {
		q.tasks = slices.DeleteFunc(q.tasks, func(t queued) bool { return t.a == a && t.o.ID == id })
	}
}

// take returns a task, or a channel that one will come on.
func (w *workers) take(activity string) (queued, chan queued) {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := w.queue(activity)
	if len(q.tasks) > 0 {
		first := q.tasks[0]
		q.tasks = q.tasks[1:]
		return first, nil
	}
	ch := make(chan queued, 1)
	q.waiting = append(q.waiting, ch)
	return queued{}, ch
}

// leave gives up waiting. A task that came meanwhile goes to the next worker.
func (w *workers) leave(activity string, ch chan queued) {
	w.mu.Lock()
	q := w.queue(activity)
	q.waiting = slices.DeleteFunc(q.waiting, func(c chan queued) bool { return c == ch })
	w.mu.Unlock()
	select {
	case t := <-ch:
		w.add(activity, t.a, t.o)
	default:
	}
}

// TakeActivityTask waits for a task of an activity until ctx ends. It returns
// nil when none came. The worker has the task when the start of the task is
// durable.
func (e *Engine) TakeActivityTask(ctx context.Context, activity, worker string) (*ActivityTask, error) {
	if err := e.await(ctx); err != nil {
		return nil, err
	}
	for {
		t, ch := e.workers.take(activity)
		if ch != nil {
			select {
			case t = <-ch:
			case <-ctx.Done():
				e.workers.leave(activity, ch)
				return nil, nil
			case <-e.ctx.Done():
				return nil, ErrClosed
			}
		}
		err := t.a.ask(context.WithoutCancel(ctx), asl.Event{Kind: asl.ActivityStarted, Command: t.o.ID, Worker: worker})
		if errors.Is(err, asl.ErrNotAwaited) || errors.Is(err, asl.ErrEnded) {
			continue // it ended while it waited
		}
		if err != nil {
			return nil, err
		}
		return &ActivityTask{Token: t.o.Token, Input: t.o.cmd.Task.Parameters}, nil
	}
}
