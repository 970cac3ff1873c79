package lambda

import (
	"context"
	"strconv"
	"strings"

	"salamander/function"
	"salamander/operation"
)

// ListFunctionsInput is the input of ListFunctions.
type ListFunctionsInput struct {
	Marker          string
	MaxItems        int
	FunctionVersion string // ALL adds published versions
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
	limit := pageOf(in.MaxItems)
	all := in.FunctionVersion == "ALL"
	if in.FunctionVersion != "" && !all {
		return nil, fail("ValidationException", 400, "1 validation error detected: Value '%s' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]", in.FunctionVersion)
	}
	caller := operation.CallerOf(ctx)
	out := &ListFunctionsOutput{Functions: []*Configuration{}}
	name, version, _ := strings.Cut(in.Marker, ":")
	if version != "" { // the page before ended within the versions of a function
		after, err := strconv.Atoi(version)
		if err != nil {
			return nil, invalid("Invalid marker: %s", in.Marker)
		}
		k := function.Key{Account: caller.Account, Region: caller.Region, Name: name}
		if err := s.addVersions(ctx, out, k, after, limit); err != nil || out.NextMarker != "" {
			return out, err
		}
	}
	list, err := s.functions.List(ctx, caller.Account, caller.Region, name, limit+1)
	if err != nil {
		return nil, err
	}
	for _, fn := range list {
		if len(out.Functions) == limit {
			out.NextMarker = name
			break
		}
		name = fn.Name
		if !all {
			out.Functions = append(out.Functions, configuration(fn, ""))
			continue
		}
		out.Functions = append(out.Functions, configuration(fn, function.Latest))
		if err := s.addVersions(ctx, out, fn.Key, 0, limit); err != nil || out.NextMarker != "" {
			return out, err
		}
	}
	return out, nil
}

// addVersions adds the published versions of a function behind after. Where
// the page is full before their end, it sets the marker.
func (s *Service) addVersions(ctx context.Context, out *ListFunctionsOutput, k function.Key, after, limit int) error {
	list, err := s.functions.Versions(ctx, k, after, limit+1)
	if err != nil {
		return err
	}
	for _, v := range list {
		if len(out.Functions) == limit {
			out.NextMarker = k.Name + ":" + strconv.Itoa(after)
			return nil
		}
		after = v.Number()
		out.Functions = append(out.Functions, configuration(v, v.Version))
	}
	return nil
}
