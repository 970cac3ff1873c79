package redshift

import (
	"fmt"
	"strings"

	"salamander/internal/value"
)

// ParseSuper reads JSON into the text that a SUPER is kept as: without spaces.
//
// https://docs.aws.amazon.com/redshift/latest/dg/JSON_PARSE.html
func ParseSuper(text string) (string, error) {
	v, err := value.Parse([]byte(text))
	if err != nil {
		return "", fmt.Errorf("JSON parsing error: %w", err)
	}
	return value.Text(v), nil
}

// SuperType is JSON_TYPEOF of a SUPER: boolean, number, string, object, array
// or null.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_json_typeof.html
func SuperType(text string) string {
	v, _ := value.Parse([]byte(text))
	switch v.(type) {
	case bool:
		return "boolean"
	case value.Number:
		return "number"
	case string:
		return "string"
	case *value.Object:
		return "object"
	case value.Array:
		return "array"
	}
	return "null"
}

// SuperIs answers the IS_… functions of a SUPER. what is the function's name
// behind is_.
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_Type_Info_Functions.html
func SuperIs(text, what string) bool {
	kind := SuperType(text)
	switch what {
	case "array", "object", "boolean":
		return kind == what
	case "scalar":
		return kind != "array" && kind != "object" && kind != "null"
	case "varchar":
		return kind == "string"
	}
	n, whole := value.Number(text).Int64()
	if kind != "number" || !whole {
		return false
	}
	switch what {
	case "smallint":
		return n == int64(int16(n))
	case "integer":
		return n == int64(int32(n))
	}
	return what == "bigint"
}

// CastSuper returns a SUPER as the text from which a value of another type is
// read, and whether there is one: what cannot be cast is null. target is text,
// number, boolean or time.
//
// https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html
func CastSuper(text, target string) (string, bool, error) {
	kind := SuperType(text)
	switch {
	case kind == "null":
		return "", false, nil
	case kind == "array" || kind == "object":
		if target == "text" {
			return "", false, fmt.Errorf("casting an array or an object of SUPER to a text is not supported by the embedded warehouse: use JSON_SERIALIZE")
		}
		return "", false, nil
	case target == "text" && kind != "string":
		return text, true, nil
	case target == "number" && kind == "number", target == "boolean" && kind == "boolean":
		return text, true, nil
	case target == "boolean" && kind == "number":
		return map[bool]string{true: "false", false: "true"}[text == "0"], !strings.ContainsAny(text, ".eE"), nil
	case kind == "string" && (target == "text" || target == "time"):
		v, _ := value.Parse([]byte(text))
		s, _ := v.(string)
		return s, true, nil
	case target == "time":
		return "", false, nil
	}
	return "", false, fmt.Errorf("casting a %s of SUPER to a %s is not supported by the embedded warehouse: cast it to VARCHAR first", kind, target)
}

// Subarray returns count elements of an array from start on, counted from 0;
// all that follow where count is negative. What is no array has none: false.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_subarray.html
func Subarray(text string, start, count int) (string, bool) {
	v, _ := value.Parse([]byte(text))
	a, ok := v.(value.Array)
	if !ok || start < 0 {
		return "", false
	}
	a = a[min(start, len(a)):]
	if count >= 0 {
		a = a[:min(count, len(a))]
	}
	return value.Text(a), true
}

// ConcatArrays joins two arrays.
//
// https://docs.aws.amazon.com/redshift/latest/dg/r_array_concat.html
func ConcatArrays(a, b string) (string, bool) {
	v, _ := value.Parse([]byte(a))
	w, _ := value.Parse([]byte(b))
	x, ok := v.(value.Array)
	y, also := w.(value.Array)
	if !ok || !also {
		return "", false
	}
	return value.Text(append(append(value.Array{}, x...), y...)), true
}

// FlattenArray puts the elements of an array's arrays into their place, at all
// depths.
//
// https://docs.aws.amazon.com/redshift/latest/dg/array_flatten.html
func FlattenArray(text string) (string, bool) {
	v, _ := value.Parse([]byte(text))
	a, ok := v.(value.Array)
	if !ok {
		return "", false
	}
	flat := value.Array{}
	var add func(value.Array)
	add = func(a value.Array) {
		for _, v := range a {
			if inner, ok := v.(value.Array); ok {
				add(inner)
			} else {
				flat = append(flat, v)
			}
		}
	}
	add(a)
	return value.Text(flat), true
}

// SplitToArray splits a text.
//
// https://docs.aws.amazon.com/redshift/latest/dg/split_to_array.html
func SplitToArray(text, by string) string {
	a := value.Array{}
	for _, part := range strings.Split(text, by) {
		a = append(a, part)
	}
	return value.Text(a)
}
