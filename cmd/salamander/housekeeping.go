package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"salamander/operation"
	"salamander/store"
)

// retention reads how long closed executions are kept: "90d", a duration of
// Go's, or "forever".
func retention(text string) (store.Retention, error) {
	if text == "forever" {
		return store.Retention{Keep: -1}, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 {
			return store.Retention{Keep: time.Duration(n) * 24 * time.Hour}, nil
		}
	}
	keep, err := time.ParseDuration(text)
	if err != nil || keep <= 0 {
		return store.Retention{}, fmt.Errorf("retention: need days (90d), a duration (12h) or forever, not %q", text)
	}
	return store.Retention{Keep: keep}, nil
}

// keepHouse deletes and compresses closed executions until ctx ends.
func (a *app) keepHouse(ctx context.Context) error {
	r, err := retention(a.config.Retention)
	if err != nil {
		return err
	}
	go store.NewEngine(a.db).SweepAlways(ctx, r, func(swept store.Swept, err error) {
		switch {
		case err != nil:
			a.log.Error("closed executions could not be swept", "err", err)
		case swept != store.Swept{}:
			a.log.Info("swept closed executions", "expired", swept.Expired, "packed", swept.Packed, "saved", swept.Saved)
		}
	})
	return nil
}

// throttle refuses StartExecution past rate calls a second, as AWS does, with
// as many at once as come in two seconds. 0 lifts it.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-api-action-throttling-general
func throttle(rate float64, now func() time.Time) func(operation.Spec, operation.Handler) operation.Handler {
	b := &bucket{rate: rate, tokens: 2 * rate, at: now()}
	return func(spec operation.Spec, h operation.Handler) operation.Handler {
		if rate <= 0 || spec.Service != "states" || spec.Name != "StartExecution" {
			return h
		}
		return func(ctx context.Context, req *operation.Request) (*operation.Response, error) {
			if !b.take(now()) {
				return nil, operation.Errorf("ThrottlingException", "Rate exceeded")
			}
			return h(ctx, req)
		}
	}
}

// A bucket has a token for each call that may be made now.
type bucket struct {
	rate float64 // tokens a second

	mu     sync.Mutex
	tokens float64
	at     time.Time
}

func (b *bucket) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.tokens = min(2*b.rate, b.tokens+passed*b.rate)
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
