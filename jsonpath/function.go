package jsonpath

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"salamander/internal/value"
)

// functions are those a path may end in.
var functions = map[string]bool{
	"length": true, "min": true, "max": true, "avg": true, "sum": true, "stddev": true,
	"keys": true, "first": true, "last": true,
}

// call applies the path's function to what the path found. length() and keys()
// of anything else are null.
func (p *Path) call(v value.Value) (value.Value, error) {
	a, isArray := v.(value.Array)
	o, isObject := v.(*value.Object)
	switch {
	case p.fn == "length" && isArray:
		return value.Int(int64(len(a))), nil
	case p.fn == "length" && isObject:
		return value.Int(int64(o.Len())), nil
	case p.fn == "keys" && isObject:
		keys := value.Array{}
		for _, m := range o.Members() {
			keys = append(keys, m.Key)
		}
		return keys, nil
	case p.fn == "length" || p.fn == "keys":
		return nil, nil
	case p.fn == "first" && len(a) > 0:
		return a[0], nil
	case p.fn == "last" && len(a) > 0:
		return a[len(a)-1], nil
	}
	if n, ok := aggregate(p.fn, a); ok {
		return n, nil
	}
	return nil, p.missing("Aggregation function attempted to calculate value using empty array")
}

// aggregate computes a number of the numbers in an array; there must be one.
func aggregate(fn string, a value.Array) (value.Value, bool) {
	lo, hi, sum, squares, n := math.Inf(1), math.Inf(-1), 0.0, 0.0, 0.0
	for _, v := range a {
		num, ok := v.(value.Number)
		if !ok {
			continue
		}
		f := num.Float64()
		lo, hi, sum, squares, n = min(lo, f), max(hi, f), sum+f, squares+f*f, n+1
	}
	if n == 0 {
		return nil, false
	}
	var out float64
	switch fn {
	case "min":
		out = lo
	case "max":
		out = hi
	case "sum":
		out = sum
	case "avg":
		out = sum / n
	case "stddev":
		out = math.Sqrt(squares/n - sum*sum/n/n)
	default:
		return nil, false
	}
	if math.IsInf(out, 0) || math.IsNaN(out) {
		return nil, false
	}
	text := strconv.FormatFloat(out, 'f', -1, 64)
	if out == math.Trunc(out) {
		text += ".0" // Jayway's functions give doubles
	}
	return value.Number(text), true
}

// Functions lists the functions that a path may end in, sorted.
func Functions() []string { return slices.Sorted(maps.Keys(functions)) }
