package stack

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"salamander/internal/awsmodel"
)

// A PropertyError names a property that a resource type does not take, or
// whose value is of another type.
type PropertyError struct {
	Path string // "ContainerProperties.Image"
	Text string
}

// Error names the property and what is wrong with it.
func (e *PropertyError) Error() string { return fmt.Sprintf("property %s: %s", e.Path, e.Text) }

// conform translates properties of a template to the canonical input of an
// operation. Templates spell members in PascalCase where some services do
// not, write numbers and truth values as text, policies as objects, and tags
// as lists where some services take a map.
func conform(s *awsmodel.Shape, v any, path string) (any, error) {
	if v == nil {
		return nil, nil
	}
	wrong := func(want string) error {
		return &PropertyError{path, fmt.Sprintf("got %s; want %s", jsonText(v), want)}
	}
	switch s.Type {
	case "structure":
		obj, ok := v.(map[string]any)
		if !ok {
			return nil, wrong("an object")
		}
		return conformStruct(s, obj, path)
	case "list":
		if obj, ok := v.(map[string]any); ok && isTag(s.Elem) {
			v = tagList(obj)
		}
		list, ok := v.([]any)
		if !ok {
			return nil, wrong("a list")
		}
		out := make([]any, 0, len(list))
		for i, w := range list {
			c, err := conform(s.Elem, w, fmt.Sprintf("%s[%d]", path, i))
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
		return out, nil
	case "map":
		return conformMap(s, v, path)
	case "string":
		switch v := v.(type) {
		case string:
			return v, nil
		case map[string]any, []any:
			name := path[strings.LastIndexByte(path, '.')+1:]
			if !isDocument(name) {
				name, item, _ := strings.Cut(name, "[")
				if item != "" {
					return nil, wrongType(name, "List of String")
				}
				return nil, wrongType(name, "String")
			}
			return jsonText(v), nil
		}
		return scalarText(v), nil
	case "boolean":
		switch strings.ToLower(scalarText(v)) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, wrong("true or false")
	case "integer", "long", "short":
		n, err := strconv.ParseFloat(scalarText(v), 64)
		if err != nil || n != float64(int64(n)) {
			return nil, wrong("a whole number")
		}
		return json.Number(strconv.FormatInt(int64(n), 10)), nil
	case "float", "double":
		if _, err := strconv.ParseFloat(scalarText(v), 64); err != nil {
			return nil, wrong("a number")
		}
		return json.Number(scalarText(v)), nil
	case "blob":
		if text, ok := v.(string); ok {
			return base64.StdEncoding.EncodeToString([]byte(text)), nil
		}
		return nil, wrong("text")
	case "timestamp":
		t, err := awsmodel.ParseTime(scalarText(v))
		if err != nil {
			return nil, wrong("a time")
		}
		return awsmodel.Epoch(t), nil
	}
	return v, nil
}

func conformStruct(s *awsmodel.Shape, obj map[string]any, path string) (any, error) {
	out := make(map[string]any, len(obj))
	for _, k := range sortedKeys(obj) {
		i := slices.IndexFunc(s.Members, func(m *awsmodel.Member) bool { return strings.EqualFold(m.Name, k) })
		at := k
		if path != "" {
			at = path + "." + k
		}
		if i < 0 {
			return nil, &PropertyError{at, "the service does not take it"}
		}
		c, err := conform(s.Members[i].Shape, obj[k], at)
		if err != nil {
			return nil, err
		}
		out[s.Members[i].Name] = c
	}
	return out, nil
}

func conformMap(s *awsmodel.Shape, v any, path string) (any, error) {
	if list, ok := v.([]any); ok { // tags
		v = tagMap(list)
	}
	obj, ok := v.(map[string]any)
	if !ok {
		return nil, &PropertyError{path, fmt.Sprintf("got %s; want an object", jsonText(v))}
	}
	out := make(map[string]any, len(obj))
	for _, k := range sortedKeys(obj) {
		c, err := conform(s.Value, obj[k], path+"."+k)
		if err != nil {
			return nil, err
		}
		out[k] = c
	}
	return out, nil
}

// isTag reports whether s is a structure of a key and a value.
func isTag(s *awsmodel.Shape) bool {
	return s.Type == "structure" && len(s.Members) == 2 &&
		strings.EqualFold(s.Members[0].Name, "Key") && strings.EqualFold(s.Members[1].Name, "Value")
}

func tagList(obj map[string]any) []any {
	list := make([]any, 0, len(obj))
	for _, k := range sortedKeys(obj) {
		list = append(list, map[string]any{"Key": k, "Value": obj[k]})
	}
	return list
}

func tagMap(list []any) map[string]any {
	out := map[string]any{}
	for _, e := range list {
		if obj, ok := e.(map[string]any); ok {
			out[scalarText(obj["Key"])] = obj["Value"]
		}
	}
	return out
}

// scalarText returns a text, number or truth value as templates write it.
func scalarText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return string(v)
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return strconv.Itoa(v)
	}
	return jsonText(v)
}

func jsonText(v any) string {
	b, err := awsmodel.Encode(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
