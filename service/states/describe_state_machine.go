package states

import (
	"context"
	"encoding/json"

	"salamander/operation"
)

// DescribeStateMachineInput is the input of [Service.DescribeStateMachine].
type DescribeStateMachineInput struct {
	StateMachineArn string `json:"stateMachineArn"`
	IncludedData    string `json:"includedData"` // ALL_DATA or METADATA_ONLY
}

// DescribeStateMachineOutput is the output of [Service.DescribeStateMachine].
type DescribeStateMachineOutput struct {
	StateMachineArn         string                   `json:"stateMachineArn"`
	Name                    string                   `json:"name"`
	Status                  string                   `json:"status"`
	Definition              string                   `json:"definition"`
	RoleArn                 string                   `json:"roleArn"`
	Type                    string                   `json:"type"`
	CreationDate            operation.Time           `json:"creationDate"`
	LoggingConfiguration    json.RawMessage          `json:"loggingConfiguration"`
	TracingConfiguration    json.RawMessage          `json:"tracingConfiguration"`
	EncryptionConfiguration *EncryptionConfiguration `json:"encryptionConfiguration,omitempty"`
	RevisionID              string                   `json:"revisionId,omitempty"`
	Description             string                   `json:"description,omitempty"`
	VariableReferences      map[string][]string      `json:"variableReferences,omitempty"`
}

// DescribeStateMachine describes a state machine in its current revision, or
// a version of it. An alias is described by DescribeStateMachineAlias.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
func (s *Service) DescribeStateMachine(ctx context.Context, in *DescribeStateMachineInput) (*DescribeStateMachineOutput, error) {
	m, v, err := s.machineOrVersion(ctx, in.StateMachineArn)
	if err != nil {
		return nil, err
	}
	out := &DescribeStateMachineOutput{StateMachineArn: m.ARN, Name: m.Name, Status: "ACTIVE", Definition: m.Definition, RoleArn: m.Role,
		Type: m.Type, CreationDate: operation.Time{Time: m.Created}, LoggingConfiguration: m.Logging, TracingConfiguration: m.Tracing,
		EncryptionConfiguration: &EncryptionConfiguration{"AWS_OWNED_KEY"}, RevisionID: m.Revision, VariableReferences: variableReferences(m.Definition)}
	if v != nil {
		out.StateMachineArn, out.CreationDate, out.Description = v.ARN, operation.Time{Time: v.Created}, v.Description
	}
	if in.IncludedData == "METADATA_ONLY" {
		out.Definition, out.VariableReferences = "", nil
	}
	return out, nil
}
