package awsmodel

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// A TypeError tells that a value is of another type than the model's. Its
// text is AWS's.
type TypeError struct {
	Path string // "containerOverrides.environment"
	Text string
}

// Error gives the text.
func (e *TypeError) Error() string { return e.Text }

// Conform returns the canonical form of v, a value of type s from a JSON
// body: members the model does not have and nulls are left out, as AWS
// leaves them out, and timestamps become epoch seconds. A value of another
// type is a [*TypeError].
func (s *Shape) Conform(v any) (any, error) { return s.conform(v, "", "") }

func (s *Shape) conform(v any, path, format string) (any, error) {
	if s.Document {
		return v, nil
	}
	switch s.Type {
	case "structure":
		return s.conformStruct(v, path)
	case "list":
		return s.conformList(v, path)
	case "map":
		return s.conformMap(v, path)
	}
	if v, ok := s.scalar(v); ok {
		return v, nil
	}
	return nil, &TypeError{path, mismatch(v, s.Type)}
}

// scalar returns the canonical form of v if it is of the scalar type s.
func (s *Shape) scalar(v any) (any, bool) {
	switch s.Type {
	case "string", "character":
		_, ok := v.(string)
		return v, ok
	case "boolean":
		_, ok := v.(bool)
		return v, ok
	case "integer", "long", "short", "byte", "bigInteger":
		n, ok := v.(json.Number)
		if !ok {
			return nil, false
		}
		return integer(n)
	case "float", "double", "bigDecimal":
		_, ok := v.(json.Number)
		return v, ok
	case "blob":
		text, ok := v.(string)
		if !ok {
			return nil, false
		}
		_, err := base64.StdEncoding.DecodeString(text)
		return text, err == nil
	case "timestamp":
		return timestamp(v)
	}
	return nil, false
}

func timestamp(v any) (any, bool) {
	switch v := v.(type) {
	case json.Number:
		_, err := epochTime(v)
		return v, err == nil
	case string:
		t, err := ParseTime(v)
		if err != nil {
			return nil, false
		}
		return Epoch(t), true
	}
	return nil, false
}

func (s *Shape) conformStruct(v any, path string) (any, error) {
	obj, ok := v.(map[string]any)
	if !ok {
		return nil, &TypeError{path, mismatch(v, s.Type)}
	}
	out := make(map[string]any, len(obj))
	for _, m := range s.Members {
		// Clients send the wire name; ours is the member's.
		w, ok := obj[m.Wire]
		if m.In != "" || !ok || w == nil {
			continue
		}
		c, err := m.Shape.conform(w, join(path, m.Name), m.TimeFormat)
		if err != nil {
			return nil, err
		}
		out[m.Name] = c
	}
	return out, nil
}

func (s *Shape) conformList(v any, path string) (any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, &TypeError{path, mismatch(v, s.Type)}
	}
	out := make([]any, 0, len(list))
	for i, w := range list {
		if w == nil {
			out = append(out, nil)
			continue
		}
		c, err := s.Elem.conform(w, fmt.Sprintf("%s[%d]", path, i), "")
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func (s *Shape) conformMap(v any, path string) (any, error) {
	obj, ok := v.(map[string]any)
	if !ok {
		return nil, &TypeError{path, mismatch(v, s.Type)}
	}
	out := make(map[string]any, len(obj))
	for k, w := range obj {
		if w == nil {
			continue
		}
		c, err := s.Value.conform(w, join(path, k), "")
		if err != nil {
			return nil, err
		}
		out[k] = c
	}
	return out, nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// mismatch is AWS's text for a JSON value of the wrong type.
func mismatch(v any, want string) string {
	kind := "UNKNOWN_VALUE"
	switch v := v.(type) {
	case map[string]any:
		return "Start of structure or map found where not expected."
	case []any:
		return "Start of list found where not expected"
	case string:
		kind = "STRING_VALUE"
		if want == "list" || want == "map" || want == "structure" {
			return "Unexpected value type in payload"
		}
	case json.Number:
		kind = "NUMBER_VALUE"
	case bool:
		kind = strings.ToUpper(fmt.Sprint(v)) + "_VALUE"
	}
	return kind + " can not be converted to " + strings.ToUpper(want[:1]) + want[1:]
}
