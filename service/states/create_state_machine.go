package states

import (
	"context"
	"encoding/json"
	"errors"

	"salamander/engine"
	"salamander/internal/arn"
	"salamander/operation"
)

// CreateStateMachineInput is the input of [Service.CreateStateMachine].
type CreateStateMachineInput struct {
	Name                    string          `json:"name"`
	Definition              string          `json:"definition"`
	RoleArn                 string          `json:"roleArn"`
	Type                    string          `json:"type"`
	LoggingConfiguration    json.RawMessage `json:"loggingConfiguration"`
	Tags                    []engine.Tag    `json:"tags"`
	TracingConfiguration    json.RawMessage `json:"tracingConfiguration"`
	Publish                 bool            `json:"publish"`
	VersionDescription      string          `json:"versionDescription"`
	EncryptionConfiguration json.RawMessage `json:"encryptionConfiguration"`
}

// CreateStateMachineOutput is the output of [Service.CreateStateMachine].
type CreateStateMachineOutput struct {
	StateMachineArn string         `json:"stateMachineArn"`
	CreationDate    operation.Time `json:"creationDate"`
}

// CreateStateMachine creates a state machine. A machine of that name with the
// same definition, type, logging and tracing is returned as it is, whatever
// its role and tags; with others it is StateMachineAlreadyExists.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
func (s *Service) CreateStateMachine(ctx context.Context, in *CreateStateMachineInput) (*CreateStateMachineOutput, error) {
	if in.Publish || in.VersionDescription != "" {
		return nil, operation.NotImplemented("states", "CreateStateMachine", noVersions)
	}
	m, err := newMachine(operation.CallerOf(ctx), in)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.store.Machine(ctx, m.ARN)
	switch {
	case err == nil && (old.Definition != m.Definition || old.Type != m.Type):
		return nil, operation.Errorf("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", m.ARN)
	case err == nil:
		return &CreateStateMachineOutput{old.ARN, operation.Time{Time: old.Created}}, nil
	case !errors.Is(err, engine.ErrNotFound):
		return nil, err
	}
	m.Created = s.time()
	m.Updated = m.Created
	if err := s.store.PutMachine(ctx, m); err != nil {
		return nil, err
	}
	return &CreateStateMachineOutput{m.ARN, operation.Time{Time: m.Created}}, nil
}

func newMachine(c operation.Caller, in *CreateStateMachineInput) (m engine.StateMachine, err error) {
	if err := checkName(in.Name); err != nil {
		return m, err
	}
	if err := checkRole(in.RoleArn); err != nil {
		return m, err
	}
	if in.Type == "" {
		in.Type = engine.Standard
	}
	m = engine.StateMachine{ARN: arn.New("states", c.Region, c.Account, "stateMachine:"+in.Name), Account: c.Account, Region: c.Region,
		Name: in.Name, Type: in.Type, Definition: in.Definition, Role: in.RoleArn, Tags: mergeTags(nil, in.Tags)}
	if m.Logging, err = checkLogging("CreateStateMachine", in.LoggingConfiguration); err != nil {
		return m, err
	}
	if m.Tracing, err = checkTracing("CreateStateMachine", in.TracingConfiguration); err != nil {
		return m, err
	}
	if err := checkEncryption("CreateStateMachine", in.EncryptionConfiguration); err != nil {
		return m, err
	}
	return m, checkDefinition(in.Definition, in.Type)
}

// checkRole judges the form of a role's ARN. Roles grant nothing here yet.
func checkRole(role string) error {
	if a, err := arn.Parse(role); err != nil || a.Service != "iam" {
		return operation.Errorf("InvalidArn", "Invalid Role Arn: '%s'", role)
	}
	return nil
}
