package states

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"salamander/engine"
	"salamander/operation"
)

// maxAliases is how many aliases a state machine may have.
const maxAliases = 100

// A RoutingConfigurationItem is a version that an alias points to, and its
// share of the executions in per cent.
type RoutingConfigurationItem struct {
	StateMachineVersionArn string `json:"stateMachineVersionArn"`
	Weight                 int    `json:"weight"`
}

func refersTo(a engine.Alias, version string) bool {
	return slices.ContainsFunc(a.Routes, func(r engine.Route) bool { return r.Version == version })
}

// pick chooses the version that an execution by the alias runs.
func pick(a engine.Alias) string {
	n := rand.IntN(100)
	for _, r := range a.Routes {
		if n -= r.Weight; n < 0 {
			return r.Version
		}
	}
	return a.Routes[len(a.Routes)-1].Version
}

func resourceMissing() error {
	return operation.Errorf("ResourceNotFound", "Request references a resource that does not exist.")
}

// alias finds an alias of a state machine of the caller by its ARN.
func (s *Service) alias(ctx context.Context, text string) (engine.Alias, error) {
	a, err := parseARN(text, "stateMachine")
	if err != nil {
		return engine.Alias{}, err
	}
	if _, kind := unqualified(text); kind != anAlias {
		return engine.Alias{}, invalidARN("Invalid ARN: Not a state machine alias ARN: " + text)
	}
	found, err := engine.Alias{}, engine.ErrNotFound
	if own(ctx, a) {
		found, err = s.store.Alias(ctx, text)
	}
	if errors.Is(err, engine.ErrNotFound) {
		err = resourceMissing()
	}
	return found, err
}

// routes judges a routing configuration: one version, or two of one state
// machine, that share all executions. It returns the state machine's ARN.
func (s *Service) routes(ctx context.Context, items []RoutingConfigurationItem) (machine string, routes []engine.Route, err error) {
	invalid := func(format string, args ...any) (string, []engine.Route, error) {
		return "", nil, operation.Errorf("ValidationException", format, args...)
	}
	var given []string
	weight, versions := 0, true
	for _, item := range items {
		if _, err := parseARN(item.StateMachineVersionArn, "stateMachine"); err != nil {
			return "", nil, err
		}
		of, kind := unqualified(item.StateMachineVersionArn)
		if machine == "" {
			machine = of
		}
		if slices.Contains(given, item.StateMachineVersionArn) {
			return invalid("Routing configuration must not contain a state machine version twice. Received: [%s]", item.StateMachineVersionArn)
		}
		if kind == aVersion && of != machine {
			return invalid("Routing configuration must contain versions of one state machine. Received: [%s]", item.StateMachineVersionArn)
		}
		versions = versions && kind == aVersion
		given = append(given, item.StateMachineVersionArn)
		weight += item.Weight
		routes = append(routes, engine.Route{Version: item.StateMachineVersionArn, Weight: item.Weight})
	}
	if !versions {
		return invalid("Routing configuration must contain state machine version ARNs. Received: [%s]", strings.Join(given, ", "))
	}
	if weight != 100 {
		return invalid("Sum of routing configuration weights must equal 100. Received: %d", weight)
	}
	for _, arn := range given {
		if _, err := s.version(ctx, arn); err != nil {
			if operation.AsError(err).Code == "StateMachineDoesNotExist" {
				err = resourceMissing()
			}
			return "", nil, err
		}
	}
	return machine, routes, nil
}

// CreateStateMachineAliasInput is the input of
// [Service.CreateStateMachineAlias].
type CreateStateMachineAliasInput struct {
	Name                 string                     `json:"name"`
	Description          string                     `json:"description"`
	RoutingConfiguration []RoutingConfigurationItem `json:"routingConfiguration"`
}

// CreateStateMachineAliasOutput is the output of
// [Service.CreateStateMachineAlias].
type CreateStateMachineAliasOutput struct {
	StateMachineAliasArn string         `json:"stateMachineAliasArn"`
	CreationDate         operation.Time `json:"creationDate"`
}

// CreateStateMachineAlias creates an alias of a state machine. One of the
// same name, description and routing is returned as it is; with others it is
// a ConflictException.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachineAlias.html
func (s *Service) CreateStateMachineAlias(ctx context.Context, in *CreateStateMachineAliasInput) (*CreateStateMachineAliasOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	machine, routes, err := s.routes(ctx, in.RoutingConfiguration)
	if err != nil {
		return nil, err
	}
	a := engine.Alias{ARN: machine + ":" + in.Name, Machine: machine, Name: in.Name, Description: in.Description, Routes: routes, Created: s.time()}
	a.Updated = a.Created
	old, err := s.store.Alias(ctx, a.ARN)
	switch {
	case err == nil && (old.Description != a.Description || !slices.Equal(old.Routes, a.Routes)):
		return nil, operation.Errorf("ConflictException", "Failed to create alias because an alias with the same name and a different routing configuration already exists.")
	case err == nil:
		return &CreateStateMachineAliasOutput{old.ARN, operation.Time{Time: old.Created}}, nil
	case !errors.Is(err, engine.ErrNotFound):
		return nil, err
	}
	all, err := s.store.Aliases(ctx, machine, "", maxAliases)
	if err != nil {
		return nil, err
	}
	if len(all) >= maxAliases {
		return nil, operation.Errorf("ServiceQuotaExceededException", "The state machine has %d aliases, the most that it may have", maxAliases)
	}
	return &CreateStateMachineAliasOutput{a.ARN, operation.Time{Time: a.Created}}, s.store.PutAlias(ctx, a)
}

// UpdateStateMachineAliasInput is the input of
// [Service.UpdateStateMachineAlias].
type UpdateStateMachineAliasInput struct {
	StateMachineAliasArn string                     `json:"stateMachineAliasArn"`
	Description          *string                    `json:"description"`
	RoutingConfiguration []RoutingConfigurationItem `json:"routingConfiguration"`
}

// UpdateStateMachineAliasOutput is the output of
// [Service.UpdateStateMachineAlias].
type UpdateStateMachineAliasOutput struct {
	UpdateDate operation.Time `json:"updateDate"`
}

// UpdateStateMachineAlias changes the description or the routing of an alias.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachineAlias.html
func (s *Service) UpdateStateMachineAlias(ctx context.Context, in *UpdateStateMachineAliasInput) (*UpdateStateMachineAliasOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.alias(ctx, in.StateMachineAliasArn)
	if err != nil {
		return nil, err
	}
	if in.Description == nil && len(in.RoutingConfiguration) == 0 {
		return nil, operation.Errorf("ValidationException", "Either the description or the routing configuration must be specified.")
	}
	if in.Description != nil {
		a.Description = *in.Description
	}
	if len(in.RoutingConfiguration) > 0 {
		machine, routes, err := s.routes(ctx, in.RoutingConfiguration)
		if err != nil {
			return nil, err
		}
		if machine != a.Machine {
			return nil, operation.Errorf("ValidationException", "Routing configuration must contain versions of %s. Received: %s", a.Machine, machine)
		}
		a.Routes = routes
	}
	a.Updated = s.time()
	return &UpdateStateMachineAliasOutput{operation.Time{Time: a.Updated}}, s.store.PutAlias(ctx, a)
}

// AliasInput names an alias.
type AliasInput struct {
	StateMachineAliasArn string `json:"stateMachineAliasArn"`
}

// DeleteStateMachineAliasOutput is the output of
// [Service.DeleteStateMachineAlias].
type DeleteStateMachineAliasOutput struct{}

// DeleteStateMachineAlias removes an alias. One that is not there is no
// error.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachineAlias.html
func (s *Service) DeleteStateMachineAlias(ctx context.Context, in *AliasInput) (*DeleteStateMachineAliasOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.alias(ctx, in.StateMachineAliasArn)
	if err != nil {
		if operation.AsError(err).Code == "ResourceNotFound" {
			err = nil
		}
		return &DeleteStateMachineAliasOutput{}, err
	}
	return &DeleteStateMachineAliasOutput{}, s.store.DeleteAlias(ctx, a.ARN)
}

// DescribeStateMachineAliasOutput is the output of
// [Service.DescribeStateMachineAlias].
type DescribeStateMachineAliasOutput struct {
	StateMachineAliasArn string                     `json:"stateMachineAliasArn"`
	Name                 string                     `json:"name"`
	Description          string                     `json:"description,omitempty"`
	RoutingConfiguration []RoutingConfigurationItem `json:"routingConfiguration"`
	CreationDate         operation.Time             `json:"creationDate"`
	UpdateDate           operation.Time             `json:"updateDate"`
}

// DescribeStateMachineAlias describes an alias.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineAlias.html
func (s *Service) DescribeStateMachineAlias(ctx context.Context, in *AliasInput) (*DescribeStateMachineAliasOutput, error) {
	a, err := s.alias(ctx, in.StateMachineAliasArn)
	if err != nil {
		return nil, err
	}
	out := &DescribeStateMachineAliasOutput{StateMachineAliasArn: a.ARN, Name: a.Name, Description: a.Description,
		CreationDate: operation.Time{Time: a.Created}, UpdateDate: operation.Time{Time: a.Updated}}
	for _, r := range a.Routes {
		out.RoutingConfiguration = append(out.RoutingConfiguration, RoutingConfigurationItem{r.Version, r.Weight})
	}
	return out, nil
}

// ListStateMachineAliasesInput is the input of
// [Service.ListStateMachineAliases].
type ListStateMachineAliasesInput struct {
	StateMachineArn string `json:"stateMachineArn"` // or of a version, for the aliases that refer to it
	MaxResults      int    `json:"maxResults"`
	NextToken       string `json:"nextToken"`
}

// An AliasListItem is one alias of a list.
type AliasListItem struct {
	StateMachineAliasArn string         `json:"stateMachineAliasArn"`
	CreationDate         operation.Time `json:"creationDate"`
}

// ListStateMachineAliasesOutput is the output of
// [Service.ListStateMachineAliases].
type ListStateMachineAliasesOutput struct {
	StateMachineAliases []AliasListItem `json:"stateMachineAliases"`
	NextToken           string          `json:"nextToken,omitempty"`
}

// ListStateMachineAliases lists the aliases of a state machine, or those that
// refer to a version, by name.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachineAliases.html
func (s *Service) ListStateMachineAliases(ctx context.Context, in *ListStateMachineAliasesInput) (*ListStateMachineAliasesOutput, error) {
	if _, _, err := s.machineOrVersion(ctx, in.StateMachineArn); err != nil {
		return nil, err
	}
	token, err := readToken(in.NextToken, fmt.Sprint("aliases ", in.StateMachineArn))
	if err != nil {
		return nil, err
	}
	machine, kind := unqualified(in.StateMachineArn)
	all, err := s.store.Aliases(ctx, machine, token.After, maxAliases)
	if err != nil {
		return nil, err
	}
	out, size := &ListStateMachineAliasesOutput{StateMachineAliases: []AliasListItem{}}, pageSize(in.MaxResults)
	for _, a := range all {
		if kind == aVersion && !refersTo(a, in.StateMachineArn) {
			continue
		}
		if len(out.StateMachineAliases) == size {
			out.NextToken = token.text()
			break
		}
		out.StateMachineAliases = append(out.StateMachineAliases, AliasListItem{a.ARN, operation.Time{Time: a.Created}})
		token.After = a.Name
	}
	return out, nil
}
