package states

import (
	"context"
	"errors"

	"salamander/asl"
	"salamander/engine"
)

// ValidateStateMachineDefinitionInput is the input of
// [Service.ValidateStateMachineDefinition].
type ValidateStateMachineDefinitionInput struct {
	Definition string `json:"definition"`
	Type       string `json:"type"`
	Severity   string `json:"severity"` // ERROR or WARNING; all that we find are errors
	MaxResults int    `json:"maxResults"`
}

// A Diagnostic is one mistake of a definition.
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

// ValidateStateMachineDefinition tells the mistakes of a definition.
//
// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
func (s *Service) ValidateStateMachineDefinition(_ context.Context, in *ValidateStateMachineDefinitionInput) (*ValidateStateMachineDefinitionOutput, error) {
	out := &ValidateStateMachineDefinitionOutput{Result: "OK", Diagnostics: []Diagnostic{}}
	_, err := asl.Parse([]byte(in.Definition), asl.ParseOptions{Express: in.Type == engine.Express})
	var found asl.Errors
	if err != nil && !errors.As(err, &found) {
		return nil, err
	}
	for _, e := range found {
		out.Result = "FAIL"
		if len(out.Diagnostics) == pageSize(min(in.MaxResults, 100)) {
			out.Truncated = true
			break
		}
		out.Diagnostics = append(out.Diagnostics, Diagnostic{Severity: "ERROR", Code: e.Code, Message: e.Msg, Location: e.Location})
	}
	return out, nil
}
