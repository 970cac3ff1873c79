package states

import (
	"context"
	"errors"

	"salamander/asl"
	"salamander/engine"
	"salamander/operation"
)

// ValidateStateMachineDefinitionInput is the input of
// [Service.ValidateStateMachineDefinition].
type ValidateStateMachineDefinitionInput struct {
	Definition string `json:"definition"`
	Type       string `json:"type"`
	Severity   string `json:"severity"` // the least that is told: ERROR, which "" is, or WARNING
	MaxResults int    `json:"maxResults"`
}

// A Diagnostic is one mistake of a definition, or a warning.
type Diagnostic struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Location string `json:"location,omitempty"`
}

// ValidateStateMachineDefinitionOutput is the output of
// [Service.ValidateStateMachineDefinition].
type ValidateStateMachineDefinitionOutput struct {
	Result      string       `json:"result"` // OK or FAIL
	Diagnostics []Diagnostic `json:"diagnostics"`
	Truncated   bool         `json:"truncated"`
}

// ValidateStateMachineDefinition tells the mistakes of a definition and, if they
// are asked for, behind them its warnings. Warnings alone leave the result OK.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
func (s *Service) ValidateStateMachineDefinition(_ context.Context, in *ValidateStateMachineDefinitionInput) (*ValidateStateMachineDefinitionOutput, error) {
	if in.Severity != "" && in.Severity != "ERROR" && in.Severity != "WARNING" {
		return nil, operation.Errorf("ValidationException",
			"1 validation error detected: Value '%s' at 'severity' failed to satisfy constraint: Member must satisfy enum value set: [WARNING, ERROR]", in.Severity)
	}
	out := &ValidateStateMachineDefinitionOutput{Result: "OK", Diagnostics: []Diagnostic{}}
	_, err := asl.Parse([]byte(in.Definition), asl.ParseOptions{Express: in.Type == engine.Express})
	var found asl.Errors
	if err != nil && !errors.As(err, &found) {
		return nil, err
	}
	tell := func(severity string, all asl.Errors) {
		for _, e := range all {
			if len(out.Diagnostics) == pageSize(min(in.MaxResults, 100)) {
				out.Truncated = true
				return
			}
			out.Diagnostics = append(out.Diagnostics, Diagnostic{Severity: severity, Code: e.Code, Message: e.Msg, Location: e.Location})
		}
	}
	if len(found) > 0 {
		out.Result = "FAIL"
	}
	tell("ERROR", found)
	if in.Severity == "WARNING" {
		tell("WARNING", asl.Warnings([]byte(in.Definition)))
	}
	return out, nil
}
