package states

import (
	"context"
	"errors"

	"salamander/engine"
	"salamander/operation"
)

// UpdateMapRunInput is the input of [Service.UpdateMapRun]. What is absent
// stays as it is.
type UpdateMapRunInput struct {
	MapRunArn                  string   `json:"mapRunArn"`
	MaxConcurrency             *int64   `json:"maxConcurrency"`
	ToleratedFailurePercentage *float64 `json:"toleratedFailurePercentage"`
	ToleratedFailureCount      *int64   `json:"toleratedFailureCount"`
}

// UpdateMapRunOutput is the output of [Service.UpdateMapRun].
type UpdateMapRunOutput struct{}

// UpdateMapRun changes the limits of a map run that is running.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateMapRun.html
func (s *Service) UpdateMapRun(ctx context.Context, in *UpdateMapRunInput) (*UpdateMapRunOutput, error) {
	if _, err := s.mapRun(ctx, in.MapRunArn); err != nil {
		return nil, err
	}
	invalid := func(text string) (*UpdateMapRunOutput, error) {
		return nil, operation.Errorf("ValidationException", "%s", text)
	}
	switch {
	case in.MaxConcurrency == nil && in.ToleratedFailurePercentage == nil && in.ToleratedFailureCount == nil:
		return invalid("At least one of maxConcurrency, toleratedFailureCount and toleratedFailurePercentage must be specified")
	case in.MaxConcurrency != nil && *in.MaxConcurrency < 0:
		return invalid("maxConcurrency must not be negative")
	case in.ToleratedFailureCount != nil && *in.ToleratedFailureCount < 0:
		return invalid("toleratedFailureCount must not be negative")
	case in.ToleratedFailurePercentage != nil && (*in.ToleratedFailurePercentage < 0 || *in.ToleratedFailurePercentage > 100):
		return invalid("toleratedFailurePercentage must be between 0 and 100")
	}
	err := s.engine.UpdateMapRun(ctx, in.MapRunArn, engine.MapRunUpdate{MaxConcurrency: in.MaxConcurrency,
		ToleratedFailureCount: in.ToleratedFailureCount, ToleratedFailurePercentage: in.ToleratedFailurePercentage})
	if errors.Is(err, engine.ErrMapRunEnded) {
		return invalid("Map Run is not running: '" + in.MapRunArn + "'")
	}
	if err != nil {
		return nil, atEngine(err)
	}
	return &UpdateMapRunOutput{}, nil
}
