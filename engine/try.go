package engine

import (
	"context"
	"encoding/json"
)

// Try runs a task once, outside of any execution: nothing is committed, and a
// failure is a [*TaskError]. The task must end by itself.
func (e *Engine) Try(ctx context.Context, t Task) (json.RawMessage, error) {
	if err := e.await(ctx); err != nil {
		return nil, err
	}
	return e.run(ctx, t, unheard{})
}

// unheard drops reports.
type unheard struct{}

func (unheard) Started()                  {}
func (unheard) Submitted(json.RawMessage) {}
