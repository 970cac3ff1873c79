// Package pagetoken writes and reads the tokens by which lists go on: a JSON
// value in base64, which no client reads.
package pagetoken

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// Encode returns the token of v. It panics if v has no JSON, which is a
// mistake of the caller.
func Encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// Decode reads token into v. The empty token is the start of a list, and
// leaves v as it is. Clients may send anything: the error tells that the text
// is no token, or that of a value of another shape.
func Decode(token string, v any) error {
	if token == "" {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return fmt.Errorf("page token %q: %w", token, err)
	}
	return nil
}
