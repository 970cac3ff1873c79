package states

import (
	"encoding/json"
	"errors"

	"salamander/asl"
	"salamander/engine"
	"salamander/operation"
)

// checkDefinition parses a definition, whose mistakes are an
// InvalidDefinition error with all of them.
func checkDefinition(text, kind string) error {
	_, err := asl.Parse([]byte(text), asl.ParseOptions{Express: kind == engine.Express})
	var found asl.Errors
	if errors.As(err, &found) {
		return operation.Errorf("InvalidDefinition", "%s", found.AWSMessage())
	}
	return err
}

// noLogging and noTracing are what a machine has unless it is told.
const (
	noLogging = `{"level":"OFF","includeExecutionData":false}`
	noTracing = `{"enabled":false}`
)

// checkTracing judges a tracing configuration, of which only none is taken.
func checkTracing(operationName string, doc json.RawMessage) (json.RawMessage, error) {
	var c struct {
		Enabled bool `json:"enabled"`
	}
	if len(doc) > 0 && json.Unmarshal(doc, &c) == nil && c.Enabled {
		return nil, operation.NotImplemented("states", operationName, "there is no X-Ray (tracingConfiguration)")
	}
	return json.RawMessage(noTracing), nil
}

func checkEncryption(operationName string, doc json.RawMessage) error {
	var c struct {
		Type string `json:"type"`
	}
	if len(doc) > 0 && json.Unmarshal(doc, &c) == nil && c.Type != "" && c.Type != "AWS_OWNED_KEY" {
		return operation.NotImplemented("states", operationName, "there are no customer managed keys (encryptionConfiguration)")
	}
	return nil
}
