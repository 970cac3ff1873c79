package console

import (
	"context"

	"salamander/operation"
)

// Watch returns a wrapper for [operation.Registry.Use] that tells a hub which
// calls have changed something.
func Watch(hub *Hub) func(operation.Spec, operation.Handler) operation.Handler {
	return func(spec operation.Spec, h operation.Handler) operation.Handler {
		if !spec.Mutates {
			return h
		}
		return func(ctx context.Context, req *operation.Request) (*operation.Response, error) {
			resp, err := h(ctx, req)
			if err == nil && hub.readers.Load() > 0 {
				hub.Publish(changed(spec.Service, spec.Name, req.Input))
			}
			return resp, err
		}
	}
}
