package load

import (
	"fmt"
	"slices"
	"strings"

	"salamander/internal/value"
)

// JSON tells how columns are found in JSON records: by their names, or by
// paths in the order of the columns.
//
// https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-json.html
type JSON struct {
	Paths      [][]any // keys (string) and indexes (int); nil is 'auto'
	IgnoreCase bool    // 'auto ignorecase'
}

// ParsePaths reads a JSONPaths file.
func ParsePaths(file []byte) ([][]any, error) {
	v, err := value.Parse(file)
	if err != nil {
		return nil, fmt.Errorf("invalid JSONPath format: %w", err)
	}
	o, _ := v.(*value.Object)
	if o == nil {
		return nil, fmt.Errorf("invalid JSONPath format: not a JSON object")
	}
	list, _ := o.Get("jsonpaths")
	array, ok := list.(value.Array)
	if !ok || len(array) == 0 {
		return nil, fmt.Errorf("invalid JSONPath format: the member %q must be an array of paths", "jsonpaths")
	}
	var all [][]any
	for _, v := range array {
		s, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("invalid JSONPath format: a path must be a text")
		}
		path, err := parsePath(s)
		if err != nil {
			return nil, err
		}
		all = append(all, path)
	}
	return all, nil
}

// parsePath reads $.a['b'][0].
func parsePath(s string) ([]any, error) {
	bad := func() ([]any, error) {
		return nil, fmt.Errorf("invalid JSONPath format: %q: need $.name, $['name'] or $[0]", s)
	}
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), "$")
	if !ok {
		return bad()
	}
	path := []any{}
	for rest != "" {
		switch {
		case rest[0] == '.':
			rest = rest[1:]
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			if end == 0 {
				return bad()
			}
			path = append(path, rest[:end])
			rest = rest[end:]
		case strings.HasPrefix(rest, "['") || strings.HasPrefix(rest, `["`):
			end := strings.Index(rest[2:], rest[1:2]+"]")
			if end < 0 {
				return bad()
			}
			path = append(path, rest[2:2+end])
			rest = rest[4+end:]
		case rest[0] == '[':
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return bad()
			}
			n, ok := digits([]byte(rest[1:end]))
			if !ok {
				return bad()
			}
			path = append(path, n)
			rest = rest[end+1:]
		default:
			return bad()
		}
	}
	return path, nil
}

// split finds the fields of one record.
func (j *JSON) split(record []byte, columns []Column, into []field) ([]field, *Error) {
	v, err := value.Parse(record)
	if err != nil {
		return into, &Error{Raw: string(record), Code: 1214, Reason: "Invalid JSON: " + err.Error()}
	}
	if j.Paths != nil {
		kept := slices.DeleteFunc(slices.Clone(columns), func(c Column) bool { return c.Kind == Skip })
		for i, path := range j.Paths {
			m, ok := follow(v, path)
			into = append(into, jsonField(m, ok, i < len(kept) && kept[i].Super))
		}
		return into, nil
	}
	o, ok := v.(*value.Object)
	if !ok {
		return into, &Error{Raw: string(record), Code: 1214, Reason: "Invalid JSON: a record must be an object"}
	}
	for i := range columns {
		if columns[i].Kind == Skip {
			continue
		}
		m, ok := o.Get(columns[i].Name)
		if !ok && j.IgnoreCase {
			for _, one := range o.Members() {
				if strings.EqualFold(one.Key, columns[i].Name) {
					m, ok = one.Value, true
				}
			}
		}
		into = append(into, jsonField(m, ok, columns[i].Super))
	}
	return into, nil
}

func follow(v value.Value, path []any) (value.Value, bool) {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			o, ok := v.(*value.Object)
			if !ok {
				return nil, false
			}
			if v, ok = o.Get(step); !ok {
				return nil, false
			}
		case int:
			a, ok := v.(value.Array)
			if !ok || step >= len(a) {
				return nil, false
			}
			v = a[step]
		}
	}
	return v, true
}

// jsonField is a value of a record as the field of a column; super tells that
// the column keeps JSON.
func jsonField(v value.Value, ok, super bool) field {
	if ok && super && v != nil {
		return field{text: []byte(value.Text(v)), quoted: true}
	}
	switch v := v.(type) {
	case nil:
		return field{absent: true}
	case string:
		return field{text: []byte(v), quoted: true}
	default:
		if !ok {
			return field{absent: true}
		}
		return field{text: []byte(value.Text(v)), quoted: true}
	}
}
