package main

import (
	"context"
	"errors"
	"io"

	"salamander/event"
	"salamander/object"
	"salamander/store"
)

// openEvents connects rules, schedules and triggers. The registry is complete
// when they start.
func (a *app) openEvents() error {
	policies, err := a.config.eventPolicies()
	if err != nil {
		return exitf(exitUsage, "%w", err)
	}
	triggers, err := a.config.eventTriggers()
	if err != nil {
		return exitf(exitUsage, "%w", err)
	}
	a.events, err = event.New(context.Background(), event.Options{Store: store.NewEvents(a.db), Caller: a.registry,
		Policies: policies, Triggers: triggers, Objects: bucketKeys{a.objects}, Log: a.log})
	return err
}

// startEvents listens to what happens inside, and starts the clock. It comes
// before the outbox delivers.
func (a *app) startEvents(ctx context.Context) {
	sources := eventSources{a}
	for topic, read := range map[string]func(context.Context, event.Message) (event.Occurrence, error){
		"states.execution":     sources.execution,
		"batch.job":            sources.job,
		store.ObjectTopic:      sources.object,
		"cloudformation.stack": sources.stack,
	} {
		a.events.Listen(topic, read)
		a.db.Subscribe(topic, func(ctx context.Context, m store.Message) error { return a.events.Take(ctx, m.Topic, m.ID) })
	}
	a.events.Start(ctx)
}

// bucketKeys lets triggers look into buckets.
type bucketKeys struct{ objects *object.Objects }

func (b bucketKeys) List(ctx context.Context, _ event.Scope, bucket, prefix string) (keys []string, err error) {
	opt := object.ListOptions{Prefix: prefix, Max: 1000}
	for {
		page, err := b.objects.List(ctx, bucket, opt)
		if errors.Is(err, object.ErrNoBucket) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		for _, o := range page.Objects {
			keys = append(keys, o.Key)
		}
		if !page.More {
			return keys, nil
		}
		opt.After = page.Last
	}
}

func (b bucketKeys) Read(ctx context.Context, _ event.Scope, bucket, key string, limit int64) ([]byte, error) {
	r, err := b.objects.Open(ctx, bucket, key)
	if errors.Is(err, object.ErrNoBucket) || errors.Is(err, object.ErrNoKey) {
		return nil, event.ErrNoObject
	} else if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, limit))
}
