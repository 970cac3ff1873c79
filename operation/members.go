package operation

import (
	"encoding"
	"encoding/json"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

// unimplemented returns the path of the first member of doc that type t has
// no field for, or "". Such a member is one that AWS has and the operation
// does not: to ignore it would be a false success. A member that asks for
// nothing (null, false, empty) is let pass.
func unimplemented(t reflect.Type, doc json.RawMessage) string {
	var v any
	if json.Unmarshal(doc, &v) != nil {
		return "" // the decoder will say so
	}
	return missing(t, v, "")
}

func missing(t reflect.Type, v any, path string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if own(t) {
		return ""
	}
	switch v := v.(type) {
	case map[string]any:
		if t.Kind() == reflect.Struct {
			return missingField(t, v, path)
		}
		if t.Kind() == reflect.Map {
			for _, k := range sortedKeys(v) {
				if m := missing(t.Elem(), v[k], join(path, k)); m != "" {
					return m
				}
			}
		}
	case []any:
		if t.Kind() == reflect.Slice || t.Kind() == reflect.Array {
			for i, w := range v {
				if m := missing(t.Elem(), w, path+"["+strconv.Itoa(i)+"]"); m != "" {
					return m
				}
			}
		}
	}
	return ""
}

func missingField(t reflect.Type, obj map[string]any, path string) string {
	fields := map[string]reflect.Type{}
	collect(t, fields)
	for _, k := range sortedKeys(obj) {
		field, ok := fields[strings.ToLower(k)]
		switch {
		case ok:
			if m := missing(field, obj[k], join(path, k)); m != "" {
				return m
			}
		case !asksNothing(obj[k]):
			return join(path, k)
		}
	}
	return ""
}

// own reports whether values of t read themselves, so that their fields say
// nothing about what they take.
func own(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t.Kind() == reflect.Interface ||
		p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// collect gathers the fields that encoding/json reads, by their names in
// lower case, since it matches them in any case.
func collect(t reflect.Type, fields map[string]reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Tag.Get("json") == "-":
		case f.Anonymous && name == "":
			e := f.Type
			if e.Kind() == reflect.Pointer {
				e = e.Elem()
			}
			if e.Kind() == reflect.Struct {
				collect(e, fields)
			}
		case !f.IsExported():
		case name == "":
			fields[strings.ToLower(f.Name)] = f.Type
		default:
			fields[strings.ToLower(name)] = f.Type
		}
	}
}

func asksNothing(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		for _, w := range v {
			if !asksNothing(w) {
				return false
			}
		}
		return true
	}
	return false
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
