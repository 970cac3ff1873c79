package states

import (
	"bytes"
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
	StateMachineArn        string         `json:"stateMachineArn"`
	CreationDate           operation.Time `json:"creationDate"`
	StateMachineVersionArn string         `json:"stateMachineVersionArn,omitempty"`
}

// CreateStateMachine creates a state machine. A machine of that name with the
// same definition, type, logging and tracing is returned as it is, whatever
// its role and tags; with others it is StateMachineAlreadyExists.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
func (s *Service) CreateStateMachine(ctx context.Context, in *CreateStateMachineInput) (*CreateStateMachineOutput, error) {
	if err := checkPublish(in.Publish, in.VersionDescription); err != nil {
		return nil, err
	}
	m, err := s.newMachine(ctx, in)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.store.Machine(ctx, m.ARN)
	switch {
	case err == nil && (old.Definition != m.Definition || old.Type != m.Type || !sameConfiguration(old, m)):
		return nil, operation.Errorf("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", m.ARN)
	case err == nil:
		m = old
	case errors.Is(err, engine.ErrNotFound):
		m.Created = s.time()
		m.Updated = m.Created
		if !in.Publish {
			err = s.store.PutMachine(ctx, m)
		} else {
			err = nil
		}
	}
	if err != nil {
		return nil, err
	}
	out := &CreateStateMachineOutput{StateMachineArn: m.ARN, CreationDate: operation.Time{Time: m.Created}}
	if in.Publish {
		v, err := s.publish(ctx, m, in.VersionDescription)
		if err != nil {
			return nil, err
		}
		out.StateMachineVersionArn = v.ARN
	}
	return out, nil
}

// sameConfiguration compares logging and tracing.
func sameConfiguration(a, b engine.StateMachine) bool {
	return bytes.Equal(a.Logging, b.Logging) && bytes.Equal(a.Tracing, b.Tracing)
}

// checkPublish refuses the description of a version that is not published.
func checkPublish(publish bool, description string) error {
	if description != "" && !publish {
		return operation.Errorf("ValidationException", "Version description can only be set when publish is true")
	}
	return nil
}

func (s *Service) newMachine(ctx context.Context, in *CreateStateMachineInput) (m engine.StateMachine, err error) {
	c := operation.CallerOf(ctx)
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
	if err := checkTags(m.ARN, m.Tags); err != nil {
		return m, err
	}
	if m.Logging, err = s.checkLogging(ctx, in.LoggingConfiguration); err != nil {
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
