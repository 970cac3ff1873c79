package lambda

import "context"

// GetFunctionConfiguration answers a function.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
func (s *Service) GetFunctionConfiguration(ctx context.Context, in *GetFunctionInput) (*Configuration, error) {
	out, err := s.GetFunction(ctx, in)
	if err != nil {
		return nil, err
	}
	return out.Configuration, nil
}
