package lambda

import (
	"context"

	"salamander/function"
	"salamander/operation"
)

// UpdateFunctionConfigurationInput is the input of
// UpdateFunctionConfiguration.
type UpdateFunctionConfigurationInput struct {
	FunctionName string
	RevisionId   string
	Settings
}

// UpdateFunctionConfiguration changes what a function is run with.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
func (s *Service) UpdateFunctionConfiguration(ctx context.Context, in *UpdateFunctionConfigurationInput) (*Configuration, error) {
	k, err := unqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	if err := in.check("UpdateFunctionConfiguration", function.Function{Key: k}); err != nil {
		return nil, err
	}
	fn, err := s.functions.UpdateConfiguration(ctx, k, operation.NewID(ctx), in.RevisionId, func(f *function.Function) error {
		in.apply(f)
		return nil
	})
	if err != nil {
		return nil, translate(k, err)
	}
	return configuration(fn, ""), nil
}
