package awsmodel

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode/utf8"
)

// A FieldsError tells what is wrong with the parameters of a Step Functions
// integration. The texts are AWS's, one a problem.
type FieldsError struct{ Problems []string }

// Error gives the problems in one line.
func (e *FieldsError) Error() string { return strings.Join(e.Problems, ", ") }

// FromPascal translates the parameters of a Step Functions integration, whose
// members are spelled in PascalCase, to the canonical input of o. Keys of maps
// are the user's and stay. A blob may be given as text or as any JSON value,
// whose text it then is; timestamps as RFC 3339 or epoch seconds. Unknown and
// missing fields, and values of another type, are a [*FieldsError].
func (o *Op) FromPascal(doc json.RawMessage) (json.RawMessage, error) {
	in, err := parseOrEmpty(doc)
	if err != nil {
		return nil, err
	}
	var p pascal
	if o.Input == nil {
		o.emptyInput(&p, in)
		return json.RawMessage(`{}`), p.err()
	}
	out := p.from(o.Input, in, "")
	if err := p.err(); err != nil {
		return nil, err
	}
	return Encode(out)
}

func (o *Op) emptyInput(p *pascal, in any) {
	obj, _ := in.(map[string]any)
	for _, k := range sortedKeys(obj) {
		p.unsupported(k)
	}
}

// ToPascal translates the canonical output of o to the result of a Step
// Functions integration: members in PascalCase, timestamps as RFC 3339, blobs
// as text where they are UTF-8 and in base64 otherwise.
func (o *Op) ToPascal(doc json.RawMessage) (json.RawMessage, error) {
	out, err := parseOrEmpty(doc)
	if err != nil {
		return nil, err
	}
	if o.Output != nil {
		out = toPascal(o.Output, out)
	}
	return Encode(out)
}

func parseOrEmpty(doc json.RawMessage) (any, error) {
	if len(doc) == 0 {
		return map[string]any{}, nil
	}
	v, err := Parse(doc)
	if err != nil {
		return nil, err
	}
	if _, ok := v.(map[string]any); !ok {
		return nil, errors.New("the document is not an object")
	}
	return v, nil
}

type pascal struct{ problems []string }

func (p *pascal) err() error {
	if len(p.problems) == 0 {
		return nil
	}
	return &FieldsError{p.problems}
}

func (p *pascal) unsupported(name string) {
	p.problems = append(p.problems, fmt.Sprintf("The field %q is not supported by Step Functions", name))
}

func (p *pascal) wrongType(name, want string) any {
	p.problems = append(p.problems, fmt.Sprintf("The value for the field '%s' must be a %s", name, want))
	return nil
}

func (p *pascal) from(s *Shape, v any, name string) any {
	if s.Document {
		return v
	}
	switch s.Type {
	case "structure":
		obj, ok := v.(map[string]any)
		if !ok {
			return p.wrongType(name, "STRUCTURE")
		}
		return p.fromStruct(s, obj)
	case "list":
		list, ok := v.([]any)
		if !ok {
			return p.wrongType(name, "LIST")
		}
		out := make([]any, len(list))
		for i, w := range list {
			out[i] = p.from(s.Elem, w, name)
		}
		return out
	case "map":
		obj, ok := v.(map[string]any)
		if !ok {
			return p.wrongType(name, "MAP")
		}
		out := make(map[string]any, len(obj))
		for k, w := range obj {
			out[k] = p.from(s.Value, w, k)
		}
		return out
	case "blob":
		return base64.StdEncoding.EncodeToString(blobBytes(v))
	}
	if c, ok := s.scalar(v); ok {
		return c
	}
	return p.wrongType(name, typeWord(s.Type))
}

func blobBytes(v any) []byte {
	if text, ok := v.(string); ok {
		return []byte(text)
	}
	b, err := Encode(v)
	if err != nil {
		return nil // v came from JSON
	}
	return b
}

func (p *pascal) fromStruct(s *Shape, obj map[string]any) any {
	out := make(map[string]any, len(obj))
	known := make(map[string]bool, len(obj))
	for _, m := range s.Members {
		name := upperFirst(m.Name)
		known[name] = true
		v, ok := obj[name]
		switch {
		case ok && v != nil:
			out[m.Name] = p.from(m.Shape, v, name)
		case m.Required:
			p.problems = append(p.problems, fmt.Sprintf("The field %q is required but was missing", name))
		}
	}
	for _, k := range sortedKeys(obj) {
		if !known[k] {
			p.unsupported(k)
		}
	}
	return out
}

func typeWord(t string) string {
	switch t {
	case "integer", "long", "short", "float", "double":
		return "NUMBER"
	}
	return strings.ToUpper(t)
}

func toPascal(s *Shape, v any) any {
	if s == nil || s.Document {
		return v
	}
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, w := range v {
			if s.Type == "map" {
				out[k] = toPascal(s.Value, w)
			} else if m := s.Member(k); m != nil {
				out[upperFirst(k)] = toPascal(m.Shape, w)
			} else {
				out[upperFirst(k)] = w
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, w := range v {
			out[i] = toPascal(s.Elem, w)
		}
		return out
	case string:
		if s.Type == "blob" {
			if b, err := base64.StdEncoding.DecodeString(v); err == nil && utf8.Valid(b) {
				return string(b)
			}
		}
	case json.Number:
		if s.Type == "timestamp" {
			if t, err := epochTime(v); err == nil {
				return instant(t)
			}
		}
	}
	return v
}

// instant writes t as Java's Instant does: no fraction, or three digits.
func instant(t time.Time) string {
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05Z")
	}
	return t.Format("2006-01-02T15:04:05.000Z")
}

func sortedKeys(obj map[string]any) []string {
	keys := make([]string, 0, len(obj))
	for k := range obj {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
