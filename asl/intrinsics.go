package asl

import (
	"crypto/md5"  //nolint // States.Hash offers it
	"crypto/sha1" //nolint // States.Hash offers it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"

	"salamander/internal/value"
)

// An intrinsic is a function that expressions can call, with the number of
// arguments it takes; max -1 is any.
type intrinsic struct {
	min, max int
	apply    func(e *env, a []value.Value) (value.Value, error)
}

// intrinsics are the 18 functions.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
var intrinsics = map[string]intrinsic{
	"States.Array": {0, -1, func(_ *env, a []value.Value) (value.Value, error) {
		return append(value.Array{}, a...), nil
	}},
	"States.ArrayContains":  {2, 2, arrayContains},
	"States.ArrayGetItem":   {2, 2, arrayGetItem},
	"States.ArrayLength":    {1, 1, arrayLength},
	"States.ArrayPartition": {2, 2, arrayPartition},
	"States.ArrayRange":     {3, 3, arrayRange},
	"States.ArrayUnique":    {1, 1, arrayUnique},
	"States.Base64Decode":   {1, 1, base64Decode},
	"States.Base64Encode":   {1, 1, base64Encode},
	"States.Format":         {1, -1, format},
	"States.Hash":           {2, 2, hash},
	"States.JsonMerge":      {3, 3, jsonMerge},
	"States.JsonToString": {1, 1, func(_ *env, a []value.Value) (value.Value, error) {
		return value.Text(a[0]), nil
	}},
	"States.MathAdd":      {2, 2, mathAdd},
	"States.MathRandom":   {2, 3, mathRandom},
	"States.StringSplit":  {2, 2, stringSplit},
	"States.StringToJson": {1, 1, stringToJSON},
	"States.UUID": {0, 0, func(e *env, _ []value.Value) (value.Value, error) {
		return e.random.uuid(), nil
	}},
}

// Limits of the functions, as AWS documents them.
const (
	maxRange = 1000
	maxText  = 10000
)

func array(v value.Value, which string) (value.Array, error) {
	a, ok := v.(value.Array)
	if !ok {
		return nil, fmt.Errorf("the %s argument must be an array but was %s", which, value.Text(v))
	}
	return a, nil
}

func str(v value.Value, which string) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("the %s argument must be a string but was %s", which, value.Text(v))
	}
	return s, nil
}

// unescape takes away the backslash that literals keep before braces.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\{`, `{`, `\}`, `}`).Replace(s)
}

// integer rounds a number to the nearest one, halves towards positive
// infinity, as Java's Math.round.
func integer(v value.Value, which string) (int64, error) {
	n, ok := v.(value.Number)
	if !ok {
		return 0, fmt.Errorf("the %s argument must be a number but was %s", which, value.Text(v))
	}
	if i, ok := n.Int64(); ok {
		return i, nil
	}
	f := math.Floor(n.Float64() + 0.5)
	if math.IsNaN(f) || f < math.MinInt64 || f >= math.MaxInt64 {
		return 0, fmt.Errorf("the %s argument is out of range: %s", which, n)
	}
	return int64(f), nil
}

func arrayContains(_ *env, a []value.Value) (value.Value, error) {
	list, err := array(a[0], "first")
	if err != nil {
		return nil, err
	}
	for _, v := range list {
		if value.Equal(v, a[1]) {
			return true, nil
		}
	}
	return false, nil
}

func arrayGetItem(_ *env, a []value.Value) (value.Value, error) {
	list, err := array(a[0], "first")
	if err != nil {
		return nil, err
	}
	i, err := integer(a[1], "second")
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= int64(len(list)) {
		return nil, fmt.Errorf("index %d is out of range for an array of %d elements", i, len(list))
	}
	return list[i], nil
}

func arrayLength(_ *env, a []value.Value) (value.Value, error) {
	list, err := array(a[0], "first")
	if err != nil {
		return nil, err
	}
	return value.Int(int64(len(list))), nil
}

func arrayPartition(_ *env, a []value.Value) (value.Value, error) {
	list, err := array(a[0], "first")
	if err != nil {
		return nil, err
	}
	size, err := integer(a[1], "second")
	if err != nil {
		return nil, err
	}
	if size <= 0 {
		return nil, fmt.Errorf("the chunk size must be positive but was %d", size)
	}
	out := value.Array{}
	for len(list) > 0 {
		n := min(size, int64(len(list)))
		out = append(out, list[:n:n])
		list = list[n:]
	}
	return out, nil
}

func arrayRange(_ *env, a []value.Value) (value.Value, error) {
	var n [3]int64
	for i, which := range []string{"first", "second", "third"} {
		var err error
		if n[i], err = integer(a[i], which); err != nil {
			return nil, err
		}
	}
	first, last, step := n[0], n[1], n[2]
	if step == 0 {
		return nil, errors.New("the step must not be zero")
	}
	out := value.Array{}
	for i := first; step > 0 && i <= last || step < 0 && i >= last; {
		if len(out) == maxRange {
			return nil, fmt.Errorf("the array must have at most %d elements", maxRange)
		}
		out = append(out, value.Int(i))
		if step > 0 && i > math.MaxInt64-step || step < 0 && i < math.MinInt64-step {
			break
		}
		i += step
	}
	return out, nil
}

func arrayUnique(_ *env, a []value.Value) (value.Value, error) {
	list, err := array(a[0], "first")
	if err != nil {
		return nil, err
	}
	out := value.Array{}
	seen := map[string]bool{}
	for _, v := range list {
		key := value.Text(v)
		if seen[key] {
			continue
		}
		seen[key] = true
		out = append(out, v)
	}
	return out, nil
}

func base64Encode(_ *env, a []value.Value) (value.Value, error) {
	s, err := str(a[0], "first")
	if err != nil {
		return nil, err
	}
	if len(s) > maxText {
		return nil, fmt.Errorf("the argument is longer than %d characters", maxText)
	}
	return base64.StdEncoding.EncodeToString([]byte(s)), nil
}

func base64Decode(_ *env, a []value.Value) (value.Value, error) {
	s, err := str(a[0], "first")
	if err != nil {
		return nil, err
	}
	if len(s) > maxText {
		return nil, fmt.Errorf("the argument is longer than %d characters", maxText)
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, errors.New("the argument is not Base64")
	}
	return strings.ToValidUTF8(string(b), "\uFFFD"), nil
}

func format(_ *env, a []value.Value) (value.Value, error) {
	template, ok := a[0].(string)
	if !ok {
		return nil, fmt.Errorf("the first argument must be a string but was %s", value.Text(a[0]))
	}
	var b strings.Builder
	next := 1
	for i := 0; i < len(template); i++ {
		switch {
		case template[i] == '\\' && i+1 < len(template) && (template[i+1] == '{' || template[i+1] == '}'):
			i++
			b.WriteByte(template[i])
		case strings.HasPrefix(template[i:], "{}"):
			if next >= len(a) {
				return nil, fmt.Errorf("the template has more placeholders than the %d values", len(a)-1)
			}
			b.WriteString(shown(a[next]))
			next++
			i++
		default:
			b.WriteByte(template[i])
		}
	}
	if next < len(a) {
		return nil, fmt.Errorf("the template has %d placeholders for %d values", next-1, len(a)-1)
	}
	return b.String(), nil
}

// shown gives a value as Java's toString does: strings bare, objects as
// {a=1, b=[x]}.
func shown(v value.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case value.Array:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = shown(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *value.Object:
		parts := make([]string, v.Len())
		for i, m := range v.Members() {
			parts[i] = m.Key + "=" + shown(m.Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return value.Text(v)
}

func hash(_ *env, a []value.Value) (value.Value, error) {
	s, ok := a[0].(string)
	if !ok {
		s = value.Text(a[0])
	}
	if len(s) > maxText {
		return nil, fmt.Errorf("the first argument is longer than %d characters", maxText)
	}
	algorithm, err := str(a[1], "second")
	if err != nil {
		return nil, err
	}
	var sum []byte
	switch b := []byte(s); algorithm {
	case "MD5":
		h := md5.Sum(b) //nolint // asked for by name
		sum = h[:]
	case "SHA-1":
		h := sha1.Sum(b) //nolint // asked for by name
		sum = h[:]
	case "SHA-256":
		h := sha256.Sum256(b)
		sum = h[:]
	case "SHA-384":
		h := sha512.Sum384(b)
		sum = h[:]
	case "SHA-512":
		h := sha512.Sum512(b)
		sum = h[:]
	default:
		return nil, fmt.Errorf("unknown hash algorithm %q: use MD5, SHA-1, SHA-256, SHA-384 or SHA-512", algorithm)
	}
	return hex.EncodeToString(sum), nil
}

func jsonMerge(_ *env, a []value.Value) (value.Value, error) {
	first, ok1 := a[0].(*value.Object)
	second, ok2 := a[1].(*value.Object)
	if !ok1 || !ok2 {
		return nil, errors.New("the first two arguments must be objects")
	}
	if deep, ok := a[2].(bool); !ok || deep {
		return nil, errors.New("the third argument must be false: deep merging is not supported")
	}
	out := new(value.Object)
	for _, m := range first.Members() {
		out.Set(m.Key, m.Value)
	}
	for _, m := range second.Members() {
		out.Set(m.Key, m.Value)
	}
	return out.HashOrdered(), nil
}

func mathAdd(_ *env, a []value.Value) (value.Value, error) {
	x, err := integer(a[0], "first")
	if err != nil {
		return nil, err
	}
	y, err := integer(a[1], "second")
	if err != nil {
		return nil, err
	}
	sum := x + y
	if (sum > x) != (y > 0) && y != 0 {
		return nil, errors.New("the sum is out of range")
	}
	return value.Int(sum), nil
}

func mathRandom(e *env, a []value.Value) (value.Value, error) {
	lo, err := integer(a[0], "first")
	if err != nil {
		return nil, err
	}
	hi, err := integer(a[1], "second")
	if err != nil {
		return nil, err
	}
	r := e.random
	if len(a) == 3 {
		seed, err := integer(a[2], "third")
		if err != nil {
			return nil, err
		}
		r = &random{seed: sha256.Sum256([]byte(value.Int(seed)))}
	}
	if hi <= lo {
		return nil, fmt.Errorf("the end %d must be greater than the start %d", hi, lo)
	}
	return value.Int(r.between(lo, hi)), nil
}

func stringSplit(_ *env, a []value.Value) (value.Value, error) {
	s, err := str(a[0], "first")
	if err != nil {
		return nil, err
	}
	delimiters, err := str(a[1], "second")
	if err != nil {
		return nil, err
	}
	out := value.Array{}
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(delimiters, r) }) {
		out = append(out, part)
	}
	return out, nil
}

func stringToJSON(_ *env, a []value.Value) (value.Value, error) {
	s, err := str(a[0], "first")
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(s) == "" {
		return nil, nil
	}
	v, err := value.Parse([]byte(s))
	if err != nil {
		return nil, fmt.Errorf("the argument is not JSON: %w", err)
	}
	return v, nil
}
