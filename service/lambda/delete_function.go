package lambda

import "context"

// DeleteFunctionOutput is the output of DeleteFunction.
type DeleteFunctionOutput struct{ StatusCode int }

// DeleteFunction removes a function.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
func (s *Service) DeleteFunction(ctx context.Context, in *GetFunctionInput) (*DeleteFunctionOutput, error) {
	k, err := key(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if in.Qualifier == "$LATEST" {
		return nil, invalid("$LATEST version cannot be deleted without deleting the function.")
	}
	if err := s.functions.Delete(ctx, k); err != nil {
		return nil, translate(k, err)
	}
	return &DeleteFunctionOutput{204}, nil
}
