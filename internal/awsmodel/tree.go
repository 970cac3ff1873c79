package awsmodel

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"strings"
	"time"
	"unicode/utf8"
)

// Parse reads one JSON value: objects as map[string]any, numbers as
// [json.Number]. Text after the value is an error.
func Parse(b []byte) (any, error) {
	if !utf8.Valid(b) {
		return nil, errors.New("the text is not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("text after the JSON value")
	}
	return v, nil
}

// Encode writes v as compact JSON, characters as they are.
func Encode(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// integer returns n as a whole number in decimal digits, if it is one.
func integer(n json.Number) (json.Number, bool) {
	s := string(n)
	if !strings.ContainsAny(s, ".eE") {
		return n, true
	}
	if len(s) > 40 || strings.Contains(strings.ToLower(s), "e") && len(s[strings.IndexAny(s, "eE"):]) > 4 {
		return "", false // a short text may be a number of a million digits
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok || !r.IsInt() {
		return "", false
	}
	return json.Number(r.Num().String()), true
}

// Epoch returns t as seconds since 1970 with milliseconds, the canonical form.
func Epoch(t time.Time) json.Number {
	s := big.NewRat(t.UnixMilli(), 1000).FloatString(3)
	return json.Number(strings.TrimRight(strings.TrimRight(s, "0"), "."))
}

// ParseTime reads a timestamp in any of the wire's forms: RFC 3339, RFC 822
// as HTTP writes it, or epoch seconds.
func ParseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.RFC1123, "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return epochTime(json.Number(s))
}

func epochTime(n json.Number) (time.Time, error) {
	f, err := n.Float64()
	if err != nil || f < -1e11 || f > 1e11 {
		return time.Time{}, errors.New("not a timestamp: " + string(n))
	}
	return time.UnixMilli(int64(f*1000 + 0.5)).UTC(), nil
}
