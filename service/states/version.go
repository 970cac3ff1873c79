package states

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"salamander/engine"
	"salamander/operation"
)

// What an ARN of a state machine names.
type machineKind int

const (
	aMachine machineKind = iota
	aVersion
	anAlias
)

// unqualified splits the ARN of a version or an alias: it returns that of the
// state machine, and what the ARN names.
func unqualified(text string) (machine string, kind machineKind) {
	if strings.Count(text, ":") < 7 {
		return text, aMachine
	}
	i := strings.LastIndexByte(text, ':')
	if n, err := strconv.ParseInt(text[i+1:], 10, 64); err == nil && n > 0 {
		return text[:i], aVersion
	}
	return text[:i], anAlias
}

// version finds a version of a state machine of the caller by its ARN.
func (s *Service) version(ctx context.Context, text string) (engine.Version, error) {
	a, err := parseARN(text, "stateMachine")
	if err != nil {
		return engine.Version{}, err
	}
	found, err := engine.Version{}, engine.ErrNotFound
	if own(ctx, a) {
		found, err = s.store.Version(ctx, text)
	}
	if errors.Is(err, engine.ErrNotFound) {
		err = machineMissing(text)
	}
	return found, err
}

// publish stores a state machine and makes its current revision a version,
// or finds the version that the revision has. s.mu is held.
func (s *Service) publish(ctx context.Context, m engine.StateMachine, description string) (engine.Version, error) {
	all, err := s.store.Versions(ctx, m.ARN, 0, maxVersions+1)
	if err != nil {
		return engine.Version{}, err
	}
	for _, v := range all {
		if v.Machine.Revision == m.Revision {
			return v, s.store.PutMachine(ctx, m)
		}
	}
	if len(all) >= maxVersions {
		return engine.Version{}, operation.Errorf("ServiceQuotaExceededException", "The state machine has %d versions, the most that it may have", maxVersions)
	}
	m.Published++
	v := engine.Version{ARN: m.ARN + ":" + strconv.FormatInt(m.Published, 10), Number: m.Published, Description: description, Created: s.time()}
	v.Machine = m
	v.Machine.Tags = nil
	return v, s.store.Publish(ctx, m, v)
}

// maxVersions is how many versions a state machine may have.
const maxVersions = 1000

// PublishStateMachineVersionInput is the input of
// [Service.PublishStateMachineVersion].
type PublishStateMachineVersionInput struct {
	StateMachineArn string `json:"stateMachineArn"`
	RevisionID      string `json:"revisionId"`
	Description     string `json:"description"`
}

// PublishStateMachineVersionOutput is the output of
// [Service.PublishStateMachineVersion].
type PublishStateMachineVersionOutput struct {
	CreationDate           operation.Time `json:"creationDate"`
	StateMachineVersionArn string         `json:"stateMachineVersionArn"`
}

// PublishStateMachineVersion makes a version of the current revision of a
// state machine, or returns the one that the revision has.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_PublishStateMachineVersion.html
func (s *Service) PublishStateMachineVersion(ctx context.Context, in *PublishStateMachineVersionInput) (*PublishStateMachineVersionOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.machine(ctx, in.StateMachineArn)
	if err != nil {
		return nil, err
	}
	revision := m.Revision
	if revision == "" {
		revision = "INITIAL"
	}
	if in.RevisionID != "" && in.RevisionID != revision {
		return nil, operation.Errorf("ConflictException",
			"Failed to publish the State Machine version for revision %s. The current State Machine revision is %s.", in.RevisionID, revision)
	}
	v, err := s.publish(ctx, m, in.Description)
	if err != nil {
		return nil, err
	}
	return &PublishStateMachineVersionOutput{operation.Time{Time: v.Created}, v.ARN}, nil
}

// DeleteStateMachineVersionInput is the input of
// [Service.DeleteStateMachineVersion].
type DeleteStateMachineVersionInput struct {
	StateMachineVersionArn string `json:"stateMachineVersionArn"`
}

// DeleteStateMachineVersionOutput is the output of
// [Service.DeleteStateMachineVersion].
type DeleteStateMachineVersionOutput struct{}

// DeleteStateMachineVersion removes a version that no alias refers to. One
// that is not there is no error.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachineVersion.html
func (s *Service) DeleteStateMachineVersion(ctx context.Context, in *DeleteStateMachineVersionInput) (*DeleteStateMachineVersionOutput, error) {
	a, err := parseARN(in.StateMachineVersionArn, "stateMachine")
	if err != nil {
		return nil, err
	}
	machine, kind := unqualified(in.StateMachineVersionArn)
	if kind != aVersion {
		return nil, invalidARN("Invalid ARN: Not a state machine version ARN: " + in.StateMachineVersionArn)
	}
	if !own(ctx, a) {
		return &DeleteStateMachineVersionOutput{}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	aliases, err := s.store.Aliases(ctx, machine, "", maxAliases)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, alias := range aliases {
		if refersTo(alias, in.StateMachineVersionArn) {
			names = append(names, alias.Name)
		}
	}
	if len(names) > 0 {
		return nil, operation.Errorf("ConflictException",
			"Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [%s]", strings.Join(names, ", "))
	}
	return &DeleteStateMachineVersionOutput{}, s.store.DeleteVersion(ctx, in.StateMachineVersionArn)
}

// ListStateMachineVersionsInput is the input of
// [Service.ListStateMachineVersions].
type ListStateMachineVersionsInput struct {
	StateMachineArn string `json:"stateMachineArn"`
	MaxResults      int    `json:"maxResults"`
	NextToken       string `json:"nextToken"`
}

// A VersionListItem is one version of a list.
type VersionListItem struct {
	StateMachineVersionArn string         `json:"stateMachineVersionArn"`
	CreationDate           operation.Time `json:"creationDate"`
}

// ListStateMachineVersionsOutput is the output of
// [Service.ListStateMachineVersions].
type ListStateMachineVersionsOutput struct {
	StateMachineVersions []VersionListItem `json:"stateMachineVersions"`
	NextToken            string            `json:"nextToken,omitempty"`
}

// ListStateMachineVersions lists the versions of a state machine, the newest
// first. A machine that is not there has none: AWS has no error for it.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListStateMachineVersions.html
func (s *Service) ListStateMachineVersions(ctx context.Context, in *ListStateMachineVersionsInput) (*ListStateMachineVersionsOutput, error) {
	a, err := parseARN(in.StateMachineArn, "stateMachine")
	if err != nil {
		return nil, err
	}
	token, err := readToken(in.NextToken, "versions "+in.StateMachineArn)
	out := &ListStateMachineVersionsOutput{StateMachineVersions: []VersionListItem{}}
	if err != nil || !own(ctx, a) {
		return out, err
	}
	size := pageSize(in.MaxResults)
	all, err := s.store.Versions(ctx, in.StateMachineArn, token.ID, size+1)
	if err != nil {
		return nil, err
	}
	if len(all) > size {
		all = all[:size]
		token.ID = all[size-1].Number
		out.NextToken = token.text()
	}
	for _, v := range all {
		out.StateMachineVersions = append(out.StateMachineVersions, VersionListItem{v.ARN, operation.Time{Time: v.Created}})
	}
	return out, nil
}
