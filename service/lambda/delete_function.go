package lambda

import (
	"context"
	"errors"
	"strings"

	"salamander/function"
)

// DeleteFunctionOutput is the output of DeleteFunction.
type DeleteFunctionOutput struct{ StatusCode int }

// DeleteFunction removes a function with its versions and aliases, or one
// version.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
func (s *Service) DeleteFunction(ctx context.Context, in *GetFunctionInput) (*DeleteFunctionOutput, error) {
	k, q, err := key(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	switch {
	case q == "":
	case q == function.Latest:
		return nil, invalid("$LATEST version cannot be deleted without deleting the function.")
	case !numberPattern.MatchString(q):
		return nil, invalid("%q is an alias or no version; DeleteFunction deletes functions and versions.", q)
	default:
		err := s.functions.DeleteVersion(ctx, k, q)
		if errors.Is(err, function.ErrReferenced) {
			return nil, s.referenced(ctx, k, q)
		} else if err != nil {
			return nil, translateQualified(k, q, err)
		}
		return &DeleteFunctionOutput{204}, nil
	}
	if err := s.functions.Delete(ctx, k); err != nil {
		return nil, translate(k, err)
	}
	return &DeleteFunctionOutput{204}, nil
}

// referenced says that a version has aliases.
func (s *Service) referenced(ctx context.Context, k function.Key, version string) error {
	aliases, err := s.functions.Aliases(ctx, k, version, "", 1000)
	if err != nil {
		return err
	}
	names := make([]string, len(aliases))
	for i, a := range aliases {
		names[i] = a.Alias
	}
	return fail("ResourceConflictException", 409, "Unable to delete version because the following aliases reference it: [%s]", strings.Join(names, ", "))
}
