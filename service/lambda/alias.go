package lambda

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"salamander/function"
	"salamander/operation"
)

// RoutingConfig is the second version of an alias and its share.
type RoutingConfig struct {
	AdditionalVersionWeights map[string]float64 `json:",omitempty"`
}

// AliasConfiguration is an alias as operations answer it.
type AliasConfiguration struct {
	AliasArn        string
	Name            string
	FunctionVersion string
	Description     string
	RoutingConfig   *RoutingConfig `json:",omitempty"`
	RevisionId      string
}

func aliasConfiguration(a function.Alias) *AliasConfiguration {
	c := &AliasConfiguration{AliasArn: a.ARN(), Name: a.Alias, FunctionVersion: a.Version, Description: a.Description, RevisionId: a.Revision}
	if a.Other != "" {
		c.RoutingConfig = &RoutingConfig{map[string]float64{a.Other: a.Weight}}
	}
	return c
}

// AliasInput is the input of CreateAlias and UpdateAlias. Members that are
// nil stay as they are.
type AliasInput struct {
	FunctionName    string
	Name            string
	FunctionVersion *string
	Description     *string
	RoutingConfig   *RoutingConfig
}

var (
	aliasPattern   = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)
	numberPattern  = regexp.MustCompile(`^[0-9]+$`)
	versionPattern = regexp.MustCompile(`^(\$LATEST|[0-9]+)$`)
)

// apply changes a as the input says, and checks what comes out.
func (in AliasInput) apply(a *function.Alias) error {
	set(&a.Version, in.FunctionVersion)
	set(&a.Description, in.Description)
	if r := in.RoutingConfig; r != nil {
		a.Other, a.Weight = "", 0
		if len(r.AdditionalVersionWeights) > 1 {
			return invalid("An alias can point to a maximum of two Lambda function versions.")
		}
		for v, w := range r.AdditionalVersionWeights {
			a.Other, a.Weight = v, w
		}
	}
	const text = "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: %s"
	switch {
	case !versionPattern.MatchString(a.Version):
		return fail("ValidationException", 400, text, a.Version, "functionVersion", `(\$LATEST|[0-9]+)`)
	case a.Other == "":
	case !numberPattern.MatchString(a.Other) && a.Other != function.Latest:
		return fail("ValidationException", 400, text, a.Other, "routingConfig.additionalVersionWeights", "[0-9]+")
	case a.Weight < 0 || a.Weight > 1:
		return fail("ValidationException", 400, "1 validation error detected: Value '%g' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Member must have value between 0.0 and 1.0", a.Weight)
	case a.Other == function.Latest || a.Version == function.Latest:
		return invalid("$LATEST is not supported for an alias pointing to more than 1 version")
	case a.Other == a.Version:
		return invalid("Invalid function version %s. Function version %s is already included in routing configuration.", a.Version, a.Other)
	}
	return nil
}

// missing names the version that an alias points to in vain, where err says
// that something is missing.
func (s *Service) missing(ctx context.Context, k function.Key, err error, a function.Alias) error {
	if !errors.Is(err, function.ErrNotFound) {
		return translate(k, err)
	}
	for _, v := range []string{a.Version, a.Other} {
		if v == "" || v == function.Latest {
			continue
		}
		if _, err := s.functions.Qualified(ctx, k, v); errors.Is(err, function.ErrNotFound) {
			return notFound(k, ":"+v)
		}
	}
	return notFound(k, "")
}

func aliasMissing(k function.Key, name string) error {
	return fail("ResourceNotFoundException", 404, "Cannot find alias arn: %s", function.Alias{Key: k, Alias: name}.ARN())
}

// CreateAlias gives a version a name.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html
func (s *Service) CreateAlias(ctx context.Context, in *AliasInput) (*AliasConfiguration, error) {
	k, err := unqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	if !aliasPattern.MatchString(in.Name) || numberPattern.MatchString(in.Name) {
		return nil, fail("ValidationException", 400, "1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)", in.Name)
	}
	a := function.Alias{Key: k, Alias: in.Name, Creation: operation.NewID(ctx)}
	if err := in.apply(&a); err != nil {
		return nil, err
	}
	made, err := s.functions.CreateAlias(ctx, a)
	if errors.Is(err, function.ErrExists) {
		return nil, fail("ResourceConflictException", 409, "Alias already exists: %s", a.ARN())
	} else if err != nil {
		return nil, s.missing(ctx, k, err, a)
	}
	return aliasConfiguration(made), nil
}

// UpdateAliasInput is the input of UpdateAlias.
type UpdateAliasInput struct {
	AliasInput
	RevisionId string
}

// UpdateAlias points an alias to another version, or changes its weights.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html
func (s *Service) UpdateAlias(ctx context.Context, in *UpdateAliasInput) (*AliasConfiguration, error) {
	k, err := unqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	var tried function.Alias
	a, err := s.functions.UpdateAlias(ctx, k, in.Name, operation.NewID(ctx), in.RevisionId, func(a *function.Alias) error {
		err := in.apply(a)
		tried = *a
		return err
	})
	if errors.Is(err, function.ErrNoAlias) {
		return nil, aliasMissing(k, in.Name)
	} else if err != nil {
		return nil, s.missing(ctx, k, err, tried)
	}
	return aliasConfiguration(a), nil
}

// AliasName is the input of GetAlias and DeleteAlias.
type AliasName struct {
	FunctionName string
	Name         string
}

// GetAlias answers an alias.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_GetAlias.html
func (s *Service) GetAlias(ctx context.Context, in *AliasName) (*AliasConfiguration, error) {
	k, err := unqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	a, err := s.functions.Alias(ctx, k, in.Name)
	if errors.Is(err, function.ErrNoAlias) {
		return nil, aliasMissing(k, in.Name)
	} else if err != nil {
		return nil, translate(k, err)
	}
	return aliasConfiguration(a), nil
}

// None is the output of operations that answer nothing.
type None struct{}

// DeleteAlias removes an alias. One that is not there is removed already.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_DeleteAlias.html
func (s *Service) DeleteAlias(ctx context.Context, in *AliasName) (*None, error) {
	k, err := unqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	if err := s.functions.DeleteAlias(ctx, k, in.Name); err != nil && !errors.Is(err, function.ErrNoAlias) {
		return nil, translate(k, err)
	}
	return &None{}, nil
}

// ListAliasesInput is the input of ListAliases.
type ListAliasesInput struct {
	FunctionName    string
	FunctionVersion string
	Marker          string
	MaxItems        int
}

// ListAliasesOutput is the output of ListAliases.
type ListAliasesOutput struct {
	NextMarker string `json:",omitempty"`
	Aliases    []*AliasConfiguration
}

// ListAliases answers the aliases of a function by name, 50 at a time.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_ListAliases.html
func (s *Service) ListAliases(ctx context.Context, in *ListAliasesInput) (*ListAliasesOutput, error) {
	k, err := unqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	if _, err := s.functions.Get(ctx, k); err != nil {
		return nil, translate(k, err)
	}
	limit := pageOf(in.MaxItems)
	list, err := s.functions.Aliases(ctx, k, in.FunctionVersion, in.Marker, limit+1)
	if err != nil {
		return nil, err
	}
	out := &ListAliasesOutput{Aliases: []*AliasConfiguration{}}
	for i, a := range list {
		if i == limit {
			out.NextMarker = list[i-1].Alias
			break
		}
		out.Aliases = append(out.Aliases, aliasConfiguration(a))
	}
	return out, nil
}

// suffix returns a qualifier as it ends an ARN.
func suffix(qualifier string) string {
	if qualifier == "" {
		return ""
	}
	return ":" + strings.TrimPrefix(qualifier, ":")
}
