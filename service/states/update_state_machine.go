package states

import (
	"context"
	"encoding/json"

	"salamander/operation"
)

// UpdateStateMachineInput is the input of [Service.UpdateStateMachine].
type UpdateStateMachineInput struct {
	StateMachineArn         string          `json:"stateMachineArn"`
	Definition              *string         `json:"definition"`
	RoleArn                 *string         `json:"roleArn"`
	LoggingConfiguration    json.RawMessage `json:"loggingConfiguration"`
	TracingConfiguration    json.RawMessage `json:"tracingConfiguration"`
	Publish                 bool            `json:"publish"`
	VersionDescription      string          `json:"versionDescription"`
	EncryptionConfiguration json.RawMessage `json:"encryptionConfiguration"`
}

// UpdateStateMachineOutput is the output of [Service.UpdateStateMachine].
type UpdateStateMachineOutput struct {
	UpdateDate             operation.Time `json:"updateDate"`
	RevisionID             string         `json:"revisionId,omitempty"`
	StateMachineVersionArn string         `json:"stateMachineVersionArn,omitempty"`
}

// UpdateStateMachine changes definition, role or configuration of a state
// machine. Executions that run keep what they started with. A change of
// definition, role or configuration makes a new revision.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html
func (s *Service) UpdateStateMachine(ctx context.Context, in *UpdateStateMachineInput) (*UpdateStateMachineOutput, error) {
	const name = "UpdateStateMachine"
	if err := checkPublish(in.Publish, in.VersionDescription); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.machine(ctx, in.StateMachineArn)
	if err != nil {
		return nil, err
	}
	if in.Definition == nil && in.RoleArn == nil && len(in.LoggingConfiguration) == 0 && len(in.TracingConfiguration) == 0 && len(in.EncryptionConfiguration) == 0 {
		return nil, operation.Errorf("MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified")
	}
	old := m
	if len(in.LoggingConfiguration) > 0 {
		if m.Logging, err = s.checkLogging(ctx, in.LoggingConfiguration); err != nil {
			return nil, err
		}
	}
	if _, err := checkTracing(name, in.TracingConfiguration); err != nil {
		return nil, err
	}
	if err := checkEncryption(name, in.EncryptionConfiguration); err != nil {
		return nil, err
	}
	if in.Definition != nil {
		if err := checkDefinition(*in.Definition, m.Type); err != nil {
			return nil, err
		}
		m.Definition = *in.Definition
	}
	if in.RoleArn != nil {
		if err := checkRole(*in.RoleArn); err != nil {
			return nil, err
		}
		m.Role = *in.RoleArn
	}
	if m.Definition != old.Definition || m.Role != old.Role || !sameConfiguration(m, old) {
		m.Revision = operation.NewID(ctx)
	}
	m.Updated = s.time()
	out := &UpdateStateMachineOutput{UpdateDate: operation.Time{Time: m.Updated}, RevisionID: m.Revision}
	if !in.Publish {
		return out, s.store.PutMachine(ctx, m)
	}
	v, err := s.publish(ctx, m, in.VersionDescription)
	out.StateMachineVersionArn = v.ARN
	return out, err
}
