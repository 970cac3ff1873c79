package cloudformation

import (
	"context"
	"strings"

	"salamander/stack/template"
)

// GetTemplateInput is the input of [Service.GetTemplate].
type GetTemplateInput struct{ StackName, ChangeSetName, TemplateStage string }

// GetTemplateOutput is the output of [Service.GetTemplate].
type GetTemplateOutput struct {
	TemplateBody    string
	StagesAvailable []string
}

// GetTemplate returns the template of a stack or a change set, as it was given
// or with its transforms expanded.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
func (s *Service) GetTemplate(ctx context.Context, in *GetTemplateInput) (*GetTemplateOutput, error) {
	body := ""
	switch {
	case in.ChangeSetName != "":
		set, err := s.stacks.FindChangeSet(ctx, scope(ctx), in.ChangeSetName, in.StackName)
		if err != nil {
			return nil, err
		}
		body = set.Target.Template
	case in.StackName != "":
		st, err := s.stacks.Find(ctx, scope(ctx), in.StackName)
		if err != nil {
			return nil, err
		}
		body = st.Template
	default:
		return nil, invalid("StackName is required.")
	}
	if in.TemplateStage == "Processed" {
		t, err := template.Parse([]byte(body))
		if err != nil {
			return nil, invalid("%s", err)
		}
		if t.Transforms != nil {
			body = t.JSON(true)
		}
	}
	return &GetTemplateOutput{body, []string{"Original", "Processed"}}, nil
}

// TemplateInput is a template, given, in S3, or of a stack.
type TemplateInput struct {
	TemplateBody          string
	TemplateURL           string
	StackName             string
	TemplateSummaryConfig *struct{ TreatUnrecognizedResourceTypesAsWarnings bool }
}

func (s *Service) parse(ctx context.Context, in *TemplateInput) (*template.Template, error) {
	body, err := s.template(ctx, in.TemplateBody, in.TemplateURL)
	if err != nil {
		return nil, err
	}
	if in.StackName != "" {
		if body != "" {
			return nil, invalid("Only one of the parameters can be specified: StackName, TemplateBody, TemplateURL.")
		}
		st, err := s.stacks.Find(ctx, scope(ctx), in.StackName)
		if err != nil {
			return nil, err
		}
		body = st.Template
	}
	if body == "" {
		return nil, invalid("Either Template URL or Template Body must be specified.")
	}
	t, err := template.Parse([]byte(body))
	if err != nil {
		return nil, invalid("%s", err)
	}
	return t, nil
}

// ParameterConstraints are the values that a parameter may have.
type ParameterConstraints struct {
	AllowedValues []string `json:",omitempty"`
}

// A ParameterDeclaration is a parameter of a template.
type ParameterDeclaration struct {
	ParameterKey         string
	DefaultValue         *string `json:",omitempty"`
	ParameterType        string
	NoEcho               bool
	Description          string `json:",omitempty"`
	ParameterConstraints ParameterConstraints
}

// ResourceIdentifierSummary names the resources of a type.
type ResourceIdentifierSummary struct {
	ResourceType       string
	LogicalResourceIds []string
}

// GetTemplateSummaryOutput is the output of [Service.GetTemplateSummary].
type GetTemplateSummaryOutput struct {
	Parameters                  []ParameterDeclaration
	Description                 string   `json:",omitempty"`
	Capabilities                []string `json:",omitempty"`
	CapabilitiesReason          string   `json:",omitempty"`
	ResourceTypes               []string
	Version                     string   `json:",omitempty"`
	Metadata                    string   `json:",omitempty"`
	DeclaredTransforms          []string `json:",omitempty"`
	ResourceIdentifierSummaries []ResourceIdentifierSummary
}

// GetTemplateSummary tells what a template has.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplateSummary.html
func (s *Service) GetTemplateSummary(ctx context.Context, in *TemplateInput) (*GetTemplateSummaryOutput, error) {
	t, err := s.parse(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &GetTemplateSummaryOutput{Parameters: []ParameterDeclaration{}, Description: t.Description, ResourceTypes: t.ResourceTypes(),
		Version: "2010-09-09", Metadata: t.Metadata(), DeclaredTransforms: t.Transforms}
	out.Capabilities, out.CapabilitiesReason = t.Capabilities()
	for _, p := range t.Parameters {
		out.Parameters = append(out.Parameters, ParameterDeclaration{ParameterKey: p.Name, DefaultValue: shown(p), ParameterType: p.Type,
			NoEcho: p.NoEcho, Description: p.Description, ParameterConstraints: ParameterConstraints{p.AllowedValues}})
	}
	for _, typ := range t.ResourceTypes() {
		sum := ResourceIdentifierSummary{ResourceType: typ}
		for _, r := range t.Resources {
			if r.Type == typ {
				sum.LogicalResourceIds = append(sum.LogicalResourceIds, r.ID)
			}
		}
		out.ResourceIdentifierSummaries = append(out.ResourceIdentifierSummaries, sum)
	}
	return out, nil
}

// shown returns a parameter's default, hidden where it must not be seen.
func shown(p *template.Parameter) *string {
	if p.Default != nil && p.NoEcho {
		hidden := "****"
		return &hidden
	}
	return p.Default
}

// A TemplateParameter is a parameter of a template that was validated.
type TemplateParameter struct {
	ParameterKey string
	DefaultValue *string `json:",omitempty"`
	NoEcho       bool
	Description  string `json:",omitempty"`
}

// ValidateTemplateOutput is the output of [Service.ValidateTemplate].
type ValidateTemplateOutput struct {
	Parameters         []TemplateParameter
	Description        string
	Capabilities       []string `json:",omitempty"`
	CapabilitiesReason string   `json:",omitempty"`
	DeclaredTransforms []string `json:",omitempty"`
}

// ValidateTemplateInput is the input of [Service.ValidateTemplate].
type ValidateTemplateInput struct{ TemplateBody, TemplateURL string }

// ValidateTemplate judges a template.
//
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ValidateTemplate.html
func (s *Service) ValidateTemplate(ctx context.Context, in *ValidateTemplateInput) (*ValidateTemplateOutput, error) {
	t, err := s.parse(ctx, &TemplateInput{TemplateBody: in.TemplateBody, TemplateURL: in.TemplateURL})
	if err != nil {
		return nil, err
	}
	out := &ValidateTemplateOutput{Parameters: []TemplateParameter{}, Description: strings.TrimSpace(t.Description), DeclaredTransforms: t.Transforms}
	out.Capabilities, out.CapabilitiesReason = t.Capabilities()
	for _, p := range t.Parameters {
		out.Parameters = append(out.Parameters, TemplateParameter{p.Name, shown(p), p.NoEcho, p.Description})
	}
	return out, nil
}
