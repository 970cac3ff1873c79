package states

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"salamander/engine"
	"salamander/operation"
)

// DescribeStateMachineForExecutionInput is the input of
// [Service.DescribeStateMachineForExecution].
type DescribeStateMachineForExecutionInput struct {
	ExecutionArn string `json:"executionArn"`
	IncludedData string `json:"includedData"` // ALL_DATA or METADATA_ONLY
}

// DescribeStateMachineForExecutionOutput is the output of
// [Service.DescribeStateMachineForExecution].
type DescribeStateMachineForExecutionOutput struct {
	StateMachineArn      string          `json:"stateMachineArn"`
	Name                 string          `json:"name"`
	Definition           string          `json:"definition"`
	RoleArn              string          `json:"roleArn"`
	UpdateDate           operation.Time  `json:"updateDate"`
	LoggingConfiguration json.RawMessage `json:"loggingConfiguration"`
	TracingConfiguration json.RawMessage `json:"tracingConfiguration"`
	RevisionID           string          `json:"revisionId,omitempty"`
	MapRunArn            string          `json:"mapRunArn,omitempty"`
	Label                string          `json:"label,omitempty"`

	EncryptionConfiguration *EncryptionConfiguration `json:"encryptionConfiguration,omitempty"`
	VariableReferences      map[string][]string      `json:"variableReferences,omitempty"`
}

// DescribeStateMachineForExecution describes the state machine as the
// execution runs it, whatever became of the machine since.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineForExecution.html
func (s *Service) DescribeStateMachineForExecution(ctx context.Context, in *DescribeStateMachineForExecutionInput) (*DescribeStateMachineForExecutionOutput, error) {
	ex, err := s.execution(ctx, in.ExecutionArn)
	if err != nil {
		return nil, err
	}
	definition, err := s.store.Definition(ctx, ex.Definition)
	if err != nil {
		return nil, err
	}
	m, err := s.store.Machine(ctx, ex.Machine)
	if ex.Version != "" {
		v, errVersion := s.store.Version(ctx, ex.Version)
		if errVersion == nil {
			m, err = v.Machine, nil
		} else if !errors.Is(errVersion, engine.ErrNotFound) {
			return nil, errVersion
		}
	}
	if errors.Is(err, engine.ErrNotFound) {
		a, err := parseARN(ex.Machine, "stateMachine")
		if err != nil {
			return nil, err
		}
		m = engine.StateMachine{ARN: ex.Machine, Name: a.Resource[len("stateMachine:"):], Updated: ex.Start,
			Logging: json.RawMessage(noLogging), Tracing: json.RawMessage(noTracing)}
	} else if err != nil {
		return nil, err
	}
	out := &DescribeStateMachineForExecutionOutput{StateMachineArn: m.ARN, Name: m.Name, Definition: definition, RoleArn: ex.Role,
		UpdateDate: operation.Time{Time: m.Updated}, LoggingConfiguration: m.Logging, TracingConfiguration: m.Tracing,
		EncryptionConfiguration: &EncryptionConfiguration{"AWS_OWNED_KEY"}, VariableReferences: variableReferences(definition)}
	if ex.MapRun != "" {
		out.MapRunArn = ex.MapRun
		_, out.Label, _ = strings.Cut(m.Name, "/")
	}
	if m.Definition == definition && m.Role == ex.Role {
		out.RevisionID = m.Revision
	}
	if in.IncludedData == "METADATA_ONLY" {
		out.Definition, out.VariableReferences = "", nil
	}
	return out, nil
}
