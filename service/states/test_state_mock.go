package states

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"salamander/internal/awsmodel"
	"salamander/operation"
)

// checkResult holds a mocked result against the answer of the operation that
// the task calls. strict asks for the required members too.
func (t *tested) checkResult(v any, strict bool) error {
	var resource string
	if json.Unmarshal(t.members["Resource"], &resource) != nil {
		return nil
	}
	parts := strings.Split(resource, ":")
	if len(parts) < 7 || parts[2] != "states" || parts[5] == "activity" {
		return nil // a function's result is anything
	}
	service, action, sdk := parts[5], strings.Join(parts[6:], ":"), false
	if service == "aws-sdk" {
		if len(parts) < 8 {
			return nil
		}
		service, action, sdk = parts[6], parts[7], true
	}
	action, pattern, _ := strings.Cut(action, ".")
	service, action, ok := answered(service, action, pattern)
	if !ok {
		return nil
	}
	given, ok := v.(map[string]any)
	if !ok {
		return invalidTest("Mock result schema validation error: Mocked result must be a JSON object")
	}
	members := maps.Clone(given)
	free := []string{"SdkHttpMetadata", "SdkResponseMetadata"} // of any form
	switch {
	case service == "lambda" && !sdk:
		free = append(free, "Payload")
	case pattern == "sync:2":
		free = append(free, "Input", "Output")
	}
	for _, name := range free {
		delete(members, name)
	}
	shape, known := awsmodel.OutputShape(service, action)
	if !known {
		if len(members) == 0 {
			return nil
		}
		return operation.NotImplemented("states", "TestState",
			"mocked results of "+service+":"+action+" cannot be checked; set mock.fieldValidationMode to NONE")
	}
	return checkShape("", shape, members, strict)
}

// answered returns the operation whose answer the result of a task is, its
// service named as in SDK integrations. ok is false where the result is no
// operation's answer: what a token brings, what a job leaves, or what an
// integration makes itself.
func answered(service, action, pattern string) (of, name string, ok bool) {
	if pattern != "" {
		if service == "states" && action == "startExecution" && strings.HasPrefix(pattern, "sync") {
			return "sfn", "describeExecution", true
		}
		return "", "", false
	}
	switch service {
	case "http":
		return "", "", false
	case "apigateway":
		if action == "invoke" {
			return "", "", false
		}
	case "eks":
		if action == "call" || action == "runJob" {
			return "", "", false
		}
	case "bedrock":
		if action == "invokeModel" {
			return "", "", false // its Body is read
		}
	case "states":
		service = "sfn"
	case "events":
		service = "eventbridge"
	case "elasticmapreduce":
		service = "emr"
	case "emr-containers", "emr-serverless":
		service = strings.ReplaceAll(service, "-", "")
	}
	return service, action, true
}

// checkShape judges one value; its first mistake is the error.
func checkShape(name string, s *awsmodel.Shape, v any, strict bool) error {
	wrong := func(what string) error {
		return invalidTest("Mock result schema validation error: Field '%s' %s", name, what)
	}
	if v == nil || s.Document || s.Type == "structure" && len(s.Members) == 0 {
		return nil
	}
	switch s.Type {
	case "structure":
		object, ok := v.(map[string]any)
		if !ok {
			return wrong("must be an object")
		}
		for _, m := range s.Members {
			inner := strings.ToUpper(m.Name[:1]) + m.Name[1:]
			value, there := object[inner]
			if !there && m.Required && strict {
				return invalidTest("Mock result schema validation error: Required field '%s' is missing", inner)
			}
			if there {
				if err := checkShape(inner, m.Shape, value, strict); err != nil {
					return err
				}
			}
		}
	case "list":
		list, ok := v.([]any)
		if !ok {
			return wrong("must be an array")
		}
		for _, item := range list {
			if err := checkShape(name, s.Elem, item, strict); err != nil {
				return err
			}
		}
	case "map":
		entries, ok := v.(map[string]any)
		if !ok {
			return wrong("must be an object")
		}
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			if err := checkShape(key, s.Value, entries[key], strict); err != nil {
				return err
			}
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return wrong("must be a boolean")
		}
	case "integer", "long", "float", "double":
		n, ok := v.(float64)
		switch {
		case !ok:
			return wrong("must be a number")
		case s.Min != nil && n < *s.Min:
			return wrong("is less than the minimum value")
		case s.Max != nil && n > *s.Max:
			return wrong("is greater than the maximum value")
		}
	default: // string, blob, timestamp
		text, ok := v.(string)
		switch {
		case !ok:
			return wrong("must be a string")
		case len(s.Enum) > 0 && !slices.Contains(s.Enum, text):
			return wrong("is not an expected value")
		}
	}
	return nil
}

// contextFields are the fields that a caller's context object may have.
var contextFields = map[string][]string{
	"Execution":    {"Id", "Input", "Name", "RedriveCount", "RedriveTime", "RoleArn", "StartTime"},
	"State":        {"EnteredTime", "Name", "RetryCount"},
	"StateMachine": {"Id", "Name"},
	"Task":         {"Token"},
}

// checkContext judges a context object.
func (t *tested) checkContext(doc string) error {
	invalid := func(why string) error { return invalidTest("Invalid Context object provided: %s", why) }
	var given map[string]json.RawMessage
	if json.Unmarshal([]byte(doc), &given) != nil {
		return invalid("Context object must be a JSON object")
	}
	for name, member := range given {
		if name == "Map" {
			return invalid("'Map' field is not supported when mocking a Context object")
		}
		allowed, ok := contextFields[name]
		if !ok {
			return invalid("Field '" + name + "' is not allowed")
		}
		var fields map[string]any
		if json.Unmarshal(member, &fields) != nil {
			return invalid(name + " must be an object")
		}
		for field, v := range fields {
			_, isText := v.(string)
			_, isNumber := v.(float64)
			switch {
			case !slices.Contains(allowed, field):
				return invalid("Field '" + field + "' is not allowed")
			case !isText && field != "Input" && !strings.HasSuffix(field, "Count"):
				return invalid(name + "." + field + " must be a string")
			case !isNumber && strings.HasSuffix(field, "Count"):
				return invalid(name + "." + field + " must be a number")
			}
		}
	}
	t.given = json.RawMessage(doc)
	resource := string(t.members["Resource"])
	if _, ok := given["Task"]; ok && !strings.Contains(resource, ".sync") && !strings.Contains(resource, ".waitForTaskToken") {
		return invalid("Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern")
	}
	return nil
}
