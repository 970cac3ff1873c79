package redshift

import (
	"fmt"

	"salamander/internal/value"
)

// JSONExtractPath returns what a path of keys leads to, as text: a string's
// own text, anything else as JSON; the empty text where there is nothing.
//
// https://docs.aws.amazon.com/redshift/latest/dg/JSON_EXTRACT_PATH_TEXT.html
func JSONExtractPath(text string, keys []string) (string, error) {
	v, err := value.Parse([]byte(text))
	if err != nil {
		return "", fmt.Errorf("JSON parsing error: %w", err)
	}
	for _, key := range keys {
		o, ok := v.(*value.Object)
		if !ok {
			return "", nil
		}
		if v, ok = o.Get(key); !ok {
			return "", nil
		}
	}
	return jsonText(v), nil
}

func jsonText(v value.Value) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return value.Text(v)
}

// JSONElement returns an element of an array as text, counted from 0; the
// empty text where there is none.
//
// https://docs.aws.amazon.com/redshift/latest/dg/JSON_EXTRACT_ARRAY_ELEMENT_TEXT.html
func JSONElement(text string, i int) (string, error) {
	v, err := value.Parse([]byte(text))
	if err != nil {
		return "", fmt.Errorf("JSON parsing error: %w", err)
	}
	a, ok := v.(value.Array)
	if !ok {
		return "", fmt.Errorf("JSON parsing error: not an array: %.40q", text)
	}
	if i < 0 || i >= len(a) {
		return "", nil
	}
	return jsonText(a[i]), nil
}

// JSONArrayLength counts the elements of an array.
//
// https://docs.aws.amazon.com/redshift/latest/dg/JSON_ARRAY_LENGTH.html
func JSONArrayLength(text string) (int, error) {
	v, err := value.Parse([]byte(text))
	if err != nil {
		return 0, fmt.Errorf("JSON parsing error: %w", err)
	}
	a, ok := v.(value.Array)
	if !ok {
		return 0, fmt.Errorf("JSON parsing error: not an array: %.40q", text)
	}
	return len(a), nil
}

// IsJSONArray reports whether text is a JSON array.
//
// https://docs.aws.amazon.com/redshift/latest/dg/IS_VALID_JSON_ARRAY.html
func IsJSONArray(text string) bool {
	v, err := value.Parse([]byte(text))
	_, ok := v.(value.Array)
	return err == nil && ok
}

// IsJSON reports whether text is JSON, and an object or an array as Redshift
// wants it.
//
// https://docs.aws.amazon.com/redshift/latest/dg/IS_VALID_JSON.html
func IsJSON(text string) bool {
	v, err := value.Parse([]byte(text))
	if err != nil {
		return false
	}
	switch v.(type) {
	case *value.Object, value.Array:
		return true
	}
	return false
}
