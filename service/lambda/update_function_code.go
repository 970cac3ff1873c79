package lambda

import (
	"context"

	"salamander/function"
	"salamander/operation"
)

// UpdateFunctionCodeInput is the input of UpdateFunctionCode.
type UpdateFunctionCodeInput struct {
	FunctionName string
	Code
	DryRun     bool
	RevisionId string

	Architectures []string
	Publish       bool
	PublishTo     Other
}

// UpdateFunctionCode gives a function another package, and makes a
// version of it where asked.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
func (s *Service) UpdateFunctionCode(ctx context.Context, in *UpdateFunctionCodeInput) (*Configuration, error) {
	k, err := unqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	if err := refused("UpdateFunctionCode", map[string]bool{"ImageUri": in.ImageUri != "", "PublishTo": in.PublishTo.given(),
		"SourceKMSKeyArn": in.SourceKMSKeyArn != ""}); err != nil {
		return nil, err
	}
	revision := operation.NewID(ctx)
	archive, err := s.archive(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	machine, err := machine(in.Architectures, "")
	if err != nil {
		return nil, err
	}
	fn, err := s.functions.UpdateCode(ctx, k, archive, function.CodeUpdate{
		Revision: revision, Expected: in.RevisionId, Machine: machine, Dry: in.DryRun})
	if err != nil {
		return nil, translate(k, err)
	}
	if in.Publish && !in.DryRun {
		if fn, err = s.publish(ctx, k, function.Publication{}); err != nil {
			return nil, translate(k, err)
		}
	}
	return configuration(fn, fn.Version), nil
}
