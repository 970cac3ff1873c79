package jsonata

import (
	"math"
	"strconv"

	"salamander/internal/value"
)

// formatFloat writes a number as JavaScript does: the shortest text that reads
// back, with an exponent from 1e21 and below 1e-6.
func formatFloat(f float64) string {
	switch {
	case f == 0:
		return "0"
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 0):
		return map[bool]string{true: "Infinity", false: "-Infinity"}[f > 0]
	}
	if i := int64(f); float64(i) == f && i > -1e15 && i < 1e15 {
		return strconv.FormatInt(i, 10)
	}
	a := math.Abs(f)
	if a >= 1e-6 && a < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	b := strconv.AppendFloat(nil, f, 'e', -1, 64)
	// e-07 is written e-7.
	if n := len(b); n >= 4 && b[n-2] == '0' && (b[n-3] == '-' || b[n-3] == '+') {
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return string(b)
}

// round15 rounds to 15 significant digits, which hides what binary fractions
// cannot hold.
func round15(f float64) float64 {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return f
	}
	r, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'e', 14, 64), 64)
	return r
}

// text is $string of any value.
func (m *machine) text(v any, pretty bool) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			panic(newFault("D3001").value(v))
		}
		return formatFloat(round15(v))
	}
	if isFunction(v) {
		return ""
	}
	w := writer{m: m, pretty: pretty}
	w.write(v, 0)
	m.charge(len(w.b))
	return string(w.b)
}

// tryText is text without a panic.
func (m *machine) tryText(v any) (s string, err error) {
	defer func() {
		if e := recover(); e != nil {
			f, ok := e.(*fault)
			if !ok {
				panic(e)
			}
			err = &f.err
		}
	}()
	switch v := v.(type) {
	case float64:
		return formatFloat(v), nil
	case none:
		return "undefined", nil
	case string:
		return string(value.AppendString(nil, v)), nil
	}
	return m.text(v, false), nil
}

// A writer writes JSON as JSON.stringify does, functions as empty strings.
type writer struct {
	m      *machine
	b      []byte
	pretty bool
}

func (w *writer) line(depth int) {
	if !w.pretty {
		return
	}
	w.b = append(w.b, '\n')
	for range depth {
		w.b = append(w.b, ' ', ' ')
	}
}

func (w *writer) write(v any, depth int) {
	w.m.step()
	if len(w.b) > w.m.left {
		w.m.charge(len(w.b))
	}
	switch v := v.(type) {
	case nil, none:
		w.b = append(w.b, "null"...)
	case bool:
		w.b = strconv.AppendBool(w.b, v)
	case string:
		w.b = appendQuoted(w.b, v)
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			w.b = append(w.b, "null"...)
			return
		}
		w.b = append(w.b, formatFloat(round15(v))...)
	case value.Number:
		w.b = append(w.b, formatFloat(round15(parseNumber(v)))...)
	case *array, []any:
		items, _ := arrayOf(v)
		w.array(items, depth)
	case *value.Object:
		w.object(v, depth)
	default:
		w.b = append(w.b, '"', '"')
	}
}

func (w *writer) array(items []any, depth int) {
	if len(items) == 0 {
		w.b = append(w.b, "[]"...)
		return
	}
	w.m.nest(1)
	w.b = append(w.b, '[')
	for i, e := range items {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.line(depth + 1)
		w.write(e, depth+1)
	}
	w.line(depth)
	w.b = append(w.b, ']')
	w.m.nest(-1)
}

func (w *writer) object(o *value.Object, depth int) {
	if o.Len() == 0 {
		w.b = append(w.b, "{}"...)
		return
	}
	w.m.nest(1)
	w.b = append(w.b, '{')
	for i, e := range o.Members() {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.line(depth + 1)
		w.b = appendQuoted(w.b, e.Key)
		w.b = append(w.b, ':')
		if w.pretty {
			w.b = append(w.b, ' ')
		}
		w.write(e.Value, depth+1)
	}
	w.line(depth)
	w.b = append(w.b, '}')
	w.m.nest(-1)
}

// appendQuoted appends a JSON string with JavaScript's escapes: lower-case
// digits.
func appendQuoted(b []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < 0x20 {
			const hex = "0123456789abcdef"
			b = append(b, '"')
			for j := range len(s) {
				switch c := s[j]; {
				case c == '"' || c == '\\':
					b = append(b, '\\', c)
				case c == '\b':
					b = append(b, `\b`...)
				case c == '\f':
					b = append(b, `\f`...)
				case c == '\n':
					b = append(b, `\n`...)
				case c == '\r':
					b = append(b, `\r`...)
				case c == '\t':
					b = append(b, `\t`...)
				case c < 0x20:
					b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
				default:
					b = append(b, c)
				}
			}
			return append(b, '"')
		}
	}
	return value.AppendString(b, s)
}
