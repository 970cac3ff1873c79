package ssm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"salamander/internal/regex"
	"salamander/operation"
	"salamander/secret"
)

// PutParameterInput is the input of PutParameter.
type PutParameterInput struct {
	Name           string
	Description    string
	Value          string
	Type           string
	KeyId          string
	Overwrite      bool
	AllowedPattern string
	Tags           []Tag
	Tier           string
	Policies       string
	DataType       string
}

// PutParameterOutput is the output of PutParameter.
type PutParameterOutput struct {
	Version int64
	Tier    string
}

// maxVersions is how many versions a parameter has at most.
const maxVersions = 100

// PutParameter makes a parameter, or adds a version to one.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
func (s *Service) PutParameter(ctx context.Context, in *PutParameterInput) (*PutParameterOutput, error) {
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	tier, err := in.check()
	if err != nil {
		return nil, err
	}
	out := &PutParameterOutput{Tier: tier}
	return out, s.update(ctx, func(rec secret.Records) error {
		p := secret.Parameter{}
		err := rec.Get(secret.KindParameter, in.Name, &p)
		switch {
		case errors.Is(err, secret.ErrNoRecord):
			p = secret.Parameter{Name: in.Name, Scope: scope(ctx)}
			for _, t := range in.Tags {
				if p.Tags == nil {
					p.Tags = map[string]string{}
				}
				p.Tags[t.Key] = t.Value
			}
		case err != nil:
			return err
		case !in.Overwrite:
			return operation.Errorf("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
		case len(in.Tags) > 0:
			return invalid("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
		}
		v, err := s.version(ctx, p, in, tier)
		if err != nil {
			return err
		}
		p.Versions = append(p.Versions, v)
		if len(p.Versions) > maxVersions {
			if len(p.Versions[0].Labels) > 0 {
				return operation.Errorf("ParameterMaxVersionLimitExceeded", "You attempted to create a new version of %s by calling the PutParameter API with the overwrite flag. Version %d, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.", p.Name, p.Versions[0].Number)
			}
			p.Versions = p.Versions[1:]
		}
		out.Version = v.Number
		return rec.Put(secret.KindParameter, p.Name, p)
	})
}

// version makes the next version of a parameter.
func (s *Service) version(ctx context.Context, p secret.Parameter, in *PutParameterInput, tier string) (secret.ParameterVersion, error) {
	v := secret.ParameterVersion{Number: 1, Type: in.Type, Value: in.Value, Description: in.Description, Pattern: in.AllowedPattern,
		Tier: tier, DataType: "text", User: operation.CallerOf(ctx).Principal, Changed: s.now().UTC()}
	if len(p.Versions) > 0 {
		last := p.Last()
		v.Number = last.Number + 1
		if v.Type == "" {
			v.Type = last.Type
		}
		if in.Tier == "" {
			v.Tier = last.Tier
		}
	}
	if v.Type == "" {
		return v, invalid("A parameter type is required when you create a parameter.")
	}
	if v.Type == secureString {
		v.Sealed, v.Value = s.box.Seal(place(p, v.Number), []byte(in.Value)), ""
	}
	return v, nil
}

func place(p secret.Parameter, version int64) string { return fmt.Sprintf("%s %d", p.ARN(), version) }

// check judges the members of a version and returns its tier.
func (in *PutParameterInput) check() (tier string, err error) {
	refuse := func(what string) error { return operation.NotImplemented("ssm", "PutParameter", what) }
	switch {
	case in.Policies != "" && in.Policies != "[]":
		return "", refuse("the member Policies")
	case in.KeyId != "" && in.KeyId != defaultKey:
		return "", refuse("the member KeyId (there is no KMS)")
	case in.DataType != "" && in.DataType != "text":
		return "", refuse("the data type " + in.DataType)
	case in.Type != "" && !slices.Contains([]string{plainString, stringList, secureString}, in.Type):
		return "", operation.Errorf("UnsupportedParameterType", "The parameter type %s isn't supported.", in.Type)
	case in.Value == "":
		return "", invalid("1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1")
	}
	switch in.Tier {
	case "", "Standard":
		tier = "Standard"
	case "Advanced":
		tier = "Advanced"
	case "Intelligent-Tiering":
		if tier = "Standard"; len(in.Value) > 4096 {
			tier = "Advanced"
		}
	default:
		return "", invalid("Invalid tier %s.", in.Tier)
	}
	if limit := map[string]int{"Standard": 4096, "Advanced": 8192}[tier]; len(in.Value) > limit {
		if tier == "Standard" {
			return "", invalid("Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html")
		}
		return "", invalid("Advanced tier parameters support a maximum parameter value of %d characters.", limit)
	}
	return tier, in.checkPattern()
}

// maxSteps bounds the match of a pattern.
const maxSteps = 1_000_000

// checkPattern holds the value, or each of a list, to the pattern.
func (in *PutParameterInput) checkPattern() error {
	if in.AllowedPattern == "" {
		return nil
	}
	re, err := regex.Compile(in.AllowedPattern, 0)
	if err != nil {
		return operation.Errorf("InvalidAllowedPatternException", "The pattern %s is not a valid regular expression.", in.AllowedPattern)
	}
	values := []string{in.Value}
	if in.Type == stringList {
		values = strings.Split(in.Value, ",")
	}
	for _, v := range values {
		steps := maxSteps
		match, err := re.Match([]rune(v), 0, &steps)
		if err != nil || match == nil {
			return operation.Errorf("ParameterPatternMismatchException", "Parameter value, cannot be validated against allowedPattern: %s", in.AllowedPattern)
		}
	}
	return nil
}

// DeleteParameterInput is the input of DeleteParameter.
type DeleteParameterInput struct{ Name string }

// DeleteParameter removes a parameter.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html
func (s *Service) DeleteParameter(ctx context.Context, in *DeleteParameterInput) (*None, error) {
	return &None{}, s.update(ctx, func(rec secret.Records) error {
		p, err := get(rec, nameOf(ctx, rec, in.Name))
		if err != nil {
			return err
		}
		return rec.Delete(secret.KindParameter, p.Name)
	})
}

// DeleteParametersInput is the input of DeleteParameters.
type DeleteParametersInput struct{ Names []string }

// DeleteParametersOutput is the output of DeleteParameters.
type DeleteParametersOutput struct {
	DeletedParameters []string
	InvalidParameters []string
}

// DeleteParameters removes up to ten parameters.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameters.html
func (s *Service) DeleteParameters(ctx context.Context, in *DeleteParametersInput) (*DeleteParametersOutput, error) {
	out := &DeleteParametersOutput{}
	return out, s.update(ctx, func(rec secret.Records) error {
		*out = DeleteParametersOutput{[]string{}, []string{}}
		for _, name := range in.Names {
			p, err := get(rec, nameOf(ctx, rec, name))
			if err != nil {
				if operation.AsError(err).Code != "ParameterNotFound" {
					return err
				}
				out.InvalidParameters = append(out.InvalidParameters, name)
				continue
			}
			if err := rec.Delete(secret.KindParameter, p.Name); err != nil {
				return err
			}
			out.DeletedParameters = append(out.DeletedParameters, name)
		}
		return nil
	})
}

// LabelInput is the input of operations on the labels of a version.
type LabelInput struct {
	Name             string
	ParameterVersion int64
	Labels           []string
}

// LabelOutput is the output of LabelParameterVersion.
type LabelOutput struct {
	InvalidLabels    []string
	ParameterVersion int64
}

func versionAt(p *secret.Parameter, number int64) (*secret.ParameterVersion, error) {
	if number == 0 {
		return &p.Versions[len(p.Versions)-1], nil
	}
	for i := range p.Versions {
		if p.Versions[i].Number == number {
			return &p.Versions[i], nil
		}
	}
	return nil, noVersion(p.Name, strconv.FormatInt(number, 10))
}

// LabelParameterVersion gives labels to a version; another that has one
// loses it.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html
func (s *Service) LabelParameterVersion(ctx context.Context, in *LabelInput) (*LabelOutput, error) {
	out := &LabelOutput{}
	return out, s.change(ctx, in.Name, func(p *secret.Parameter) error {
		*out = LabelOutput{InvalidLabels: []string{}}
		v, err := versionAt(p, in.ParameterVersion)
		if err != nil {
			return err
		}
		out.ParameterVersion = v.Number
		for _, label := range in.Labels {
			lower := strings.ToLower(label)
			if !nameForm.MatchString(label) || len(label) > 100 || label[0] >= '0' && label[0] <= '9' || strings.HasPrefix(lower, "aws") || strings.HasPrefix(lower, "ssm") {
				out.InvalidLabels = append(out.InvalidLabels, label)
				continue
			}
			for i := range p.Versions {
				w := &p.Versions[i]
				w.Labels = slices.DeleteFunc(w.Labels, func(l string) bool { return l == label })
			}
			v.Labels = append(v.Labels, label)
		}
		if len(v.Labels) > 10 {
			return operation.Errorf("ParameterVersionLabelLimitExceeded", "A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.")
		}
		return nil
	})
}

// UnlabelOutput is the output of UnlabelParameterVersion.
type UnlabelOutput struct {
	RemovedLabels []string
	InvalidLabels []string
}

// UnlabelParameterVersion takes labels from a version.
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UnlabelParameterVersion.html
func (s *Service) UnlabelParameterVersion(ctx context.Context, in *LabelInput) (*UnlabelOutput, error) {
	out := &UnlabelOutput{}
	return out, s.change(ctx, in.Name, func(p *secret.Parameter) error {
		*out = UnlabelOutput{[]string{}, []string{}}
		v, err := versionAt(p, in.ParameterVersion)
		if err != nil {
			return err
		}
		for _, label := range in.Labels {
			if !slices.Contains(v.Labels, label) {
				out.InvalidLabels = append(out.InvalidLabels, label)
				continue
			}
			out.RemovedLabels = append(out.RemovedLabels, label)
			v.Labels = slices.DeleteFunc(v.Labels, func(l string) bool { return l == label })
		}
		return nil
	})
}
