package lambda

import (
	"context"

	"salamander/operation"
)

// ListFunctionsInput is the input of ListFunctions.
type ListFunctionsInput struct {
	Marker          string
	MaxItems        int
	FunctionVersion string // ALL adds published versions, of which there are none
	MasterRegion    string
}

// ListFunctionsOutput is the output of ListFunctions.
type ListFunctionsOutput struct {
	Functions  []*Configuration
	NextMarker string `json:",omitempty"`
}

// ListFunctions answers the functions of the region by name, 50 at a time.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
func (s *Service) ListFunctions(ctx context.Context, in *ListFunctionsInput) (*ListFunctionsOutput, error) {
	if err := refused("ListFunctions", map[string]bool{"MasterRegion": in.MasterRegion != ""}); err != nil {
		return nil, err
	}
	limit := 50
	if in.MaxItems > 0 {
		limit = min(limit, in.MaxItems)
	}
	caller := operation.CallerOf(ctx)
	list, err := s.functions.List(ctx, caller.Account, caller.Region, in.Marker, limit+1)
	if err != nil {
		return nil, err
	}
	out := &ListFunctionsOutput{Functions: []*Configuration{}}
	for i, fn := range list {
		if i == limit {
			out.NextMarker = list[limit-1].Name
			break
		}
		out.Functions = append(out.Functions, configuration(fn))
	}
	return out, nil
}
