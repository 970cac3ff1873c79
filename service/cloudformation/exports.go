package cloudformation

import "context"

// ListExportsInput is the input of [Service.ListExports].
type ListExportsInput struct{ NextToken string }

// An Export is an output that other stacks may use.
type Export struct{ ExportingStackId, Name, Value string }

// ListExportsOutput is the output of [Service.ListExports].
type ListExportsOutput struct {
	Exports   []Export
	NextToken string `json:",omitempty"`
}

// ListExports lists the exports of all stacks.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListExports.html
func (s *Service) ListExports(ctx context.Context, in *ListExportsInput) (*ListExportsOutput, error) {
	found, err := s.stacks.Exports(ctx, scope(ctx))
	if err != nil {
		return nil, err
	}
	all := []Export{}
	for _, e := range found {
		all = append(all, Export{e.Stack, e.Name, e.Value})
	}
	all, next, err := page(all, 100, in.NextToken)
	return &ListExportsOutput{all, next}, err
}

// ListImportsInput is the input of [Service.ListImports].
type ListImportsInput struct{ ExportName, NextToken string }

// ListImportsOutput is the output of [Service.ListImports].
type ListImportsOutput struct {
	Imports   []string
	NextToken string `json:",omitempty"`
}

// ListImports lists the stacks that use an export.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListImports.html
func (s *Service) ListImports(ctx context.Context, in *ListImportsInput) (*ListImportsOutput, error) {
	users, err := s.stacks.Importers(ctx, scope(ctx), in.ExportName)
	if err != nil {
		return nil, err
	}
	if len(users) == 0 {
		return nil, invalid("Export '%s' is not imported by any stack.", in.ExportName)
	}
	users, next, err := page(users, 100, in.NextToken)
	return &ListImportsOutput{users, next}, err
}
