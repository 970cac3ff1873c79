package lambda

import "context"

// GetFunctionInput is the input of GetFunction and GetFunctionConfiguration.
type GetFunctionInput struct {
	FunctionName string
	Qualifier    string
}

// CodeLocation is where a function's package is.
type CodeLocation struct{ RepositoryType string }

// GetFunctionOutput is the output of GetFunction.
type GetFunctionOutput struct {
	Configuration *Configuration
	Code          CodeLocation
	Tags          map[string]string `json:",omitempty"`
}

// GetFunction answers a function and its tags. Its package cannot be
// downloaded.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
func (s *Service) GetFunction(ctx context.Context, in *GetFunctionInput) (*GetFunctionOutput, error) {
	k, q, err := key(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	fn, err := s.functions.Qualified(ctx, k, q)
	if err != nil {
		return nil, translateQualified(k, q, err)
	}
	if fn.Version != "" { // tags are the function's, not its versions'
		latest, err := s.functions.Get(ctx, k)
		if err != nil {
			return nil, translate(k, err)
		}
		fn.Tags = latest.Tags
	}
	return &GetFunctionOutput{Configuration: configuration(fn, q), Code: CodeLocation{"S3"}, Tags: fn.Tags}, nil
}
